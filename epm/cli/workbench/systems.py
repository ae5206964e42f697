"""IBM i systems for the panels: what ``epm ibmi`` says and does, as it says and does it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from epm.cli import ibmi
from epm.cli.app import App
from epm.cli.ibmi_connect import connection_of
from epm.cli.ibmi_fetch import fetch
from epm.cli.ibmi_show import Shown, status_of
from epm.cli.workbench.saving import saying
from epm.errors import NotFoundError
from epm.model import Server

if TYPE_CHECKING:
    from exitprograms.ibmi.status import SystemStatus
    from tui.services import SystemAction, SystemLine, SystemState

#: Systems that are asked at once.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class SettingsSystems:
    """The systems that the settings name."""

    app: App

    def names(self) -> list[str]:
        """Return their names."""
        return sorted(self.app.settings.ibmi)

    def system(self, name: str) -> SystemLine:
        """Return how one is reached."""
        from tui.services import SystemLine

        if name not in self.app.settings.ibmi:
            raise NotFoundError(f"system {name} is not in the settings")
        one = connection_of(self.app, name)
        return SystemLine(one.system, str(one.transport), one.where, one.user, one.lib)

    def states(self, names: Sequence[str]) -> dict[str, SystemState]:
        """Ask systems how they are, all at once."""
        connections = [connection_of(self.app, name) for name in names]
        self.app.store()  # opened here, and once: the threads share it
        with (
            contextlib.redirect_stderr(io.StringIO()),
            ThreadPoolExecutor(AT_ONCE, "epm-ibmi") as pool,
        ):
            shown = pool.map(lambda one: status_of(self.app, one, alone=False), connections)
            return {one.connection.system: state_of(one) for one in shown}

    def plan(self, name: str, action: SystemAction) -> list[str]:
        """Return what an action would run: what its ``--dry-run`` prints."""
        from tui.services import SystemAction

        if action is SystemAction.FETCH:
            return [
                "Reads the audit entries that are new since the last fetch into the journal of "
                f"{name} here. On the system nothing is changed but captures that are handed over."
            ]
        printed, _ = _run(self.app, _COMMANDS[action], name=name, dry_run=True)
        return printed

    def do(self, name: str, action: SystemAction) -> tuple[str, ...]:
        """Do it as its command does, past the lock-out guard."""
        printed, said = _run(self.app, _COMMANDS[action], name=name)
        # What was done is said last; it is what one wants to read first.
        return (*reversed(said), *printed)


_COMMANDS: dict[str, click.Command] = {
    "Deploy": ibmi.deploy,
    "Attach": ibmi.attach,
    "Detach": ibmi.detach,
    "Fetch": fetch,
}


def _run(app: App, command: click.Command, **given: object) -> tuple[list[str], list[str]]:
    """Run a command of ``epm ibmi``; return what it printed, and what it said.

    Raises:
        EpmError: it failed; the guard's lines are in the text.
    """
    printed = io.StringIO()

    def run() -> None:
        with contextlib.redirect_stdout(printed), click.Context(command, obj=app) as context:
            context.invoke(command, **given)

    _, said = saying(run)
    return printed.getvalue().splitlines(), said


# --------------------------------------------------------------------------------- states


def state_of(shown: Shown) -> SystemState:
    """Return what a system said as the panels show it."""
    from tui.services import SystemState

    if shown.status is None:
        return SystemState(problem=shown.problem)
    points = [shown.point(server) for server in Server]
    ours = sum("ours" in point for point in points)
    deployed = shown.status.deployed
    return SystemState(
        f"{ours} of {len(points)}",
        "" if deployed is None else "file" if deployed.revision is None else str(deployed.revision),
        "*YES" if shown.status.drift else "*NO",
        lines=tuple(_lines(shown, shown.status)),
    )


def _lines(shown: Shown, status: SystemStatus) -> Iterator[tuple[str, str]]:
    for server in Server:
        found = [f"{r.number} {r.qualified} {r.text}".rstrip() for r in status.at(server)]
        yield str(server.exit_point), "; ".join(found) or "(no exit program)"
    if shown.desired is not None:
        yield "Store", f"revision {shown.desired.snapshot.revision}"
    for name, count in status.counters.items():
        yield name.replace("_", " ").capitalize(), str(count)
    yield "QAUDCTL", " ".join(sorted(status.audit.control)) or "(none)"
    yield "QAUDLVL", " ".join(sorted(status.audit.levels)) or "(none)"
    for line in status.drift:
        yield "Drift", line
    for line in status.warnings:
        yield "Warning", line
