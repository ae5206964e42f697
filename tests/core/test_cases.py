"""Rule unit tests and their coverage."""

from __future__ import annotations

from dataclasses import replace

from epm.cases import Case, CaseResult, coverage, run_case
from epm.engine import Engine
from epm.evaluate import Mode
from epm.model import Call, NotEnforced, Server, Verdict
from tests.support.builders import call, rule, rule_set

RULES = rule_set(
    rule(10, "USER EQ ALICE", "AND LCLPORT EQ 22", name="Admin"),
    rule(20, "USER EQ BOB", active=False),
    rule(30, "USER EQ CAROL"),
    activated=True,
)
ENGINE = Engine(RULES, Mode.LIVE)
ALLOW, REJECT = Verdict.ALLOW, Verdict.REJECT


def _run(one: Call, expect: Verdict, seq: int | None = None, engine: Engine = ENGINE) -> CaseResult:
    return run_case(engine, Case("case", {}, expect, seq), one)


def test_a_case_passes_where_verdict_and_rule_are_as_expected() -> None:
    admin = call(user="ALICE", lclport=22)
    assert _run(admin, REJECT).failure is None
    assert _run(admin, REJECT, 10).failure is None
    assert _run(call(user="BOB"), ALLOW, 99999).failure is None


def test_a_failure_says_what_was_got_and_by_which_rule() -> None:
    admin = call(user="ALICE", lclport=22)
    assert _run(admin, ALLOW).failure == "expected allow, got reject by rule 10"
    assert _run(admin, REJECT, 30).failure == "expected rule 30 to decide, got 10"
    assert _run(admin, ALLOW, 10).failure == "expected allow, got reject by rule 10"
    asleep = Engine(rule_set(activated=False), Mode.LIVE)
    result = _run(admin, REJECT, engine=asleep)
    assert result.failure == "expected reject, got allow (not-activated)"
    assert _run(admin, ALLOW, 10, asleep).failure == (
        "expected rule 10 to decide, got not-activated"
    )


def test_an_error_inside_is_a_rejection_by_no_rule() -> None:
    broken = replace(call(), user=5)  # type: ignore[arg-type]
    assert _run(broken, ALLOW).failure == "expected allow, got reject (error)"


def test_coverage_counts_what_the_cases_met() -> None:
    calls = [
        call(user="ALICE", lclport=22),
        call(user="ALICE", lclport=23),
        call(user="DAVE", lclport=22),
        call(user="CAROL", lclport=1),
    ]
    lines = coverage(ENGINE, [_run(one, REJECT) for one in calls])
    first, second, third, default = lines
    assert (first.server, first.seq, first.name) == (Server.ACCEPT, 10, "Admin")
    assert (first.decided, first.tried) == (1, 4)
    assert first.conditions == ((10, 2, 2), (20, 2, 2))
    assert (second.decided, second.tried, second.why) == (0, 0, NotEnforced.INACTIVE)
    assert second.conditions == ((10, 0, 0),)
    assert (third.decided, third.tried) == (1, 3)
    assert third.conditions == ((10, 1, 2),)
    assert (default.seq, default.decided, default.tried) == (99999, 2, 2)


def test_coverage_is_of_the_servers_that_were_called() -> None:
    engine = Engine(RULES, Mode.TEST)
    (line,) = coverage(engine, [_run(Call(Server.LISTEN), ALLOW, engine=engine)])
    assert (line.server, line.seq, line.decided) == (Server.LISTEN, 99999, 1)
    assert list(coverage(engine, [])) == []


def test_a_call_of_a_server_that_is_not_activated_covers_nothing() -> None:
    (line,) = coverage(ENGINE, [_run(Call(Server.LISTEN), ALLOW)])
    assert (line.server, line.decided, line.tried) == (Server.LISTEN, 0, 0)
