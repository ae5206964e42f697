"""What the operator's local keys do to a display. Nothing here raises, whatever the key.

An operator error (a key where it has no place) shows its message; unlike on the real device the
keyboard is not locked until Reset: the next key clears the message and counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tui.display import Display, Field, Kind
from tui.keys import Local

PROTECTED = "Cursor in protected area of display."
NOT_NUMERIC = "Field requires numeric characters."
NO_ROOM = "No room to insert data."
CUT_OFF = "Pasted text does not fit the field; the rest was cut off."
NO_MINUS = "Field Minus key not allowed in field."


def type_character(display: Display, character: str) -> None:
    """Type one printable character at the cursor; a full field passes the cursor on."""
    field = display.field_at_cursor()
    if field is None:
        display.message = PROTECTED
        return
    if not _takes(field.kind, character):
        display.message = NOT_NUMERIC
        return
    if field.kind is Kind.UPPER and len(character.upper()) == 1:  # not so for a sharp s
        character = character.upper()
    at, padded = display.cursor - field.start, field.value.ljust(field.length)
    if display.insert and padded[-1] != " ":
        display.message = NO_ROOM
        return
    rest = padded[at:-1] if display.insert else padded[at + 1 :]
    _set(field, padded[:at] + character + rest)
    if at + 1 < field.length:
        display.cursor += 1
    else:
        next_field(display)


def _takes(kind: Kind, character: str) -> bool:
    if kind in (Kind.TEXT, Kind.UPPER):
        return True
    digit = character.isascii() and character.isdigit()
    return digit or character == " " or (kind is Kind.SIGNED and character == "-")


def _set(field: Field, value: str) -> None:
    field.value = value.rstrip()
    field.modified = True
    field.error = False


def paste(display: Display, text: str) -> None:
    """Type a text: its first line into the field at the cursor, each other into a lower one.

    A line never spills into a neighbour: what its field does not hold is cut off and said so,
    and nothing more is pasted.
    """
    display.message = ""
    begun = display.cursor
    for number, line in enumerate(text.splitlines()):
        if number:
            display.cursor = begun  # a field that was filled has passed the cursor on
            new_line(display)
        begun = display.cursor
        _paste_line(display, line)
        if display.message:
            return


def _paste_line(display: Display, line: str) -> None:
    field = display.field_at_cursor()
    if field is None:
        display.message = PROTECTED
        return
    room = field.start + field.length - display.cursor
    characters = [c for c in line.replace("\t", " ") if c.isprintable()]
    for character in characters[:room]:
        type_character(display, character)
        if display.message:
            return
    if len(characters) > room:
        display.message = CUT_OFF


# ---------------------------------------------------------------------------- the cursor


def move(display: Display, cells: int) -> None:
    """Move the cursor over the whole screen; it wraps at the edges."""
    display.cursor = (display.cursor + cells) % display.size


def _starts(display: Display) -> list[int]:
    return sorted(f.start for f in display.fields)


def next_field(display: Display) -> None:
    """Go to the next field; from the last one to the first."""
    starts = _starts(display)
    if starts:
        display.cursor = next((s for s in starts if s > display.cursor), starts[0])


def previous_field(display: Display) -> None:
    """Go to the start of this field, or when there, of the one before."""
    starts = _starts(display)
    if starts:
        display.cursor = next((s for s in reversed(starts) if s < display.cursor), starts[-1])


def home(display: Display) -> None:
    """Go to the first field."""
    display.cursor = _starts(display)[0] if display.fields else 0


def end_of_field(display: Display) -> None:
    """Go behind the last character of the field."""
    field = display.field_at_cursor()
    if field is not None:
        display.cursor = field.start + min(len(field.value), field.length - 1)


def new_line(display: Display) -> None:
    """Go to the first field of a lower row; below the last one, to the first."""
    below = display.row * display.columns
    starts = _starts(display)
    if starts:
        display.cursor = next((s for s in starts if s >= below), starts[0])


# ------------------------------------------------------------------------------- erasing


def delete(display: Display) -> None:
    """Delete the character at the cursor; the rest of the field moves up."""
    field = display.field_at_cursor()
    if field is None:
        display.message = PROTECTED
        return
    at, padded = display.cursor - field.start, field.value.ljust(field.length)
    _set(field, padded[:at] + padded[at + 1 :])


def backspace(display: Display) -> None:
    """Delete the character before the cursor; at a field's start, only go back."""
    field = display.field_at_cursor()
    if field is None or display.cursor == field.start:
        previous_field(display)
        return
    display.cursor -= 1
    delete(display)


def erase_to_end(display: Display) -> None:
    """Erase the field from the cursor on."""
    field = display.field_at_cursor()
    if field is None:
        display.message = PROTECTED
        return
    _set(field, field.value[: display.cursor - field.start])


def erase_input(display: Display) -> None:
    """Erase every field and go to the first."""
    for field in display.fields:
        _set(field, "")
    home(display)


# --------------------------------------------------------------------------- field exits


def field_exit(display: Display) -> None:
    """Erase the field from the cursor on, right-adjust a number, go to the next field."""
    _exit(display, negative=False)


def field_plus(display: Display) -> None:
    """Field Exit that makes a signed number positive."""
    _exit(display, negative=False)


def field_minus(display: Display) -> None:
    """Field Exit that makes a signed number negative."""
    field = display.field_at_cursor()
    if field is not None and field.kind is not Kind.SIGNED:
        display.message = NO_MINUS
        return
    _exit(display, negative=True)


def _exit(display: Display, *, negative: bool) -> None:
    field = display.field_at_cursor()
    if field is None:
        display.message = PROTECTED
        return
    kept = field.value[: display.cursor - field.start]
    if field.kind in (Kind.DIGITS, Kind.SIGNED):
        digits = kept.replace("-", "").strip()
        signed = f"-{digits}" if negative and digits else digits
        kept = signed.rjust(field.length) if signed else ""
    _set(field, kept)
    next_field(display)


def toggle_insert(display: Display) -> None:
    """Change between insert and replace."""
    display.insert = not display.insert


def reset(display: Display) -> None:
    """Leave insert mode; the message is cleared by any key."""
    display.insert = False


LOCAL: Mapping[Local, Callable[[Display], None]] = MappingProxyType(
    {
        Local.TAB: next_field,
        Local.BACKTAB: previous_field,
        Local.UP: lambda d: move(d, -d.columns),
        Local.DOWN: lambda d: move(d, d.columns),
        Local.LEFT: lambda d: move(d, -1),
        Local.RIGHT: lambda d: move(d, 1),
        Local.HOME: home,
        Local.END: end_of_field,
        Local.NEW_LINE: new_line,
        Local.DELETE: delete,
        Local.BACKSPACE: backspace,
        Local.ERASE_EOF: erase_to_end,
        Local.ERASE_INPUT: erase_input,
        Local.FIELD_EXIT: field_exit,
        Local.FIELD_PLUS: field_plus,
        Local.FIELD_MINUS: field_minus,
        Local.INSERT: toggle_insert,
        Local.RESET: reset,
    }
)


#: Those that only move the cursor.
MOVES = frozenset(
    {
        Local.TAB,
        Local.BACKTAB,
        Local.UP,
        Local.DOWN,
        Local.LEFT,
        Local.RIGHT,
        Local.HOME,
        Local.END,
        Local.NEW_LINE,
    }
)


def press_local(display: Display, key: Local) -> None:
    """Do what a local key does."""
    LOCAL[key](display)
