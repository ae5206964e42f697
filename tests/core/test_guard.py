"""The lock-out guard keeps the ``always:`` and ``never:`` lines before rules go live."""

from __future__ import annotations

from datetime import datetime

import pytest

from epm.cases import Case
from epm.guard import objections
from epm.model import RuleSet, Verdict
from tests.support.builders import default_rule, rule, rule_set

NOW = datetime(2026, 11, 21, 10)
ADMIN: dict[str, object] = {"server": "QSOACCEPT", "user": "ADMIN"}


def _always(call: dict[str, object], name: str = "me") -> Case:
    return Case(name, call, Verdict.ALLOW, keyword="always")


def _never(call: dict[str, object], name: str = "them") -> Case:
    return Case(name, call, Verdict.REJECT, keyword="never")


def _objections(ruleset: RuleSet, *cases: Case) -> tuple[str, ...]:
    return objections(ruleset, cases, now=NOW, localize=lambda at: at)


LOCKED = rule_set(rule(10, "USER EQ ADMIN"))
OPEN = rule_set(rule(10, "USER EQ BOB"))


def test_an_always_line_that_would_be_rejected_is_objected_to() -> None:
    (line,) = _objections(LOCKED, _always(ADMIN))
    assert line == "always line 'me': expected allow, got reject by rule 10"
    assert _objections(OPEN, _always(ADMIN)) == ()


def test_a_never_line_that_would_be_allowed_is_objected_to() -> None:
    (line,) = _objections(OPEN, _never(ADMIN))
    assert line == "never line 'them': expected reject, got allow by rule 99999"
    assert _objections(LOCKED, _never(ADMIN)) == ()


def test_each_broken_line_is_shown() -> None:
    lines = _objections(LOCKED, _always(ADMIN, "a"), _never({"server": "QSOACCEPT"}, "b"))
    assert [line.partition(":")[0] for line in lines] == ["always line 'a'", "never line 'b'"]


def test_an_ordinary_case_is_none_of_its_business() -> None:
    assert _objections(LOCKED, Case("test", ADMIN, Verdict.ALLOW)) == ()


def test_a_server_that_is_not_activated_breaks_no_line() -> None:
    asleep = rule_set(rule(10, "USER EQ ADMIN"), activated=False)
    assert _objections(asleep, _always(ADMIN), _never({"server": "QSOACCEPT"})) == ()


def test_the_live_rules_count_not_those_on_trial() -> None:
    trial = rule_set(rule(10, "USER EQ ADMIN", active=False, test=True))
    assert _objections(trial, _always(ADMIN)) == ()
    live = rule_set(rule(10, "USER EQ ADMIN", active=True, test=False))
    assert len(_objections(live, _always(ADMIN))) == 1


@pytest.mark.parametrize(
    "call",
    [
        {"server": "QSOACCEPT", "rmtaddr": "10.1"},
        {"server": "QSOACCEPT", "backlog": 5},
        {"server": "X"},
        {},
    ],
)
def test_a_line_that_cannot_be_read_is_objected_to_not_passed_over(
    call: dict[str, object],
) -> None:
    (line,) = _objections(OPEN, _always(call))
    assert line.startswith("always line 'me' cannot be read: ")


def test_a_missing_time_is_now() -> None:
    by_day = rule_set(rule(10, "TIME RANGE 09:00-11:00"))
    assert len(_objections(by_day, _always({"server": "QSOACCEPT"}))) == 1
    by_night = rule_set(rule(10, "TIME RANGE 22:00-06:00"))
    assert _objections(by_night, _always({"server": "QSOACCEPT"})) == ()


def test_a_host_name_counts_as_it_is_resolved() -> None:
    ruleset = rule_set(rule(10, "RMTADDR EQ a.example", authority="Y"), default=default_rule("N"))
    case = _always({"server": "QSOACCEPT", "rmtaddr": "10.0.0.1"})
    resolved = {"a.example": frozenset({0x0A000001})}
    assert len(_objections(ruleset, case)) == 1
    assert objections(ruleset, [case], now=NOW, localize=lambda at: at, resolved=resolved) == ()
