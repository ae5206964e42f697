"""Which entries are wanted, and the streaming over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from epm.addresses import Span, format_range, parse_span
from epm.errors import ConditionError, JournalDamagedError, SettingsError
from epm.model import Server, Verdict
from epm.text import folded, like
from journal.entry import Stored
from journal.layouts.values import SkType
from journal.reader import Damage, JournalReader, OnDamage, RawEntry, refuse_damage
from journal.view import EntryView, view_of

#: Where the kind of entry lies in every payload, after the time.
_KIND = slice(40, 42)
_FOREIGN = b"FR"
_TYPES = {"NA": "U", "NR": "U", "NC": "U", "NG": "U", "SK": "T"}


@dataclass(frozen=True, slots=True)
class Query:
    """What an entry must be to be wanted; ``None`` is no condition.

    Attributes:
        start: earliest time, included; UTC without zone.
        end: latest time, excluded.
        user: a name or generic name (``QPG*``), compared in upper case.
        type: an SK type, an entry type (SK, NA, NR, NC, NG) or a journal code (U, T).
        address: what any address of the entry must be in.
        port: what any port of the entry must be.
    """

    start: datetime | None = None
    end: datetime | None = None
    server: Server | None = None
    user: str | None = None
    type: str | None = None
    verdict: Verdict | None = None
    address: Span | None = None
    port: int | None = None
    system: str | None = None

    def matches(self, view: EntryView) -> bool:
        """Whether an entry is wanted."""
        return (
            (self.start is None or view.time >= self.start)
            and (self.end is None or view.time < self.end)
            and (self.server is None or view.server == self.server.value)
            and (self.verdict is None or view.verdict == self.verdict.value)
            and (self.port is None or self.port in view.ports())
            and (self.system is None or view.system == self.system)
            and (self.type is None or self._type_matches(view, self.type))
            and (self.user is None or like(folded(view.user or ""), folded(self.user)))
            and (self.address is None or _within(self.address, view))
        )

    @staticmethod
    def _type_matches(view: EntryView, wanted: str) -> bool:
        """``U`` is the SK type "DHCP address not assigned" and the journal code of our entries."""
        return wanted in (view.type, view.entry_type, view.code)

    def may_match(self, raw: RawEntry) -> bool:
        """Whether an entry can be wanted, by its time alone, its payload not read.

        A foreign entry's own time is inside it.
        """
        if (self.start is None and self.end is None) or raw.payload[_KIND] == _FOREIGN:
            return True
        at = raw.time_text
        begin = self.start is None or at >= self.start.isoformat(timespec="microseconds")
        return begin and (self.end is None or at < self.end.isoformat(timespec="microseconds"))

    def describe(self) -> str:
        """Return the filter in words, for a report's head."""
        parts = [
            self.start and f"from {self.start.isoformat()}Z",
            self.end and f"before {self.end.isoformat()}Z",
            self.server and f"server {self.server.value}",
            self.user and f"user {self.user}",
            self.type and f"type {self.type}",
            self.verdict and f"verdict {self.verdict.value}",
            self.address and f"address {format_range(self.address)}",
            None if self.port is None else f"port {self.port}",
            self.system and f"system {self.system}",
        ]
        return ", ".join(part for part in parts if part) or "all entries"


def _within(span: Span, view: EntryView) -> bool:
    return any(span.low <= number <= span.high for number in view.addresses())


def parse_query(
    *,
    start: str | None = None,
    end: str | None = None,
    server: str | None = None,
    user: str | None = None,
    type: str | None = None,
    verdict: str | None = None,
    address: str | None = None,
    port: int | None = None,
    system: str | None = None,
) -> Query:
    """Return the query that options describe.

    Args:
        start: ISO date or time; without offset it is UTC; included.
        end: the same, excluded; a date alone means the end of that day.
        server: QSOACCEPT, QSOCONNECT or QSOLISTEN.
        user: name or generic name.
        type: SK type, entry type or journal code, in any case.
        verdict: allow or reject.
        address: address, CIDR or range; a mapped IPv4 address is its IPv4 address.
        port: 0..65535.
        system: name of a system.

    Raises:
        SettingsError: one of them is not that.
    """
    if port is not None and not 0 <= port <= 65535:
        raise SettingsError(f"port {port} is not a number from 0 to 65535")
    return Query(
        start=None if start is None else _parse_time(start, end_of_day=False),
        end=None if end is None else _parse_time(end, end_of_day=True),
        server=None if server is None else _parse_server(server),
        user=user,
        type=None if type is None else _parse_type(type),
        verdict=None if verdict is None else _parse_verdict(verdict),
        address=None if address is None else _parse_address(address),
        port=port,
        system=system,
    )


def _parse_server(text: str) -> Server:
    try:
        return Server(text.upper())
    except ValueError:
        raise SettingsError(f"server {text!r} is not one of {', '.join(Server)}") from None


def _parse_verdict(text: str) -> Verdict:
    try:
        return Verdict(text.lower())
    except ValueError:
        raise SettingsError(f"verdict {text!r} is not one of {', '.join(Verdict)}") from None


def _parse_type(text: str) -> str:
    wanted = text.upper()
    if wanted not in (*SkType.__members__.values(), *_TYPES, *_TYPES.values()):
        known = ", ".join([*SkType, *_TYPES, "T"])
        raise SettingsError(f"type {text!r} is not one of {known}")
    return wanted


def _parse_address(text: str) -> Span:
    try:
        return parse_span(text)
    except ConditionError as error:
        raise SettingsError(str(error)) from None


def _parse_time(text: str, *, end_of_day: bool) -> datetime:
    try:
        if len(text) == 10:
            day = datetime.combine(date.fromisoformat(text), time())
            return day + timedelta(days=1) if end_of_day else day
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise SettingsError(
            f"time {text!r} is not an ISO date or time such as 2026-11-21 or 2026-11-21T10:00"
        ) from None


def select(
    reader: JournalReader,
    query: Query,
    *,
    start: int = 1,
    stop: int | None = None,
    on_damage: OnDamage = refuse_damage,
) -> Iterator[tuple[Stored, EntryView]]:
    """Yield the wanted entries in order, each with its view; one at a time is in memory.

    Args:
        reader: of the journal.
        query: what is wanted.
        start: number of the first entry to look at.
        stop: number of the last entry to look at; ``None`` is the end.
        on_damage: told of damaged places; the default stops there.

    Raises:
        JournalError: the journal cannot be read.
        JournalDamagedError: from ``on_damage``.
    """
    for raw in reader.entries(start, on_damage=on_damage):
        if stop is not None and raw.sequence > stop:
            return
        yield from _wanted(raw, query, on_damage)


def select_backward(
    reader: JournalReader,
    query: Query,
    *,
    before: int | None = None,
    stop: int = 1,
    on_damage: OnDamage = refuse_damage,
) -> Iterator[tuple[Stored, EntryView]]:
    """Yield the wanted entries, newest first; for paging back from number ``before``.

    Args:
        reader: of the journal.
        query: what is wanted.
        before: number behind the first entry to look at; ``None`` is the end.
        stop: number of the last entry to look at.
        on_damage: told of damaged places; the default stops there.

    Raises:
        JournalError: as :func:`select`.
    """
    for raw in reader.backward(before, on_damage=on_damage):
        if raw.sequence < stop:
            return
        yield from _wanted(raw, query, on_damage)


def _wanted(raw: RawEntry, query: Query, on_damage: OnDamage) -> Iterator[tuple[Stored, EntryView]]:
    if query.may_match(raw):
        try:
            stored = raw.decode()
        except JournalDamagedError:
            on_damage(Damage(raw.receiver, raw.offset, len(raw.payload)))
            return
        view = view_of(stored)
        if query.matches(view):
            yield stored, view
