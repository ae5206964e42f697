"""``epm doctor``: what works here, and what does not and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec

import click

from epm.cli.app import App, current
from epm.cli.exits import ExitCode
from epm.cli.journal_state import journal_state
from epm.cli.output import answer, table
from epm.cli.params import json_option
from epm.cli.settings import shown_url
from epm.errors import EpmError, StoreError


class Health(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what it found, in one line."""

    check: str
    health: Health
    text: str


def _guarded(check: str, look: Callable[[], str], failure: Health) -> Finding:
    try:
        return Finding(check, Health.OK, look())
    except EpmError as error:
        return Finding(check, failure, str(error))


def examine(app: App) -> Iterator[Finding]:
    """Yield what each check finds; none changes anything but the user's own new store."""
    yield _kernel()
    yield _sqlite()
    yield _guarded("store", lambda: _store(app), Health.FAILED)
    yield _guarded("history", lambda: _history(app), Health.FAILED)
    yield _guarded("journal", lambda: _journal(app), Health.FAILED)
    yield _guarded("settings", lambda: _settings(app), Health.FAILED)
    yield _odbc()
    yield from (_optional(*line) for line in _OPTIONAL)


def _kernel() -> Finding:
    from simulators.linux.selftest import report

    support = report()
    if support.reason is not None:
        return Finding("epm run", Health.WARNING, support.reason)
    parts = (
        (support.belt, "the Landlock belt (Linux 6.7)"),
        (support.thread_pidfd, "pidfds of threads (Linux 6.9)"),
        (support.pidfd_info, "credentials from them (Linux 6.13)"),
        (support.io_uring, "io_uring for blocking connects"),
    )
    text = f"Linux {support.kernel} {support.machine}"
    for word, there in (("with", True), ("without", False)):
        named = [name for has, name in parts if has is there]
        text += f"; {word} {', '.join(named)}" if named else ""
    return Finding("epm run", Health.OK if support.belt else Health.WARNING, text)


def _sqlite() -> Finding:
    from db.gate import gate

    linked = gate()
    return Finding("SQLite", Health.OK if linked.sound else Health.WARNING, str(linked))


def _odbc() -> Finding:
    from db.odbc import IBM_I_DRIVER, look_at_odbc

    try:
        odbc = look_at_odbc()
    except EpmError as error:
        return Finding("ODBC", Health.WARNING, str(error))
    text = f"pyodbc {odbc.version}, drivers: {', '.join(odbc.drivers) or 'none'}"
    if odbc.reaches_ibmi:
        return Finding("ODBC", Health.OK, text)
    return Finding("ODBC", Health.WARNING, f"{text}; a real IBM i needs the {IBM_I_DRIVER}")


def _store(app: App) -> str:
    from db.engine import Timeouts

    snapshot = app.snapshot()
    count = sum(len(s.rules) for s in snapshot.ruleset.servers.values())
    limits = Timeouts()
    return (
        f"{shown_url(app.settings.db)}, {app.system} revision {snapshot.revision}, "
        f"{count} rules; time-outs: connect {limits.connect:g} s, lock {limits.lock:g} s, "
        f"statement {limits.statement:g} s"
    )


def _history(app: App) -> str:
    damaged = app.store().damaged_change(app.system)
    if damaged is not None:
        raise StoreError(f"change {damaged} of the history was altered or is missing")
    return "every change is the one that was written"


def _journal(app: App) -> str:
    name = app.snapshot().ruleset.config.journal
    return journal_state(app.journal_folder(name)).line()


def _settings(app: App) -> str:
    sources = sorted(set(app.settings.sources.values()))
    return f"sync {app.settings.sync}; settings from {', '.join(sources)}"


_OPTIONAL = (
    ("Parquet", "pyarrow", "calls from .parquet files", "epm-ibmi[parquet]"),
    ("PostgreSQL", "psycopg", "rule store on PostgreSQL", "epm-ibmi[postgresql]"),
    ("XMLSERVICE", "itoolkit", "epm ibmi over HTTP, SSH or ODBC", "epm-ibmi[ibmi]"),
    ("browser", "textual_serve", "epm tui --web", "epm-ibmi[web]"),
)


def _optional(check: str, module: str, purpose: str, package: str) -> Finding:
    if find_spec(module) is None:
        text = f"{module} is not installed: no {purpose}; it needs {package}"
        return Finding(check, Health.WARNING, text)
    return Finding(check, Health.OK, f"{module}: {purpose}")


@click.command("doctor")
@json_option
def doctor(as_json: bool) -> int:
    """Check what works here: kernel, SQLite, ODBC, store, journal, history, time-outs.

    The exit code is 3 when the store or the journal does not work.

    \b
    Example: epm doctor
    """
    findings = list(examine(current()))
    if as_json:
        answer([{"check": f.check, "health": str(f.health), "text": f.text} for f in findings])
    else:
        table(("Check", "Health", "What"), ((f.check, f.health, f.text) for f in findings))
    failed = any(f.health is Health.FAILED for f in findings)
    return ExitCode.UNAVAILABLE if failed else ExitCode.OK


COMMANDS = (doctor,)
