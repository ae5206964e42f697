"""What each condition asks (contract, section 2), by both evaluators."""

from __future__ import annotations

from typing import Any

import pytest

from epm.condition_parser import hosts_in, parse_test
from epm.errors import ConditionError
from epm.fields import fields_of
from epm.model import Condition, Connector, Field, Groups, Operator, Server
from tests.support.builders import condition, groups, holds

ACCEPT, CONNECT, LISTEN = Server.ACCEPT, Server.CONNECT, Server.LISTEN


# ------------------------------------------------------- which server has which field, operator

FIELDS = {
    LISTEN: "LCLADDR LCLPORT BACKLOG USER JOB GRPPRF PGM TIME DAY",
    CONNECT: "LCLADDR LCLPORT RMTADDR RMTPORT USER JOB GRPPRF PGM TIME DAY",
    ACCEPT: "LCLADDR LCLPORT BNDADDR BNDPORT RMTADDR RMTPORT USER JOB GRPPRF PGM TIME DAY",
}
OPERATORS = {
    "LCLADDR BNDADDR RMTADDR": "EQ NE LIST NLIST GRP NGRP",
    "LCLPORT BNDPORT RMTPORT": "EQ NE LT LE GT GE RANGE NRANGE LIST NLIST GRP NGRP",
    "BACKLOG": "EQ NE LT LE GT GE RANGE NRANGE LIST NLIST",
    "USER JOB GRPPRF": "EQ NE LIST NLIST LIKE NLIKE GRP NGRP",
    "PGM": "EQ NE LIST NLIST LIKE NLIKE",
    "TIME": "RANGE NRANGE LT LE GT GE",
    "DAY": "EQ NE LIST NLIST",
}
SOUND = {"ADDR": "10.0.0.1", "PORT": "22", "BACKLOG": "5", "TIME": "09:00", "DAY": "MON"}
NAMED = groups({"G": ([], [])}, {"G": []}, {"G": []})


@pytest.mark.parametrize("server", list(Server))
def test_the_fields_of_a_server(server: Server) -> None:
    assert set(fields_of(server)) == set(FIELDS[server].split())


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("field", list(Field))
def test_a_field_that_its_server_lacks_is_refused(server: Server, field: Field) -> None:
    asked = _sound(field, _operators(field)[0])
    if field in FIELDS[server].split():
        parse_test(asked, server, NAMED)
    else:
        with pytest.raises(ConditionError, match=f"{server} has no such field"):
            parse_test(asked, server, NAMED)


def _operators(field: str) -> list[Operator]:
    row = next(ops for fields, ops in OPERATORS.items() if field in fields.split())
    return [Operator(x) for x in row.split()]


def _sound(field: Field, op: Operator) -> Condition:
    value = next((v for k, v in SOUND.items() if field.endswith(k)), "A")
    if op in ("RANGE", "NRANGE"):
        value = f"{value}-{value}"
    if op in ("GRP", "NGRP"):
        value = "G"
    return Condition(10, Connector.AND, field, op, value)


@pytest.mark.parametrize("field", list(Field))
def test_a_field_has_the_operators_of_its_type_and_no_other(field: Field) -> None:
    server = next(s for s in Server if field in FIELDS[s].split())
    for op in Operator:
        if op in _operators(field):
            parse_test(_sound(field, op), server, NAMED)
        else:
            with pytest.raises(
                ConditionError, match=f"^{field} {op}: .*{' '.join(_operators(field))}"
            ):
                parse_test(_sound(field, op), server, NAMED)


# ------------------------------------------------------------------------------ missing fields

NEGATIVE = [
    (CONNECT, "RMTADDR NE 10.0.0.1"),
    (CONNECT, "RMTADDR NLIST 10.0.0.1"),
    (CONNECT, "RMTADDR NGRP A"),
    (CONNECT, "RMTPORT NE 22"),
    (CONNECT, "RMTPORT NRANGE 1-22"),
    (CONNECT, "RMTPORT NLIST 22"),
    (CONNECT, "RMTPORT NGRP P"),
    (LISTEN, "BACKLOG NE 5"),
    (CONNECT, "USER NE ALICE"),
    (CONNECT, "USER NLIST ALICE"),
    (CONNECT, "USER NLIKE A*"),
    (CONNECT, "USER NGRP N"),
    (CONNECT, "JOB NE SSHD"),
    (CONNECT, "GRPPRF NE QPGMR"),
    (CONNECT, "GRPPRF NLIST QPGMR"),
    (CONNECT, "GRPPRF NLIKE Q*"),
    (CONNECT, "GRPPRF NGRP N"),
    (CONNECT, "PGM NE /bin/sh"),
    (CONNECT, "PGM NLIKE /bin/*"),
    (CONNECT, "TIME NRANGE 09:00-10:00"),
    (CONNECT, "DAY NE SUN"),
    (CONNECT, "DAY NLIST SUN"),
]
POSITIVE = [
    (CONNECT, "RMTADDR LIST 0.0.0.0/0,::/0"),
    (CONNECT, "RMTPORT GE 0"),
    (LISTEN, "BACKLOG GE 0"),
    (CONNECT, "USER LIKE *"),
    (CONNECT, "GRPPRF LIKE *"),
    (CONNECT, "PGM LIKE *"),
    (CONNECT, "TIME RANGE 00:00-00:00"),
    (CONNECT, "DAY LIST MON,TUE,WED,THU,FRI,SAT,SUN"),
]


@pytest.mark.parametrize(("server", "text"), NEGATIVE + POSITIVE)
def test_a_condition_on_a_missing_field_is_false_whatever_its_operator(
    server: Server, text: str
) -> None:
    named = groups({"A": ([], [])}, {"N": []}, {"P": []})
    assert not holds(text, server=server, groups=named)


# ----------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "address", "expected"),
    [
        ("EQ 10.0.0.1", "10.0.0.1", True),
        ("EQ 10.0.0.1", "10.0.0.2", False),
        ("NE 10.0.0.1", "10.0.0.1", False),
        ("NE 10.0.0.1", "::1", True),
        ("EQ 10.1.2.3/8", "10.255.255.255", True),
        ("EQ 10.1.2.3/8", "11.0.0.0", False),
        ("EQ 10.1.2.3/8", "9.255.255.255", False),
        ("EQ 10.0.0.1-10.0.0.3", "10.0.0.1", True),
        ("EQ 10.0.0.1-10.0.0.3", "10.0.0.3", True),
        ("EQ 10.0.0.1-10.0.0.3", "10.0.0.4", False),
        ("NE 10.0.0.1-10.0.0.3", "10.0.0.0", True),
        ("LIST 10.0.0.1, 10.0.0.8/31,::1-::2", "10.0.0.9", True),
        ("LIST 10.0.0.1, 10.0.0.8/31,::1-::2", "::2", True),
        ("LIST 10.0.0.1, 10.0.0.8/31,::1-::2", "10.0.0.7", False),
        ("NLIST 10.0.0.1, 10.0.0.8/31,::1-::2", "10.0.0.7", True),
        ("NLIST 10.0.0.1, 10.0.0.8/31,::1-::2", "::1", False),
        ("EQ ::ffff:10.0.0.1", "10.0.0.1", True),
        ("EQ 10.0.0.1", "::ffff:10.0.0.1", True),
        ("EQ ::ffff:10.0.0.0/104", "10.9.9.9", True),
        ("EQ fe80::1%eth0", "fe80::1", True),
        ("EQ fe80::1", "fe80::1%eth1", True),
        ("EQ fe80::1%eth0", "fe80::1%eth1", True),
        ("EQ 2001:DB8:0::1", "2001:db8::1", True),
        ("EQ 0.0.0.0/0", "255.255.255.255", True),
        ("EQ 0.0.0.0/0", "0.0.0.0", True),
        ("EQ 0.0.0.0/0", "::", False),
        ("EQ 0.0.0.0/0", "::ffff:1.2.3.4", True),
        ("EQ ::/0", "::", True),
        ("EQ ::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", True),
        ("EQ ::/0", "0.0.0.0", False),
        ("EQ ::/0", "::ffff:1.2.3.4", False),
        ("NE ::/0", "::ffff:1.2.3.4", True),
        ("NE 0.0.0.0/0", "::1", True),
    ],
)
def test_address_conditions(text: str, address: str, expected: bool) -> None:
    assert holds(f"RMTADDR {text}", rmtaddr=address) is expected


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_an_unbound_local_end_is_present(address: str) -> None:
    assert holds("LCLADDR NE 10.0.0.1", server=CONNECT, lcladdr=address, lclport=0)
    assert holds("LCLPORT EQ 0", server=CONNECT, lcladdr=address, lclport=0)


# -------------------------------------------------------------------------------- host names

RESOLVED = {"db.example": frozenset({0x0A000001, 0x0A000002}), "other.example": frozenset({9})}


@pytest.mark.parametrize(
    ("text", "address", "expected"),
    [
        ("EQ db.example", "10.0.0.1", True),
        ("EQ DB.Example", "10.0.0.2", True),
        ("EQ db.example.", "10.0.0.2", True),
        ("EQ db.example", "10.0.0.3", False),
        ("NE db.example", "10.0.0.3", True),
        ("NE db.example", "10.0.0.2", False),
        ("LIST db.example,other.example,::1", "0.0.0.9", True),
        ("LIST db.example,other.example,::1", "::1", True),
        ("LIST db.example,other.example,::1", "10.0.0.3", False),
        ("EQ never.example", "10.0.0.1", False),
        ("NE never.example", "10.0.0.1", False),
        ("LIST 10.0.0.1,never.example", "10.0.0.1", False),
    ],
)
def test_a_host_name_is_all_its_resolved_addresses_and_false_until_then(
    text: str, address: str, expected: bool
) -> None:
    assert holds(f"RMTADDR {text}", resolved=RESOLVED, rmtaddr=address) is expected


def test_a_host_name_never_resolved_spoils_only_its_own_alternative() -> None:
    conditions = ("RMTADDR NE never.example", "OR USER EQ ALICE")
    assert holds(*conditions, rmtaddr="10.0.0.1", user="ALICE")
    assert not holds(*conditions, rmtaddr="10.0.0.1", user="BOB")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("RMTADDR EQ Db.Example", ("db.example",)),
        ("RMTADDR LIST 10.0.0.1, a.example,b.example.", ("a.example", "b.example")),
        ("RMTADDR EQ 10.0.0.1", ()),
        ("RMTADDR GRP servers.example", ()),
        ("USER EQ db.example", ()),
    ],
)
def test_the_host_names_of_a_condition(text: str, names: tuple[str, ...]) -> None:
    assert hosts_in(condition(text)) == names


# ------------------------------------------------------------------------------ ports, backlog


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("EQ 22", [22], [21, 23]),
        ("NE 22", [0, 21, 23, 65535], [22]),
        ("LT 22", [0, 21], [22, 23]),
        ("LE 22", [0, 22], [23]),
        ("GT 22", [23, 65535], [22, 0]),
        ("GE 22", [22, 65535], [21]),
        ("LT 0", [], [0, 1]),
        ("GT 65535", [], [65535]),
        ("GE 0", [0, 65535], []),
        ("LE 65535", [0, 65535], []),
        ("RANGE 20-22", [20, 21, 22], [19, 23]),
        ("RANGE 22-22", [22], [21, 23]),
        ("NRANGE 20-22", [19, 23], [20, 21, 22]),
        ("LIST 22, 80-82,443", [22, 80, 82, 443], [23, 79, 83, 442]),
        ("NLIST 22,80-82,443", [23, 79, 83, 442], [22, 80, 82, 443]),
    ],
)
def test_port_conditions(text: str, true: list[int], false: list[int]) -> None:
    assert [p for p in true + false if holds(f"LCLPORT {text}", lclport=p)] == true


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("EQ 5", [5], [4, -5]),
        ("LT 5", [-(2**31), -1, 4], [5]),
        ("LE 0", [-(2**31), -1, 0], [1]),
        ("GE 0", [0, 2**31 - 1], [-1, -(2**31)]),
        ("GT 2147483647", [], [2**31 - 1]),
        ("LE 2147483647", [-(2**31), 2**31 - 1], []),
        ("NE 5", [-1, 0, 6], [5]),
        ("NRANGE 0-2147483647", [-1, -(2**31)], [0, 2**31 - 1]),
        ("LIST 1-3,128", [1, 3, 128], [0, 4, -1]),
    ],
)
def test_backlog_is_a_signed_number(text: str, true: list[int], false: list[int]) -> None:
    found = [b for b in true + false if holds(f"BACKLOG {text}", server=LISTEN, backlog=b)]
    assert found == true


# ------------------------------------------------------------------------------------ names


@pytest.mark.parametrize("field", ["USER", "JOB"])
@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("EQ alice", ["ALICE", "alice", "Alice"], ["ALICE2", ""]),
        ("NE ALICE", ["BOB", "", "ALICE2"], ["alice"]),
        ("LIST alice, Bob", ["ALICE", "bob"], ["CAROL"]),
        ("NLIST alice, Bob", ["CAROL", ""], ["ALICE", "bob"]),
        ("LIKE qpg*", ["QPG", "qpgmr"], ["QPHMR", "XQPG"]),
        ("LIKE *MR", ["qpgmr", "MR"], ["QPGM", "MRX"]),
        ("LIKE Q?G*", ["qpg", "QXGMR"], ["QG", "QPXG"]),
        ("LIKE ?", ["a", "Z"], ["", "ab"]),
        ("LIKE *", ["", "ANY"], []),
        ("LIKE a.c", ["A.C"], ["ABC"]),
        ("NLIKE QPG*", ["BOB", ""], ["qpgmr", "QPG"]),
        ("EQ QPG*", ["QPG*", "qpg*"], ["QPGMR"]),
    ],
)
def test_user_and_job_compare_in_upper_case(
    field: str, text: str, true: list[str], false: list[str]
) -> None:
    assert [n for n in true + false if _named_holds(field, text, n)] == true


def _named_holds(field: str, text: str, name: str, named: Groups | None = None) -> bool:
    fields: dict[str, Any] = {field.lower(): name}
    return holds(f"{field} {text}", groups=named, **fields)


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("EQ /usr/bin/ssh", ["/usr/bin/ssh"], ["/usr/bin/SSH", "/USR/BIN/SSH"]),
        ("NE /usr/bin/ssh", ["/usr/bin/SSH", ""], ["/usr/bin/ssh"]),
        ("LIST /a,/b", ["/a", "/b"], ["/A", "/c"]),
        ("LIKE /usr/*/ss?", ["/usr/bin/ssh", "/usr/a/b/ssx"], ["/usr/bin/sshd", "/USR/bin/ssh"]),
        ("NLIKE /usr/*", ["/USR/x", "/opt"], ["/usr/", "/usr/x"]),
        ("LIKE /opt/[x]/*", ["/opt/[x]/srv"], ["/opt/x/srv"]),
    ],
)
def test_pgm_compares_exactly(text: str, true: list[str], false: list[str]) -> None:
    assert [p for p in true + false if holds(f"PGM {text}", pgm=p)] == true


@pytest.mark.parametrize(
    ("text", "members", "expected"),
    [
        ("EQ QPGMR", ["OTHER", "qpgmr"], True),
        ("EQ QPGMR", ["OTHER"], False),
        ("EQ QPGMR", [], False),
        ("NE QPGMR", ["OTHER", "qpgmr"], False),
        ("NE QPGMR", ["OTHER"], True),
        ("NE QPGMR", [], True),
        ("LIKE *", [], False),
        ("LIKE *", [""], True),
        ("NLIKE *", [], True),
        ("NLIKE Q*", ["A", "QX"], False),
        ("LIST A,B", ["X", "b"], True),
        ("NLIST A,B", ["X", "Y"], True),
        ("NLIST A,B", ["X", "B"], False),
        ("GRP OPS", ["X", "qpgmr"], True),
        ("GRP OPS", ["X"], False),
        ("GRP OPS", [], False),
        ("NGRP OPS", [], True),
        ("NGRP OPS", ["X", "OPER"], False),
    ],
)
def test_grpprf_asks_whether_any_member_is_meant_and_n_forms_negate_that(
    text: str, members: list[str], expected: bool
) -> None:
    named = groups(names={"OPS": ["OPER", "QPG*"]})
    assert holds(f"GRPPRF {text}", groups=named, members=members) is expected


# ------------------------------------------------------------------------------- time and day


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("RANGE 09:00-17:00", ["09:00:00", "16:59:59"], ["08:59:59", "17:00:00"]),
        ("NRANGE 09:00-17:00", ["08:59:59", "17:00:00"], ["09:00:00", "16:59:59"]),
        ("RANGE 22:00-06:00", ["22:00:00", "23:59:59", "00:00:00", "05:59:59"], ["06:00:00"]),
        ("NRANGE 22:00-06:00", ["06:00:00", "21:59:59"], ["22:00:00", "00:00:00"]),
        ("RANGE 09:00-09:00", ["09:00:00", "08:59:59", "00:00:00", "23:59:59"], []),
        ("NRANGE 09:00-09:00", [], ["09:00:00", "08:59:59", "23:59:59"]),
        ("RANGE 00:00-00:00", ["00:00:00", "12:00:00", "23:59:59"], []),
        ("RANGE 22:00-00:00", ["22:00:00", "23:59:59"], ["00:00:00", "21:59:59"]),
        ("RANGE 00:00-00:01", ["00:00:00", "00:00:59"], ["00:01:00", "23:59:59"]),
        ("LT 12:00", ["00:00:00", "11:59:59"], ["12:00:00", "12:00:01"]),
        ("LE 12:00", ["11:59:59", "12:00:00"], ["12:00:01"]),
        ("GT 12:00", ["12:00:01", "23:59:59"], ["12:00:00", "11:59:59"]),
        ("GE 12:00", ["12:00:00", "12:00:01"], ["11:59:59"]),
        ("LT 00:00", [], ["00:00:00", "23:59:59"]),
        ("GT 23:59", ["23:59:01", "23:59:59"], ["23:59:00"]),
    ],
)
def test_time_reads_to_the_second_start_included_end_excluded(
    text: str, true: list[str], false: list[str]
) -> None:
    found = [t for t in true + false if holds(f"TIME {text}", at=f"2026-11-21T{t}")]
    assert found == true


def test_a_part_of_a_second_does_not_count() -> None:
    assert holds("TIME RANGE 09:00-17:00", at="2026-11-21T16:59:59.999999")
    assert holds("TIME LE 12:00", at="2026-11-21T12:00:00.999999")
    assert not holds("TIME GT 12:00", at="2026-11-21T12:00:00.999999")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("EQ SAT", ["SAT"]),
        ("EQ sat", ["SAT"]),
        ("NE SAT", ["MON", "TUE", "WED", "THU", "FRI", "SUN"]),
        ("LIST MON, sun", ["MON", "SUN"]),
        ("NLIST MON,TUE,WED,THU,FRI", ["SAT", "SUN"]),
    ],
)
def test_day_of_week(text: str, days: list[str]) -> None:
    week = dict(zip(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), range(16, 23), strict=True))
    found = [name for name, day in week.items() if holds(f"DAY {text}", at=f"2026-11-{day}")]
    assert found == days


# -------------------------------------------------------------------------------------- groups


@pytest.mark.parametrize(
    ("include", "exclude", "address", "expected"),
    [
        ("10.0.0.0/8", "10.9.0.0/16", "10.1.0.0", True),
        ("10.0.0.0/8", "10.9.0.0/16", "10.9.0.0", False),
        ("10.9.0.0/16", "10.0.0.0/8", "10.9.0.0", True),
        ("10.9.0.0/16", "10.0.0.0/8", "10.1.0.0", False),
        ("10.9.0.0/16", "10.9.0.0/16", "10.9.1.1", False),
        ("10.0.0.0/31", "10.0.0.0-10.0.0.1", "10.0.0.1", False),
        ("10.0.0.0-10.0.0.2", "10.0.0.0-10.0.0.3", "10.0.0.2", True),
        ("10.0.0.0/8 10.9.9.9", "10.9.0.0/16", "10.9.9.9", True),
        ("10.0.0.0/8 10.9.9.9", "10.9.0.0/16 10.9.9.9", "10.9.9.9", False),
        ("::/0", "", "10.0.0.1", False),
        ("0.0.0.0/0", "::/0", "10.0.0.1", True),
        ("::ffff:10.0.0.0/104", "", "10.1.1.1", True),
        ("", "10.0.0.0/8", "11.0.0.0", False),
        ("", "", "10.0.0.1", False),
    ],
)
def test_the_line_with_the_fewest_addresses_wins_and_a_tie_excludes(
    include: str, exclude: str, address: str, expected: bool
) -> None:
    named = groups({"G": (include.split(), exclude.split())})
    assert holds("RMTADDR GRP G", groups=named, rmtaddr=address) is expected
    assert holds("RMTADDR NGRP G", groups=named, rmtaddr=address) is not expected


def test_a_group_and_its_negation_in_one_rule() -> None:
    named = groups({"G": (["10.0.0.0/8"], [])}, {"G": ["A*"]}, {"G": ["22"]})
    inside: dict[str, Any] = {"rmtaddr": "10.0.0.1", "lclport": 22, "user": "ANN"}
    outside: dict[str, Any] = {"rmtaddr": "11.0.0.1", "lclport": 23, "user": "BOB"}
    for field in ("RMTADDR", "LCLPORT", "USER"):
        for fields in (inside, outside):
            assert holds(f"{field} GRP G", f"OR {field} NGRP G", groups=named, **fields)
            assert not holds(f"{field} GRP G", f"AND {field} NGRP G", groups=named, **fields)


@pytest.mark.parametrize("field", ["USER", "JOB"])
def test_a_name_group_may_hold_generic_names(field: str) -> None:
    named = groups(names={"OPS": ["alice", "QPG*", "X*"]})
    asked = {"ALICE": True, "qpg": True, "QPGMR": True, "x": True, "ALICE2": False, "QP": False}
    for name, expected in asked.items():
        for op, wanted in (("GRP", expected), ("NGRP", not expected)):
            assert _named_holds(field, f"{op} OPS", name, named) is wanted, (op, name)


def test_a_port_group_holds_numbers_and_ranges() -> None:
    named = groups(ports={"HOSTSRV": ["8470-8476", "449"], "NONE": []})
    asked = {8469: False, 8470: True, 8476: True, 8477: False, 449: True, 448: False}
    for port, expected in asked.items():
        assert holds("LCLPORT GRP HOSTSRV", groups=named, lclport=port) is expected
        assert holds("LCLPORT NGRP HOSTSRV", groups=named, lclport=port) is not expected
        assert not holds("LCLPORT GRP NONE", groups=named, lclport=port)


def test_a_condition_names_a_group_of_its_own_kind() -> None:
    named = groups(names={"G": ["A"]})
    assert holds("USER GRP G", groups=named, user="A")
    for text in ("RMTADDR GRP G", "LCLPORT GRP G", "USER GRP g"):
        with pytest.raises(ConditionError, match="group"):
            parse_test(condition(text), ACCEPT, named)


# ------------------------------------------------------------------------------ invalid values

INVALID = [
    (ACCEPT, "RMTADDR EQ 10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2"),
    (ACCEPT, "RMTADDR EQ 010.0.0.1", "010.0.0.1"),
    (ACCEPT, "RMTADDR LIST 10.0.0.1,,10.0.0.2", "empty item"),
    (ACCEPT, "RMTADDR LIST 10.0.0.1,", "empty item"),
    (ACCEPT, "RMTADDR LIST db.example,10.1", "10.1"),
    (ACCEPT, "RMTADDR NLIST db.example", "db.example"),
    (ACCEPT, "RMTADDR GRP 10.0.0.1", "no address group '10.0.0.1'"),
    (ACCEPT, "LCLPORT EQ 65536", "65536"),
    (ACCEPT, "LCLPORT EQ -1", "-1"),
    (ACCEPT, "LCLPORT EQ ssh", "ssh"),
    (ACCEPT, "LCLPORT EQ 1-2", "1-2"),
    (ACCEPT, "LCLPORT EQ 080", "080"),
    (ACCEPT, "LCLPORT RANGE 22", "22"),
    (ACCEPT, "LCLPORT RANGE 9-1", "reversed"),
    (ACCEPT, "LCLPORT RANGE 1-2-3", "2-3"),
    (ACCEPT, "LCLPORT RANGE 1-", "''"),
    (ACCEPT, "LCLPORT RANGE 1-65536", "65536"),
    (ACCEPT, "LCLPORT RANGE 1-2,5", "2,5"),
    (ACCEPT, "LCLPORT LIST 1,2,", "empty item"),
    (ACCEPT, "LCLPORT GRP X", "no port group 'X'"),
    (LISTEN, "BACKLOG EQ 2147483648", "2147483648"),
    (ACCEPT, "USER LIST A,,B", "empty item"),
    (ACCEPT, "USER EQ  ", "empty"),
    (ACCEPT, "USER EQ a\x1b[2J", "U+001B"),
    (ACCEPT, "PGM LIKE /a\n*", "U+000A"),
    (ACCEPT, "USER GRP X", "no name group 'X'"),
    (ACCEPT, "TIME RANGE 09:00", "09:00"),
    (ACCEPT, "TIME RANGE 9:00-17:00", "9:00"),
    (ACCEPT, "TIME RANGE 09:00-24:00", "24:00"),
    (ACCEPT, "TIME RANGE 09:60-17:00", "09:60"),
    (ACCEPT, "TIME RANGE 09:00-17:00-18:00", "17:00-18:00"),
    (ACCEPT, "TIME LT 09:00:00", "09:00:00"),
    (ACCEPT, "TIME LT 0\uff19:00", "is not a time"),
    (ACCEPT, "TIME LT 09.00", "09.00"),
    (ACCEPT, "DAY EQ MONDAY", "MONDAY"),
    (ACCEPT, "DAY EQ MON,TUE", "MON,TUE"),
    (ACCEPT, "DAY LIST MON-FRI", "MON-FRI"),
    (ACCEPT, "DAY EQ 1", "'1'"),
]


@pytest.mark.parametrize(("server", "text", "named"), INVALID)
def test_a_malformed_value_is_refused_by_one_line_that_names_it(
    server: Server, text: str, named: str
) -> None:
    field, op, _ = text.split(" ", 2)
    with pytest.raises(ConditionError) as raised:
        parse_test(condition(text), server, Groups())
    assert str(raised.value).startswith(f"{field} {op}: ")
    assert named in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_group_line_that_is_malformed_makes_its_conditions_invalid() -> None:
    lines: dict[str, Any] = {
        "RMTADDR GRP G": groups({"G": (["10.1"], [])}),
        "LCLADDR GRP G": groups({"G": ([], ["db.example"])}),
        "USER GRP G": groups(names={"G": ["A*B"]}),
        "LCLPORT GRP G": groups(ports={"G": ["9-1"]}),
    }
    for text, named in lines.items():
        with pytest.raises(ConditionError):
            parse_test(condition(text), ACCEPT, named)
