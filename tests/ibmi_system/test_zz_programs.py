"""The sample programs of XMLSERVICE: what each sets, byte for byte."""

from decimal import Decimal

import pytest

from simulators.ibmi.programs import zzsrv6
from simulators.ibmi.programs.image import image, size_of
from simulators.ibmi.storage import encode_packed, encode_text
from simulators.xmlservice.host import ProgramFaultError

LIB = "XMLSERVICE"
RECORD = 10 + 4096 + 4 + 7


def areas(*sizes):
    return [bytearray(size) for size in sizes]


def call(world, name, function, p):
    return world.job.call(LIB, name, function, p)


def test_an_image_is_the_storage_of_its_fields():
    made = image(("5i0", -2), ("3a", "ab"), ("3p1", "-1.5"), ("2s0", 7), ("2h", ""))
    assert made.hex() == "fffe" + "818240" + "015d" + "f0f7" + "0000"
    assert size_of("5i0", "3a", "3p1", "2s0", "2h", "12p2") == len(made) + 7


@pytest.mark.parametrize(("name", "count"), [("ZZNONE", 0), ("ZZMORE", 4), ("ZZSIMP", 18)])
def test_some_programs_only_take_their_parameters(world, name, count):
    p = areas(*[3] * count)
    assert call(world, name, None, p) == b""
    assert p == areas(*[3] * count)
    with pytest.raises(ProgramFaultError, match="number required"):
        call(world, name, None, [*p, bytearray(1)])


def test_a_cl_program_sets_characters(world):
    p = areas(15, 10, 100)
    call(world, "ZZSHLOMO", None, p)
    assert [bytes(x).decode("cp037").rstrip() for x in p] == [
        *("I am 15", "12.2", "ALAN HOW ARE YOU TEST one of one"),
    ]


def test_zzvlad_sets_dates_varying_jobs_and_pay(world):
    p = areas(3 * (10 + 10 + 2 + 64 + 7))
    call(world, "ZZVLAD", None, p)
    second = bytes(p[0][93:186])
    assert second[:20] == encode_text("2010-01-112010-07-12")
    assert second[20:22] == (13).to_bytes(2, "big")
    assert second[22:86] == encode_text("Toad wrangler", 64)
    assert second[86:] == encode_packed(Decimal("4.29"), 12, 2)


def test_zzvlad2_sets_as_many_errors_as_it_is_asked_for(world):
    p = [bytearray(89 * 4), bytearray(encode_packed(Decimal(4), 2, 0))]
    call(world, "ZZVLAD2", None, p)
    ids = [bytes(p[0][at : at + 9]) for at in range(0, 356, 89)]
    assert ids == [
        *(encode_text(str(n) * 8) + bytes([n]) for n in (1, 2, 3)),
        encode_text("4", 8) + b"\x04",
    ]
    with pytest.raises(ProgramFaultError):
        call(world, "ZZVLAD2", None, [bytearray(89), p[1]])


def test_zzvlad3_stops_at_the_first_blank_error(world):
    blank = encode_text("", 8) + bytes(81)
    p = [bytearray(bytes(89) * 2 + blank + bytes(89))]
    call(world, "ZZVLAD3", None, p)
    assert p[0][89:97] == encode_text("22222222")
    assert p[0][178:] == blank + bytes(89)


def test_zzcust_sets_eight_lines_of_an_order(world):
    p = areas(5, 3, 10 * (35 + 6 + 8))
    call(world, "ZZCUST", None, p)
    assert p[1] == encode_packed(Decimal(8), 4, 0)
    seventh = bytes(p[2][6 * 49 : 7 * 49])
    assert seventh == image(("35a", "good item 7"), ("11p3", 7), ("14p4", 700))
    assert p[2][8 * 49 :] == bytes(98)


def test_zzerich_sets_two_hundred_records(world):
    record = 1 + 8 + 30 + 15 * 9 + 15 * 9 + 15
    p = areas(1, 2, 7, 5, 200 * record)
    call(world, "ZZERICH", None, p)
    assert bytes(p[2]) == b"\xf0" * 5 + b"\xf2\xf2"
    assert p[4][199 * record + 39 : 199 * record + 48] == encode_text("000004242")


def test_zzdeep_sets_every_level(world):
    size = 7707
    p = areas(size)
    call(world, "ZZDEEP", None, p)
    whole = bytes(p[0])
    assert whole[:33] == image(("10i0", -1), ("10a", "-1"), ("12p2", "-1.1"), ("12s2", "-1.11"))
    deepest = image(("10i0", 23_405), ("10a", 23_405), ("12p2", "128727.5"), ("12s2", "129897.75"))
    assert whole.count(deepest) == 1
    assert whole.count(image(("10i0", 12_304), ("10a", 12_304))) == 3
    assert whole.endswith(
        image(("60a", "Oh my, this is complex"), ("12s3", "-1.115"), ("12s4", "-1.1156"))
    )
    with pytest.raises(ProgramFaultError):
        call(world, "ZZDEEP", None, areas(size - 1))


def test_zzton_fills_two_records_and_zztonbad_damages_the_second(world):
    sizes = (1, 7, 5, 2 * 8 * 117, 5, 1, 60, 35)
    good, bad = areas(*sizes), areas(*sizes)
    call(world, "ZZSRV", "ZZTON", good)
    call(world, "ZZSRV", "ZZTONBAD", bad)
    half = len(good[3]) // 2
    assert good[3][:half] == good[3][half:] == bad[3][:half]
    assert bad[3][half:] == b"\xc2" * half
    assert bytes(good[3][:7]) == encode_text("1234567")
    assert bytes(good[7]) == encode_text("1 to 35", 35)


def array3(world, function, wanted):
    sizes = (3, 4, 1, 4, 20, 8, 8, 4, 2, 1, 1, 2, 3, 48000)
    levels = [20 * 0 + 10 * (4 - n) + RECORD * 999 for n in (1, 2, 3)]
    number = bytearray(encode_text(f"{wanted:03d}"))
    p = [bytearray(encode_text("Ranger", 10)), number, *areas(*sizes), *areas(*levels)]
    call(world, "ZZSRV6", function, p)
    return p


def test_zzarray3_fills_three_levels(world):
    p = array3(world, "ZZARRAY3", 3)
    assert bytes(p[14]) == encode_text("003")
    third = bytes(p[18][10 + 2 * RECORD : 10 + 3 * RECORD])
    assert third == image(
        ("10a", "Ranger3"), ("4096a", "Test 303"), ("10i0", 33), ("12p2", "40.29")
    )
    assert bytes(p[16][:30]) == encode_text("Ranger", 10) * 3
    assert bytes(array3(world, "ZZARRAY3", 11)[17][30:4126]) == b"\xc2" * 4095 + b"\x40"


def test_zzouch_damages_the_second_level(world):
    p = array3(world, "ZZOUCH", 3)
    assert p[16] == bytes(len(p[16]))
    assert bytes(p[14]) == bytes(3)
    assert bytes(p[17][20 + RECORD : 20 + RECORD + 32768]) == b"\xc4" * 32768
    assert bytes(p[18][10:17]) == encode_text("Ranger1")


@pytest.mark.parametrize(
    ("function", "sizes", "after"),
    [
        ("ZZNULLID", (10, 10), [encode_text("01/07/2014"), encode_text("NULL OFF", 10)]),
        ("ZZBOOL1", (1, 1, 3, 3), [b"\xf1", b"\xf0", bytes(3), encode_text("123")]),
        (
            "ZZOLD1",
            (2, 2, 3, 10),
            [b"\x00\x1f", b"\x00\x2f", b"\0\0\x3f", encode_text("Green", 10)],
        ),
    ],
)
def test_small_functions_set_their_parameters(world, function, sizes, after):
    p = areas(*sizes)
    call(world, "ZZSRV6", function, p)
    assert [bytes(x) for x in p] == after


def test_zzptr1_sets_pointers_that_are_not_null(world):
    p = areas(16, 16, 3, 3)
    call(world, "ZZSRV6", "ZZPTR1", p)
    assert p[0] != p[1]
    assert any(p[0])
    assert bytes(p[3]) == encode_text("123")


def test_zzvary4_has_lengths_of_four_bytes(world):
    given = bytearray(image(("10i0", 4), ("10a", "Gill")))
    made = call(world, "ZZSRV6", "ZZVARY4", [given])
    assert made == image(("10i0", 15), ("20a", "my name is Gill"))
    with pytest.raises(ProgramFaultError):
        call(world, "ZZSRV6", "ZZVARY4", [bytearray(image(("10i0", 11), ("10a", "x")))])


def test_zzconst_joins_its_parameters_in_the_other_order(world):
    p = [bytearray(encode_text("surprise", 17)), bytearray(encode_text("expect", 10))]
    made = call(world, "ZZSRV", "ZZCONST", p)
    assert made == encode_text("expect     surprise", 100)


def test_zzhang_asks_the_operator_and_lets_other_jobs_work(world, monkeypatch):
    monkeypatch.setattr(zzsrv6, "MAX_WAIT", 0.01)
    assert call(world, "ZZSRV", "ZZHANG", []) == b""
    queue = world.system.state.object("QSYS", "QSYSOPR", "*MSGQ").data
    assert "zzhang" in queue.messages[-1].text


def test_a_function_takes_no_notice_of_more_parameters(world):
    assert call(world, "ZZSRV", "ZZNADA", areas(1, 2)) == b""


def test_the_service_itself_cannot_be_called(world):
    with pytest.raises(ProgramFaultError, match="started by its server"):
        call(world, "XMLCGI", None, [])
