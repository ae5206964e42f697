"""The command ``epm``: options for all, the commands, and what an error becomes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from epm import __version__
from epm.cli import (
    activation,
    activity,
    armr,
    cl,
    config,
    demo,
    doctor,
    groups,
    ibmi,
    journal_proof,
    journal_records,
    rulesets,
    run,
    sanitize,
    simulate,
    store,
    testing,
)
from epm.cli.app import App
from epm.cli.exits import ExitCode, code_of
from epm.cli.output import talk, warn
from epm.cli.settings import load_settings
from epm.cli.workbench import commands as workbench
from epm.errors import EpmError

_EPILOG = """\b
Exit codes: 0 done, or allowed; 1 rejected, a failed expectation, findings or an edit
conflict; 2 usage; 3 data source unavailable or not supported here; 4 rules or input
invalid; 130 interrupted.

\b
Examples:
  epm demo
  epm init --sample
  epm test QSOACCEPT --rmtaddr 10.1.2.3 --lclport 22 --trace
  epm run --rules rules.yaml -- nginx
"""


class _ReaderGoneError(Exception):
    """Whoever read the output went away: no error, but nothing more to say."""


class _Root(click.Group):
    """The group of all commands. Click itself would end a broken pipe with exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGoneError from None


@click.group(
    cls=_Root,
    epilog=_EPILOG,
    invoke_without_command=True,
    context_settings={"max_content_width": 100},
)
@click.option("--db", metavar="URL", help="Rule store as an SQLAlchemy URL (EPM_DB).")
@click.option("--system", metavar="NAME", help="System the rules belong to (EPM_SYSTEM).")
@click.version_option(__version__, prog_name="epm")
@click.pass_context
def cli(context: click.Context, db: str | None, system: str | None) -> object:
    """Decide the socket calls of any program by sequenced rules, and journal them.

    Exit-point manager for the socket exit points of IBM i: accept, connect, listen.
    """
    app = App(load_settings({"db": db, "system": system}, os.environ))
    for line in app.settings.passed_over:
        warn(line)
    context.obj = app
    context.call_on_close(app.close)
    return workbench.without_command(context) if context.invoked_subcommand is None else None


for module in (
    demo, store, rulesets, groups, config, testing, activation, run, journal_records,
    journal_proof, activity, simulate, doctor, cl, ibmi, armr, sanitize, workbench,
):  # fmt: skip
    for command in module.COMMANDS:
        cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; no traceback reaches a user."""
    _open_closed_streams()
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except OSError:
        _abandon_stdout()
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(arguments, prog_name="epm", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except click.ClickException as error:
        talk(f"epm: error: {' '.join(error.format_message().split())}")
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        talk("epm: interrupted")
        return ExitCode.INTERRUPTED
    except EpmError as error:
        talk(f"epm: error: {error}")
        return code_of(error)
    except _ReaderGoneError:
        _abandon_stdout()
        return ExitCode.OK
    except OSError as error:
        talk(f"epm: error: {error.filename or 'output'}: {error.strerror}")
        return ExitCode.UNAVAILABLE
    except Exception as error:
        if os.environ.get("EPM_DEBUG"):
            raise
        talk(f"epm: internal error: {type(error).__name__}: {error} (EPM_DEBUG=1 shows where)")
        return ExitCode.UNAVAILABLE
    return result if isinstance(result, int) else ExitCode.OK


def _open_closed_streams() -> None:
    """Point standard streams that the caller has closed (``>&-``) at the null device.

    What is opened next would get their numbers otherwise, and a line meant for standard output
    would land in the store or the journal.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def _abandon_stdout() -> None:
    """Point standard output away, so that closing it at exit says nothing more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
