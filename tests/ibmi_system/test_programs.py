"""Programs are functions over bytes: a wrong layout gives the faults of a wrong layout."""

from decimal import Decimal

import pytest

from simulators.ibmi.storage import encode_packed, encode_text
from simulators.xmlservice.host import ProgramFaultError, ProgramMissingError


def number(value, size=4):
    return bytearray(value.to_bytes(size, "big", signed=True))


def text(value, length):
    return bytearray(encode_text(value, length))


def fault(world, *call):
    with pytest.raises(ProgramFaultError) as raised:
        world.job.call(*call)
    assert raised.value.message_id in [m.id for m in world.job.log()]
    return raised.value.message_id


def test_zzcall_sets_its_five_parameters(world):
    p = [bytearray(1), bytearray(1), bytearray(4), bytearray(7), bytearray(13)]
    assert world.job.call("XMLSERVICE", "ZZCALL", None, p) == b""
    assert [bytes(x).hex() for x in p] == [
        "c3",
        "c4",
        "3211234f",
        "0123456789012f",
        "c5c6" + "3333330f" + "0444444444444f",
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([bytearray(1)], "MCH0802"),
        ([bytearray(1), None, bytearray(4), bytearray(7), bytearray(13)], "MCH3601"),
        ([bytearray(1), bytearray(1), bytearray(4), bytearray(7), bytearray(12)], "MCH0603"),
    ],
)
def test_zzcall_with_a_wrong_layout(world, parameters, message):
    assert fault(world, "XMLSERVICE", "ZZCALL", None, parameters) == message


def test_what_does_not_exist_is_missing(world):
    for call in (
        ("*LIBL", "ZZCALL", None, []),
        ("XMLSERVICE", "NOPGM", None, []),
        ("NOLIB", "ZZCALL", None, []),
        ("XMLSERVICE", "ZZSRV", "NOFUNC", []),
        ("XMLSERVICE", "ZZSRV", None, []),
        ("QSYS", "QSPRJOBQ", None, []),
    ):
        with pytest.raises(ProgramMissingError):
            world.job.call(*call)


def test_static_storage_is_the_jobs(world):
    def step(job):
        return int.from_bytes(job.call("XMLSERVICE", "ZZSRV", "ZZSTEP", []), "big")

    other = world.system.job("EPMUSER")
    assert [step(world.job), step(world.job), step(other)] == [1, 2, 1]


def test_zzarray_returns_its_records(world):
    count = number(0)
    made = world.job.call("XMLSERVICE", "ZZSRV", "ZZARRAY", [text("Ranger", 10), number(2), count])
    assert len(made) == 999 * (10 + 4096 + 4 + 7)
    assert int.from_bytes(count, "big") == 2
    second = made[4117:8234]
    assert second[:10] == encode_text("Ranger2", 10)
    assert second[10:4106] == encode_text("Test 102", 4096)
    assert second[4106:4110] == (12).to_bytes(4, "big")
    assert second[4110:] == encode_packed(Decimal("26.84"), 12, 2)


def test_zzarrbad_leaves_no_packed_number(world):
    area = bytearray(999 * 4117)
    world.job.call("XMLSERVICE", "ZZSRV", "ZZARRBAD", [text("a", 10), number(3), number(0), area])
    assert area[2 * 4117 : 3 * 4117] == encode_text("B" * 4117)


@pytest.mark.parametrize(
    ("function", "given", "after"),
    [
        ("ZZDATE", "2009-05-11", "2007-09-30"),
        ("ZZDATEUSA", "05/11/2009", "09/30/2007"),
        ("ZZTIME", "09.45.29", "12.34.56"),
        ("ZZTIMEUSA", "09:45 AM", "12:34 PM"),
        ("ZZSTAMP", "2011-12-29-12.45.29.000000", "1960-12-31-12.32.23.000000"),
    ],
)
def test_dates_are_returned_and_changed(world, function, given, after):
    p = text(given, len(given))
    assert world.job.call("XMLSERVICE", "ZZSRV", function, [p]) == encode_text(given)
    assert p == encode_text(after)


def test_varying_and_omitted_parameters(world):
    name = bytearray((6).to_bytes(2, "big") + encode_text("Ranger", 10))
    made = world.job.call("XMLSERVICE", "ZZSRV", "ZZVARY", [name])
    assert made == (17).to_bytes(2, "big") + encode_text("my name is Ranger", 20)
    name[:2] = (11).to_bytes(2, "big")
    assert fault(world, "XMLSERVICE", "ZZSRV", "ZZVARY", [name]) == "MCH0603"
    made = world.job.call("XMLSERVICE", "ZZSRV", "ZZOMIT", [None, text("Bob", 10)])
    assert made[2:].startswith(encode_text("my name is OMIT Bob"))
    assert fault(world, "XMLSERVICE", "ZZSRV", "ZZBOOM", []) == "MCH3601"


def test_a_program_that_breaks_ends_alone(world):
    from simulators.ibmi.objects import ProgramData

    world.job.state.create("QGPL", "BAD", "*PGM", ProgramData(lambda c, p: p[7][0]), public="*USE")
    assert fault(world, "QGPL", "BAD", None, []) == "CPF9999"
    world.ok("DSPLIBL")


SPACE = text("RULES", 10) + text("QGPL", 10)


def make_space(world, size=16):
    world.job.call(
        "QSYS",
        "QUSCRTUS",
        None,
        [
            SPACE,
            text("EPM", 10),
            number(size),
            bytearray(b"\0"),
            text("*EXCLUDE", 10),
            text("t", 50),
        ],
    )


def test_user_spaces_are_shared_by_jobs(world):
    make_space(world)
    world.job.call(
        "QSYS",
        "QUSCHGUS",
        None,
        [SPACE, number(3), number(2), bytearray(b"AB"), bytearray(b"\xf0")],
    )
    receiver = bytearray(4)
    other = world.system.job("QSECOFR")
    other.call("QSYS", "QUSRTVUS", None, [SPACE, number(2), number(4), receiver])
    assert receiver == b"\0AB\0"
    assert (
        fault(world, "QSYS", "QUSRTVUS", None, [SPACE, number(16), number(2), bytearray(2)])
        == "CPF3C14"
    )
    assert (
        fault(
            world.as_user("EPMUSER"),
            "QSYS",
            "QUSRTVUS",
            None,
            [SPACE, number(1), number(1), bytearray(1)],
        )
        == "CPF9802"
    )


def test_an_error_code_takes_the_error(world):
    error = bytearray(16)
    error[:4] = (16).to_bytes(4, "big")
    world.job.call("QSYS", "QUSDLTUS", None, [SPACE, error])
    assert error[8:15] == encode_text("CPF2105")
    assert error[4:8] == (16).to_bytes(4, "big")
    make_space(world)
    world.job.call("QSYS", "QUSDLTUS", None, [SPACE, error])
    assert error[4:8] == bytes(4)
    assert fault(world, "QSYS", "QUSDLTUS", None, [SPACE, bytearray(8)]) == "CPF2105"
    bad = number(4) + bytearray(12)
    assert fault(world, "QSYS", "QUSDLTUS", None, [SPACE, bad]) == "CPF3CF1"


def packed(value, digits=5):
    return bytearray(encode_packed(Decimal(value), digits, 0))


def test_data_queues_keep_their_order(world):
    world.ok("CRTDTAQ QGPL/Q MAXLEN(10)")
    name, library = text("Q", 10), text("QGPL", 10)
    for data in (b"one", b"two"):
        world.job.call(
            "QSYS", "QSNDDTAQ", None, [name, library, packed(len(data)), bytearray(data)]
        )
    assert world.sql(
        "select hex(message_data_binary) from table(qsys2.data_queue_entries('Q','QGPL')) x"
    ) == [
        [b"one".hex().upper()],
        [b"two".hex().upper()],
    ]
    length, receiver = packed(0), bytearray(10)
    world.job.call("QSYS", "QRCVDTAQ", None, [name, library, length, receiver, packed(0)])
    assert (length, receiver[:3]) == (packed(3), b"one")
    assert world.sql(
        "select hex(message_data_binary) from table(qsys2.receive_data_queue('Q','QGPL')) x"
    ) == [[b"two".hex().upper()]]
    world.job.call("QSYS", "QRCVDTAQ", None, [name, library, length, receiver, packed(0)])
    assert length == packed(0)
    assert (
        fault(world, "QSYS", "QSNDDTAQ", None, [name, library, packed(11), bytearray(11)])
        == "CPF950B"
    )
    assert (
        fault(
            world,
            "QSYS",
            "QSNDDTAQ",
            None,
            [name, library, bytearray(b"\xf0\xf0\xf0"), bytearray(1)],
        )
        == "MCH1202"
    )


def test_a_keyed_queue_is_read_by_key(world):
    world.ok("CRTDTAQ QGPL/K MAXLEN(10) SEQ(*KEYED) KEYLEN(2)")
    name, library = text("K", 10), text("QGPL", 10)
    for key, data in ((b"bb", b"2"), (b"aa", b"1")):
        world.job.call(
            "QSYS",
            "QSNDDTAQ",
            None,
            [name, library, packed(1), bytearray(data), packed(2, 3), bytearray(key)],
        )
    length, receiver, key = packed(0), bytearray(10), bytearray(b"bb")
    call = [
        name,
        library,
        length,
        receiver,
        packed(0),
        text("GE", 2),
        packed(2, 3),
        key,
        packed(0, 3),
        bytearray(1),
    ]
    world.job.call("QSYS", "QRCVDTAQ", None, call)
    assert receiver[:1] == b"2"
    for data in (b"cc", b"bb", b"ab"):
        sent = [name, library, packed(2), bytearray(data), packed(2, 3), bytearray(data)]
        world.job.call("QSYS", "QSNDDTAQ", None, sent)
    key[:] = b"ab"
    call[5] = text("GT", 2)
    world.job.call("QSYS", "QRCVDTAQ", None, call)
    assert (receiver[:2], key) == (b"bb", b"bb")


def test_qcmdexc_runs_and_fails_as_the_command_does(world):
    command = "CRTLIB EPM"
    call = [text(command, len(command)), bytearray(encode_packed(Decimal(len(command)), 15, 5))]
    world.job.call("QSYS", "QCMDEXC", None, call)
    assert fault(world, "QSYS", "QCMDEXC", None, call) == "CPF2111"


def test_qusrjobi_and_qusrobjd_fill_what_fits(world):
    receiver = bytearray(86)
    call = [receiver, number(86), text("JOBI0100", 8), text("*", 26), text("", 16)]
    world.job.call("QSYS", "QUSRJOBI", None, call)
    assert receiver[:8] == (86).to_bytes(4, "big") * 2
    assert receiver[8:34] == encode_text("QSQSRVR", 10) + encode_text("EPMADM", 10) + encode_text(
        world.job.number
    )
    call[2] = text("JOBI9999", 8)
    assert fault(world, "QSYS", "QUSRJOBI", None, call) == "CPF3C21"
    small = bytearray(20)
    name = text("ZZCALL", 10) + text("XMLSERVICE", 10)
    world.job.call(
        "QSYS", "QUSROBJD", None, [small, number(20), text("OBJD0100", 8), name, text("*PGM", 10)]
    )
    assert small == (20).to_bytes(4, "big") + (90).to_bytes(4, "big") + encode_text(
        "ZZCALL", 10
    ) + encode_text("XM")


def test_qwcrdtaa_returns_packed_numbers(world):
    world.ok("CRTDTAARA QGPL/N TYPE(*DEC) LEN(5 2) VALUE(-1.25)")
    receiver = bytearray(39)
    name = text("N", 10) + text("QGPL", 10)
    world.job.call("QSYS", "QWCRDTAA", None, [receiver, number(39), name, number(-1), number(1)])
    assert receiver[8:12] == encode_text("*DEC")
    assert receiver[28:36] == (5).to_bytes(4, "big") + (2).to_bytes(4, "big")
    assert receiver[36:] == b"\x00\x12\x5d"


def test_qsygetph_checks_a_password(world):
    handle = bytearray(12)
    world.job.call("QSYS", "QSYGETPH", None, [text("EPMUSER", 10), text("opensesame", 10), handle])
    assert handle != bytes(12)
    assert (
        fault(world, "QSYS", "QSYGETPH", None, [text("EPMUSER", 10), text("no", 10), handle])
        == "CPF22E2"
    )


def test_quslobj_lists_into_a_user_space(world):
    make_space(world, 4096)
    call = [SPACE, text("OBJL0100", 8), text("ZZC*", 10) + text("XMLSERVICE", 10), text("*ALL", 10)]
    world.job.call("QSYS", "QUSLOBJ", None, call)
    head = bytearray(192)
    world.job.call("QSYS", "QUSRTVUS", None, [SPACE, number(1), number(192), head])
    offset, size, count, each = (
        int.from_bytes(head[n : n + 4], "big") for n in (124, 128, 132, 136)
    )
    assert (offset, size, count, each) == (192, 60, 2, 30)
