"""Carrying over what the operator typed, when a panel is drawn anew at another size."""

from __future__ import annotations

from tui.display import Display, Field, FieldTooShortError


def carry_over(old: Display, new: Display) -> None:
    """Put into ``new`` what was typed on ``old``, and the cursor to where it was.

    A field that ``new`` does not have (a list shows fewer rows at a smaller size) is left to
    the panel, which keeps its own options.

    Raises:
        FieldTooShortError: a field is too short there for what was typed into it.
    """
    for field in old.fields:
        drawn = new.field(field.name)
        if drawn is None:
            continue
        if len(field.value) > drawn.length:
            raise FieldTooShortError(field.name, drawn.length, len(field.value))
        drawn.value, drawn.modified, drawn.error = field.value, field.modified, field.error
    new.insert = old.insert
    new.cursor = _cursor(old, new)


def _cursor(old: Display, new: Display) -> int:
    """Return the same place in the same field, or the place that is nearest on the screen."""
    field = old.field_at_cursor()
    if field is None:
        return new.position(min(old.row, new.rows), min(old.column, new.columns))
    drawn: Field | None = new.field(field.name)
    if drawn is None:
        return new.cursor
    return drawn.start + min(old.cursor - field.start, drawn.length - 1)
