"""The exit program: what it answers, what it records, and what it does when things fail."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.engine import Engine
from epm.errors import JournalError
from epm.evaluate import Mode, failed, not_activated
from epm.events import Endpoint, Job
from epm.model import (
    Call,
    Condition,
    Connector,
    Decision,
    FailMode,
    Field,
    Flag,
    Operator,
    Reason,
    Rule,
    RuleName,
    RuleSet,
    Server,
    ServerRules,
    Verdict,
)
from exitprograms.formats import FORMATS, acpt0100, conn0100, lstn0100
from exitprograms.program import ExitProgram
from exitprograms.sinks import MemorySink

JOB = Job("SSHD", "QTCP", 123456, "/usr/sbin/sshd", ("QPGMR",))
AT = datetime(2026, 11, 21, 10, 0, 0)
HERE, PEER = Endpoint(0xC0A8010A, 22), Endpoint(0x0A010203, 50000)
BLOCKS = {
    "ACPT0100": acpt0100.encode(acpt0100.Accept(Endpoint(0, 22), HERE, PEER)),
    "CONN0100": conn0100.encode(conn0100.Connect(Endpoint(0, 0), PEER)),
    "LSTN0100": lstn0100.encode(lstn0100.Listen(128, HERE)),
}
ACCEPT = BLOCKS["ACPT0100"]


def decision(verdict, server=Server.ACCEPT, reason=Reason.DEFAULT):
    return Decision(server, verdict, reason, RuleName(99999, None), False, False, False)


class Fixed:
    """A decider that answers every call alike, or raises."""

    def __init__(self, answer, revision=7):
        self.answer = answer
        self.revision = revision
        self.calls = []

    def decide(self, call: Call) -> Decision:
        self.calls.append(call)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class World:
    """An exit program with its decider, its sink and what it warned of."""

    def __init__(self, answer, sink=None, **options):
        self.decider = Fixed(answer)
        self.sink = sink or MemorySink()
        self.warned = []
        self.program = ExitProgram(
            lambda: self.decider, self.sink, warn=self.warned.append, **options
        )

    def run(self, name="ACPT0100", block=ACCEPT, at=AT):
        return self.program.run(name, block, JOB, at)

    @property
    def event(self):
        (event,) = self.sink.decisions
        return event


ALLOW, REJECT = decision(Verdict.ALLOW), decision(Verdict.REJECT)


def test_an_allowed_call_answers_0():
    assert World(ALLOW).run() == "0"


def test_a_rejected_call_answers_1():
    assert World(REJECT).run() == "1"


def test_the_event_holds_call_decision_job_and_revision():
    world = World(ALLOW)
    world.run()
    assert (world.event.decision, world.event.job, world.event.revision) == (ALLOW, JOB, 7)
    assert world.event.call == acpt0100.to_call(acpt0100.decode(ACCEPT), JOB, AT)
    assert (world.event.enforced, world.event.error) == (True, None)


def test_the_answer_is_recorded_before_it_is_given():
    """A sink that stops the process leaves no answer behind."""

    class Killed(BaseException):
        pass

    class Sink:
        def decided(self, event):
            raise Killed

    world = World(ALLOW, sink=Sink())
    with pytest.raises(Killed):
        world.run()


def test_a_server_that_is_not_activated_is_allowed_and_leaves_no_event():
    world = World(not_activated(Server.ACCEPT))
    assert world.run() == "0"
    assert not world.sink.decisions


def test_the_decider_is_taken_once_a_call():
    taken = []

    def rules():
        taken.append(1)
        return Fixed(ALLOW)

    ExitProgram(rules, MemorySink()).run("ACPT0100", ACCEPT, JOB, AT)
    assert taken == [1]


def test_an_at_with_an_offset_is_converted_to_local_time():
    world = World(ALLOW)
    aware = datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=5)))
    world.run(at=aware)
    (call,) = world.decider.calls
    assert call.at == aware.astimezone().replace(tzinfo=None)
    assert call.at.tzinfo is None


# --------------------------------------------------------------------------- malformed input


@pytest.mark.parametrize("fail", list(FailMode))
def test_a_malformed_block_rejects_whatever_the_fail_mode_says(fail):
    world = World(ALLOW, fail=fail)
    assert world.run(block=ACCEPT[:95]) == "1"
    assert world.event.decision == failed(Server.ACCEPT, FailMode.CLOSED)
    assert world.event.error == "ACPT0100 offset 95: ACPT0100 is 96 bytes, this block is 95"
    assert not world.decider.calls


def test_the_event_of_a_malformed_block_says_who_and_when():
    world = World(ALLOW)
    world.run(block=b"")
    call = world.event.call
    assert (call.user, call.job, call.pgm, call.groups, call.at) == (
        "QTCP",
        "SSHD",
        "/usr/sbin/sshd",
        ("QPGMR",),
        AT,
    )
    assert call.rmtaddr is None


def test_an_unknown_format_rejects_and_is_told():
    world = World(ALLOW)
    assert world.run("QMF\x1b[2J") == "1"
    assert not world.sink.decisions
    (line,) = world.warned
    assert "is not known" in line
    assert line.isprintable()


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=110))
def test_every_hostile_block_answers_1(name, block):
    if len(block) == FORMATS[name].size:
        block = block[:-1]
    assert World(ALLOW).run(name, block) == "1"


@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_block_with_one_bad_length_answers_1(name, data):
    block = bytearray(BLOCKS[name])
    offset = data.draw(st.sampled_from([4] if name == "LSTN0100" else range(0, len(block), 32)))
    length = data.draw(st.integers(-(1 << 31), (1 << 31) - 1).filter(lambda n: n != 16))
    block[offset : offset + 4] = length.to_bytes(4, "big", signed=True)
    assert World(ALLOW).run(name, bytes(block)) == "1"


def test_what_is_not_even_bytes_answers_1():
    world = World(ALLOW)
    assert world.run(block=None) == "1"
    assert "TypeError" in world.warned[0]


# ------------------------------------------------------------------------------ failures


@pytest.mark.parametrize(("fail", "answer"), [(FailMode.CLOSED, "1"), (FailMode.OPEN, "0")])
def test_an_error_of_the_decider_answers_by_the_fail_mode_and_is_recorded(fail, answer):
    world = World(ZeroDivisionError("bad\nrule"), fail=fail)
    assert world.run() == answer
    assert world.event.decision == failed(Server.ACCEPT, fail)
    assert world.event.error == "ZeroDivisionError: bad\\u000arule"
    assert world.event.decision.is_logged


def test_rules_that_cannot_be_had_answer_by_the_fail_mode():
    sink = MemorySink()

    def rules():
        raise OSError("no rules")

    assert ExitProgram(rules, sink).run("ACPT0100", ACCEPT, JOB, AT) == "1"
    assert sink.decisions[0].error == "OSError: no rules"


@pytest.mark.parametrize("failure", [JournalError("disk full"), ValueError("a bug")])
@pytest.mark.parametrize(("fail", "answer"), [(FailMode.CLOSED, "1"), (FailMode.OPEN, "0")])
def test_a_decision_that_cannot_be_recorded_answers_by_the_fail_mode_and_is_told(
    failure, fail, answer
):
    world = World(ALLOW, sink=MemorySink(failure=failure), fail=fail)
    assert world.run() == answer
    assert str(failure) in world.warned[0]


def test_fail_open_never_turns_a_rejection_into_an_allowance():
    world = World(REJECT, sink=MemorySink(failure=JournalError("full")), fail=FailMode.OPEN)
    assert world.run() == "1"


def test_the_fail_mode_may_change_while_the_program_runs():
    mode = FailMode.CLOSED
    world = World(KeyError("x"), fail=lambda: mode)
    assert world.run() == "1"
    mode = FailMode.OPEN
    assert world.run() == "0"


def test_a_fail_mode_that_cannot_be_had_is_closed():
    def mode():
        raise RuntimeError

    assert World(KeyError("x"), fail=mode).run() == "1"


def test_a_broken_warn_hook_changes_nothing():
    def warn(text):
        raise RuntimeError(text)

    program = ExitProgram(lambda: Fixed(ALLOW), MemorySink(), warn=warn)
    assert program.run("NONSENSE", ACCEPT, JOB, AT) == "1"


def test_an_error_text_is_one_bounded_line():
    world = World(ValueError("x" * 100_000))
    world.run()
    assert len(world.event.error) < 1000


# ------------------------------------------------------------------------------ log only


def test_log_only_answers_0_and_says_the_rejection_was_not_enforced():
    world = World(REJECT, log_only=True)
    assert world.run() == "0"
    assert world.event.enforced is False
    assert world.event.decision.verdict is Verdict.REJECT


def test_log_only_leaves_an_allowed_call_enforced():
    world = World(ALLOW, log_only=True)
    world.run()
    assert world.event.enforced is True


def test_log_only_never_blocks_whatever_fails():
    malformed = World(ALLOW, log_only=True)
    assert malformed.run(block=b"") == "0"
    assert malformed.event.enforced is False
    unknown = World(ALLOW, log_only=True)
    assert unknown.run("NONSENSE") == "0"
    unrecorded = World(ALLOW, log_only=True, sink=MemorySink(failure=JournalError("full")))
    assert unrecorded.run() == "0"
    assert unknown.warned
    assert unrecorded.warned


# ------------------------------------------------------------------------ with a real engine


def test_with_real_rules_the_peer_of_the_block_decides():
    rule = Rule(
        10,
        "No 10.x",
        Flag.NO,
        active=True,
        conditions=(Condition(10, Connector.AND, Field.RMTADDR, Operator.EQ, "10.0.0.0/8"),),
    )
    default = Rule(99999, None, Flag.YES, active=True)
    servers = {s: ServerRules() for s in Server} | {
        Server.ACCEPT: ServerRules(True, (rule, default))
    }
    engine = Engine(RuleSet(servers=servers), Mode.LIVE, revision=3)
    sink = MemorySink()
    program = ExitProgram(lambda: engine, sink)
    other = acpt0100.encode(acpt0100.Accept(HERE, HERE, Endpoint(0x0B010203, 50000)))
    assert program.run("ACPT0100", ACCEPT, JOB, AT) == "1"
    assert program.run("ACPT0100", other, JOB, AT) == "0"
    assert program.run("LSTN0100", BLOCKS["LSTN0100"], JOB, AT) == "0"
    assert [e.decision.rule.seq for e in sink.decisions] == [10, 99999]


def test_consult_gives_the_recorded_event_with_the_answer():
    world = World(REJECT)
    assert world.program.consult("ACPT0100", ACCEPT, JOB, AT) == ("1", world.event)
