"""Work with Socket Rules: the rules of one server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from epm.model import MAX_NAME, MAX_SEQUENCE, Groups, Rule, Server
from tui.display import GREEN, PINK, TURQUOISE, WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.confirm import Confirm
from tui.kit.drawing import LABEL_COLUMN, VALUE_COLUMN, cut, leader, output_line
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.outcomes import FieldRefusedError
from tui.panels.common import SERVER_WORDS, conditions_line, description, why_never_enforced, yes_no
from tui.panels.conditions import Conditions
from tui.panels.history import RuleHistory
from tui.panels.rule_entry import ChangeRule, CopyRule, CreateRule, DisplayRule
from tui.panels.rule_move import MoveRule
from tui.panels.testing import TestRules
from tui.services import Desk
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

_FLAGS = ("Aut", "Aud", "Msg", "Cap", "Act", "Tst")
_FLAG_STEP = 5
_SEQ, _MARK, _TEXT = 7, 12, 14
#: With so many columns, the conditions stand beside the whole description.
_WIDE = 132
_BESIDE = _TEXT + MAX_NAME + 2


class WorkWithRules(ListPanel[Rule]):
    """The rules of one server in the order in which they are tried."""

    name = "rules"
    options = (
        ("2", "Change"),
        ("3", "Copy"),
        ("4", "Delete"),
        ("5", "Display"),
        ("6", "History"),
        ("7", "Move"),
        ("8", "Conditions"),
        ("9", "Test"),
    )

    def __init__(self, server: Server) -> None:
        """List the rules of ``server``."""
        super().__init__()
        self.server = server
        self.title = f"Work with Socket Rules - {SERVER_WORDS[server]} Server"
        self._subset = ""
        self._position = ""
        self._typed_subset = ""
        self._alternate = False
        self._groups = Groups()
        self._marked = False

    # --------------------------------------------------------------------------- data

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[Rule]:
        """Return a page of rules, those of the subset only."""
        start = max(0, min(start, MAX_SEQUENCE)) if backward else start
        return desk.rules.page(
            self.server, start, count, backward=backward, text=self._subset or None
        )

    def key_of(self, row: Rule) -> int:
        """Return the sequence."""
        return row.seq

    # ------------------------------------------------------------------------ drawing

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the page; the groups say which conditions are valid."""
        self._groups = desk.rules.outline().groups
        self._marked = False
        super().draw(display, desk)

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write server and format, the position-to and subset fields, and the heads."""
        output_line(display, 2, "Server", f"{self.server}   {self.server.format_name}")
        display.put(3, LABEL_COLUMN, leader("Position to Seq", output=False))
        display.add("position", 3, VALUE_COLUMN, 5, "", Kind.DIGITS)
        display.put(4, LABEL_COLUMN, leader("Subset by description", output=False))
        display.add("subset", 4, VALUE_COLUMN, 20, self._subset)
        display.put(HEADS_ROW, _SEQ, "  Seq", WHITE)
        if self._alternate:
            display.put(HEADS_ROW, _TEXT, "Conditions", WHITE)
            return
        display.put(HEADS_ROW, _TEXT, "Description", WHITE)
        if display.columns >= _WIDE:
            display.put(HEADS_ROW, _BESIDE, "Conditions", WHITE)
        for index, head in enumerate(_FLAGS):
            display.put(HEADS_ROW, _flag_column(display, index), head, WHITE)

    def draw_row(self, display: Display, at: int, row: Rule) -> None:
        """Write one rule; ``!`` marks one that is never enforced."""
        display.put(at, _SEQ, f"{row.seq:>5}")
        why = why_never_enforced(self.server, row, self._groups)
        if why:
            self._marked = True
            display.put(at, _MARK, "!", PINK)
        if self._alternate:
            shown = f"Never enforced: {why}" if why else conditions_line(row) or "(always holds)"
            display.put(at, _TEXT, cut(shown, display.columns - _TEXT), PINK if why else GREEN)
            return
        width = _flag_column(display, 0) - 2 - _TEXT
        if display.columns >= _WIDE:
            display.put(at, _BESIDE, cut(conditions_line(row), width - _BESIDE + _TEXT))
            width = MAX_NAME
        display.put(at, _TEXT, cut(description(row), width))
        flags = (*_marks(row), yes_no(row.active), yes_no(row.test))
        for index, flag in enumerate(flags):
            attr = TURQUOISE if flag == "*" else GREEN
            if index == 0 and flag == "N":
                attr = PINK
            display.put(at, _flag_column(display, index) + 1, flag, attr)

    def note(self) -> str:
        """Explain the mark, when one is on the page."""
        return "! = never enforced; F11 shows why" if self._marked else ""

    # --------------------------------------------------------------------------- keys

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F6 and F11."""
        _, refresh, _, *rest = super().function_keys()
        other = "View flags" if self._alternate else "View conditions"
        return (
            EXIT,
            refresh,
            FunctionKey(Aid.F6, "Create", lambda session: session.push(CreateRule(self.server))),
            FunctionKey(Aid.F11, other, self._turn),
            CANCEL,
            *rest,
        )

    def _turn(self, session: Session) -> None:
        self._alternate = not self._alternate
        session.redraw()

    def keep(self, values: dict[str, str]) -> None:
        """Keep options, position and subset."""
        super().keep(values)
        self._position = values.get("position", "")
        self._typed_subset = values.get("subset", "")

    def enter(self, session: Session) -> None:
        """Go to a position or a subset first; options that were typed wait."""
        if self._typed_subset != self._subset:
            self._subset = self._typed_subset
            self.go_to(session, 1)
        elif self._position:
            if not self._position.isdigit() or int(self._position) < 1:
                raise FieldRefusedError("Position to Seq must be a sequence.", "position")
            self.go_to(session, int(self._position))
        else:
            super().enter(session)

    # ------------------------------------------------------------------------ options

    def check_option(self, key: int, option: str) -> None:
        """Protect the default rule."""
        if key == MAX_SEQUENCE and option in _NOT_FOR_DEFAULT:
            raise FieldRefusedError(
                f"Option {option} not allowed for the default rule: {_NOT_FOR_DEFAULT[option]}.",
                f"opt{key}",
            )

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; all deletes are confirmed together."""
        rules = session.desk.rules
        if option == "4":
            return self._confirm(session)
        if option == "6":
            return RuleHistory(self.server, key), (key,)
        if option == "9":
            return TestRules(self.server), (key,)
        rule = rules.rule(self.server, key)
        if option == "8":
            return Conditions(self.server, rule), (key,)
        return _BY_OPTION[option](self.server, rule), (key,)

    def _confirm(self, session: Session) -> tuple[Panel, tuple[int, ...]]:
        rules = session.desk.rules
        keys = tuple(sorted(k for k, option in self.chosen.items() if option == "4"))
        found = [rules.rule(self.server, key) for key in keys]

        def act() -> tuple[str, ...]:
            saved = rules.delete(self.server, found)
            deleted = (
                "1 socket rule deleted." if len(keys) == 1 else f"{len(keys)} socket rules deleted."
            )
            return (deleted, *saved.warnings)

        panel = Confirm(
            "Confirm Delete of Socket Rules",
            ("4", "Delete"),
            "  Seq  Description",
            [f"{rule.seq:>5}  {description(rule)}" for rule in found],
            act,
        )
        return panel, keys


_BY_OPTION: Mapping[str, Callable[[Server, Rule], Panel]] = {
    "2": ChangeRule,
    "3": CopyRule,
    "5": DisplayRule,
    "7": MoveRule,
}
_NOT_FOR_DEFAULT = {
    "3": "copy another",
    "4": "it cannot be deleted",
    "7": "it cannot be moved",
    "8": "it has no conditions",
}


def _marks(rule: Rule) -> tuple[str, ...]:
    return tuple(map(str, (rule.authority, rule.audit, rule.message, rule.capture)))


def _flag_column(display: Display, index: int) -> int:
    return display.columns - 3 - _FLAG_STEP * (len(_FLAGS) - 1 - index)
