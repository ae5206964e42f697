"""The same fetching over the simulated system's SQL, whose rows are texts, as XMLSERVICE's are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from db.ibmi.fetch import fetch
from db.ibmi.outfile import Outfile
from db.ibmi.query import UnknownColumnError
from db.ibmi.sources import AuditJournalSk, DisplayJournal
from db.ibmi.values import FetchedEntry, Gap, Reached
from epm.errors import RemoteError
from journal.layouts.esd import encode_esd
from simulators.ibmi.sample import sample_system, sample_users
from simulators.xmlservice.host import SqlFailedError
from tests.odbc.audit import sk


class World:
    """A simulated system, what its audit journal gets, and its SQL as a query."""

    def __init__(self):
        self.now = datetime(2026, 11, 21, 10)
        self.system = sample_system(lambda: self.now, sample_users("opensesame"), name="DEV400")
        self.job = self.system.job("EPMADM")
        self.numbers = []

    def sk(self, count=1):
        for _ in range(count):
            self.now += timedelta(seconds=1)
            state = self.system.state
            data = encode_esd(sk(len(self.numbers) + 1))
            entry = state.audit_journal.append(
                "T", "SK", data, self.job.state.origin(), state.now()
            )
            self.numbers.append(entry.sequence)

    def ok(self, command):
        outcome = self.job.command(command)
        assert outcome.ok, outcome.messages

    def query(self, statement):
        connection = self.job.sql()
        try:
            cursor = connection.prepare(statement)
            cursor.execute(())
            names = [column.name.upper() for column in cursor.columns]
            rows = cursor.fetch(100_000)
        except SqlFailedError as error:
            kind = UnknownColumnError if error.sqlstate == "42703" else RemoteError
            raise kind(str(error)) from None
        finally:
            connection.close()
        return [
            {
                n: v.hex().upper() if isinstance(v, bytes) else v
                for n, v in zip(names, row, strict=True)
            }
            for row in rows
        ]


@pytest.fixture
def world():
    return World()


def entries(found):
    return [one for one in found if isinstance(one, FetchedEntry)]


def test_display_journal_across_receivers_and_batches(world):
    world.sk(5)
    world.ok("CHGJRN QAUDJRN JRNRCV(*GEN)")
    world.sk(4)
    found = entries(fetch(world.query, DisplayJournal(), batch=2))
    assert [e.sequence for e in found] == world.numbers
    assert [e.data for e in found] == [encode_esd(sk(n)) for n in range(1, 10)]
    assert {(e.code, e.entry_type, e.user) for e in found} == {("T", "SK", "EPMADM")}
    assert found[0].timestamp == "2026-11-21-10.00.01.000000"
    assert {e.receiver for e in found} == {"AUDRCV0001", "AUDRCV0002"}


def test_it_goes_on_where_it_ended_and_says_what_a_deleted_receiver_took(world):
    world.sk(3)
    place = [one for one in fetch(world.query, DisplayJournal()) if isinstance(one, Reached)][-1]
    world.sk(2)
    lost = world.numbers[-2:]
    world.ok("CHGJRN QAUDJRN JRNRCV(*GEN)")
    world.sk(2)
    kept = world.numbers[-2:]
    world.ok("DLTJRNRCV QGPL/AUDRCV0001")
    found = list(fetch(world.query, DisplayJournal(), place.position))
    (gap,) = [one for one in found if isinstance(one, Gap)]
    assert gap.first <= lost[0] <= lost[1] <= gap.last
    assert [e.sequence for e in entries(found)] == kept


def test_audit_journal_sk(world):
    world.sk(3)
    found = entries(fetch(world.query, AuditJournalSk(), batch=2))
    assert [e.sequence for e in found] == world.numbers
    assert [e.sk.remote_address for e in found] == [sk(n).remote_address for n in (1, 2, 3)]
    assert {(e.job_user, e.sk.type, e.sk.local_port, e.sk.descriptor) for e in found} == {
        (found[0].job_user, "A", 22, 5)
    }


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (
            "DSPJRN JRN(QAUDJRN) RCVRNG(*CURCHAIN) ENTTYP(SK) OUTPUT(*OUTFILE) OUTFILFMT(*TYPE5) "
            "OUTFILE(EPM/OUT)",
            "OUT",
        ),
        ("CPYAUDJRNE ENTTYP(SK) OUTFILE(EPM/QAUDIT) JRNRCV(*CURCHAIN)", "QAUDITSK"),
    ],
)
def test_outfiles_hold_the_same(world, command, file):
    world.ok("CRTLIB EPM")
    world.sk(2)
    world.ok("CHGJRN QAUDJRN JRNRCV(*GEN)")
    world.sk(2)
    world.ok(command)
    found = entries(fetch(world.query, Outfile("EPM", file), batch=1))
    assert [(e.sequence, e.system) for e in found] == [(n, "DEV400") for n in world.numbers]
    assert [e.data for e in found] == [encode_esd(sk(n)) for n in range(1, 5)]
