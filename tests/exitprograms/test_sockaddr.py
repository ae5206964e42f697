"""The 32-byte address slot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.addresses import AXIS_END, V6_BASE, parse_address
from epm.errors import CallError, FormatError
from epm.events import Endpoint
from exitprograms.sockaddr import SLOT_SIZE, decode_slot, encode_slot

endpoints = st.builds(
    Endpoint,
    # Canonical axis numbers: an IPv4-mapped IPv6 number never occurs on the axis.
    st.integers(0, V6_BASE - 1)
    | st.integers(V6_BASE, AXIS_END).filter(lambda n: (n - V6_BASE) >> 32 != 0xFFFF),
    st.integers(0, 65535),
)

V4 = bytes.fromhex("00000010 00020016 C0A8010A" + "00" * 20)
V6 = bytes.fromhex("0000001C 00180016 00000000 20010DB8 00000000 00000000 00000010 00000000")


def at(text, port):
    return Endpoint(parse_address(text), port)


def test_an_ipv4_slot_has_length_16_family_2_and_a_zeroed_rest():
    assert encode_slot(at("192.168.1.10", 22), "a") == V4


def test_an_ipv6_slot_has_length_28_family_24_and_no_flow_or_scope():
    assert encode_slot(at("2001:db8::10", 22), "a") == V6


@given(endpoints)
def test_what_is_encoded_is_decoded(endpoint):
    slot = encode_slot(endpoint, "a")
    assert len(slot) == SLOT_SIZE
    assert decode_slot(slot, 0, "a") == endpoint


def test_bytes_16_to_27_of_an_ipv4_slot_are_not_read():
    assert decode_slot(V4[:20] + b"\xff" * 12, 0, "a") == at("192.168.1.10", 22)


def test_the_padding_inside_sockaddr_in_is_not_read():
    assert decode_slot(V4[:12] + b"\xee" * 20, 0, "a") == at("192.168.1.10", 22)


def test_flow_information_and_scope_are_not_read():
    slot = V6[:8] + b"\x01\x02\x03\x04" + V6[12:28] + b"\x00\x00\x00\x07"
    assert decode_slot(slot, 0, "a") == at("2001:db8::10", 22)


def test_a_mapped_address_in_an_ipv6_slot_is_its_ipv4_address():
    slot = V6[:12] + bytes(10) + b"\xff\xff" + bytes([192, 168, 1, 10]) + bytes(4)
    assert decode_slot(slot, 0, "a") == at("192.168.1.10", 22)


@pytest.mark.parametrize(
    ("slot", "offset", "reason"),
    [
        (b"\x00\x00\x00\x0f" + V4[4:], 64, "length is 15"),
        (b"\x00\x00\x00\x00" + V4[4:], 64, "length is 0"),
        (b"\xff\xff\xff\xf0" + V4[4:], 64, "length is -16"),
        (b"\x10\x00\x00\x00" + V4[4:], 64, "length is 268435456"),
        (V4[:4] + b"\x00\x0a" + V4[6:], 68, "address family 10"),
        (V4[:4] + b"\x02\x00" + V4[6:], 68, "address family 512"),
        (V4[:4] + b"\x10\x02" + V4[6:], 68, "length byte"),
        (b"\x00\x00\x00\x1c" + V4[4:], 64, "family 2 takes 16"),
        (b"\x00\x00\x00\x10" + V6[4:], 64, "family 24 takes 28"),
        (V4[:31], 95, "ends after 31 of 32"),
        (b"", 64, "ends after 0 of 32"),
    ],
)
def test_a_malformed_slot_is_an_error_that_names_the_offset_in_the_block(slot, offset, reason):
    with pytest.raises(FormatError, match=reason) as caught:
        decode_slot(bytes(64) + slot, 64, "remote address")
    assert caught.value.offset == offset
    assert str(caught.value).startswith(f"offset {offset}: remote address")


@given(st.binary(max_size=40))
def test_hostile_bytes_give_an_endpoint_or_a_format_error(slot):
    offset, address = 0, 0
    try:
        address = decode_slot(slot, 0, "a").address
    except FormatError as error:
        offset = error.offset
    assert 0 <= offset <= SLOT_SIZE
    assert 0 <= address <= AXIS_END


def test_the_same_bad_slot_is_refused_again_and_again():
    for _ in range(3):
        with pytest.raises(FormatError):
            decode_slot(bytes(32), 0, "a")


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        (Endpoint(0, 65536), "port 65536"),
        (Endpoint(0, -1), "port -1"),
        (Endpoint(-1, 0), "not the number of an address"),
        (Endpoint(AXIS_END + 1, 0), "not the number of an address"),
    ],
)
def test_an_endpoint_out_of_range_cannot_be_encoded(endpoint, reason):
    with pytest.raises(CallError, match=f"remote address: .*{reason}"):
        encode_slot(endpoint, "remote address")
