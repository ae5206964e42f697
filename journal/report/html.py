"""The report as one HTML file: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import BinaryIO

from epm.errors import one_line
from journal.report.chart import bar_chart
from journal.report.context import ReportContext, step_text
from journal.report.text import endpoint
from journal.report.totals import TOP, Totals
from journal.view import EntryView

_STYLE = """
body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:1100px;padding:0 1em;color:#222}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}
table{border-collapse:collapse;width:100%}td,th{padding:3px 8px;text-align:left;vertical-align:top;
border-bottom:1px solid #ddd;overflow-wrap:anywhere}th{background:#f3f3f3}.n{text-align:right}
.reject{color:#a40000}.bad{background:#fdd;font-weight:bold}.note{color:#666}
svg{width:100%;height:auto}svg rect{fill:#a40000}svg text{font-size:11px;fill:#444}
svg .axis{fill:none;stroke:#888}
""".strip()
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_COLUMNS = ("Sequence", "Time (UTC)", "Type", "Server", "Verdict", "Rule", "User", "Job", "Local",
            "Remote", "Notes")  # fmt: skip


def safe(value: object) -> str:
    """Return a value as HTML text: no markup, no control characters."""
    return "" if value is None else escape(one_line(str(value)))


class HtmlWriter:
    """Writes UTF-8 HTML; rows come last, so that the browser shows the rest while they load."""

    totals_first = True

    def __init__(self, out: BinaryIO) -> None:
        """Write to ``out``."""
        self._out = out

    def _write(self, text: str) -> None:
        self._out.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def begin(self, context: ReportContext, totals: Totals) -> None:
        """Write everything but the rows."""
        self._write(
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            f"<title>Journal report {safe(context.journal)}</title>"
            f"<style>{_STYLE}</style></head><body><h1>Journal report</h1>"
        )
        entries = ("Entries", f"{totals.entries} of {context.in_journal}")
        self._pairs([*context.head_rows(), entries])
        self._write("<h2>Rejections over time</h2>")
        title = f"Rejections, each bar {step_text(totals.rejections.step)}"
        self._write(bar_chart(totals.rejections.series(), safe(title)))
        self._write(f'<p class="note">{safe(title)}.</p>')
        self._totals(totals)
        self._write("<h2>Integrity</h2>")
        self._pairs(context.proof_rows(), bad=not context.proof.whole)
        self._write("<h2>Entries</h2>")
        heads = "".join(f"<th>{safe(name)}</th>" for name in _COLUMNS)
        self._write(f"<table><thead><tr>{heads}</tr></thead><tbody>")

    def _totals(self, totals: Totals) -> None:
        self._write("<h2>Totals</h2>")
        self._table(("Server", "Verdict", "Type", "Entries"), totals.group_rows())
        if totals.not_enforced:
            self._write(f'<p class="note">Logged only, not enforced: {totals.not_enforced}.</p>')
        if totals.unreached:
            self._write(f'<p class="note">Never reach the exit points: {totals.unreached}.</p>')
        self._write("<h2>Top talkers</h2>")
        self._table(("Remote address", "Entries"), totals.talkers.top(TOP))
        self._write("<h2>Top talkers, rejected</h2>")
        self._table(("Remote address", "Rejections"), totals.rejected_talkers.top(TOP))
        self._write("<h2>Rules</h2>")
        rules = totals.rules.top(totals.rules.limit)
        rows = [(*rule, count) for rule, count in rules]
        self._table(("Server", "Sequence", "Name", "Revision", "Entries"), rows)

    def _pairs(self, pairs: list[tuple[str, str]], *, bad: bool = False) -> None:
        self._write("<table>")
        for title, text in pairs:
            mark = ' class="bad"' if bad and title in ("Chain", "Finding") else ""
            self._write(f"<tr{mark}><th>{safe(title)}</th><td>{safe(text)}</td></tr>")
        self._write("</table>")

    def _table(self, heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
        self._write(f"<table><tr>{''.join(f'<th>{safe(h)}</th>' for h in heads)}</tr>")
        for row in rows:
            cells = (
                f'<td class="n">{value}</td>'
                if isinstance(value, int)
                else f"<td>{safe(value)}</td>"
                for value in row
            )
            self._write(f"<tr>{''.join(cells)}</tr>")
        self._write("</table>")

    def row(self, view: EntryView) -> None:
        """Write one entry."""
        kind = view.entry_type if view.type is None else f"{view.entry_type} {view.type}"
        rule = view.reason if view.rule is None else f"{view.rule} {view.rule_name or ''}"
        if view.revision is not None and view.rule is not None:
            rule = f"{rule} (revision {view.revision})"
        not_enforced = "logged only" if view.enforced is False else None
        unreached = f"does not reach the exit point: {view.unreached}" if view.unreached else None
        notes = "; ".join(n for n in (not_enforced, unreached, view.detail) if n)
        cells = (
            view.sequence,
            view.time_text(),
            kind,
            view.server,
            view.verdict,
            rule,
            view.user,
            view.job,
            endpoint(view.local_address, view.local_port),
            endpoint(view.remote_address, view.remote_port),
            notes,
        )
        mark = ' class="reject"' if view.verdict == "reject" else ""
        self._write(f"<tr{mark}>{''.join(f'<td>{safe(c)}</td>' for c in cells)}</tr>")

    def end(self, context: ReportContext, totals: Totals) -> None:
        """Close the document."""
        self._write("</tbody></table></body></html>")
