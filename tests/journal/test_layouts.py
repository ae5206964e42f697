"""The layouts: IBM's offsets, a worked sample, the vectors in both directions, laws."""

import contextlib
import json
import zlib
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import FormatError, SettingsError
from epm.events import SkData
from journal.layouts import esd, type4, type5, u_entries
from journal.layouts.ccsid import codec_of
from journal.layouts.esd import EsdDecoder, decode_esd, encode_esd
from journal.layouts.header import HeaderDecoder
from journal.layouts.kit import FixedField, Layout
from journal.layouts.type4 import encode_type4
from journal.layouts.type5 import encode_type5
from journal.layouts.values import HeaderData, SkType

VECTORS = Path(__file__).parents[1] / "data" / "vectors"
SAMPLE = SkData("A", "192.168.1.10", 22, "10.1.2.3", 50000, descriptor=5, address_family="*IPV4")
HEADER = HeaderData(
    4711, "2026-11-21-08.00.00.285107", "T", "SK", "SSHD", "QTCP", 123456, "SSHD", "QSYS",
    "QTCP", "S78AB123",
)  # fmt: skip


def test_the_worked_sample_of_an_accept_entry_comes_out_byte_for_byte():
    data = encode_esd(SAMPLE)
    assert len(data) == 1070
    assert zlib.crc32(data[:61]) == 0xDB735D9F
    assert zlib.crc32(data[571:727]) == 0xC607B7E8
    assert decode_esd(data) == SAMPLE


@pytest.mark.parametrize(
    ("name", "esd_offset", "type5_offset", "type4_offset"),
    [
        ("type", 1, 610, 224),
        ("legacy_local_address", 2, 611, 225),
        ("local_port", 17, 626, 240),
        ("legacy_remote_address", 22, 631, 245),
        ("remote_port", 37, 646, 260),
        ("descriptor", 42, 651, 265),
        ("filter_description", 46, 655, 269),
        ("filter_length", 56, 665, 279),
        ("filter_inner_length", 58, 667, 281),
        ("address_family", 572, 1181, 795),
        ("local_address", 582, 1191, 805),
        ("remote_address", 628, 1237, 851),
        ("mac_address", 674, 1283, 897),
        ("host_name", 706, 1315, 929),
        ("secure_version", 961, 1570, None),
        ("secure_properties", 971, 1580, None),
    ],
)
def test_sk_fields_lie_where_ibm_documents_them(name, esd_offset, type5_offset, type4_offset):
    field = esd.LAYOUT.by_name[name]
    assert field.offset == esd_offset
    assert field.offset + type5.HEADER_BYTES == type5_offset
    if type4_offset is not None:
        assert field.offset + type4.HEADER_BYTES == type4_offset


@pytest.mark.parametrize(
    ("layout", "offsets"),
    [
        (
            type5.LAYOUT,
            {"length": 1, "sequence": 6, "code": 26, "entry_type": 27, "timestamp": 29, "job": 55,
             "job_user": 65, "job_number": 75, "program": 81, "program_library": 91, "object": 116,
             "library": 126, "member": 136, "user": 187, "system": 197, "receiver": 241,
             "remote_address": 311, "esd_length": 606},
        ),
        (
            type4.LAYOUT,
            {"length": 1, "sequence": 6, "code": 16, "entry_type": 17, "timestamp": 19, "job": 45,
             "job_user": 55, "job_number": 65, "program": 71, "object": 81, "count": 111,
             "flag": 121, "user": 132, "system": 142, "esd_length": 220},
        ),
    ],
)  # fmt: skip
def test_header_fields_lie_where_ibm_documents_them(layout, offsets):
    assert {name: layout.by_name[name].offset for name in offsets} == offsets


def test_a_layout_with_a_gap_or_another_length_cannot_be_made():
    fields = (FixedField("a", 1, 2), FixedField("b", 4, 1))
    with pytest.raises(AssertionError, match="b is not at 3"):
        Layout("x", 4, fields)
    with pytest.raises(AssertionError, match="not 5"):
        Layout("x", 5, fields[:1])


@pytest.mark.parametrize("ccsid", [37, 500])
@pytest.mark.parametrize(("form", "size"), [("type5", 1679), ("type4", 1183), ("esd", 1070)])
def test_the_vectors_come_out_again_byte_for_byte_but_for_the_padding_of_ports(form, size, ccsid):
    records = (VECTORS / f"sk-{form}-{ccsid}.bin").read_bytes()
    rows = (VECTORS / f"sk-{form}-{ccsid}.jsonl").read_text().splitlines()
    assert len(records) == size * len(rows)
    for number, line in enumerate(rows):
        record = records[number * size : (number + 1) * size]
        row = json.loads(line)
        sk = SkData(**{name: row[name] for name in asdict(SAMPLE)})
        header = HeaderData(**{name: row[name] for name in asdict(HEADER)})
        if form == "type5":
            again = encode_type5(header, encode_esd(sk, ccsid), ccsid)
        elif form == "type4":
            again = encode_type4(header, encode_esd(sk, ccsid, secure=False), ccsid)
        else:
            again = encode_esd(sk, ccsid)
        start = {"type5": 609, "type4": 223, "esd": 0}[form]
        assert _left_justified(record, start) == again


def _left_justified(record, start):
    """The record with its ports as we write them: digits without zeros, to the left."""
    data = bytearray(record)
    for offset in (start + 16, start + 36):
        digits = data[offset : offset + 5].strip(b"\x40").lstrip(b"\xf0")
        data[offset : offset + 5] = digits.ljust(5, b"\x40")
    return bytes(data)


@pytest.mark.parametrize("raw", ["F2F2404040", "404040F2F2", "F0F0F0F2F2", "40F2F24040"])
def test_a_port_is_taken_however_it_is_padded(raw):
    data = bytearray(encode_esd(SAMPLE))
    data[16:21] = bytes.fromhex(raw)
    assert decode_esd(bytes(data)).local_port == 22


@pytest.mark.parametrize("raw", ["4040404040", "0000000000"])
def test_a_blank_port_is_missing(raw):
    data = bytearray(encode_esd(SAMPLE))
    data[16:21] = bytes.fromhex(raw)
    assert decode_esd(bytes(data)).local_port is None


@pytest.mark.parametrize(
    ("offset", "raw", "reason"),
    [
        (1, "E9", "type is unknown"),
        (17, "F6F5F5F3F6", "'65536' is not a port"),
        (37, "F2C1404040", "'2A' is not a port"),
        (37, "60F2404040", "'-2' is not a port"),
        (56, "0201", "filter data lengths"),
        (572, "5CC9D7E5F5", "neither .IPV4 nor .IPV6"),
        (582, "E9", "'Z92.168.1.10' is not an address"),
        (628, "FF", "is not an address"),
    ],
)
def test_damaged_data_is_refused_with_offset_and_reason(offset, raw, reason):
    data = bytearray(encode_esd(SAMPLE))
    changed = bytes.fromhex(raw)
    data[offset - 1 : offset - 1 + len(changed)] = changed
    with pytest.raises(FormatError, match=reason) as caught:
        decode_esd(bytes(data))
    assert caught.value.offset == offset - 1


@pytest.mark.parametrize("size", [0, 1, 959])
def test_data_that_is_too_short_is_refused(size):
    with pytest.raises(FormatError, match=f"{size} bytes of entry-specific data"):
        decode_esd(encode_esd(SAMPLE)[:size])


def test_data_of_an_older_release_has_no_secure_fields():
    sk = replace(SAMPLE, type="S", secure_version="TLSV1.3", secure_properties="RSA")
    assert decode_esd(encode_esd(sk)[:960]) == replace(
        sk, secure_version=None, secure_properties=None
    )


def test_addresses_that_are_only_in_the_legacy_fields_are_taken_from_there():
    data = bytearray(encode_esd(SAMPLE))
    data[581:673] = b"\x40" * 92
    assert decode_esd(bytes(data)) == SAMPLE


def _text(codec, size):
    """Text that a field can hold: no blank or NUL at its end, of the code page."""
    return (
        st.binary(max_size=size)
        .map(lambda raw: raw.decode(codec).rstrip(" \0"))
        .map(lambda text: text or None)
    )


_ADDRESSES = st.one_of(st.ip_addresses().map(str), st.none())
_PORTS = st.one_of(st.integers(0, 65535), st.none())


@st.composite
def sk_values(draw, codec="cp037"):
    return SkData(
        type=draw(st.sampled_from(SkType)).value,
        local_address=draw(_ADDRESSES),
        local_port=draw(_PORTS),
        remote_address=draw(_ADDRESSES),
        remote_port=draw(_PORTS),
        descriptor=draw(st.integers(-(2**31), 2**31 - 1)),
        address_family=draw(st.sampled_from(["*IPV4", "*IPV6", None])),
        mac_address=draw(_text(codec, 32)),
        host_name=draw(_text(codec, 255)),
        filter_description=draw(_text(codec, 10)),
        filter_data=draw(_text(codec, 512)),
        secure_version=draw(_text(codec, 10)),
        secure_properties=draw(_text(codec, 100)),
    )


@pytest.mark.parametrize("ccsid", [37, 273, 500, 1140])
@given(data=st.data())
def test_what_is_written_reads_back_and_writes_again_the_same(ccsid, data):
    sk = data.draw(sk_values(codec_of(ccsid)))
    record = encode_esd(sk, ccsid)
    again = decode_esd(record, ccsid)
    assert again == sk
    assert encode_esd(again, ccsid) == record


@given(st.binary(min_size=900, max_size=1200))
def test_no_bytes_make_the_decoder_fail_in_another_way(data):
    with contextlib.suppress(FormatError):
        decode_esd(data)


@pytest.mark.parametrize(("form", "encode"), [(type5, encode_type5), (type4, encode_type4)])
def test_a_header_reads_back(form, encode):
    record = encode(HEADER, b"\x40" * 960)
    values, size = HeaderDecoder(form.HEADER, "cp037").values(record)
    expected = HEADER if form is type5 else replace(HEADER, program_library=None)
    assert HeaderData(*values) == expected
    assert size == 960


def test_header_text_is_cut_and_numbers_keep_their_last_digits():
    long = replace(HEADER, job="x" * 40, job_number=4_194_304, system="LONGSYSTEMNAME")
    values, _ = HeaderDecoder(type5.HEADER, "cp037").values(encode_type5(long, b""))
    cut = HeaderData(*values)
    assert (cut.job, cut.job_number, cut.system) == ("x" * 10, 194_304, "LONGSYST")


def test_characters_that_the_code_page_lacks_become_question_marks():
    values, _ = HeaderDecoder(type5.HEADER, "cp037").values(
        encode_type5(replace(HEADER, job="日本\ud800"), b"")
    )
    assert HeaderData(*values).job == "???"


@pytest.mark.parametrize(
    ("offset", "byte", "reason"),
    [(0, 0x40, "length holds no"), (4, 0xF1, "does not agree"), (10, 0xC1, "sequence holds no"),
     (30, 0x40, "timestamp"), (56, 0x1B, "job: the name holds control"), (76, 0x40, "job_number")],
)  # fmt: skip
def test_a_damaged_header_is_refused_with_its_reason(offset, byte, reason):
    record = bytearray(encode_type5(HEADER, b"\x40" * 100))
    record[offset] = byte
    with pytest.raises(FormatError, match=reason):
        HeaderDecoder(type5.HEADER, "cp037").values(bytes(record))


def test_specific_data_that_the_length_field_cannot_state_is_refused():
    assert len(encode_type5(HEADER, b"x" * 99_390)) == 99_999
    with pytest.raises(ValueError, match="at most 99390"):
        encode_type5(HEADER, b"x" * 99_391)


def test_an_unknown_ccsid_is_refused_by_name():
    with pytest.raises(SettingsError, match="CCSID 1208 is not supported"):
        codec_of(1208)


def test_a_decoder_forgets_when_it_has_seen_too_many_values(monkeypatch):
    monkeypatch.setattr("journal.layouts.kit.MEMO_LIMIT", 3)
    decoder = EsdDecoder("cp037")
    for number in range(10):
        decoder.values(encode_esd(replace(SAMPLE, host_name=f"host{number}")))
    assert len(decoder._text) <= 4


def test_entry_specific_data_of_u_entries_holds_fixed_fields_and_full_values():
    full = json.dumps({"user": "ü" * 40})
    data = u_entries.encode_u(u_entries.DECISION, {"user": "x" * 40, "rule": 10}, full, 273)
    fixed, values = u_entries.decode_u("NR", data, 273)
    assert (fixed["user"], fixed["rule"]) == ("x" * 10, 10)
    assert values == {"user": "ü" * 40}


@pytest.mark.parametrize(
    "change",
    [lambda d: b"\x40" * 4 + d[4:], lambda d: d[:-1], lambda d: d[:4] + b"\xf0" * 3 + d[7:],
     lambda d: d[:-2] + b"\x00\x00", lambda d: d[:100]],
)  # fmt: skip
def test_u_entry_data_that_is_not_ours_or_damaged_is_refused(change):
    data = u_entries.encode_u(u_entries.CHANGE, {"who": "ALICE"}, '{"a":1}')
    with pytest.raises(FormatError):
        u_entries.decode_u("NC", change(data))
