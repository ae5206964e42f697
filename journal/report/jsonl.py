"""The report as JSON Lines: ``record`` says what each line is.

``report`` (head) comes first, then ``row`` for each entry, then ``entries``, ``total``, ``talker``,
``rejected-talker``, ``rejections``, ``rule``, and ``integrity`` last.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import BinaryIO

from journal.report.context import ReportContext, utc
from journal.report.totals import TOP, Totals
from journal.view import COLUMNS, EntryView


class JsonlWriter:
    """Writes ASCII JSON, so a line is one line whatever a name holds."""

    totals_first = False

    def __init__(self, out: BinaryIO) -> None:
        """Write to ``out``."""
        self._out = out

    def _write(self, record: str, **values: object) -> None:
        self._out.write(json.dumps({"record": record} | values).encode("ascii") + b"\n")

    def begin(self, context: ReportContext, totals: Totals) -> None:
        """Write the head."""
        self._write(
            "report",
            journal=context.journal,
            system=context.system,
            generated=utc(context.generated),
            user=context.user,
            software=context.software,
            filter=context.filter,
            in_journal=context.in_journal,
        )

    def row(self, view: EntryView) -> None:
        """Write one entry."""
        values = {name: getattr(view, name) for name in COLUMNS}
        values["time"] = view.time_text("microseconds")
        self._write("row", **values)

    def end(self, context: ReportContext, totals: Totals) -> None:
        """Write totals and the proof."""
        self._write("entries", count=totals.entries, in_journal=context.in_journal)
        for server, verdict, kind, count in totals.group_rows():
            self._write(
                "total", server=server or None, verdict=verdict or None, type=kind, count=count
            )
        for record, talkers in (
            ("talker", totals.talkers),
            ("rejected-talker", totals.rejected_talkers),
        ):
            for address, count in talkers.top(TOP):
                self._write(record, remote_address=address, count=count)
        seconds = int(totals.rejections.step.total_seconds())
        for begin, count in totals.rejections.series():
            self._write("rejections", time=utc(begin), seconds=seconds, count=count)
        for (server, rule, name, revision), count in totals.rules.top(totals.rules.limit):
            self._write(
                "rule", server=server, rule=rule, rule_name=name or None,
                revision=int(revision) if revision else None, count=count,
            )  # fmt: skip
        self._integrity(context, totals)

    def _integrity(self, context: ReportContext, totals: Totals) -> None:
        proof = context.proof
        self._write(
            "integrity",
            first=proof.first,
            last=proof.last,
            expected=proof.expected,
            found=proof.found,
            receivers=proof.receivers,
            whole=proof.whole,
            head=proof.head,
            known_head=context.known_head,
            findings=[asdict(finding) for finding in proof.findings],
            finding_count=proof.finding_count,
            gaps=[gap.sequence for gap in proof.gaps],
            unreached=totals.unreached,
            not_enforced=totals.not_enforced,
        )
