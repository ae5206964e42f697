"""Every error of a rule file is one line: file, line, rule and field; nothing is taken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import RuleFileError
from epm.rulefile.load import load_rules

HEAD = """\
version: 1
servers:
  QSOACCEPT:
    rules:
      - seq: 10
        authority: N
"""


def _error(text: str) -> str:
    with pytest.raises(RuleFileError) as raised:
        load_rules(text, "my.yaml")
    line = str(raised.value)
    assert line.isprintable()
    assert line.startswith("my.yaml:")
    return line


def _in_rule(*lines: str) -> str:
    return HEAD + "".join(f"        {line}\n" for line in lines)


def _in_condition(pairs: str) -> str:
    return _in_rule("conditions:", "  - {field: PGM, op: EQ, value: x}", f"  - {{{pairs}}}")


# --------------------------------------------------------------------------------- the document


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", None, "the file is empty"),
        ("# a comment\n", None, "the file is empty"),
        ("\n\n", None, "the file is empty"),
        ("--- \n", None, "a rule file is a mapping"),
        ("rules", 1, "a rule file is a mapping"),
        ("- a\n", 1, "a rule file is a mapping"),
        ("[]", 1, "a rule file is a mapping"),
        ("version: 1\n---\nversion: 1\n", 3, "a second document"),
        ("version: 1\n...\n---\n{}\n", 4, "a second document"),
        ("version: 1\nservers: [\n", 3, "not YAML"),
        ("version: 1\n  config: {}\n", 2, "not YAML"),
        ("version: 1\nservers:\n\tQSOACCEPT:\n", 3, "not YAML"),
        ('version: 1\nconfig: {journal: "\\q"}\n', 2, "not YAML"),
        ("version: 1\nconfig: {journal: 'x\n", 3, "not YAML"),
        ('version: 1\nconfig: {journal: "\\ud83d"}\n', 2, "not YAML"),
        ('{"version": 1, "config": {"journal": "\\\\ud83d\\ude00"}}', 1, "not YAML"),
        ("version: 1\nversion: 1\n", 2, "'version' is there twice"),
        ("version: 1\n? [a]\n: b\n", 2, "a key must be a text"),
        ("version: 1\n? {a: b}\n: b\n", 2, "a key must be a text"),
        ("config: &a {}\nversion: 1\n", 1, "anchors and aliases"),
        ("version: 1\nconfig: *a\n", 2, "anchors and aliases"),
        ("version: 1\nconfig: {<<: {}}\n", 2, "merge keys"),
        ("version: !!int 1\n", 1, "tags"),
        ("version: 1\nconfig: !!python/object/apply:os.system {}\n", 2, "tags"),
        ("version: 1\ngroups: !mine []\n", 2, "tags"),
        ("version: 1\n\0\n", 2, "U+0000"),
        ("version: 1\n# \x1b[2J\n", 2, "U+001B"),
        ("version: 1\n\nconfig: {journal: \ud83d}\n", 3, "U+D83D"),
        ("version: 1\n# \x7f\n", 2, "U+007F"),
        ("version: 1\n# \ufffe\n", 2, "U+FFFE"),
        ("version: 1\nservers: " + "[" * 30, 2, "nested deeper"),
        ("{a: " * 5000, 1, "nested deeper"),
        ("[" * 100_000, 1, "nested deeper"),
        ("- " * 30 + "a", 1, "nested deeper"),
        ("%YAML 2.0\n---\nversion: 1\n", 1, "not YAML"),
    ],
)
def test_a_document_that_is_refused(text: str, line: int | None, why: str) -> None:
    error = _error(text)
    assert why in error
    if line is not None:
        assert error.startswith(f"my.yaml:{line}: ")


@pytest.mark.parametrize(
    ("text", "line", "where", "why"),
    [
        ("config: {}\n", 1, "", "version is missing"),
        ("version:\n", 1, "", "version is missing"),
        ("version: 2\n", 1, "version: ", "only version 1"),
        ("version: 1.0\n", 1, "version: ", "only version 1"),
        ("version: [1]\n", 1, "version: ", "must be a text"),
        ("version: 1\nrules: []\n", 2, "rules: ", "unknown key"),
        ("version: 1\nservers: []\n", 2, "servers: ", "must be a mapping"),
        ("version: 1\nservers: x\n", 2, "servers: ", "must be a mapping"),
        ('version: 1\nservers: "null"\n', 2, "servers: ", "must be a mapping"),
        ("version: 1\ntests: ''\n", 2, "tests: ", "must be a list"),
        ("version: 1\nservers:\n  QSOACEPT: {}\n", 3, "servers: QSOACEPT: ", "unknown key"),
        ("version: 1\nservers:\n  QSOLISTEN: []\n", 3, "servers: QSOLISTEN: ", "must be a mapping"),
        ("version: 1\nservers:\n  QSOLISTEN:\n    rule: []\n", 4, "QSOLISTEN: rule: ", "unknown"),
        ("version: 1\nservers:\n  QSOLISTEN:\n    rules: {}\n", 4, "QSOLISTEN: rules: ", "a list"),
        (
            "version: 1\nservers:\n  QSOLISTEN:\n    rules:\n      - a\n",
            5,
            "QSOLISTEN: ",
            "mapping",
        ),
        (
            "version: 1\nservers: {QSOLISTEN: {activated: on}}\n",
            2,
            "QSOLISTEN: activated: ",
            "'on'",
        ),
        ("version: 1\nconfig: {audits: Y}\n", 2, "config: audits: ", "unknown key"),
        ("version: 1\nconfig:\n  audit: '*'\n", 3, "config: audit: ", "not Y or N"),
        ("version: 1\nconfig:\n  fail: maybe\n", 3, "config: fail: ", "closed open"),
        ("version: 1\nconfig:\n  journal: lower\n", 3, "config: ", "journal 'lower'"),
        ("version: 1\nconfig:\n  journal: [A]\n", 3, "config: journal: ", "must be a text"),
        ("version: 1\ngroups:\n  ports:\n    P: [99999]\n", 4, "groups ports: P: ", "99999"),
        ("version: 1\ngroups:\n  ports:\n    P: x\n", 4, "groups ports: P: ", "must be a list"),
        ("version: 1\ngroups:\n  ports:\n    P: [[1]]\n", 4, "groups ports: P: ", "list of texts"),
        ("version: 1\ngroups:\n  names:\n    N: ['A*B']\n", 4, "groups names: N: ", "A*B"),
        ("version: 1\ngroups:\n  names:\n    ' N': [A]\n", 4, "groups names:  N: ", "blank ends"),
        ("version: 1\ngroups:\n  zones: {}\n", 3, "groups: zones: ", "unknown key"),
        (
            "version: 1\ngroups:\n  addresses:\n    A: {include: [10.1]}\n",
            4,
            "groups addresses: A: ",
            "10.1",
        ),
        (
            'version: 1\ngroups:\n  addresses:\n    A: {exclude: ["fe80::1%\\e[2J"]}\n',
            4,
            "groups addresses: A: ",
            "U+001B",
        ),
        ("version: 1\ngroups:\n  addresses:\n    A: [x]\n", 4, "groups addresses: A: ", "mapping"),
        ("version: 1\ngroups:\n  addresses:\n    A:\n", 4, "groups addresses: A: ", "include"),
        (
            "version: 1\ngroups:\n  addresses:\n    A:\n      includes: []\n",
            5,
            "",
            "includes: unknown key",
        ),
    ],
)
def test_what_is_wrong_outside_of_rules(text: str, line: int, where: str, why: str) -> None:
    error = _error(text)
    assert error.startswith(f"my.yaml:{line}: {where}"), error
    assert why in error


# ------------------------------------------------------------------------------------ a rule


@pytest.mark.parametrize(
    ("lines", "field", "why"),
    [
        (("authorty: Y",), "authorty: ", "unknown key"),
        (("name: [a]",), "name: ", "must be a text"),
        (("audit: maybe",), "audit: ", "'maybe' is not Y, N or *"),
        (("audit: on",), "audit: ", "'on'"),
        (("message: 1",), "message: ", "'1'"),
        (("capture: [Y]",), "capture: ", "must be a text"),
        (("active: '*'",), "active: ", "'*'"),
        (("test: T",), "test: ", "'T'"),
        (("conditions: x",), "conditions: ", "must be a list"),
        (("conditions: {}",), "conditions: ", "must be a list"),
    ],
)
def test_what_is_wrong_in_a_rule_names_line_rule_and_field(
    lines: tuple[str, ...], field: str, why: str
) -> None:
    error = _error(_in_rule(*lines))
    assert error.startswith(f"my.yaml:7: QSOACCEPT rule 10: {field}"), error
    assert why in error


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ('"a\\e[2J"', "U+001B"),
        ('"a\\nb"', "U+000A"),
        ('"a\\0"', "U+0000"),
        ('"a\\u202eb"', "U+202E"),
        ('"a\\Lb"', "U+2028"),
        ('" "', "blank"),
        ("x" * 51, "51 characters"),
    ],
)
def test_a_name_that_is_refused(name: str, why: str) -> None:
    error = _error(_in_rule(f"name: {name}"))
    assert "QSOACCEPT rule 10: name" in error
    assert why in error


@pytest.mark.parametrize(
    "seq",
    ["0", "100000", "-1", "010", "1_0", "1.5", "x", "9" * 5000, "\uff11\uff10", "'1 '", "0x10"],
)
def test_a_sequence_that_is_refused(seq: str) -> None:
    error = _error(HEAD.replace("10", seq))
    assert error.startswith("my.yaml:5: QSOACCEPT rule: seq: ")


def test_a_missing_sequence_or_authority_is_refused() -> None:
    assert "QSOACCEPT rule: seq is missing" in _error(HEAD.replace("seq: 10", "name: x"))
    error = _error(HEAD.replace("authority: N", "name: x"))
    assert "QSOACCEPT rule 10: authority is missing" in error


def test_a_sequence_that_is_there_twice_names_both_lines() -> None:
    error = _error(HEAD + "      - {seq: 10, authority: Y}\n")
    assert error.startswith("my.yaml:7: QSOACCEPT rule 10: seq: ")
    assert "first in line 5" in error


def test_the_same_sequence_on_two_servers_is_two_rules() -> None:
    file = load_rules(HEAD + "  QSOLISTEN:\n    rules: [{seq: 10, authority: Y}]\n")
    assert {(str(s), n) for s, n in file.lines} == {("QSOACCEPT", 10), ("QSOLISTEN", 10)}


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ("authority: '*'", "Y or N"),
        ("authority: Y, active: N", "fixed at Y"),
        ("authority: Y, test: N", "fixed at Y"),
        ("authority: Y, conditions: [{field: DAY, op: EQ, value: MON}]", "no conditions"),
    ],
)
def test_the_default_rule_is_protected(pairs: str, why: str) -> None:
    error = _error(HEAD + f"      - {{seq: 99999, {pairs}}}\n")
    assert error.startswith("my.yaml:7: QSOACCEPT rule 99999: ")
    assert why in error


# --------------------------------------------------------------------------------- a condition


@pytest.mark.parametrize(
    ("pairs", "field", "why"),
    [
        ("op: EQ, value: x", "", "field is missing"),
        ("field: PGM, value: x", "", "op is missing"),
        ("field: PGM, op: EQ", "", "value is missing"),
        ("field: PGM, op: EQ, value: ''", "", "value is missing"),
        ("field: PGM, op: EQ, value: ' '", "value: ", "empty"),
        ("field: PGM, op: EQ, value: [x]", "value: ", "must be a text"),
        ("field: PGN, op: EQ, value: x", "field: ", "'PGN' is not one of"),
        ("field: pgm, op: EQ, value: x", "field: ", "'pgm' is not one of"),
        ("field: PGM, op: eq, value: x", "op: ", "'eq' is not one of"),
        ("field: PGM, op: EQ, value: x, connector: XOR", "connector: ", "AND OR"),
        ("field: PGM, op: EQ, value: x, conector: OR", "conector: ", "unknown key"),
        ("field: PGM, op: EQ, value: x, seq: 0", "seq: ", "'0'"),
        ("field: PGM, op: EQ, value: x, seq: 100000", "seq: ", "'100000'"),
        ("field: BACKLOG, op: EQ, value: 5", "value: BACKLOG EQ: ", "QSOACCEPT has no such field"),
        ("field: PGM, op: GRP, value: x", "value: PGM GRP: ", "type text takes"),
        ("field: USER, op: GRP, value: NO", "value: USER GRP: ", "no name group 'NO'"),
        ("field: LCLPORT, op: EQ, value: 080", "value: LCLPORT EQ: ", "'080'"),
        ("field: LCLPORT, op: EQ, value: 99999999999999999999", "value: LCLPORT EQ: ", "999"),
        ("field: RMTADDR, op: EQ, value: 010.1.1.1", "value: RMTADDR EQ: ", "010.1.1.1"),
        ("field: RMTADDR, op: NLIST, value: a.example", "value: RMTADDR NLIST: ", "a.example"),
        ("field: TIME, op: EQ, value: 17:00", "value: TIME EQ: ", "type time of day takes"),
        ("field: DAY, op: EQ, value: MONDAY", "value: DAY EQ: ", "MONDAY"),
        ('field: PGM, op: EQ, value: "a\\e"', "value: PGM EQ: ", "U+001B"),
    ],
)
def test_what_is_wrong_in_a_condition_names_line_rule_condition_and_field(
    pairs: str, field: str, why: str
) -> None:
    error = _error(_in_condition(pairs))
    assert error.startswith(f"my.yaml:9: QSOACCEPT rule 10 condition 20: {field}"), error
    assert why in error


def test_a_condition_is_named_by_its_own_sequence() -> None:
    error = _error(_in_condition("seq: 15, field: PGM, op: EQ, values: y"))
    assert error.startswith("my.yaml:9: QSOACCEPT rule 10 condition 15: values: unknown key")


def test_a_condition_sequence_that_is_there_twice_is_refused() -> None:
    error = _error(_in_condition("seq: 10, field: PGM, op: EQ, value: y"))
    assert error.startswith("my.yaml:9: QSOACCEPT rule 10 condition 10: seq: ")
    assert "twice" in error


def test_a_condition_that_is_no_mapping_is_refused() -> None:
    error = _error(_in_rule("conditions:", "  - RMTADDR EQ 10.0.0.1"))
    assert error.startswith("my.yaml:8: QSOACCEPT rule 10: ")


def test_the_line_is_that_of_the_key_not_of_the_rule() -> None:
    text = _in_rule("name: a", "", "# note", "audit: maybe")
    assert _error(text).startswith("my.yaml:10: QSOACCEPT rule 10: audit: ")


SOUND = _in_rule(
    "name: 'a'", "conditions:", "  - {field: RMTADDR, op: LIST, value: '10.0.0.0/8,::1'}"
) + (
    "groups: {addresses: {A: {include: [10.0.0.0/8]}}, names: {N: ['A*']}, ports: {P: [1-2]}}\n"
    "tests: [{always: {server: QSOACCEPT, rmtaddr: 10.0.0.1}}]\n"
)
_PIECES = (
    "\0", "\t", "\n", "\r", "\x85", "\ufeff", "\ud800", "&a ", "*a", "!!x ", "<<: ", "? ", "- ",
    "{", "}", "[", "]", ":", ",", "'", '"', "\\", "%", "|", ">", "#", "---\n", "...\n", "0", "~",
    "seq", "rules:", "value: ", "99999", "10.1", "\\ud83d\\ude00", '"\\x"', "  ",
)  # fmt: skip
_pieces = st.sampled_from(_PIECES)
_spots = st.integers(0, len(SOUND))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(_spots, _spots, _pieces), min_size=1, max_size=4))
def test_a_spoilt_file_is_taken_or_refused_by_one_line(
    changes: list[tuple[int, int, str]],
) -> None:
    text = SOUND
    for at, cut, piece in changes:
        text = text[:at] + piece + text[at + cut % 4 :]
    try:
        load_rules(text, "my.yaml")
    except RuleFileError as error:
        line = str(error)
        assert line.startswith("my.yaml:")
        assert line.isprintable()


def test_the_file_that_is_spoilt_is_sound() -> None:
    assert len(load_rules(SOUND).tests) == 1


def test_a_hostile_text_is_quoted_without_its_controls() -> None:
    error = _error(_in_rule('"\\e[2J\\n": x'))
    assert "unknown key" in error
    assert "\\u001b[2J\\u000a" in error
