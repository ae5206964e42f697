"""Export, import, export: the same rules and the same bytes, whatever the names hold."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epm.calls import call_to_mapping
from epm.cases import Case
from epm.model import Groups, Rule, RuleSet, Server, Verdict
from epm.rulefile import nodes
from epm.rulefile.cases import load_cases
from epm.rulefile.dump import dump_rules, dump_tests, scalar
from epm.rulefile.load import load_rules
from epm.rulefile.nodes import parse_yaml
from epm.soundness import check_ruleset
from tests.support.builders import rule, rule_set
from tests.support.strategies import TRICKY, calls, named_rule_sets, rule_names

usual = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _survives(ruleset: RuleSet, tests: tuple[Case, ...] = ()) -> None:
    text = dump_rules(ruleset, tests)
    again = load_rules(text, "export")
    assert again.ruleset == ruleset
    assert again.tests == tests
    assert dump_rules(again.ruleset, again.tests) == text
    text.encode()  # no lone surrogate: it can be written


@usual
@given(named_rule_sets())
def test_a_rule_set_survives_export_and_import(ruleset: RuleSet) -> None:
    check_ruleset(ruleset)  # the generator makes sound ones
    _survives(ruleset)


@pytest.mark.heavy
@settings(usual, max_examples=3_000)
@given(named_rule_sets())
def test_many_rule_sets_survive(ruleset: RuleSet) -> None:
    _survives(ruleset)


@pytest.mark.parametrize("text", TRICKY)
def test_a_tricky_text_survives_as_name_value_and_group(text: str) -> None:
    named = None if not text.strip() else text
    own = rule(10, f"PGM EQ {text}", name=named)
    groups = Groups(names={text.strip(): ("A",)})
    _survives(rule_set(own, groups=groups))


def test_what_was_not_said_is_not_exported() -> None:
    text = dump_rules(RuleSet())
    assert "groups" not in text
    assert "tests" not in text
    assert text.count("seq: 99999") == 3
    assert "name:" not in text
    assert "active:" not in text  # fixed for a default rule


def test_the_export_is_ordered_and_says_each_flag() -> None:
    own = rule(10, "RMTADDR EQ 10.0.0.0/8", "OR USER LIKE QPG*", name="NO", authority="*")
    text = dump_rules(rule_set(own))
    expected = """\
      - seq: 10
        name: "NO"
        authority: "*"
        audit: "*"
        message: "*"
        capture: "*"
        active: Y
        test: Y
        conditions:
          - {seq: 10, connector: AND, field: RMTADDR, op: EQ, value: 10.0.0.0/8}
          - {seq: 20, connector: OR, field: USER, op: LIKE, value: "QPG*"}
"""
    assert expected in text
    places = [text.index(str(server)) for server in Server]
    assert places == sorted(places)


# ---------------------------------------------------------------------------------- scalars

any_text = st.one_of(rule_names, st.sampled_from(TRICKY), st.text(st.characters(codec="utf-8")))


@settings(deadline=None)
@given(any_text)
def test_a_scalar_reads_back_as_itself_in_a_block_and_in_a_flow(text: str) -> None:
    tree = parse_yaml(f"a: {scalar(text)}\nb: {{c: {scalar(text)}, d: [{scalar(text)}]}}\n", "t")
    assert isinstance(tree, nodes.Mapping)
    block, flow = tree.pairs["a"], tree.pairs["b"]
    assert isinstance(flow, nodes.Mapping)
    listed = flow.pairs["d"]
    assert isinstance(listed, nodes.Sequence)
    found = [block, flow.pairs["c"], listed.items[0]]
    assert [node.text for node in found if isinstance(node, nodes.Scalar)] == [text] * 3


@settings(deadline=None)
@given(any_text)
def test_other_yaml_readers_take_a_scalar_for_the_same_text_or_a_number(text: str) -> None:
    value = yaml.safe_load(f"a: {scalar(text)}\n")["a"]
    assert value == text or (isinstance(value, int) and str(value) == text)


# ------------------------------------------------------------------------- both YAML parsers


def _shape(node: nodes.Node) -> Any:
    if isinstance(node, nodes.Scalar):
        return node.text
    if isinstance(node, nodes.Sequence):
        return [_shape(item) for item in node.items]
    return {key: _shape(value) for key, value in node.pairs.items()}


@settings(usual, max_examples=15)
@given(named_rule_sets())
def test_without_libyaml_the_same_is_read(ruleset: RuleSet) -> None:
    text = dump_rules(ruleset)
    fast = parse_yaml(text, "t")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_LOADER", yaml.BaseLoader)
        assert _shape(parse_yaml(text, "t")) == _shape(fast)


# ------------------------------------------------------------------------------------- JSON


def _as_json(ruleset: RuleSet) -> dict[str, Any]:
    """Return the rule set as the JSON object a program would write."""
    groups = ruleset.groups
    return {
        "version": 1,
        "config": {
            **{k: getattr(ruleset.config, k) for k in ("audit", "message", "capture")},
            "fail": str(ruleset.config.fail),
        },
        "groups": {
            "addresses": {
                name: {"include": list(g.include), "exclude": list(g.exclude)}
                for name, g in groups.addresses.items()
            },
            "names": {name: list(lines) for name, lines in groups.names.items()},
            "ports": {name: list(lines) for name, lines in groups.ports.items()},
        },
        "servers": {
            str(server): {"activated": own.activated, "rules": [_rule(r) for r in own.rules]}
            for server, own in ruleset.servers.items()
        },
    }


def _rule(own: Rule) -> dict[str, Any]:
    out: dict[str, Any] = {
        key: str(getattr(own, key)) for key in ("authority", "audit", "message", "capture")
    }
    out |= {"seq": own.seq, "active": own.active, "test": own.test}
    out |= {} if own.name is None else {"name": own.name}
    out["conditions"] = [
        {"seq": c.seq, "connector": c.connector, "field": c.field, "op": c.op, "value": c.value}
        for c in own.conditions
    ]
    return out


#: JSON may hold these as they are, YAML 1.1 only as escapes; such a file is refused.
_ONLY_ESCAPED = re.compile("[\ufeff\ufffe\uffff]")


@settings(usual, max_examples=40)
@given(named_rule_sets(), st.booleans())
def test_a_rule_set_written_as_json_is_read(ruleset: RuleSet, ascii_only: bool) -> None:
    text = json.dumps(_as_json(ruleset), ensure_ascii=ascii_only)
    text = _ONLY_ESCAPED.sub(lambda m: json.dumps(m[0])[1:-1], text)
    assert load_rules(text).ruleset == ruleset


# ------------------------------------------------------------------------------------ tests

_verdict_and_keyword = st.sampled_from(
    [("allow", "expect"), ("reject", "expect"), ("allow", "always"), ("reject", "never")]
)


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    one = call_to_mapping(draw(calls(draw(st.sampled_from(Server)))))
    written: dict[str, object] = {k: v if isinstance(v, list) else str(v) for k, v in one.items()}
    if draw(st.booleans()):
        written["user"] = draw(rule_names)
    if draw(st.booleans()):
        written["pgm"] = None
    verdict, keyword = draw(_verdict_and_keyword)
    seq = draw(st.none() | st.integers(1, 99999))
    return Case(draw(rule_names), written, Verdict(verdict), seq, keyword)


@usual
@given(st.lists(_cases(), max_size=4).map(tuple))
def test_tests_survive_export_and_import(cases: tuple[Case, ...]) -> None:
    _survives(RuleSet(), cases)
    if cases:
        assert load_cases(dump_tests(cases)) == cases
    else:
        assert dump_tests(cases) == ""
