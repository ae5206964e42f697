"""The language: what parses, what an error says, what canonical text is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from epm.armr.findings import ArmrError, Code
from epm.armr.parser import MAX_CHARACTERS, has_comments, parse
from epm.armr.syntax import Array, Level, Number, Position, Text, Word
from epm.armr.unparse import quoted, unparse
from tests.support.armr_text import SOURCES, mod

GOOD = """app("Mod"):
  requires(version: ARMR/2.8)
  socket("Rule"):
    connect("10.0.0.5:80")
    protect(message: "no", severity: 8)
  endsocket
endapp
"""


def refused(text):
    with pytest.raises(ArmrError) as caught:
        parse(text, "p.armr")
    return str(caught.value)


# ------------------------------------------------------------------------------ what parses


def test_a_policy_is_mods_with_rules_with_statements():
    (one,) = parse(GOOD).source.mods
    (block,) = one.blocks
    assert (one.name, block.kind, block.name) == (Text("Mod"), "socket", "Rule")
    connect, protect = block.statements
    assert connect.arguments[0].value == Text("10.0.0.5:80")
    assert [(k, a.value) for k, a in protect.keyed()] == [
        ("message", Text("no")),
        ("severity", Number(8)),
    ]


def test_values_of_every_form():
    text = mod('f(any, 12, ARMR/2.8, ["a", [b,],], key: Very-High,)')
    arguments = parse(text).source.mods[0].blocks[0].statements[0].arguments
    assert [a.value for a in arguments] == [
        Word("any"), Number(12), Level((2, 8)), Array((Text("a"), Array((Word("b"),)))),
        Word("Very-High"),
    ]  # fmt: skip


def test_layout_comments_and_line_ends_do_not_matter():
    spread = GOOD.replace("(", "\n(\n").replace(",", "\n,# a comment )\n").replace("\n", "\r\n")
    assert parse(spread).source == parse(GOOD).source


@pytest.mark.parametrize(
    "kind", ["sql", "dns", "http", "filesystem", "process", "marshal", "deserial", "library",
             "patch", "classload", "reflection", "something-new"],
)  # fmt: skip
def test_rules_of_every_kind_parse(kind):
    text = f'app("m"):\n requires(version: ARMR/2.0)\n {kind}("r"):\n  a()\n  b(c: [d])\n'
    (block,) = parse(text + f" end{kind}\nendapp").source.mods[0].blocks
    assert (block.kind, len(block.statements)) == (kind, 2)


def test_names_that_look_like_keywords_are_names():
    body = 'app(socket)\n endpoint("x")\n http(end: endapp)\n version(any)'
    (block,) = parse(mod(body)).source.mods[0].blocks
    assert [s.name for s in block.statements] == ["app", "endpoint", "http", "version"]


def test_a_code_body_is_kept_as_it_is():
    text = mod('code(language: java):\n  if (x) { "endsocket"; }\nendcode')
    (statement,) = parse(text).source.mods[0].blocks[0].statements
    assert statement.code == ':\n  if (x) { "endsocket"; }\nendcode'


def test_positions_are_those_of_the_text():
    (one,) = parse(GOOD).source.mods
    protect = one.blocks[0].statements[1]
    assert one.blocks[0].position == Position(3, 3)
    assert [a.position for a in protect.arguments] == [Position(5, 13), Position(5, 28)]


# --------------------------------------------------------------------------- what is an error


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"no", ', '"no" '), "5:27: SYNTAX: expected `)` or `,`, found `severity`"),
        (('"no"', '"no'), "5:22: SYNTAX: the string that begins here has no closing quote"),
        (('"no"', '"n\no"'), "5:22: SYNTAX: the string that begins here has no closing quote"),
        (("  endsocket\n", ""), "6:1: SYNTAX: expected `endsocket` or a statement, found `endapp`"),
        (("endapp", ""), "6:12: SYNTAX: the file ends where a rule or `endapp` is expected"),
        (('app("Mod"', "app(Mod"), "1:5: SYNTAX: expected a string in \"quotes\", found `Mod`"),
        (('"Rule"):', '"Rule")'), "6:3: SYNTAX: expected a rule, `endapp` or `:`"),
        (("severity: 8", "severity 8"), "5:37: SYNTAX: expected `)`, `,` or `:`, found `8`"),
        (("severity: 8", "severity: 8.5"), "5:38: SYNTAX: expected a value, found '8'"),
        (("severity: 8", "severity: "), "5:38: SYNTAX: expected a value, found `)`"),
        (("protect(", "protect "), "5:13: SYNTAX: expected `(`, found `message`"),
        (("y: 8)", "y: 8):"), "5:40: SYNTAX: expected `endsocket` or a statement, found `:`"),
        (("endapp", "endapp x"), "7:8: SYNTAX: expected `app` or the end of the file, found `x`"),
        (("connect", "é"), "4:5: SYNTAX: expected `endsocket` or a statement, found 'é'"),
        (("socket(", "@("), "3:3: SYNTAX: expected a rule, `endapp` or `:`, found '@'"),
        (('"no"', '["a" "b"]'), "5:27: SYNTAX: expected `]` or `,`, found `\"b\"`"),
    ],
)  # fmt: skip
def test_an_error_names_line_column_and_what_was_expected(change, told):
    assert refused(GOOD.replace(*change, 1)).startswith(f"p.armr:{told}")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_a_line_ends_in_lf_cr_lf_or_cr(end):
    text = "# a comment\n" + GOOD
    assert parse(text.replace("\n", end)).source == parse(text).source
    bad = text.replace("severity: 8", "severity: ").replace("\n", end)
    assert refused(bad).startswith("p.armr:6:38: SYNTAX: expected a value")


def test_a_tab_and_a_wide_character_are_one_column_each():
    bad = GOOD.replace("    protect", "\t\tprotect").replace('"no"', '"漢😀", @')
    assert refused(bad).startswith("p.armr:5:26: SYNTAX: expected")


@pytest.mark.parametrize("text", ["", " \n", "# only a comment"])
def test_an_empty_file_is_no_policy(text):
    assert "the file ends where `app` is expected" in refused(text)


def test_hostile_texts_are_refused_in_bounded_time():
    began = time.monotonic()
    assert "nested deeper" in refused(GOOD.replace('"no"', "[" * 20000 + "]" * 20000))
    assert "longer than" in refused("#" * (MAX_CHARACTERS + 1))
    refused(GOOD.replace('"no"', '"' + "\\" * 100_001))
    refused(GOOD.replace(" 8)", "8):" + "endcod" * 100_000))
    assert time.monotonic() - began < 20


def test_a_number_that_is_too_long_is_an_error_not_a_crash():
    assert "expected a value" in refused(GOOD.replace(" 8)", "9" * 5000 + ")"))


def test_control_characters_of_a_text_do_not_reach_the_error():
    assert "\x1b" not in refused(GOOD.replace("connect", "\x1b[31m"))


# ------------------------------------------------------------------------------ curly quotes


@pytest.mark.parametrize(
    "action",
    ["protect(stacktrace: \"full”)", "protect(message: “m”)", "protect(message: „m‟)",
     "protect(stacktrace: \"full”, message: \"abc\")"],
)  # fmt: skip
def test_curly_quotes_are_repaired_in_a_second_pass_with_a_warning(action):
    parsed = parse(mod(action))
    (finding,) = parsed.findings
    assert (finding.code, finding.is_error, finding.position.line) == (Code.QUOTE, False, 4)
    assert (
        parsed.source == parse(mod(action.translate(dict.fromkeys(map(ord, "“”„‟"), '"')))).source
    )


def test_curly_quotes_inside_plain_ones_are_content():
    parsed = parse(mod('protect(message: "He said “hi”, ok")'))
    assert parsed.findings == ()
    argument = parsed.source.mods[0].blocks[0].statements[0].arguments[0]
    assert argument.value == Text("He said “hi”, ok")


def test_a_file_that_no_pass_can_read_is_refused_for_what_its_author_sees():
    told = refused(mod('protect(stacktrace: "full”)', 'protect(message: "He said “hi”, ok")'))
    assert "p.armr:4:25: SYNTAX: the string that begins here" in told


# ---------------------------------------------------------------------------- canonical text


def test_the_canonical_text():
    untidy = GOOD.replace("\n", " ").replace("(", " ( ").replace(": ", ":")
    assert unparse(parse(untidy).source) == GOOD


@settings(max_examples=150, deadline=None)
@given(SOURCES)
def test_what_is_written_is_read_back_the_same(source):
    text = unparse(source)
    again = parse(text).source
    assert again == source
    assert unparse(again) == text


@pytest.mark.parametrize("text", ["plain", 'a "b" c', "C:\\dir\\", "\\*", ""])
def test_a_quoted_text_means_the_text(text):
    assert quoted(text).plain == text
    source = parse(mod().replace('app("m")', f'app("{quoted(text).raw}")')).source
    assert source.mods[0].name.plain == text


def test_comments_are_seen_outside_of_strings_only():
    assert not has_comments(GOOD.replace('"no"', '"# no"'))
    assert has_comments(GOOD + "# yes")
