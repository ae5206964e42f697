"""Work with ARMR Policies: the policy files of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tui.display import WHITE, Display
from tui.keys import Aid
from tui.kit.drawing import VALUE_COLUMN, cut, output_line, output_text
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW
from tui.kit.named import NamedList
from tui.outcomes import FieldRefusedError
from tui.panels.common import moment
from tui.panels.policy_events import PolicyEvents
from tui.panels.policy_rules import STATE_ATTRS, PolicyRules
from tui.panels.policy_testing import TestPolicy
from tui.services import Desk, PolicyState, PolicySummary
from tui.session import EXIT, FunctionKey, Panel, Session

_NAME, _STATE, _MODS, _RULES, _LEVEL, _CHANGED = 7, 28, 37, 43, 50, 62


class WorkWithPolicies(NamedList[str]):
    """The policy files, by name; each is read anew only when it changed."""

    name = "policies"
    title = "Work with ARMR Policies"
    options = (("5", "Display"), ("7", "Events"), ("8", "Work with rules"), ("9", "Test"))

    def __init__(self) -> None:
        """Begin at the first name."""
        super().__init__()
        self._summarize: Callable[[str], PolicySummary] | None = None

    def names(self, desk: Desk) -> Sequence[str]:
        """Return the files' names."""
        return desk.policies.names()

    def order(self, name: str) -> str:
        """Order by name."""
        return name

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the folder and the heads."""
        self._summarize = desk.policies.summary  # a file that is not shown is not read
        width = display.columns - VALUE_COLUMN
        output_line(display, 3, "Folder", cut(desk.policies.folder(), width - 9))
        output_line(display, 4, "Log of events", cut(desk.policy_events.log(), width))
        heads = (
            (_NAME, "Policy"),
            (_STATE, "State"),
            (_MODS, "Mods"),
            (_RULES, "Rules"),
            (_LEVEL, "Level"),
            (_CHANGED, "Changed"),
        )
        for column, head in heads:
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: str) -> None:
        """Write one policy."""
        assert self._summarize is not None
        summary = self._summarize(row)
        display.put(at, _NAME, cut(row, _STATE - _NAME - 1))
        display.put(at, _STATE, str(summary.state), STATE_ATTRS[summary.state])
        display.put(at, _MODS, f"{len(summary.mods):>4}")
        display.put(at, _RULES, f"{summary.rules:>5}")
        display.put(at, _LEVEL, summary.levels)
        display.put(at, _CHANGED, moment(summary.changed))

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F10."""
        _, refresh, cancel, *rest = super().function_keys()
        events = FunctionKey(Aid.F10, "All events", lambda session: session.push(PolicyEvents()))
        return (EXIT, refresh, events, cancel, *rest)

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option."""
        name = self.name_at(key)
        summary = session.desk.policies.summary(name)
        if option == "5":
            return DisplayPolicy(summary), (key,)
        if option == "8":
            return PolicyRules(summary, session.desk.policies.rules(name)), (key,)
        if summary.state is PolicyState.REFUSED:
            raise FieldRefusedError(f"{name} is refused; 5=Display shows why.", f"opt{key}")
        if option == "7":
            return PolicyEvents(name, frozenset(mod.name for mod in summary.mods)), (key,)
        return TestPolicy(name), (key,)


class DisplayPolicy(Facts):
    """Option 5: a policy's file, its mods, and why it is refused."""

    name = "policy"
    title = "Display ARMR Policy"

    def __init__(self, summary: PolicySummary) -> None:
        """Show a policy as it was read."""
        super().__init__("Policy", summary.name)
        self._summary = summary

    def facts(self) -> Iterator[str]:
        """Yield the state of the policy and its mods."""
        one = self._summary
        yield output_text("State", str(one.state))
        if one.error:
            yield output_text("Refused because", one.error)
        yield output_text("Changed", moment(one.changed))
        yield output_text("Findings", f"{one.findings}; 8, then F11 lists them and overlaps")
        for mod in one.mods:
            yield ""
            yield output_text("Mod", mod.name)
            yield output_text("Version", str(mod.version))
            yield output_text("Requires", f"ARMR/{mod.level}")
            yield output_text("Rules", f"{mod.rules}, of which {mod.linked} are linked")
