"""Appending and reading: order, numbers, rotation, permissions, several writers, the clock."""

import multiprocessing
import os
import stat
from datetime import timedelta

import pytest

from epm.errors import JournalDamagedError, JournalError
from journal.entry import GapEntry, GapReason, SocketEntry
from journal.reader import JournalReader
from journal.receiver import list_receivers, receiver_name, receiver_number
from journal.verify import verify
from journal.writer import Journal


def sequences(journals, start=1):
    return [entry.sequence for entry in JournalReader(journals.directory).entries(start)]


def test_entries_are_numbered_from_one_without_gap_and_read_back_in_order(
    journals, make_socket_event
):
    with journals.open() as journal:
        assert [journal.append(make_socket_event(n)) for n in range(3)] == [1, 2, 3]
        assert journal.last_sequence == 3
    stored = [entry.decode() for entry in JournalReader(journals.directory).entries()]
    assert [s.sequence for s in stored] == [1, 2, 3]
    assert [s.entry.data.remote_address for s in stored] == ["10.1.2.3", "10.1.2.4", "10.1.2.5"]
    assert {s.system for s in stored} == {"*LOCAL"}
    assert stored == sorted(stored, key=lambda s: s.at)


def test_reopening_goes_on_with_the_next_number(journals):
    journals.fill(3)
    journals.fill(2)
    assert sequences(journals) == [1, 2, 3, 4, 5]
    assert verify(journals.directory).whole


def test_a_full_receiver_is_sealed_and_numbers_go_on_in_the_next(journals):
    journals.fill(40, receiver_bytes=4096)
    names = [path.name for path in list_receivers(journals.directory)]
    assert len(names) > 3
    assert names[:2] == ["EPMRCV0001", "EPMRCV0002"]
    assert sequences(journals) == list(range(1, 41))
    assert verify(journals.directory).whole


@pytest.mark.parametrize("start", [1, 2, 17, 40, 41, 1000])
def test_reading_from_a_number_gives_that_entry_and_all_after_it(journals, start):
    journals.fill(40, receiver_bytes=4096)
    assert sequences(journals, start) == list(range(start, 41))


@pytest.mark.parametrize("before", [None, 1, 2, 17, 41])
def test_reading_backwards_gives_the_same_entries_in_reverse(journals, before):
    journals.fill(40, receiver_bytes=4096)
    reader = JournalReader(journals.directory)
    expected = [e for e in reader.entries() if before is None or e.sequence < before]
    assert list(reader.backward(before)) == expected[::-1]


def test_one_entry_is_found_by_its_number(journals):
    journals.fill(40, receiver_bytes=4096)
    reader = JournalReader(journals.directory)
    assert reader.entry(17).decode().entry.data.remote_address == "10.1.2.19"
    with pytest.raises(JournalError, match="there is no entry 41"):
        reader.entry(41)


def test_a_reader_sees_what_a_live_writer_has_appended(journals, make_socket_event):
    with journals.open() as journal:
        reader = JournalReader(journals.directory)
        assert reader.last() is None
        journal.append(make_socket_event())
        assert reader.last().sequence == 1


def test_a_half_written_append_is_not_there_yet(journals):
    journals.fill(3)
    path = list_receivers(journals.directory)[0]
    path.write_bytes(path.read_bytes()[:-5])
    assert sequences(journals) == [1, 2]


def test_damage_stops_a_reader_that_was_not_told_to_go_on(journals):
    journals.fill(5)
    path = list_receivers(journals.directory)[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    reader = JournalReader(journals.directory)
    with pytest.raises(JournalDamagedError, match=r"EPMRCV0001: [0-9]+ damaged bytes at offset"):
        list(reader.entries())
    told = []
    forward = [e.sequence for e in reader.entries(on_damage=told.append)]
    assert len(forward) == 4
    assert len(told) == 1
    backward = [e.sequence for e in reader.backward(on_damage=told.append)]
    assert backward == forward[::-1]


def test_files_are_private(journals):
    journals.fill(1)
    assert stat.S_IMODE(journals.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in journals.directory.iterdir()} == {0o600}


def test_a_directory_that_others_may_write_to_is_refused(journals):
    journals.directory.mkdir()
    journals.directory.chmod(0o777)
    with pytest.raises(JournalError, match="others may write"):
        journals.open()


def test_a_symbolic_link_in_place_of_a_receiver_is_refused(journals, tmp_path):
    journals.fill(1)
    path = list_receivers(journals.directory)[0]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError):
        journals.open()


def test_a_missing_journal_is_not_made_unless_asked_for(journals):
    with pytest.raises(JournalError, match="No such file"):
        journals.open(create=False)
    assert not journals.directory.exists()
    with pytest.raises(JournalError):
        JournalReader(journals.directory)


def test_a_closed_journal_refuses_an_append(journals, make_socket_event):
    journal = journals.open()
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="not open"):
        journal.append(make_socket_event())


def test_a_journal_is_not_used_across_a_fork(journals, make_socket_event):
    with journals.open() as journal:
        child = os.fork()
        if child == 0:
            try:
                journal.append(make_socket_event())
            except JournalError:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_an_entry_that_is_too_large_is_refused_and_the_next_one_is_written(
    journals, make_exit_event
):
    with journals.open() as journal:
        with pytest.raises(JournalError, match="too large"):
            journal.append(make_exit_event(error="x" * (17 << 20)))
        assert journal.append(make_exit_event()) == 1


def test_jitter_of_the_clock_never_makes_an_entry_earlier_than_the_one_before(
    journals, clock, make_socket_event
):
    with journals.open() as journal:
        journal.append(make_socket_event())
        clock.now -= timedelta(milliseconds=500)
        journal.append(make_socket_event())
    first, second = (e.decode() for e in JournalReader(journals.directory).entries())
    assert second.at == first.at


def test_a_clock_that_is_set_back_leaves_an_entry_that_says_so(journals, clock, make_socket_event):
    with journals.open() as journal:
        journal.append(make_socket_event())
        clock.now -= timedelta(hours=1)
        journal.append(make_socket_event())
    first, gap, last = (e.decode() for e in JournalReader(journals.directory).entries())
    assert isinstance(gap.entry, GapEntry)
    assert gap.entry.reason is GapReason.CLOCK_STEP
    assert gap.entry.text == "the clock was set back by 3600 s"
    assert last.at < first.at


def _append_many(directory, count, tag, clock):
    event = _append_many.event
    with Journal.open(
        directory, journal_name="EPMJRN", system=tag, clock=clock, receiver_bytes=20_000,
        lock_wait=10.0,
    ) as journal:  # fmt: skip
        journal.start()
        for number in range(count):
            journal.append(event(number))


def test_processes_that_append_at_once_leave_neither_gap_nor_duplicate(journals, make_socket_event):
    _append_many.event = make_socket_event
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(
            target=_append_many, args=(journals.directory, 400, f"SYS{n}", journals.clock)
        )
        for n in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    stored = [e.decode() for e in JournalReader(journals.directory).entries()]
    mine = [s for s in stored if isinstance(s.entry, SocketEntry)]
    assert [s.sequence for s in stored] == list(range(1, len(stored) + 1))
    assert sorted(s.system for s in mine) == sorted(f"SYS{n}" for n in range(3) for _ in range(400))
    assert len(list_receivers(journals.directory)) > 10
    assert verify(journals.directory).whole


def test_a_lock_that_is_held_too_long_makes_the_append_fail(journals, make_socket_event):
    from journal.locking import AppendLock

    with journals.open(lock_wait=0.01) as journal:
        other = AppendLock(journals.directory, 1.0)
        with other, pytest.raises(JournalError, match="has held its lock for 10 ms"):
            journal.append(make_socket_event())
        other.close()
        assert journal.append(make_socket_event()) == 1


@pytest.mark.parametrize("number", [1, 9999, 10000, 123456])
def test_receiver_names_have_ten_characters_and_read_back(number):
    name = receiver_name(number)
    assert len(name) == 10
    assert receiver_number(name) == number


@pytest.mark.parametrize("name", ["lock", "EPMRCV001", "EPMRCV0001.new", "EPMRCV00012", "open.1"])
def test_other_files_are_no_receivers(name):
    assert receiver_number(name) is None


def test_a_torn_end_of_a_receiver_that_has_a_successor_is_told(journals):
    journals.fill(40, receiver_bytes=4096)
    path = list_receivers(journals.directory)[1]
    path.write_bytes(path.read_bytes()[:-200])
    told = []
    reader = JournalReader(journals.directory)
    for entries in (reader.entries, reader.backward):
        list(entries(on_damage=told.append))
    assert [damage.receiver for damage in told] == ["EPMRCV0002"] * 2


@pytest.mark.parametrize("chunk", [4, 5, 7, 64])
def test_the_frame_after_damage_is_found_wherever_a_piece_of_the_file_ends(
    journals, monkeypatch, chunk
):
    journals.fill(6)
    path = list_receivers(journals.directory)[0]
    data = bytearray(path.read_bytes())
    place = data.index(b"10.1.2.4")
    data[place : place + 8] = b"10.9.9.9"
    path.write_bytes(data)
    monkeypatch.setattr("journal.scan._CHUNK", chunk)
    reader = JournalReader(journals.directory)
    found = [entry.sequence for entry in reader.entries(on_damage=lambda _: None)]
    assert found == [1, 3, 4, 5, 6]


def test_time_stays_in_order_over_a_reopening(journals, clock, make_socket_event):
    journals.fill(1)
    clock.now -= timedelta(milliseconds=500)
    with journals.open() as journal:
        journal.append(make_socket_event())
    first, second = (e.decode() for e in JournalReader(journals.directory).entries())
    assert second.at == first.at
