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
from tui.outcomes import FieldRefusedError, KeyRefusedError, Result
from tui.services import Desk
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

#: Where the hints stand in one column: two cells behind a field of 10, as names have.
HINT_COLUMN = VALUE_COLUMN + 10 + 2


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
    #: Whether F5 begins again with what is stored now, such as another user's change.
    rereads = False

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
        hint_column = max(VALUE_COLUMN + entry.length + 2, HINT_COLUMN)
        if entry.hint and hint_column + len(entry.hint) <= display.columns:
            display.put(row, hint_column, entry.hint, TURQUOISE)
        return 1 + (VALUE_COLUMN + entry.length - 2) // display.columns

    def keep(self, values: dict[str, str]) -> None:
        """Keep what was typed."""
        self.values.update(values)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of an entry panel."""
        prompt = (FunctionKey(Aid.F4, "Prompt", self._prompt),) if self.prompts else ()
        refresh = (FunctionKey(Aid.F5, "Refresh", self._refresh),) if self.rereads else ()
        return (EXIT, *prompt, *refresh, CANCEL)

    def reread(self, desk: Desk) -> None:
        """Take what is stored now into the fields, for a panel that ``rereads``.

        Raises:
            EpmError: it is not there any more, or cannot be read; nothing was changed.
        """

    def _refresh(self, session: Session) -> None:
        self.reread(session.desk)
        session.redraw()

    def _prompt(self, session: Session) -> None:
        field = session.display.field_at_cursor()
        choices = self.choices(field.name, session.desk) if field else ()
        if field is None or not choices:
            raise KeyRefusedError("F4 has no list of values for this field.")
        self._prompted = field.name
        session.push(ValueList(f"Select {self.label_of(field.name)}", choices))

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

    def label_of(self, name: str) -> str:
        """Return what stands before a field."""
        return next(entry.label for entry in self.entries() if entry.name == name)

    def one_of(self, name: str, allowed: str) -> str:
        """Return a one-character value.

        Raises:
            FieldRefusedError: it is none of ``allowed``.
        """
        value = self.values.get(name, "")
        if len(value) == 1 and value in allowed:
            return value
        known = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
        raise FieldRefusedError(f"{self.label_of(name)} must be {known}.", name)

    def number(self, name: str, low: int, high: int) -> int:
        """Return a whole number.

        Raises:
            FieldRefusedError: none, or outside ``low`` to ``high``.
        """
        value = self.values.get(name, "")
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        text = f"{self.label_of(name)} must be a number from {low} to {high}."
        raise FieldRefusedError(text, name)
