"""The report as text: a line for each entry, then the totals, for a terminal or a mail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from epm.errors import one_line
from journal.report.context import ReportContext, plural, step_text
from journal.report.totals import TOP, Totals
from journal.view import EntryView

_BAR = 40


class TextWriter:
    """Writes UTF-8 text; names that hold control characters are shown with escapes."""

    totals_first = False

    def __init__(self, out: BinaryIO) -> None:
        """Write to ``out``."""
        self._out = out

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._out.write(one_line(line.rstrip()).encode("utf-8", "backslashreplace") + b"\n")

    def begin(self, context: ReportContext, totals: Totals) -> None:
        """Write the head."""
        self._lines(["Journal report", ""])
        self._lines(f"{title:<20} {text}" for title, text in context.head_rows())
        self._lines(["", "Sequence  Time                     Type  Server      Verdict  Rule"])

    def row(self, view: EntryView) -> None:
        """Write one line, and a second for what else the entry says."""
        kind = view.entry_type if view.type is None else f"{view.entry_type} {view.type}"
        self._lines([
            f"{view.sequence:>8}  {view.time_text():<24} {kind:<5} {view.server or '':<11} "
            f"{_verdict(view):<8} {_rule(view)}",
            f"          {view.user or ''} {view.job or ''} {_ends(view)}",
        ])  # fmt: skip
        notes = [f"({note})" for note in (view.unreached, view.detail) if note]
        if view.unreached:
            notes[0] = f"(does not reach the exit point: {view.unreached})"
        if notes:
            self._lines([f"          {' '.join(notes)}"])

    def end(self, context: ReportContext, totals: Totals) -> None:
        """Write totals, talkers, rejections over time, rules and the proof."""
        self._lines(["", f"Totals: {totals.entries} of {context.in_journal} entries"])
        self._lines(
            f"{server or '-':<11} {verdict or '-':<7} {kind:<6} {count:>9}"
            for server, verdict, kind, count in totals.group_rows()
        )
        if totals.not_enforced:
            text = plural(totals.not_enforced, "rejection")
            self._lines([f"* Logged only, not enforced: {text}"])
        if totals.unreached:
            text = plural(totals.unreached, "entry")
            self._lines([f"Never reach the exit points: {text}"])
        self._lines(["", "Top talkers"])
        self._lines(f"{count:>9}  {name}" for name, count in totals.talkers.top(TOP))
        self._lines(["", "Top talkers, rejected"])
        self._lines(f"{count:>9}  {name}" for name, count in totals.rejected_talkers.top(TOP))
        self._lines(["", f"Rejections over time, each {step_text(totals.rejections.step)}"])
        self._lines(_bars(totals))
        self._lines(["", "Rules"])
        for (server, rule, name, revision), count in totals.rules.top(totals.rules.limit):
            self._lines([f"{count:>9}  {server} {rule} {name}{_revision(revision)}"])
        self._lines(["", "Integrity"])
        self._lines(f"{title:<20} {text}" for title, text in context.proof_rows())


def _verdict(view: EntryView) -> str:
    logged_only = view.verdict == "reject" and view.enforced is False
    return f"{view.verdict}*" if logged_only else view.verdict or ""


def _rule(view: EntryView) -> str:
    if view.rule is None:
        return view.reason or ""
    revision = _revision("" if view.revision is None else str(view.revision))
    return f"{view.rule} {view.rule_name or ''}".rstrip() + revision


def _revision(revision: str) -> str:
    return f" (revision {revision})" if revision else ""


def _ends(view: EntryView) -> str:
    local = endpoint(view.local_address, view.local_port)
    remote = endpoint(view.remote_address, view.remote_port)
    if view.server == "QSOCONNECT":
        return f"{local} -> {remote}"
    return f"{remote} -> {local}" if remote else local


def endpoint(address: str | None, port: int | None) -> str:
    """Return ``address:port``, an IPv6 address in brackets; empty if there is neither."""
    if address is None and port is None:
        return ""
    shown = f"[{address}]" if address is not None and ":" in address else address or "*"
    return shown if port is None else f"{shown}:{port}"


def _bars(totals: Totals) -> Iterable[str]:
    series = totals.rejections.series()
    largest = max((count for _, count in series), default=1)
    for begin, count in series:
        if count:
            bar = "#" * max(1, count * _BAR // largest)
            yield f"{begin.isoformat(timespec='minutes')}Z {count:>9}  {bar}"
