"""What the operating system refuses, and what other processes do meanwhile."""

import contextlib
import errno
import fcntl
import multiprocessing
import os
from pathlib import Path

import pytest

from epm.errors import JournalError
from journal import durability
from journal.locking import LeftOpen, OpenMark, collect_left_open
from journal.reader import JournalReader
from journal.receiver import list_receivers
from journal.verify import verify


def open_and_close(journals, times):
    for _ in range(times):
        journals.open().close()


def test_processes_that_open_and_close_at_once_do_not_disturb_each_other(journals):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=open_and_close, args=(journals, 60)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]


@pytest.mark.parametrize("moment", ["before it is opened", "before it is locked"])
def test_a_mark_that_its_process_takes_away_meanwhile_says_nothing(tmp_path, monkeypatch, moment):
    mark = OpenMark(tmp_path, "boot-1", grouped=True)
    real_open, real_flock = os.open, fcntl.flock

    def opened(path, *rest, **options):
        if moment == "before it is opened" and Path(path).name.startswith("open."):
            mark.remove()
        return real_open(path, *rest, **options)

    def locked(descriptor, operation):
        if moment == "before it is locked":
            mark.remove()
        return real_flock(descriptor, operation)

    with monkeypatch.context() as patch:
        patch.setattr("journal.locking.os.open", opened)
        patch.setattr("journal.locking.fcntl.flock", locked)
        assert collect_left_open(tmp_path, "boot-2") == LeftOpen()
    assert list(tmp_path.iterdir()) == []


def test_a_mark_that_cannot_be_set_leaves_nothing_behind(tmp_path, monkeypatch):
    before = len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patch:
        patch.setattr("journal.locking.os.fsync", refuse)
        with pytest.raises(JournalError, match="Input/output error"):
            OpenMark(tmp_path, "boot-1", grouped=True)
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before


def refuse(*_arguments, **_options):
    raise OSError(errno.EIO, "Input/output error")


#: Everything that the writer asks of the operating system while it appends, rotates and closes.
CALLS = [
    "journal.locking.fcntl.flock",
    "journal.locking.os.lseek",
    "journal.locking.os.ftruncate",
    "journal.current.os.open",
    "journal.current.os.write",
    "journal.durability.os.fdatasync",
    "journal.scan.os.pread",
    "pathlib.Path.rename",
    "pathlib.Path.unlink",
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("settings", [{}, {"receiver_bytes": 1}], ids=["append", "rotate"])
def test_whatever_is_refused_is_a_journal_error_at_most_and_the_journal_goes_on(
    journals, make_socket_event, monkeypatch, call, settings
):
    with journals.open(sync="always", **settings) as journal, journals.open() as other:
        journal.append(make_socket_event())
        for number in range(3):
            other.append(make_socket_event(number))
            with monkeypatch.context() as patch:
                patch.setattr(call, refuse)
                for refused in (journal.append, other.append):
                    # Any other error would pass, and end the test.
                    with contextlib.suppress(JournalError):
                        refused(make_socket_event(number))
            journal.append(make_socket_event(number))
    report = verify(journals.directory)
    assert report.whole, report.findings


@pytest.mark.parametrize("call", ["pathlib.Path.rename", "pathlib.Path.unlink"])
def test_an_entry_stays_acknowledged_when_the_next_receiver_cannot_be_made(
    journals, make_socket_event, monkeypatch, call
):
    with journals.open(receiver_bytes=1) as journal:
        with monkeypatch.context() as patch:
            patch.setattr(call, refuse)
            assert journal.append(make_socket_event()) == 1
        assert journal.append(make_socket_event()) == 2
    assert [entry.sequence for entry in JournalReader(journals.directory).entries()] == [1, 2]
    assert verify(journals.directory).whole


@pytest.mark.parametrize("call", ["pathlib.Path.unlink", "journal.locking.fcntl.flock"])
def test_a_refusal_at_opening_or_closing_is_a_journal_error(journals, monkeypatch, call):
    journal = journals.open()
    monkeypatch.setattr(call, refuse)
    if call == "pathlib.Path.unlink":
        with pytest.raises(JournalError, match="Input/output error"):
            journal.close()
    with pytest.raises(JournalError, match="Input/output error"):
        journals.open()


@pytest.mark.parametrize("read", ["entries", "backward", "verify"])
def test_a_disk_that_cannot_be_read_is_a_journal_error_that_names_the_receiver(
    journals, monkeypatch, read
):
    journals.fill(3)
    path = list_receivers(journals.directory)[0]
    path.write_bytes(path.read_bytes() + b"torn")
    reader = JournalReader(journals.directory)
    monkeypatch.setattr("journal.scan.os.pread", refuse)
    with pytest.raises(JournalError, match=r"receiver .*EPMRCV0001: Input/output error"):
        verify(journals.directory) if read == "verify" else list(getattr(reader, read)())


def test_a_receiver_counts_only_when_its_name_is_on_disk(journals, make_socket_event, monkeypatch):
    """A power loss keeps the names that were in the directory when it was last flushed."""
    kept = []
    real = durability.sync_directory

    def sync(directory):
        real(directory)
        kept[:] = list_receivers(directory)

    monkeypatch.setattr(durability, "sync_directory", sync)
    with journals.open(sync="always", receiver_bytes=2000) as journal:
        for number in range(30):
            journal.append(make_socket_event(number))
            assert kept == list_receivers(journals.directory)
    assert len(kept) > 3


def test_a_receiver_is_flushed_before_its_name(journals, make_socket_event, monkeypatch):
    order = []
    real_data, real_directory = os.fdatasync, durability.sync_directory

    def data(descriptor):
        order.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        real_data(descriptor)

    def names(directory):
        order.append("names")
        real_directory(directory)

    monkeypatch.setattr(durability.os, "fdatasync", data)
    monkeypatch.setattr(durability, "sync_directory", names)
    with journals.open(sync="always") as journal:
        journal.append(make_socket_event())
        assert order == ["EPMRCV0001", "names"]
        del order[:]
        journal.append(make_socket_event())
        assert order == ["EPMRCV0001"]
    with journals.open(sync="always", receiver_bytes=1) as journal:
        del order[:]
        journal.append(make_socket_event())
        assert order == ["EPMRCV0001", "EPMRCV0002", "names"]
