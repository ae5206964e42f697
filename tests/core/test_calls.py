"""Calls and decisions as JSON values (contract, sections 2 and 5)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.addresses import parse_address
from epm.calls import (
    CALL_KEYS,
    call_from_mapping,
    call_to_mapping,
    decision_to_mapping,
    parse_at,
    parse_server,
)
from epm.errors import CallError
from epm.evaluate import Mode
from epm.model import Call, Server
from tests.support.builders import call, decide, default_rule, rule, rule_set
from tests.support.strategies import calls

NOW = datetime(2026, 11, 21, 12, 30, 15)
ZONE = timezone(timedelta(hours=2))
EXAMPLE = {
    "server": "QSOACCEPT",
    "rmtaddr": "10.1.2.3",
    "rmtport": 50000,
    "lcladdr": "192.168.1.10",
    "lclport": 22,
    "bndaddr": "0.0.0.0",
    "bndport": 22,
    "user": "QTCP",
    "groups": ["QPGMR"],
    "job": "SSHD",
    "pgm": "/usr/sbin/sshd",
    "at": "2026-11-21T10:00:00",
}


def _localize(at: datetime) -> datetime:
    return at.astimezone(ZONE).replace(tzinfo=None)


def _read(data: dict[str, Any], *, strict: bool = False) -> Call:
    return call_from_mapping(data, now=NOW, localize=_localize, strict=strict)


def _accept(**fields: Any) -> Call:
    return _read({"server": "QSOACCEPT", **fields})


def test_the_contracts_example() -> None:
    assert _read(EXAMPLE, strict=True) == Call(
        Server.ACCEPT,
        lcladdr=parse_address("192.168.1.10"),
        lclport=22,
        bndaddr=0,
        bndport=22,
        rmtaddr=parse_address("10.1.2.3"),
        rmtport=50000,
        user="QTCP",
        groups=("QPGMR",),
        job="SSHD",
        pgm="/usr/sbin/sshd",
        at=datetime(2026, 11, 21, 10),
    )


def test_every_field_but_the_server_may_be_missing_and_at_defaults_to_now() -> None:
    for server in Server:
        assert _read({"server": str(server)}, strict=True) == Call(server, at=NOW)


def test_null_is_missing_and_an_empty_groups_is_a_caller_without_groups() -> None:
    nulls = dict.fromkeys(EXAMPLE, None) | {"server": "QSOACCEPT"}
    assert _read(nulls) == Call(Server.ACCEPT, at=NOW)
    assert _accept(groups=[]).groups == ()
    assert _accept(groups=None).groups is None


@given(st.sampled_from(Server).flatmap(calls))
def test_a_call_written_as_json_reads_back_as_itself(one: Call) -> None:
    written = call_to_mapping(one)
    assert set(written) <= set(CALL_KEYS)
    read = call_from_mapping(written, now=NOW, localize=_localize, strict=True)
    assert read == (one if one.at is not None else call_with_now(one))


def call_with_now(one: Call) -> Call:
    values = {key: getattr(one, key) for key in CALL_KEYS}
    return Call(**(values | {"at": NOW}))


# -------------------------------------------------------------------------- strict and lenient

LACKING = [("QSOLISTEN", "rmtaddr"), ("QSOLISTEN", "rmtport"), ("QSOLISTEN", "bndaddr")]
LACKING += [("QSOCONNECT", x) for x in ("bndaddr", "bndport", "backlog")]
LACKING += [("QSOACCEPT", "backlog"), ("QSOACCEPT", "nosuch"), ("QSOACCEPT", "RMTADDR")]


@pytest.mark.parametrize(("server", "key"), LACKING)
@pytest.mark.parametrize("value", ["10.0.0.1", 5, "rubbish", ["x"]])
def test_a_field_that_the_server_lacks_is_refused_when_strict_and_ignored_in_a_record(
    server: str, key: str, value: object
) -> None:
    data = {"server": server, key: value}
    assert _read(data) == Call(Server(server), at=NOW)
    with pytest.raises(CallError, match=f"{server} has no field '{key}'"):
        _read(data, strict=True)


@pytest.mark.parametrize("server", [None, "", "qsoaccept", "QSOACCEPT ", "ACCEPT", 1, True, ["x"]])
def test_an_unknown_server_is_refused(server: object) -> None:
    with pytest.raises(CallError, match="QSOLISTEN QSOCONNECT QSOACCEPT"):
        parse_server(server)
    with pytest.raises(CallError):
        _read({"server": server})


def test_a_missing_server_is_refused() -> None:
    with pytest.raises(CallError):
        _read({})


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_near = st.sampled_from(["10.0.0.1", "::1%", "1/", "-1", "8_0", "2026-11-21T10:00:00+24:00", "\0"])


@given(st.dictionaries(st.sampled_from(CALL_KEYS), _json | _near), st.booleans())
def test_any_json_object_is_a_call_or_one_plain_line(data: dict[str, Any], strict: bool) -> None:
    data["server"] = "QSOACCEPT"
    try:
        assert _read(data, strict=strict).server is Server.ACCEPT
    except CallError as error:
        line = str(error)
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line)


BAD_FIELDS: list[tuple[str, object]] = [
    ("rmtaddr", "10.1"),
    ("rmtaddr", "010.0.0.1"),
    ("rmtaddr", "10.0.0.0/8"),
    ("rmtaddr", "10.0.0.1-10.0.0.2"),
    ("rmtaddr", "db.example"),
    ("rmtaddr", ""),
    ("rmtaddr", 167772161),
    ("rmtaddr", True),
    ("rmtaddr", ["10.0.0.1"]),
    ("rmtport", 65536),
    ("rmtport", -1),
    ("rmtport", "-1"),
    ("rmtport", "080"),
    ("rmtport", "+80"),
    ("rmtport", "\uff18\uff10"),
    ("rmtport", ""),
    ("rmtport", 22.0),
    ("rmtport", True),
    ("rmtport", False),
    ("rmtport", [22]),
    ("rmtport", 10**30),
    ("user", 5),
    ("user", ["A"]),
    ("job", True),
    ("pgm", {"a": 1}),
    ("groups", "QPGMR"),
    ("groups", ["A", 5]),
    ("groups", [None]),
    ("groups", {"A": 1}),
    ("at", "yesterday"),
    ("at", 1),
    ("at", True),
    ("at", ["2026-11-21T10:00:00"]),
]


@pytest.mark.parametrize(("key", "value"), BAD_FIELDS)
@pytest.mark.parametrize("strict", [False, True])
def test_a_malformed_field_is_refused_by_name_even_in_a_record(
    key: str, value: object, strict: bool
) -> None:
    with pytest.raises(CallError) as raised:
        _read({"server": "QSOACCEPT", key: value}, strict=strict)
    assert str(raised.value).startswith(key)


@pytest.mark.parametrize("value", [0, "0", 22, "22", 65535, "65535"])
def test_a_port_is_a_number_or_its_text(value: object) -> None:
    assert _accept(rmtport=value).rmtport == int(str(value))


@pytest.mark.parametrize("value", [-1, "-1", 65536, "65536"])
def test_the_error_of_a_number_gives_its_bounds(value: object) -> None:
    with pytest.raises(CallError, match="from 0 to 65535"):
        _accept(rmtport=value)


@pytest.mark.parametrize("number", [-(2**31), -1, 0, 2**31 - 1])
def test_backlog_is_a_signed_32_bit_number_or_its_text(number: int) -> None:
    for value in (number, str(number)):
        assert _read({"server": "QSOLISTEN", "backlog": value}).backlog == number


@pytest.mark.parametrize("number", [-(2**31) - 1, 2**31, "--1", "-0", "-", "+1"])
def test_a_backlog_beyond_that_is_refused(number: object) -> None:
    for value in (number, str(number)):
        with pytest.raises(CallError):
            _read({"server": "QSOLISTEN", "backlog": value})


def test_an_address_is_canonicalised() -> None:
    assert _accept(rmtaddr="::ffff:10.0.0.1").rmtaddr == parse_address("10.0.0.1")
    assert _accept(rmtaddr="FE80::1%eth0").rmtaddr == parse_address("fe80::1")


# ----------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T10:00:00", "2026-11-21T10:00:00"),
        ("2026-11-21 10:00:00", "2026-11-21T10:00:00"),
        ("2026-11-21T10:00", "2026-11-21T10:00:00"),
        ("2026-11-21T10:00:00.5", "2026-11-21T10:00:00.500000"),
        ("2026-11-21T10:00:00,123456789", "2026-11-21T10:00:00.123456"),
        ("2026-11-21T10:00:00Z", "2026-11-21T12:00:00"),
        ("2026-11-21T10:00:00+02:00", "2026-11-21T10:00:00"),
        ("2026-11-21T10:00:00-0500", "2026-11-21T17:00:00"),
        ("2026-11-21T23:30+00", "2026-11-22T01:30:00"),
    ],
)
def test_at_is_local_time_and_an_offset_is_converted(text: str, expected: str) -> None:
    at = parse_at(text, _localize)
    assert at == datetime.fromisoformat(expected)
    assert at.tzinfo is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21",
        "10:00:00",
        "2026-11-31T10:00:00",
        "2026-11-21T24:00:00",
        "2026-11-21T10:60:00",
        "2026-11-21T10:00:60",
        "2026-11-21T10",
        "20261121T100000",
        "2026-W47-6T10:00:00",
        "2026-11-21T10:00:00z",
        "2026-11-21T10:00:00+99:00",
        "2026-11-21T10:00:00 +02:00",
        "2026-11-21T10:00:00\n",
        " 2026-11-21T10:00:00",
        "\uff12026-11-21T10:00:00",
        "0000-01-01T00:00:00",
        "9999-12-31T23:59:59-12:00",  # converted, it is past the calendar
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_malformed_time_is_refused(text: str) -> None:
    with pytest.raises(CallError, match="is not a time such as"):
        parse_at(text, _localize)


# -------------------------------------------------------------------------------- decisions


def test_a_decision_is_the_contracts_object() -> None:
    named = rule(10, "USER EQ ALICE", authority="Y", audit="Y", name="Admin subnet to SSH")
    ruleset = rule_set(named, rule(20, "USER EQ BOB"), default=default_rule("N"))
    decision = decide(ruleset, call(user="ALICE"))
    assert decision_to_mapping(decision) == {
        "server": "QSOACCEPT",
        "verdict": "allow",
        "reason": "rule",
        "rule": {"seq": 10, "name": "Admin subnet to SSH"},
        "audit": True,
        "message": False,
        "capture": False,
        "trace": [
            {
                "seq": 10,
                "outcome": "matched",
                "why": None,
                "conditions": [{"seq": 10, "result": True}],
            },
            {
                "seq": 20,
                "outcome": "not-reached",
                "why": None,
                "conditions": [{"seq": 10, "result": False}],
            },
            {"seq": 99999, "outcome": "not-reached", "why": None, "conditions": []},
        ],
    }


def test_a_nameless_rule_and_no_rule_are_null() -> None:
    by_default = decision_to_mapping(decide(rule_set(), call()))
    assert by_default["reason"] == "default"
    assert by_default["rule"] == {"seq": 99999, "name": None}
    asleep = decision_to_mapping(decide(rule_set(activated=False), call(), Mode.LIVE))
    assert asleep["reason"] == "not-activated"
    assert asleep["rule"] is None
    assert [asleep[k] for k in ("audit", "message", "capture")] == [False] * 3


def test_every_value_of_a_decision_is_plain_json() -> None:
    inactive = rule(10, "USER EQ BOB", active=False)
    mapping = decision_to_mapping(decide(rule_set(inactive), call()))

    def walk(value: object) -> None:
        assert type(value) in (dict, list, str, int, bool, type(None)), value
        if isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(mapping)
