"""An entry panel: labelled input fields, some with a list of values at F4."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from tui.display import TURQUOISE, Display, Kind
from tui.keys import Aid
from tui.kit.drawing import (
    LABEL_COLUMN,
    VALUE_COLUMN,
    instruction,
    key_legend,
    leader,
    output_line,
    title_block,
)
from tui.kit.values import Choice, ValueList
from tui.services import Desk
from tui.session import (
    CANCEL,
    EXIT,
    FieldRefusedError,
    FunctionKey,
    KeyRefusedError,
    Panel,
    Result,
    Session,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One input field of a panel.

    Attributes:
        length: cells; a field too long for its row runs on in the next ones.
        hint: which values it takes, shown right of it where there is room.
        protected: shown only.
    """

    name: str
    label: str
    length: int
    kind: Kind = Kind.UPPER
    hint: str = ""
    protected: bool = False


class EntryPanel(Panel):
    """Labelled fields, one a line.

    Attributes:
        title: on the first row.
        values: what the fields hold, by name; kept over a redraw.
    """

    title = ""
    instruction = "Type choices, press Enter."
    first_row = 7
    #: Whether F4 lists values of some field here.
    prompts = False

    def __init__(self, values: dict[str, str]) -> None:
        """Begin with these values."""
        self.values = values
        self._prompted = ""

    @abstractmethod
    def entries(self) -> Sequence[Entry]:
        """Return the fields, from top to bottom."""

    def draw_heads(self, display: Display) -> None:
        """Write what stands above the instruction, rows 2 to 4."""

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return the values that F4 lists for a field; none when it has no list."""
        return ()

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw every field with its value."""
        title_block(display, desk, self.title)
        self.draw_heads(display)
        instruction(display, self.first_row - 2, self.instruction)
        row = self.first_row
        for entry in self.entries():
            row += self._draw_entry(display, row, entry)
        key_legend(display, self.function_keys())

    def _draw_entry(self, display: Display, row: int, entry: Entry) -> int:
        """Draw one field; return how many rows it took."""
        value = self.values.get(entry.name, "")
        if entry.protected or len(value) > entry.length:
            output_line(display, row, entry.label, value)
            return 1
        display.put(row, LABEL_COLUMN, leader(entry.label, output=False))
        display.add(entry.name, row, VALUE_COLUMN, entry.length, value, entry.kind)
        hint_column = max(VALUE_COLUMN + entry.length + 2, 40)
        if entry.hint and hint_column + len(entry.hint) <= display.columns:
            display.put(row, hint_column, entry.hint, TURQUOISE)
        return 1 + (VALUE_COLUMN + entry.length - 2) // display.columns

    def keep(self, values: dict[str, str]) -> None:
        """Keep what was typed."""
        self.values.update(values)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of an entry panel."""
        if not self.prompts:
            return (EXIT, CANCEL)
        return (EXIT, FunctionKey(Aid.F4, "Prompt", self._prompt), CANCEL)

    def _prompt(self, session: Session) -> None:
        field = session.display.field_at_cursor()
        choices = self.choices(field.name, session.desk) if field else ()
        if field is None or not choices:
            raise KeyRefusedError("F4 has no list of values for this field.")
        label = next((e.label for e in self.entries() if e.name == field.name), field.name)
        self._prompted = field.name
        session.push(ValueList(f"Select {label}", choices))

    def resumed(self, session: Session, result: Result) -> None:
        """Take the value that was chosen into its field."""
        field = session.display.field(self._prompted)
        if result.value is not None and field is not None:
            self.values[field.name] = result.value
            session.redraw()
            drawn = session.display.field(field.name)
            if drawn is not None:
                session.display.cursor = drawn.start
        session.say(*result.messages)

    # ----------------------------------------------------------------- reading values

    def one_of(self, name: str, allowed: str) -> str:
        """Return a one-character value.

        Raises:
            FieldRefusedError: it is none of ``allowed``.
        """
        value = self.values.get(name, "")
        if len(value) == 1 and value in allowed:
            return value
        label = next(e.label for e in self.entries() if e.name == name)
        raise FieldRefusedError(f"{label} must be {' or '.join(allowed)}.", name)

    def number(self, name: str, low: int, high: int) -> int:
        """Return a whole number.

        Raises:
            FieldRefusedError: none, or outside ``low`` to ``high``.
        """
        value = self.values.get(name, "")
        label = next(e.label for e in self.entries() if e.name == name)
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        raise FieldRefusedError(f"{label} must be a number from {low} to {high}.", name)
