"""A rule proposed from a call: it holds for the call, is tried for it, and changes nothing yet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm import edits
from epm.addresses import parse_address
from epm.condition_parser import parse_test
from epm.engine import Engine
from epm.errors import RuleError
from epm.evaluate import Mode
from epm.model import DEFAULT_SEQUENCE, Call, Flag, Groups, RuleSet, Server
from epm.proposals import conditions_from, free_sequence, propose_rule
from tests.support.builders import SATURDAY, rule, rule_set
from tests.support.strategies import calls

SSH = Call(
    Server.ACCEPT,
    rmtaddr=parse_address("10.1.2.3"),
    rmtport=50000,
    lcladdr=parse_address("192.168.1.10"),
    lclport=22,
    bndaddr=0,
    bndport=22,
    user="QTCP",
    groups=("QPGMR",),
    job="SSHD",
    pgm="/usr/sbin/sshd",
    at=SATURDAY,
)


def _written(call):
    return [f"{c.field} {c.op} {c.value}" for c in conditions_from(call)]


# ------------------------------------------------------------------------------ conditions


def test_an_accepted_call_is_named_by_origin_service_port_user_and_program():
    assert _written(SSH) == [
        "RMTADDR EQ 10.1.2.3", "LCLPORT EQ 22", "USER EQ QTCP", "PGM EQ /usr/sbin/sshd",
    ]  # fmt: skip


def test_a_connect_is_named_by_its_destination_and_not_by_its_own_end():
    call = Call(
        Server.CONNECT, lcladdr=0, lclport=0, rmtaddr=parse_address("2001:db8::1"), rmtport=443,
        user="ALICE",
    )  # fmt: skip
    assert _written(call) == ["RMTADDR EQ 2001:db8::1", "RMTPORT EQ 443", "USER EQ ALICE"]


def test_a_listen_is_named_by_the_address_and_port_listened_on():
    call = Call(Server.LISTEN, lcladdr=0, lclport=8080, backlog=5)
    assert _written(call) == ["LCLADDR EQ 0.0.0.0", "LCLPORT EQ 8080"]


def test_the_job_stands_for_a_program_that_is_not_known():
    assert "JOB EQ SSHD" in _written(replace(SSH, pgm=None))
    assert "JOB EQ SSHD" not in _written(SSH)


@pytest.mark.parametrize("name", ["", " ", "ALICE ", "a\x1b[2J", "\ud800", "a\u202eb"])
def test_a_name_that_no_condition_can_hold_is_left_out(name):
    assert not any("USER" in line for line in _written(replace(SSH, user=name)))


@given(st.sampled_from(Server).flatmap(calls))
def test_what_is_proposed_holds_for_the_call(call):
    for condition in conditions_from(call):
        assert parse_test(condition, call.server, Groups()).holds(call)


def test_a_call_without_a_field_that_a_rule_could_name_is_refused():
    call = Call(Server.LISTEN, backlog=5, at=SATURDAY)
    with pytest.raises(RuleError, match="no field that a rule could name"):
        propose_rule(call, RuleSet().servers[Server.LISTEN].rules, DEFAULT_SEQUENCE)


# -------------------------------------------------------------------------------- sequence


@pytest.mark.parametrize(
    ("taken", "before", "free"),
    [
        ([99999], 99999, 10),
        ([10, 20, 99999], 99999, 30),
        ([10, 25, 99999], 99999, 30),
        ([10, 20, 99999], 20, 15),
        ([10, 40, 99999], 40, 20),
        ([10, 11, 99999], 11, 5),
        ([1, 2, 5, 99999], 5, 3),
        ([7, 99999], 7, 3),
        ([99995, 99999], 99999, 99997),
        ([99998, 99999], 99999, 10),
    ],
)
def test_the_sequence_is_free_and_leaves_room(taken, before, free):
    assert free_sequence(taken, before) == free


@pytest.mark.parametrize(("taken", "before"), [([1, 99999], 1), ([1, 2, 3, 99999], 3)])
def test_without_a_free_sequence_the_reason_is_said(taken, before):
    with pytest.raises(RuleError, match=f"no sequence below {before} is free: renumber"):
        free_sequence(taken, before)


@given(st.sets(st.integers(1, 60), min_size=1), st.integers(1, 70))
def test_a_free_sequence_is_free_and_nearest_to_the_rule_that_decides(taken, before):
    ordered = sorted(taken)
    room = [n for n in range(1, before) if n not in taken]
    if not room:
        with pytest.raises(RuleError):
            free_sequence(ordered, before)
        return
    found = free_sequence(ordered, before)
    assert found in room
    # No rule stands between it and a free place nearer to the deciding rule.
    assert not any(n > found and any(found < t < n for t in taken) for n in room)


# ------------------------------------------------------------------------------ the rule


def _proposed(ruleset):
    decision = Engine(ruleset, Mode.TEST).decide(SSH)
    return propose_rule(SSH, ruleset.servers[Server.ACCEPT].rules, decision.rule.seq)


def test_the_rule_is_inactive_marked_for_test_and_says_what_it_is():
    made = _proposed(RuleSet())
    assert (made.active, made.test, made.seq) == (False, True, 10)
    assert (made.authority, made.audit, made.message, made.capture) == (Flag.INHERIT,) * 4
    assert made.name == "From 10.1.2.3 to port 22"


def test_the_rule_decides_the_call_in_the_test_facility_and_nothing_live():
    ruleset = rule_set(rule(10, "RMTADDR EQ 192.0.2.1"), rule(20, "LCLPORT EQ 22"))
    made = replace(_proposed(ruleset), authority=Flag.YES)
    changed = edits.add_rule(ruleset, Server.ACCEPT, made)
    assert Engine(changed, Mode.TEST).decide(SSH).rule.seq == made.seq == 15
    assert Engine(changed, Mode.LIVE).decide(SSH).rule.seq == 20


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (Call(Server.CONNECT, rmtaddr=parse_address("192.0.2.1"), rmtport=443),
         "To 192.0.2.1 port 443"),
        (Call(Server.LISTEN, lclport=80), "Listen on any address port 80"),
        (Call(Server.ACCEPT, rmtaddr=parse_address(
            "2001:db8:1111:2222:3333:4444:5555:6666"), lclport=65535),
         "From 2001:db8:1111:2222:3333:4444:5555:6666"),
    ],
)  # fmt: skip
def test_a_description_is_never_longer_than_it_may_be(call, name):
    made = propose_rule(call, RuleSet().servers[call.server].rules, DEFAULT_SEQUENCE)
    assert made.name == name
    edits.add_rule(RuleSet(), call.server, made)
