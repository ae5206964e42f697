"""Rule Change History: who changed what and when, what it was before, and the way back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from epm.model import MAX_SEQUENCE, Server
from tui.display import WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.confirm import Confirm
from tui.kit.drawing import LABEL_COLUMN, VALUE_COLUMN, cut, leader, output_line
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.kit.newest import NewestFirst, key_of_number
from tui.kit.pages import part_of
from tui.outcomes import FieldRefusedError, Result
from tui.panels.change_display import DisplayChange, what_happened
from tui.panels.common import moment
from tui.services import Desk, Difference, RevisionLine
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

_NUMBER, _AT, _WHO, _ACTION, _OBJECT = 7, 15, 36, 48, 58
_WIDE = 132
_REASON = 97


class RuleHistory(NewestFirst[RevisionLine]):
    """The revisions, the newest first; perhaps only those that changed some rules."""

    name = "history"
    title = "Work with Rule Change History"
    options = (("5", "Display"), ("7", "Compare"), ("8", "Revert to"))

    def __init__(self, server: Server | None = None, seq: int | None = None) -> None:
        """List the revisions that changed rules of a server and sequence, or all."""
        super().__init__()
        self._server = server
        self._seq = seq
        self._reasons = False
        self._typed = self._subset()
        self._position = ""

    def _subset(self) -> dict[str, str]:
        seq = "" if self._seq is None else str(self._seq)
        return {"server": self._server or "", "seq": seq}

    # --------------------------------------------------------------------------- data

    def fetch_numbered(
        self, desk: Desk, start: int, count: int, *, newer: bool
    ) -> Sequence[RevisionLine]:
        """Return a page of the subset."""
        return desk.history.page(start, count, newer=newer, server=self._server, seq=self._seq)

    def number_of(self, row: RevisionLine) -> int:
        """Return the revision."""
        return row.number

    # ------------------------------------------------------------------------ drawing

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the position-to and subset fields, and the heads."""
        display.put(2, LABEL_COLUMN, leader("Position to revision", output=False))
        display.add("position", 2, VALUE_COLUMN, 9, "", Kind.DIGITS)
        display.put(3, LABEL_COLUMN, leader("Subset by server", output=False))
        display.add("server", 3, VALUE_COLUMN, 10, self._typed["server"], Kind.UPPER)
        display.put(4, LABEL_COLUMN, leader("Subset by rule sequence", output=False))
        display.add("seq", 4, VALUE_COLUMN, 5, self._typed["seq"], Kind.DIGITS)
        display.put(HEADS_ROW, _NUMBER, "   Rev", WHITE)
        display.put(HEADS_ROW, _AT, "Changed", WHITE)
        display.put(HEADS_ROW, _WHO, "By", WHITE)
        if self._reasons:
            display.put(HEADS_ROW, _ACTION, "Reason", WHITE)
            return
        display.put(HEADS_ROW, _ACTION, "Action", WHITE)
        display.put(HEADS_ROW, _OBJECT, "Object", WHITE)
        if display.columns >= _WIDE:
            display.put(HEADS_ROW, _REASON, "Reason", WHITE)

    def draw_row(self, display: Display, at: int, row: RevisionLine) -> None:
        """Write one revision."""
        display.put(at, _NUMBER, f"{row.number:>6}")
        display.put(at, _AT, moment(row.at))
        display.put(at, _WHO, cut(row.user, _ACTION - _WHO - 2))
        if self._reasons:
            text = row.reason or f"(none; from {row.host})"
            display.put(at, _ACTION, cut(text, display.columns - _ACTION))
            return
        wide = display.columns >= _WIDE
        end = _REASON - 2 if wide else display.columns
        display.put(at, _ACTION, cut(row.action, _OBJECT - _ACTION - 2))
        display.put(at, _OBJECT, cut(row.subject, end - _OBJECT))
        if wide:
            display.put(at, _REASON, cut(row.reason or "", display.columns - _REASON))

    # --------------------------------------------------------------------------- keys

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F11."""
        _, refresh, _, *rest = super().function_keys()
        other = "View objects" if self._reasons else "View reasons"
        return (EXIT, refresh, FunctionKey(Aid.F11, other, self._turn), CANCEL, *rest)

    def _turn(self, session: Session) -> None:
        self._reasons = not self._reasons
        session.redraw()

    def keep(self, values: dict[str, str]) -> None:
        """Keep options, position and subset."""
        super().keep(values)
        self._position = values.get("position", "")
        self._typed = {name: values.get(name, "") for name in ("server", "seq")}

    def enter(self, session: Session) -> None:
        """Go to a subset or a position first; options that were typed wait."""
        if self._typed != self._subset():
            self._take_subset()
            self.go_to(session, 1)
        elif self._position:
            number = int(self._position) if self._position.isdigit() else 0
            if not number:
                raise FieldRefusedError("Position to revision must be a number.", "position")
            self.go_to(session, key_of_number(number))
        else:
            super().enter(session)

    def _take_subset(self) -> None:
        server, seq = self._typed["server"], self._typed["seq"]
        if server and server not in set(Server):
            raise FieldRefusedError(f"Server must be one of {' '.join(Server)}.", "server")
        if seq and not (seq.isdigit() and 1 <= int(seq) <= MAX_SEQUENCE):
            raise FieldRefusedError(f"Sequence must be from 1 to {MAX_SEQUENCE}.", "seq")
        self._server = Server(server) if server else None
        self._seq = int(seq) if seq else None
        self._typed = self._subset()

    # ------------------------------------------------------------------------ options

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; two revisions are compared with each other."""
        number = key_of_number(key)
        if option == "5":
            return _changes_of(session.desk, number), (key,)
        keys = tuple(sorted(k for k, chosen in self.chosen.items() if chosen == option))
        if option == "7":
            return self._compare(session.desk, keys), keys
        if len(keys) > 1:
            raise FieldRefusedError("Select one revision to revert to.", f"opt{key}")
        return self._confirm(session, number), keys

    def _compare(self, desk: Desk, keys: tuple[int, ...]) -> Panel:
        if len(keys) > 2:
            text = "Select two revisions to compare, or one to compare with the current one."
            raise FieldRefusedError(text, f"opt{keys[2]}")
        numbers = [key_of_number(key) for key in keys]
        if len(numbers) == 1:
            current = desk.rules.outline().revision
            if numbers == [current]:
                text = f"Revision {current} is the current one; compare it with another."
                raise FieldRefusedError(text, f"opt{keys[0]}")
            numbers.append(current)
        return ComparedRevisions(desk, min(numbers), max(numbers))

    def _confirm(self, session: Session, number: int) -> Panel:
        desk = session.desk
        current = desk.rules.outline().revision
        if number == current:
            key = key_of_number(number)
            raise FieldRefusedError(f"Revision {number} is the current one.", f"opt{key}")
        (made,) = desk.history.page(number, 1)

        def act() -> tuple[str, ...]:
            saved = desk.history.revert(number, current)
            text = f"Rules reverted to revision {number}; that is revision {saved.revision}."
            return (text, *saved.warnings)

        row = f"{number:>6}  {moment(made.at)}  {made.user:<10}  {made.action} {made.subject}"
        title = "Confirm Revert of Rules, Groups and Configuration"
        head = f"{'Rev':>6}  {'Changed':<19}  {'By':<10}  Action"
        return Confirm(title, ("8", "Revert to"), head, [row], act)


def _changes_of(desk: Desk, number: int) -> Panel:
    """Return what a revision changed: the list, or where that has one entry the entry itself."""
    first = desk.history.differences(number, 1, 2)
    if len(first) == 1:
        return DisplayChange(first[0], f"Revision {number}")
    return ChangesOfRevision(number)


class Changes(ListPanel[Difference]):
    """A list of objects that were changed; 5 shows one before and after."""

    options = (("5", "Display before and after"),)

    @property
    @abstractmethod
    def of(self) -> str:
        """What the changes are of, such as ``Revision 7``."""

    def key_of(self, row: Difference) -> int:
        """Return its place."""
        return row.place

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write what the changes are of, and the heads."""
        output_line(display, 3, "Changes of", self.of)
        display.put(HEADS_ROW, 7, "Change", WHITE)
        display.put(HEADS_ROW, 17, "Object", WHITE)

    def draw_row(self, display: Display, at: int, row: Difference) -> None:
        """Write one change."""
        display.put(at, 7, what_happened(row))
        display.put(at, 17, cut(row.subject, display.columns - 17))

    def enter(self, session: Session) -> None:
        """Do the options, or with none go on."""
        if self.chosen:
            super().enter(session)
        else:
            session.leave(Result(done=True))

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the change, side by side."""
        (difference,) = self.fetch(session.desk, key, 1, backward=False)
        return DisplayChange(difference, self.of), (key,)


class ChangesOfRevision(Changes):
    """Option 5: what a revision changed."""

    name = "changes"
    title = "Display Changes of a Revision"

    def __init__(self, number: int) -> None:
        """List the changes of a revision."""
        super().__init__()
        self._number = number

    @property
    def of(self) -> str:
        """Name the revision."""
        return f"Revision {self._number}"

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[Difference]:
        """Return a page of changes."""
        return desk.history.differences(self._number, start, count, backward=backward)


class ComparedRevisions(Changes):
    """Option 7: what is different between two revisions."""

    name = "compare"
    title = "Compare Revisions"

    def __init__(self, desk: Desk, old: int, new: int) -> None:
        """Compare two revisions, once: they never change."""
        super().__init__()
        self._numbers = (old, new)
        self._differences = desk.history.compare(old, new)

    @property
    def of(self) -> str:
        """Name both revisions."""
        return "Revision {} (before) against {} (after)".format(*self._numbers)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[Difference]:
        """Return a page of differences."""
        return part_of(self._differences, start, count, backward=backward)
