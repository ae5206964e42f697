"""Bytes that somebody else put into a receiver: no amount of reading or memory is theirs to ask."""

import io
import os
import struct
import tracemalloc

import pytest

from journal import recovery
from journal.frames import MARK, NO_CHAIN, Kind, decode_frame, encode_frame
from journal.reader import JournalReader
from journal.receiver import list_receivers
from journal.scan import Hole, Placed, walk
from journal.verify import verify

TINY = encode_frame(NO_CHAIN, Kind.ENTRY, 7, b"{}")[0]


def false_head(length):
    return struct.pack(">4sII", MARK, length, 0)


def false_heads(size):
    """Marks as close as they can be, each claiming half of the bytes."""
    return false_head(size // 2) * (size // 12)


def false_heads_and_tails(size):
    """The same, with lengths that are met again where each claimed frame would end."""
    length = size // 2 - (size // 2) % 12 + 8
    return false_head(length) * (size // 12)


def false_heads_between_sound_frames(size):
    unit = TINY + false_head(size // 2) + b"E" * 9
    return unit * (size // len(unit))


def false_heads_before_text(size):
    unit = false_head(size // 2) + b"a" * 1500
    return unit * (size // len(unit))


SHAPES = [
    false_heads,
    false_heads_and_tails,
    false_heads_between_sound_frames,
    false_heads_before_text,
]


class Counted(io.BufferedReader):
    """Counts the bytes that were asked of it."""

    asked = 0

    def read(self, size=-1, /):
        data = super().read(size)
        self.asked += len(data)
        return data


def bytes_read(path, content, monkeypatch):
    path.write_bytes(content)
    real, marks = os.pread, []

    def pread(descriptor, size, offset):
        data = real(descriptor, size, offset)
        marks.append(len(data))
        return data

    with monkeypatch.context() as patch, Counted(io.FileIO(path)) as file:
        patch.setattr("journal.scan.os.pread", pread)
        covered = 0
        for item in walk(file):
            assert item.offset == covered
            covered += item.size if isinstance(item, Hole) else item.frame.size
        assert covered == len(content)
        return file.asked + sum(marks)


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_bytes_are_twice_the_work(tmp_path, monkeypatch, shape):
    size = 1 << 17
    once = bytes_read(tmp_path / "once", shape(size), monkeypatch)
    twice = bytes_read(tmp_path / "twice", shape(2 * size), monkeypatch)
    assert twice < 2.5 * once


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sound_frame_behind_hostile_bytes_is_found(tmp_path, shape):
    path = tmp_path / "receiver"
    junk = shape(1 << 15)
    big = encode_frame(NO_CHAIN, Kind.ENTRY, 8, b"x" * 100_000)[0]
    path.write_bytes(junk + big + TINY)
    with path.open("rb") as file:
        found = [item for item in walk(file) if isinstance(item, Placed)]
    assert [item.frame.number for item in found][-2:] == [8, 7]
    assert found[-2].offset == len(junk)


def test_a_payload_that_is_not_ascii_makes_no_sound_frame():
    assert decode_frame(encode_frame(NO_CHAIN, Kind.ENTRY, 1, b"\x7f")[0]) is not None
    assert decode_frame(encode_frame(NO_CHAIN, Kind.ENTRY, 1, b"\x80")[0]) is None


HOLES = 12_000


@pytest.fixture
def receiver(journals):
    journals.fill(1)
    return list_receivers(journals.directory)[0]


def small_holes(receiver, count):
    """Let a receiver end in many small holes, each behind a sound frame."""
    with receiver.open("ab") as file:
        file.write((TINY + b"?") * count)


def peak(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def last_backward(directory):
    last = next(JournalReader(directory).backward(on_damage=lambda _: None))
    assert last.sequence == 7


def find_tail(directory):
    assert recovery.find_tail(directory, thorough=True) is not None


@pytest.mark.parametrize("work", [last_backward, find_tail, verify])
def test_neither_holes_nor_frames_are_kept_in_memory(journals, receiver, work):
    # Beyond 1000 findings, so that they cost the same both times.
    small_holes(receiver, 1500)
    before = peak(lambda: work(journals.directory))
    small_holes(receiver, HOLES)
    # Eight bytes a frame are allowed, not an object.
    assert peak(lambda: work(journals.directory)) - before < 24 * HOLES


def test_all_holes_are_counted_and_the_last_is_named(journals, receiver):
    small_holes(receiver, HOLES)
    receiver.write_bytes(receiver.read_bytes() + b"?")
    size = receiver.stat().st_size
    tail = recovery.find_tail(journals.directory, thorough=True)
    assert tail.gap.details["places"] == HOLES
    assert tail.gap.details["offset"] == size - 2
    assert tail.gap.details["bytes"] == 2
