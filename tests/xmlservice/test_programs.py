"""``<pgm>``: storage exactly as a program sees it, and the answer exactly as it leaves it."""

from __future__ import annotations

import pytest

from tests.xmlservice.documents import parm, pgm
from tests.xmlservice.reading import codes, root, texts, values

ZZCALL = """<pgm name='zzcall' lib='xmlservice' var='zz'>
 <parm io='both' var='p1'><data type='1A' var='INCHARA'>a</data></parm>
 <parm io='both'><data type='1A'>b</data></parm>
 <parm io='both'><data type='7p4'>11.1111</data></parm>
 <parm io='both'><data type='12p2'>222.22</data></parm>
 <parm io='both'><ds><data type='1A'>x</data><data type='1A'>y</data>
  <data type='7p4'>66.6666</data><data type='12p2'>77777.77</data></ds></parm>
 <return><data type='10i0'>7</data></return>
</pgm>"""


def test_the_sample_program_gets_its_bytes_and_its_answer_is_decoded(ask, host):
    answer = ask(ZZCALL)
    ((library, program, function, areas),) = host.calls
    assert (library, program, function) == ("XMLSERVICE", "ZZCALL", None)
    assert [area.hex() for area in areas] == [
        "81",
        "82",
        "0111111f",
        "0000000022222f",
        "a7a8" + "0666666f" + "0000007777777f",
    ]
    assert values(answer) == [
        *["C", "D", "321.1234", "1234567890.12"],
        *["E", "F", "333.3330", "4444444444.44", "0"],
    ]
    assert texts(answer, ".//success") == ["+++ success xmlservice zzcall "]


def test_elements_keep_their_order_attributes_and_comments(ask):
    answer = ask(
        "<?xml version='1.0'?>\n<x y='1'>\n"
        + pgm(parm("<data type='2a' var='v' odd='&amp;'>ab</data>", comment="c"), var="z")
        + "</x>"
    )
    assert answer == (
        "<?xml version='1.0'?>\n<x y='1'>\n<pgm name='ECHO' var='z'>\n<parm comment='c'>\n"
        "<data type='2a' var='v' odd='&amp;'>ab</data>\n</parm>\n"
        "<success><![CDATA[+++ success  ECHO ]]></success>\n</pgm>\n</x>"
    )


def test_input_parameters_are_not_answered_and_an_omitted_one_is_no_storage(ask, host):
    answer = ask(
        pgm(
            parm("<data type='1a'>a</data>", io="in")
            + parm("<data type='1a'>b</data>", io="omit")
            + parm("<data type='1a'>c</data>", io="out")
        )
    )
    assert host.calls[0][3] == [b"\x81", None, b"\x83"]
    assert values(answer) == ["c"]
    assert len(root(answer).findall(".//parm")) == 1


def test_an_array_repeats_its_first_value_and_each_element_comes_back(ask, host):
    host.programs["ECHO", None] = lambda p: p[0].__setitem__(slice(2, 4), b"\xc2\x40") or b""
    answer = ask(pgm(parm("<data type='2a' dim='3'>a</data>")))
    assert host.calls[0][3] == [b"\x81\x40" * 3]
    assert values(answer) == ["a", "B", "a"]


def test_dou_shows_as_many_structures_as_the_program_counted(ask, host):
    def count(parameters):
        parameters[0][:] = (2).to_bytes(4, "big")
        parameters[1][3:6] = b"\xf2\xf2\xf2"
        return b""

    host.programs["ECHO", None] = count
    counter = parm("<data type='10i0' enddo='n'>0</data>")
    array = parm("<ds dim='4' dou='n' var='d'><data type='3a'>x</data></ds>")
    assert values(ask(pgm(counter + array))) == ["2", "x", "222"]
    host.programs["ECHO", None] = lambda p: count([p[1], p[0]])
    assert values(ask(pgm(array + counter))) == ["x", "222", "2"]


def test_a_count_beyond_the_array_shows_the_whole_array(ask):
    inner = parm("<data type='10i0' enddo='n'>99</data>") + parm(
        "<ds dim='2' dou='n'><data type='1a'>x</data></ds>"
    )
    assert values(ask(pgm(inner))) == ["99", "x", "x"]


def test_nested_structures_lie_one_behind_the_other(ask, host):
    inner = "<ds dim='2'><data type='1a'>a</data><ds dim='2'><data type='5i0'>1</data></ds></ds>"
    answer = ask(pgm(parm(inner)))
    assert host.calls[0][3] == [bytes.fromhex("810001000181" + "00010001")]
    assert values(answer) == ["a", "1", "1", "a", "1", "1"]


@pytest.mark.parametrize("first", [True, False])
def test_setlen_takes_the_length_of_a_structure_before_or_behind_it(ask, host, first):
    length = parm("<data type='10i0' setlen='r'>0</data>")
    measured = parm(
        "<ds len='r' dim='2'><data type='10i0' setlen='r'>0</data><data type='3a'/></ds>"
    )
    ask(pgm(length + measured if first else measured + length))
    areas = host.calls[0][3]
    assert areas[0 if first else 1] == (14).to_bytes(4, "big")
    assert areas[1 if first else 0][:4] == (14).to_bytes(4, "big")


def test_records_are_read_and_written_between_their_delimiters(ask, host):
    inner = parm(
        "<ds data='records' dim='2'><data type='2a'/><data type='5i0' dim='2'/></ds>"
        "<records delimit=':'>:ab:1:2:cd:3:4:</records>"
    )
    answer = ask(pgm(inner))
    assert host.calls[0][3] == [bytes.fromhex("8182" + "00010002" + "8384" + "00030004")]
    assert texts(answer, ".//records") == [":ab:1:2:cd:3:4:"]
    assert values(answer) == ["", ""]


def test_records_that_are_too_short_fill_up_with_empty_values(ask, host):
    inner = parm(
        "<ds data='records' dim='2'><data type='2a'/></ds><records delimit='|'>|x|</records>"
    )
    assert texts(ask(pgm(inner)), ".//records") == ["|x||"]
    assert host.calls[0][3] == [b"\xa7\x40\x40\x40"]


def test_a_function_gets_its_name_as_written_and_returns_a_value(ask, host):
    answer = ask(pgm("<return><data type='10i0'>0</data></return>", "ZZSRV", func="ZZSTEP"))
    assert host.calls[0][:3] == ("*LIBL", "ZZSRV", "ZZSTEP")
    assert values(answer) == ["42"]
    assert texts(answer, ".//success") == ["+++ success  ZZSRV ZZSTEP "]


def test_a_return_longer_or_shorter_than_its_storage_is_cut_or_kept(ask, host):
    host.programs["ZZSRV", "ZZSTEP"] = lambda p: b"\xc1\xc2\xc3"
    short = "<return><data type='2a'/></return>"
    assert values(ask(pgm(short, "ZZSRV", func="ZZSTEP"))) == ["AB"]
    long = "<return><data type='5a'>zzzzz</data></return>"
    assert values(ask(pgm(long, "ZZSRV", func="ZZSTEP"))) == ["ABCzz"]


def test_a_value_parameter_keeps_its_value_whatever_the_function_does(ask, host):
    host.programs["ZZSRV", "ZZSTEP"] = lambda p: p[0].__setitem__(slice(0, 1), b"\xc9") or b""
    inner = parm("<data type='1a'>a</data>", by="val") + parm("<data type='1a'>a</data>")
    assert values(ask(pgm(inner, "ZZSRV", func="ZZSTEP"))) == ["a", "a"]
    inner = parm("<data type='1a'>a</data>", by="ref")
    assert values(ask(pgm(inner, "ZZSRV", func="ZZSTEP"))) == ["I"]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("<data type='12p2'>1</data>", "1"),
        ("<data type='10a'>ab   </data>", "ab   "),
        ("<data type='4b'>0a</data>", "0a"),
        ("<data type='10i0'/>", "0"),
        ("<ds><data type='5i0'>07</data><data type='5i0'>07</data></ds>", "07"),
    ],
)
def test_a_value_parameter_comes_back_as_it_was_written(ask, data, shown):
    found = values(ask(pgm(parm(data, by="val"), "ZZSRV", func="ZZSTEP")))
    assert found[0] == shown
    assert found[1:] in ([], ["7"])


@pytest.mark.parametrize(
    ("io", "back"), [("inout", False), ("input", False), ("output", True), ("IN", True)]
)
def test_a_direction_is_what_its_word_begins_with(ask, io, back):
    assert bool(values(ask(pgm(parm("<data type='1a'>a</data>", io=io))))) == back


def test_names_may_be_elements_in_hex_of_another_ccsid(ask, host):
    name = "5a5a43414c4c"
    ask(
        f"<pgm error='fast'><name hex='on' before='819/37'>{name}</name><lib>xmlservice</lib>"
        "<parm><data type='1a'>a</data></parm></pgm>"
    )
    assert host.calls[0][:2] == ("XMLSERVICE", "ZZCALL")


@pytest.mark.parametrize("size", [0, 1, 9])
def test_storage_has_its_length_whatever_a_program_does_to_it(ask, host, size):
    host.programs["ECHO", None] = lambda p: p[0].__setitem__(slice(0, None), b"\xc1" * size) or b""
    answer = ask(pgm(parm("<data type='3a'>xyz</data><data type='1b'>01</data>")))
    assert len(values(answer)) == 2


def test_test_marshals_and_calls_nothing(ask, host):
    assert values(ask(pgm(parm("<data type='5p2'>1.5</data>"), "NOSUCH"), "*here *test")) == [
        "1.50"
    ]
    assert host.calls == []


@pytest.mark.parametrize("value", ["abc", "99999", "1.5.5"])
def test_a_value_that_does_not_fit_is_a_copy_in_error_and_nothing_is_called(ask, host, value):
    answer = ask(pgm(parm(f"<data type='5p2'>{value}</data>"), error="fast"))
    assert codes(answer) == ["1100017", "1100008", "1100007", "1100017"]
    assert value in texts(answer, ".//xmlhint")[0]
    assert "decimal data error" in answer
    assert host.calls == []


def test_geometry_that_the_program_does_not_share_is_a_decimal_data_error(ask, host):
    host.programs["ECHO", None] = lambda p: p[0].__setitem__(slice(0, 3), b"\x40\x40\x40") or b""
    answer = ask(pgm(parm("<data type='5p2'>1</data>"), error="fast"))
    assert codes(answer) == ["1100018", "1100010", "1100009", "1100018"]
    assert "404040" in answer
    assert not root(answer).findall(".//parm")


@pytest.mark.parametrize(
    "inner",
    [
        "<parm><data type='3q'>x</data></parm>",
        "<parm><data>x</data></parm>",
        "<parm><data type='9a' dim='99999999'>x</data></parm>",
        "<parm><ds dim='1000000'><ds dim='1000000'><data type='9a'>x</data></ds></ds></parm>",
        "<parm><ds dim='1000000'><data type='100a'>x</data></ds></parm>",
        "<parm><ds dim='1000000' data='records'><ds dim='1000000'/></ds><records/></parm>",
        "<parm><data type='9a'/></parm><overlay io='in' offset='99999999'><data type='2a'/>"
        "</overlay>",
        "<overlay io='in' top='4'><data type='2a'/></overlay>",
    ],
)
def test_a_layout_that_cannot_be_is_an_error_at_once(ask, host, inner):
    answer = ask(pgm(inner, error="fast"))
    assert codes(answer)[0] == "1100017"
    assert host.calls == []


def test_a_parameter_without_a_value_is_none(ask, host):
    ask(pgm("<parm><ds comment='x'/></parm>" + parm("<data type='1a'>a</data>") + "<parm/>"))
    assert [area.hex() for area in host.calls[0][3]] == ["81"]


@pytest.mark.parametrize(
    ("name", "function", "expected"),
    [
        ("NOPGM", None, ["1100016", "1000005", "1100016"]),
        ("ZZSRV", "NOFUNC", ["1100016", "1000008", "1100016"]),
        ("FAULT", None, ["1100016", "1000006", "1100016"]),
    ],
)
def test_a_program_that_is_missing_or_faults_has_its_code(ask, name, function, expected):
    attributes = {"error": "fast"} | ({"func": function} if function else {})
    answer = ask(pgm(parm("<data type='1a'>a</data>"), name, **attributes))
    assert codes(answer) == expected
    assert texts(answer, ".//pgm/error")[0] == f"*** error  {name}" + (
        f" {function} " if function else " "
    )


def test_a_program_that_fails_stops_unless_told_otherwise_and_off_shows_the_job_log(ask):
    inner = parm("<data type='1a'>a</data>")
    assert [child.tag for child in root(ask(pgm(inner, "NOPGM")))] == ["report"]
    off = root(ask("<cmd error='fast'>NOSUCH</cmd>" + pgm(inner, "NOPGM", error="off"))).find("pgm")
    assert off is not None
    assert [child.tag for child in off][-2:] == ["joblogscan", "joblog"]


def test_the_hint_is_the_beginning_of_the_element(ask):
    answer = ask(
        """<pgm error="fast" name="ZZCALLNOT" var="zzcall">"""
        """<parm io="both" var="p1"><data type="1a">a</data></parm></pgm>"""
    )
    assert texts(answer, ".//xmlhint")[0] == (
        """<pgm error="fast" name="ZZCALLNOT" var="zzcall"><parm io="b"""
    )
