"""A row becomes an entry, be its values a driver's or texts; a bad one says what is wrong."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.ibmi.columns import find_roles
from db.ibmi.rows import MAX_DATA, entry_of, receiver_of, record_of
from db.ibmi.values import FetchedEntry, Receiver, Unreadable
from epm.errors import RemoteError

DATA = {
    "SEQUENCE_NUMBER": Decimal(7),
    "ENTRY_TIMESTAMP": datetime(2026, 11, 21, 10, 0, 0, 5),
    "JOB_NUMBER": "000042",
    "JOB_NAME": "SSHD      ",
    "PROGRAM_NAME": b"\xd8\xd7\xc7\xd4\x40",
    "ENTRY_DATA": b"\xc1\xc2",
}
TEXTS = {
    "SEQUENCE_NUMBER": "7",
    "ENTRY_TIMESTAMP": "2026-11-21 10:00:00.000005",
    "JOB_NUMBER": "42",
    "JOB_NAME": "SSHD",
    "PROGRAM_NAME": "QPGM",
    "ENTRY_DATA": "C1C2",
}
SK = {
    "SEQUENCE_NUMBER": 7,
    "QUALIFIED_JOB_NAME": "123456/QTCP/SSHD",
    "ENTRY_TYPE": "C",
    "LOCAL_PORT": "00022",
    "REMOTE_PORT": None,
    "REMOTE_ADDRESS": "10.1.2.3",
    "SOCKET_DESCRIPTOR": "-1",
}


def entry(row):
    return entry_of(row, find_roles(row, "test"), code="T", entry_type="SK")


def test_values_of_a_driver_and_texts_are_the_same_entry():
    assert entry(DATA) == entry(TEXTS)
    made = entry(DATA)
    assert (made.timestamp, made.job, made.job_number) == ("2026-11-21-10.00.00.000005", "SSHD", 42)
    assert (made.program, made.data, made.code) == ("QPGM", b"\xc1\xc2", "T")


def test_columns_in_place_of_bytes():
    made = entry(SK)
    assert (made.job, made.job_user, made.job_number) == ("SSHD", "QTCP", 123456)
    assert (made.sk.type, made.sk.local_port, made.sk.remote_port) == ("C", 22, None)
    assert (made.sk.remote_address, made.remote_address) == ("10.1.2.3", None)
    assert made.sk.descriptor == -1


def test_the_entrys_own_remote_address_is_told_from_the_jobs_where_both_are_there():
    made = entry({**SK, "REMOTE_IP_ADDRESS": "192.0.2.9"})
    assert (made.sk.remote_address, made.remote_address) == ("192.0.2.9", "10.1.2.3")


def test_the_entrys_length_cuts_the_padding_of_a_fixed_column():
    row = {"JOSEQN": "7", "JOENTL": 611, "JOESD": b"\xc1\xc2\x40\x40"}
    assert entry(row).data == b"\xc1\xc2"


@pytest.mark.parametrize(
    ("columns", "lacking"),
    [(["A", "ENTRY_DATA"], "of the sequence number"), (["SEQUENCE_NUMBER"], "of the entry's data")],
)
def test_columns_that_say_too_little_are_named(columns, lacking):
    with pytest.raises(RemoteError, match=rf"^SVC: no column {lacking} .*DISPLAY_JOURNAL instead"):
        find_roles(columns, "SVC")


BAD = {
    "sequence number is not a number": {"SEQUENCE_NUMBER": "x"},
    "sequence number is not": {"SEQUENCE_NUMBER": Decimal("1.5")},
    "sequence number is not a number from 0": {"SEQUENCE_NUMBER": -1},
    "job number is not a number from 0 to 999999": {"JOB_NUMBER": "1000000"},
    "entry data is not hexadecimal": {"ENTRY_DATA": "C1C"},
    "entry data is missing": {"ENTRY_DATA": None},
    f"at most {MAX_DATA} are taken": {"ENTRY_DATA": bytes(MAX_DATA + 1)},
    "program is not a text of at most": {"PROGRAM_NAME": "x" * 3000},
}


@pytest.mark.parametrize(("why", "other"), BAD.items(), ids=list(BAD))
def test_a_bad_value_is_named_with_its_entry(why, other):
    made = entry({**DATA, **other})
    assert isinstance(made, Unreadable)
    assert why in str(made)
    assert made.sequence == (None if "SEQUENCE_NUMBER" in other else 7)


@pytest.mark.parametrize(
    "other",
    [{"LOCAL_PORT": 65536}, {"ENTRY_TYPE": ""}, {"ENTRY_TYPE": "AB"}, {"QUALIFIED_JOB_NAME": "x"}],
)
def test_a_bad_sk_column_makes_no_entry(other):
    assert isinstance(entry({**SK, **other}), Unreadable)


ANY = st.none() | st.text(max_size=40) | st.binary(max_size=700) | st.integers() | st.floats() | (
    st.decimals()
)  # fmt: skip


@given(st.fixed_dictionaries(dict.fromkeys(DATA | SK, ANY)))
def test_no_row_raises(row):
    assert isinstance(entry(row), FetchedEntry | Unreadable)
    assert isinstance(entry({n: v for n, v in row.items() if n != "ENTRY_DATA"}), object)
    assert isinstance(record_of(row["ENTRY_DATA"]), FetchedEntry | Unreadable)


NAMES = ("HOME", "NAME", "FIRST", "LAST")


def test_a_receiver_without_entries_is_left_out():
    row = {"HOME": "LIB ", "NAME": "R1", "FIRST": Decimal(1), "LAST": "50"}
    assert receiver_of(row, NAMES) == Receiver("LIB", "R1", 1, 50)
    assert receiver_of({**row, "LAST": None}, NAMES) is None
    with pytest.raises(RemoteError, match="the list of receivers: sequence number"):
        receiver_of({**row, "LAST": "x"}, NAMES)
