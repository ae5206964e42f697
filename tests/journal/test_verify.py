"""Tampering: each altered byte, dropped, swapped or repeated entry and cut tail is found."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import SettingsError
from journal.entry import GapEntry
from journal.findings import FindingKind
from journal.frames import Kind, decode_frame, encode_frame
from journal.reader import JournalReader
from journal.receiver import list_receivers
from journal.scan import Placed, open_receiver, walk
from journal.verify import head, verify


def frames_of(path):
    with open_receiver(path) as file:
        return [item for item in walk(file) if isinstance(item, Placed)]


def parts(path):
    """The receiver as a list of frames' bytes: header, entries, seal."""
    data = path.read_bytes()
    return [data[p.offset : p.offset + p.frame.size] for p in frames_of(path)]


def only_finding(directory, **options):
    report = verify(directory, **options)
    assert report.finding_count == 1, report.findings
    assert not report.whole
    return report.findings[0]


@pytest.fixture
def receiver(journals):
    journals.fill(8)
    return list_receivers(journals.directory)[0]


def test_a_sound_journal_is_whole_and_says_what_it_holds(journals):
    journals.fill(40, receiver_bytes=4096)
    report = verify(journals.directory)
    assert report.whole
    assert (report.first, report.last, report.expected, report.found) == (1, 40, 40, 40)
    assert report.head == head(journals.directory)
    assert report.receivers == len(list_receivers(journals.directory))


def test_every_changed_byte_is_found(journals):
    journals.fill(1)
    path = list_receivers(journals.directory)[0]
    good = path.read_bytes()
    known = head(journals.directory)
    for offset in range(len(good)):
        bad = bytearray(good)
        bad[offset] ^= 0x01 << (offset % 8)
        path.write_bytes(bad)
        assert not verify(journals.directory, known).whole, offset


_cache = {}


def _sound_journal(tmp_path_factory):
    """One journal of several receivers, made once for all examples."""
    if not _cache:
        from datetime import UTC, datetime

        from epm.events import Endpoint, Job, SocketEvent, SocketEventType
        from journal.writer import Journal

        directory = tmp_path_factory.mktemp("good") / "J"
        event = SocketEvent(SocketEventType.ACCEPT, Job("a", "B", 1), Endpoint(1, 2), None, 5)
        with Journal.open(
            directory,
            journal_name="J",
            system="S",
            clock=lambda: datetime.now(UTC),
            receiver_bytes=2048,
        ) as journal:
            for _ in range(15):
                journal.append(event)
        _cache["good"] = directory
    return _cache["good"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_run_of_changed_bytes_is_found(tmp_path_factory, data):
    good = _sound_journal(tmp_path_factory)
    copy = tmp_path_factory.mktemp("bad") / "J"
    shutil.copytree(good, copy)
    path = data.draw(st.sampled_from(list_receivers(copy)))
    content = bytearray(path.read_bytes())
    offset = data.draw(st.integers(0, len(content) - 1))
    junk = data.draw(st.binary(min_size=1, max_size=300))
    changed = content[:offset] + junk + content[offset + len(junk) :]
    if changed == content:
        return
    path.write_bytes(changed)
    assert not verify(copy, head(good)).whole


def test_a_changed_entry_is_named_with_receiver_and_offset(journals, receiver):
    placed = frames_of(receiver)[4]
    data = bytearray(receiver.read_bytes())
    data[placed.offset + 60] ^= 1
    receiver.write_bytes(data)
    finding = only_finding(journals.directory)
    assert finding.kind is FindingKind.CHANGED
    assert (finding.receiver, finding.sequence, finding.offset) == ("EPMRCV0001", 4, placed.offset)
    assert str(finding) == (
        f"changed: receiver EPMRCV0001, entry 4, offset {placed.offset}: "
        f"{placed.frame.size} bytes are not what was written"
    )


def test_a_changed_entry_whose_checksum_was_made_good_is_found_by_the_chain(journals, receiver):
    pieces = parts(receiver)
    frame = decode_frame(pieces[4])
    payload = frame.payload.replace(b"10.1.2.6", b"10.1.2.9")
    assert payload != frame.payload
    pieces[4], _ = encode_frame(decode_frame(pieces[3]).chain, Kind.ENTRY, 4, payload)
    receiver.write_bytes(b"".join(pieces))
    finding = only_finding(journals.directory)
    assert finding.kind is FindingKind.CHANGED
    assert finding.sequence == 5
    assert "what came before it" in finding.text


@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_dropped_entry_is_named(journals, receiver, number):
    pieces = parts(receiver)
    del pieces[number]
    receiver.write_bytes(b"".join(pieces))
    finding = only_finding(journals.directory)
    assert (finding.kind, finding.sequence) == (FindingKind.DROPPED, number)
    assert finding.text == f"entry {number} is missing before this place"


def test_dropped_entries_next_to_each_other_are_one_finding(journals, receiver):
    pieces = parts(receiver)
    del pieces[3:6]
    receiver.write_bytes(b"".join(pieces))
    finding = only_finding(journals.directory)
    assert (finding.kind, finding.sequence) == (FindingKind.DROPPED, 3)
    assert finding.text == "3 entries from 3 on are missing before this place"


def test_swapped_entries_are_named_as_reordered(journals, receiver):
    pieces = parts(receiver)
    pieces[3], pieces[4] = pieces[4], pieces[3]
    receiver.write_bytes(b"".join(pieces))
    finding = only_finding(journals.directory)
    assert (finding.kind, finding.sequence) == (FindingKind.REORDERED, 3)


def test_a_repeated_entry_is_named(journals, receiver):
    pieces = parts(receiver)
    pieces.insert(5, pieces[3])
    receiver.write_bytes(b"".join(pieces))
    report = verify(journals.directory)
    assert (report.findings[0].kind, report.findings[0].sequence) == (FindingKind.REPEATED, 3)


def test_a_cut_tail_is_found_by_the_known_head_and_only_by_it(journals, receiver):
    known = head(journals.directory)
    receiver.write_bytes(b"".join(parts(receiver)[:-2]))
    assert verify(journals.directory).whole
    finding = only_finding(journals.directory, known_head=known)
    assert (finding.kind, finding.sequence) == (FindingKind.CUT, 8)


def test_history_that_was_written_anew_is_found_by_the_known_head(journals, receiver):
    known = head(journals.directory)
    for path in journals.directory.iterdir():
        path.unlink()
    journals.fill(9)
    assert verify(journals.directory).whole
    finding = only_finding(journals.directory, known_head=known)
    assert (finding.kind, finding.sequence) == (FindingKind.REWRITTEN, 8)


def test_a_head_from_earlier_is_found_in_a_journal_that_grew(journals, receiver):
    known = head(journals.directory)
    journals.fill(5)
    assert verify(journals.directory, known).whole


@pytest.mark.parametrize("text", ["", "5", "5:", "5:abc", f"x:{'0' * 64}", f"5:{'g' * 64}"])
def test_a_malformed_head_is_refused(journals, receiver, text):
    with pytest.raises(SettingsError, match="NUMBER:HASH"):
        verify(journals.directory, text)


@pytest.mark.parametrize("which", [0, 1])
def test_a_missing_receiver_is_named(journals, which):
    journals.fill(40, receiver_bytes=4096)
    path = list_receivers(journals.directory)[which]
    path.unlink()
    report = verify(journals.directory)
    assert report.findings[0].kind is FindingKind.MISSING_RECEIVER
    assert path.name in report.findings[0].text


def test_a_seal_that_was_cut_off_is_found(journals):
    journals.fill(40, receiver_bytes=4096)
    path = list_receivers(journals.directory)[1]
    path.write_bytes(b"".join(parts(path)[:-1]))
    assert FindingKind.CUT in {f.kind for f in verify(journals.directory).findings}


def test_entries_that_were_cut_from_a_sealed_receiver_are_found_without_a_head(journals):
    journals.fill(40, receiver_bytes=4096)
    path = list_receivers(journals.directory)[1]
    pieces = parts(path)
    path.write_bytes(b"".join(pieces[:-3]))
    report = verify(journals.directory)
    lost = decode_frame(pieces[-3]).number
    assert (FindingKind.DROPPED, lost) in {(f.kind, f.sequence) for f in report.findings}


def test_a_last_entry_written_anew_before_a_seal_is_found_by_the_seal(journals):
    """Its checksum and chain value are good: only what follows in the chain can tell."""
    journals.fill(40, receiver_bytes=4096)
    path = list_receivers(journals.directory)[0]
    pieces = parts(path)
    before, last = decode_frame(pieces[-3]), decode_frame(pieces[-2])
    assert decode_frame(pieces[-1]).kind == Kind.SEAL
    payload = last.payload.replace(b"10.1.2.", b"10.9.9.")
    assert payload != last.payload
    pieces[-2], _ = encode_frame(before.chain, Kind.ENTRY, last.number, payload)
    path.write_bytes(b"".join(pieces))
    finding = only_finding(journals.directory)
    assert (finding.kind, finding.receiver) == (FindingKind.CHANGED, path.name)


def test_bytes_after_a_seal_are_found(journals):
    journals.fill(40, receiver_bytes=4096)
    path = list_receivers(journals.directory)[1]
    path.write_bytes(path.read_bytes() + parts(path)[2])
    report = verify(journals.directory)
    assert "there are bytes after the seal" in {finding.text for finding in report.findings}
    path.write_bytes(path.read_bytes() + b"more")
    assert not verify(journals.directory).whole


def test_swapped_receivers_are_found(journals):
    journals.fill(40, receiver_bytes=4096)
    first, second, *_ = list_receivers(journals.directory)
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    assert not verify(journals.directory).whole


def test_a_tail_that_is_torn_and_not_yet_recorded_is_named_so(journals, receiver):
    receiver.write_bytes(receiver.read_bytes()[:-3])
    finding = only_finding(journals.directory)
    assert (finding.kind, finding.sequence) == (FindingKind.TORN, 8)


@pytest.fixture
def recorded_tear(journals):
    """A receiver whose torn tail was recorded at the next opening."""
    journals.fill(5)
    path = list_receivers(journals.directory)[0]
    path.write_bytes(path.read_bytes()[:-30])
    journals.fill(2)
    assert verify(journals.directory).whole
    return path


def test_torn_bytes_that_are_changed_after_they_were_recorded_are_found(journals, recorded_tear):
    data = bytearray(recorded_tear.read_bytes())
    data[-1] ^= 1
    recorded_tear.write_bytes(data)
    finding = only_finding(journals.directory)
    assert finding.kind is FindingKind.CHANGED
    assert finding.text == "its torn bytes are not those that entry 5 records"


def test_a_tear_does_not_cover_what_was_sound_before_it(journals, recorded_tear):
    last = frames_of(recorded_tear)[-1]
    data = bytearray(recorded_tear.read_bytes())
    data[last.offset + 60] ^= 1
    recorded_tear.write_bytes(data)
    findings = {(f.kind, f.sequence) for f in verify(journals.directory).findings}
    assert (FindingKind.CHANGED, 4) in findings


def test_progress_reaches_all_bytes_in_order(journals):
    journals.fill(40, receiver_bytes=4096)
    told = []
    verify(journals.directory, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    total = sum(p.stat().st_size for p in list_receivers(journals.directory))
    assert {t for _, t in told} == {total}


def test_the_head_of_an_empty_journal_verifies(journals):
    journals.fill(0)
    assert head(journals.directory) == f"0:{'0' * 64}"
    assert verify(journals.directory, head(journals.directory)).whole
    assert JournalReader(journals.directory).last() is None


def test_receivers_deleted_from_the_end_are_named_and_never_passed_over_silently(
    journals, make_socket_event
):
    """No head is needed: what writers told of is not there."""
    with journals.open(receiver_bytes=3000) as journal:
        for number in range(40):
            journal.append(make_socket_event(number))
    names = [path.name for path in list_receivers(journals.directory)]
    assert len(names) > 3
    for name in names[-2:]:
        (journals.directory / name).unlink()
    report = verify(journals.directory)
    assert [f.kind for f in report.findings] == [FindingKind.MISSING_RECEIVER] * 2
    assert [f.receiver for f in report.findings] == names[-2:]
    with journals.open() as journal:
        journal.append(make_socket_event(1))
    gaps = [e.decode().entry for e in JournalReader(journals.directory).entries()]
    assert [e.reason.value for e in gaps if isinstance(e, GapEntry)] == ["cut"]
