"""A dialogue: a stack of panels, each with its display, and what a key does to it.

A panel is left with a :class:`Result`; the one below gets its own display back as it was left,
with what was typed and the cursor, and is told. A refusal or an error changes nothing: the
message appears and what was typed stays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from epm.errors import EpmError
from tui import keyboard
from tui.display import Display
from tui.keys import Aid, Key, KeyReader, Local, Typed
from tui.services import Desk


class FieldRefusedError(EpmError):
    """What a field holds is not valid.

    Attributes:
        field: the field's name; it is shown in reverse image and gets the cursor.
    """

    def __init__(self, message: str, field: str) -> None:
        """Take the line to show and the field that it is about."""
        super().__init__(message)
        self.field = field


class KeyRefusedError(EpmError):
    """A key that has no job here."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a panel was left.

    Attributes:
        done: whether it did its work; false is F12=Cancel.
        messages: what to say on the panel below.
        value: what was chosen, for a list of values.
        keep: after F12, whether the options that asked for the panel stay as typed.
    """

    done: bool
    messages: tuple[str, ...] = ()
    value: str | None = None
    keep: bool = False


CANCELLED = Result(done=False)


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
    """

    name = ""
    window = False

    @abstractmethod
    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the panel from its state and the data it asks of ``desk``."""

    @abstractmethod
    def enter(self, session: Session) -> None:
        """Process what was typed."""

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the function keys, in the legend's order. F1, F3 and F12 work everywhere."""
        return (EXIT, CANCEL)

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
        for function_key in (*self.function_keys(), EXIT, CANCEL):
            if function_key.aid is aid:
                function_key.action(session)
                return
        raise KeyRefusedError(f"Function key {aid} not allowed.")


EXIT = FunctionKey(Aid.F3, "Exit", lambda session: session.exit_function())
CANCEL = FunctionKey(Aid.F12, "Cancel", lambda session: session.leave(CANCELLED))


@dataclass(slots=True)
class _Frame:
    panel: Panel
    display: Display


class Session:
    """A dialogue that begins with ``first``; leaving that one ends it."""

    def __init__(
        self,
        desk: Desk,
        first: Panel,
        *,
        rows: int = 24,
        columns: int = 80,
        helper: Callable[[Panel, Display], Panel] | None = None,
    ) -> None:
        """Draw the first panel.

        Args:
            desk: what every panel gets.
            first: the panel to begin with.
            rows: of the display, at least 24.
            columns: of the display, at least 80.
            helper: makes the help panel for the cursor's place on a panel.

        Raises:
            EpmError: its data cannot be had.
        """
        self.desk = desk
        self.ended = False
        self._size = (rows, columns)
        self._helper = helper
        self._reader = KeyReader()
        self._frames: list[_Frame] = []
        self._messages: list[str] = []
        self.push(first)

    @property
    def panel(self) -> Panel:
        """The panel on top."""
        return self._frames[-1].panel

    @property
    def display(self) -> Display:
        """The display of the panel on top."""
        return self._frames[-1].display

    # ------------------------------------------------------------------------- panels

    def _drawn(self, panel: Panel, below: Display | None) -> Display:
        display = below.backdrop() if panel.window and below else Display(*self._size)
        panel.draw(display, self.desk)
        return display

    def push(self, panel: Panel) -> None:
        """Show a panel over this one."""
        below = self._frames[-1].display if self._frames else None
        self._frames.append(_Frame(panel, self._drawn(panel, below)))

    def redraw(self) -> None:
        """Draw the panel on top again from its state and fresh data."""
        frame = self._frames[-1]
        below = self._frames[-2].display if len(self._frames) > 1 else None
        drawn = self._drawn(frame.panel, below)
        drawn.insert = frame.display.insert
        frame.display = drawn

    def leave(self, result: Result) -> None:
        """Leave the panel on top; the one below goes on."""
        if len(self._frames) == 1:
            self.ended = True
            return
        self._frames.pop()
        self.panel.resumed(self, result)

    def exit_function(self) -> None:
        """Leave everything above the first panel; there, end the dialogue."""
        if len(self._frames) == 1:
            self.ended = True
            return
        del self._frames[1:]
        self.panel.resumed(self, CANCELLED)

    # ----------------------------------------------------------------------- messages

    def say(self, *messages: str) -> None:
        """Show messages on the last row: the first, and a ``+`` while there are more."""
        self._messages = [m for m in messages if m]
        self._show_message()

    def _show_message(self) -> None:
        width = self.display.columns - 2
        first = self._messages[0] if self._messages else ""
        if len(first) > width:  # the rest of a long one is its own next message
            self._messages[:1] = [first[: width - 2], first[width - 2 :]]
            first = self._messages[0]
        more = len(self._messages) > 1
        self.display.message = f"{first:<{width - 1}}+" if more else first

    def _next_message(self) -> None:
        self._messages = self._messages[1:] + self._messages[:1]
        self._show_message()

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
        if key in (Aid.ROLL_UP, Aid.ROLL_DOWN) and self._on_message_line():
            self._next_message()
            return
        self.display.message = ""
        if isinstance(key, Typed):
            keyboard.type_character(self.display, key.character)
        elif isinstance(key, Local):
            keyboard.press_local(self.display, key)
        else:
            self._program_key(key)

    def _on_message_line(self) -> bool:
        return len(self._messages) > 1 and self.display.row == self.display.rows

    def _program_key(self, aid: Aid) -> None:
        self._messages = []
        try:
            if aid is Aid.F1:
                self._help()
                return
            self.panel.keep(self.display.values())
            self.panel.key(self, aid)
        except FieldRefusedError as refusal:
            self.refuse(refusal.field, str(refusal))
        except EpmError as error:
            self.say(str(error))

    def _help(self) -> None:
        if self._helper is None:
            raise KeyRefusedError("Help not available.")
        if self.panel.name == "help":
            raise KeyRefusedError("This is help already; F2 has more of it.")
        self.push(self._helper(self.panel, self.display))

    def refuse(self, field_name: str, message: str) -> None:
        """Show a field in reverse image, put the cursor there, and say why."""
        field = self.display.field(field_name)
        if field is not None:
            field.error = True
            self.display.cursor = field.start
        self.say(message)
