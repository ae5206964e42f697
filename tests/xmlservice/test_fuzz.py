"""Laws over hostile documents: every one is answered, well-formed, within bounds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.xmlservice.cgi import respond
from simulators.xmlservice.service import Service
from tests.xmlservice.tinyhost import TinyHost

NAMES = st.sampled_from(
    [
        "cmd",
        "sh",
        "qsh",
        "diag",
        "sql",
        "query",
        "fetch",
        "prepare",
        "execute",
        "parm",
        "return",
        "overlay",
        "pgm",
        "ds",
        "data",
        "records",
        "options",
        "connect",
        "commit",
        "free",
        "count",
        "describe",
        "rowcount",
        "identity",
        "tables",
        "start",
        "stop",
        "x",
    ]
)
HOSTILE = st.sampled_from(
    ["", "\u00b2", "9" * 30, "&#0;", "&#55296;", "&#9999999;", "]]>", "-1", "1e5", "NaN"]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        [
            "exec",
            "error",
            "name",
            "lib",
            "func",
            "mode",
            "io",
            "by",
            "dim",
            "dou",
            "enddo",
            "len",
            "setlen",
            "offset",
            "next",
            "setnext",
            "top",
            "type",
            "varying",
            "hex",
            "before",
            "after",
            "trim",
            "data",
            "delimit",
            "conn",
            "stmt",
            "block",
            "rec",
            "desc",
            "options",
        ]
    ),
    st.sampled_from(
        [
            "on",
            "off",
            "fast",
            "system",
            "rexx",
            "ECHO",
            "ZZSRV",
            "ZZSTEP",
            "in",
            "out",
            "both",
            "omit",
            "val",
            "0",
            "1",
            "2",
            "3",
            "99",
            "L",
            "M",
            "10a",
            "5p2",
            "3s0",
            "4b",
            "10i0",
            "8f2",
            "6h",
            "819/37",
            "37/819",
            "1/2",
            "records",
            ":",
            "s",
            "all",
        ]
    )
    | HOSTILE
    | st.text(alphabet="a1/<&\"'é\x00", max_size=6),
    max_size=5,
)
TEXTS = (
    st.sampled_from(
        ["", "1", "-2.5", "abc", "select 1", "select * from animal", "RTVJOBA CCSID(?N)", "echo x"]
    )
    | HOSTILE
    | st.text(max_size=8)
)


def element(name, attributes, content) -> str:
    pairs = "".join(f" {key}='{value.replace(chr(39), '')}'" for key, value in attributes.items())
    return f"<{name}{pairs}>{''.join(content)}</{name}>"


def documents():
    leaf = TEXTS.map(lambda text: text.replace("<", "&lt;")) | TEXTS.map(
        lambda text: f"<![CDATA[{text.replace(']]>', '')}]]>"
    )
    return st.recursive(
        leaf,
        lambda inner: st.builds(element, NAMES, ATTRIBUTES, st.lists(inner, max_size=4)),
        max_leaves=12,
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(documents(), min_size=1, max_size=3), st.sampled_from(["", "*cdata", "*escp"]))
def test_any_document_of_known_elements_has_a_well_formed_answer(parts, control):
    host = TinyHost()
    service = Service(host)
    answer = service.answer("FRED", "", f"*here {control}", f"<s>{''.join(parts)}</s>", 1_000_000)
    ET.fromstring(answer)
    assert answer.startswith(("<s>", "<?xml"))
    # The boundary that catches what nobody expected shows the kind of the exception.
    assert not re.search(r"<xmlhint><!\[CDATA\[\w+Error\]\]>", answer)
    assert all(job.ended for job in host.jobs)
    host.db.close()


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=80), st.text(alphabet="*herbatcgdx()/0123456789 -", max_size=40))
def test_any_text_and_any_control_words_are_answered(text, control):
    host = TinyHost()
    service = Service(host)
    service.answer("FRED", "", f"*here {control}", text, 1000)
    service.close()
    host.db.close()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120))
def test_any_body_is_answered(body):
    host = TinyHost()
    respond(Service(host), b"uid=fred&pwd=secret&ctl=*here&xmlin=" + body)
    host.db.close()
