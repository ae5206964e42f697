"""From a rule file's text to a rule set and its tests (contract, section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from epm.cases import Case
from epm.condition_parser import parse_test
from epm.errors import RuleError, RuleFileError
from epm.model import (
    DEFAULT_SEQUENCE,
    MAX_SEQUENCE,
    AddressGroup,
    Condition,
    Config,
    Connector,
    FailMode,
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
from epm.rulefile.cases import read_cases
from epm.rulefile.nodes import Mapping, parse_yaml
from epm.rulefile.reader import Place
from epm.soundness import check_config, check_group, check_rule

VERSION = "1"
_RULE_KEYS = (
    "seq", "name", "authority", "audit", "message", "capture", "active", "test", "conditions",
)  # fmt: skip
_CONFIG_KEYS = ("audit", "message", "capture", "message_queue", "journal", "fail")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a rule file holds.

    Attributes:
        lines: server and sequence of each rule -> line in the file, for later messages.
    """

    ruleset: RuleSet
    tests: tuple[Case, ...] = ()
    lines: dict[tuple[Server, int], int] = field(default_factory=dict)


def load_rules(text: str, source: str = "rules", known: Groups | None = None) -> RuleFile:
    """Return the rule set that a rule file's text describes.

    Args:
        text: YAML, or JSON.
        source: name of the file for error lines.
        known: groups that its conditions may name beside its own; they are not taken over.

    Raises:
        RuleFileError: the first thing wrong: file, line, rule, field, why.
    """
    root = parse_yaml(text, source)
    if not isinstance(root, Mapping):
        raise RuleFileError(f"{source}:{root.line}: a rule file is a mapping")
    top = Place(source, "", root)
    top.known(("version", "config", "groups", "servers", "tests"))
    if top.required("version") != VERSION:
        top.fail(f"only version {VERSION} is known", "version")
    groups = _groups(top.under("groups", "groups"))
    nameable = groups if known is None else _beside(known, groups)
    lines: dict[tuple[Server, int], int] = {}
    ruleset = RuleSet(
        config=_config(top.under("config", "config")),
        groups=groups,
        servers=_servers(top.under("servers", "servers"), nameable, lines),
    )
    return RuleFile(ruleset, read_cases(top, "tests"), lines)


def _beside(known: Groups, own: Groups) -> Groups:
    """Return both; of two with one name the file's own, which an import then refuses."""
    return Groups(
        MappingProxyType({**known.addresses, **own.addresses}),
        MappingProxyType({**known.names, **own.names}),
        MappingProxyType({**known.ports, **own.ports}),
    )


def _config(place: Place | None) -> Config:
    if place is None:
        return Config()
    place.known(_CONFIG_KEYS)
    shipped = Config()
    config = Config(
        audit=place.yes_no("audit", shipped.audit),
        message=place.yes_no("message", shipped.message),
        capture=place.yes_no("capture", shipped.capture),
        message_queue=place.text("message_queue") or shipped.message_queue,
        journal=place.text("journal") or shipped.journal,
        fail=place.choice("fail", FailMode, shipped.fail),
    )
    try:
        check_config(config)
    except RuleError as error:
        place.fail(error)
    return config


def _groups(place: Place | None) -> Groups:
    if place is None:
        return Groups()
    place.known(("addresses", "names", "ports"))
    addresses: dict[str, AddressGroup] = {}
    kind = place.under("addresses", "groups addresses")
    for name in kind.node.pairs if kind else ():
        assert kind is not None
        lines = kind.under(name)
        if lines is None:
            kind.fail("needs include or exclude lines", name)
        lines.known(("include", "exclude"))
        group = AddressGroup(lines.texts("include"), lines.texts("exclude"))
        _check_group(kind, "addresses", name, group)
        addresses[name] = group
    return Groups(
        MappingProxyType(addresses),
        MappingProxyType(_name_lists(place, "names")),
        MappingProxyType(_name_lists(place, "ports")),
    )


def _name_lists(place: Place, kind: str) -> dict[str, tuple[str, ...]]:
    lists = place.under(kind, f"groups {kind}")
    if lists is None:
        return {}
    out = {}
    for name in lists.node.pairs:
        out[name] = lists.texts(name)
        _check_group(lists, kind, name, out[name])
    return out


def _check_group(place: Place, kind: str, name: str, group: AddressGroup | tuple[str, ...]) -> None:
    try:
        check_group(kind, name, group)
    except RuleError as error:
        place.fail(error, name)


def _servers(
    place: Place | None, groups: Groups, lines: dict[tuple[Server, int], int]
) -> MappingProxyType[Server, ServerRules]:
    servers = {s: ServerRules() for s in Server}
    if place is not None:
        place.known(Server)
        for server in Server:
            own = place.under(server, str(server))
            if own is not None:
                servers[server] = _server(own, server, groups, lines)
    return MappingProxyType(servers)


def _server(
    place: Place, server: Server, groups: Groups, lines: dict[tuple[Server, int], int]
) -> ServerRules:
    place.known(("activated", "rules"))
    rules: dict[int, Rule] = {}
    for node in place.mappings("rules"):
        rule = _rule(Place(place.source, f"{server} rule", node), server, groups)
        if rule.seq in rules:
            first = lines[server, rule.seq]
            Place(place.source, f"{server} rule {rule.seq}", node).fail(
                f"the sequence is there twice, first in line {first}", "seq"
            )
        rules[rule.seq] = rule
        lines[server, rule.seq] = node.line
    rules.setdefault(DEFAULT_SEQUENCE, shipped_default())
    ordered = tuple(rules[seq] for seq in sorted(rules))
    return ServerRules(place.yes_no("activated", default=False), ordered)


def _rule(place: Place, server: Server, groups: Groups) -> Rule:
    place.required("seq")
    seq = place.number("seq", 1, MAX_SEQUENCE)
    assert seq is not None
    place = Place(place.source, f"{server} rule {seq}", place.node)
    place.known(_RULE_KEYS)
    is_default = seq == DEFAULT_SEQUENCE
    rule = Rule(
        seq=seq,
        name=place.text("name") or None,
        authority=_authority(place),
        audit=_flag(place, "audit"),
        message=_flag(place, "message"),
        capture=_flag(place, "capture"),
        active=place.yes_no("active", default=is_default),
        test=place.yes_no("test", default=True),
        conditions=_conditions(place, server, groups),
    )
    try:
        check_rule(rule)
    except RuleError as error:
        place.fail(error)
    return rule


def _authority(place: Place) -> Flag:
    # The one flag without a default: to guess a verdict would be to fail open.
    place.required("authority")
    return _flag(place, "authority")


def _flag(place: Place, key: str) -> Flag:
    if place.text(key) in (None, Flag.INHERIT):
        return Flag.INHERIT
    return Flag.YES if place.yes_no(key, default=False, taken="Y, N or *") else Flag.NO


def _conditions(place: Place, server: Server, groups: Groups) -> tuple[Condition, ...]:
    conditions: dict[int, Condition] = {}
    for position, node in enumerate(place.mappings("conditions"), start=1):
        own = Place(place.source, f"{place.what} condition {10 * position}", node)
        seq = own.number("seq", 1, MAX_SEQUENCE) or 10 * position
        own = Place(place.source, f"{place.what} condition {seq}", node)
        own.known(("seq", "connector", "field", "op", "value"))
        if seq in conditions:
            own.fail("the condition sequence is there twice", "seq")
        condition = Condition(
            seq=seq,
            connector=own.choice("connector", Connector, Connector.AND),
            field=own.choice("field", Field, None),
            op=own.choice("op", Operator, None),
            value=own.required("value"),
        )
        try:
            parse_test(condition, server, groups)
        except RuleError as error:
            own.fail(error, "value")
        conditions[seq] = condition
    return tuple(conditions[seq] for seq in sorted(conditions))
