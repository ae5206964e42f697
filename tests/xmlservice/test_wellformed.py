"""Whatever a request or the system holds, an answer with it in can be read."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulators.xmlservice.reports import DEFAULT_HEADER, header_of
from simulators.xmlservice.wellformed import attribute, echoed, escaped, in_cdata, plain, resolve
from tests.xmlservice.reading import codes, root, texts, values

REFERENCES = (
    "&",
    "&#0;",
    "&#55296;",
    "&#9999999;",
    "&#\u0666\u0665;",
    "&#x1f;",
    "&#65;",
    "&lt;",
    "&nbsp;",
)
MARKS = ("]]>", "]]", "<", ">", "'", '"', "<![CDATA[", "\0", "\ud800", "\ufffe", "é", "a", "\n")
PIECES = st.lists(st.sampled_from(REFERENCES + MARKS), max_size=12).map("".join)


@settings(deadline=None)
@given(PIECES)
@example("]]&gt;&amp;#0;")
def test_text_is_readable_in_content_and_in_an_attribute(text):
    for fit in (echoed(text), plain(text), escaped(text), in_cdata(text)):
        ET.fromstring(f"<a>{fit}</a>".encode("utf-8", "strict"))
    ET.fromstring(f"<a b='{attribute(text)}'/>".encode())


@settings(deadline=None)
@given(st.text(alphabet="ab<>&;#x'\"]é\t\n", max_size=30))
def test_text_that_is_shown_reads_back_as_it_was(text):
    for fit in (plain(text), escaped(text), in_cdata(text)):
        assert "".join(ET.fromstring(f"<a>{fit}</a>").itertext()) == text
    shown = ET.fromstring(f"<a b='{attribute(text)}'/>").get("b")
    assert shown == text.replace("\t", " ").replace("\n", " ")


@pytest.mark.parametrize(
    ("raw", "means"),
    [("&#65;&#x42;&amp;lt;", "AB&lt;"), ("&#55296;&#x110000;&no;&", "&#55296;&#x110000;&no;&")],
)
def test_references_to_no_character_stay_text(raw, means):
    assert resolve(raw) == means


@pytest.mark.parametrize(
    "declaration",
    [
        "<?xml version='1.0'?>",
        '<?xml version="1.0" encoding="ISO-8859-1" ?>',
        "<?xml version = '1.0' encoding='utf-8' standalone='yes'?>",
    ],
)
def test_a_declaration_is_repeated_as_it_came(ask, declaration):
    assert ask(f"{declaration}\n<s/>") == f"{declaration}\n<s/>"
    assert ask(f"{declaration}<pgm name='NO'/>").startswith(f"{declaration}\n<report>")


def test_stylesheets_are_repeated_before_a_report(ask):
    head = "<?xml version='1.0'?>\r\n<?xml-stylesheet type='text/xsl' href='/DemoXslt.xsl'?>"
    assert ask(f"{head}<pgm name='NO'/>").startswith(f"{head}\n<report>")
    assert ask(f"{head}<s/>", "*here *license").startswith(f"{head}\n<license>")


@pytest.mark.parametrize(
    "declaration", ["<?xml version&#0;='1.0'?>", "<?XML version='1.0'?>", "<?xml v='1'?>"]
)
def test_a_declaration_that_nobody_could_read_is_left_out(ask, declaration):
    assert ask(f"{declaration}<s/>") == "<s/>"
    assert header_of(f"{declaration}<s/>") == DEFAULT_HEADER


def test_instructions_are_repeated_and_a_second_declaration_is_not(ask):
    kept = "<?xml version='1.0'?><?xmlish a?><!-- b --><?c?><s><?d e?>"
    assert ask(f"{kept}<?xml version='1.0'?><?1?></s><?xml version='1.0'?>") == f"{kept}</s>"


def test_an_element_that_is_not_known_is_repeated_whole_wherever_it_stands(ask):
    unknown = "<x y='1'>a &amp;lt; <z><![CDATA[<b>]]></z><w/></x>"
    assert unknown in ask(f"<sql>{unknown}</sql>")
    assert unknown in ask(f"<pgm name='ECHO' lib='QSYS'>{unknown}</pgm>")
    inner = f"<parm>{unknown}<data type='1a'>c</data></parm>"
    assert unknown in ask(f"<pgm name='ECHO' lib='QSYS'>{inner}</pgm>")


def test_text_outside_the_elements_is_left_out(ask):
    answer = ask("<?xml version='1.0'?>junk<s/>more")
    assert answer == "<?xml version='1.0'?><s/>"


def test_a_label_is_shown_once_and_may_hold_a_quote(ask):
    blank = ask("<sql><query conn='' stmt=''>select 1</query><fetch stmt=''/></sql>")
    assert texts(blank, ".//row/data") == ["1"]
    quoted = ask("""<sql><query stmt="a'b">select 1 as "it's"</query><fetch/></sql>""")
    assert root(quoted).find(".//fetch").get("stmt") == "a'b"
    assert root(quoted).find(".//row/data").get("desc") == "IT'S"


@pytest.mark.parametrize("number", ["\u00b2", "\u0663", "1_0", "9" * 40])
def test_what_looks_like_a_number_and_is_none_is_no_internal_error(ask, number):
    dim = f"<pgm name='ECHO' error='fast'><parm><data type='1a' dim='{number}'/></parm></pgm>"
    assert codes(ask(dim))[0] == "1100017"
    block = f"<sql><query>select 1</query><fetch error='fast' block='{number}'/></sql>"
    assert "HY024" in ask(block)
    plain_one = "<pgm name='ECHO'><parm><data type='1a'>a</data></parm></pgm>"
    for ctl in (f"*here *wait({number})", f"*here *before({number}/{number})"):
        assert values(ask(plain_one, ctl)) == ["a"]
