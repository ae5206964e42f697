"""From a parsed file to the policy that it is: mods, names, levels (V1 to V4, V11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from epm.armr.findings import ArmrError, Code, Finding
from epm.armr.model import KINDS, LEVELS, Mod, OtherRule, Policy, PolicyRule
from epm.armr.parser import parse
from epm.armr.reader import Reader, shown
from epm.armr.sanitization_reader import read_sanitization
from epm.armr.socket_reader import read_socket
from epm.armr.syntax import (
    Argument,
    Block,
    Level,
    ModSource,
    Number,
    Position,
    Source,
    Statement,
    Text,
    Value,
)

_APPLIED = frozenset({"socket", "sanitization"})
_NEWEST = LEVELS[-1]
MAX_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """A policy and what was found while reading it, without errors."""

    policy: Policy
    findings: tuple[Finding, ...]


def read_policy(text: str, source: str = "policy") -> ReadPolicy:
    """Return the policy that a file's text is.

    Raises:
        ArmrError: it does not parse, or a mod breaks a rule of the language: then the whole
            file is refused, with every finding.
    """
    parsed = parse(text, source)
    policy, findings = check_source(parsed.source)
    found = sorted(
        (*parsed.findings, *findings), key=lambda f: (f.position.line, f.position.column)
    )
    if any(finding.is_error for finding in found):
        raise ArmrError(source, found)
    return ReadPolicy(policy, tuple(found))


def check_source(source: Source) -> tuple[Policy, tuple[Finding, ...]]:
    """Return the policy of a parsed file, and all findings; errors leave parts out."""
    findings: list[Finding] = []
    mods = [_read_mod(mod, findings) for mod in source.mods]
    return Policy(_highest(mods, findings)), tuple(findings)


def _highest(mods: Sequence[Mod], findings: list[Finding]) -> tuple[Mod, ...]:
    """Return of mods with one name the one with the highest version; equal ones are V11."""
    kept: dict[str, Mod] = {}
    for mod in mods:
        other = kept.setdefault(mod.name, mod)
        if other is mod:
            continue
        if other.version == mod.version:
            text = f"duplicate app name detected in rules file: version {mod.version} twice"
            findings.append(Finding(Code.NAMES, text, mod.position, mod.name))
            continue
        higher, lower = (mod, other) if mod.version > other.version else (other, mod)
        text = f"version {lower.version} gives way to version {higher.version}"
        findings.append(Finding(Code.SUPERSEDED, text, lower.position, mod.name))
        kept[mod.name] = higher
    return tuple(mod for mod in mods if kept[mod.name] is mod)


def _read_mod(mod: ModSource, findings: list[Finding]) -> Mod:
    reader = Reader(mod.name.plain, _NEWEST, findings=findings)
    name = reader.plain(mod.name, mod.position, "the mod's name")
    if name is not None and not name.strip():
        reader.say(Code.SHAPE, "the mod's name is empty", mod.position)
    reader.level, version = _head(mod, reader)
    if not mod.blocks:
        reader.say(Code.EMPTY_MOD, "holds no rule", mod.position)
    rules = [_read_rule(block, reader) for block in mod.blocks]
    reader.rule = None
    _unique_names(mod.blocks, reader)
    return Mod(
        mod.name.plain,
        reader.level,
        version,
        tuple(rule for rule in rules if rule is not None),
        mod.position,
    )


# ----------------------------------------------------------------------- requires, version


def _head(mod: ModSource, reader: Reader) -> tuple[tuple[int, int], int]:
    """Return (level, version); both statements stand before all rules."""
    seen: dict[str, Statement] = {}
    ruled = False
    for item in mod.items:
        if isinstance(item, Block):
            ruled = True
            continue
        if item.name not in ("requires", "version"):
            text = f"has no statement `{item.name}`; it takes requires, version and rules"
            reader.say(Code.SHAPE, text, item)
        elif item.name in seen:
            reader.say(Code.DUPLICATE, f"`{item.name}` stands there twice", item)
        else:
            seen[item.name] = item
            if ruled:
                reader.say(Code.REQUIRES, f"`{item.name}` must stand before all rules", item)
    level = _NEWEST
    if "requires" in seen:
        level = _level(seen["requires"], reader)
    else:
        text = "`requires(version: ARMR/2.n)` is missing"
        reader.say(Code.REQUIRES, text, mod.position)
    reader.level = level
    return level, _version(seen["version"], reader) if "version" in seen else 1


def _level(statement: Statement, reader: Reader) -> tuple[int, int]:
    argument = reader.keys(statement, ("version",)).get("version")
    if argument is None:
        reader.say(Code.REQUIRES, "`requires` needs version: ARMR/2.n", statement)
        return _NEWEST
    numbers = _level_numbers(argument.value)
    if numbers not in LEVELS:
        first, last = LEVELS[0], _NEWEST
        text = (
            f"level {shown(argument.value)} is not known: "
            f"ARMR/{first[0]}.{first[1]} to ARMR/{last[0]}.{last[1]}"
        )
        reader.say(Code.REQUIRES, text, argument)
        return _NEWEST
    assert numbers is not None
    return numbers[0], numbers[1]


def _level_numbers(value: Value) -> tuple[int, ...] | None:
    """Return the numbers of ``ARMR/2.8``, bare or quoted."""
    if isinstance(value, Level):
        return value.numbers
    if isinstance(value, Text):
        word, _, digits = value.plain.partition("/")
        parts = digits.split(".")
        plain = all(p.isascii() and p.isdigit() and len(p) < 10 for p in parts)
        if word.strip().upper() == "ARMR" and plain:
            return tuple(map(int, parts))
    return None


def _version(statement: Statement, reader: Reader) -> int:
    reader.needs(3, "version()", statement, Code.GATE)
    match statement.arguments:
        case (Argument(key=None, value=Number(number)),) if number <= MAX_VERSION:
            return number
        case (Argument(key=None, value=Text(raw)),) if (
            raw.isascii() and raw.isdigit() and len(raw) < 10
        ):
            return int(raw)
    reader.say(Code.SHAPE, "`version` takes one whole number", statement)
    return 1


# ---------------------------------------------------------------------------------- rules


def _read_rule(block: Block, reader: Reader) -> PolicyRule | None:
    reader.rule = block.name
    if block.end != f"end{block.kind}":
        reader.say(Code.END, f"ends with `{block.end}`, not `end{block.kind}`", block)
    name = _rule_name(block, reader)
    if name is None:
        return None
    if block.kind == "socket":
        return read_socket(block, name, reader)
    if block.kind == "sanitization":
        return read_sanitization(block, name, reader)
    known = "is read but not applied" if block.kind in KINDS else "is not known: not applied"
    reader.say(Code.KIND, f"rule kind `{block.kind}` {known}", block)
    return OtherRule(block.kind, name, block.position)


def _rule_name(block: Block, reader: Reader) -> str | None:
    match block.arguments:
        case (Argument(key=None, value=Text() as text) as argument,):
            return reader.plain(text, argument, "the rule's name")
    reader.say(Code.SHAPE, f"`{block.kind}` takes its name as one quoted string", block)
    return None


def _unique_names(blocks: Iterable[Block], reader: Reader) -> None:
    seen: dict[str, Position] = {}
    for block in blocks:
        name = block.name
        if name is None:
            continue
        if name in seen:
            text = f"two rules are named {name!r}, the first at line {seen[name].line}"
            reader.say(Code.NAMES, text, block)
        seen.setdefault(name, block.position)
