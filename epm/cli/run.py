"""``epm run``: any Linux program with its socket calls decided."""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from epm.cli.app import App, current, load_rule_file
from epm.cli.clock import utc_now
from epm.cli.files import read_text
from epm.cli.live import LiveRules, file_stamp
from epm.cli.output import talk, warn
from epm.cli.params import rules_option
from epm.errors import EpmError, JournalError, SettingsError
from epm.events import SocketEvent
from epm.model import Config, FailMode, RuleSet

if TYPE_CHECKING:
    from db.activity_writer import ActivityWriter
    from epm.ports import Decider, DecisionSink, Sink, SocketSink
    from exitprograms.program import ExitProgram
    from simulators.linux.run import RunResult


class ErrnoParam(click.ParamType[int]):
    """An error number by name, such as ``EACCES``, or as a number."""

    name = "errno"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or fail as usage."""
        text = str(value)
        number = int(text) if text.isascii() and text.isdigit() else getattr(errno, text, 0)
        if number not in errno.errorcode:
            self.fail(f"{value!r} is not an error number such as EACCES", param, ctx)
        return number


ERRNO = ErrnoParam()


@click.command("run", context_settings={"allow_interspersed_args": False})
@rules_option
@click.option("--armr", metavar="FILE", help="ARMR policy instead of rules; - is standard input.")
@click.option("--armr-log", metavar="FILE", help="Add its events to FILE as CEF; - is stderr.")
@click.option("--log-only", is_flag=True, help="Decide and journal, never block.")
@click.option("--summary", is_flag=True, help="At the end, say how many calls were decided how.")
@click.option("--allow-io-uring", is_flag=True, help="Leave io_uring on: it passes the rules by.")
@click.option("--connect-errno", type=ERRNO, default="EACCES", show_default=True)
@click.option("--listen-errno", type=ERRNO, default="EPERM", show_default=True)
@click.option("--accept-errno", type=ERRNO, default="ECONNABORTED", show_default=True)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    rules: str | None,
    armr: str | None,
    armr_log: str | None,
    log_only: bool,
    summary: bool,
    allow_io_uring: bool,
    connect_errno: int,
    listen_errno: int,
    accept_errno: int,
    command: tuple[str, ...],
) -> int:
    """Run a program with its TCP listen, accept and connect calls decided by the rules.

    No root is needed. The exit code is the program's own (128 + signal, 127 not found, 126
    not executable), 3 where the kernel or container does not support it. For cooperative
    programs and testing: not a sandbox.

    \b
    Examples:
      epm run -- nginx -g "daemon off;"
      epm run --rules rules.yaml -- curl http://127.0.0.1:8080/
      epm run --log-only --summary -- ./server
      epm run --armr policy.armr --armr-log events.cef -- java -jar app.jar
    """
    from exitprograms.program import ExitProgram
    from simulators.linux.run import RunOptions
    from simulators.linux.run import run as run_program

    app = current()
    if armr is not None and rules is not None:
        raise click.UsageError("name one of --rules FILE and --armr FILE")
    if armr_log is not None and armr is None:
        raise click.UsageError("--armr-log is for --armr FILE")
    if armr is not None:
        force = _armr_rules(app, armr, armr_log)
    else:
        force = _sequenced_rules(app, rules, log_only=log_only)
    sink, starts = _sink(app, force)
    program = ExitProgram(force.current, sink, log_only=log_only, fail=force.fail, warn=warn)
    starts = [force.begin, *starts, *force.follow]
    options = RunOptions(
        connect_errno=connect_errno,
        listen_errno=listen_errno,
        accept_errno=accept_errno,
        allow_io_uring=allow_io_uring,
        log_only=log_only,
    )
    result = run_program(
        command, options, program.run, _Recorder(sink, program), warn, _all(starts)
    )
    force.close()
    app.close()
    if summary:
        _say_summary(result)
    return result.status


@dataclass(frozen=True, slots=True)
class _Force:
    """What decides, and what it needs around it.

    Attributes:
        current, fail: for the exit program.
        begin: first of what is started after the fork.
        follow: last of it: who looks for changes.
        journal: name of the journal to write to.
        has_store: whether the rules came from the store, so that it must be there.
        sinks: who else is told of decisions.
    """

    current: Callable[[], Decider]
    fail: Callable[[], FailMode]
    begin: Callable[[], None]
    follow: tuple[Callable[[], None], ...]
    close: Callable[[], None]
    journal: str
    has_store: bool = False
    sinks: tuple[DecisionSink, ...] = ()


def _sequenced_rules(app: App, rules: str | None, *, log_only: bool) -> _Force:
    """Return the rules of a file, or of the store."""
    if rules is not None:
        seen, stamp = None, file_stamp(rules)
        ruleset = load_rule_file(rules).ruleset
    else:
        seen = app.snapshot()
        ruleset = seen.ruleset
    _refuse_idle(ruleset, rules or f"the store's system {app.system}", log_only)
    live = LiveRules(ruleset, seen.revision if seen else None, warn)
    follow: list[Callable[[], None]] = []
    if rules is not None and rules != "-":
        follow.append(live.follow_file(rules, stamp))
    if seen is not None:
        watcher = live.follow_store(app.store(), seen)
        app.on_close(watcher.close)
        follow.append(watcher.start)
    return _Force(
        live.current,
        live.fail_mode,
        live.begin,
        (*follow, live.follow_names),
        live.close,
        _journal_name(app, ruleset),
        has_store=seen is not None,
    )


def _armr_rules(app: App, file: str, log_file: str | None) -> _Force:
    """Return the policy of an ARMR file."""
    from epm.armr.findings import ArmrError
    from epm.cli.armr import tell_errors
    from epm.cli.armr_live import ArmrLog, ArmrRules

    stamp = file_stamp(file)
    text = read_text(file)
    log = ArmrLog(log_file, utc_now)
    app.on_close(log.close)
    try:
        live = ArmrRules(text, file, log, warn)
    except ArmrError as error:
        tell_errors(error, file)
        raise
    follow = () if file == "-" else (live.follow_file(file, stamp),)
    return _Force(
        live.current,
        live.fail_mode,
        live.begin,
        (*follow, live.follow_names),
        live.close,
        _journal_name(app, RuleSet()),
        sinks=(log,),
    )


def _refuse_idle(ruleset: RuleSet, where: str, log_only: bool) -> None:
    if not log_only and not any(s.activated for s in ruleset.servers.values()):
        raise SettingsError(
            f"no server is activated in {where}: nothing would be decided "
            "(epm activate, or --log-only)"
        )


def _journal_name(app: App, ruleset: RuleSet) -> str:
    """Return the journal to write to: a rule file that names none leaves it to the store."""
    named = ruleset.config.journal
    if named == Config().journal:
        with suppress(EpmError):
            return app.snapshot().ruleset.config.journal
    return named


def _all(starts: list[Callable[[], None]]) -> Callable[[], None]:
    def start() -> None:
        for each in starts:
            each()

    return start


class _Recorder:
    """Records SK entries; when one cannot be, the fail mode answers for the call."""

    def __init__(self, sink: SocketSink, program: ExitProgram) -> None:
        self._sink = sink
        self._program = program

    def socket_event(self, event: SocketEvent) -> None:
        """Record one SK entry.

        Raises:
            JournalError: it cannot be recorded, and the fail mode is closed.
        """
        try:
            self._sink.socket_event(event)
        except JournalError as error:
            if not self._program.goes_on_unrecorded(error, "a socket event"):
                raise


def _sink(app: App, force: _Force) -> tuple[Sink, list[Callable[[], None]]]:
    """Return where answers are recorded, and what starts its threads.

    With rules of a file the store is only for messages and captures, so it may be missing.
    """
    from db.activity import Activity
    from db.activity_writer import ActivityWriter
    from exitprograms.sinks import FanOut
    from journal.sink import JournalSink

    make_store = not force.has_store
    journal = app.open_journal(force.journal)
    starts: list[Callable[[], None]] = [journal.start]
    others: list[DecisionSink] = list(force.sinks)
    try:
        activity = ActivityWriter(
            Activity(app.store(create=make_store), app.system),
            clock=utc_now,
            on_error=lambda error: warn(f"messages and captures wait: {error}"),
        )
        app.on_close(lambda: _close(activity))
        starts.append(activity.start)
        others.append(activity)
    except EpmError as error:
        if not make_store:
            raise
        warn(f"messages and captures are not kept: {error}")
    return FanOut(JournalSink(journal), others, warn=warn), starts


def _close(activity: ActivityWriter) -> None:
    lost = activity.close()
    if lost:
        warn(f"{lost} messages and captures could not be written")


def _say_summary(result: RunResult) -> None:
    for what, count in sorted(result.counts.items()):
        talk(f"epm: {count:>8} {what}")


COMMANDS = (run,)
