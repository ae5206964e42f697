"""Values to bytes and back: each data type by its exact storage."""

from __future__ import annotations

from decimal import Context, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import FormatError, UnsupportedError
from simulators.xmlservice import ccsid, decimals
from simulators.xmlservice.datatypes import parse_type


def data_type(text: str, **attributes: str):
    return parse_type({"type": text, **attributes})


@pytest.mark.parametrize(
    ("kind", "value", "stored", "shown"),
    [
        ("3i0", "-1", "ff", "-1"),
        ("5i0", "-2", "fffe", "-2"),
        ("10i0", "2147483647", "7fffffff", "2147483647"),
        ("20i0", "-9223372036854775808", "8000000000000000", "-9223372036854775808"),
        ("3u0", "255", "ff", "255"),
        ("5u0", "65535", "ffff", "65535"),
        ("10u0", "4294967295", "ffffffff", "4294967295"),
        ("20u0", "18446744073709551615", "ff" * 8, "18446744073709551615"),
        ("10i0", "12.9", "0000000c", "12"),
        ("10i0", "", "00000000", "0"),
        ("4f2", "1.5", "3fc00000", "1.50"),
        ("8f4", "-2.25", "c002000000000000", "-2.2500"),
        ("7p4", "321.1234", "3211234f", "321.1234"),
        ("7p4", "-1.2345", "0012345d", "-1.2345"),
        ("12p2", "33.33", "0000000003333f", "33.33"),
        ("12p2", ".5", "0000000000050f", "0.50"),
        ("5p2", "1.005", "00101f", "1.01"),
        ("12s2", "-33.33", "f0f0f0f0f0f0f0f0f3f3f3d3", "-33.33"),
        ("3s0", "7", "f0f0f7", "7"),
        ("31p0", "1" * 31, "1" * 31 + "f", "1" * 31),
        ("5a", "Ab", "c182404040", "Ab"),
        ("3a", "ABCDE", "c1c2c3", "ABC"),
        ("2a", "é", "5140", "é"),
        ("2b", "c1", "c100", "C100"),
        ("2b", "F0F1F2", "f0f1", "F0F1"),
        ("4h", "ignored", "00000000", ""),
    ],
)
def test_each_type_has_its_storage_and_comes_back(kind, value, stored, shown):
    parsed = data_type(kind)
    assert parsed.encode(value).hex() == stored
    assert parsed.size == len(stored) // 2
    assert parsed.decode(bytes.fromhex(stored)) == shown


@pytest.mark.parametrize(
    ("varying", "stored"),
    [("on", "0002c1c24040"), ("2", "0002c1c24040"), ("4", "00000002c1c24040"), ("off", "c1c24040")],
)
def test_a_varying_field_has_a_length_before_it(varying, stored):
    parsed = data_type("4a", varying=varying)
    assert parsed.encode("AB ").hex() == stored
    assert parsed.decode(bytes.fromhex(stored)) == "AB"


def test_a_varying_length_beyond_the_field_is_an_error_and_not_a_read_past_it():
    with pytest.raises(FormatError, match="varying length 9"):
        data_type("4a", varying="2").decode(bytes.fromhex("0009c1c24040"))


def test_trim_is_on_for_characters_and_off_for_binary():
    assert data_type("4a", trim="off").decode(b"\xc1\x40\x40\x40") == "A   "
    assert data_type("4b").decode(b"\xc1\x00\x00\x00") == "C1000000"
    assert data_type("4b", trim="on").decode(b"\xc1\x00\x00\x00") == "C1"


def test_hex_characters_with_ccsids_go_through_every_conversion():
    parsed = data_type("5a", hex="on", before="819/37", after="37/819")
    stored = parsed.encode("48656c6c6f")
    assert stored == "Hello".encode("cp037")
    assert parsed.decode(stored) == "48656C6C6F"


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("5p2", "404040"),
        ("5p2", "12345a".replace("5a", "59")),
        ("3s0", "4040f1"),
        ("3s0", "f0f01f"),
    ],
)
def test_storage_that_is_no_number_is_a_decimal_data_error(kind, stored):
    if kind == "3s0" and stored == "4040f1":
        assert data_type(kind).decode(bytes.fromhex(stored)) == "1"
        return
    with pytest.raises(FormatError, match="decimal data error"):
        data_type(kind).decode(bytes.fromhex(stored))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("3i0", "128"),
        ("3u0", "-1"),
        ("10i0", "x"),
        ("5p2", "1000"),
        ("3s0", "-1000"),
        ("5p2", "NaN"),
        ("5p2", "1e9999999"),
        ("10i0", "1e999999"),
        ("4f2", "1e300"),
        ("8f2", "inf"),
        ("2b", "zz"),
        ("5p2", "1_0"),
    ],
)
def test_a_value_that_its_type_cannot_hold_is_an_error(kind, value):
    with pytest.raises(FormatError):
        data_type(kind).encode(value)


@pytest.mark.parametrize("text", ["", "10", "10z", "99999999999a", "64p0", "3p4", "0p0", "p", "5p"])
def test_a_type_that_is_none_is_refused(text):
    if text == "5p":
        assert data_type(text).scale == 0
        return
    with pytest.raises(FormatError):
        data_type(text)


@pytest.mark.parametrize(
    ("text", "kind", "digits", "scale"),
    [
        (" 12 P 2 ", "p", 12, 2),
        ("-1a", "a", 1, 0),
        ("[object Object]", "b", 0, 0),
        ("a", "a", 0, 0),
    ],
)
def test_a_type_is_read_by_its_letters_and_digits_alone(text, kind, digits, scale):
    parsed = data_type(text)
    assert (parsed.kind, parsed.digits, parsed.scale) == (kind, digits, scale)


def test_hex_that_does_not_fit_is_not_looked_at():
    assert data_type("2b").encode("c1c2zz") == b"\xc1\xc2"
    assert data_type("[object Object]").encode("undefined") == b""


@pytest.mark.parametrize(("text", "size"), [("4f2", 4), ("7f", 4), ("8f", 8), ("9f4", 8)])
def test_a_float_is_double_from_eight_digits_on(text, size):
    assert data_type(text).size == size


@settings(deadline=None)
@given(st.integers(1, 31), st.integers(0, 31), st.data())
def test_packed_and_zoned_hold_every_number_of_their_digits(digits, scale, data):
    scale = min(scale, digits)
    units = data.draw(st.integers(-(10**digits) + 1, 10**digits - 1))
    number = Decimal(units).scaleb(-scale, Context(prec=100))
    packed = decimals.to_packed(number, digits, scale)
    zoned = decimals.to_zoned(number, digits, scale)
    assert len(packed) == digits // 2 + 1
    assert len(zoned) == digits
    assert decimals.from_packed(packed, digits, scale) == number
    assert decimals.from_zoned(zoned, digits, scale) == number


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=16))
def test_any_bytes_are_a_number_or_a_decimal_data_error(data):
    for kind in (f"{len(data) * 2 - 1}p0", f"{len(data)}s0"):
        try:
            text = data_type(kind).decode(data)
        except FormatError:
            continue
        assert Decimal(text) == Decimal(int(Decimal(text)))


@settings(deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=20))
def test_characters_of_the_job_ccsid_survive_up_to_blanks_on_the_right(text):
    parsed = data_type("20a", trim="off")
    assert parsed.decode(parsed.encode(text)) == text.ljust(20)


def test_what_a_ccsid_lacks_becomes_its_substitute():
    assert ccsid.encode("a€", 37) == b"\x81\x3f"
    assert ccsid.encode("a€", 819) == b"a\x1a"
    assert ccsid.convert(b"\xc1", (37, 819, 500)) == b"\xc1"
    with pytest.raises(UnsupportedError, match="CCSID 99999"):
        ccsid.convert(b"a", (99999, 37))
