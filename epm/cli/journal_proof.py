"""``epm journal report|head|verify``: reports, and the proof that the journal is whole."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from epm import __version__
from epm.cli.app import App, current
from epm.cli.changes import login_name
from epm.cli.clock import utc_now
from epm.cli.exits import ExitCode
from epm.cli.journal_forward import report_options, send, take_target
from epm.cli.journals import folder_of, journal, query_of
from epm.cli.output import answer, out_bytes, say, talk
from epm.cli.params import journal_option, json_option, output_option
from epm.errors import JournalDamagedError, JournalError

_LINES = ("cef", "leef", "syslog")


@journal.command("report")
@report_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "jsonl", "html", *_LINES]),
    default="text",
    show_default=True,
)
@click.option("--head", "known_head", metavar="NUMBER:HASH", help="A head kept elsewhere.")
@output_option
def report(form: str, known_head: str | None, output: str | None, **given: Any) -> int:
    """Report rows, totals, top talkers, rejections over time, and the proof of the chain.

    With --to URL, send entries as cef, leef or syslog messages instead; with --follow, go on.

    \b
    Examples:
      epm journal report --from 2026-11-01 --format html -o november.html
      epm journal report --format cef --follow --to tls://siem.example.com:6514
    """
    target = take_target(given)
    if target is not None or given["follow"]:
        if form not in _LINES or known_head or output:
            raise click.UsageError("--to URL sends --format cef, leef or syslog; no --head, no -o")
        return send(current(), form, target, given)
    return _report(form, known_head, output, given)


def _report(form: str, known_head: str | None, output: str | None, given: dict[str, Any]) -> int:
    from journal.report.run import ReportRequest, write_report

    request = ReportRequest(
        format=form,
        query=query_of(given),
        generated=utc_now(),
        user=login_name(),
        software=f"epm {__version__}",
        known_head=known_head,
        host=socket.gethostname(),
    )
    folder = folder_of(current(), given["name"])
    with out_bytes(output) as out, _Progress("Verifying") as progress:
        context = write_report(folder, request, out, progress=progress)
    if not context.proof.whole:
        talk("epm: the journal is not whole: see the report's proof, or epm journal verify")
        return ExitCode.NO
    return ExitCode.OK


class _Progress:
    """A progress bar on standard error, on a terminal only, as a callback of (done, total)."""

    def __init__(self, label: str) -> None:
        self._bar: Any = None
        self._label = label
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Callable[[int, int], None]:
        return self._tell

    def _tell(self, done: int, total: int) -> None:
        if not self._shown:
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
        self._bar.update(done - self._bar.pos)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()


@journal.command("head")
@journal_option
@json_option
def head(name: str | None, as_json: bool) -> None:
    """Print the journal's head, to be kept elsewhere and given to verify --head.

    \b
    Example: epm journal head >> /mnt/elsewhere/epm-heads
    """
    from journal.verify import head as head_text

    text = head_text(folder_of(current(), name))
    if as_json:
        answer({"head": text})
    else:
        say(text)


def _begun(app: App, name: str | None, known_head: str | None) -> Path:
    """Return the journal's folder, which must be there if a head of it is known.

    Raises:
        JournalDamagedError: there was a journal, and nothing of it is left.
        JournalError: there never was one.
    """
    from journal.receiver import list_receivers

    try:
        folder = folder_of(app, name)
    except JournalError:
        if known_head is None:
            raise
        raise JournalDamagedError(f"the journal of the head {known_head} is gone") from None
    if not list_receivers(folder) and (known_head is not None or any(folder.iterdir())):
        raise JournalDamagedError(f"journal {folder}: every receiver is gone")
    return folder


@journal.command("verify")
@click.option("--head", "known_head", metavar="NUMBER:HASH", help="A head kept elsewhere.")
@journal_option
@json_option
def verify(known_head: str | None, name: str | None, as_json: bool) -> int:
    """Verify every byte of the journal; name what was changed, dropped or reordered.

    The exit code is 1 when damage is found. A tail that was cut off shows only with --head.

    \b
    Examples:
      epm journal verify
      epm journal verify --head 4711:9c1f…
    """
    from journal.verify import verify as verify_journal

    folder = _begun(current(), name, known_head)
    with _Progress("Verifying") as progress:
        found = verify_journal(folder, known_head, progress=progress)
    if as_json:
        answer(
            {
                "whole": found.whole,
                "receivers": found.receivers,
                "first": found.first,
                "last": found.last,
                "expected": found.expected,
                "found": found.found,
                "head": found.head,
                "findings": [str(f) for f in found.findings],
                "gaps": [g.sequence for g in found.gaps],
            }
        )
        return ExitCode.OK if found.whole else ExitCode.NO
    for finding in found.findings:
        say(str(finding))
    if found.finding_count > len(found.findings):
        say(f"and {found.finding_count - len(found.findings)} more")
    for gap in found.gaps:
        say(f"gap recorded: entry {gap.sequence}")
    word = "whole" if found.whole else "DAMAGED"
    receivers = "1 receiver" if found.receivers == 1 else f"{found.receivers} receivers"
    say(
        f"{word}: {found.found} of {found.expected} entries, {found.first} to {found.last}, "
        f"in {receivers}; head {found.head}"
    )
    return ExitCode.OK if found.whole else ExitCode.NO


COMMANDS = (journal,)
