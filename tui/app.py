"""The one adapter to Textual: draws the display of a session and hands it every key.

One widget receives all keys. A key that arrives while a panel is busy waits in that widget's own
queue, so nothing that was typed ahead is lost or lands on another panel than when typed slowly.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from functools import lru_cache

# Read once, when Textual is imported: without it F13-F20 of many terminals arrive as characters.
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.app import App, ComposeResult, SystemCommand
from textual.keys import Keys
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.display import WHITE, Attr, Display
from tui.keyboard import paste
from tui.keys import Aid, Key
from tui.kit.drawing import aid_at
from tui.picture import BACKGROUND, PALETTE
from tui.session import Session

#: Seconds after which the screen says that it waits.
PATIENCE = 0.4
WORKING = "Working. What you type is kept."
_BLANK = Style(bgcolor=BACKGROUND)

# A quick Esc and digit arrive as one sequence, which Textual reads as a Mac's Alt characters:
# Esc 3 would be a pound sign, and a pound sign typed on a British keyboard could not be told
# from F3=Exit. Here they are function keys, and a typed character stays that character.
_QUICK_PREFIX = {f"\x1b{c}": (Keys(f"f{n}"),) for n, c in enumerate("1234567890-=", 1)}
if isinstance(ANSI_SEQUENCES_KEYS, dict):
    ANSI_SEQUENCES_KEYS.update(_QUICK_PREFIX)


@lru_cache(maxsize=256)
def style_of(attr: Attr, *, cursor: bool = False) -> Style:
    """Return how a cell is painted; the cursor's cell is reversed."""
    return Style(
        color=PALETTE[attr.colour],
        bgcolor=BACKGROUND,  # the line API does not fill it in
        underline=attr.underline,
        reverse=attr.reverse != cursor,
    )


def segments(display: Display, row: int) -> Iterable[Segment]:
    """Yield a row of the display as Rich segments."""
    column = 1
    for text, attr in display.runs(row):
        at = display.column - column
        if row == display.row and 0 <= at < len(text):
            yield Segment(text[:at], style_of(attr))
            yield Segment(text[at], style_of(attr, cursor=True))
            yield Segment(text[at + 1 :], style_of(attr))
        else:
            yield Segment(text, style_of(attr))
        column += len(text)


class Terminal(Widget, can_focus=True):
    """The display in the middle of the terminal, an emulator's status line below it."""

    DEFAULT_CSS = f"Terminal {{ width: 100%; height: 100%; background: {BACKGROUND}; }}"

    def __init__(self, session: Session) -> None:
        """Show ``session``."""
        super().__init__()
        self._session = session
        self._waiting = False

    # ----------------------------------------------------------------------- painting

    @property
    def _origin(self) -> tuple[int, int] | None:
        """First column and row of the display, or ``None`` when it does not fit."""
        display = self._session.display
        if self.size.width < display.columns or self.size.height < display.rows:
            return None
        left = (self.size.width - display.columns) // 2
        return left, max(0, (self.size.height - display.rows - 1) // 2)

    def render_line(self, y: int) -> Strip:
        """Return one line of the terminal."""
        display, origin = self._session.display, self._origin
        width = self.size.width
        if origin is None:
            return _line([Segment(self._notice() if y == 0 else "", style_of(WHITE))], width)
        left, top = origin
        row = y - top + 1
        pad = Segment(" " * left, _BLANK)
        if row == display.rows and self._waiting:
            return _line([pad, Segment(f" {WORKING}", style_of(WHITE))], width)
        if 1 <= row <= display.rows:
            return _line([pad, *segments(display, row)], width)
        if row == display.rows + 1:
            return _line([pad, Segment(self._status(), style_of(WHITE))], width)
        return _line([], width)

    def _notice(self) -> str:
        display = self._session.display
        needed = f"{display.rows}x{display.columns}"
        return f"EPM needs {needed}, this terminal is {self.size.height}x{self.size.width}"

    def _status(self) -> str:
        """Return what an emulator shows: input inhibited, insert mode, the cursor's place."""
        display = self._session.display
        left = f"{'X SYSTEM' if self._waiting else '':<10}{'^' if display.insert else ''}"
        place = f"{display.row:02}/{display.column:03}"
        return f" {left:<{display.columns - len(place) - 2}}{place}"

    # --------------------------------------------------------------------------- input

    async def on_key(self, event: events.Key) -> None:
        """Hand a key to the session."""
        key = self._session.read(event.key, event.character if event.is_printable else None)
        if key is None:
            return
        event.stop()
        event.prevent_default()
        await self.take(key)

    async def take(self, key: Key) -> None:
        """Do what a key does; one that goes to the program may wait for the store."""
        if self._origin is None:  # nobody should work on a panel that cannot be seen
            return
        try:
            if isinstance(key, Aid):
                await self._process(key)
            else:
                self._session.handle(key)
        except Exception as error:  # noqa: BLE001 - the screen must be given back before it is told
            self.app.exit(error)
            return
        if self._session.ended:
            self.app.exit()
        self.refresh()

    async def _process(self, aid: Aid) -> None:
        """Have a panel do its work in a thread, so that the terminal stays alive meanwhile."""
        work = asyncio.create_task(asyncio.to_thread(self._session.handle, aid))
        done, _ = await asyncio.wait({work}, timeout=PATIENCE)
        if not done:
            self._waiting = True
            self.refresh()
        try:
            await work
        finally:
            self._waiting = False

    async def on_click(self, event: events.Click) -> None:
        """Press the function key that was clicked in the legend, or move the cursor."""
        origin, display = self._origin, self._session.display
        if origin is None:
            return
        column, row = event.x - origin[0] + 1, event.y - origin[1] + 1
        if not (1 <= column <= display.columns and 1 <= row <= display.rows):
            return
        aid = aid_at(display, row, column)
        if aid is not None:
            await self.take(aid)
            return
        display.cursor = display.position(row, column)
        self.refresh()

    async def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Roll up, as Page Down does."""
        await self.take(Aid.ROLL_UP)

    async def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Roll down, as Page Up does."""
        await self.take(Aid.ROLL_DOWN)

    def on_paste(self, event: events.Paste) -> None:
        """Type what was pasted, a line into each field."""
        event.stop()
        if self._origin is not None:
            paste(self._session.display, event.text)
            self.refresh()


def _line(parts: list[Segment], width: int) -> Strip:
    return Strip(parts).extend_cell_length(width, _BLANK).crop(0, width)


class Workbench(App[Exception]):
    """The Textual application: the terminal and a command palette of the function keys."""

    CSS = f"Screen {{ background: {BACKGROUND}; overflow: hidden; }}"
    TITLE = "EPM"

    def __init__(self, session: Session) -> None:
        """Show ``session``."""
        super().__init__()
        self._session = session
        self.terminal = Terminal(session)

    def compose(self) -> ComposeResult:
        """Have the one widget."""
        yield self.terminal

    def on_mount(self) -> None:
        """Give it the keyboard."""
        self.terminal.focus()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every function key of the panel, for terminals that keep some for themselves."""
        for key in (*self._session.panel.function_keys(),):
            yield SystemCommand(
                f"{key.aid} {key.label}", f"As pressing {key.aid}", self._presser(key.aid)
            )
        yield SystemCommand("Quit", "Leave the workbench at once", self.exit)

    def _presser(self, aid: Aid) -> _Presser:
        return _Presser(self.terminal, aid)


class _Presser:
    """Presses a function key from the command palette."""

    def __init__(self, terminal: Terminal, aid: Aid) -> None:
        self._terminal = terminal
        self._aid = aid

    def __call__(self) -> None:
        # Through the widget's queue, behind the keys that were typed before.
        self._terminal.post_message(events.Key(self._aid.lower(), None))


def run(session: Session) -> None:
    """Show ``session`` until it ends.

    Raises:
        Exception: what went wrong inside a panel, after the terminal was given back.
    """
    failure = Workbench(session).run()
    if failure is not None:
        raise failure
