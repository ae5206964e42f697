"""Work with Groups: the address, name and port groups that conditions name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from epm.errors import RuleError
from epm.model import MAX_NAME, AddressGroup, Groups, Rule, Server
from epm.soundness import GROUP_KINDS, check_group_name
from tui.display import TURQUOISE, WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.confirm import Confirm
from tui.kit.drawing import (
    LABEL_COLUMN,
    VALUE_COLUMN,
    continue_line,
    cut,
    instruction,
    leader,
    output_line,
)
from tui.kit.entry import Entry, EntryPanel
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.kit.named import NamedList
from tui.kit.values import Choice
from tui.kit.viewer import Line, Viewer, page_of
from tui.outcomes import FieldRefusedError, Result
from tui.panels.common import description
from tui.panels.group_entry import KIND_WORDS, ChangeGroup, CreateMembers, members_of
from tui.services import Desk, Group
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

GroupName = tuple[str, str]

_KIND, _NAME, _MEMBERS, _NAME_WIDTH = 7, 17, 39, 20
_USED = "Used by"


class WorkWithGroups(NamedList[GroupName]):
    """The groups of all kinds, by name."""

    name = "groups"
    title = "Work with Groups"
    options = (("2", "Change"), ("4", "Delete"), ("5", "Display"), ("8", "Used by"))

    def __init__(self) -> None:
        """Begin at the first name."""
        super().__init__()
        self._groups = Groups()
        self._usage: Mapping[GroupName, int] = {}
        self._position = ""

    # --------------------------------------------------------------------------- data

    def names(self, desk: Desk) -> Sequence[GroupName]:
        """Return kind and name of every group, by name."""
        return sorted(desk.groups.names(), key=self.order)

    def order(self, name: GroupName) -> tuple[str, int]:
        """Order by name; an address group before a name group, that before a port group."""
        kind, text = name
        return text, GROUP_KINDS.index(kind)

    # ------------------------------------------------------------------------ drawing

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the page with members and users as they are now."""
        self._groups = desk.rules.outline().groups
        self._usage = desk.groups.usage()
        super().draw(display, desk)

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the position-to field and the heads."""
        instruction(display, 3, "Conditions with GRP or NGRP name these groups.")
        display.put(4, LABEL_COLUMN, leader("Position to name", output=False))
        display.add("position", 4, VALUE_COLUMN, 20)
        for column, head in ((_KIND, "Kind"), (_NAME, "Group"), (_MEMBERS, "Members")):
            display.put(HEADS_ROW, column, head, WHITE)
        display.put(HEADS_ROW, display.columns - len(_USED), _USED, WHITE)

    def draw_row(self, display: Display, at: int, row: GroupName) -> None:
        """Write one group."""
        kind, name = row
        display.put(at, _KIND, KIND_WORDS[kind])
        display.put(at, _NAME, cut(name, _NAME_WIDTH))
        used = display.columns - len(_USED)
        members = getattr(self._groups, kind).get(name, ())
        display.put(at, _MEMBERS, cut(_members(members), used - _MEMBERS - 1))
        count = self._usage.get(row, 0)
        shown = f"{count:>5}" if count else f"{'*NONE':>5}"
        display.put(at, used + 2, shown, WHITE if count else TURQUOISE)

    # --------------------------------------------------------------------------- keys

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F6."""
        _, refresh, _, *rest = super().function_keys()
        create = FunctionKey(Aid.F6, "Create", lambda session: session.push(CreateGroup()))
        return (EXIT, refresh, create, CANCEL, *rest)

    def keep(self, values: dict[str, str]) -> None:
        """Keep options and position."""
        super().keep(values)
        self._position = values.get("position", "")

    def enter(self, session: Session) -> None:
        """Go to a position first; options that were typed wait."""
        if self._position:
            self.go_to(session, self.place_from((self._position, 0)))
        else:
            super().enter(session)

    # ------------------------------------------------------------------------ options

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; all deletes are confirmed together."""
        if option == "4":
            return self._confirm(session)
        kind, name = self.name_at(key)
        group = session.desk.groups.group(kind, name)
        if option == "2":
            return ChangeGroup(group), (key,)
        if option == "5":
            return DisplayGroup(group), (key,)
        return UsersOfGroup(kind, name), (key,)

    def _confirm(self, session: Session) -> tuple[Panel, tuple[int, ...]]:
        groups = session.desk.groups
        keys = tuple(sorted(k for k, option in self.chosen.items() if option == "4"))
        usage = groups.usage()
        for key in keys:
            kind, name = self.name_at(key)
            if usage.get((kind, name)):
                text = f"{KIND_WORDS[kind]} group {name} is in use; 8=Used by shows the rules."
                raise FieldRefusedError(text, f"opt{key}")
        found = [groups.group(*self.name_at(key)) for key in keys]

        def act() -> tuple[str, ...]:
            saved = groups.delete(found)
            text = "1 group deleted." if len(found) == 1 else f"{len(found)} groups deleted."
            return (text, *saved.warnings)

        rows = [f"{KIND_WORDS[g.kind]:<8}  {g.name}" for g in found]
        head = f"{'Kind':<8}  Group"
        return Confirm("Confirm Delete of Groups", ("4", "Delete"), head, rows, act), keys


def _members(members: AddressGroup | tuple[str, ...]) -> str:
    """Return the first members as one text; an exclude line begins with ``!``."""
    shown = 40  # more than a row can hold
    if isinstance(members, AddressGroup):
        lines = [*members.include[:shown], *(f"!{line}" for line in members.exclude[:shown])]
        return ", ".join(lines) or "(none)"
    return ", ".join(members[:shown]) or "(none)"


class CreateGroup(EntryPanel):
    """F6: kind and name of a new group; its members come on the next panel."""

    name = "group-new"
    title = "Create Group"
    prompts = True

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__({"kind": "", "name": ""})

    def entries(self) -> Sequence[Entry]:
        """Return the two fields."""
        kinds = ", ".join(kind.upper() for kind in GROUP_KINDS)
        return (
            Entry("kind", "Kind", 9, Kind.UPPER, f"{kinds}; F4 for list"),
            Entry("name", "Group", MAX_NAME, Kind.UPPER),
        )

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return the kinds."""
        if name != "kind":
            return ()
        return [Choice(kind.upper(), f"{KIND_WORDS[kind]} group") for kind in GROUP_KINDS]

    def enter(self, session: Session) -> None:
        """Go on to its members."""
        kind, name = self.values["kind"].lower(), self.values["name"]
        if kind not in GROUP_KINDS:
            kinds = ", ".join(kind.upper() for kind in GROUP_KINDS)
            raise FieldRefusedError(f"Kind must be one of {kinds}.", "kind")
        try:
            check_group_name(name)
        except RuleError as error:
            raise FieldRefusedError(str(error), "name") from None
        if (kind, name) in session.desk.groups.names():
            raise FieldRefusedError(f"{KIND_WORDS[kind]} group {name} exists already.", "name")
        session.push(CreateMembers(kind, name))

    def resumed(self, session: Session, result: Result) -> None:
        """Leave too when the group was made; after F12, or a list of values, stay."""
        if result.done and result.value is None:
            session.leave(result)
            return
        super().resumed(session, result)


class DisplayGroup(Viewer):
    """Option 5: every member of a group."""

    name = "group"
    title = "Display Group"

    def __init__(self, group: Group) -> None:
        """Show a group as it was read."""
        super().__init__()
        self._group = group
        self._lines = [
            f"{mark:<3}  {value}" if mark else value for mark, value in members_of(group.members)
        ]

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the group, and what its lines mean."""
        group = self._group
        output_line(display, 2, "Kind", KIND_WORDS[group.kind])
        output_line(display, 3, "Group", cut(group.name, display.columns - VALUE_COLUMN - 10))
        output_line(display, 4, "Members", str(len(self._lines)))
        if isinstance(group.members, AddressGroup):
            instruction(
                display, 6, "I=Include, E=Exclude: the line with the fewest addresses wins,"
            )
            instruction(display, 7, "on a tie the exclude.")
            display.put(HEADS_ROW, 2, "Typ  Member", WHITE)
        else:
            display.put(HEADS_ROW, 2, "Member", WHITE)
        continue_line(display)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> list[Line]:
        """Return a page of members."""
        return page_of(self._lines, start, count, backward=backward)


class UsersOfGroup(ListPanel[tuple[Server, Rule]]):
    """Option 8: the rules that name a group, server by server."""

    name = "group-users"
    title = "Display Rules That Use a Group"
    _PER_SERVER = 100_000

    def __init__(self, kind: str, name: str) -> None:
        """List the users of a group."""
        super().__init__()
        self._kind = kind
        self._name = name

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the group and the heads."""
        output_line(display, 3, "Kind", KIND_WORDS[self._kind])
        output_line(display, 4, "Group", cut(self._name, display.columns - VALUE_COLUMN))
        for column, head in ((2, "Server"), (14, "  Seq"), (21, "Description")):
            display.put(HEADS_ROW, column, head, WHITE)
        continue_line(display)

    def draw_row(self, display: Display, at: int, row: tuple[Server, Rule]) -> None:
        """Write one rule."""
        server, rule = row
        display.put(at, 2, str(server))
        display.put(at, 14, f"{rule.seq:>5}")
        display.put(at, 21, description(rule))

    def key_of(self, row: tuple[Server, Rule]) -> int:
        """Return its sequence, those of each server behind those of the one before."""
        server, rule = row
        return list(Server).index(server) * self._PER_SERVER + rule.seq

    def fetch(
        self, desk: Desk, start: int, count: int, *, backward: bool
    ) -> list[tuple[Server, Rule]]:
        """Return a page of rules."""
        found: list[tuple[Server, Rule]] = []
        servers = list(enumerate(Server))
        for place, server in reversed(servers) if backward else servers:
            seq = start - place * self._PER_SERVER
            left = count - len(found)
            if left == 0 or (seq < 1 if backward else seq >= self._PER_SERVER):
                continue
            bounded = min(max(seq, 1), self._PER_SERVER - 1)
            rules = desk.groups.users(
                self._kind, self._name, server, bounded, left, backward=backward
            )
            rows = [(server, rule) for rule in rules]
            found = rows + found if backward else found + rows
        return found

    def enter(self, session: Session) -> None:
        """Go on."""
        session.leave(Result(done=True))
