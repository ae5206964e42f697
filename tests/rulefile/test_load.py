"""What a rule file says (contract, section 4): the example, defaults, scalars as written."""

from __future__ import annotations

import json

import pytest

from epm.model import (
    AddressGroup,
    Condition,
    Config,
    Connector,
    FailMode,
    Field,
    Flag,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
    shipped_default,
)
from epm.rulefile.load import load_rules

ACCEPT = Server.ACCEPT
EXAMPLE = """\
version: 1
config: {audit: N, message: N, capture: N}
groups:
  addresses: {ADMINS: {include: [10.0.0.0/8], exclude: [10.9.0.0/16]}}
  names: {OPERATORS: [ALICE, "QPG*"]}
  ports: {HOSTSRV: ["8470-8476", 449]}
servers:
  QSOACCEPT:
    activated: true
    rules:
      - seq: 10
        name: Admin subnet to SSH
        authority: Y
        audit: Y
        message: "*"
        capture: "*"
        active: Y
        test: Y
        conditions:
          - {seq: 10, field: RMTADDR, op: GRP, value: ADMINS}
          - {seq: 20, connector: AND, field: LCLPORT, op: EQ, value: 22}
      - {seq: 99999, name: Default, authority: N, audit: Y}
"""


def _rules(text: str) -> tuple[Rule, ...]:
    return load_rules(text).ruleset.servers[ACCEPT].rules


def one_rule(body: str) -> Rule:
    """Return rule 10 of a file whose rule has ``body`` among its keys."""
    return _rules(f"version: 1\nservers: {{QSOACCEPT: {{rules: [{{seq: 10, {body}}}]}}}}\n")[0]


def test_the_contracts_example() -> None:
    ruleset = load_rules(EXAMPLE).ruleset
    assert ruleset.config == Config()
    assert ruleset.groups.addresses == {"ADMINS": AddressGroup(("10.0.0.0/8",), ("10.9.0.0/16",))}
    assert ruleset.groups.names == {"OPERATORS": ("ALICE", "QPG*")}
    assert ruleset.groups.ports == {"HOSTSRV": ("8470-8476", "449")}
    assert ruleset.servers[ACCEPT] == ServerRules(
        activated=True,
        rules=(
            Rule(
                10,
                "Admin subnet to SSH",
                Flag.YES,
                audit=Flag.YES,
                active=True,
                conditions=(
                    Condition(10, Connector.AND, Field.RMTADDR, Operator.GRP, "ADMINS"),
                    Condition(20, Connector.AND, Field.LCLPORT, Operator.EQ, "22"),
                ),
            ),
            Rule(99999, "Default", Flag.NO, audit=Flag.YES, active=True),
        ),
    )
    for server in (Server.LISTEN, Server.CONNECT):
        assert ruleset.servers[server] == ServerRules()


def test_a_file_with_nothing_but_its_version_is_the_shipped_rule_set() -> None:
    for text in ("version: 1", "version: 1\nconfig:\ngroups: ~\nservers: null\ntests:\n"):
        assert load_rules(text).ruleset == RuleSet()


def test_what_a_rule_leaves_out() -> None:
    assert one_rule("authority: N") == Rule(10, None, Flag.NO)
    assert _rules("version: 1")[-1] == shipped_default()
    rules = _rules("version: 1\nservers: {QSOACCEPT: {rules: [{seq: 99999, authority: N}]}}")
    assert rules == (Rule(99999, None, Flag.NO, active=True, test=True),)


def test_a_conditions_sequence_is_ten_times_its_place_and_its_connector_and() -> None:
    conditions = "[{field: DAY, op: EQ, value: MON}, {field: DAY, op: EQ, value: TUE}]"
    own = one_rule(f"authority: N, conditions: {conditions}")
    assert [(c.seq, c.connector) for c in own.conditions] == [(10, "AND"), (20, "AND")]


def test_the_place_counts_conditions_that_have_a_sequence_of_their_own() -> None:
    conditions = "[{seq: 15, field: DAY, op: EQ, value: MON}, {field: DAY, op: EQ, value: TUE}]"
    own = one_rule(f"authority: N, conditions: {conditions}")
    assert [(c.seq, c.value) for c in own.conditions] == [(15, "MON"), (20, "TUE")]


def test_rules_and_conditions_come_in_sequence_whatever_their_order_in_the_file() -> None:
    conditions = (
        "[{seq: 2, field: DAY, op: EQ, value: TUE}, {seq: 1, field: DAY, op: EQ, value: MON}]"
    )
    rules = _rules(
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 99999, authority: N}, "
        f"{{seq: 20, authority: Y, conditions: {conditions}}}, {{seq: 10, authority: N}}]}}}}"
    )
    assert [r.seq for r in rules] == [10, 20, 99999]
    assert [c.value for c in rules[1].conditions] == ["MON", "TUE"]


@pytest.mark.parametrize("word", ["Y", "y", "yes", "YES", "true", "True", '"Y"', "'yes'"])
def test_yes_words(word: str) -> None:
    own = one_rule(f"authority: {word}, audit: {word}, active: {word}, test: {word}")
    assert (own.authority, own.audit, own.active, own.test) == (Flag.YES, Flag.YES, True, True)


@pytest.mark.parametrize("word", ["N", "n", "no", "NO", "false", "False", '"N"', "'no'"])
def test_no_words(word: str) -> None:
    own = one_rule(f"authority: {word}, audit: {word}, active: {word}, test: {word}")
    assert (own.authority, own.audit, own.active, own.test) == (Flag.NO, Flag.NO, False, False)


def test_star_inherits() -> None:
    own = one_rule('authority: "*", audit: "*", message: "*", capture: "*"')
    assert {own.authority, own.audit, own.message, own.capture} == {Flag.INHERIT}


def test_flags_do_not_take_each_others_values() -> None:
    own = one_rule("authority: Y, audit: N, message: Y, capture: N")
    assert (own.authority, own.audit, own.message, own.capture) == ("Y", "N", "Y", "N")


@pytest.mark.parametrize(
    "text",
    ["17:00", "NO", "010", "null", "~", "1e3", "0x1F", "1_000", "on", "2026-11-21", ".inf", "Yes"],
)
def test_an_unquoted_scalar_stays_the_text_that_was_written(text: str) -> None:
    own = one_rule(
        f"authority: N, name: {text}, conditions: [{{field: JOB, op: EQ, value: {text}}}]"
    )
    assert own.name == text
    assert own.conditions[0].value == text


def test_an_escape_is_one_only_between_double_quotes() -> None:
    written = "\\ud83d\\ude00"
    assert one_rule(f"authority: N, name: '{written}'").name == written
    assert one_rule(f"authority: N, name: {written}").name == written


def test_an_unquoted_time_and_number_are_values() -> None:
    conditions = "[{field: TIME, op: GE, value: 17:00}, {field: LCLPORT, op: EQ, value: 22}]"
    own = one_rule(f"authority: N, conditions: {conditions}")
    assert [c.value for c in own.conditions] == ["17:00", "22"]


@pytest.mark.parametrize("written", ['name: ""', "name: ", "name: ''"])
def test_an_empty_name_is_none(written: str) -> None:
    assert one_rule(f"authority: N, {written}").name is None


def test_the_configuration() -> None:
    text = "version: 1\nconfig: {audit: Y, capture: yes, message_queue: Q, journal: J, fail: open}"
    assert load_rules(text).ruleset.config == Config(
        audit=True, capture=True, message_queue="Q", journal="J", fail=FailMode.OPEN
    )


@pytest.mark.parametrize(("word", "activated"), [("true", True), ("no", False), ("Y", True)])
def test_activation(word: str, activated: bool) -> None:
    text = f"version: 1\nservers: {{QSOLISTEN: {{activated: {word}}}}}"
    assert load_rules(text).ruleset.servers[Server.LISTEN].activated is activated


def test_the_line_of_each_rule_is_kept() -> None:
    lines = load_rules(EXAMPLE).lines
    assert lines == {(ACCEPT, 10): 11, (ACCEPT, 99999): 22}


def test_a_host_name_is_taken_unresolved() -> None:
    own = one_rule("authority: N, conditions: [{field: RMTADDR, op: EQ, value: Db.Example}]")
    assert own.conditions[0].value == "Db.Example"


# ------------------------------------------------------------------------------------ JSON


#: With what JSON escapes: a quote, backslashes before and beside characters of two escapes.
NAME = 'Tab\\ "q" \U0001f600\U0001f680 \\\U0001f600 \\ud83d\\ude00'
AS_JSON = {
    "version": 1,
    "config": {"audit": "Y", "journal": "J"},
    "groups": {"names": {"OPS/X": ["ALICE", "QPG*"]}, "ports": {"P": ["1-2", 449]}},
    "servers": {
        "QSOACCEPT": {
            "activated": True,
            "rules": [
                {
                    "seq": 10,
                    "name": NAME,
                    "authority": "*",
                    "active": False,
                    "conditions": [{"field": "LCLPORT", "op": "EQ", "value": 22}],
                }
            ],
        }
    },
    "tests": [{"always": {"server": "QSOACCEPT", "rmtport": 1, "user": None, "groups": []}}],
}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_a_json_file_is_a_rule_file(
    ascii_only: bool, indent: int | str | None, separators: tuple[str, str] | None
) -> None:
    text = json.dumps(AS_JSON, ensure_ascii=ascii_only, indent=indent, separators=separators)
    for written in (text, text.replace("/", "\\/"), f"\r\n {text}\r\n"):
        file = load_rules(written)
        own = file.ruleset.servers[ACCEPT].rules[0]
        assert own.name == NAME
        assert own.authority is Flag.INHERIT
        assert not own.active
        assert own.conditions[0].value == "22"
        assert file.ruleset.groups.names == {"OPS/X": ("ALICE", "QPG*")}
        assert file.ruleset.groups.ports == {"P": ("1-2", "449")}
        (case,) = file.tests
        assert case.call == {"server": "QSOACCEPT", "rmtport": "1", "user": None, "groups": []}
