"""``epm tui``: the 5250-like workbench, on the same services as the command line."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from epm import edits
from epm.calls import call_from_mapping
from epm.cli.app import App, current
from epm.cli.changes import actor, change
from epm.cli.clock import local_now, to_local
from epm.cli.exits import ExitCode
from epm.cli.output import out_text
from epm.engine import Engine
from epm.errors import EditConflictError, GuardRefusalError, UnsupportedError
from epm.evaluate import Mode
from epm.model import Rule, RuleSet, Server

if TYPE_CHECKING:
    from db.snapshots import Outline, Stamp
    from tui.services import Desk, Saved, Tested
    from tui.session import Session

_GUARD = "epm: lock-out guard: "
_WARNING = "epm: warning: "


@dataclass(slots=True)
class StoreRules:
    """The rules of the app's system, read a page at a time and changed as commands do."""

    app: App
    _seen: tuple[Stamp, Outline] | None = None

    def outline(self) -> Outline:
        """Return the system without its rules; read again only after a change.

        It counts every rule, which a panel of ten should not wait for at each roll.
        """
        store, system = self.app.store(), self.app.system
        stamp = store.stamp(system)
        if self._seen is None or self._seen[0] != stamp:
            self._seen = (stamp, store.outline(system))
        return self._seen[1]

    def page(
        self,
        server: Server,
        start: int,
        count: int,
        *,
        backward: bool = False,
        text: str | None = None,
    ) -> list[Rule]:
        """Return a page of rules."""
        store = self.app.store()
        return store.page(self.app.system, server, start, count, backward=backward, text=text)

    def rule(self, server: Server, seq: int) -> Rule:
        """Return one rule."""
        return self.app.store().rule(self.app.system, server, seq)

    def add(self, server: Server, rule: Rule) -> Saved:
        """Add a rule."""
        return self._save(
            lambda ruleset: edits.add_rule(ruleset, server, rule),
            "add",
            f"{server} rule {rule.seq}",
        )

    def change(self, server: Server, seen: Rule, rule: Rule) -> Saved:
        """Replace a rule that is still as it was seen."""

        def edit(ruleset: RuleSet) -> RuleSet:
            if edits.find_rule(ruleset, server, seen.seq) != seen:
                raise EditConflictError(
                    f"{server} rule {seen.seq} was changed by someone else; nothing was saved"
                )
            return edits.change_rule(ruleset, server, rule)

        return self._save(edit, "change", f"{server} rule {seen.seq}")

    def move(self, server: Server, seq: int, to_seq: int) -> Saved:
        """Give a rule another sequence."""
        return self._save(
            lambda ruleset: edits.move_rule(ruleset, server, seq, to_seq),
            "move",
            f"{server} rule {seq} to {to_seq}",
        )

    def delete(self, server: Server, seqs: Sequence[int]) -> Saved:
        """Delete rules, all or none."""

        def edit(ruleset: RuleSet) -> RuleSet:
            for seq in seqs:
                ruleset = edits.delete_rule(ruleset, server, seq)
            return ruleset

        return self._save(edit, "delete", f"{server} rule {', '.join(map(str, seqs))}")

    def set_activated(self, servers: Sequence[Server], activated: bool) -> Saved:
        """Activate or deactivate servers; only activation can lock someone out."""

        def edit(ruleset: RuleSet) -> RuleSet:
            for server in servers:
                ruleset = edits.with_activation(ruleset, server, activated)
            return ruleset

        word = "activate" if activated else "deactivate"
        return self._save(edit, word, " ".join(servers), force=not activated)

    def _save(
        self,
        edit: Callable[[RuleSet], RuleSet],
        action: str,
        subject: str,
        *,
        force: bool = False,
    ) -> Saved:
        """Save as the commands do; what they say on standard error becomes messages."""
        from tui.services import Saved

        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                revision = change(self.app, edit, action=action, subject=subject, force=force)
        except GuardRefusalError:
            raise GuardRefusalError(_refusal(said.getvalue())) from None
        return Saved(revision, tuple(_sentences(said.getvalue())))


def _sentences(said: str) -> list[str]:
    return [line.removeprefix(_WARNING).removeprefix("epm: ") for line in said.splitlines()]


def _refusal(said: str) -> str:
    lines = [x.removeprefix(_GUARD) for x in said.splitlines() if x.startswith(_GUARD)]
    return f"Lock-out guard refused: {'; '.join(lines)}"


@dataclass(slots=True)
class StoreTests:
    """The rule test facility over the stored rules."""

    app: App
    _engines: dict[Mode, Engine]

    def decide(self, server: Server, fields: Mapping[str, object], *, live: bool) -> Tested:
        """Decide one call with its trace."""
        from tui.services import Tested

        given = {**fields, "server": str(server)}
        call = call_from_mapping(given, now=local_now(), localize=to_local, strict=True)
        engine = self._engine(Mode.LIVE if live else Mode.TEST)
        decision = engine.decide_or_fail(call, trace=True)
        return Tested(decision, engine.ruleset.servers[server].rules)

    def _engine(self, mode: Mode) -> Engine:
        """Return the engine of the current revision; compiled again only after a change."""
        engine = self._engines.get(mode)
        if engine is None or engine.revision != self.app.store().revision(self.app.system):
            engine = self._engines[mode] = self.app.engine(None, mode)
        return engine


def desk_for(app: App) -> Desk:
    """Return the services that the panels work with."""
    from tui.services import Desk

    rules = StoreRules(app)
    return Desk(
        rules=rules,
        activation=rules,
        testing=StoreTests(app, {}),
        user=actor().user.upper(),
        system=app.system,
        clock=local_now,
    )


@click.command("tui")
@click.option("--wide", is_flag=True, help="27 rows of 132 columns instead of 24 of 80.")
def tui(wide: bool) -> int:
    """Work with rules on 5250-like screens: menus, lists, function keys, help at F1.

    \b
    Example: epm tui
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UnsupportedError("the workbench needs a terminal; epm --help lists the commands")
    from tui.app import run

    run(_session(wide))
    return ExitCode.OK


#: Panel -> the keys that lead to it from the main menu; a word of one letter is typed.
PICTURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "main": (),
        "rules-accept": ("1", "enter"),
        "rules-connect": ("2", "enter"),
        "rules-listen": ("3", "enter"),
        "conditions": ("1", "enter", "f11"),
        "create": ("1", "enter", "f6"),
        "test": ("4", "enter"),
        "activation": ("5", "enter"),
    }
)


@click.command("print")
@click.argument("panel", type=click.Choice(list(PICTURES)))
@click.option("-o", "--output", metavar="FILE", help="Write here; .svg gives a picture.")
@click.option("--wide", is_flag=True, help="27 rows of 132 columns instead of 24 of 80.")
def print_panel(panel: str, output: str | None, wide: bool) -> int:
    """Print a panel as the workbench shows it, as text or as an exact picture.

    \b
    Example: epm print rules-accept -o rules.svg
    """
    from tui.picture import svg

    session = _session(wide)
    for key in PICTURES[panel]:
        session.press(key, key if len(key) == 1 else None)
    display = session.display
    picture = output is not None and output.lower().endswith(".svg")
    with out_text(output) as stream:
        text = svg(display) if picture else "\n".join(display.lines()) + "\n"
        stream.write(text)
    return ExitCode.OK


def _session(wide: bool) -> Session:
    """Return a dialogue that begins at the main menu.

    Raises:
        StoreUnavailableError: the store cannot be opened; said before the screen is taken.
    """
    from tui.panels.help import help_for
    from tui.panels.main_menu import MainMenu
    from tui.session import Session

    rows, columns = (27, 132) if wide else (24, 80)
    desk = desk_for(current())
    desk.rules.outline()
    return Session(desk, MainMenu(), rows=rows, columns=columns, helper=help_for)


def without_command(context: click.Context) -> object:
    """Do what ``epm`` alone does: the workbench on a terminal, otherwise the help."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        return context.invoke(tui, wide=False)
    raise click.exceptions.NoArgsIsHelpError(context)


COMMANDS = (tui, print_panel)
