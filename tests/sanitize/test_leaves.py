"""From a request to its payload leaves: what each kind of body holds, and what it may not do."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import CallError
from epm.sanitize.leaves import leaves
from epm.sanitize.request import Limits, Request, attribute, request_from_mapping

LIMITS = Limits()


def found(body: bytes | str = b"", content_type: str | None = None, query: str = "", **more):
    data = body.encode() if isinstance(body, str) else body
    limits = more.pop("limits", LIMITS)
    request = Request("/x", query=query, content_type=content_type, body=data, **more)
    return [(leaf.attribute, leaf.payload) for leaf in leaves(request, limits)]


def doubtful(body: bytes | str, content_type: str, **more) -> bool:
    data = body.encode() if isinstance(body, str) else body
    limits = more.pop("limits", LIMITS)
    request = Request("/x", content_type=content_type, body=data, **more)
    return [(leaf.attribute, leaf.doubtful) for leaf in leaves(request, limits)] == [("BODY", True)]


JSON, FORM, XML = "application/json", "application/x-www-form-urlencoded", "application/xml"
PARTS = 'multipart/form-data; boundary="XX"'


# ------------------------------------------------------------------------- query and form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1&b=2", [("a", "1"), ("b", "2")]),
        ("a=1&a=2", [("a", "1"), ("a", "2")]),
        ("a=&b", [("a", ""), ("b", "")]),
        ("a=x+y%20z%26", [("a", "x y z&")]),
        ("a=b=c", [("a", "b=c")]),
        ("&&a=1&", [("a", "1")]),
        ("%61=1", [("a", "1")]),
        ("=1", [("", "1")]),
        ("a=%ff", [("a", "\udcff")]),
        ("a=%E6%BC%A2", [("a", "漢")]),
    ],
)
def test_a_query_and_a_form_hold_parameters(text: str, expected: list[tuple[str, str]]) -> None:
    named = [(attribute("PARAMETER", name), value) for name, value in expected]
    assert found(query=text) == named
    assert found(text, FORM) == named
    assert found(text, f"{FORM}; charset=UTF-8") == named


def test_a_bare_word_that_is_no_name_is_its_own_payload() -> None:
    assert found(query="<script>") == [('PARAMETER["<script>"]', "<script>")]


def test_query_and_body_are_both_read() -> None:
    assert [name for name, _ in found("b=2", FORM, query="a=1")] == [
        'PARAMETER["a"]',
        'PARAMETER["b"]',
    ]


def test_quotes_in_a_name_are_escaped() -> None:
    assert attribute("MAP_KEY", 'a"b\\') == 'MAP_KEY["a\\"b\\\\"]'


# ----------------------------------------------------------------------------------- JSON


def test_json_string_leaves_bear_their_members_names() -> None:
    body = '{"a": "x", "b": {"c": ["y", {"d": "z"}, ["w"]]}, "n": 1.5, "t": true, "u": null}'
    assert found(body, JSON) == [
        ('MAP_KEY["a"]', "x"),
        ('MAP_KEY["c"]', "y"),
        ('MAP_KEY["d"]', "z"),
        ('MAP_KEY["c"]', "w"),
    ]


def test_a_leaf_knows_its_path_and_what_holds_it() -> None:
    request = Request("/x", content_type=JSON, body=b'{"a": {"b": ["y"]}}')
    (leaf,) = leaves(request, LIMITS)
    assert (leaf.name, leaf.path, leaf.class_name) == ("b", "a.b", "builtins.list")


def test_both_of_two_equal_keys_are_leaves() -> None:
    assert [p for _, p in found('{"a": "x", "a": "<script>"}', JSON)] == ["x", "<script>"]


@pytest.mark.parametrize("kind", [JSON, "text/json", "application/problem+json; charset=utf-8"])
def test_every_json_type_is_json(kind: str) -> None:
    assert found('{"a": "x"}', kind) == [('MAP_KEY["a"]', "x")]


def test_json_without_members_is_the_body() -> None:
    assert found('"x"', JSON) == [("BODY", "x")]
    assert found('["x", ["y"]]', JSON) == [("BODY", "x"), ("BODY", "y")]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_may_be_in_any_unicode_coding(coding: str) -> None:
    assert found('{"a": "é"}'.encode(coding), JSON) == [('MAP_KEY["a"]', "é")]


def test_keys_are_payloads_where_that_is_asked_for() -> None:
    keys = Limits(check_keys=True)
    assert found('{"<script>": 1}', JSON, limits=keys) == [('MAP_KEY["<script>"]', "<script>")]
    assert [p for _, p in found(query="a=1", limits=keys)] == ["a", "1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a":',
        b"\xff\xfe{",
        b"<script>",
        b'{"a": \x00}',
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b'{"a": "\xff"}',
        b'["x"' + b"]" * 3,
        b"nope",
    ],
)
def test_what_is_not_json_is_a_doubtful_body(body: bytes) -> None:
    assert doubtful(body, JSON) or body == b""


def test_depth_is_limited() -> None:
    limits = Limits(depth=3)
    assert not doubtful('{"a": {"b": ["x"]}}', JSON, limits=limits)
    assert doubtful('{"a": {"b": [["x"]]}}', JSON, limits=limits)


def test_a_number_of_any_length_costs_nothing() -> None:
    assert found(b'{"a": ' + b"9" * 100_000 + b', "b": "x"}', JSON) == [('MAP_KEY["b"]', "x")]


# ------------------------------------------------------------------------------------ XML


def test_xml_text_and_attributes_are_leaves() -> None:
    body = '<m:a xmlns:m="u" b="1"> <c>x &lt; y</c>tail<d/><e><![CDATA[<z>]]></e></m:a>'
    assert found(body, XML) == [
        ('OBJECT_FIELD["b"]', "1"),
        ('OBJECT_FIELD["c"]', "x < y"),
        ('OBJECT_FIELD["e"]', "<z>"),
        ('OBJECT_FIELD["a"]', " tail"),
    ]


_LEVELS = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE a [<!ENTITY b0 "cccc">{_LEVELS}]><a>&b9;</a>'


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x"><a/>',
        "<a>" * 10_000,
        "<a>",
        "{}",
        "",
        "<a>&nosuch;</a>",
        '<?xml version="1.0" encoding="nosuch"?><a/>',
        "<a></b>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    ],
)
def test_what_is_not_plain_xml_is_a_doubtful_body(body: str) -> None:
    assert doubtful(body, XML) or body == ""


def test_an_entity_bomb_is_not_expanded() -> None:
    tracemalloc.start()
    assert doubtful(BOMB, XML)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


# ------------------------------------------------------------------------------ multipart


def part(head: str, body: str) -> str:
    return f"--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n"


def test_multipart_fields_and_file_names_are_leaves() -> None:
    body = (
        part('name="a"', "<script>")
        + part('name="f"; filename="../../x.png"', "' or 1=1--")
        + part('name="a"', "2")
        + "--XX--\r\n"
    )
    assert found(body, PARTS) == [
        ('PARAMETER["a"]', "<script>"),
        ('PARAMETER["f"]', "../../x.png"),
        ('PARAMETER["a"]', "2"),
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (part('name="a"', "x"), PARTS),  # cut off
        ("no parts", PARTS),
        (part('name="a"', "x") + "--XX--\r\n", "multipart/form-data"),
        (part(f'name="{"a" * 9000}"', "x") + "--XX--\r\n", PARTS),
    ],
)
def test_what_is_not_multipart_is_a_doubtful_body(body: str, kind: str) -> None:
    assert doubtful(body, kind)


# ---------------------------------------------------------------------------- other bodies


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/octet-stream", "x"])
def test_any_other_text_is_the_body_itself(kind: str | None) -> None:
    assert found("' or 1=1--", kind) == [("BODY", "' or 1=1--")]


def test_bytes_that_are_no_text_are_doubtful() -> None:
    assert doubtful(b"\x89PNG\xff", "image/png")
    assert doubtful(b"a=\xff", FORM)


@pytest.mark.parametrize("charset", ["ibm037", "cp500", "utf-16", '"utf-16le"', "cp1252"])
def test_a_form_is_read_in_its_character_set(charset: str) -> None:
    codec = charset.strip('"')
    raw = "a=<script>".encode(codec)
    request = Request("/", content_type=f"{FORM}; charset={charset}", body=raw)
    assert [leaf.payload for leaf in leaves(request, Limits())] == ["<script>"]


def test_utf7_is_read_though_it_is_ascii() -> None:
    request = Request("/", content_type=f"{FORM}; charset=UTF-7", body=b"a=+ADw-b")
    assert [leaf.payload for leaf in leaves(request, Limits())] == ["<b"]


def test_what_is_percent_encoded_is_read_in_the_character_set() -> None:
    coded = "a=" + "".join(f"%{byte:02x}" for byte in "<é>".encode("cp037"))
    request = Request("/", "POST", coded, f"{FORM};charset=IBM037", coded.encode())
    assert [leaf.payload for leaf in leaves(request, Limits())] == ["<é>", "<é>"]


def test_an_unknown_character_set_is_doubtful() -> None:
    request = Request("/", content_type=f"{FORM}; charset=x-{'y' * 30}", body=b"a=1")
    assert [(leaf.payload, leaf.doubtful) for leaf in leaves(request, Limits())] == [("a=1", True)]


@pytest.mark.parametrize("body", ['{"a":"\' or 1=1--"}', "<a>b</a>", '\r\n ["a=b"]'])
def test_json_or_xml_that_calls_itself_a_form_is_a_doubtful_body(body: str) -> None:
    request = Request("/", content_type=FORM, body=body.encode())
    (leaf,) = leaves(request, Limits())
    assert (leaf.attribute, leaf.payload, leaf.doubtful) == ("BODY", body, True)


PART = '--x\r\nContent-Disposition: form-data; name="a"{}\r\n\r\n{}\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("header", "value", "payloads"),
    [
        ("\r\nContent-Transfer-Encoding: base64", "PHNjcmlwdD4=", ["PHNjcmlwdD4=", "<script>"]),
        ("\r\nContent-Transfer-Encoding: base64", "<script>", ["<script>"]),
        ("\r\nContent-Transfer-Encoding: base64", "<YWFh>", ["<YWFh>", "aaa"]),
        (
            "\r\nContent-Transfer-Encoding: Quoted-Printable",
            "=3Cscript>",
            ["=3Cscript>", "<script>"],
        ),
        ("\r\nContent-Transfer-Encoding: 8bit", "=3C", ["=3C"]),
        ("; filename*=utf-8''..%2fx", "y", ["../x", "y"]),
        ("; filename=\"n\"; filename*=utf-8''..%2fx", "y", ["n", "../x"]),
    ],
)
def test_a_part_is_read_as_its_headers_say(header: str, value: str, payloads: list[str]) -> None:
    body = PART.format(header, value).encode()
    request = Request("/", content_type="multipart/form-data; boundary=x", body=body)
    assert [leaf.payload for leaf in leaves(request, Limits())] == payloads


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("\r\nContent-Transfer-Encoding: x-own", "multipart/form-data; boundary=x"),
        ("", "multipart/form-data; boundary=y; boundary=x"),
    ],
)
def test_a_part_that_readers_differ_on_is_a_doubtful_body(header: str, kind: str) -> None:
    body = PART.format(header, "!").encode()
    (leaf,) = leaves(Request("/", content_type=kind, body=body), Limits())
    assert (leaf.attribute, leaf.doubtful) == ("BODY", True)


def test_a_compressed_body_is_doubtful() -> None:
    assert doubtful(gzip.compress(b'{"a": "x"}'), JSON, encoded=True)


# ---------------------------------------------------------------------------------- limits


def test_a_body_beyond_the_limit_is_doubtful_and_kept_short() -> None:
    body = b'{"a": "' + b"x" * 10_000_000 + b'"}'
    (leaf,) = leaves(Request("/x", content_type=JSON, body=body), LIMITS)
    assert leaf.doubtful
    assert len(leaf.payload) <= 65_536


def test_a_body_that_goes_on_is_doubtful() -> None:
    assert doubtful('{"a": "x"}', JSON, truncated=True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps(["x"] * 6), JSON),
        ("&".join("a=1" for _ in range(6)), FORM),
        ("<a>" + "<b>x</b>" * 6 + "</a>", XML),
        ("".join(part('name="a"', "x") for _ in range(6)) + "--XX--\r\n", PARTS),
    ],
)
def test_the_number_of_leaves_is_limited(body: str, kind: str) -> None:
    assert doubtful(body, kind, limits=Limits(leaves=5))
    assert len(found(body, kind, limits=Limits(leaves=6))) == 6


def test_a_query_of_many_parameters_ends_in_a_doubtful_leaf() -> None:
    request = Request("/x", query="&".join(f"p{n}=1" for n in range(50)))
    some = leaves(request, Limits(leaves=5))
    assert [leaf.doubtful for leaf in some] == [False] * 5 + [True]


def test_query_and_body_share_the_limit() -> None:
    request = Request("/x", query="a=1&a=2&a=3", content_type=JSON, body=b'["x", "y", "z", "w"]')
    some = leaves(request, Limits(leaves=5))
    assert [leaf.doubtful for leaf in some] == [False] * 5 + [True]


def test_the_depth_of_xml_is_limited() -> None:
    limits = Limits(depth=3)
    assert not doubtful("<a><b><c>x</c></b></a>", XML, limits=limits)
    assert doubtful("<a><b><c><d>x</d></c></b></a>", XML, limits=limits)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [JSON, FORM, XML, PARTS, "text/plain", "multipart/form-data", "a/b+json", "\x00"]
    ),
    st.text(max_size=60),
)
def test_nothing_that_a_client_sends_raises(body: bytes, kind: str, query: str) -> None:
    leaves(Request("/x", query=query, content_type=kind, body=body), LIMITS)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_every_string_of_a_json_value_is_a_leaf_once(value: object) -> None:
    def strings(node: object) -> list[str]:
        if isinstance(node, str):
            return [node]
        items = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        return [text for item in items for text in strings(item)]

    body = json.dumps(value).encode()
    assert [p for _, p in found(body, JSON)] == strings(value)


# ----------------------------------------------------------------------- requests as JSON


def test_a_request_is_read_from_its_mapping() -> None:
    request = request_from_mapping(
        {
            "uri": "/a?x=1",
            "method": "POST",
            "query": "y=2",
            "content_type": JSON,
            "body": "é",
            "remote": "10.0.0.1",
            "local": "[::1]:8080",
        }
    )
    assert (request.uri, request.query, request.body) == ("/a", "x=1&y=2", "é".encode())
    assert (request.remote, request.local, request.local_port) == ("10.0.0.1", "::1", 8080)


def test_missing_fields_are_empty() -> None:
    request = request_from_mapping({"uri": "/a", "body": None, "content_type": None})
    assert (request.method, request.body, request.content_type) == ("GET", b"", None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "uri is missing"),
        ({"uri": 5}, "uri is not text"),
        ({"uri": "/a", "body": {}}, "body is not text"),
        ({"uri": "/a", "bdy": ""}, "unknown field 'bdy'"),
        ({"uri": "/a", "local": "127.0.0.1:http"}, "local '127.0.0.1:http' is not address:port"),
        ({"uri": "/a", "local": "127.0.0.1:70000"}, "is not address:port"),
    ],
)
def test_a_request_that_cannot_be_read_says_why(data: dict[str, object], said: str) -> None:
    with pytest.raises(CallError, match=said.replace("[", r"\[")):
        request_from_mapping(data)
