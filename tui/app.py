"""The one adapter to Textual: draws the display of a session and hands it every key.

One widget receives all keys. A key that arrives while a panel is busy waits in that widget's own
queue, so nothing that was typed ahead is lost or lands on another panel than when typed slowly.
What the command palette, the mouse and a change of size do goes through the same queue.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache, partial
from typing import ClassVar
from weakref import WeakKeyDictionary

# Read once, when Textual is imported. Without the first, F13-F20 of many terminals arrive as
# characters; the second has a page painted within 8 ms of when it is drawn, not within 17.
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
os.environ.setdefault("TEXTUAL_FPS", "120")

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.keys import Keys
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES
from textual.theme import Theme as TextualTheme
from textual.widget import Widget

from tui.actions import actions
from tui.display import Attr, Colour
from tui.keyboard import paste
from tui.keys import PREFIXED, Aid, Key
from tui.pasting import PasteFilter
from tui.pointing import point
from tui.session import Session
from tui.themes import IBM5250, THEMES, Theme
from tui.viewport import SIZES, Viewport

#: Seconds after which the screen says that it waits.
PATIENCE = 0.4
#: Seconds that a signal leaves to give the terminal back, should a store hold that up.
LAST_SECONDS = 5
#: Until the screen is painted once more after a suspension.
RESUMED_SECONDS = 0.3

# A quick Esc and digit arrive as one sequence, which Textual reads as a Mac's Alt characters:
# Esc 3 would be a pound sign, and a pound sign typed on a British keyboard could not be told
# from F3=Exit. A quick Esc and shifted digit it takes for the digit's character alone. Here both
# are function keys, and a typed character stays that character.
_QUICK_PREFIX = {f"\x1b{c}": (Keys(str(aid).lower()),) for c, aid in PREFIXED.items()}
# tn5250's New Line, Ctrl+Alt+J, could not be told from a line feed, which is Enter.
_NEW_LINE = {"\x1b\n": (Keys.ControlN,)}
if isinstance(ANSI_SEQUENCES_KEYS, dict):
    ANSI_SEQUENCES_KEYS.update(_QUICK_PREFIX | _NEW_LINE)


_FILTERS: WeakKeyDictionary[XTermParser, PasteFilter] = WeakKeyDictionary()
_feed = XTermParser.feed


def _feed_clean(parser: XTermParser, data: str) -> Iterable[Message]:
    """Parse input without what Textual would take for keys inside of pasted text."""
    cleaned = _FILTERS.setdefault(parser, PasteFilter()).clean(data)
    return _feed(parser, cleaned) if cleaned or not data else ()  # no data is the end of it


XTermParser.feed = _feed_clean  # type: ignore[method-assign, assignment]


@lru_cache(maxsize=512)
def style_of(theme: Theme, attr: Attr, *, cursor: bool = False) -> Style:
    """Return how a cell is painted; the cursor's cell is reversed."""
    paint = theme.paint(attr)
    return Style(
        color=paint.colour,
        bgcolor=theme.background,  # the line API does not fill it in
        bold=paint.bold,
        underline=attr.underline,
        reverse=attr.reverse != cursor,
    )


@lru_cache(maxsize=8)
def _blank(theme: Theme) -> Style:
    return Style(bgcolor=theme.background)


class Terminal(Widget, can_focus=True):
    """The display in the middle of the terminal, an emulator's status line below it."""

    DEFAULT_CSS = "Terminal { width: 100%; height: 100%; background: $background; }"

    class Do(Message):
        """Something to be done after all that was typed before it."""

        def __init__(self, work: Callable[[], None]) -> None:
            """Take what to do; an error of it ends the workbench."""
            super().__init__()
            self.work = work

    class Want(Message):
        """A size that the panels are to have, wherever it fits."""

        def __init__(self, size: tuple[int, int]) -> None:
            """Take rows and columns."""
            super().__init__()
            self.size = size

    def __init__(self, session: Session, theme: Theme) -> None:
        """Show ``session``, painted by ``theme``."""
        super().__init__()
        self.painted = theme
        self._session = session
        self._wanted = session.size
        self._waiting = False

    @property
    def viewport(self) -> Viewport:
        """The terminal as it is now."""
        return Viewport(self.size.height, self.size.width)

    def render_line(self, y: int) -> Strip:
        """Return one line of the terminal."""
        runs = self.viewport.line(self._session.display, y, waiting=self._waiting)
        parts = [Segment(r.text, style_of(self.painted, r.attr, cursor=r.cursor)) for r in runs]
        width = self.size.width
        return Strip(parts).extend_cell_length(width, _blank(self.painted)).crop(0, width)

    # --------------------------------------------------------------------------- input

    async def on_key(self, event: events.Key) -> None:
        """Hand a key to the session."""
        key = self._session.read(event.key, event.character if event.is_printable else None)
        if key is None:
            return
        event.stop()
        event.prevent_default()
        await self.take(key)

    async def on_focus(self) -> None:
        """Take what was typed before."""
        await self._take_early()

    async def _take_early(self) -> None:
        """Do what was typed while this widget could not be seen or had not the keyboard yet."""
        app = self.app
        if isinstance(app, Workbench) and app.focused is self and self.size:
            for event in app.release():
                if isinstance(event, events.Paste):
                    self.on_paste(event)
                else:
                    await self.on_key(event)

    async def take(self, *keys: Key) -> None:
        """Do what keys do, one after the other."""
        for key in keys:
            if self._is_seen():
                await self._do(partial(self._session.handle, key), waits=isinstance(key, Aid))
            else:
                await self._fit()  # what kept it at a size that does not fit may be over

    def _is_seen(self) -> bool:
        """Whether the panel can be seen; nobody should work on one that cannot."""
        return self.viewport.fits(self._session.size)

    async def on_terminal_do(self, message: Terminal.Do) -> None:
        """Do what the palette chose."""
        if self._is_seen():
            await self._do(message.work, waits=True)

    async def _do(self, work: Callable[[], None], *, waits: bool) -> None:
        """Have the session do something, in a thread when it may wait for the store."""
        try:
            if waits:
                await self._in_thread(work)
            else:
                work()
        except Exception as error:  # noqa: BLE001 - the screen must be given back before it is told
            self.app.exit(error)
            return
        if self._session.ended:
            self.app.exit()
        self.refresh()

    async def _in_thread(self, work: Callable[[], None]) -> None:
        """Do it while the terminal stays alive; after some patience, say that it waits."""
        task = asyncio.create_task(asyncio.to_thread(work))
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            self._waiting = True
            self.refresh()
        try:
            await task
        finally:
            self._waiting = False

    async def on_click(self, event: events.Click) -> None:
        """Press what was clicked, or move the cursor."""
        display = self._session.display
        place = self.viewport.place(display, event.x, event.y)
        if place is not None:
            await self.take(*point(display, *place, self._session.panel.heads_row))
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
        if self._is_seen():
            paste(self._session.display, event.text)
            self.refresh()

    # ---------------------------------------------------------------------------- size

    async def on_resize(self) -> None:
        """Fall back to the small display where the wanted one does not fit, and return to it."""
        await self._fit()
        await self._take_early()

    async def _fit(self) -> None:
        size = self.viewport.best(self._wanted)
        if size is not None and size != self._session.size:
            resize = partial(self._session.resize, *size)
            await self._do(partial(self._session.attempt, resize), waits=True)

    async def on_terminal_want(self, message: Terminal.Want) -> None:
        """Show the panels at another size from now on."""
        self._wanted = message.size
        await self.on_resize()


class Workbench(App[Exception]):
    """The Textual application: the terminal and a command palette of all that can be done."""

    CSS = "Screen { background: $background; overflow: hidden; }"
    TITLE = "EPM"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+z", "suspend_process", "Suspend")]

    def __init__(
        self,
        session: Session,
        *,
        theme: Theme = IBM5250,
        keep_picture: Callable[[Session], None] | None = None,
    ) -> None:
        """Show ``session``.

        Args:
            session: the dialogue.
            theme: how it is painted at first.
            keep_picture: writes a picture of the panel on top and has the session say where.
        """
        # Without colours the terminal's own remain; None leaves it to the theme.
        self._colourless = bool(os.environ.get("NO_COLOR"))
        super().__init__(ansi_color=True if self._colourless else None)
        self.ended_by = 0
        self._session = session
        self._keep_picture = keep_picture
        self.terminal = Terminal(session, theme)
        self._early: list[events.Key | events.Paste] | None = []
        for each in THEMES.values():
            self.register_theme(_around(each))
        self.theme = theme.name

    def compose(self) -> ComposeResult:
        """Have the one widget."""
        yield self.terminal

    def on_mount(self) -> None:
        """Give it the keyboard; whatever ends this process, the terminal is given back first."""
        self.terminal.focus()
        self.app_resume_signal.subscribe(self, self._resumed)
        if sys.platform != "win32" and not (self.is_headless or self.is_web):
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self._end_by, number)

    def _resumed(self, _: App[object]) -> None:
        """Paint whatever was painted: coming back, Textual at times clears it after that."""
        self.terminal.refresh()
        self.set_timer(RESUMED_SECONDS, self.terminal.refresh)

    def _end_by(self, number: int) -> None:
        self.ended_by = number
        if sys.platform != "win32":
            signal.alarm(LAST_SECONDS)
        self.exit()

    async def on_event(self, event: events.Event) -> None:
        """Keep what is typed before the terminal can take it; Textual would drop it."""
        if self._early is not None and isinstance(event, events.Key | events.Paste):
            self._early.append(event)
        else:
            await super().on_event(event)

    def release(self) -> list[events.Key | events.Paste]:
        """Return what was typed so far, once; from now on the terminal gets it at once."""
        early, self._early = self._early or [], None
        return early

    def paint_with(self, theme: Theme) -> None:
        """Paint by another theme from now on."""
        self.theme = theme.name
        self.terminal.painted = theme
        self.terminal.refresh()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer all that can be done, also for terminals that keep some keys for themselves."""
        for action in actions(self._session):
            yield SystemCommand(action.title, action.text, self._later(Terminal.Do(action.do)))
        if self._keep_picture is not None:
            keep = partial(self._session.attempt, partial(self._keep_picture, self._session))
            done = self._later(Terminal.Do(keep))
            yield SystemCommand("Picture of this panel", "Writes it as an SVG file", done)
        for size in SIZES:
            if size != self._session.size and self.terminal.viewport.fits(size):
                title = "Size {}x{}".format(*size)
                text = "{} rows of {} columns".format(*size)
                yield SystemCommand(title, text, self._later(Terminal.Want(size)))
        for theme in () if self._colourless else THEMES.values():
            if theme is not self.terminal.painted:
                change = partial(self.paint_with, theme)
                yield SystemCommand(f"Theme {theme.name}", theme.text, change)
        yield SystemCommand("Quit", "Leave the workbench at once", self.exit)

    def _later(self, message: Message) -> Callable[[], object]:
        """Return what has the terminal do something, behind the keys that were typed before."""
        return partial(self.terminal.post_message, message)


def _around(theme: Theme) -> TextualTheme:
    """Return how Textual paints what is its own: the command palette."""
    if theme.native:
        return replace(BUILTIN_THEMES["ansi-dark"], name=theme.name)
    paints, background = theme.paints, theme.background
    return TextualTheme(
        name=theme.name,
        primary=paints[Colour.BLUE].colour,
        foreground=paints[Colour.GREEN].colour,
        accent=paints[Colour.WHITE].colour,
        background=background,
        surface=background,
        panel=background,
    )


def run(
    session: Session,
    *,
    theme: Theme = IBM5250,
    keep_picture: Callable[[Session], None] | None = None,
) -> int:
    """Show ``session`` until it ends; return the number of the signal that ended it, or 0.

    Raises:
        Exception: what went wrong inside a panel, after the terminal was given back.
    """
    workbench = Workbench(session, theme=theme, keep_picture=keep_picture)
    failure = workbench.run()
    if failure is not None:
        raise failure
    return workbench.ended_by
