"""Overlays: another view of the storage that parameters made."""

from __future__ import annotations

from tests.xmlservice.documents import parm, pgm
from tests.xmlservice.reading import codes, values


def test_an_overlay_reads_the_last_parameter_or_the_one_that_top_names(ask):
    inner = (
        parm("<data type='8b'>C1C2C3C4C5C6C7C8</data>", io="in")
        + parm("<data type='4b'>F1F2F3F4</data>", io="in")
        + "<overlay io='out'><data type='2a'/></overlay>"
        + "<overlay io='out' top='on' offset='6'><data type='2a'/></overlay>"
        + "<overlay io='out' top='1' offset='2'><data type='2a'/></overlay>"
    )
    assert values(ask(pgm(inner))) == ["12", "GH", "CD"]


def test_an_overlay_that_goes_in_writes_over_the_parameter(ask, host):
    inner = parm("<data type='6b'>000000000000</data>", io="in") + (
        "<overlay io='in' offset='2'><data type='5i0'>258</data></overlay>"
    )
    ask(pgm(inner))
    assert host.calls[0][3] == [bytes.fromhex("000001020000")]


def test_an_overlay_follows_an_offset_and_each_next_that_the_program_set(ask, host):
    def chain(parameters):
        data = parameters[0]
        data[0:4] = (8).to_bytes(4, "big")
        data[8:14] = (20).to_bytes(4, "big") + b"\xc1\xc1"
        data[20:26] = (14).to_bytes(4, "big") + b"\xc2\xc2"
        data[14:20] = (0).to_bytes(4, "big") + b"\xc3\xc3"
        data[4:8] = (3).to_bytes(4, "big")
        return b""

    host.programs["ECHO", None] = chain
    inner = (
        parm(
            "<data type='10i0' offset='first'>0</data><data type='10i0' enddo='n'/>"
            "<data type='40h'/>"
        )
        + "<overlay io='out' offset='first' dim='9' dou='n' setnext='link'>"
        "<data type='10i0' next='link'/><data type='2a'/></overlay>"
    )
    assert values(ask(pgm(inner))) == ["8", "3", "", "20", "AA", "14", "BB", "0", "CC"]


def test_parameters_lie_one_behind_the_other_for_an_overlay(ask):
    inner = (
        parm("<data type='3a'>abc</data>", io="in")
        + parm("<data type='2b'>C1C2</data>", io="in")
        + "<overlay io='out' top='on' offset='2'><data type='2a'/></overlay>"
        + "<overlay io='out' top='on'><ds dim='2'><data type='1a'/><data type='1a'/></ds></overlay>"
    )
    assert values(ask(pgm(inner))) == ["cA", "a", "b", "c", "A"]


def test_an_overlay_may_begin_in_a_later_parameter(ask):
    three = "".join(parm(f"<data type='2a'>{two}</data>", io="in") for two in ("ab", "cd", "ef"))
    omitted = parm("", io="omit")
    inner = three + omitted + "<overlay io='out' top='on' offset='3'><data type='3a'/></overlay>"
    assert values(ask(pgm(inner))) == ["def"]


def test_behind_the_last_parameter_there_are_zeros(ask):
    inner = parm("<data type='4b'/>") + "<overlay io='out' offset='3'><data type='2b'/></overlay>"
    assert values(ask(pgm(inner))) == ["00000000", "0000"]
    packed = parm("<data type='4b'/>") + "<overlay io='out' offset='3'><data type='2p0'/></overlay>"
    assert codes(ask(pgm(packed, error="fast")))[0] == "1100018"


def test_an_input_overlay_may_make_its_parameter_longer(ask, host):
    inner = (
        parm("<data type='2a'>ab</data>", io="in")
        + "<overlay io='both' top='on'><data type='2a'>cd</data><data type='2a'>ef</data></overlay>"
    )
    assert values(ask(pgm(inner))) == ["cd", "ef"]
    assert [area.hex() for area in host.calls[0][3]] == ["83848586"]
    gap = parm("<data type='1a'>a</data>") + (
        "<overlay io='in' top='on' offset='3'><data type='1a'>b</data></overlay>"
    )
    ask(pgm(gap))
    assert [area.hex() for area in host.calls[1][3]] == ["81000082"]


def test_an_overlay_sees_a_returned_value_beyond_what_was_asked_for(ask, host):
    host.programs["ECHO", "GIVE"] = lambda p: b"\xc1\xc2\xc3\xc4"
    inner = (
        "<return><data type='2h'/></return><overlay io='out' offset='2'><data type='2a'/></overlay>"
    )
    assert values(ask(pgm(inner, func="GIVE")))[-1] == "CD"
