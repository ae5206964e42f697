"""The members of a group, to type over: a page of lines at a time, saved all together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from epm.errors import RuleError
from epm.model import AddressGroup
from epm.soundness import check_group
from tui.display import WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.drawing import (
    LABEL_COLUMN,
    VALUE_COLUMN,
    cut,
    instruction,
    key_legend,
    leader,
    output_line,
    right,
    title_block,
)
from tui.outcomes import FieldRefusedError, KeyRefusedError, Result
from tui.services import Desk, Group, Members, Saved
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

KIND_WORDS: Mapping[str, str] = {"addresses": "Address", "names": "Name", "ports": "Port"}
INCLUDE, EXCLUDE = "I", "E"

_HEADS_ROW = 9
_MARK, _VALUE = 3, 7
_HEADS = {
    "addresses": "Address, CIDR or range a-b",
    "names": "Name, or generic name such as QPG*",
    "ports": "Port or range lo-hi",
}
#: Type of line (blank where there is none) and what it holds.
MemberLine = tuple[str, str]
_BLANK: MemberLine = ("", "")


def members_of(members: Members) -> list[MemberLine]:
    """Return the lines of a group in their order, include lines before exclude lines."""
    if isinstance(members, AddressGroup):
        included = [(INCLUDE, line) for line in members.include]
        return included + [(EXCLUDE, line) for line in members.exclude]
    return [("", line) for line in members]


def _group_of(kind: str, lines: Sequence[MemberLine]) -> Members:
    if kind != "addresses":
        return tuple(value for _, value in lines)
    return AddressGroup(
        tuple(value for mark, value in lines if mark != EXCLUDE),
        tuple(value for mark, value in lines if mark == EXCLUDE),
    )


class GroupMembers(Panel):
    """The lines of a group as input fields; Enter saves all of them, or none.

    A line that was blanked is removed; blank ones below the last are for more.
    """

    name = "group-members"

    def __init__(self, kind: str, group: str, members: Members) -> None:
        """Begin with the members as they are."""
        self.kind = kind
        self.group = group
        self.lines = members_of(members)
        self._first = 0
        self._behind = 0
        self._position = ""

    # ------------------------------------------------------------------------ drawing

    @abstractmethod
    def heads(self) -> tuple[str, str]:
        """Return the title, and the instruction."""

    @abstractmethod
    def save(self, desk: Desk, members: Members) -> tuple[str, Saved | None]:
        """Save the members; return what to say, and what was saved if anything had changed."""

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page of lines."""
        title, text = self.heads()
        title_block(display, desk, title)
        output_line(display, 2, "Group", cut(self.group, display.columns - VALUE_COLUMN - 22))
        output_line(display, 3, "Lines", str(sum(1 for _, value in self.lines if value)))
        display.put(4, LABEL_COLUMN, leader("Position to", output=False))
        display.add("position", 4, VALUE_COLUMN, 40)
        instruction(display, 6, text)
        if self.kind == "addresses":
            line = "I=Include, E=Exclude: the line with the fewest addresses wins, on a tie E."
            instruction(display, 7, line)
            display.put(_HEADS_ROW, LABEL_COLUMN, "Typ", WHITE)
        display.put(_HEADS_ROW, _VALUE, _HEADS[self.kind], WHITE)
        self._draw_lines(display)
        more = any(value for _, value in self.lines[self._behind :])
        right(display, display.rows - 4, "More..." if more else "Bottom", WHITE)
        key_legend(display, self.function_keys())
        self._place_cursor(display)

    def _draw_lines(self, display: Display) -> None:
        at, number = _HEADS_ROW + 1, self._first
        while True:
            mark, value = self.lines[number] if number < len(self.lines) else _BLANK
            rows, length = _extent(value, display.columns)
            if at + rows > display.rows - 4:
                break
            if number == len(self.lines):
                self.lines.append(_BLANK)
            if self.kind == "addresses":
                display.add(f"mark{number}", at, _MARK, 1, mark, Kind.UPPER)
            kind = Kind.UPPER if self.kind == "names" else Kind.TEXT
            display.add(f"line{number}", at, _VALUE, length, value, kind)
            at, number = at + rows, number + 1
        self._behind = number

    def _place_cursor(self, display: Display) -> None:
        first = display.field(f"mark{self._first}") or display.field(f"line{self._first}")
        if first is not None:
            display.cursor = first.start

    # --------------------------------------------------------------------------- keys

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys."""
        return (
            EXIT,
            FunctionKey(Aid.F6, "Add lines", self._add),
            CANCEL,
            FunctionKey(Aid.F17, "Top", lambda session: self._go_to(session, 0)),
            FunctionKey(Aid.F18, "Bottom", lambda session: self._go_to(session, self._last())),
        )

    def keep(self, values: dict[str, str]) -> None:
        """Keep the lines of this page as they were typed."""
        self._position = values.get("position", "")
        for number in range(self._first, self._behind):
            self.lines[number] = (values.get(f"mark{number}", ""), values.get(f"line{number}", ""))

    def _last(self) -> int:
        """Return the place of the last line that holds something."""
        places = range(len(self.lines) - 1, -1, -1)
        return next((n for n in places if self.lines[n][1]), 0)

    def _add(self, session: Session) -> None:
        self._go_to(session, self._last() + 1 if self.lines else 0)

    def _go_to(self, session: Session, number: int) -> None:
        self._first = number
        session.redraw()

    def roll(self, session: Session, *, up: bool) -> None:
        """Page forward, past the last line to blank ones, or back."""
        if not up:
            if self._first == 0:
                raise KeyRefusedError("Already at the top of the list.")
            self._go_to(session, self._page_before(session.display))
        elif self._behind > self._last() + 1:
            raise KeyRefusedError("Already at the bottom of the list.")
        else:
            self._go_to(session, self._behind)

    def _page_before(self, display: Display) -> int:
        """Return where the page before this one begins, so that it ends where this one does."""
        room, number = display.rows - 4 - (_HEADS_ROW + 1), self._first
        while number > 0:
            rows, _ = _extent(self.lines[number - 1][1], display.columns)
            if rows > room:
                break
            room, number = room - rows, number - 1
        return min(number, self._first - 1)

    def enter(self, session: Session) -> None:
        """Go to a position, or check every line and save."""
        if self._position:
            self._go_to(session, self._found())
            return
        text, saved = self.save(session.desk, self._members(session))
        session.leave(Result(done=True, messages=(text, *(saved.warnings if saved else ()))))

    def _found(self) -> int:
        """Return the place of the next line that begins with what was typed."""
        wanted = self._position.upper()
        after = range(self._first + 1, len(self.lines))
        for number in chain(after, range(min(self._first + 1, len(self.lines)))):
            if self.lines[number][1].upper().startswith(wanted):
                return number
        raise FieldRefusedError(f"No line begins with {self._position}.", "position")

    def _members(self, session: Session) -> Members:
        kept: list[MemberLine] = []
        for number, refused in self._checked():
            if refused is not None:
                if not self._first <= number < self._behind:
                    self._go_to(session, number)
                raise refused
            kept.append(self.lines[number])
        return _group_of(self.kind, kept)

    def _checked(self) -> Iterator[tuple[int, FieldRefusedError | None]]:
        """Yield the place of each line that holds something, and why it is refused if it is."""
        for number, (mark, value) in enumerate(self.lines):
            if not value:
                continue
            refused = None
            if self.kind == "addresses" and mark not in ("", INCLUDE, EXCLUDE):
                refused = FieldRefusedError("Type must be I or E.", f"mark{number}")
            else:
                try:
                    check_group(self.kind, self.group, _group_of(self.kind, [(mark, value)]))
                except RuleError as error:
                    text = str(error).removeprefix(f"{self.kind} group {self.group!r}: ")
                    refused = FieldRefusedError(text, f"line{number}")
            yield number, refused


def _extent(value: str, columns: int) -> tuple[int, int]:
    """Return how many rows a line takes, and how long its field is; a long one runs on."""
    length = columns - _VALUE
    rows = 1
    while length < len(value):
        length, rows = length + columns, rows + 1
    return rows, length


class CreateMembers(GroupMembers):
    """The members of a group that is made by saving them."""

    def __init__(self, kind: str, group: str) -> None:
        """Begin without any."""
        super().__init__(kind, group, AddressGroup() if kind == "addresses" else ())

    def heads(self) -> tuple[str, str]:
        """Return title and instruction."""
        text = "Type the members, one a line, press Enter to create the group."
        return f"Create {KIND_WORDS[self.kind]} Group", text

    def save(self, desk: Desk, members: Members) -> tuple[str, Saved | None]:
        """Add the group."""
        saved = desk.groups.add(Group(self.kind, self.group, members))
        return f"{KIND_WORDS[self.kind]} group {self.group} created.", saved


class ChangeGroup(GroupMembers):
    """Option 2: the members of a group, as they shall be."""

    def __init__(self, seen: Group) -> None:
        """Begin with a group as it was read."""
        super().__init__(seen.kind, seen.name, seen.members)
        self.seen = seen

    def heads(self) -> tuple[str, str]:
        """Return title and instruction."""
        text = "Type over the lines, press Enter to save all. A blank line is removed."
        return f"Change {KIND_WORDS[self.kind]} Group", text

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys, with F5 for what someone else made of the group."""
        exit_key, *rest = super().function_keys()
        return (exit_key, FunctionKey(Aid.F5, "Refresh", self._refresh), *rest)

    def _refresh(self, session: Session) -> None:
        self.seen = session.desk.groups.group(self.kind, self.group)
        self.lines = members_of(self.seen.members)
        self._go_to(session, 0)

    def save(self, desk: Desk, members: Members) -> tuple[str, Saved | None]:
        """Save, unless nothing changed, or someone else changed it in the meantime."""
        what = f"{KIND_WORDS[self.kind]} group {self.group}"
        if members == self.seen.members:
            return f"{what} not changed.", None
        return f"{what} changed.", desk.groups.change(self.seen, members)
