"""From a rule set to a rule file's text, always the same for the same rules.

INVARIANT: ``load_rules(dump_rules(x)).ruleset == x``, and the text of that is the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from epm.cases import Case
from epm.model import AddressGroup, Condition, Config, Groups, Rule, RuleSet, Server, ServerRules

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?")
#: What other YAML readers would take for something else than text.
_GUESSED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
#: Characters that may not stand in YAML as they are, even between quotes.
_UNPRINTABLE = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def scalar(text: str) -> str:
    """Return ``text`` as a YAML scalar that every reader takes for the same text."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _GUESSED
    if plain or _NUMBER.fullmatch(text) or _ADDRESS.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda m: json.dumps(m[0])[1:-1], quoted)


def dump_rules(ruleset: RuleSet, tests: Sequence[Case] = ()) -> str:
    """Return the rule file of a rule set, in canonical form."""
    return "\n".join(_lines(ruleset, tests)) + "\n"


def _lines(ruleset: RuleSet, tests: Sequence[Case]) -> Iterator[str]:
    yield "version: 1"
    yield f"config: {_config(ruleset.config)}"
    if ruleset.groups != Groups():
        yield "groups:"
        yield from _groups(ruleset.groups)
    yield "servers:"
    for server in Server:
        yield from _server(server, ruleset.servers[server])
    if tests:
        yield "tests:"
        yield from dump_cases(tests)


def _flow(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def _flow_list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(scalar(t) for t in texts) + "]"


def _yes_no(value: bool) -> str:
    return "Y" if value else "N"


def _flag(value: str) -> str:
    return '"*"' if value == "*" else value


def _config(config: Config) -> str:
    return _flow(
        [
            ("audit", _yes_no(config.audit)),
            ("message", _yes_no(config.message)),
            ("capture", _yes_no(config.capture)),
            ("message_queue", scalar(config.message_queue)),
            ("journal", scalar(config.journal)),
            ("fail", str(config.fail)),
        ]
    )


def _groups(groups: Groups) -> Iterator[str]:
    if groups.addresses:
        yield "  addresses:"
        for name in sorted(groups.addresses):
            yield f"    {scalar(name)}: {_address_group(groups.addresses[name])}"
    for kind, lists in (("names", groups.names), ("ports", groups.ports)):
        if lists:
            yield f"  {kind}:"
            for name in sorted(lists):
                yield f"    {scalar(name)}: {_flow_list(lists[name])}"


def _address_group(group: AddressGroup) -> str:
    return _flow([("include", _flow_list(group.include)), ("exclude", _flow_list(group.exclude))])


def _server(server: Server, rules: ServerRules) -> Iterator[str]:
    yield f"  {server}:"
    yield f"    activated: {'true' if rules.activated else 'false'}"
    yield "    rules:"
    for rule in rules.rules:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"      - seq: {rule.seq}"
    if rule.name is not None:
        yield f"        name: {scalar(rule.name)}"
    for key in ("authority", "audit", "message", "capture"):
        yield f"        {key}: {_flag(getattr(rule, key))}"
    if not rule.is_default:
        yield f"        active: {_yes_no(rule.active)}"
        yield f"        test: {_yes_no(rule.test)}"
    if rule.conditions:
        yield "        conditions:"
        for condition in rule.conditions:
            yield f"          - {_condition(condition)}"


def _condition(condition: Condition) -> str:
    return _flow(
        [
            ("seq", str(condition.seq)),
            ("connector", str(condition.connector)),
            ("field", str(condition.field)),
            ("op", str(condition.op)),
            ("value", scalar(condition.value)),
        ]
    )


def dump_tests(cases: Sequence[Case]) -> str:
    """Return a text that ``load_cases`` reads back; no cases are an empty text."""
    return "\n".join(["tests:", *dump_cases(cases)]) + "\n" if cases else ""


def dump_cases(cases: Iterable[Case]) -> Iterator[str]:
    """Yield the lines of a ``tests:`` list."""
    for case in cases:
        call = _flow((key, _call_value(value)) for key, value in case.call.items())
        pairs = [("name", scalar(case.name))]
        if case.keyword == "expect":
            pairs += [("call", call), ("expect", str(case.expect))]
        else:
            pairs.append((case.keyword, call))
        if case.rule is not None:
            pairs.append(("rule", str(case.rule)))
        yield f"  - {_flow(pairs)}"


def _call_value(value: object) -> str:
    if value is None:
        return "null"
    return _flow_list(value) if isinstance(value, list) else scalar(str(value))
