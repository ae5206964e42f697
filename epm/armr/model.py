"""What the rules of an ARMR policy mean: checked values, no text left to read.

A policy is mods, each with its rules. ``socket`` and ``sanitization`` rules are typed; rules of
the other kinds are kept by kind and name, so that nobody can take them for applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from epm.addresses import Host, Span
from epm.armr.syntax import NOWHERE, Position
from epm.cef import severity_word

LEVELS = tuple((2, minor) for minor in range(13))
"""The language levels that are known: ARMR/2.0 to ARMR/2.12."""

KINDS = frozenset(
    {
        *("socket", "sanitization", "sql", "dns", "http", "filesystem", "process", "marshal"),
        *("deserial", "library", "patch", "classload", "reflection"),
    }
)
"""The rule kinds of the language; ``deserial`` is the older name of ``marshal``."""


class Action(StrEnum):
    """What a rule does."""

    ALLOW = "allow"
    PROTECT = "protect"
    DETECT = "detect"


class Severity(StrEnum):
    """How grave the event of a rule is."""

    UNKNOWN = "Unknown"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    VERY_HIGH = "Very-High"


def severity_of(number: int) -> Severity:
    """Return the severity for 0 to 10, as CEF divides them.

    Raises:
        ValueError: another number.
    """
    return Severity(severity_word(number))


class Operation(StrEnum):
    """What a program does with a socket, as events name it."""

    ACCEPT = "accept"
    CONNECT = "connect"
    BIND_CLIENT = "bind-client"
    BIND_SERVER = "bind-server"

    @property
    def feature(self) -> str:
        """The ``securityFeature`` of its events."""
        return _FEATURES[self]

    @property
    def is_local(self) -> bool:
        """Whether its address and port are those of the local end."""
        return self in (Operation.BIND_CLIENT, Operation.BIND_SERVER)


_FEATURES = {
    Operation.ACCEPT: "socket accept",
    Operation.CONNECT: "socket connect",
    Operation.BIND_CLIENT: "socket bind",
    Operation.BIND_SERVER: "socket serverbind",
}


class TaintSource(StrEnum):
    """Where data came from that a rule does not trust."""

    HTTP = "http"
    DATABASE = "database"
    DESERIALIZATION = "deserialization"


@dataclass(frozen=True, slots=True)
class PathPattern:
    r"""An HTTP endpoint: a path, with ``*`` before, behind or on both sides.

    Attributes:
        literal: the path without its wildcards; ``\*`` is a plain star in it.
    """

    literal: str
    before: bool = False
    behind: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it has no wildcard."""
        return not (self.before or self.behind)

    def matches(self, path: str) -> bool:
        """Whether it covers ``path``."""
        if self.before and self.behind:
            return self.literal in path
        if self.before:
            return path.endswith(self.literal)
        return path.startswith(self.literal) if self.behind else path == self.literal


@dataclass(frozen=True, slots=True)
class EndpointPattern:
    """An address and ports that a socket rule speaks of.

    Attributes:
        address: numbers of the address axis, a host name, or ``None`` for any (``0.0.0.0``).
        prefix: 32 for one address or a host name, a CIDR's length, 0 for any.
        ports: ``None`` for any (``0``).
        text: as written.
    """

    address: Span | Host | None
    prefix: int
    ports: Span | None
    text: str

    @property
    def is_wildcard(self) -> bool:
        """Whether address or port is the wildcard; a CIDR or a port range is none."""
        return self.address is None or self.ports is None

    @property
    def port_width(self) -> int:
        """How many ports it holds."""
        return 65536 if self.ports is None else self.ports.size


@dataclass(frozen=True, slots=True)
class Reaction:
    """The Then part of a rule.

    Attributes:
        message: ``None`` where there is none: protect and allow are then silent. Empty is the
            default text.
    """

    action: Action
    message: str | None = None
    severity: Severity = Severity.UNKNOWN
    stacktrace: bool = False

    @property
    def is_logged(self) -> bool:
        """Whether it leaves an event when the rule decides."""
        return self.message is not None


@dataclass(frozen=True, slots=True)
class SocketRule:
    """A ``socket`` rule.

    Attributes:
        endpoints: what it speaks of; a bind with client and server has two.
        api: ``None`` without api(), empty for ``any`` endpoint, else the endpoints.
        inputs: the sources of input(); empty without.
    """

    name: str
    endpoints: tuple[tuple[Operation, EndpointPattern], ...]
    reaction: Reaction
    api: tuple[PathPattern, ...] | None = None
    inputs: frozenset[TaintSource] = frozenset()
    position: Position = field(default=NOWHERE, compare=False)
    kind: str = field(default="socket", init=False)


@dataclass(frozen=True, slots=True)
class SanitizationRule:
    """A ``sanitization`` rule; its action is never allow.

    Attributes:
        paths: empty for every endpoint.
        undetermined_safe: what a value that is neither safe nor unsafe is taken for.
        log_undetermined: whether a safe undetermined value leaves an event.
        ignored_payloads: decoded values that are let pass without an event.
        ignored_attributes: leaf names, whose values are.
    """

    name: str
    reaction: Reaction
    paths: tuple[PathPattern, ...] = ()
    undetermined_safe: bool = True
    log_undetermined: bool = True
    ignored_payloads: frozenset[str] = frozenset()
    ignored_attributes: frozenset[str] = frozenset()
    position: Position = field(default=NOWHERE, compare=False)
    kind: str = field(default="sanitization", init=False)


@dataclass(frozen=True, slots=True)
class OtherRule:
    """A rule of another kind: read, kept by name, never applied."""

    kind: str
    name: str
    position: Position = field(default=NOWHERE, compare=False)


PolicyRule = SocketRule | SanitizationRule | OtherRule


@dataclass(frozen=True, slots=True)
class Mod:
    """A mod: what an application is protected by.

    Attributes:
        level: the minimum language level that it requires, such as (2, 8).
        version: of the mod itself.
    """

    name: str
    level: tuple[int, int]
    version: int
    rules: tuple[PolicyRule, ...]
    position: Position = field(default=NOWHERE, compare=False)

    @property
    def level_text(self) -> str:
        """The level as events name it: ``2.8``."""
        return f"{self.level[0]}.{self.level[1]}"


@dataclass(frozen=True, slots=True)
class Policy:
    """The mods in force, in file order."""

    mods: tuple[Mod, ...] = ()

    def socket_rules(self) -> Iterator[tuple[Mod, SocketRule]]:
        """Yield its socket rules in file order."""
        for mod in self.mods:
            for rule in mod.rules:
                if isinstance(rule, SocketRule):
                    yield mod, rule

    def sanitization_rules(self) -> Iterator[tuple[Mod, SanitizationRule]]:
        """Yield its sanitization rules in file order."""
        for mod in self.mods:
            for rule in mod.rules:
                if isinstance(rule, SanitizationRule):
                    yield mod, rule
