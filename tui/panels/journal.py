"""Display Journal Entries: the entries of a journal, the newest first."""

from __future__ import annotations

from tui.display import GREEN, PINK, TURQUOISE, WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.drawing import LABEL_COLUMN, VALUE_COLUMN, cut, leader, output_line
from tui.kit.listing import HEADS_ROW
from tui.kit.searched import TOP, Found, SearchedList
from tui.outcomes import FieldRefusedError
from tui.panels.journal_entry import DisplayEntry
from tui.panels.journal_subset import SubsetJournal
from tui.services import Desk, JournalFilter, JournalPage, JournalRow
from tui.services.journal import FilterRefusedError
from tui.session import CANCEL, EXIT, PRINT, FunctionKey, Panel, Session

_SEQUENCE, _CODE, _KIND, _WHO, _ENDS = 6, 19, 25, 31, 31
_USER, _VERDICT, _TIME, _BESIDE = 43, 54, 62, 83
_WIDE = 132


class JournalEntries(SearchedList[JournalRow]):
    """The wanted entries of a journal; each page costs the same, wherever it is."""

    name = "journal"
    title = "Display Journal Entries"
    options = (("5", "Display entire entry"),)

    def __init__(self, wanted: JournalFilter | None = None) -> None:
        """List the entries that ``wanted`` describes; all of the system's journal without one."""
        super().__init__()
        self.wanted = wanted or JournalFilter()
        self._journal = ""
        self._position = ""
        self._ends = False
        self._wide = False
        self._damaged = 0

    # ---------------------------------------------------------------------------- data

    def older(self, desk: Desk, before: int | None, count: int) -> Found[JournalRow]:
        """Return entries before a number."""
        return self._noted(desk.journal.older(self.wanted, before, count))

    def newer(self, desk: Desk, start: int, count: int) -> Found[JournalRow]:
        """Return entries from a number on."""
        return self._noted(desk.journal.newer(self.wanted, max(0, start - 1), count))

    def _noted(self, page: JournalPage) -> Found[JournalRow]:
        self._damaged = page.damaged
        return Found(page.rows, page.stopped)

    def place_of(self, row: JournalRow) -> int:
        """Return the sequence."""
        return row.sequence

    # ------------------------------------------------------------------------- drawing

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw a page."""
        self._journal = desk.journal.check(self.wanted)
        self._wide = display.columns >= _WIDE
        super().draw(display, desk)

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the journal, the position-to field, the subset and the heads."""
        self._journal = self._journal or desk.journal.check(self.wanted)
        output_line(display, 2, "Journal", self._journal)
        display.put(3, LABEL_COLUMN, leader("Position to", output=False))
        display.add("position", 3, VALUE_COLUMN, 26, self._position, Kind.UPPER)
        largest = str(self._shown[0].sequence) if self._shown else ""
        output_line(display, 4, "Largest sequence here", largest)
        subset = cut(self.wanted.describe(), display.columns - VALUE_COLUMN)
        output_line(display, 5, "Subset", subset or "*ALL", TURQUOISE)
        display.put(HEADS_ROW, _SEQUENCE, f"{'Sequence':>11}", WHITE)
        display.put(HEADS_ROW, _CODE - 1, "Code", WHITE)
        display.put(HEADS_ROW, _KIND - 1, "Type", WHITE)
        if display.columns >= _WIDE:
            display.put(HEADS_ROW, _BESIDE, "Server     From -> To", WHITE)
        if self._ends and display.columns < _WIDE:
            display.put(HEADS_ROW, _ENDS, "Server     From -> To", WHITE)
            return
        heads = ((_WHO, "Job"), (_USER, "User"), (_VERDICT, "Verdict"), (_TIME, "Time (UTC)"))
        for column, head in heads:
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: JournalRow) -> None:
        """Write one entry."""
        display.put(at, _SEQUENCE, f"{row.sequence:>11}")
        display.put(at, _CODE, row.code)
        display.put(at, _KIND - 1, row.kind[:5])
        ends = f"{row.server:<10} {_ends(row)}" if row.server else row.detail
        if display.columns >= _WIDE:
            display.put(at, _BESIDE, cut(ends, display.columns - _BESIDE))
        if self._ends and display.columns < _WIDE:
            display.put(at, _ENDS, cut(ends, display.columns - _ENDS))
            return
        display.put(at, _WHO, cut(row.job, 10))
        display.put(at, _USER, cut(row.user, 10))
        display.put(at, _VERDICT, row.verdict, GREEN if row.verdict == "ALLOW" else PINK)
        display.put(at, _TIME, row.time)

    def note(self) -> str:
        """Say what was left out, and where a search was stopped."""
        searched = super().note()
        if not self._damaged:
            return searched
        places = "1 damaged place" if self._damaged == 1 else f"{self._damaged} damaged places"
        return ". ".join(filter(None, (f"{places} left out", searched)))

    # ---------------------------------------------------------------------------- keys

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F17, and F11 where there is no room for both."""
        other = "View verdicts" if self._ends else "View addresses"
        turn = () if self._wide else (FunctionKey(Aid.F11, other, self._turn),)
        return (
            EXIT,
            FunctionKey(Aid.F5, "Refresh", self.refresh),
            *turn,
            CANCEL,
            FunctionKey(Aid.F17, "Subset", lambda session: session.push(self._subset())),
            FunctionKey(Aid.F18, "Bottom", self.to_bottom),
            PRINT,
        )

    def _subset(self) -> Panel:
        return SubsetJournal(self.wanted, self._take)

    def _take(self, session: Session, wanted: JournalFilter) -> None:
        """Take another subset, once it is known to be a sound one."""
        session.desk.journal.check(wanted)
        self.wanted, self.first = wanted, 1
        self.chosen.clear()

    def _turn(self, session: Session) -> None:
        self._ends = not self._ends
        session.redraw()

    def keep(self, values: dict[str, str]) -> None:
        """Keep options and position."""
        super().keep(values)
        self._position = values.get("position", "")

    def enter(self, session: Session) -> None:
        """Go to a position first; options that were typed wait."""
        if not self._position:
            super().enter(session)
            return
        try:
            key = self._key_at(session.desk, self._position)
        except FilterRefusedError as error:
            raise FieldRefusedError(str(error), "position") from None
        self._position = ""
        self.go_to(session, key)

    def _key_at(self, desk: Desk, position: str) -> int:
        """Return the key for a number, a time, ``*FIRST`` or ``*LAST``."""
        if position == "*LAST":
            return 1
        if position == "*FIRST":
            return self.bottom_key(desk)
        if position.isascii() and position.isdigit() and len(position) <= 12:
            return max(1, TOP - max(1, int(position)))
        before = desk.journal.number_before(self.wanted, position)
        return 1 if before is None else TOP - before + 1

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel of one entry."""
        return DisplayEntry(session.desk.journal.entry(self.wanted, TOP - key)), (key,)


def _ends(row: JournalRow) -> str:
    ends = (row.local, row.remote) if row.server == "QSOCONNECT" else (row.remote, row.local)
    shown = " -> ".join(end for end in ends if end)
    return shown or row.detail
