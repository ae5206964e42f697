"""The status of IBM i systems as tables, lines and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.ibmi_connect import client_of
from epm.cli.ibmi_wanted import Desired, desired
from epm.cli.output import say, table, warn
from epm.errors import EpmError
from epm.model import Server

if TYPE_CHECKING:
    from exitprograms.ibmi.connection import Connection
    from exitprograms.ibmi.status import SystemStatus


@dataclass(frozen=True, slots=True)
class Shown:
    """A system's status, or why there is none.

    Attributes:
        status: ``None`` where it could not be asked; then ``problem`` says why.
    """

    connection: Connection
    desired: Desired | None
    status: SystemStatus | None
    problem: str = ""

    def point(self, server: Server) -> str:
        """Return what is registered at an exit point: ``ours``, ``none`` or the others' names."""
        if self.status is None or self.desired is None:
            return "?"
        found = self.status.at(server)
        names = self.desired.names
        return "+".join("ours" if r.is_ours(names) else r.qualified for r in found) or "none"

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        base: dict[str, object] = {
            "system": self.connection.system,
            "address": self.connection.where,
            "problem": self.problem or None,
        }
        if self.status is None or self.desired is None:
            return base
        there, here = self.status.deployed, self.desired.wanted.image
        return {
            **base,
            "exit_points": {str(s): self._registered(s) for s in Server},
            "deployed": None if there is None else _image_json(there.revision, there.digest),
            "store": _image_json(here.revision, here.digest),
            "counters": dict(self.status.counters),
            "auditing": {
                "QAUDCTL": sorted(self.status.audit.control),
                "QAUDLVL": sorted(self.status.audit.levels),
            },
            "drift": list(self.status.drift),
            "warnings": list(self.status.warnings),
        }

    def _registered(self, server: Server) -> list[dict[str, object]]:
        assert self.status is not None
        assert self.desired is not None
        return [
            {
                "number": r.number,
                "program": r.qualified,
                "ours": r.is_ours(self.desired.names),
                "text": r.text,
            }
            for r in self.status.at(server)
        ]


def _image_json(revision: int | None, digest: str) -> dict[str, object]:
    return {"revision": revision, "digest": digest}


def status_of(app: App, connection: Connection, *, alone: bool) -> Shown:
    """Return a system's status; of several, one that cannot be asked does not stop the others."""
    from exitprograms.ibmi.status import ask

    want = None
    try:
        want = desired(app, connection)
        with client_of(connection) as client:
            return Shown(connection, want, ask(client, want.names, want.wanted))
    except EpmError as error:
        if alone:
            raise
        return Shown(connection, want, None, str(error))


def print_table(shown: Sequence[Shown]) -> None:
    """Print the systems side by side, and below it what is wrong with each."""
    heads = ("System", *(str(s) for s in Server), "Deployed", "Store", "Calls", "Rejected", "State")
    table(heads, map(_row, shown))
    for one in shown:
        if one.problem:
            warn(one.problem)
        if one.status is not None:
            for line in one.status.drift:
                say(f"{one.connection.system}: drift: {line}")
            for line in one.status.warnings:
                warn(f"{one.connection.system}: {line}")


def _row(one: Shown) -> tuple[object, ...]:
    here = "-" if one.desired is None else one.desired.snapshot.revision
    points = [one.point(s) for s in Server]
    if one.status is None:
        return (one.connection.system, *points, "?", here, "?", "?", "unavailable")
    there, counters = one.status.deployed, one.status.counters
    return (
        one.connection.system,
        *points,
        "none" if there is None else there.revision,
        here,
        counters.get("calls", "-"),
        counters.get("rejected", "-"),
        "drift" if one.status.drift else "in step",
    )


def print_one(one: Shown) -> None:
    """Print one system."""
    assert one.status is not None
    assert one.desired is not None
    connection, status = one.connection, one.status
    say(f"System {connection.system}, {connection.where}, library {connection.lib}")
    table(("Server", "Exit point", "Number", "Program", "Text"), _points(one))
    there, here = status.deployed, one.desired.wanted.image
    deployed = "none" if there is None else f"revision {there.revision}, {there.digest[:16]}"
    say(f"Deployed  {deployed}")
    say(f"Store     revision {here.revision}, {here.digest[:16]}")
    if status.counters:
        counted = (f"{name.replace('_', ' ')} {n}" for name, n in status.counters.items())
        say(f"Counters  {', '.join(counted)}")
    levels = " ".join(sorted(status.audit.levels)) or "none"
    say(f"Auditing  QAUDCTL {' '.join(sorted(status.audit.control)) or 'none'}, QAUDLVL {levels}")
    for line in status.drift:
        say(f"Drift     {line}")
    for line in status.warnings:
        warn(line)


def _points(one: Shown) -> list[tuple[object, ...]]:
    assert one.status is not None
    rows: list[tuple[object, ...]] = []
    for server in Server:
        found = one.status.at(server)
        rows += [(server, server.exit_point, r.number, r.qualified, r.text) for r in found]
        if not found:
            rows.append((server, server.exit_point, "-", "none", ""))
    return rows
