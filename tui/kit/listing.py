"""A list panel: a paged subfile over rows that are read by key, never all at once.

INVARIANT: an option that was typed stays until it was done, whatever is rolled in between.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from epm.errors import EpmError, NotFoundError
from tui.display import GREEN, PINK, WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.drawing import instruction, key_legend, option_legend, right, title_block
from tui.outcomes import FieldRefusedError, KeyRefusedError, Result
from tui.services import Desk
from tui.session import CANCEL, EXIT, PRINT, FunctionKey, Panel, Session

R = TypeVar("R")

#: Rows below the list: More... or Bottom, a blank one, two of keys, the message.
FOOT_ROWS = 5
OPTIONS_ROW = 6
HEADS_ROW = 9
LAST_KEY = 10**9
#: F21=Print prints so many rows at most, in lines of so many columns, read so many at a time.
PRINT_LIMIT = 10_000
PRINT_COLUMNS = 132
PRINT_BATCH = 100
NO_RECORDS = "(No records to display.)"
END_OF_LISTING = "* * * * *   E N D   O F   L I S T I N G   * * * * *"


class ListPanel(Panel, Generic[R]):
    """A list whose rows have ascending whole-number keys, from 1.

    Attributes:
        title: on the first row.
        options: what each option does, in the legend's order.
        heads_row: row of the column heads; the list begins below it.
        last_key: a key that no row is behind.
        first: key at which the page begins.
        chosen: options typed and not yet done, by key.
    """

    title = ""
    options: Sequence[tuple[str, str]] = ()
    heads_row = HEADS_ROW
    last_key = LAST_KEY

    def __init__(self) -> None:
        """Begin at the top with nothing chosen."""
        self.first = 1
        self.chosen: dict[int, str] = {}
        self._shown: list[R] = []
        self._next: int | None = None
        self._page = 0
        self._running: tuple[int, ...] = ()
        self._said: list[str] = []
        self._print_note = ""

    # ------------------------------------------------------------ what a list must say

    @abstractmethod
    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[R]:
        """Return at most ``count`` rows, ascending: from key ``start`` on, or up to it."""

    @abstractmethod
    def key_of(self, row: R) -> int:
        """Return a row's key."""

    @abstractmethod
    def draw_row(self, display: Display, at: int, row: R) -> None:
        """Write a row behind its option field, from column 6 on."""

    @abstractmethod
    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write rows 2 to 4, and the column heads on row 9."""

    def check_option(self, key: int, option: str) -> None:
        """Refuse an option that this row does not take, before anything is processed."""

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel that does an option, and the rows that it is for."""
        raise NotFoundError(f"option {option} has no panel for {key}")

    def note(self) -> str:
        """Return what stands left of More... or Bottom."""
        return ""

    # ----------------------------------------------------------------------- drawing

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page."""
        self._page = display.rows - self.heads_row - FOOT_ROWS
        self.read_page(desk)
        title_block(display, desk, self.title)
        self.draw_heads(display, desk)
        if self.options:
            instruction(display, OPTIONS_ROW, "Type options, press Enter.")
            option_legend(display, OPTIONS_ROW + 1, self.options)
            display.put(self.heads_row, 2, "Opt", WHITE)
        for at, row in enumerate(self._shown, self.heads_row + 1):
            self._draw_option(display, at, self.key_of(row))
            self.draw_row(display, at, row)
        below = display.rows - 4
        if not self._shown:
            display.put(self.heads_row + 1, 4, NO_RECORDS, GREEN)
        display.put(below, 2, self.note(), PINK)
        right(display, below, "More..." if self._next is not None else "Bottom", WHITE)
        key_legend(display, self.function_keys())
        self._place_cursor(display)

    def read_page(self, desk: Desk) -> None:
        """Read the rows to show from ``first`` on, and where the next page begins."""
        rows = self.fetch(desk, self.first, self._page + 1, backward=False)
        if not rows and self.first > 1:  # what was here is gone: show the end of the list
            rows = self.fetch(desk, self.last_key, self._page, backward=True)
            self.first = self.key_of(rows[0]) if rows else 1
        self._shown = list(rows[: self._page])
        self._next = self.key_of(rows[self._page]) if len(rows) > self._page else None

    def _draw_option(self, display: Display, at: int, key: int) -> None:
        if self.options:
            display.add(f"opt{key}", at, 3, 2, self.chosen.get(key, ""), Kind.UPPER)

    def _place_cursor(self, display: Display) -> None:
        fields = [f for f in display.fields if f.name.startswith("opt")]
        if fields:
            display.cursor = next((f for f in fields if f.value), fields[0]).start

    # -------------------------------------------------------------------------- keys

    def keep(self, values: dict[str, str]) -> None:
        """Keep the options of the page that is left."""
        for row in self._shown:
            key = self.key_of(row)
            option = values.get(f"opt{key}", "")
            if option:
                self.chosen[key] = option
            else:
                self.chosen.pop(key, None)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of a list."""
        return (
            EXIT,
            FunctionKey(Aid.F5, "Refresh", self.refresh),
            CANCEL,
            FunctionKey(Aid.F17, "Top", lambda session: self.go_to(session, 1)),
            FunctionKey(Aid.F18, "Bottom", self.to_bottom),
            PRINT,
        )

    def go_to(self, session: Session, key: int) -> None:
        """Show the page that begins at a key."""
        self.first = key
        session.redraw()

    def roll(self, session: Session, *, up: bool) -> None:
        """Page forward or back."""
        if up:
            if self._next is None:
                raise KeyRefusedError("Already at the bottom of the list.")
            self.go_to(session, self._next)
            return
        rows = self.fetch(session.desk, self.first - 1, self._page, backward=True)
        if not rows:
            raise KeyRefusedError("Already at the top of the list.")
        self.go_to(session, self.key_of(rows[0]) if len(rows) == self._page else 1)

    def to_bottom(self, session: Session) -> None:
        """Show the last page."""
        rows = self.fetch(session.desk, self.last_key, self._page, backward=True)
        self.go_to(session, self.key_of(rows[0]) if rows else 1)

    def refresh(self, session: Session) -> None:
        """Forget the options and read the page again."""
        self.chosen.clear()
        session.redraw()

    # ---------------------------------------------------------------------- printing

    def printed(self, desk: Desk, display: Display) -> Iterator[str]:
        """Yield the whole list as lines, read a batch at a time, not only the page shown."""
        self._print_note = ""
        heads = Display(max(24, self.heads_row), PRINT_COLUMNS)
        title_block(heads, desk, self.title)
        self.draw_heads(heads, desk)
        yield from heads.lines()[: self.heads_row]
        count = 0
        for rows in self.batches(desk):
            room = PRINT_LIMIT - count
            if len(rows) > room:
                self._print_note = f"The list is longer: its first {PRINT_LIMIT} rows were printed."
            yield from self.row_lines(rows[:room])
            count += len(rows[:room])
            if len(rows) > room:
                break
        if self._print_note:
            yield self._print_note
            return
        yield "" if count else f"   {NO_RECORDS}"
        yield END_OF_LISTING.center(PRINT_COLUMNS).rstrip()

    def batches(self, desk: Desk) -> Iterator[Sequence[R]]:
        """Yield the rows of the whole list in order, some at a time."""
        start = 1
        while rows := self.fetch(desk, start, PRINT_BATCH, backward=False):
            yield rows
            start = self.key_of(rows[-1]) + 1

    def row_lines(self, rows: Sequence[R]) -> list[str]:
        """Return rows as printed lines."""
        sheet = Display(max(24, len(rows)), PRINT_COLUMNS)
        for at, row in enumerate(rows, 1):
            self.draw_row(sheet, at, row)
        return sheet.lines()[: len(rows)]

    def print_note(self) -> str:
        """Say when the list was too long to be printed whole."""
        return self._print_note

    # ----------------------------------------------------------------------- options

    def enter(self, session: Session) -> None:
        """Check all options, then do them from top to bottom."""
        known = dict(self.options)
        for key in sorted(self.chosen):
            option = self.chosen[key]
            try:
                if option not in known:
                    raise FieldRefusedError(f"Option {option} not valid.", f"opt{key}")
                self.check_option(key, option)
            except FieldRefusedError:
                if all(self.key_of(row) != key for row in self._shown):
                    self.go_to(session, key)
                raise
        self._said = []
        self._run_next(session)

    def _run_next(self, session: Session) -> None:
        """Begin with the uppermost option that is left; at the end show the list again."""
        while self.chosen:
            key = min(self.chosen)
            try:
                panel, self._running = self.panel_for(session, key, self.chosen[key])
                session.push(panel)
            except EpmError as error:
                self._stopped(session, key, error)
            return
        session.redraw()
        session.say(*self._said)

    def _stopped(self, session: Session, key: int, error: EpmError) -> None:
        """Show the option that could not be done, on its page; those beside no row any more go."""
        if isinstance(error, NotFoundError):  # nobody could clear what stands beside no row
            gone = [one for one in self.chosen if not self._has_row(session.desk, one)]
            for one in gone:
                del self.chosen[one]
        field = error.field if isinstance(error, FieldRefusedError) else f"opt{key}"
        session.redraw()
        for typed in self.chosen:
            if field == f"opt{typed}" and session.display.field(field) is None:
                self.go_to(session, typed)
                break
        session.refuse(field, error)

    def _has_row(self, desk: Desk, key: int) -> bool:
        rows = self.fetch(desk, key, 1, backward=False)
        return bool(rows) and self.key_of(rows[0]) == key

    def resumed(self, session: Session, result: Result) -> None:
        """Clear the option that was done and go on with the next; F12 stops here."""
        running, self._running = self._running, ()
        if not running:  # a panel that no option asked for, such as F6=Create
            session.redraw()
            session.say(*result.messages)
            return
        if result.done or not result.keep:
            self._clear(session, running)
        if result.done:
            self._said.extend(result.messages)
            session.redraw()  # the next option works on what is there now
            self._run_next(session)
            return
        session.redraw()
        session.say(*self._said, *result.messages)

    def _clear(self, session: Session, keys: Sequence[int]) -> None:
        """Forget options, on the screen too, should it not be possible to draw it again."""
        for key in keys:
            self.chosen.pop(key, None)
            field = session.display.field(f"opt{key}")
            if field is not None:
                field.value = ""
