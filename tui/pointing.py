"""What a click does: it moves the cursor, or stands for keys that are typed in its place."""

from __future__ import annotations

from tui.display import Display
from tui.keys import Aid, Key, Local, Typed
from tui.places import PlaceKind, place_at


def point(display: Display, row: int, column: int, heads_row: int = 0) -> tuple[Key, ...]:
    """Move the cursor for a click and return the keys that it stands for.

    A function key of the legend is pressed; ``More...`` rolls; a choice of a menu is typed and
    entered; an option of the legend is typed beside the list row that the cursor is in, and
    waits for Enter. Anywhere else the cursor goes to where was clicked.
    """
    place = place_at(display, row, column, heads_row)
    kind = place.kind if place else None
    if place and kind is PlaceKind.KEY:
        return (Aid(place.name),)
    if kind is PlaceKind.MORE:
        return (Aid.ROLL_UP,)
    if place and kind is PlaceKind.CHOICE and _go_to(display, "selection"):
        return (*_typing(place.name), Aid.ENTER)
    if place and kind is PlaceKind.OPTION and _go_to_option(display):
        return _typing(place.name)
    display.cursor = display.position(row, column)
    return ()


def _typing(text: str) -> tuple[Key, ...]:
    return (Local.ERASE_EOF, *map(Typed, text))


def _go_to(display: Display, name: str) -> bool:
    field = display.field(name)
    if field is None:
        return False
    display.cursor = field.start
    return True


def _go_to_option(display: Display) -> bool:
    """Go to the option field of the cursor's row, else to the first one there is."""
    options = [f for f in display.fields if f.name.startswith("opt")]
    beside = (f for f in options if f.start // display.columns == display.row - 1)
    field = next(beside, options[0] if options else None)
    return field is not None and _go_to(display, field.name)
