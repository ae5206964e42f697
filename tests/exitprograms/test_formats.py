"""ACPT0100, CONN0100 and LSTN0100: byte for byte."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.addresses import V6_BASE, format_address, parse_address
from epm.errors import CallError, FormatError
from epm.events import Endpoint, Job
from epm.model import Call, Server
from exitprograms.formats import FORMATS, acpt0100, block_of, conn0100, lstn0100

VECTORS = Path(__file__).parents[1] / "data" / "vectors" / "exit-blocks.jsonl"
MODULES = {m.NAME: m for m in (acpt0100, conn0100, lstn0100)}
VALUES = {"ACPT0100": acpt0100.Accept, "CONN0100": conn0100.Connect, "LSTN0100": lstn0100.Listen}
JOB = Job("SSHD", "QTCP", 123456, "/usr/sbin/sshd", ("QPGMR",))
AT = datetime(2026, 11, 21, 10, 0, 0)

endpoints = st.builds(Endpoint, st.integers(0, V6_BASE + (1 << 40)), st.integers(0, 65535)).filter(
    lambda e: (e.address - V6_BASE) >> 32 != 0xFFFF
)
accepts = st.builds(acpt0100.Accept, endpoints, endpoints, endpoints)
connects = st.builds(conn0100.Connect, endpoints, endpoints)
listens = st.builds(lstn0100.Listen, st.integers(-(1 << 31), (1 << 31) - 1), endpoints)


def at(text, port):
    return Endpoint(parse_address(text), port)


# The worked blocks of IBM's layouts, 32 bytes a line.
WORKED = [
    (
        "ACPT0100",
        """00000010 00020016 00000000 00000000 00000000 00000000 00000000 00000000
           00000010 00020016 C0A8010A 00000000 00000000 00000000 00000000 00000000
           00000010 0002C350 0A010203 00000000 00000000 00000000 00000000 00000000""",
        acpt0100.Accept(at("0.0.0.0", 22), at("192.168.1.10", 22), at("10.1.2.3", 50000)),
    ),
    (
        "ACPT0100",
        """0000001C 00180016 00000000 00000000 00000000 00000000 00000000 00000000
           0000001C 00180016 00000000 20010DB8 00000000 00000000 00000010 00000000
           0000001C 0018C350 00000000 20010DB8 00000000 00000000 000A0123 00000000""",
        acpt0100.Accept(at("::", 22), at("2001:db8::10", 22), at("2001:db8::a:123", 50000)),
    ),
    (
        "CONN0100",
        """00000010 0002C000 C0A8010A 00000000 00000000 00000000 00000000 00000000
           00000010 000201BB 0A090807 00000000 00000000 00000000 00000000 00000000""",
        conn0100.Connect(at("192.168.1.10", 49152), at("10.9.8.7", 443)),
    ),
    (
        "LSTN0100",
        """00000080 00000010 00020016 00000000 00000000 00000000 00000000 00000000 00000000""",
        lstn0100.Listen(128, at("0.0.0.0", 22)),
    ),
]


@pytest.mark.parametrize(("name", "block", "value"), WORKED)
def test_the_worked_blocks_are_met_both_ways(name, block, value):
    module = MODULES[name]
    assert module.encode(value) == bytes.fromhex(block)
    assert module.decode(bytes.fromhex(block)) == value


@pytest.mark.parametrize("line", VECTORS.read_text().splitlines())
def test_the_vectors_are_met_both_ways(line):
    vector = json.loads(line)
    module, block = MODULES[vector["format"]], bytes.fromhex(vector["block"])
    value = module.decode(block)
    assert {name: _plain(getattr(value, name)) for name in vector["holds"]} == vector["holds"]
    assert module.encode(value) == block


def _plain(part):
    return [format_address(part.address), part.port] if isinstance(part, Endpoint) else part


def test_the_sizes_are_96_64_and_36():
    assert {n: f.size for n, f in FORMATS.items()} == {
        "ACPT0100": 96,
        "CONN0100": 64,
        "LSTN0100": 36,
    }


def test_each_format_is_its_servers():
    assert {f.server: n for n, f in FORMATS.items()} == {s: s.format_name for s in Server}


@given(accepts | connects | listens)
def test_what_is_encoded_is_decoded(value):
    module = next(MODULES[n] for n, kind in VALUES.items() if isinstance(value, kind))
    block = module.encode(value)
    assert len(block) == module.SIZE
    assert module.decode(block) == value


@given(accepts | connects | listens)
def test_a_block_becomes_a_call_and_the_call_the_block(value):
    module = next(MODULES[n] for n, kind in VALUES.items() if isinstance(value, kind))
    call = module.to_call(value, JOB, AT)
    assert module.from_call(call) == value
    assert block_of(call) == module.encode(value)


def test_an_accept_call_has_bound_incoming_and_remote_in_their_fields():
    call = acpt0100.to_call(WORKED[0][2], JOB, AT)
    assert call == Call(
        Server.ACCEPT,
        bndaddr=parse_address("0.0.0.0"),
        bndport=22,
        lcladdr=parse_address("192.168.1.10"),
        lclport=22,
        rmtaddr=parse_address("10.1.2.3"),
        rmtport=50000,
        user="QTCP",
        groups=("QPGMR",),
        job="SSHD",
        pgm="/usr/sbin/sshd",
        at=AT,
    )


def test_a_connect_call_has_local_and_destination_and_no_bound_address():
    call = conn0100.to_call(WORKED[2][2], JOB, AT)
    assert call == Call(
        Server.CONNECT,
        lcladdr=parse_address("192.168.1.10"),
        lclport=49152,
        rmtaddr=parse_address("10.9.8.7"),
        rmtport=443,
        user="QTCP",
        groups=("QPGMR",),
        job="SSHD",
        pgm="/usr/sbin/sshd",
        at=AT,
    )


def test_a_listen_call_has_backlog_and_local_only():
    call = lstn0100.to_call(WORKED[3][2], JOB, AT)
    assert call == Call(
        Server.LISTEN,
        lcladdr=parse_address("0.0.0.0"),
        lclport=22,
        backlog=128,
        user="QTCP",
        groups=("QPGMR",),
        job="SSHD",
        pgm="/usr/sbin/sshd",
        at=AT,
    )


def test_a_negative_backlog_is_kept_as_it_was_given():
    block = bytes.fromhex("FFFFFFFF") + bytes.fromhex(WORKED[3][1])[4:]
    assert lstn0100.decode(block).backlog == -1


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("extra", [-1, 1, 4])
def test_a_block_of_a_wrong_size_is_an_error_that_names_where(name, extra):
    size = FORMATS[name].size
    block = (bytes.fromhex(next(b for n, b, _ in WORKED if n == name)) + bytes(4))[: size + extra]
    with pytest.raises(FormatError, match=f"{name} is {size} bytes, this block is") as caught:
        MODULES[name].decode(block)
    assert caught.value.offset == min(size, size + extra)


@pytest.mark.parametrize(
    ("name", "offset", "what"),
    [
        ("ACPT0100", 0, "local bound address"),
        ("ACPT0100", 32, "local incoming address"),
        ("ACPT0100", 64, "remote address"),
        ("CONN0100", 0, "local address"),
        ("CONN0100", 32, "destination address"),
        ("LSTN0100", 4, "local address"),
    ],
)
def test_a_bad_address_is_named_as_ibm_names_it_with_its_offset(name, offset, what):
    block = bytearray.fromhex(next(b for n, b, _ in WORKED if n == name))
    block[offset + 3] = 0
    with pytest.raises(FormatError, match=f"{what} length is 0") as caught:
        MODULES[name].decode(bytes(block))
    assert caught.value.offset == offset


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=110))
def test_hostile_bytes_raise_nothing_but_a_format_error(name, block):
    offset = 0
    try:
        FORMATS[name].call_of(block, JOB, AT)
    except FormatError as error:
        offset = error.offset
    assert 0 <= offset <= FORMATS[name].size


FULL = {n: MODULES[n].to_call(v, JOB, AT) for n, _, v in WORKED}


@pytest.mark.parametrize(
    ("name", "field"),
    [(n, f) for n in ("ACPT0100",) for f in ("bndaddr", "bndport", "lcladdr", "lclport")]
    + [("ACPT0100", "rmtaddr"), ("ACPT0100", "rmtport")]
    + [("CONN0100", f) for f in ("lcladdr", "lclport", "rmtaddr", "rmtport")]
    + [("LSTN0100", f) for f in ("lcladdr", "lclport", "backlog")],
)
def test_a_call_that_lacks_a_field_of_the_block_has_no_block(name, field):
    whole = FULL[name]
    fields = {f: getattr(whole, f) for f in Call.__slots__}
    with pytest.raises(CallError, match=f"{name} cannot be made: the call has no {field}"):
        block_of(Call(**{**fields, field: None}))


def test_a_call_of_another_server_has_no_block_of_the_format():
    with pytest.raises(CallError, match="QSOLISTEN call has no CONN0100 block"):
        conn0100.from_call(FULL["LSTN0100"])


def test_a_backlog_that_is_no_binary_4_cannot_be_encoded():
    with pytest.raises(CallError, match="backlog 2147483648"):
        lstn0100.encode(lstn0100.Listen(1 << 31, at("0.0.0.0", 22)))
