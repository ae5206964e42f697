"""Rule tests in YAML: ``tests:`` of a rule file and files of their own."""

from __future__ import annotations

import json

import pytest

from epm.cases import Case
from epm.errors import RuleFileError
from epm.model import Verdict
from epm.rulefile.cases import load_cases
from epm.rulefile.load import load_rules

CALL = {"server": "QSOACCEPT", "rmtaddr": "10.0.0.1", "groups": ["A", "B"]}
LIST = """\
- name: Admin may
  call: {server: QSOACCEPT, rmtaddr: 10.0.0.1, groups: [A, B]}
  expect: allow
  rule: 10
- {always: {server: QSOACCEPT, rmtaddr: 10.0.0.1, groups: [A, B]}}
- name: Nobody
  never: {server: QSOACCEPT, rmtaddr: 10.0.0.1, groups: [A, B]}
"""
CASES = (
    Case("Admin may", CALL, Verdict.ALLOW, 10),
    Case("test 2", CALL, Verdict.ALLOW, keyword="always"),
    Case("Nobody", CALL, Verdict.REJECT, keyword="never"),
)
INDENTED = "".join(f"  {line}\n" for line in LIST.splitlines())


@pytest.mark.parametrize(
    "text", [LIST, f"tests:\n{INDENTED}", f"cases:\n{INDENTED}"], ids=["list", "tests", "cases"]
)
def test_the_three_forms_of_a_file(text: str) -> None:
    assert load_cases(text) == CASES


def test_the_tests_of_a_rule_file() -> None:
    assert load_rules(f"version: 1\ntests:\n{INDENTED}").tests == CASES


def test_a_rule_file_serves_as_a_file_of_cases() -> None:
    assert load_cases(f"version: 1\nservers: {{}}\ntests:\n{INDENTED}") == CASES


def test_the_rules_sequence_may_be_called_seq() -> None:
    (case,) = load_cases("- {call: {server: QSOACCEPT}, expect: reject, seq: 20}")
    assert (case.rule, case.expect) == (20, Verdict.REJECT)


def test_a_plain_null_is_a_missing_field_and_a_quoted_one_a_text() -> None:
    (case,) = load_cases(
        '- {always: {server: QSOACCEPT, user: null, job: "null", pgm: ~, lclport: }}'
    )
    assert case.call == {
        "server": "QSOACCEPT",
        "user": None,
        "job": "null",
        "pgm": None,
        "lclport": None,
    }


def test_scalars_of_a_call_stay_as_written() -> None:
    (case,) = load_cases("- {always: {server: QSOACCEPT, user: NO, pgm: 010}}")
    assert case.call == {"server": "QSOACCEPT", "user": "NO", "pgm": "010"}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_json_list_of_cases(ascii_only: bool) -> None:
    written = [{"name": "smile \U0001f600", "call": CALL, "expect": "allow"}]
    (case,) = load_cases(json.dumps(written, ensure_ascii=ascii_only))
    assert case == Case("smile \U0001f600", CALL, Verdict.ALLOW)


@pytest.mark.parametrize(
    ("text", "line", "where", "why"),
    [
        ("", None, "", "empty"),
        ("x", 1, "", "rule tests are a list"),
        ("version: 1\n", 1, "", "no list of tests or cases"),
        ("tests: x\n", 1, "tests: ", "must be a list"),
        ("- a\n", 1, "", "must be a mapping"),
        ("- {call: {server: QSOACCEPT}}\n", 1, "test 1: ", "expect is missing"),
        ("- {expect: allow}\n", 1, "test 1: ", "exactly one of call, always and never"),
        ("- {call: {}, always: {}, expect: allow}\n", 1, "test 1: ", "exactly one"),
        ("- {always: {}, never: {}}\n", 1, "test 1: ", "exactly one"),
        ("- {call: , expect: allow}\n", 1, "test 1: ", "the call is missing"),
        ("- {call: x, expect: allow}\n", 1, "test 1: call: ", "must be a mapping"),
        ("- {call: {server: QSOACCEPT}, expect: deny}\n", 1, "test 1: expect: ", "allow reject"),
        ("- {always: {server: QSOACCEPT}, expect: allow}\n", 1, "test 1: expect: ", "always"),
        ("- {always: {server: X}, rule: 5, seq: 5}\n", 1, "test 1: seq: ", "rule and seq"),
        ("- {always: {server: X}, rule: 0}\n", 1, "test 1: rule: ", "'0'"),
        ("- {always: {server: X}, rules: 5}\n", 1, "test 1: rules: ", "unknown key"),
        ("- {always: {server: {a: b}}}\n", 1, "test 1: server: ", "text or a list"),
        ("- {always: {server: X, 'x: y': 1}}\n", 1, "test 1: x: y: ", "unknown key"),
        ("- always: {server: QSOACCEPT}\n- {}\n", 2, "test 2: ", "exactly one"),
        ('- name: "a\\e[2J"\n  always: {server: X}\n', 1, "test 1: name: ", "U+001B"),
        ('- always: {server: X, user: "\\e"}\n', 1, "test 1: user: ", "U+001B"),
        ('- always: {server: X, groups: ["\\e"]}\n', 1, "test 1: groups: ", "U+001B"),
    ],
)
def test_a_malformed_case_names_file_line_and_case(
    text: str, line: int | None, where: str, why: str
) -> None:
    with pytest.raises(RuleFileError) as raised:
        load_cases(text, "my.yaml")
    error = str(raised.value)
    assert error.startswith("my.yaml:" if line is None else f"my.yaml:{line}: {where}"), error
    assert why in error
    assert error.isprintable()
