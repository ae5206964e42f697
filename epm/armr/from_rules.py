"""From sequenced rules to an ARMR mod that decides the same, and what cannot be said.

Sequenced rules win by their place, ARMR rules by tier and action. So each rule is written as
it is, and only where an earlier rule of the other verdict would not win by itself is the later
one cut: what remains of it no longer meets the earlier one. Rules of one verdict may meet, as
what decides is the same.

INVARIANT: where two written rules of different verdicts meet, the one that comes first in the
sequence wins by tier and action; so the winner has the verdict of the first rule that holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from epm.armr.boxes import ANYTHING, Box, boxes
from epm.armr.model import Action
from epm.armr.syntax import Argument, Block, Level, ModSource, Source, Statement
from epm.armr.unparse import quoted
from epm.armr.unsaid import Unsaid
from epm.boxes import Admitted
from epm.conditions import Test
from epm.errors import RuleError
from epm.evaluate import Mode, PlannedRule, make_plan
from epm.model import Field, NotEnforced, RuleSet, Server

#: Pieces that one rule may be cut into.
MAX_PIECES = 1024
_ENDS = {
    Server.LISTEN: (Field.LCLADDR, Field.LCLPORT),
    Server.CONNECT: (Field.RMTADDR, Field.RMTPORT),
    Server.ACCEPT: (Field.RMTADDR, Field.RMTPORT),
}


@dataclass(frozen=True, slots=True)
class _Written:
    """A rule with the boxes that are written for it."""

    planned: PlannedRule
    boxes: tuple[Box, ...]

    @property
    def allows(self) -> bool:
        return self.planned.decision.allowed


def from_rules(ruleset: RuleSet, app: str) -> tuple[Source, tuple[Unsaid, ...]]:
    """Return (a file of one mod; what it does not say of the active rules).

    Args:
        ruleset: as it is enforced live.
        app: name of the mod.

    Raises:
        RuleError: nothing of it can be said, and a mod without a rule is none.
    """
    unsaid: list[Unsaid] = []
    blocks: list[Block] = []
    for server in Server:
        if not ruleset.servers[server].activated:
            if len(ruleset.servers[server].rules) > 1:
                unsaid.append(Unsaid(str(server), "is not activated: nothing is said", False))
            continue
        for written in _written(ruleset, server, unsaid):
            blocks += _blocks(server, written)
    if not blocks:
        raise RuleError("no active rule of an activated server can be said in ARMR")
    level = (2, 10) if any("/" in _endpoint_of(block) for block in blocks) else (2, 2)
    requires = Statement("requires", (Argument("version", Level(level)),))
    return Source((ModSource(quoted(app), (requires, *blocks)),)), tuple(unsaid)


def _written(ruleset: RuleSet, server: Server, unsaid: list[Unsaid]) -> list[_Written]:
    written: list[_Written] = []
    asked = _Asked(server, unsaid)
    for planned in make_plan(ruleset, server, Mode.LIVE).rules:
        name = f"{server} rule {planned.rule.seq}"
        if planned.why is not None:
            if planned.why is not NotEnforced.INACTIVE:
                unsaid.append(Unsaid(name, f"is not enforced: {planned.why}", decides=False))
            continue
        pieces = _remaining(planned, written, name, asked)
        if pieces:
            written.append(_Written(planned, pieces))
    return written


def _remaining(
    planned: PlannedRule, earlier: Sequence[_Written], name: str, asked: _Asked
) -> tuple[Box, ...]:
    """Return the boxes to write for a rule, and note what of it cannot be."""
    if planned.rule.is_default and planned.decision.allowed:
        return ()  # no match permits
    unsaid = asked.unsaid
    said: list[Box] = []
    for box in asked.boxes(planned, name):
        said += _cut(box, planned.decision.allowed, earlier)
        if len(said) > MAX_PIECES:
            unsaid.append(Unsaid(name, f"would be cut into more than {MAX_PIECES} rules", True))
            return ()
    unsaid += [
        Unsaid(name, f"ARMR has no words for {what}", decides=True)
        for what in sorted({what for box in said for what in box.unsayable()})
    ]
    return tuple(said)


def _cut(box: Box, allows: bool, earlier: Iterable[_Written]) -> list[Box]:
    """Return what of ``box`` may be written: it loses wherever an earlier rule must win."""
    rivals = [
        (other, rule.allows) for rule in earlier if rule.allows != allows for other in rule.boxes
    ]
    todo, done = [box], list[Box]()
    while todo and len(todo) + len(done) <= MAX_PIECES:
        piece = todo.pop()
        lost = (r for r, wins in rivals if r.meets(piece) and not _beats(r, wins, piece))
        rival = next(lost, None)
        if rival is None:
            done.append(piece)
        else:
            todo += piece.without(rival)
    return done + todo


def _beats(box: Box, allows: bool, other: Box) -> bool:
    """Whether a rule wins over one of the other verdict: by tier, then allow before protect."""
    if box.is_wildcard != other.is_wildcard:
        return not box.is_wildcard
    return allows


# ----------------------------------------------------------------------------- what is asked


class _Asked:
    """What the rules of a server ask of a call, as boxes.

    Attributes:
        unsaid: where what no box can ask is noted.
    """

    def __init__(self, server: Server, unsaid: list[Unsaid]) -> None:
        self.unsaid = unsaid
        self._address, self._port = (Admitted(field) for field in _ENDS[server])

    def boxes(self, planned: PlannedRule, name: str) -> Iterator[Box]:
        """Yield the boxes of a rule."""
        if planned.rule.is_default:
            yield ANYTHING
            return
        for term in planned.terms:
            others = sorted({t.field for t in term} - {self._address.field, self._port.field})
            if others:
                self._unsaid(name, f"asks about {', '.join(others)}")
            elif not all(test.resolved for test in term):
                self._unsaid(name, "asks about a host name")
            elif (found := self._product(term)) is None:
                self._unsaid(name, "tells IPv6 addresses apart")
            else:
                yield from found

    def _product(self, term: Iterable[Test]) -> tuple[Box, ...] | None:
        held = [
            admitted.by(test for test in term if test.field is admitted.field)
            for admitted in (self._address, self._port)
        ]
        return boxes(*held)

    def _unsaid(self, name: str, why: str) -> None:
        self.unsaid.append(Unsaid(name, why, decides=True))


# ----------------------------------------------------------------------------- what is written


def _blocks(server: Server, written: _Written) -> Iterator[Block]:
    decision, rule = written.planned.decision, written.planned.rule
    endpoints = list(dict.fromkeys(e for box in written.boxes for e in box.endpoints()))
    title = f"{server} {rule.seq}" + (f" {rule.name}" if rule.name else "")
    action = Action.ALLOW if decision.allowed else Action.PROTECT
    said: tuple[Argument, ...] = ()
    if decision.is_logged:
        said = (Argument("message", quoted(rule.name or title)),)
    for place, endpoint in enumerate(endpoints, start=1):
        name = title if len(endpoints) == 1 else f"{title} ({place} of {len(endpoints)})"
        event = _event(server, endpoint)
        statements = (event, Statement(str(action), said))
        yield Block("socket", (Argument(None, quoted(name)),), statements, "endsocket")


def _event(server: Server, endpoint: str) -> Statement:
    value = quoted(endpoint)
    if server is Server.LISTEN:
        return Statement("bind", (Argument("server", value),))
    name = "accept" if server is Server.ACCEPT else "connect"
    return Statement(name, (Argument(None, value),))


def _endpoint_of(block: Block) -> str:
    value = block.statements[0].arguments[0].value
    return getattr(value, "raw", "")
