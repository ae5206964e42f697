"""Reading the statements of one rule: findings gathered, shapes checked, actions read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from epm.armr.findings import Code, Finding, shortened
from epm.armr.model import Action, PathPattern, Reaction, Severity, severity_of
from epm.armr.syntax import (
    Argument,
    Array,
    Block,
    Level,
    Number,
    Position,
    Statement,
    Text,
    Value,
    Word,
)
from epm.errors import RuleError
from epm.text import refuse_controls

_ACTIONS = frozenset(Action)
_SEVERITIES = {s.lower(): s for s in Severity if s is not Severity.UNKNOWN}
_ACTION_KEYS = ("message", "severity", "stacktrace")


@dataclass(slots=True)
class Reader:
    """Where reading a mod has come to, and what was found on the way.

    Attributes:
        mod, rule: names of what is being read.
        level: the level that the mod requires.
    """

    mod: str
    level: tuple[int, int]
    rule: str | None = None
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: Code, text: str, at: Argument | Statement | Block | Position) -> None:
        """Take note of a finding."""
        position = at if isinstance(at, Position) else at.position
        self.findings.append(Finding(code, text, position, self.mod, self.rule))

    def needs(self, minor: int, what: str, at: Argument | Statement | Block, code: Code) -> None:
        """Check the level gate of a feature: ARMR/2.minor, an error or a warning by ``code``."""
        if self.level < (2, minor):
            required = f"ARMR/{self.level[0]}.{self.level[1]}"
            since = "needs" if code is Code.LEVEL else "was first seen at"
            self.say(code, f"{what} {since} ARMR/2.{minor}, the mod requires {required}", at)

    # ------------------------------------------------------------------------- statements

    def once(self, statements: Iterable[Statement], known: Collection[str]) -> dict[str, Statement]:
        """Return statements by name; unknown ones and repetitions are findings."""
        found: dict[str, Statement] = {}
        for statement in statements:
            name = statement.name
            if name not in known or statement.code is not None:
                takes = ", ".join(sorted(known))
                self.say(Code.SHAPE, f"has no statement `{name}`; it takes {takes}", statement)
            elif name in found:
                self.say(Code.DUPLICATE, f"`{name}` stands there twice", statement)
            else:
                found[name] = statement
        return found

    def keys(self, statement: Statement, known: Collection[str]) -> dict[str, Argument]:
        """Return the arguments of a statement that takes only keys, by key."""
        for argument in statement.bare():
            self.say(Code.SHAPE, f"`{statement.name}` takes {_keys(known)}", argument)
        found: dict[str, Argument] = {}
        for key, argument in statement.keyed():
            if key not in known:
                text = f"`{statement.name}` has no key `{key}`; it takes {_keys(known)}"
                self.say(Code.SHAPE, text, argument)
            elif key in found:
                text = f"`{key}` stands twice in `{statement.name}`"
                self.say(Code.DUPLICATE, text, argument)
            else:
                found[key] = argument
        return found

    def one_of(
        self, found: dict[str, Statement], names: Collection[str], what: str, at: Block
    ) -> Statement | None:
        """Return the one statement out of ``names``; none or several are V5."""
        present = [found[name] for name in found if name in names]
        if not present:
            self.say(Code.EVENT_ACTION, f"has no {what}: one of {', '.join(sorted(names))}", at)
            return None
        for other in present[1:]:
            text = f"has more than one {what}: `{present[0].name}` and `{other.name}`"
            self.say(Code.EVENT_ACTION, text, other)
        return present[0]

    # ----------------------------------------------------------------------------- values

    def text(self, argument: Argument, what: str, *, tabs: bool = False) -> str | None:
        """Return a quoted string."""
        if isinstance(argument.value, Text):
            return self.plain(argument.value, argument, what, tabs=tabs)
        self.say(Code.SHAPE, f"{what} must be a quoted string, not {shown(argument.value)}",
                 argument)  # fmt: skip
        return None

    def plain(
        self, value: Text, at: Argument | Position, what: str, *, tabs: bool = False
    ) -> str | None:
        """Return what a string means; one that could run a terminal is a finding.

        Args:
            value: the string.
            at: where it stands.
            what: it is, in words.
            tabs: TAB may stand in it.
        """
        text = value.plain
        try:
            refuse_controls(text.replace("\t", " ") if tabs else text, what)
        except RuleError as error:
            self.say(Code.SHAPE, str(error), at)
            return None
        return text

    def texts(self, argument: Argument, what: str) -> list[str]:
        """Return the raw strings of an array that is not empty."""
        value = argument.value
        if isinstance(value, Array) and value.items:
            strings = [x for x in value.items if isinstance(x, Text)]
            if len(strings) == len(value.items):
                return [x.raw for x in strings]
        self.say(Code.SHAPE, f"{what} must be a list of quoted strings that is not empty", argument)
        return []

    def path(self, raw: str, at: Argument) -> PathPattern | None:
        """Return an HTTP endpoint; a wildcard has a level gate."""
        try:
            pattern = parse_path(raw)
        except RuleError as error:
            self.say(Code.SHAPE, str(error), at)
            return None
        if not pattern.is_exact:
            self.needs(4, "a path with a wildcard", at, Code.GATE)
        return pattern

    # ----------------------------------------------------------------------------- actions

    def reaction(self, statement: Statement) -> Reaction:
        """Return the action of a rule. What is wrong with it is said; the rest is kept."""
        action = Action(statement.name)
        keys = self.keys(statement, _ACTION_KEYS)
        message = None
        if "message" in keys:
            message = self.text(keys["message"], "message", tabs=True) or ""
        elif action is Action.DETECT:
            self.say(Code.DETECT_MESSAGE, "`detect` needs message: (it may be empty)", statement)
        severity = self._severity(keys["severity"]) if "severity" in keys else Severity.UNKNOWN
        full = "stacktrace" in keys and self._stacktrace(keys["stacktrace"])
        return Reaction(action, message, severity, full)

    def _severity(self, argument: Argument) -> Severity:
        match argument.value:
            case Number(number) if number <= 10:
                return severity_of(number)
            case Word(name) if name.lower() in _SEVERITIES:
                return _SEVERITIES[name.lower()]
        names = ", ".join(_SEVERITIES.values())
        found = shown(argument.value)
        self.say(Code.SEVERITY, f"severity must be 0 to 10, {names}, not {found}", argument)
        return Severity.UNKNOWN

    def _stacktrace(self, argument: Argument) -> bool:
        self.needs(4, "stacktrace", argument, Code.GATE)
        if self.text(argument, "stacktrace") == "full":
            return True
        self.say(Code.SHAPE, 'stacktrace must be "full"', argument)
        return False


def shown(value: Value) -> str:
    """Return a value as an error text shows it, bounded."""
    match value:
        case Text(raw):
            text = f'"{raw}"'
        case Number(number):
            text = str(number)
        case Word(name):
            text = name
        case Level(numbers):
            text = "ARMR/" + ".".join(map(str, numbers))
        case Array():
            return "a list"
    return shortened(text)


def _keys(known: Collection[str]) -> str:
    return ", ".join(f"{key}:" for key in known)


def parse_path(raw: str) -> PathPattern:
    r"""Return the pattern that an HTTP endpoint is: ``*`` at either end, ``\*`` a plain star.

    Raises:
        RuleError: empty, not beginning with ``/`` (or ``*/``), with ``..``, or with a bare
            ``*`` inside.
    """
    refuse_controls(raw, f'path "{raw}"')  # so that NUL is free to stand for `\\*` below
    before = raw.startswith("*")
    body = raw[1:] if before else raw
    behind = body.endswith("*") and not body.endswith("\\*")
    body = body[:-1] if behind else body
    literal = body.replace("\\*", "\0")
    if not literal.startswith("/"):
        raise RuleError(f'path "{raw}" must begin with `/`, or `*/`')
    if "*" in literal:
        raise RuleError(f'path "{raw}": a `*` inside must be written `\\*`')
    if ".." in literal:
        raise RuleError(f'path "{raw}" must not hold `..`')
    return PathPattern(Text(literal.replace("\0", "*")).plain, before, behind)
