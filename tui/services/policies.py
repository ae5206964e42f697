"""ARMR policies and their events, as the panels ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from epm.errors import EpmError


class AttemptRefusedError(EpmError):
    """A part of an event to decide is not what it must be.

    Attributes:
        field: ``op``, ``address``, ``port``, ``endpoint`` or ``taint``.
    """

    def __init__(self, message: str, field: str) -> None:
        """Take the line to show and the part that it is about."""
        super().__init__(message)
        self.field = field


class PolicyState(StrEnum):
    """What reading a policy file came to."""

    VALID = "VALID"
    WARNED = "WARNED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class PolicyMod:
    """One mod of a policy.

    Attributes:
        level: the minimum language level that it requires, such as ``2.8``.
        rules: how many rules it has.
        linked: how many of them are of a kind that is applied.
    """

    name: str
    level: str
    version: int
    rules: int
    linked: int


@dataclass(frozen=True, slots=True)
class PolicySummary:
    """A policy file.

    Attributes:
        name: of the file.
        state: a file that is refused is refused whole.
        mods: none where it is refused.
        findings: how many there are; overlaps are looked for only when they are asked for.
        changed: the system's local time, without zone.
        error: why it is refused, one line; empty where it is not.
    """

    name: str
    state: PolicyState
    mods: tuple[PolicyMod, ...]
    findings: int
    changed: datetime
    error: str = ""

    @property
    def rules(self) -> int:
        """How many rules it has."""
        return sum(mod.rules for mod in self.mods)

    @property
    def linked(self) -> int:
        """How many of them are applied."""
        return sum(mod.linked for mod in self.mods)

    @property
    def levels(self) -> str:
        """The levels that its mods require: the lowest, and the highest if it is another."""
        numbers = sorted({tuple(map(int, mod.level.split("."))) for mod in self.mods})
        ends = dict.fromkeys((numbers[0], numbers[-1])) if numbers else ()
        return "-".join(".".join(map(str, number)) for number in ends)


@dataclass(frozen=True, slots=True)
class PolicyRuleLine:
    """One rule of a policy; what it does not have is empty.

    Attributes:
        number: its place in the policy, from 1.
        kind: ``socket``, ``sanitization``, or one that is read and not applied.
        event: ``accept``, ``connect``, ``bind`` or ``request``.
        endpoint: addresses and ports, or paths, as written.
        linked: whether rules of its kind are applied.
        line, column: where it begins, from 1.
        details: what else it says, each with its label.
    """

    number: int
    mod: str
    kind: str
    name: str
    event: str
    endpoint: str
    action: str
    severity: str
    linked: bool
    line: int
    column: int
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """Something wrong in a file, or worth knowing of it.

    Attributes:
        number: its place in the list, from 1.
        error: whether it refuses the file.
        about: mod and rule, where it is about one.
    """

    number: int
    line: int
    column: int
    code: str
    error: bool
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """What a policy makes of an event; nothing is enforced or logged.

    Attributes:
        action: ``allow``, ``protect``, ``detect``, or ``none`` where no rule matches.
        rule, mod: which one decides; empty for ``none``.
        event: the CEF line that would be logged; empty where there would be none.
        unresolved: host names of the policy that have no address now.
    """

    action: str
    blocked: bool
    rule: str
    mod: str
    event: str
    unresolved: tuple[str, ...] = ()


class PolicyService(Protocol):
    """The policies of a folder. Every method raises EpmError only."""

    def folder(self) -> str:
        """Return the folder, as a person writes it."""
        ...

    def names(self) -> Sequence[str]:
        """Return the names of its policy files, ascending; none where there is no folder."""
        ...

    def summary(self, name: str) -> PolicySummary:
        """Return a policy as a whole, or raise NotFoundError."""
        ...

    def rules(self, name: str) -> Sequence[PolicyRuleLine]:
        """Return its rules; none where it is refused."""
        ...

    def findings(self, name: str) -> Sequence[PolicyFinding]:
        """Return what was found in it, overlaps of rules too, in the order of the file."""
        ...

    def decide(self, name: str, event: Mapping[str, str]) -> PolicyVerdict:
        """Decide an event; AttemptRefusedError where it is none.

        ``event`` has ``op``, ``address``, ``port``, ``endpoint`` and ``taint`` as typed; the
        last two may be blank, and taint may be several words.
        """
        ...


@dataclass(frozen=True, slots=True)
class PolicyEventLine:
    """One line of the log of events; what it does not have is empty.

    Attributes:
        position: byte offset of the line in the file.
        at: as it was logged.
        name: such as ``Execute Rule``; empty for a line that is no event.
        end: address and port.
        text: its message; of a line that is no event, the line.
    """

    position: int
    at: str
    name: str
    mod: str
    rule: str
    action: str
    end: str
    text: str


@dataclass(frozen=True, slots=True)
class PolicyEventPage:
    """Some events.

    Attributes:
        rows: newest first.
        stopped: where the search was given up, because it had looked at so much; ``None`` when
            there was enough, or nothing more.
    """

    rows: Sequence[PolicyEventLine]
    stopped: int | None = None


class PolicyEventService(Protocol):
    """The log that ``epm run --armr-log`` adds to. Every method raises EpmError only."""

    def log(self) -> str:
        """Return the file, as a person writes it."""
        ...

    def older(self, mods: frozenset[str], before: int | None, count: int) -> PolicyEventPage:
        """Return at most ``count`` events that begin before a position, or before the end.

        With ``mods`` only those of the mods of these names; without, every line.
        """
        ...

    def newer(self, mods: frozenset[str], start: int, count: int) -> PolicyEventPage:
        """Return the next events from a position on, at most ``count``, newest first."""
        ...

    def event(self, position: int) -> Sequence[tuple[str, str]]:
        """Return the fields of one event with their labels, or raise NotFoundError."""
        ...
