"""Between ARMR and sequenced rules: the same verdicts, and a list of what is lost."""

from __future__ import annotations

import re
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.addresses import parse_address
from epm.armr.decider import ArmrDecider
from epm.armr.engine import SocketEngine
from epm.armr.from_rules import from_rules
from epm.armr.policy_reader import read_policy
from epm.armr.to_rules import to_rules
from epm.armr.unparse import unparse
from epm.engine import Engine
from epm.errors import RuleError
from epm.evaluate import Mode
from epm.model import (
    AddressGroup,
    Call,
    Condition,
    Connector,
    Field,
    Flag,
    Groups,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
    shipped_default,
)
from epm.rulefile.dump import dump_rules
from epm.rulefile.load import load_rules
from tests.support.armr_text import policy

P, A, D = "protect()", "allow()", 'detect(message: "")'
ADDRESSES = ["9.0.0.1", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.9.0.1", "200.0.0.1", "2001:db8::1"]
PORTS = [0, 1, 79, 80, 81, 90, 91, 65535]


def calls(server):
    for address in map(parse_address, ADDRESSES):
        for port in PORTS:
            if server is Server.LISTEN:
                yield Call(server, lcladdr=address, lclport=port)
            else:
                yield Call(server, rmtaddr=address, rmtport=port, lcladdr=0, lclport=0)


# ------------------------------------------------------------------------------ to rules


_BODIES = st.lists(
    st.tuples(
        st.sampled_from(['accept("{}")', 'connect("{}")', 'bind(server: "{}")']),
        st.sampled_from(["0.0.0.0", "10.0.0.5", "10.0.0.4/30", "10.0.0.0/8", "128.0.0.1/1"]),
        st.sampled_from(["0", "80", "80-90", "1-65535"]),
        st.sampled_from([P, A, D]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=80, deadline=None)
@given(_BODIES)
def test_imported_rules_decide_as_the_policy_does(rules):
    source = policy(*(f"{event.format(f'{a}:{p}')} {x}" for event, a, p, x in rules))
    ruleset, unsaid = to_rules(source)
    assert not any(u.decides for u in unsaid)
    assert load_rules(dump_rules(ruleset)).ruleset == ruleset
    engine, decider = Engine(ruleset, Mode.LIVE), ArmrDecider(SocketEngine(source))
    for server in Server:
        for call in calls(server):
            assert engine.decide(call).verdict == decider.decide(call).verdict, call


def imported(*bodies, level="2.12"):
    ruleset, unsaid = to_rules(policy(*bodies, level=level))
    return ruleset, [u.line() for u in unsaid]


def test_detect_is_allowed_with_audit_and_the_order_is_that_of_armr():
    ruleset, unsaid = imported(f'connect("0.0.0.0:0") {P}', f'connect("10.0.0.5:80") {D}')
    first, second, default = ruleset.servers[Server.CONNECT].rules
    assert (first.seq, first.name, first.authority, first.audit) == (10, "r1", "Y", "Y")
    assert (second.seq, second.name, second.authority, second.audit) == (20, "r0", "N", "N")
    assert [c.value for c in second.conditions] == ["0-65535"]
    assert default == shipped_default()
    assert unsaid == [
        "not kept: mod 'm': rule 'r0': connect: silence, as every rejection is journaled"
    ]


def test_what_a_rule_cannot_say_is_listed():
    _, unsaid = imported(
        f'connect("0.0.0.0:0") api(any) input(http) {P}',
        'connect("a.example:80") protect(message: "text", severity: 8, stacktrace: "full")',
    )
    assert unsaid == [
        "decides otherwise: mod 'm': rule 'r0': connect: api() and input() has no condition",
        "not kept: mod 'm': rule 'r1': connect: severity, message text, stack trace",
        "decides otherwise: mod 'm': rule 'r1': connect: "
        "a host name stands for its IPv6 addresses too",
    ]


def test_rules_that_are_not_about_sockets_are_listed():
    text = 'app("m"):\n requires(version: ARMR/2.12)\n sql("s"):\n x()\n endsql\nendapp'
    _, unsaid = to_rules(read_policy(text).policy)
    told = "not kept: mod 'm': rule 's': a sql rule is not about sockets"
    assert [u.line() for u in unsaid] == [told]


def test_client_binds_become_conditions_on_the_local_end_of_bound_sockets():
    ruleset, unsaid = imported(f'bind(client: "10.0.0.5:0") {P}', f'bind(client: "0.0.0.0:0") {P}')
    first, second, _ = ruleset.servers[Server.CONNECT].rules
    assert [(c.field, c.op, c.value) for c in first.conditions] == [
        ("LCLADDR", "EQ", "10.0.0.5"), ("LCLPORT", "NE", "0"),
    ]  # fmt: skip
    assert [(c.field, c.op, c.value) for c in second.conditions] == [("LCLPORT", "NE", "0")]
    assert not any(line.startswith("decides") for line in unsaid)


@pytest.mark.parametrize(
    ("bind", "connect", "lost"),
    [(P, P, "decides otherwise: mod 'm': rule 'r0': bind-client"),
     (P, A, "not kept: mod 'm': rule 'r1': connect"),
     (A, P, "not kept: mod 'm': rule 'r0': bind-client")],
)  # fmt: skip
def test_of_client_bind_and_connect_one_is_said(bind, connect, lost):
    _, unsaid = imported(f'bind(client: "10.0.0.5:0") {bind}', f'connect("0.0.0.0:0") {connect}')
    assert unsaid[0].startswith(f"{lost}: client bind and connect are one call here")


# --------------------------------------------------------------------------- from rules


def rule(seq, verdict, *conditions, **more):
    made = tuple(
        Condition(10 * n, connector, Field(field), Operator(op), value)
        for n, (connector, field, op, value) in enumerate(conditions, start=1)
    )
    return Rule(seq, None, Flag(verdict), active=True, conditions=made, **more)


def ruleset_of(server, *rules, default="Y", groups=None):
    last = Rule(99999, None, Flag(default), active=True)
    servers = {s: ServerRules() for s in Server}
    servers[server] = ServerRules(True, (*rules, last))
    return RuleSet(groups=groups or Groups(), servers=MappingProxyType(servers))


GROUPS = Groups(addresses={"G": AddressGroup(("10.0.0.0/8",), ("10.0.0.4/31",))},
                ports={"W": ("80-81", "90")})  # fmt: skip
_ADDRESS = st.sampled_from(
    [("EQ", "10.0.0.5"), ("EQ", "10.0.0.4/30"), ("NE", "10.0.0.5"), ("LIST", "10.0.0.4,200.0.0.1"),
     ("NLIST", "10.0.0.0/8,9.0.0.1"), ("GRP", "G"), ("NGRP", "G"), ("EQ", "10.0.0.5-10.0.0.9"),
     ("EQ", "0.0.0.0/0"), ("NE", "::/0"), ("EQ", "::/0")]
)  # fmt: skip
_PORT = st.sampled_from(
    [("EQ", "80"), ("NE", "80"), ("LT", "81"), ("GE", "80"), ("RANGE", "80-90"), ("GRP", "W"),
     ("NRANGE", "80-90"), ("GE", "0")]
)  # fmt: skip


@st.composite
def _rulesets(draw):
    server = draw(st.sampled_from(list(Server)))
    side = "LCL" if server is Server.LISTEN else "RMT"
    rules = []
    for n in range(draw(st.integers(1, 5))):
        conditions = []
        for _ in range(draw(st.integers(1, 3))):
            field, (op, value) = draw(
                st.one_of(
                    st.tuples(st.just(f"{side}ADDR"), _ADDRESS),
                    st.tuples(st.just(f"{side}PORT"), _PORT),
                )
            )
            conditions.append((draw(st.sampled_from(list(Connector))), field, op, value))
        rules.append(rule(10 * (n + 1), draw(st.sampled_from("YN*")), *conditions))
    return server, ruleset_of(server, *rules, default=draw(st.sampled_from("YN")), groups=GROUPS)


@settings(max_examples=80, deadline=None)
@given(_rulesets())
def test_an_exported_policy_decides_as_the_rules_do(made):
    server, ruleset = made
    try:
        source, unsaid = from_rules(ruleset, "app")
    except RuleError:  # nothing rejects and nothing is logged: nothing need be said
        engine = Engine(ruleset, Mode.LIVE)
        assert all(engine.decide(call).allowed for call in calls(server))
        return
    read = read_policy(unparse(source))
    assert read.findings == ()
    decider, engine = ArmrDecider(SocketEngine(read.policy)), Engine(ruleset, Mode.LIVE)
    lost = " ".join(u.why for u in unsaid if u.decides)
    assert all(re.search("IPv6|0.0.0.0|port 0", u.why) for u in unsaid if u.decides)
    for call in calls(server):
        listens = server is Server.LISTEN
        address = call.lcladdr if listens else call.rmtaddr
        port = call.lclport if listens else call.rmtport
        if ("IPv6" in lost and address >= 1 << 32) or ("port 0" in lost and port == 0):
            continue
        assert engine.decide(call).verdict == decider.decide(call).verdict, (call, unparse(source))


def exported(*rules, server=Server.CONNECT, **options):
    source, unsaid = from_rules(ruleset_of(server, *rules, **options), 'The "app"')
    return unparse(source), [u.line() for u in unsaid]


def test_a_rule_that_need_not_be_cut_is_written_as_it_is():
    text, unsaid = exported(
        rule(10, "Y", ("AND", "RMTADDR", "EQ", "10.0.0.5"), ("AND", "RMTPORT", "EQ", "80")),
        rule(20, "N", ("AND", "RMTADDR", "EQ", "10.0.0.0/8"), ("AND", "RMTPORT", "EQ", "80")),
        default="N",
    )
    assert unsaid == []
    assert text.startswith('app("The \\"app\\""):\n  requires(version: ARMR/2.10)\n')
    assert [x.strip() for x in text.splitlines() if "connect" in x] == [
        'connect("10.0.0.5:80")', 'connect("10.0.0.0/8:80")', 'connect("0.0.0.0:0")',
    ]  # fmt: skip


@pytest.mark.parametrize("last", ["255.255.255.255", "255.255.255.254", "0.0.0.1"])
def test_the_last_addresses_are_said_as_any_other(last):
    text, unsaid = exported(rule(10, "N", ("AND", "RMTADDR", "NE", last)), default="Y")
    decider = ArmrDecider(SocketEngine(read_policy(text).policy))
    for address in (last, "255.255.255.253", "0.0.0.2"):
        call = Call(
            Server.CONNECT, rmtaddr=parse_address(address), rmtport=80, lcladdr=0, lclport=0
        )
        assert decider.decide(call).allowed is (address == last)
    assert [line for line in unsaid if "IPv6" not in line and "0.0.0.0" not in line] == []


def test_a_later_allow_is_cut_where_it_would_win():
    text, _ = exported(
        rule(10, "N", ("AND", "RMTADDR", "EQ", "10.0.0.1"), ("AND", "RMTPORT", "EQ", "80")),
        rule(20, "Y", ("AND", "RMTADDR", "EQ", "10.0.0.0/30"), ("AND", "RMTPORT", "EQ", "80")),
        default="N",
    )
    ends = {x.strip() for x in text.splitlines() if "connect" in x}
    assert 'connect("10.0.0.0/30:80")' not in ends
    assert {'connect("10.0.0.0:80")', 'connect("10.0.0.2/31:80")'} <= ends


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (("AND", "USER", "EQ", "ALICE"), "asks about USER"),
        (("AND", "TIME", "RANGE", "09:00-17:00"), "asks about TIME"),
        (("AND", "LCLPORT", "EQ", "80"), "asks about LCLPORT"),
        (("AND", "RMTADDR", "EQ", "db.example"), "asks about a host name"),
        (("AND", "RMTADDR", "EQ", "2001:db8::/32"), "tells IPv6 addresses apart"),
        (("AND", "RMTADDR", "EQ", "0.0.0.0"), "ARMR has no words for the address 0.0.0.0"),
        (("AND", "RMTPORT", "LT", "1024"), "ARMR has no words for port 0"),
        (("AND", "RMTADDR", "EQ", "::/0"), "ARMR has no words for IPv6 addresses without all"),
    ],
)
def test_what_armr_cannot_say_is_listed(condition, why):
    _, unsaid = exported(rule(10, "N", condition), default="N")
    assert len(unsaid) == 1
    assert unsaid[0].startswith(f"decides otherwise: QSOCONNECT rule 10: {why}")


def test_rules_that_are_not_enforced_are_not_said():
    _, unsaid = exported(rule(10, "N"), default="N")
    assert unsaid == ["not kept: QSOCONNECT rule 10: is not enforced: no-conditions"]


def test_where_nothing_can_be_said_there_is_no_policy():
    with pytest.raises(RuleError, match="no active rule"):
        from_rules(RuleSet(), "m")


def test_a_rule_in_very_many_pieces_is_left_out_and_listed():
    listed = ",".join(f"10.{n >> 8}.{n & 255}.1" for n in range(1100))
    first = rule(10, "N", ("AND", "RMTADDR", "LIST", listed), ("AND", "RMTPORT", "EQ", "80"))
    _, unsaid = exported(first, default="N")
    assert [line.partition(": ")[2] for line in unsaid] == [
        "QSOCONNECT rule 10: would be cut into more than 1024 rules"
    ]
