"""Work with Exit Programs: what is registered at one exit point.

Layout, options and wording as IBM's (IBM i, Work with Exit Programs; from memory, and option 1
from IBM documentation).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from epm.errors import NotFoundError
from epm.soundness import is_object_name
from tui.display import TURQUOISE, WHITE, Display, Kind
from tui.kit.confirm import Confirm
from tui.kit.drawing import VALUE_COLUMN, cut, output_line, output_text
from tui.kit.entry import Entry, EntryPanel
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.kit.pages import part_of
from tui.outcomes import FieldRefusedError, Result
from tui.services import Desk, ExitPointLine, ExitProgramLine
from tui.session import Panel, Session

MAX_NUMBER = 2147483647
MAX_TEXT = 50
_NUMBER, _PROGRAM, _LIBRARY, _TEXT = 7, 22, 36, 49
#: Key of the row that option 1 is typed beside; an exit program's is one above its number.
_ADD_KEY = 1


class WorkWithExitPrograms(ListPanel[ExitProgramLine | None]):
    """The exit programs of an exit point; the first row is there to add one."""

    name = "exit-programs"
    title = "Work with Exit Programs"
    last_key = MAX_NUMBER + 1

    def __init__(
        self, system: str, point: ExitPointLine, programs: Sequence[ExitProgramLine], fixed: str
    ) -> None:
        """List programs as they were read.

        Args:
            system: whose they are.
            point: where they are registered.
            programs: by number.
            fixed: why they cannot be changed here; empty where they can.
        """
        super().__init__()
        self._system = system
        self._point = point
        self._programs: Sequence[ExitProgramLine] | None = programs
        self._fixed = fixed
        self.options = (("5", "Display"),)
        if not fixed:
            self.options = (("1", "Add"), ("4", "Remove"), *self.options, ("10", "Replace"))

    # --------------------------------------------------------------------------- data

    def _read(self, desk: Desk) -> Sequence[ExitProgramLine]:
        """Return the programs; read again after a change."""
        if self._programs is None:
            self._programs = self._asked(desk)
        return self._programs

    def _asked(self, desk: Desk) -> Sequence[ExitProgramLine]:
        point = self._point
        return desk.registration.programs(self._system, point.name, point.format_name)

    def fetch(
        self, desk: Desk, start: int, count: int, *, backward: bool
    ) -> Sequence[ExitProgramLine | None]:
        """Return a page of programs."""
        rows: list[ExitProgramLine | None] = [None] if not self._fixed else []
        rows += self._read(desk)
        keys = [self.key_of(row) for row in rows]
        if backward:
            return part_of(rows, sum(key <= start for key in keys), count, backward=True)
        return part_of(rows, sum(key < start for key in keys) + 1, count, backward=False)

    def key_of(self, row: ExitProgramLine | None) -> int:
        """Return its number and one."""
        return _ADD_KEY if row is None else row.number + 1

    def refresh(self, session: Session) -> None:
        """Ask the system again."""
        self._programs = self._asked(session.desk)
        super().refresh(session)

    def changed(self) -> None:
        """Have the programs read again when they are drawn next."""
        self._programs = None

    # ------------------------------------------------------------------------ drawing

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the exit point and the heads."""
        width = display.columns - VALUE_COLUMN
        output_line(display, 3, "System", self._system)
        text = f"{self._point.name}   Format: {self._point.format_name}"
        output_line(display, 4, "Exit point", cut(text, width))
        if self._fixed:
            display.put(5, 2, cut(self._fixed, display.columns - 2), TURQUOISE)
        display.put(HEADS_ROW - 1, _NUMBER, "Exit program", WHITE)
        display.put(HEADS_ROW - 1, _PROGRAM, "Exit", WHITE)
        heads = ((_NUMBER, "    Number"), (_PROGRAM, "Program"), (_LIBRARY, "Library"))
        for column, head in (*heads, (_TEXT, "Text")):
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: ExitProgramLine | None) -> None:
        """Write one program; the row to add beside is blank."""
        if row is None:
            return
        display.put(at, _NUMBER, f"{row.number:>10}")
        display.put(at, _PROGRAM, row.program)
        display.put(at, _LIBRARY, row.lib)
        display.put(at, _TEXT, cut(row.text, display.columns - _TEXT))

    def note(self) -> str:
        """Say that there is none."""
        none = self._programs is not None and not self._programs and not self._fixed
        return "(No exit programs found.)" if none else ""

    # ------------------------------------------------------------------------ options

    def check_option(self, key: int, option: str) -> None:
        """Refuse 1 beside a program, and the others beside none."""
        if (option == "1") != (key == _ADD_KEY and not self._fixed):
            where = "in the first row" if option == "1" else "beside an exit program"
            raise FieldRefusedError(f"Option {option} goes {where}.", f"opt{key}")

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; all removals are confirmed together."""
        programs = self._read(session.desk)
        if option == "1":
            free = next(n for n in range(1, MAX_NUMBER) if all(p.number != n for p in programs))
            return AddExitProgram(self, free), (key,)
        by_key = {self.key_of(program): program for program in programs}
        if option == "4":
            keys = tuple(sorted(k for k, chosen in self.chosen.items() if chosen == "4"))
            return self._confirm(session, [_found(by_key, k) for k in keys]), keys
        program = _found(by_key, key)
        if option == "5":
            return DisplayExitProgram(self._system, self._point, program), (key,)
        return AddExitProgram(self, program.number, program), (key,)

    def _confirm(self, session: Session, seen: Sequence[ExitProgramLine]) -> Panel:
        registration = session.desk.registration

        def act() -> tuple[str, ...]:
            registration.remove(self._system, self._point, seen)
            self.changed()
            count = len(seen)
            return ("1 exit program removed." if count == 1 else f"{count} exit programs removed.",)

        rows = [f"{one.number:>10}  {one.qualified:<21}  {one.text}" for one in seen]
        head = f"{'Number':>10}  {'Exit program':<21}  Text"
        return Confirm("Confirm Remove of Exit Programs", ("4", "Remove"), head, rows, act)

    def register(
        self, session: Session, program: ExitProgramLine, replacing: ExitProgramLine | None
    ) -> None:
        """Register a program, for the panel that asks for it."""
        session.desk.registration.add(self._system, self._point, program, replacing)
        self.changed()

    def about(self) -> str:
        """Return what the list is about, for the panels above it."""
        return f"{self._point.name}   Format: {self._point.format_name}"


def _found(by_key: Mapping[int, ExitProgramLine], key: int) -> ExitProgramLine:
    """Return the program beside which an option was typed.

    Raises:
        NotFoundError: somebody else removed it meanwhile.
    """
    if key not in by_key:
        raise NotFoundError(f"exit program number {key - 1} is not there any more")
    return by_key[key]


class AddExitProgram(EntryPanel):
    """Options 1 and 10: the exit program to register, in place of another one or not."""

    name = "exit-program-add"
    first_row = 7

    def __init__(
        self, programs: WorkWithExitPrograms, number: int, replacing: ExitProgramLine | None = None
    ) -> None:
        """Begin with a number, and with what is replaced."""
        values = {"number": str(number)}
        if replacing is not None:
            values |= {
                "program": replacing.program,
                "lib": replacing.lib,
                "text": replacing.text,
            }
        super().__init__(values)
        self.title = "Add Exit Program" if replacing is None else "Replace Exit Program"
        self._programs = programs
        self._replacing = replacing

    def draw_heads(self, display: Display) -> None:
        """Write the exit point, and what is replaced."""
        output_line(display, 3, "Exit point", cut(self._programs.about(), display.columns - 38))
        if self._replacing is not None:
            output_line(display, 4, "Replaces", self._replacing.qualified)

    def entries(self) -> Sequence[Entry]:
        """Return the parts of a registration."""
        protected = self._replacing is not None
        hint = f"1-{MAX_NUMBER}, lowest is called first"
        return (
            Entry("number", "Exit program number", 10, Kind.DIGITS, hint, protected),
            Entry("program", "Exit program", 10, Kind.UPPER, "Name"),
            Entry("lib", "Library", 10, Kind.UPPER, "Name"),
            Entry("text", "Text", MAX_TEXT, Kind.TEXT),
        )

    def enter(self, session: Session) -> None:
        """Register it."""
        number = self.number("number", 1, MAX_NUMBER)
        for name, label in (("program", "Exit program"), ("lib", "Library")):
            if not is_object_name(self.values.get(name, "")):
                raise FieldRefusedError(f"{label} must be a name of 1 to 10 characters.", name)
        values = self.values
        program = ExitProgramLine(number, values["program"], values["lib"], values.get("text", ""))
        self._programs.register(session, program, self._replacing)
        done = "registered" if self._replacing is None else f"registered as number {number}"
        session.leave(Result(done=True, messages=(f"{program.qualified} {done}.",)))


class DisplayExitProgram(Facts):
    """Option 5: one registration."""

    name = "exit-program"
    title = "Display Exit Program"

    def __init__(self, system: str, point: ExitPointLine, program: ExitProgramLine) -> None:
        """Show a registration as it was read."""
        super().__init__("System", system)
        self._point = point
        self._program = program

    def facts(self) -> Iterator[str]:
        """Yield where it is registered, and what."""
        yield output_text("Exit point", self._point.name)
        yield output_text("Format", self._point.format_name)
        yield output_text("Exit program number", str(self._program.number))
        yield output_text("Exit program", self._program.program)
        yield output_text("Library", self._program.lib)
        yield output_text("Text", self._program.text or "*BLANK")
