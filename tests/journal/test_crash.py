"""Kill, power loss, full disk, failing flush: nothing acknowledged is lost, no gap is silent."""

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from epm.errors import JournalError
from journal import durability
from journal.current import CurrentReceiver
from journal.entry import GapEntry, GapReason, SocketEntry
from journal.reader import JournalReader
from journal.receiver import list_receivers
from journal.scan import open_receiver, walk
from journal.verify import verify

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from journal.writer import Journal
journal = Journal.open(Path(sys.argv[1]), journal_name="EPMJRN", system="*LOCAL",
                       clock=lambda: datetime.now(UTC), receiver_bytes=30_000, boot="boot-1")
journal.start()
event = SocketEvent(SocketEventType.ACCEPT, Job("a", "B", 1), Endpoint(1, 2), Endpoint(3, 4), 5)
while True:
    os.write(1, b"%d\\n" % journal.append(event))
"""


def gaps(journals):
    found = (e.decode().entry for e in JournalReader(journals.directory).entries())
    return [entry for entry in found if isinstance(entry, GapEntry)]


def test_kill_9_at_any_moment_loses_no_acknowledged_entry(journals):
    """A kill in the middle of a write may leave half of an append that nobody was told of.

    It is on record as a torn tail then, and never in the way of a reader.
    """
    chance = random.Random(4711)
    acknowledged = 0
    for _ in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(journals.directory)], cwd=ROOT,
            stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(chance.randrange(1, 400))]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.read().split(b"\n")
        child.wait()
        child.stdout.close()
        acknowledged = max(int(line) for line in lines if line.strip())
        with journals.open():
            pass
        assert verify(journals.directory).whole
        last = JournalReader(journals.directory).last()
        assert last is not None
        assert last.sequence >= acknowledged
    stored = [e.sequence for e in JournalReader(journals.directory).entries()]
    assert stored == list(range(1, len(stored) + 1))
    assert acknowledged > 10
    assert {gap.reason for gap in gaps(journals)} <= {GapReason.TORN_TAIL}
    assert [e.sequence for e in JournalReader(journals.directory).backward()] == stored[::-1]
    assert not list(journals.directory.glob("open.*"))


def killed(journals, make_socket_event, **settings):
    """Leave the journal as a killed process leaves it: not closed, its mark not locked."""
    child = os.fork()
    if child == 0:
        journal = journals.open(**settings)
        for number in range(5):
            journal.append(make_socket_event(number))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_after_a_power_loss_an_entry_says_that_50_ms_may_be_missing(journals, make_socket_event):
    killed(journals, make_socket_event)
    with journals.open(boot="boot-2") as journal:
        assert journal.append(make_socket_event()) == 7
    (gap,) = gaps(journals)
    assert gap.reason is GapReason.POWER_LOSS
    assert gap.details == {"after": 5, "milliseconds": 50}
    with journals.open(boot="boot-2"):
        assert len(gaps(journals)) == 1
    report = verify(journals.directory)
    assert report.whole
    assert [stored.sequence for stored in report.gaps] == [6]


@pytest.mark.parametrize(
    ("settings", "reopened"),
    [({}, {"boot": "boot-1"}), ({"sync": "always"}, {"boot": "boot-2"})],
    ids=["killed in the same boot", "power loss with sync always"],
)
def test_where_nothing_can_be_missing_no_gap_is_recorded(
    journals, make_socket_event, settings, reopened
):
    killed(journals, make_socket_event, **settings)
    with journals.open(**reopened):
        pass
    assert not gaps(journals)
    assert not list(journals.directory.glob("open.*"))


def test_an_orderly_close_leaves_no_gap_after_a_reboot(journals):
    journals.fill(3)
    with journals.open(boot="boot-2"):
        pass
    assert not gaps(journals)


def test_a_mark_of_a_living_process_is_left_alone(journals, make_socket_event):
    with journals.open() as first:
        with journals.open(boot="boot-2") as second:
            second.append(make_socket_event())
        first.append(make_socket_event())
        assert len(list(journals.directory.glob("open.*"))) == 1
    assert not gaps(journals)


@pytest.mark.parametrize("cut", [1, 30, 100])
def test_a_torn_tail_is_kept_and_recorded_and_the_numbers_go_on(journals, make_socket_event, cut):
    journals.fill(5)
    path = list_receivers(journals.directory)[0]
    torn = path.read_bytes()[:-cut]
    path.write_bytes(torn)
    with journals.open() as journal:
        assert journal.append(make_socket_event()) == 6
    assert path.read_bytes() == torn
    stored = [e.decode() for e in JournalReader(journals.directory).entries(on_damage=print)]
    assert [s.sequence for s in stored] == [1, 2, 3, 4, 5, 6]
    gap = stored[4].entry
    assert isinstance(gap, GapEntry)
    assert gap.reason is GapReason.TORN_TAIL
    assert gap.details["receiver"] == "EPMRCV0001"
    assert gap.details["offset"] + gap.details["bytes"] == len(torn)
    assert verify(journals.directory).whole


def test_after_a_power_loss_a_hole_before_the_end_is_recorded_too(journals, make_socket_event):
    killed(journals, make_socket_event)
    path = list_receivers(journals.directory)[0]
    data = bytearray(path.read_bytes())
    second = data.index(b"\xc5\xd7\xd4\xf1", data.index(b'"k":"SK"')) + 100
    data[second : second + 50] = bytes(50)
    path.write_bytes(data)
    with journals.open(boot="boot-2") as journal:
        assert journal.append(make_socket_event()) == 8
    assert [gap.reason for gap in gaps_over_damage(journals)] == [
        GapReason.TORN_TAIL,
        GapReason.POWER_LOSS,
    ]
    assert not verify(journals.directory).whole


def gaps_over_damage(journals):
    reader = JournalReader(journals.directory)
    found = (e.decode().entry for e in reader.entries(on_damage=lambda _: None))
    return [entry for entry in found if isinstance(entry, GapEntry)]


@pytest.mark.parametrize("seed", range(25))
def test_a_power_loss_costs_no_entry_that_was_flushed(journals, make_socket_event, tmp_path, seed):
    """Of what was not flushed, each sector is kept, lost (zeros), or beyond the file's end."""
    chance = random.Random(seed)
    killed(journals, make_socket_event)
    path = list_receivers(journals.directory)[0]
    data = path.read_bytes()
    with open_receiver(path) as file:
        ends = [item.offset + item.frame.size for item in walk(file)]
    flushed = chance.randrange(1, len(ends))
    survived = bytearray(data[: chance.randrange(ends[flushed - 1], len(data) + 1)])
    for sector in range(0, len(survived), 512):
        begin, end = max(sector, ends[flushed - 1]), min(sector + 512, len(survived))
        if begin < end and chance.random() < 0.4:
            survived[begin:end] = bytes(end - begin)
    path.write_bytes(survived)
    with journals.open(boot="boot-2") as journal:
        journal.append(make_socket_event())
    reader = JournalReader(journals.directory)
    stored = [e.decode() for e in reader.entries(on_damage=lambda _: None)]
    numbers = [s.sequence for s in stored]
    assert numbers[: flushed - 1] == list(range(1, flushed))
    assert numbers == sorted(set(numbers))
    assert GapReason.POWER_LOSS in [gap.reason for gap in gaps_over_damage(journals)]
    whole = verify(journals.directory).whole
    assert whole == (numbers == list(range(1, len(numbers) + 1)))


def test_an_empty_receiver_left_by_a_power_loss_is_passed_over(journals, make_socket_event):
    journals.fill(3)
    (journals.directory / "EPMRCV0002").write_bytes(b"")
    with journals.open() as journal:
        assert journal.append(make_socket_event()) == 5
    assert [gap.reason for gap in gaps(journals)] == [GapReason.TORN_TAIL]


@contextlib.contextmanager
def file_size_limit(size):
    """A full disk, as a process meets it: a write that would pass the limit is cut or refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_refuses_the_append_and_cuts_nothing_that_was_acknowledged(
    journals, make_socket_event
):
    with journals.open() as journal:
        acknowledged = [journal.append(make_socket_event(n)) for n in range(5)]
        size = list_receivers(journals.directory)[0].stat().st_size
        with file_size_limit(size + 100):
            for _ in range(3):
                with pytest.raises(JournalError):
                    journal.append(make_socket_event())
        assert list_receivers(journals.directory)[0].stat().st_size == size
        acknowledged.append(journal.append(make_socket_event()))
    assert acknowledged == [1, 2, 3, 4, 5, 6]
    assert verify(journals.directory).whole


def test_a_full_disk_at_rotation_refuses_until_there_is_space_again(journals, make_socket_event):
    with journals.open(receiver_bytes=3000) as journal:
        for number in range(50):
            with file_size_limit(2000 + 37 * number), contextlib.suppress(JournalError):
                journal.append(make_socket_event())
        journal.append(make_socket_event())
    report = verify(journals.directory)
    assert report.whole, report.findings
    assert report.expected == report.found == journal.last_sequence


def test_after_a_seal_without_a_successor_the_next_append_makes_one(
    journals, make_socket_event, monkeypatch
):
    create = CurrentReceiver._create

    def refuse(self, number, *rest):
        raise JournalError("no space")

    with journals.open(receiver_bytes=2000) as journal:
        monkeypatch.setattr(CurrentReceiver, "_create", refuse)
        numbers = (journal.append(make_socket_event()) for _ in range(50))
        acknowledged = []
        with pytest.raises(JournalError, match="no space"):
            acknowledged.extend(numbers)
        monkeypatch.setattr(CurrentReceiver, "_create", create)
        assert journal.append(make_socket_event()) == acknowledged[-1] + 1
    assert len(list_receivers(journals.directory)) == 2
    assert verify(journals.directory).whole


def test_after_a_failed_flush_the_receiver_is_given_up_and_an_entry_says_so(
    journals, make_socket_event, monkeypatch
):
    real, flushed, failed = os.fdatasync, [], []

    def flush(descriptor):
        if not failed:
            failed.append(descriptor)
            raise OSError(5, "Input/output error")
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    with journals.open(sync="always") as journal:
        journal.append(make_socket_event())
        monkeypatch.setattr(durability.os, "fdatasync", flush)
        with pytest.raises(JournalError, match="flush failed: Input/output error"):
            journal.append(make_socket_event())
        assert journal.append(make_socket_event()) == 4
    assert failed
    assert {Path(name).name for name in flushed} == {"EPMRCV0002"}
    (gap,) = gaps(journals)
    assert gap.reason is GapReason.FLUSH_FAILED
    assert gap.details == {"receiver": "EPMRCV0001", "after": 2}
    assert verify(journals.directory).whole


def test_an_append_that_shared_a_failed_flush_is_not_acknowledged(tmp_path, monkeypatch):
    flusher = durability.Flusher(tmp_path)
    for number in (1, 2):
        flusher.use(os.open(tmp_path / f"{number}", os.O_CREAT | os.O_RDWR), number)
        if number == 1:
            monkeypatch.setattr(durability.os, "fdatasync", lambda _: fail())
            with pytest.raises(JournalError):
                flusher.flush(1)
            monkeypatch.undo()
    with pytest.raises(JournalError):
        flusher.flush(1)
    flusher.flush(2)
    flusher.close()


def test_a_descriptor_whose_flush_failed_is_never_flushed_again(tmp_path, monkeypatch):
    flusher = durability.Flusher(tmp_path)
    descriptor = os.open(tmp_path / "1", os.O_CREAT | os.O_RDWR)
    flusher.use(descriptor, 1)
    monkeypatch.setattr(durability.os, "fdatasync", lambda _: fail())
    with pytest.raises(JournalError):
        flusher.flush()
    flushed = []
    monkeypatch.setattr(durability.os, "fdatasync", flushed.append)
    flusher.flush()
    assert flushed == []
    flusher.use(os.open(tmp_path / "2", os.O_CREAT | os.O_RDWR), 2)
    flusher.flush()
    assert len(flushed) == 1
    flusher.close()


def test_a_flush_that_fails_at_the_end_leaves_an_entry_that_says_so(
    journals, make_socket_event, monkeypatch
):
    real, failed = os.fdatasync, []

    def flush(descriptor):
        if not failed:
            failed.append(descriptor)
            fail()
        real(descriptor)

    journal = journals.open()
    journal.append(make_socket_event())
    monkeypatch.setattr(durability.os, "fdatasync", flush)
    journal.close()
    assert [gap.reason for gap in gaps(journals)] == [GapReason.FLUSH_FAILED]
    assert not list(journals.directory.glob("open.*"))


def test_a_disk_that_fails_for_good_is_an_error_at_the_end_and_the_mark_stays(
    journals, make_socket_event, monkeypatch
):
    journal = journals.open()
    journal.append(make_socket_event())
    monkeypatch.setattr(durability.os, "fdatasync", lambda _: fail())
    with pytest.raises(JournalError, match="flush failed"):
        journal.close()
    assert len(list(journals.directory.glob("open.*"))) == 1


def fail():
    raise OSError(5, "Input/output error")


def test_the_group_flush_comes_within_50_ms_and_many_appends_share_it(
    journals, make_socket_event, monkeypatch
):
    import threading
    import time

    real, calls, flushed = os.fdatasync, [], threading.Event()

    def flush(descriptor):
        real(descriptor)
        calls.append(descriptor)
        flushed.set()

    with journals.open() as journal:
        journal.start()
        monkeypatch.setattr(durability.os, "fdatasync", flush)
        for number in range(200):
            journal.append(make_socket_event(number))
        assert len(calls) < 150

        def wait_for_flush():
            flushed.clear()
            journal.append(make_socket_event())
            begun = time.monotonic()
            assert flushed.wait(20)
            return time.monotonic() - begun

        # The promise is 50 ms; a loaded machine may hold a thread or a disk up for longer than
        # that, but not each time.
        assert min(wait_for_flush() for _ in range(5)) < 0.5


def test_sync_always_flushes_before_the_append_returns(journals, make_socket_event, monkeypatch):
    calls = []
    real = os.fdatasync
    monkeypatch.setattr(durability.os, "fdatasync", lambda fd: (calls.append(fd), real(fd))[1])
    with journals.open(sync="always") as journal:
        journal.start()
        for number in range(3):
            before = len(calls)
            journal.append(make_socket_event(number))
            assert len(calls) > before


def test_a_receiver_that_is_cut_under_a_living_writer_is_noticed(journals, make_socket_event):
    with journals.open() as journal:
        for number in range(5):
            journal.append(make_socket_event(number))
        path = list_receivers(journals.directory)[0]
        os.truncate(path, path.stat().st_size // 2)
        assert journal.append(make_socket_event()) == 7
    assert [gap.reason for gap in gaps_over_damage(journals)] == [GapReason.CUT]
    assert not verify(journals.directory).whole


def test_entries_of_two_open_journals_never_mix_up_their_types(journals, make_exit_event):
    with journals.open() as first, journals.open() as second:
        first.append(make_exit_event())
        second.append(make_exit_event("allow"))
        first.append(make_exit_event())
    stored = [e.decode() for e in JournalReader(journals.directory).entries()]
    assert [s.sequence for s in stored] == [1, 2, 3]
    assert not any(isinstance(s.entry, SocketEntry) for s in stored)


def test_a_torn_end_on_record_is_in_no_readers_way(journals, make_socket_event):
    with journals.open() as journal:
        for number in range(5):
            journal.append(make_socket_event(number))
    (receiver,) = list_receivers(journals.directory)
    with receiver.open("ab") as file:
        file.write(b"half of an append that nobody was told of"[:20])
    with journals.open() as journal:
        journal.append(make_socket_event())
    numbers = [e.sequence for e in JournalReader(journals.directory).entries()]
    assert numbers == list(range(1, 8))
    assert [e.sequence for e in JournalReader(journals.directory).backward()] == numbers[::-1]
    assert [gap.reason for gap in gaps(journals)] == [GapReason.TORN_TAIL]
    assert verify(journals.directory).whole
