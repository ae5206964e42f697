"""Work with Registration Information: exit points, as WRKREGINF lists them.

Layout and wording as IBM's (IBM documentation: WRKREGINF, Work with Registration Information).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui.display import TURQUOISE, WHITE, Display, Kind
from tui.kit.drawing import (
    LABEL_COLUMN,
    VALUE_COLUMN,
    cut,
    leader,
    output_line,
    output_text,
)
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW
from tui.kit.named import NamedList
from tui.panels.exit_programs import WorkWithExitPrograms
from tui.services import Desk, ExitPointLine
from tui.session import Panel, Session

_POINT, _FORMAT, _REGISTERED, _TEXT = 7, 29, 39, 52


@dataclass(frozen=True, slots=True)
class Selection:
    """Which exit points are listed, in the words of WRKREGINF.

    Attributes:
        exit_point: ``*REGISTERED``, ``*UNREGISTERED``, ``*ALL``, a name or a generic one.
        format_name: ``*ALL``, a name or a generic one.
    """

    exit_point: str = "*REGISTERED"
    format_name: str = "*ALL"

    def takes(self, point: ExitPointLine) -> bool:
        """Whether an exit point is one of them."""
        wanted = self.exit_point
        if wanted == "*REGISTERED":
            named = point.registered
        elif wanted == "*UNREGISTERED":
            named = not point.registered
        else:
            named = _is_one(point.name, wanted)
        return named and _is_one(point.format_name, self.format_name)


def _is_one(name: str, wanted: str) -> bool:
    """Whether a name is the wanted one; ``ABC*`` is every name that begins so."""
    if wanted == "*ALL":
        return True
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


class WorkWithRegistration(NamedList[ExitPointLine]):
    """The exit points of a system; asked once, and again at F5."""

    name = "registration"
    title = "Work with Registration Information"
    options = (("5", "Display exit point"), ("8", "Work with exit programs"))

    def __init__(self, system: str, selection: Selection | None = None) -> None:
        """List the exit points of a system."""
        super().__init__()
        self._system = system
        self._selection = selection or Selection()
        self._points: Sequence[ExitPointLine] | None = None
        self._position = ""

    # --------------------------------------------------------------------------- data

    def names(self, desk: Desk) -> Sequence[ExitPointLine]:
        """Return the wanted exit points, as the system gave them when it was asked last."""
        if self._points is None:
            self._points = self._asked(desk)
        return self._points

    def _asked(self, desk: Desk) -> Sequence[ExitPointLine]:
        found = desk.registration.exit_points(self._system)
        return sorted(filter(self._selection.takes, found), key=self.order)

    def order(self, name: ExitPointLine) -> tuple[str, str]:
        """Order by name and format."""
        return name.name, name.format_name

    def refresh(self, session: Session) -> None:
        """Ask the system again."""
        self._points = self._asked(session.desk)
        super().refresh(session)

    # ------------------------------------------------------------------------ drawing

    def printed(self, desk: Desk, display: Display) -> Iterator[str]:
        """Yield the whole list; it need not have been drawn before."""
        self._take(self.names(desk))
        yield from super().printed(desk, display)

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write whose table it is, the position-to field and the heads."""
        where = f"{self._system}   {desk.registration.where(self._system)}"
        output_line(display, 3, "System", cut(where, display.columns - VALUE_COLUMN - 9))
        display.put(4, LABEL_COLUMN, leader("Position to", output=False))
        display.add("position", 4, VALUE_COLUMN, 20, self._position, Kind.UPPER)
        subset = f"{self._selection.exit_point}, format {self._selection.format_name}"
        output_line(display, 5, "Exit points", subset, TURQUOISE)
        display.put(HEADS_ROW - 1, _POINT, "Exit", WHITE)
        display.put(HEADS_ROW - 1, _FORMAT, "Exit point", WHITE)
        heads = ((_POINT, "Point"), (_FORMAT, "Format"), (_REGISTERED, "Registered"))
        for column, head in (*heads, (_TEXT, "Text")):
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: ExitPointLine) -> None:
        """Write one exit point."""
        display.put(at, _POINT, cut(row.name, _FORMAT - _POINT - 1))
        display.put(at, _FORMAT, row.format_name)
        display.put(at, _REGISTERED + 3, "*YES" if row.registered else "*NO")
        display.put(at, _TEXT, cut(row.text, display.columns - _TEXT))

    # --------------------------------------------------------------------------- keys

    def keep(self, values: dict[str, str]) -> None:
        """Keep options and position."""
        super().keep(values)
        self._position = values.get("position", "")

    def enter(self, session: Session) -> None:
        """Go to a position first; options that were typed wait."""
        if self._position:
            position, self._position = self._position, ""
            self.go_to(session, self.place_from((position, "")))
        else:
            super().enter(session)

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option."""
        point, registration = self.name_at(key), session.desk.registration
        programs = registration.programs(self._system, point.name, point.format_name)
        if option == "5":
            return DisplayExitPoint(self._system, point, len(programs)), (key,)
        fixed = registration.fixed(self._system)
        return WorkWithExitPrograms(self._system, point, programs, fixed), (key,)


class DisplayExitPoint(Facts):
    """Option 5: everything that is known of an exit point."""

    name = "exit-point"
    title = "Display Exit Point"

    def __init__(self, system: str, point: ExitPointLine, programs: int) -> None:
        """Show an exit point as it was read, and how many exit programs it has now."""
        super().__init__("System", system)
        self._point = point
        self._programs = programs

    def facts(self) -> Iterator[str]:
        """Yield what is known of the exit point."""
        point = self._point
        yield output_text("Exit point", point.name)
        yield output_text("Format", point.format_name)
        yield output_text("Registered", "*YES" if point.registered else "*NO")
        yield output_text("Text", point.text or "*BLANK")
        maximum = "*NOMAX, or not known" if point.maximum is None else str(point.maximum)
        yield output_text("Most exit programs", maximum)
        yield output_text("Exit programs now", str(self._programs))
