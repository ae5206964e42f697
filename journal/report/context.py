"""What every format is given: the report's head, its totals and the proof of integrity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from journal.findings import VerifyReport

#: Findings and gaps that a report spells out; the rest are counted.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class ReportContext:
    """The report apart from its rows.

    Attributes:
        journal: name of the journal.
        system: name of the system.
        generated: when it was made, UTC without zone.
        user: who made it.
        software: name and version of the program.
        filter: the query in words.
        in_journal: entries in the journal; the totals are of the wanted ones.
        known_head: the head that it was verified against; ``None`` if none was given.
        proof: what verification found.
        host: the machine that makes the report, for formats that name it.
    """

    journal: str
    system: str
    generated: datetime
    user: str
    software: str
    filter: str
    in_journal: int
    known_head: str | None
    proof: VerifyReport
    host: str = ""

    def head_rows(self) -> list[tuple[str, str]]:
        """Return (title, text) of what stands at the top of a report."""
        return [
            ("Journal", self.journal),
            ("System", self.system),
            ("Generated", f"{utc(self.generated)} by {self.user}, {self.software}"),
            ("Filter", self.filter),
            ("Times", "UTC"),
        ]

    def proof_rows(self) -> list[tuple[str, str]]:
        """Return (title, text) of the integrity page."""
        proof = self.proof
        rows = [
            ("Range", f"{proof.first} to {proof.last} in {plural(proof.receivers, 'receiver')}"),
            ("Expected and found", f"{proof.expected} and {proof.found}"),
            (
                "Chain",
                "whole" if proof.whole else f"NOT WHOLE: {plural(proof.finding_count, 'finding')}",
            ),
            ("Head", proof.head),
            ("Known head", self.known_head or "none given: a cut end cannot be found without one"),
        ]
        rows += [("Finding", str(finding)) for finding in proof.findings[:SHOWN]]
        rows += [
            ("Gap", f"entry {gap.sequence}, {utc(gap.at)}: {getattr(gap.entry, 'text', '')}")
            for gap in proof.gaps[:SHOWN]
        ]
        hidden = max(0, proof.finding_count - SHOWN) + max(0, len(proof.gaps) - SHOWN)
        if hidden:
            rows.append(("Not shown", f"{hidden} more findings and gaps"))
        return rows


def utc(at: datetime) -> str:
    """Return a time as reports show it."""
    return at.isoformat(timespec="milliseconds") + "Z"


def plural(number: int, what: str) -> str:
    """Return ``1 entry`` or ``2 entries`` for a noun in its singular."""
    if number == 1:
        return f"1 {what}"
    return f"{number} {what[:-1]}ies" if what.endswith("y") else f"{number} {what}s"


def step_text(step: timedelta) -> str:
    """Return a stretch of time in words, such as ``5 minutes`` or ``7 days``."""
    minutes = int(step.total_seconds()) // 60
    for size, unit in ((24 * 60, "day"), (60, "hour")):
        if minutes % size == 0:
            number = minutes // size
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return plural(minutes, "minute")
