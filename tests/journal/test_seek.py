"""Finding a place in a journal without reading what lies before it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from journal import seek
from journal.query import Query, select_backward
from journal.reader import JournalReader
from journal.receiver import list_receivers
from journal.scan import open_receiver

START = datetime(2026, 11, 21, 10)


@pytest.fixture
def few_bytes(monkeypatch):
    """Halve down to next to nothing, so that a small receiver is searched as a large one."""
    monkeypatch.setattr(seek, "_NEAR", 64)


def all_entries(reader):
    return list(reader.entries())


@pytest.mark.parametrize("receiver_bytes", [4096, 1 << 20])
def test_every_entry_is_found_by_number_forwards_and_backwards(journals, few_bytes, receiver_bytes):
    journals.fill(60, receiver_bytes=receiver_bytes)
    reader = JournalReader(journals.directory)
    entries = all_entries(reader)
    for number in range(1, 63):
        assert list(reader.entries(number)) == entries[number - 1 :]
        assert list(reader.backward(number)) == entries[: number - 1][::-1]


@pytest.mark.parametrize("receiver_bytes", [4096, 1 << 20])
def test_every_entry_is_found_by_its_time(journals, few_bytes, receiver_bytes):
    journals.fill(60, receiver_bytes=receiver_bytes)
    reader = JournalReader(journals.directory)
    for entry in all_entries(reader):
        at = datetime.fromisoformat(entry.time_text)
        assert reader.number_at(at) == entry.sequence
        following = reader.number_at(at + timedelta(microseconds=1))
        assert following == (entry.sequence + 1 if entry.sequence < 60 else None)
    assert reader.number_at(START - timedelta(days=1)) == 1


def test_a_place_far_inside_is_found_without_reading_up_to_it(journals, few_bytes):
    journals.fill(200, receiver_bytes=1 << 20)
    path = list_receivers(journals.directory)[0]
    with open_receiver(path) as file:
        place = seek.near(file, seek.before_number(190), path.stat().st_size)
    entries = all_entries(JournalReader(journals.directory))
    assert entries[180].offset < place <= entries[188].offset


@pytest.mark.parametrize("damaged", [5, 20, 33])
def test_damage_on_the_way_neither_hides_nor_repeats_an_entry(journals, few_bytes, damaged):
    journals.fill(40, receiver_bytes=1 << 20)
    path = list_receivers(journals.directory)[0]
    reader = JournalReader(journals.directory)
    entries = all_entries(reader)
    data = bytearray(path.read_bytes())
    data[entries[damaged].offset + 30] ^= 1
    path.write_bytes(data)
    sound = [e for e in entries if e.sequence != damaged + 1]
    for number in range(1, 42):
        told = []
        later = [e for e in sound if e.sequence >= number]
        earlier = [e for e in sound if e.sequence < number]
        assert list(reader.entries(number, on_damage=lambda _: None)) == later
        assert list(reader.backward(number, on_damage=told.append)) == earlier[::-1]
        assert len(told) == (number > damaged)


def test_damage_far_before_the_entries_that_are_read_is_not_met(journals, few_bytes):
    journals.fill(40, receiver_bytes=1 << 20)
    path = list_receivers(journals.directory)[0]
    reader = JournalReader(journals.directory)
    data = bytearray(path.read_bytes())
    data[all_entries(reader)[5].offset + 30] ^= 1
    path.write_bytes(data)
    assert [e.sequence for e in reader.entries(38)] == [38, 39, 40]


def test_a_backward_search_stops_at_a_number(journals):
    journals.fill(40)
    reader = JournalReader(journals.directory)
    found = [s.sequence for s, _ in select_backward(reader, Query(), before=30, stop=25)]
    assert found == [29, 28, 27, 26, 25]
