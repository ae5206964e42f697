"""The tolerant reader: what real clients send is read, what could harm is refused."""

from __future__ import annotations

import contextlib
import time
from xml.dom import minidom

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import FormatError
from simulators.xmlservice.document import Element, parse
from simulators.xmlservice.wellformed import echoed, resolve


def only(text: str) -> Element:
    (element,) = [part for part in parse(text) if isinstance(part, Element)]
    return element


def test_attributes_of_either_quote_and_with_a_gt_inside_are_read():
    element = only("""<cmd var='a>b' exec="rexx" x = 'y'>t</cmd>""")
    assert dict(element.attributes) == {"var": "a>b", "exec": "rexx", "x": "y"}
    assert element.start == """<cmd var='a>b' exec="rexx" x = 'y'>"""


def test_cdata_is_kept_as_it_is_and_references_outside_are_resolved():
    element = only("<q>a &lt; b <![CDATA[&lt;]]>&#65;&#x42;&unknown; R&D</q>")
    assert element.text == "a < b &lt;AB&unknown; R&D"
    assert element.cdata


@pytest.mark.parametrize(
    "tag", ["<cmd mod\u00b2e='a' b='c'>", "<cmd\u00a0 b='c'>", "<cmd b='c' e>"]
)
def test_a_tag_that_is_no_xml_is_repeated_as_far_as_it_can_be_read(tag):
    element = only(f"{tag}</cmd>")
    assert element.get("b") == "c"
    assert minidom.parseString(f"{element.start}</cmd>").documentElement.getAttribute("b") == "c"


def test_text_that_strict_xml_refuses_is_read():
    assert only("<query>a < 5 and b > 3 & c</query>").text == "a < 5 and b > 3 & c"


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
        "<a><!ENTITY b 'c'></a>",
        "<a>",
        "<a></b>",
        "</a>",
        "<a",
        "<a x='1",
        "<![CDATA[x",
        "<!-- x",
        "<?xml",
        "<a>" * 200 + "</a>" * 200,
    ],
)
def test_what_cannot_be_a_document_is_refused_with_its_offset(text):
    with pytest.raises(FormatError, match=r"^offset \d+: "):
        parse(text)


@pytest.mark.parametrize(
    "piece",
    ["<a/>", "<", "&", "<a x='", "x<![CDATA[y]]>", "<!--z-->", "a=", "<a b" + "c" * 15_000 + ">"],
)
def test_a_large_document_takes_time_in_proportion(piece):
    # Processor time and far more than is used: what grew with the square would take many minutes.
    begin = time.process_time()
    with contextlib.suppress(FormatError):
        parse(piece * (300_000 // len(piece)))
    assert time.process_time() - begin < 60


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_what_is_echoed_is_well_formed(text):
    with contextlib.suppress(FormatError):
        parse(text)
    minidom.parseString(f"<a>{echoed(text)}</a>".encode("utf-8", errors="replace"))
    resolve(text)
