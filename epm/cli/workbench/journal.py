"""The journal for the panels: pages of entries, each at a bounded cost, and one entry whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.journals import folder_of
from epm.errors import SettingsError
from epm.soundness import is_object_name

if TYPE_CHECKING:
    from journal.entry import Stored
    from journal.query import Query
    from journal.reader import JournalReader
    from journal.view import EntryView
    from tui.services import EntryText, JournalFilter, JournalPage, JournalRow

#: A page looks at so many entries at most; then it gives what it has found and says so.
SCAN_LIMIT = 5_000
_Found = Iterator[tuple["Stored", "EntryView"]]


@dataclass(slots=True)
class StoreJournal:
    """The journals of the app's system.

    Attributes:
        configured: gives the name of the journal that the configuration names.
    """

    app: App
    configured: Callable[[], str]
    _readers: dict[Path, JournalReader] = field(default_factory=dict)

    def check(self, wanted: JournalFilter) -> str:
        """Return the name of the journal that a filter is for."""
        query_of(wanted)
        name = self._name(wanted)
        self._reader(wanted)
        return name

    def folder(self, wanted: JournalFilter) -> Path:
        """Return the folder of the journal that a filter is for."""
        return folder_of(self.app, self._name(wanted))

    def older(self, wanted: JournalFilter, before: int | None, count: int) -> JournalPage:
        """Return wanted entries before a number, newest first."""
        from journal.query import select_backward

        reader, query, places = self._reader(wanted), query_of(wanted), _Places()
        if before is None:
            last = reader.last()
            before = 1 if last is None else last.sequence + 1
        stop = max(1, before - SCAN_LIMIT)
        found = select_backward(reader, query, before=before, stop=stop, on_damage=places.add)
        return _page(found, count, stop if stop > 1 else None, places)

    def newer(self, wanted: JournalFilter, after: int, count: int) -> JournalPage:
        """Return the wanted entries that came next after a number, newest first."""
        from journal.query import select

        reader, query, places = self._reader(wanted), query_of(wanted), _Places()
        last = reader.last()
        stop = after + SCAN_LIMIT
        found = select(reader, query, start=after + 1, stop=stop, on_damage=places.add)
        more = last is not None and last.sequence > stop
        return _page(found, count, stop if more else None, places, oldest_first=True)

    def number_before(self, wanted: JournalFilter, position: str) -> int | None:
        """Return the number behind the newest entry that is earlier than a time."""
        from journal.query import parse_query
        from tui.services import FilterRefusedError

        try:
            end = parse_query(end=position).end
        except SettingsError as error:
            raise FilterRefusedError(str(error), "position") from None
        assert end is not None
        return self._reader(wanted).number_at(end)

    def entry(self, wanted: JournalFilter, sequence: int) -> EntryText:
        """Return one entry in lines."""
        return entry_text(self._reader(wanted).entry(sequence).decode())

    def _name(self, wanted: JournalFilter) -> str:
        from tui.services import FilterRefusedError

        name = wanted.journal.upper() or self.configured()
        if not is_object_name(name):
            raise FilterRefusedError(f"Journal {name} is not a name.", "journal")
        return name

    def _reader(self, wanted: JournalFilter) -> JournalReader:
        """Return the reader of a journal; kept, for it remembers the receivers' headers."""
        from journal.reader import JournalReader

        folder = self.folder(wanted)
        if folder not in self._readers:
            self._readers[folder] = JournalReader(folder)
        return self._readers[folder]


class _Places:
    """Damaged places, each once; how many is enough to know."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, int]] = set()

    def add(self, damage: object) -> None:
        place = (getattr(damage, "receiver", ""), getattr(damage, "offset", 0))
        if len(self._seen) < SCAN_LIMIT:
            self._seen.add(place)

    def __len__(self) -> int:
        return len(self._seen)


def _page(
    found: _Found, count: int, stop: int | None, places: _Places, *, oldest_first: bool = False
) -> JournalPage:
    from tui.services import JournalPage

    rows = [row_of(view) for _, view in islice(found, count)]
    stopped = stop if len(rows) < count else None
    return JournalPage(rows[::-1] if oldest_first else rows, stopped, len(places))


def row_of(view: EntryView) -> JournalRow:
    """Return an entry as a line of the list."""
    from journal.report.text import endpoint
    from tui.services import JournalRow

    verdict = (view.verdict or "").upper()
    if view.enforced is False and verdict == "REJECT":
        verdict = "LOGGED"
    rule = "" if view.rule is None else f"rule {view.rule} {view.rule_name or ''}".rstrip()
    notes = (rule or view.reason, view.unreached, view.detail)
    return JournalRow(
        sequence=view.sequence,
        code=view.code,
        kind=f"{view.entry_type} {view.type}" if view.type else view.entry_type,
        server=view.server or "",
        verdict=verdict,
        local=endpoint(view.local_address, view.local_port),
        remote=endpoint(view.remote_address, view.remote_port),
        job=view.job or "",
        user=view.user or "",
        time=view.time.strftime("%Y-%m-%d %H:%M:%S"),
        detail=" ".join(note for note in notes if note),
    )


def entry_text(stored: Stored) -> EntryText:
    """Return an entry in lines."""
    from journal.display import (
        DataForm,
        field_lines,
        header_lines,
        raw_specific_data,
        specific_lines,
    )
    from tui.services import EntryText

    data = raw_specific_data(stored)
    return EntryText(
        stored.sequence,
        tuple(header_lines(stored)),
        tuple(field_lines(stored)),
        tuple(specific_lines(data, form=DataForm.CHARACTER)),
        tuple(specific_lines(data, form=DataForm.HEXADECIMAL)),
    )


def query_of(wanted: JournalFilter) -> Query:
    """Return the query of a filter as it was typed.

    Raises:
        FilterRefusedError: a part of it is not what it must be; it names that part.
    """
    from journal.query import Query, parse_query
    from tui.services import FilterRefusedError

    port = None
    if wanted.port:
        port = int(wanted.port) if wanted.port.isascii() and wanted.port.isdigit() else -1
    parts: dict[str, str] = {
        name: getattr(wanted, name)
        for name in ("start", "end", "server", "user", "type", "verdict", "address")
        if getattr(wanted, name)
    }
    found: dict[str, object] = {}
    for name, text in parts.items():
        try:
            found[name] = getattr(parse_query(**{name: text}), name)  # type: ignore[arg-type]
        except SettingsError as error:
            raise FilterRefusedError(str(error), name) from None
    try:
        found["port"] = parse_query(port=port).port
    except SettingsError:
        raise FilterRefusedError("Port must be a number from 0 to 65535.", "port") from None
    return Query(**found)  # type: ignore[arg-type]
