"""The blocks that are built straight from kernel addresses are the documented ones."""

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.addresses import from_v4, from_v6
from epm.events import Endpoint
from exitprograms.formats import acpt0100, conn0100, lstn0100
from simulators.linux import blocks

ports = st.integers(0, 65535)


def v4(address, port):
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, packed(address))


def v6(address, port, flow=0, scope=0):
    head = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16s", port, flow, packed(address))
    return head + struct.pack("=I", scope)


def packed(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_pton(family, address)


# Worked blocks (IBM documentation of the formats; assumptions A1, A2, A3).
ACPT_V4 = """
00000010 00020016 00000000 00000000 00000000 00000000 00000000 00000000
00000010 00020016 C0A8010A 00000000 00000000 00000000 00000000 00000000
00000010 0002C350 0A010203 00000000 00000000 00000000 00000000 00000000
"""
ACPT_V6 = """
0000001C 00180016 00000000 00000000 00000000 00000000 00000000 00000000
0000001C 00180016 00000000 20010DB8 00000000 00000000 00000010 00000000
0000001C 0018C350 00000000 20010DB8 00000000 00000000 000A0123 00000000
"""
CONN_V4 = """
00000010 0002C000 C0A8010A 00000000 00000000 00000000 00000000 00000000
00000010 000201BB 0A090807 00000000 00000000 00000000 00000000 00000000
"""
LSTN_V4 = """
00000080 00000010 00020016 00000000 00000000 00000000 00000000 00000000 00000000
"""


def test_accept_over_ipv4():
    built = blocks.accept_block(
        v4("0.0.0.0", 22), v4("192.168.1.10", 22), v4("10.1.2.3", 50000)
    )  # fmt: skip
    assert built == bytes.fromhex(ACPT_V4)


def test_accept_over_ipv6():
    built = blocks.accept_block(
        v6("::", 22), v6("2001:db8::10", 22), v6("2001:db8::a:123", 50000)
    )  # fmt: skip
    assert built == bytes.fromhex(ACPT_V6)


def test_connect():
    built = blocks.connect_block(v4("192.168.1.10", 49152), v4("10.9.8.7", 443))
    assert built == bytes.fromhex(CONN_V4)


def test_listen():
    assert blocks.listen_block(128, v4("0.0.0.0", 22)) == bytes.fromhex(LSTN_V4)


@pytest.mark.parametrize("backlog", [0, -1, 2**31 - 1, -(2**31)])
def test_a_backlog_is_a_signed_number(backlog):
    built = blocks.listen_block(backlog, v4("0.0.0.0", 22))
    assert lstn0100.decode(built).backlog == backlog


def test_a_mapped_address_becomes_its_ipv4_slot():
    assert blocks.slot(v6("::ffff:10.1.2.3", 80)) == blocks.slot(v4("10.1.2.3", 80))


def test_flow_and_scope_are_kept_in_network_order():
    slot = blocks.slot(v6("fe80::1", 80, flow=0x01020304, scope=7))
    assert slot[8:12] == bytes.fromhex("01020304")
    assert slot[28:] == bytes.fromhex("00000007")


def test_an_address_without_scope_is_taken():
    raw = v6("2001:db8::1", 80)[:24]
    assert blocks.is_inet(raw)
    assert blocks.slot(raw) == blocks.slot(v6("2001:db8::1", 80))


@pytest.mark.parametrize("raw", [
    b"", b"\x02", v4("1.2.3.4", 5)[:15], v6("::1", 5)[:23], b"\x01\x00/tmp/socket\x00", bytes(16),
])  # fmt: skip
def test_what_the_kernel_would_not_take_is_no_address(raw):
    assert not blocks.is_inet(raw)


addresses = st.one_of(
    st.builds(lambda n, p: (v4(socket.inet_ntoa(n.to_bytes(4, "big")), p),
                            Endpoint(from_v4(n), p)), st.integers(0, 2**32 - 1), ports),
    st.builds(lambda n, p: (v6(socket.inet_ntop(socket.AF_INET6, n.to_bytes(16, "big")), p),
                            Endpoint(from_v6(n), p)), st.integers(0, 2**128 - 1), ports),
)  # fmt: skip


@given(addresses, addresses, addresses)
def test_the_exit_program_reads_what_was_meant(bound, incoming, remote):
    value = acpt0100.decode(blocks.accept_block(bound[0], incoming[0], remote[0]))
    assert (value.bound, value.incoming, value.remote) == (bound[1], incoming[1], remote[1])
    pair = conn0100.decode(blocks.connect_block(bound[0], remote[0]))
    assert (pair.local, pair.destination) == (bound[1], remote[1])


@given(addresses, addresses, addresses, st.integers(-(2**31), 2**31 - 1))
def test_the_blocks_are_those_that_the_formats_build_from_endpoints(a, b, c, backlog):
    (bound, at_bound), (incoming, at_incoming), (remote, at_remote) = a, b, c
    accept = acpt0100.Accept(at_bound, at_incoming, at_remote)
    assert blocks.accept_block(bound, incoming, remote) == acpt0100.encode(accept)
    connect = conn0100.Connect(at_bound, at_remote)
    assert blocks.connect_block(bound, remote) == conn0100.encode(connect)
    assert blocks.listen_block(backlog, bound) == lstn0100.encode(
        lstn0100.Listen(backlog, at_bound)
    )


@given(addresses)
def test_an_endpoint_is_its_number_and_port(address):
    assert blocks.endpoint(address[0]) == address[1]
    assert blocks.known_endpoint(address[0]) == address[1]
