"""The values that everything else is about: calls, rules, decisions. No behaviour, no I/O.

Names are the field's own (contract, sections 2 to 5). Addresses are numbers on the one
address axis of :mod:`epm.addresses`; text is made of them only at the edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

DEFAULT_SEQUENCE = 99999
MAX_SEQUENCE = 99999
MAX_NAME = 50
LOCAL_SYSTEM = "*LOCAL"


class Server(StrEnum):
    """A socket server: the call that its exit point is asked about."""

    LISTEN = "QSOLISTEN"
    CONNECT = "QSOCONNECT"
    ACCEPT = "QSOACCEPT"

    @property
    def exit_point(self) -> str:
        """Name of the exit point, such as ``QIBM_QSO_ACCEPT``."""
        return _EXIT_POINTS[self][0]

    @property
    def format_name(self) -> str:
        """Name of the exit point format, such as ``ACPT0100``."""
        return _EXIT_POINTS[self][1]


_EXIT_POINTS = {
    Server.LISTEN: ("QIBM_QSO_LISTEN", "LSTN0100"),
    Server.CONNECT: ("QIBM_QSO_CONNECT", "CONN0100"),
    Server.ACCEPT: ("QIBM_QSO_ACCEPT", "ACPT0100"),
}


class Flag(StrEnum):
    """A rule's flag; ``INHERIT`` takes the default rule's value."""

    YES = "Y"
    NO = "N"
    INHERIT = "*"


class Connector(StrEnum):
    """How a condition is joined to the ones before it; AND binds tighter."""

    AND = "AND"
    OR = "OR"


class Field(StrEnum):
    """What a condition may ask about."""

    LCLADDR = "LCLADDR"
    LCLPORT = "LCLPORT"
    BNDADDR = "BNDADDR"
    BNDPORT = "BNDPORT"
    RMTADDR = "RMTADDR"
    RMTPORT = "RMTPORT"
    BACKLOG = "BACKLOG"
    USER = "USER"
    JOB = "JOB"
    GRPPRF = "GRPPRF"
    PGM = "PGM"
    TIME = "TIME"
    DAY = "DAY"


class Operator(StrEnum):
    """How a condition compares; an N-form is the negation of its positive form."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LE = "LE"
    GT = "GT"
    GE = "GE"
    RANGE = "RANGE"
    NRANGE = "NRANGE"
    LIST = "LIST"
    NLIST = "NLIST"
    LIKE = "LIKE"
    NLIKE = "NLIKE"
    GRP = "GRP"
    NGRP = "NGRP"


class FailMode(StrEnum):
    """What an error inside the decision path answers."""

    CLOSED = "closed"
    OPEN = "open"


class Verdict(StrEnum):
    """The answer to a call."""

    ALLOW = "allow"
    REJECT = "reject"


class Reason(StrEnum):
    """Why a decision is what it is."""

    RULE = "rule"
    DEFAULT = "default"
    NOT_ACTIVATED = "not-activated"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a rule, as it was written.

    Attributes:
        seq: place among the rule's conditions, ascending; at least 1.
        value: text as written; what it may hold depends on field and operator.
    """

    seq: int
    connector: Connector
    field: Field
    op: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One socket rule. Conditions are kept in ascending condition sequence."""

    seq: int
    name: str | None
    authority: Flag
    audit: Flag = Flag.INHERIT
    message: Flag = Flag.INHERIT
    capture: Flag = Flag.INHERIT
    active: bool = False
    test: bool = True
    conditions: tuple[Condition, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether this is the default rule, which always holds."""
        return self.seq == DEFAULT_SEQUENCE


def shipped_default() -> Rule:
    """Return the default rule as it is shipped."""
    return Rule(DEFAULT_SEQUENCE, None, Flag.YES, active=True, test=True)


@dataclass(frozen=True, slots=True)
class AddressGroup:
    """Include and exclude lines (address, CIDR or range, as written).

    The line with the fewest addresses wins; on a tie the exclude.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a system, by name."""

    addresses: Mapping[str, AddressGroup] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    ports: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Config:
    """Product configuration of one system, as shipped unless said otherwise."""

    audit: bool = False
    message: bool = False
    capture: bool = False
    message_queue: str = "EPMMSGQ"
    journal: str = "EPMJRN"
    fail: FailMode = FailMode.CLOSED


@dataclass(frozen=True, slots=True)
class ServerRules:
    """The rules of one server, ascending by sequence; the last is the default rule."""

    activated: bool = False
    rules: tuple[Rule, ...] = field(default_factory=lambda: (shipped_default(),))

    @property
    def default(self) -> Rule:
        """The default rule."""
        return self.rules[-1]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything of one system that can alter a decision.

    INVARIANT: ``servers`` holds all three servers.
    """

    config: Config = field(default_factory=Config)
    groups: Groups = field(default_factory=Groups)
    servers: Mapping[Server, ServerRules] = field(
        default_factory=lambda: MappingProxyType({s: ServerRules() for s in Server})
    )


@dataclass(frozen=True, slots=True)
class Call:
    """One socket call (the contract's *transaction*). ``None`` is a missing field.

    Attributes:
        lcladdr, bndaddr, rmtaddr: numbers on the address axis of :mod:`epm.addresses`.
        lclport, bndport, rmtport: 0..65535.
        backlog: as given to listen(), a signed 32-bit number.
        groups: group profiles of the user; empty is a user without any.
        job: the command name; ``pgm`` the path of the program.
        at: the system's local time, without zone.
    """

    server: Server
    lcladdr: int | None = None
    lclport: int | None = None
    bndaddr: int | None = None
    bndport: int | None = None
    rmtaddr: int | None = None
    rmtport: int | None = None
    backlog: int | None = None
    user: str | None = None
    groups: tuple[str, ...] | None = None
    job: str | None = None
    pgm: str | None = None
    at: datetime | None = None


class Outcome(StrEnum):
    """What became of one rule while a call was decided."""

    MATCHED = "matched"
    NOT_MATCHED = "not-matched"
    NOT_ENFORCED = "not-enforced"
    NOT_REACHED = "not-reached"


class NotEnforced(StrEnum):
    """Why a rule is not enforced."""

    INACTIVE = "inactive"
    NOT_TEST = "not-test"
    NO_CONDITIONS = "no-conditions"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class ConditionTrace:
    """One condition and its result for the call."""

    seq: int
    result: bool


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule and what became of it; its conditions with their results."""

    seq: int
    outcome: Outcome
    why: NotEnforced | None
    conditions: tuple[ConditionTrace, ...]


@dataclass(frozen=True, slots=True)
class RuleName:
    """The deciding rule, as a decision names it."""

    seq: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reasons.

    Attributes:
        rule: the deciding rule; ``None`` where none decided.
        audit: whether an allowed call is logged (a rejected one always is).
        trace: every rule in order, when it was asked for.
    """

    server: Server
    verdict: Verdict
    reason: Reason
    rule: RuleName | None
    audit: bool
    message: bool
    capture: bool
    trace: tuple[RuleTrace, ...] | None = None

    @property
    def allowed(self) -> bool:
        """Whether the call may go on."""
        return self.verdict is Verdict.ALLOW

    @property
    def is_logged(self) -> bool:
        """Whether the exit-point manager journals it: every rejection, allowed if audited.

        A call of a server that is not activated is not evaluated and leaves no entry.
        """
        if self.reason is Reason.NOT_ACTIVATED:
            return False
        return self.audit or self.verdict is Verdict.REJECT
