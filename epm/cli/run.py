"""``epm run``: any Linux program with its socket calls decided."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from epm.cli.app import current
from epm.cli.in_force import armr_rules, sequenced_rules
from epm.cli.output import talk, warn
from epm.cli.params import FILE, rules_option
from epm.cli.recording import Recorder, open_sink
from epm.events import Job

if TYPE_CHECKING:
    from exitprograms.program import ExitProgram
    from simulators.linux.run import ExitRunner, RunResult


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
@click.option(
    "--armr", type=FILE, metavar="FILE", help="ARMR policy instead of rules; - is standard input."
)
@click.option(
    "--armr-log",
    type=FILE,
    metavar="FILE",
    help="Add its events to FILE, as CEF or, where it is named .leef, as LEEF; - is stderr.",
)
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
        force = armr_rules(app, armr, armr_log)
    else:
        force = sequenced_rules(app, rules, log_only=log_only)
    sink, starts = open_sink(app, force)
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
        command, options, _asking(program), Recorder(sink, program), warn, _all(starts)
    )
    force.close()
    app.close()
    if summary:
        _say_summary(result)
    return result.status


def _asking(program: ExitProgram) -> ExitRunner:
    """Return how the supervisor asks: a rejection that is only logged is told as one.

    It counts it so, and lets the call go on by its own ``log_only``.
    """
    from exitprograms.indicator import REJECT

    def ask(format_name: str, block: bytes, job: Job, at: datetime) -> str:
        indicator, event = program.consult(format_name, block, job, at)
        return indicator if event is None or event.enforced else REJECT

    return ask


def _all(starts: list[Callable[[], None]]) -> Callable[[], None]:
    def start() -> None:
        for each in starts:
            each()

    return start


def _say_summary(result: RunResult) -> None:
    for what, count in sorted(result.counts.items()):
        talk(f"epm: {count:>8} {what}")


COMMANDS = (run,)
