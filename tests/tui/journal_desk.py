"""A journal and its reports in memory, over the same views and layouts as the real ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from epm.addresses import parse_address
from epm.cli.workbench.journal import entry_text, query_of, row_of
from epm.errors import JournalError, SettingsError
from epm.events import ExitEvent, Job, SkData
from epm.model import Call, Decision, Reason, RuleName, Server, Verdict
from journal.entry import ChangeEntry, GapEntry, GapReason, SocketEntry, Stored
from journal.query import parse_query
from journal.view import view_of
from tui.services import FilterRefusedError, JournalPage, ReportFormat, Written
from tui.services.reports import FileExistsRefusedError

BEGIN = datetime(2026, 11, 21, 10, 0, 0)
_SSHD = Job("sshd", "QTCP", 4711, "/usr/sbin/sshd", ("QPGMR",))
_BATCH = Job("NIGHTLY", "ALICE", 815, "/usr/bin/curl", ())


def _decided(verdict, server, address, *, enforced=True):
    job = _BATCH if server is Server.CONNECT else _SSHD
    call = Call(
        server,
        lcladdr=parse_address("192.168.1.10"), lclport=22,
        bndaddr=0 if server is Server.ACCEPT else None,
        bndport=22 if server is Server.ACCEPT else None,
        rmtaddr=parse_address(address), rmtport=50000,
        user=job.user, groups=job.groups, job=job.name, pgm=job.program, at=BEGIN,
    )  # fmt: skip
    rule = RuleName(10, "Admin subnet to SSH") if verdict == "allow" else RuleName(20, None)
    decision = Decision(server, Verdict(verdict), Reason.RULE, rule, True, False, False)
    return ExitEvent(call, decision, job, revision=3, enforced=enforced)


def _accepted(address):
    data = SkData(
        type="A", local_address="192.168.1.10", local_port=22, remote_address=address,
        remote_port=50000, descriptor=5, address_family="4",
    )  # fmt: skip
    return SocketEntry(_SSHD, data)


def entries(count):
    """Entries 1 to ``count``, ten seconds apart; every seventh is a rejection."""
    made = []
    for number in range(1, count + 1):
        if number == 1:
            entry = ChangeEntry(
                1, 2, "QSECOFR", "rule-add", "QSOACCEPT 10", None,
                '{"seq":10,"name":"Admin subnet to SSH","authority":"Y","audit":"Y"}', _SSHD,
            )  # fmt: skip
        elif number == 2:
            details = {"receiver": "EPMRCV0001", "bytes": 12}
            entry = GapEntry(GapReason.TORN_TAIL, "12 bytes of a torn append were left", details)
        elif number % 7 == 0:
            entry = _decided("reject", Server.ACCEPT, "198.51.100.7", enforced=number % 2 == 0)
        elif number % 5 == 0:
            entry = _decided("allow", Server.CONNECT, "2001:db8::25")
        elif number % 2:
            entry = _decided("allow", Server.ACCEPT, f"10.1.2.{number % 200 + 1}")
        else:
            entry = _accepted(f"10.1.2.{number % 200 + 1}")
        at = BEGIN + timedelta(seconds=10 * number)
        made.append(Stored(number, at, "*LOCAL", "EPMRCV0001", entry))
    return made


class MemoryJournal:
    """A journal in memory; ``scan`` entries are looked at for one page at most."""

    def __init__(self, count=25):
        self.entries = entries(count)
        self.scan = 10_000
        self.damaged = 0
        self.down = False
        self.asked = []

    def check(self, wanted):
        if self.down:
            raise JournalError("receiver EPMRCV0001: Input/output error")
        query_of(wanted)
        if wanted.journal not in ("", "QAUDJRN"):
            raise FilterRefusedError(f"Journal {wanted.journal} is not there.", "journal")
        return "QAUDJRN"

    def _page(self, wanted, looked, count, more):
        self.asked.append(count)
        query = query_of(wanted)
        found = [v for v in map(view_of, looked[: self.scan]) if query.matches(v)]
        stopped = None
        if len(found) < count and (more or len(looked) > self.scan):
            stopped = looked[: self.scan][-1].sequence
        return [row_of(v) for v in found[:count]], stopped

    def older(self, wanted, before, count):
        self.check(wanted)
        looked = [e for e in self.entries[::-1] if before is None or e.sequence < before]
        rows, stopped = self._page(wanted, looked, count, more=False)
        return JournalPage(rows, stopped, self.damaged)

    def newer(self, wanted, after, count):
        self.check(wanted)
        looked = [e for e in self.entries if e.sequence > after]
        rows, stopped = self._page(wanted, looked, count, more=False)
        return JournalPage(rows[::-1], stopped, self.damaged)

    def number_before(self, wanted, position):
        try:
            end = parse_query(end=position).end
        except SettingsError as error:
            raise FilterRefusedError(str(error), "position") from None
        return next((e.sequence for e in self.entries if e.at >= end), None)

    def entry(self, wanted, sequence):
        self.check(wanted)
        if sequence > len(self.entries):
            raise JournalError(f"there is no entry {sequence}")
        return entry_text(self.entries[sequence - 1])


class MemoryLines:
    """A report of ``count`` lines, the third of which is long."""

    def __init__(self, reports, count, whole):
        self._reports = reports
        self.count = count
        self.whole = whole
        self.asked = []

    def lines(self, start, count):
        self.asked.append((start, count))
        stop = min(self.count + 1, start + count)
        return [self._line(number) for number in range(start, stop)]

    @staticmethod
    def _line(number):
        if number == 3:
            return "Filter  " + " ".join(f"word{n}" for n in range(40)) + "  end of the filter"
        return f"{number:>8}  2026-11-21T10:00:00.000Z  NR  QSOACCEPT  reject  20"

    def save(self, path, *, replace):
        return self._reports.put(path, replace)


class MemoryReports:
    """Reports in memory; ``files`` are the paths that exist."""

    def __init__(self, journal):
        self.journal = journal
        self.files = set()
        self.count = 60
        self.whole = True
        self.made = []

    def formats(self):
        return [
            ReportFormat("text", "Text, as shown here", True),
            ReportFormat("csv", "Comma-separated values", True),
            ReportFormat("html", "Web page with a chart", False),
        ]

    def put(self, path, replace):
        if path in self.files and not replace:
            raise FileExistsRefusedError(f"File {path} is there already.")
        self.files.add(path)
        return path

    def make(self, wanted, form):
        self.journal.check(wanted)
        self.made.append((wanted, form))
        return MemoryLines(self, self.count, self.whole)

    def write(self, wanted, form, path, *, replace):
        self.journal.check(wanted)
        self.made.append((wanted, form))
        return Written(self.put(path, replace), self.whole)
