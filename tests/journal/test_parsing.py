"""`epm journal parse`: the vectors, other entries, damage of every kind, CSV and JSON Lines."""

import functools
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import SettingsError
from epm.events import SkData
from journal.layouts.esd import encode_esd
from journal.layouts.type5 import encode_type5
from journal.layouts.values import HeaderData
from journal.parsing.api import parse
from journal.parsing.rows import KEYS, Damaged, Record

VECTORS = Path(__file__).parents[1] / "data" / "vectors"
SIZES = {"type5": 1679, "type4": 1183, "esd": 1070}


@functools.cache
def vector(form, ccsid=37):
    data = (VECTORS / f"sk-{form}-{ccsid}.bin").read_bytes()
    lines = (VECTORS / f"sk-{form}-{ccsid}.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return data, rows


def outcome(data, form, **options):
    """(rows of the sound records, positions of the damaged ones)"""
    found = list(parse(io.BytesIO(data), form, **options))
    return (
        [r.row for r in found if isinstance(r, Record)],
        [r.position for r in found if isinstance(r, Damaged)],
    )


@pytest.mark.parametrize("ccsid", [37, 500])
@pytest.mark.parametrize("form", SIZES)
def test_the_vectors_parse_to_their_rows_with_names_in_order(form, ccsid):
    data, rows = vector(form, ccsid)
    found = list(parse(io.BytesIO(data), form, ccsid=ccsid))
    assert [r.row for r in found] == rows
    assert [list(r.row) for r in found] == [list(row) for row in rows] == [list(KEYS)] * len(rows)
    assert [json.dumps(r.row) for r in found] == [json.dumps(row) for row in rows]
    assert b"".join(r.raw for r in found) == data
    assert [r.position for r in found] == [n * SIZES[form] for n in range(len(rows))]


@pytest.mark.parametrize("form", SIZES)
@pytest.mark.parametrize("damage", ["zeros", "blanks", "one byte", "length", "all ones"])
@pytest.mark.parametrize("which", [0, 1, 7, 21])
def test_a_damaged_record_is_placed_and_every_sound_one_is_given(form, damage, which):
    data, rows = vector(form)
    size = SIZES[form]
    start = which * size
    bad = bytearray(data)
    if damage == "one byte":
        # The entry type, whichever form.
        bad[start + {"type5": 609, "type4": 223, "esd": 0}[form]] = 0x6F
    elif damage == "length" and form != "esd":
        bad[start : start + 5] = b"\xf9" * 5
    else:
        filler = {"zeros": 0x00, "blanks": 0x40, "all ones": 0xFF, "length": 0x6F}[damage]
        bad[start : start + size] = bytes([filler]) * size
    assert outcome(bytes(bad), form) == (rows[:which] + rows[which + 1 :], [start])


@pytest.mark.parametrize("form", SIZES)
def test_damaged_records_next_to_each_other_are_each_placed(form):
    data, rows = vector(form)
    size = SIZES[form]
    bad = data[: 3 * size] + bytes(3 * size) + data[6 * size :]
    assert outcome(bad, form) == (rows[:3] + rows[6:], [3 * size, 4 * size, 5 * size])


def test_text_in_a_damaged_record_that_looks_like_a_beginning_is_not_taken_for_one():
    data, rows = vector("type5")
    # What a stranger's DHCP client may call itself: 25 digits, code, type, a timestamp.
    name = "0" * 25 + "TSK" + "2026-11-21-08.00.00.285107"
    start = 3 * 1679
    bad = bytearray(data)
    bad[start + 609] = 0x6F
    bad[start + 1314 : start + 1314 + len(name)] = name.encode("cp037")
    assert outcome(bytes(bad), "type5") == (rows[:3] + rows[4:], [start])


@pytest.mark.parametrize("short", [0, 1, 20, 53, 54, 60])
def test_a_record_is_found_where_the_stream_was_cut_into_pieces(short):
    data, rows = vector("type5")
    junk = b"\xff" * ((2 << 20) - short)
    assert outcome(junk + data, "type5") == (rows, [0])


@pytest.mark.parametrize("form", SIZES)
@pytest.mark.parametrize("cut", [1, 100, 900])
def test_a_record_that_lost_bytes_does_not_lose_the_next_one(form, cut):
    data, rows = vector(form)
    size = SIZES[form]
    bad = data[: 5 * size + 50] + data[5 * size + 50 + cut :]
    assert outcome(bad, form) == (rows[:5] + rows[6:], [5 * size])


@pytest.mark.parametrize("form", SIZES)
@pytest.mark.parametrize("junk", [b"\xff", b"junk" * 1000])
def test_bytes_between_records_are_placed_and_skipped(form, junk):
    data, rows = vector(form)
    size = SIZES[form]
    bad = data[: 5 * size] + junk + data[5 * size :]
    assert outcome(bad, form) == (rows, [5 * size])


@pytest.mark.parametrize("form", SIZES)
@pytest.mark.parametrize("left", [1, 30, 600, 959])
def test_a_last_record_that_is_cut_off_is_placed(form, left):
    data, rows = vector(form)
    size = SIZES[form]
    assert outcome(data[: 21 * size + left], form) == (rows[:21], [21 * size])


@pytest.mark.parametrize("form", SIZES)
def test_a_line_end_after_the_last_record_is_no_damage(form):
    data, rows = vector(form)
    assert outcome(data + b"\n", form) == (rows, [])


@pytest.mark.parametrize("form", [*SIZES, "jsonl", "outfile-csv"])
def test_an_empty_stream_holds_no_record(form):
    assert outcome(b"", form) == ([], [])


def test_records_in_an_outfile_that_pads_them_to_a_fixed_length_are_read():
    data, rows = vector("type5")
    records = [data[n * 1679 : (n + 1) * 1679] for n in range(22)]
    assert outcome(b"".join(r + b"\x40" * 300 for r in records), "type5") == (rows, [])


def test_data_of_an_older_release_is_recognised_by_its_length():
    data, rows = vector("esd")
    short = b"".join(data[n * 1070 : n * 1070 + 960] for n in range(22))
    expected = [r | {"secure_version": None, "secure_properties": None} for r in rows]
    assert outcome(short, "esd") == (expected, [])


@given(st.integers(0, 22 * 1679), st.binary(max_size=3000))
@settings(max_examples=100)
def test_records_before_and_well_after_any_damage_are_always_given(offset, junk):
    data, rows = vector("type5")
    bad = data[:offset] + junk + data[offset + len(junk) :]
    found, _ = outcome(bad, "type5")
    before, after = offset // 1679, -(-(offset + len(junk)) // 1679)
    assert found[:before] == rows[:before]
    assert after >= 22 or found[-(22 - after) :] == rows[after:]


@given(st.binary(max_size=5000))
def test_no_bytes_make_the_parser_fail(data):
    for form in SIZES:
        list(parse(io.BytesIO(data), form, all_entries=True))


def test_a_stream_is_read_in_pieces():
    data, rows = vector("type5")

    class Endless(io.RawIOBase):
        given = 0

        def readable(self):
            return True

        def read(self, size=-1):
            assert 0 < size <= 1 << 20
            self.given += size
            whole = data * (size // len(data) + 2)
            start = (self.given - size) % len(data)
            return whole[start : start + size]

    stream = Endless()
    parser = parse(stream, "type5")
    for number in range(2000):
        assert next(parser).row == rows[number % 22]
    assert stream.given < 2000 * 1679 + (4 << 20)


def other_entry(kind="CP", specific=b"\x40" * 300):
    header = HeaderData(9, "2026-11-21-08.00.00.000000", "T", kind, "JOB", "USER", 1, "PGM")
    return encode_type5(header, specific)


def test_other_entries_are_left_out_unless_asked_for():
    data, rows = vector("type5")
    mixed = data[: 1679 * 2] + other_entry() + data[1679 * 2 :]
    assert outcome(mixed, "type5") == (rows, [])
    found, _ = outcome(mixed, "type5", all_entries=True)
    assert len(found) == 23
    assert found[2]["entry_type"] == "CP"
    assert found[2]["type"] is None
    assert list(found[2]) == list(KEYS)


def test_an_unknown_format_or_ccsid_is_refused():
    with pytest.raises(SettingsError, match="format 'type2' is not one of type5, type4"):
        parse(io.BytesIO(), "type2")
    with pytest.raises(SettingsError, match="CCSID 819"):
        parse(io.BytesIO(), "type5", ccsid=819)


def test_json_lines_of_the_parser_parse_to_the_same_rows():
    data = (VECTORS / "sk-type5-37.jsonl").read_bytes()
    assert outcome(data, "jsonl") == (vector("type5")[1], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"type":"A","local_port":"22"}', "local_port is not a number"),
        (b'{"type":"A","local_port":70000}', "local_port is not a number from 0 to 65535"),
        (b'{"type":"A","local_port":true}', "local_port is not a number"),
        (b'{"type":"A","job":7}', "job is not text"),
        (b'{"type":"A","local_address":"10.1"}', "local_address '10.1' is not an address"),
        (b'{"type":"A","address_family":"*IPV5"}', "address_family"),
        (b'{"type":"Z"}', "type 'Z' is not an SK entry type"),
        (b"[" * 5000, "not JSON"),
        (b'{"type":"A","job":"\xff"}', "not UTF-8"),
        (b'{"type":"A","job":"' + b"x" * (1 << 20) + b'"}', "longer than a record"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_given(line, reason):
    found = list(parse(io.BytesIO(b'{"type":"A"}\n' + line + b'\n{"type":"C"}\n'), "jsonl"))
    assert [type(r) for r in found] == [Record, Damaged, Record]
    assert str(found[1]).startswith("record at line 2: ")
    assert reason in found[1].reason


CSV = (
    'JOSEQN,JOTSTP,JOCODE,JOENTT,JOJOB,JOUSER,JONBR,JOPGM,JOPGMLIB,JOUSPF,JOSYNM,"Type",'
    "LOCAL_ADDRESS,Local Port,remote_address,remote_port,SOMETHING\r\n"
    "4711,2026-11-21-08.00.00.285107,T,SK,SSHD      ,QTCP,007,SSHD,QSYS,QTCP,S1,A,"
    '10.0.0.1,00022,"10.1.2.3",50000,x\r\n'
)


def test_a_csv_with_ibms_header_names_and_the_parsers_own_is_read():
    rows, damaged = outcome(CSV.encode(), "outfile-csv")
    assert damaged == []
    (row,) = rows
    assert list(row) == list(KEYS)
    assert {k: v for k, v in row.items() if v is not None} == {
        "sequence": 4711, "timestamp": "2026-11-21-08.00.00.285107", "code": "T",
        "entry_type": "SK", "type": "A", "job": "SSHD", "job_user": "QTCP", "job_number": 7,
        "program": "SSHD", "program_library": "QSYS", "user": "QTCP", "system": "S1",
        "local_address": "10.0.0.1", "local_port": 22, "remote_address": "10.1.2.3",
        "remote_port": 50000,
    }  # fmt: skip


@pytest.mark.parametrize("column", ["ENTRY_DATA", "JOESD", "HEX(ENTRY_DATA)"])
def test_a_csv_with_the_entry_data_in_hexadecimal_is_read(column):
    sk = SkData("C", "10.0.0.1", 22, "2001:db8::1", 443, 5, "*IPV6", host_name="a,b")
    lines = f"SEQUENCE_NUMBER,{column}\n7,{encode_esd(sk, 500).hex().upper()}\n"
    ((row,), damaged) = outcome(lines.encode(), "outfile-csv", ccsid=500)
    assert damaged == []
    assert (row["sequence"], row["type"], row["remote_address"]) == (7, "C", "2001:db8::1")
    assert row["host_name"] == "a,b"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2,3", "3 values in 4 columns"),
        ("x,SK,A,22", "sequence 'x' is not a number"),
        ("1,SK,Q,22", "type 'Q'"),
        ("1,SK,A,70000", "local_port is not a number from 0 to 65535"),
        ('1,SK,"A"x,22', "expected"),
    ],
)
def test_a_bad_csv_row_is_named_and_the_others_are_given(line, reason):
    text = f"sequence,entry_type,type,local_port\n1,SK,A,22\n{line}\n2,SK,A,22\n"
    found = list(parse(io.BytesIO(text.encode()), "outfile-csv"))
    assert [r.position for r in found] == [2, 3, 4]
    assert [type(r) for r in found] == [Record, Damaged, Record]
    assert reason in found[1].reason


def test_a_csv_without_any_known_column_is_damaged_as_a_whole():
    found = list(parse(io.BytesIO(b"a,b\n1,2\n"), "outfile-csv"))
    assert [str(r) for r in found] == ["record at line 1: the first line names no known column"]
