"""Keys: those that go to the program (AID), those that stay at the display, and their names.

Terminal key names are Textual's. F13-F24 have two names, because terminals send them as such or
as Shift with F1-F12. Shift+F3 cannot be told from a cursor report and never arrives: no panel
may give F15 a job. Every function key has a second way in, tn5250's prefix: Esc, then ``1`` to
``=`` for F1-F12, Esc, then the shifted row ``!`` to ``+`` for F13-F24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Aid(StrEnum):
    """A key that goes to the program (attention identifier)."""

    ENTER = "Enter"
    ROLL_UP = "Roll Up"
    ROLL_DOWN = "Roll Down"
    F1 = "F1"
    F2 = "F2"
    F3 = "F3"
    F4 = "F4"
    F5 = "F5"
    F6 = "F6"
    F7 = "F7"
    F8 = "F8"
    F9 = "F9"
    F10 = "F10"
    F11 = "F11"
    F12 = "F12"
    F13 = "F13"
    F14 = "F14"
    F15 = "F15"
    F16 = "F16"
    F17 = "F17"
    F18 = "F18"
    F19 = "F19"
    F20 = "F20"
    F21 = "F21"
    F22 = "F22"
    F23 = "F23"
    F24 = "F24"


class Local(StrEnum):
    """A key that the display itself answers."""

    TAB = "Tab"
    BACKTAB = "Backtab"
    UP = "Up"
    DOWN = "Down"
    LEFT = "Left"
    RIGHT = "Right"
    HOME = "Home"
    END = "End"
    NEW_LINE = "New Line"
    DELETE = "Delete"
    BACKSPACE = "Backspace"
    ERASE_EOF = "Erase EOF"
    ERASE_INPUT = "Erase Input"
    FIELD_EXIT = "Field Exit"
    FIELD_PLUS = "Field+"
    FIELD_MINUS = "Field-"
    INSERT = "Insert"
    RESET = "Reset"


@dataclass(frozen=True, slots=True)
class Typed:
    """A printable character."""

    character: str


Key = Aid | Local | Typed

_FUNCTION_KEYS = {f"f{n}": Aid(f"F{n}") for n in range(1, 25)} | {
    f"shift+f{n}": Aid(f"F{n + 12}") for n in range(1, 13)
}

#: What each terminal key is. The Ctrl forms are tn5250's.
TERMINAL_KEYS: Mapping[str, Aid | Local] = MappingProxyType(
    {
        **_FUNCTION_KEYS,
        "enter": Aid.ENTER,
        # The keypad's Enter in some terminals, and any Enter typed before the workbench has
        # taken the terminal, whose own line discipline makes it a line feed.
        "ctrl+j": Aid.ENTER,
        "pagedown": Aid.ROLL_UP,
        "pageup": Aid.ROLL_DOWN,
        "ctrl+d": Aid.ROLL_UP,
        "ctrl+f": Aid.ROLL_UP,
        "ctrl+b": Aid.ROLL_DOWN,
        "ctrl+u": Aid.ROLL_DOWN,
        "alt+h": Aid.F1,
        "tab": Local.TAB,
        "shift+tab": Local.BACKTAB,
        "up": Local.UP,
        "down": Local.DOWN,
        "left": Local.LEFT,
        "right": Local.RIGHT,
        "home": Local.HOME,
        "ctrl+o": Local.HOME,
        "end": Local.END,
        "ctrl+n": Local.NEW_LINE,
        "shift+enter": Local.NEW_LINE,
        "delete": Local.DELETE,
        "backspace": Local.BACKSPACE,
        "ctrl+h": Local.BACKSPACE,
        "ctrl+delete": Local.ERASE_EOF,
        "ctrl+e": Local.ERASE_INPUT,
        "ctrl+k": Local.FIELD_EXIT,
        "ctrl+x": Local.FIELD_PLUS,
        "ctrl+y": Local.FIELD_MINUS,
        "alt+x": Local.FIELD_EXIT,
        "insert": Local.INSERT,
        "ctrl+r": Local.RESET,
        "escape": Local.RESET,
    }
)

#: The characters that, after Esc, are F1 to F24.
PREFIXED: Mapping[str, Aid] = MappingProxyType(
    {c: Aid(f"F{n}") for n, c in enumerate("1234567890-=!@#$%^&*()_+", 1)}
)


@dataclass(slots=True)
class KeyReader:
    """Turns terminal keys into keys of the display; knows the Esc prefix."""

    _armed: bool = field(default=False)

    def read(self, name: str, character: str | None) -> Key | None:
        """Return the key that a terminal key is, or ``None`` for one that has no meaning.

        Args:
            name: the terminal key's name, such as ``f3`` or ``shift+f1``.
            character: the printable character it typed, if any.
        """
        armed, self._armed = self._armed, name == "escape"
        if character is not None and len(character) == 1 and character.isprintable():
            return PREFIXED[character] if armed and character in PREFIXED else Typed(character)
        return TERMINAL_KEYS.get(name)
