"""Data queues by every interface: the same queue, the same refusals, bounded."""

from decimal import Decimal

import pytest

from simulators.ibmi.objects import MAX_QUEUE
from simulators.ibmi.storage import encode_packed, encode_text, text_at
from simulators.xmlservice.host import ProgramFaultError, SqlFailedError


def text(value, length):
    return bytearray(encode_text(value, length))


def packed(value, digits=5):
    return bytearray(encode_packed(Decimal(value), digits, 0))


def call(world, program, *parameters):
    world.job.call("QSYS", program, None, list(parameters))


def send(world, data, key=None, queue="Q"):
    keyed = () if key is None else (packed(len(key), 3), text(key, len(key)))
    call(world, "QSNDDTAQ", text(queue, 10), text("QGPL", 10), packed(len(data)),
         text(data, len(data)), *keyed)  # fmt: skip


def receive(world, *more, queue="Q", room=20):
    length, data = packed(0), text("", room)
    call(world, "QRCVDTAQ", text(queue, 10), text("QGPL", 10), length, data, packed(0), *more)
    return bytes(length).hex(), text_at(data, 0, room)


def number(value):
    return bytearray(value.to_bytes(4, "big", signed=True))


def test_a_receive_may_leave_the_entry_and_cut_it(world):
    world.ok("CRTDTAQ QGPL/Q MAXLEN(20)")
    send(world, "HELLO")
    keys = (text("", 2), packed(0, 3), text("", 1), packed(0, 3), text("", 1))
    error = bytearray(4)
    assert receive(world, *keys, text("*NO", 10), number(3), error) == ("00005f", "HEL")
    assert receive(world, *keys, text("*YES", 10), number(20), error) == ("00005f", "HELLO")
    assert receive(world) == ("00000f", "")


def test_keys_choose_an_entry_in_programs_and_in_sql(world):
    world.ok("CRTDTAQ QGPL/Q MAXLEN(20) SEQ(*KEYED) KEYLEN(2)")
    for key in ("BB", "AA", "CC"):
        send(world, f"data {key}", key)
    key = text("AB", 2)
    assert receive(world, text("GE", 2), packed(2, 3), key) == ("00007f", "data BB")
    assert text_at(key, 0, 2) == "BB"
    rows = world.sql(
        "SELECT MESSAGE_DATA, KEY_DATA FROM TABLE(QSYS2.RECEIVE_DATA_QUEUE("
        "'Q', 'QGPL', KEY_DATA => 'CC', KEY_ORDER => 'EQ')) X"
    )
    assert rows == [["data CC", "CC"]]
    with pytest.raises(ProgramFaultError) as raised:
        receive(world, text("XX", 2), packed(2, 3), key)
    assert raised.value.message_id == "CPF9502"


def test_clearing_may_be_of_one_key(world):
    world.ok("CRTDTAQ QGPL/Q MAXLEN(20) SEQ(*KEYED) KEYLEN(1)")
    for key in "ABA":
        send(world, key, key)
    call(world, "QCLRDTAQ", text("Q", 10), text("QGPL", 10), text("EQ", 2), packed(1, 3),
         text("A", 1))  # fmt: skip
    assert world.sql("SELECT MESSAGE_DATA FROM TABLE(QSYS2.DATA_QUEUE_ENTRIES('Q', 'QGPL')) X") == [
        ["B"]
    ]
    call(world, "QCLRDTAQ", text("Q", 10), text("QGPL", 10))
    assert receive(world, text("GE", 2), packed(1, 3), text("", 1)) == ("00000f", "")


def test_utf8_is_sent_as_utf8(world):
    world.ok("CRTDTAQ QGPL/Q MAXLEN(20)")
    world.sql("CALL QSYS2.SEND_DATA_QUEUE_UTF8('h\u00e9', 'Q', 'QGPL')")
    world.sql("CALL QSYS2.SEND_DATA_QUEUE('h\u00e9', 'Q', 'QGPL')")
    rows = world.sql(
        "SELECT MESSAGE_DATA_UTF8, HEX(MESSAGE_DATA_BINARY)"
        " FROM TABLE(QSYS2.DATA_QUEUE_ENTRIES('Q', 'QGPL')) X"
    )
    assert rows[0] == ["h\u00e9", "68C3A9"]
    assert rows[1][1] == "8851"


def test_a_queue_is_full_at_its_size_whoever_sends(world):
    world.ok("CRTDTAQ QGPL/Q MAXLEN(64512)")
    queue = world.system.state.object("QGPL", "Q", "*DTAQ").data
    queue.held = MAX_QUEUE - 3  # as if as much were in it
    with pytest.raises(ProgramFaultError) as raised:
        send(world, "four")
    assert raised.value.message_id == "CPF950A"
    with pytest.raises(SqlFailedError, match="CPF950A"):
        world.sql("CALL QSYS2.SEND_DATA_QUEUE('four', 'Q', 'QGPL')")
    send(world, "abc")
    assert queue.held == MAX_QUEUE
    receive(world)
    assert queue.held == MAX_QUEUE - 3
