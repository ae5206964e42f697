"""The C exit program answers, records and fails as the Python one does, byte for byte."""

from __future__ import annotations

import random
from ctypes import byref
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.activity_values import message_of
from epm.addresses import V6_BASE
from epm.engine import Engine
from epm.evaluate import Mode
from epm.events import ExitEvent, Job
from epm.model import Call, Config, FailMode, Reason, RuleSet, Server
from exitprograms.formats import FORMATS, block_of
from exitprograms.ile.abi import Answer, Cache, Record, Text
from exitprograms.ile.captures import decode_capture
from exitprograms.ile.image import Target, compile_image
from exitprograms.ile.native import (
    Effect,
    EffectKind,
    NativeAnswer,
    NativeProgram,
    Status,
    Taking,
    effects_of,
    load,
)
from exitprograms.ile.space import empty_space, space_of
from exitprograms.program import ExitProgram
from exitprograms.sinks import MemorySink
from journal.entry import Stored, entry_type
from journal.layouts.u_entries import decode_u
from journal.records import specific_data
from tests.support.builders import call, default_rule, rule, rule_set

JOB = Job("SSHD", "QTCP", 123456, "/usr/sbin/sshd", ("QPGMR", "OPS"))
AT = datetime(2026, 11, 21, 10, 0, 0, 120000)
CALLS = {
    Server.ACCEPT: call(
        rmtaddr="10.1.2.3", rmtport=50000, lcladdr="192.168.1.10", lclport=22,
        bndaddr="0.0.0.0", bndport=22,
    ),
    Server.CONNECT: call(
        Server.CONNECT, lcladdr="::", lclport=0, rmtaddr="2001:db8::1", rmtport=443
    ),
    Server.LISTEN: call(Server.LISTEN, backlog=-5, lcladdr="0.0.0.0", lclport=8080),
}  # fmt: skip


def rules(server: Server = Server.ACCEPT, **flags: str) -> RuleSet:
    asked = rule(10, "LCLPORT GE 0", name='Näme "1"\\', **{"authority": "Y", **flags})
    return rule_set(asked, server=server, default=default_rule("N"))


def program(ruleset: RuleSet, recorder=None, revision: int | None = 42) -> NativeProgram:
    image = compile_image(ruleset, revision=revision, target=Target(37, "PROD"))
    return NativeProgram(space_of(image), recorder=recorder)


def answer(one: NativeProgram, of: Call, job: Job = JOB) -> NativeAnswer:
    return one.answer(of.server.format_name, block_of(of), job, AT)


def as_event(ruleset: RuleSet, of: Call, job: Job = JOB) -> ExitEvent:
    """What the Python exit program records of the same call."""
    sink = MemorySink()
    engine = Engine(ruleset, Mode.LIVE, revision=42)
    ExitProgram(lambda: engine, sink).run(of.server.format_name, block_of(of), job, AT)
    return sink.decisions[0]


def only(given_answer: NativeAnswer, kind: EffectKind) -> Effect:
    (effect,) = [e for e in given_answer.effects if e.kind is kind]
    return effect


# ----------------------------------------------------------------------------------- U entries


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("authority", ["Y", "N"])
def test_the_u_entry_is_the_journals_byte_for_byte(server: Server, authority: str) -> None:
    ruleset = rules(server, authority=authority, audit="Y", message="Y")
    effect = only(answer(program(ruleset), CALLS[server]), EffectKind.JOURNAL)
    event = as_event(ruleset, CALLS[server])
    wanted, _ = specific_data(Stored(1, AT, "PROD", "R", event), 37)
    assert effect.data == wanted
    assert effect.type.decode("cp037") == entry_type(event)[1]
    assert effect.name.decode("cp037") == "EPMJRN    EPM       "


_names = st.text(st.sampled_from(list(bytes(range(256)).decode("cp037"))), max_size=12)
_addresses = st.one_of(
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from((0, 0, 0, 1, 0xAB, 0xFFFF)), min_size=8, max_size=8).map(
        lambda g: V6_BASE + int.from_bytes(b"".join(x.to_bytes(2, "big") for x in g), "big")
    ),
)


@settings(deadline=None, max_examples=150)
@given(
    st.builds(
        Job, _names, _names, st.integers(0, 999_999), st.none() | _names,
        st.none() | st.lists(_names, max_size=4).map(tuple),
    ),
    _addresses, _addresses, st.integers(0, 65535), st.integers(-(2**31), 2**31 - 1),
)  # fmt: skip
def test_so_it_is_for_any_job_and_address(
    job: Job, local: int, remote: int, port: int, backlog: int
) -> None:
    mapped = range(V6_BASE + (0xFFFF << 32), V6_BASE + (0x10000 << 32))
    local, remote = (n if n not in mapped else 1 for n in (local, remote))
    for of in (
        Call(Server.CONNECT, lcladdr=local, lclport=port, rmtaddr=remote, rmtport=port),
        Call(Server.LISTEN, backlog=backlog, lcladdr=local, lclport=port),
    ):
        ruleset = rules(of.server, audit="Y")
        effect = only(answer(program(ruleset), of, job), EffectKind.JOURNAL)
        stored = Stored(1, AT, "PROD", "R", as_event(ruleset, of, job))
        assert effect.data == specific_data(stored, 37)[0]


def test_without_a_revision_the_entry_says_that_the_rules_were_a_file() -> None:
    effect = only(
        answer(program(rules(audit="Y"), revision=None), CALLS[Server.ACCEPT]), EffectKind.JOURNAL
    )
    fixed, full = decode_u("NA", effect.data)
    assert (fixed["revision"], full["revision"]) == (0, None)


# ------------------------------------------------------------------------- messages, captures


@pytest.mark.parametrize("server", list(Server))
def test_the_message_says_what_the_other_exit_programs_say(server: Server) -> None:
    ruleset = rules(server, message="Y", authority="N")
    effect = only(answer(program(ruleset), CALLS[server]), EffectKind.MESSAGE)
    wanted = message_of(as_event(ruleset, CALLS[server]), AT).text
    assert effect.data.decode("cp037") == wanted
    assert effect.name.decode("cp037") == "EPMMSGQ   EPM       "


def test_a_message_never_carries_a_control_character() -> None:
    hostile = replace(JOB, name="A\x1b[2J\r\n\x85")
    effect = only(
        answer(program(rules(message="Y")), CALLS[Server.ACCEPT], hostile), EffectKind.MESSAGE
    )
    assert "A\\u001b[2J\\u000d\\u000a\\u0085" in effect.data.decode("cp037")


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("groups", [None, (), ("QPGMR", "OPS")])
def test_a_capture_gives_the_call_back_whole(server: Server, groups) -> None:
    job = replace(JOB, groups=groups, program=None if groups is None else "/usr/sbin/sshd")
    effect = only(
        answer(program(rules(server, capture="Y")), CALLS[server], job), EffectKind.CAPTURE
    )
    found = decode_capture(effect.data + b"\0" * 9)
    assert found.call == as_event(rules(server, capture="Y"), CALLS[server], job).call
    assert (found.job, found.allowed, found.rule, found.revision) == (job, True, 10, 42)
    assert effect.name.decode("cp037") == "EPM       "


def test_what_no_flag_asks_for_is_not_recorded() -> None:
    given_answer = answer(program(rules(audit="N", message="N", capture="N")), CALLS[Server.ACCEPT])
    assert (given_answer.indicator, given_answer.effects) == ("0", ())


def test_a_rejection_is_always_journaled() -> None:
    given_answer = answer(program(rules(authority="N", audit="N")), CALLS[Server.ACCEPT])
    assert given_answer.indicator == "1"
    assert [e.kind for e in given_answer.effects] == [EffectKind.JOURNAL]


# ------------------------------------------------------------------------------------ failures


def refusing(*kinds: EffectKind):
    def record(effect: Effect) -> None:
        if effect.kind in kinds:
            raise OSError("full")

    return record


@pytest.mark.parametrize(("fail", "indicator"), [(FailMode.CLOSED, "1"), (FailMode.OPEN, "0")])
def test_a_journal_that_cannot_be_written_answers_by_the_fail_mode(
    fail: FailMode, indicator: str
) -> None:
    ruleset = replace(rules(audit="Y", message="Y"), config=Config(fail=fail))
    one = program(ruleset, refusing(EffectKind.JOURNAL))
    given_answer = answer(one, CALLS[Server.ACCEPT])
    assert (given_answer.indicator, given_answer.effects) == (indicator, ())
    assert one.counters["journal_failed"] == 1


def test_no_fail_mode_turns_a_rejection_round() -> None:
    ruleset = replace(rules(authority="N"), config=Config(fail=FailMode.OPEN))
    assert (
        answer(program(ruleset, refusing(EffectKind.JOURNAL)), CALLS[Server.ACCEPT]).indicator
        == "1"
    )


def test_a_lost_message_or_capture_is_counted_and_changes_nothing() -> None:
    one = program(rules(message="Y", capture="Y"), refusing(EffectKind.MESSAGE, EffectKind.CAPTURE))
    assert answer(one, CALLS[Server.ACCEPT]).indicator == "0"
    assert (one.counters["message_failed"], one.counters["capture_failed"]) == (1, 1)


def test_without_rules_every_call_is_rejected_and_journaled() -> None:
    for space in (empty_space(4096), b"", bytes(5000)):
        given_answer = answer(NativeProgram(space), CALLS[Server.ACCEPT])
        assert (given_answer.indicator, given_answer.status) == ("1", Status.NO_RULES)
        fixed, full = decode_u("NR", only(given_answer, EffectKind.JOURNAL).data)
        assert (fixed["reason"], fixed["rule"], full["rule"]) == ("error", 0, None)
        assert full["error"] == "no sound rule image is deployed"
        assert full["call"]["rmtaddr"] == "10.1.2.3"


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(list(Server)), st.data())
def test_a_malformed_block_rejects_where_the_python_one_rejects(server: Server, data) -> None:
    sound = block_of(CALLS[server])
    at = data.draw(st.integers(0, len(sound) - 1))
    value = data.draw(st.sampled_from((0, 1, 2, 16, 24, 28, 255)))
    block = data.draw(
        st.sampled_from((sound[:at], sound[:at] + bytes([value]) + sound[at + 1 :], sound + b"\0"))
    )
    ruleset = rules(server, audit="Y")
    sink = MemorySink()
    engine = Engine(ruleset, Mode.LIVE, revision=42)
    wanted = ExitProgram(lambda: engine, sink).run(server.format_name, block, JOB, AT)
    got = program(ruleset).answer(server.format_name, block, JOB, AT)
    assert got.indicator == wanted
    error = sink.decisions[0].error
    if error is None:
        assert got.status is Status.OK
        assert got.decision.reason is sink.decisions[0].decision.reason
    else:
        assert got.status is Status.MALFORMED
        assert f"offset {got.offset}:" in error
        fixed, _ = decode_u("NR", only(got, EffectKind.JOURNAL).data)
        assert fixed["error"] == f"{server.format_name} malformed block at offset {got.offset}"


@pytest.mark.parametrize(("fail", "allow"), [(FailMode.CLOSED, 0), (FailMode.OPEN, 1)])
def test_a_job_that_does_not_say_who_calls_is_answered_by_the_fail_mode(
    fail: FailMode, allow: int
) -> None:
    one = program(replace(rules(), config=Config(fail=fail)))
    requests = [
        one.request(server, block_of(CALLS[server]), JOB, AT)
        for server in (Server.ACCEPT, Server.LISTEN)
    ]
    for request in requests:
        request.has_facts = 0
    asked, not_activated = one.run_many(requests)
    assert (asked.allow, asked.status, asked.recorded) == (allow, Status.NO_FACTS, 1)
    # Contract, 3.1: without evaluation, so nobody is asked for.
    assert (not_activated.allow, not_activated.status, not_activated.recorded) == (1, Status.OK, 0)


def test_a_broken_sequence_of_utf_8_hides_no_control_character() -> None:
    ruleset = rules(message="Y")
    one = NativeProgram(space_of(compile_image(ruleset, target=Target(1208))))
    request = one.request(Server.ACCEPT, block_of(CALLS[Server.ACCEPT]), JOB, AT)
    for raw in (b"A\xe0\x1b[2J", b"\xf0\x1b\x1b\x1b", b"\xc2\r", b"\xe2\x80\n"):
        request.facts.job = Text(raw, len(raw))
        taking = Taking(None)
        answer = Answer()
        load().run(byref(request), byref(Cache()), Record(taking.take), None, None, byref(answer))
        (message,) = effects_of(taking.effects, EffectKind.MESSAGE)
        assert answer.allow == 1
        assert min(message.data) >= 0x20, message.data


def test_an_unknown_format_is_rejected() -> None:
    given_answer = program(rules()).answer("ACPT0200", block_of(CALLS[Server.ACCEPT]), JOB, AT)
    assert (given_answer.indicator, given_answer.status) == ("1", Status.MALFORMED)


def test_a_server_that_is_not_activated_is_allowed_and_leaves_nothing() -> None:
    one = program(replace(rules(Server.LISTEN)))
    given_answer = answer(one, CALLS[Server.ACCEPT])
    assert (given_answer.indicator, given_answer.effects) == ("0", ())
    assert given_answer.decision.reason is Reason.NOT_ACTIVATED


def test_more_groups_than_an_entry_holds_fail_closed() -> None:
    crowd = replace(JOB, groups=tuple(f"GROUP{n:05}" for n in range(3000)))
    one = program(rules(audit="Y"))
    assert answer(one, CALLS[Server.ACCEPT], crowd).indicator == "1"
    assert one.counters["journal_failed"] == 1


def test_the_counters_add_up() -> None:
    one = program(rules(authority="N"))
    for _ in range(3):
        answer(one, CALLS[Server.ACCEPT])
    answer(one, CALLS[Server.LISTEN])
    counted = one.counters
    assert (counted["calls"], counted["allowed"], counted["rejected"]) == (4, 1, 3)
    assert counted["errors"] == counted["fell_back"] == 0


def test_the_indicator_is_never_another_than_0_and_1() -> None:
    randomness = random.Random(3)
    one = program(rules())
    seen = set()
    for _ in range(2000):
        name = randomness.choice(tuple(FORMATS))
        block = bytearray(FORMATS[name].size)
        for slot in range(FORMATS[name].size % 32, len(block), 32):
            block[slot : slot + 6] = randomness.choice(
                (b"\0\0\0\x10\0\x02", b"\0\0\0\x1c\0\x18", randomness.randbytes(6))
            )
        seen.add(one.run(name, bytes(block), JOB, AT))
    assert seen == {"0", "1"}


def test_an_endpoint_is_what_the_block_says() -> None:
    # A mapped address in an IPv6 slot is its IPv4 address (assumption A5).
    block = bytearray(block_of(CALLS[Server.ACCEPT]))
    block[64:96] = bytes.fromhex("0000001c0018c3500000000000000000000000000000ffff0a01020300000000")
    ruleset = rule_set(rule(10, "RMTADDR EQ 10.1.2.3", authority="Y"), default=default_rule("N"))
    assert program(ruleset).run("ACPT0100", bytes(block), JOB, AT) == "0"
