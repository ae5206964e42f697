"""A dialogue: a stack of panels, each with its display, and what a key does to it.

A panel is left with a :class:`Result`; the one below gets its own display back as it was left,
with what was typed and the cursor, and is told. A refusal or an error changes nothing: the
message appears and what was typed stays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from epm.errors import EpmError
from tui import keyboard
from tui.display import Display
from tui.frames import Frames
from tui.keys import Aid, Key, KeyReader, Local, Typed
from tui.messages import MessageKind, MessageLine, kind_of
from tui.outcomes import CANCELLED, FieldRefusedError, KeyRefusedError, Result
from tui.services import Desk


@dataclass(frozen=True, slots=True)
class FunctionKey:
    """A function key of a panel: its label in the legend and what it does."""

    aid: Aid
    label: str
    action: Callable[[Session], None]


class Panel(ABC):
    """One panel: draws itself on an empty display, and answers keys.

    Attributes:
        name: its name in help texts and printed screens.
        window: drawn over the panel below instead of on an empty display.
        aside: only tells something; the panel below is shown again just as it was.
        heads_row: row of the column heads, for a panel with a list below them.
    """

    name = ""
    window = False
    aside = False
    heads_row = 0

    @abstractmethod
    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the panel from its state and the data it asks of ``desk``."""

    @abstractmethod
    def enter(self, session: Session) -> None:
        """Process what was typed."""

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the function keys, in the legend's order. F1, F3, F12, F21 work everywhere."""
        return (EXIT, CANCEL, PRINT)

    def printed(self, desk: Desk, display: Display) -> Iterator[str]:
        """Yield what F21=Print prints: here the panel as it is on the screen."""
        yield from display.lines()[:-1]

    def print_note(self) -> str:
        """Return what to say of a printout beyond where it is, after it was made."""
        return ""

    def keep(self, values: dict[str, str]) -> None:  # noqa: B027 - most panels keep nothing
        """Take what the fields hold into the panel's state, before a key is processed."""

    def resumed(self, session: Session, result: Result) -> None:
        """Go on after the panel above was left."""
        session.say(*result.messages)

    def roll(self, session: Session, *, up: bool) -> None:
        """Page forward (``up``) or back."""
        raise KeyRefusedError("Roll Up or Roll Down key not allowed.")

    def key(self, session: Session, aid: Aid) -> None:
        """Answer a key that goes to the program.

        Raises:
            EpmError: it was refused; nothing was done.
        """
        if aid is Aid.ENTER:
            self.enter(session)
            return
        if aid in (Aid.ROLL_UP, Aid.ROLL_DOWN):
            self.roll(session, up=aid is Aid.ROLL_UP)
            return
        for function_key in (*self.function_keys(), EXIT, CANCEL, PRINT):
            if function_key.aid is aid:
                function_key.action(session)
                return
        raise KeyRefusedError(f"Function key {aid} not allowed.")


EXIT = FunctionKey(Aid.F3, "Exit", lambda session: session.exit_function())
CANCEL = FunctionKey(Aid.F12, "Cancel", lambda session: session.leave(CANCELLED))
PRINT = FunctionKey(Aid.F21, "Print", lambda session: session.print_panel(session.panel))


#: Makes the panel that helps with the cursor's place, or tells of what the message line says.
Helper = Callable[[Panel, Display, MessageLine], Panel]


class Session:
    """A dialogue that begins with ``first``; leaving that one ends it."""

    def __init__(
        self,
        desk: Desk,
        first: Panel,
        *,
        rows: int = 24,
        columns: int = 80,
        helper: Helper | None = None,
    ) -> None:
        """Draw the first panel.

        Args:
            desk: what every panel gets.
            first: the panel to begin with.
            rows: of the display, at least 24.
            columns: of the display, at least 80.
            helper: makes the panel that helps with the cursor's place on a panel.

        Raises:
            EpmError: its data cannot be had.
        """
        self.desk = desk
        self.ended = False
        self._helper = helper
        self._reader = KeyReader()
        self._frames: Frames[Panel] = Frames(desk, (rows, columns))
        self.push(first)

    @property
    def panel(self) -> Panel:
        """The panel on top."""
        return self._frames.top

    @property
    def first(self) -> Panel:
        """The panel that the dialogue began with."""
        return self._frames.first

    @property
    def display(self) -> Display:
        """The display of the panel on top."""
        return self._frames.display

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the display."""
        return self._frames.size

    # ------------------------------------------------------------------------- panels

    def push(self, panel: Panel) -> None:
        """Show a panel over this one."""
        self._frames.push(panel)

    def redraw(self) -> None:
        """Draw the panel on top again from its state and fresh data."""
        self._frames.redraw()

    def resize(self, rows: int, columns: int) -> None:
        """Draw every panel at another size; what was typed and the cursor's place stay.

        Raises:
            EpmError: what was typed does not fit, or data cannot be had; nothing was changed.
        """
        self._frames.resize((rows, columns))

    def jump(self, make: Callable[[Desk], Panel]) -> None:
        """Leave everything above the first panel and show another over that one.

        Raises:
            EpmError: it could not be drawn; everything is as it was.
        """
        self._frames.replace(make(self.desk))

    def leave(self, result: Result) -> None:
        """Leave the panel on top; the one below goes on.

        When that one cannot be drawn again, it stays as it was, and the message of the panel
        that was left is shown with the error, for its work is done.
        """
        if len(self._frames) == 1:
            self.ended = True
            return
        aside = self.panel.aside
        self._frames.pop()
        if aside:
            return
        try:
            self.panel.resumed(self, result)
        except FieldRefusedError:
            raise
        except EpmError as error:
            self.say(*result.messages, str(error), kind=kind_of(error))

    def exit_function(self) -> None:
        """Leave everything above the first panel; there, end the dialogue.

        A panel that only tells something is left alone: what is below it is still at work.
        """
        if self.panel.aside or len(self._frames) == 1:
            self.leave(CANCELLED)
            return
        self._frames.pop(keep=1)
        self.panel.resumed(self, CANCELLED)

    def print_panel(self, panel: Panel) -> None:
        """Print a panel into a spooled file and say which.

        Raises:
            EpmError: its data cannot be had, or the file cannot be written; there is none then.
        """
        lines = panel.printed(self.desk, self.display)
        spooled = self.desk.printing.spool(panel.name, lines)
        self.say(spooled.message, panel.print_note())

    # ----------------------------------------------------------------------- messages

    @property
    def said(self) -> tuple[str, ...]:
        """What is said on the panel on top, each message whole; the last row may show a part."""
        return self._frames.messages.texts

    def say(self, *messages: str, kind: MessageKind = MessageKind.DONE) -> None:
        """Show messages on the last row: the first, and a ``+`` while there are more."""
        self._frames.messages.put(messages, kind)
        self._frames.show_message()

    # --------------------------------------------------------------------------- keys

    def press(self, name: str, character: str | None = None) -> bool:
        """Take one key by its terminal name; return whether it has any meaning."""
        key = self.read(name, character)
        if key is not None:
            self.handle(key)
        return key is not None

    def read(self, name: str, character: str | None) -> Key | None:
        """Return the key that a terminal key is; Esc is remembered as a prefix."""
        return self._reader.read(name, character)

    def handle(self, key: Key) -> None:
        """Do what a key does. No key raises; an error is a message."""
        if self.ended:
            return
        messages, last = self._frames.messages, self.display.row == self.display.rows
        if key in (Aid.ROLL_UP, Aid.ROLL_DOWN) and messages.several and last:
            messages.turn()
            self._frames.show_message()
        elif key is Aid.F1:
            self._attempt(self._help)
        elif isinstance(key, Aid):
            self.attempt(lambda: self._program_key(key))
        elif isinstance(key, Typed):
            self.say()
            keyboard.type_character(self.display, key.character)
        else:
            self._local_key(key)

    def _local_key(self, key: Local) -> None:
        """Move the cursor past what the program said, or change a field, which clears it."""
        if key in keyboard.MOVES:
            self._frames.show_message()  # only what the display itself said is gone
        else:
            self.say()
        keyboard.press_local(self.display, key)

    def attempt(self, action: Callable[[], None]) -> None:
        """Do something for the operator; an error of it is a message, and nothing was done."""
        if not self.ended:
            self.say()
            self._attempt(action)

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except FieldRefusedError as refusal:
            self.refuse(refusal.field, refusal)
        except EpmError as error:
            self.say(str(error), kind=kind_of(error))

    def _program_key(self, aid: Aid) -> None:
        for field in self.display.fields:
            field.error = False  # the panel says anew which one is wrong
        self.panel.keep(self.display.values())
        with self._frames.restoring(FieldRefusedError, KeyRefusedError):
            self.panel.key(self, aid)

    def _help(self) -> None:
        if self._helper is None:
            raise KeyRefusedError("Help not available.")
        if self.panel.name == "help":
            raise KeyRefusedError("This is help already; F2 has more of it.")
        self.push(self._helper(self.panel, self.display, self._frames.messages))

    def refuse(self, field_name: str, error: EpmError) -> None:
        """Show a field in reverse image, put the cursor there, and say why."""
        field = self.display.field(field_name)
        if field is not None:
            field.error = True
            self.display.cursor = field.start
        self.say(str(error), kind=kind_of(error))
