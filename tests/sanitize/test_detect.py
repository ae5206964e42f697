"""The class of a value: the vendor's anchors, the corpora, and what holds for any value."""

from __future__ import annotations

import itertools
import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.sanitize import detect, sqli, traversal, xss
from epm.sanitize.decoding import forms
from epm.sanitize.detect import MAX_VALUE, classify
from epm.sanitize.values import PayloadClass, Reason
from epm.sanitize.wordlists import word_set
from tests.sanitize.conftest import corpus
from tests.support import payload_grammar

ATTACKS = {
    "sqli": Reason.SQLI,
    "xss": Reason.XSS,
    "traversal": Reason.PATH_TRAVERSAL,
}
#: Lowest share of a corpus that must be flagged with the right class.
FLOOR = {"sqli": 0.97, "xss": 0.99, "traversal": 0.98}
#: The same of a second list, which whoever wrote it measured before anything was tuned on it.
SECOND_FLOOR = {"sqli": 0.96, "xss": 0.99, "traversal": 0.93}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("' OR '1'='1", Reason.SQLI),
        ("1=1=1 Air Force 1=1=1", Reason.SQLI),
        ("<script>", Reason.XSS),
        ("../../etc/passwd", Reason.PATH_TRAVERSAL),
    ],
)
def test_a_known_attack_is_unsafe_for_its_reason(value: str, reason: Reason) -> None:
    found = classify(value)
    assert (found.payload_class, found.reason) == (PayloadClass.UNSAFE, reason)


def test_what_no_pattern_knows_is_undetermined() -> None:
    found = classify("< >")
    assert (found.payload_class, found.reason) == (
        PayloadClass.UNDETERMINED,
        Reason.UNDETERMINED,
    )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Hello, world!",
        "5",
        "3.14",
        "me@example.com",
        "日本語",
        "Straße 5",
        "2026-11-21T10:00:00Z",
        "https://example.com/a/b.html?x=1&y=2",
        "550e8400-e29b-41d4-a716-446655440000",
        "SGVsbG8gd29ybGQ=",
        "+1 555 123-4567",
        "What?! Really.",
        "a, b & c",
        "O'Brien",
        "50% off",
        "« L\u2019été »",
    ],
)
def test_what_is_plainly_harmless_is_safe(value: str) -> None:
    assert classify(value).payload_class is PayloadClass.SAFE


@pytest.mark.parametrize("value", ["a < b", "the boys'", "<b>bold</b>", "a=b", "C:\\temp", "{}"])
def test_safe_needs_a_positive_pattern_not_silence(value: str) -> None:
    assert classify(value).payload_class is PayloadClass.UNDETERMINED


@pytest.mark.parametrize("name", ATTACKS)
def test_the_hand_written_attacks_are_flagged_with_their_class(name: str) -> None:
    values = corpus(name)
    assert len(values) > 270
    missed = [v for v in values if classify(v).reason is not ATTACKS[name]]
    assert len(missed) <= len(values) * (1 - FLOOR[name]), missed


@pytest.mark.parametrize("name", ATTACKS)
def test_the_second_list_of_attacks_is_flagged_with_its_class(name: str) -> None:
    values = corpus(f"{name}-second")
    assert len(values) > 400
    missed = [v for v in values if classify(v).reason is not ATTACKS[name]]
    assert len(missed) <= len(values) * (1 - SECOND_FLOOR[name]), missed


def test_no_honest_value_of_the_second_list_is_flagged() -> None:
    values = corpus("benign-second")
    assert len(values) > 2000
    assert [v for v in values if classify(v).payload_class is PayloadClass.UNSAFE] == []


@pytest.mark.parametrize("hold_out", [False, True])
@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_made_by_grammar_are_flagged_with_their_class(name: str, hold_out: bool) -> None:
    make = getattr(payload_grammar, name)
    values = list(itertools.islice(make(random.Random(20261121), hold_out=hold_out), 500))
    missed = [v for v in values if classify(v).reason is not ATTACKS[name]]
    assert len(missed) <= len(values) * 0.01, missed


def test_no_honest_value_of_the_hand_written_list_is_flagged() -> None:
    values = corpus("benign")
    assert len(values) > 450
    assert [v for v in values if classify(v).payload_class is PayloadClass.UNSAFE] == []


@pytest.mark.parametrize("hold_out", [False, True])
def test_no_honest_value_made_by_grammar_is_flagged(hold_out: bool) -> None:
    values = itertools.islice(payload_grammar.benign(random.Random(7), hold_out=hold_out), 1500)
    assert [v for v in values if classify(v).payload_class is PayloadClass.UNSAFE] == []


# ---------------------------------------------------------------------------------- priority


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("' or 1=1-- <script>alert(1)</script>", Reason.SQLI),
        ("' union select load_file('/etc/passwd')--", Reason.SQLI),
        ("<script src=../../../etc/passwd></script>", Reason.XSS),
        # only leaves its quote as SQL, runs as a script: the sure finding explains it
        ("'-alert(1)-'", Reason.XSS),
        ("'\"--></style></script><svg onload=alert(1)>", Reason.XSS),
    ],
)
def test_of_two_classes_the_first_by_priority_is_named_if_it_is_sure(
    value: str, reason: Reason
) -> None:
    assert classify(value).reason is reason


# ---------------------------------------------------------------------------------- pairs
# Beside each attack an honest value that differs in what makes it one.


@pytest.mark.parametrize(
    ("attack", "honest"),
    [
        ("x' or 1=1--", "O'Brien or O'Neil"),
        ("1 and 3>2", "1 < 2 and 3 > 2"),
        ("1; drop table users", "1; drop by later"),
        ("1 union select 1,2", "union select committee of students"),
        ("1 order by 10--", "please order by 10"),
        ("admin'--", "the boys' -- and the girls' -- team"),
        ("'-'", "use the '-' sign"),
        ("1 or sleep(5)", "time.sleep(5)"),
        ("(select password from users)", "Country (select country from list)"),
        ("1 having 1=1", "having fun and 2 kids"),
        ("x where 1=1", "the law holds in all cases where 1=1"),
        ("<b onclick=f()>", "<b online=1>"),
        ("<img src=x onerror/=alert(1)>", "<img src=x />"),
        ("../../../index.php", "../../index.html"),
        ("'or''='", "say 'yes' or 'no'"),
        ("javascript:alert(1)", "JavaScript: The Definitive Guide (7th edition)"),
        ('" onfocus=alert(1) x="', 'he said "hello" online = good'),
        ("<a href=javascript:alert(1)>x</a>", '<a href="http://example.com/">x</a>'),
        ("<img src=x onerror=alert(1)>", '<img src="x.png" alt="once = 1">'),
        ("'+alert(1)+'", "'a' + 'b'"),
        ('<div style="width:expression(alert(1))">', "style: modern expression (art)"),
        ("{{constructor.constructor('alert(1)')()}}", "{{ user.name }}"),
        ("../../etc/passwd", "../images/logo.png"),
        ("../../../config.php", "../../../assets/img/x.svg"),
        ("..%2fimages%2flogo.png", "..\\images\\logo.png"),
        ("/images/../../secret", "docs/../README.md"),
        ("\\\\host\\c$\\boot.ini", "\\\\server\\share\\report.docx"),
        ("c:\\windows\\win.ini", "C:\\Users\\me\\Documents\\report.docx"),
        ("....//....//x", "wait..../maybe"),
        ("index.php%00.jpg", "index.php.jpg"),
        ("x or 1=1", "rock and roll or 1=1?"),
        ("1=1", "1=1 is always true"),
        ("1=1 or (1=1)", "(1=1)"),
        ("sleep(8)", "sleep(8 hours) a day"),
        ("benchmark(5000000,md5(1))", "benchmark(s) for GPU"),
        ("x' or 1", "bouton d'or 1"),
        ("admin' or", "quest'or"),
        ("admin' and 1", "kids' and 1"),
        ("x' union select", "teachers' union select committee"),
        ("10' or 12=12", "10' or 12' ladder"),
        ("' or \"a", "' and \" are quotes"),
        ("'='", "'select'"),
        ("1 or 1", "1 or 2"),
        ("1 or not 1=2", "2 or not 2"),
        ("'; exec(@x)--", "exec()"),
        ("case when 1=1 then 1 end", "case when it rains"),
        ("1 into outfile '/tmp/x'", "into outfile"),
        ("1; grant all privileges on a to b", "1; grant all people access to water"),
        ("1; shutdown", "shutdown"),
        ("select version()--", "SELECT COUNT(*) FROM t -- returns rows, why?"),
        ("x','y'),('a','b')--", '(r"\\]", Punctuation, "#pop"),'),
        ("1' where 1 in (1)--", '"Where 1 in 10 fail" and so on'),
        ("@@version", "me@@home"),
        ("1-if(1=1,0,1)", "1-if it is so (or not)"),
        ("../../..", "../.."),
        ("../../config/x.php", "require('../config')"),
        ("/etc/hosts", "etc/hosts file"),
        (".env.local", ".env.example"),
        ("<link rel=stylesheet href=//a.b/c>", '<link rel="stylesheet" href="../css/a.css">'),
        ("<link rel=import href=//a.b/c>", '<link rel="canonical" href="https://a.b/c">'),
        ("<meta http-equiv=refresh content=0>", '<meta http-equiv="Content-Type" content="a/b">'),
        ("<meta charset=utf-7>", '<meta charset="utf-8">'),
        ("<style>*{x:expression(f)}</style>", "<style>*{x:y}</style>"),
        ("data:image/svg+xml,<svg onload=alert(1)>", "data:image/svg+xml;base64,PHN2ZyB4bWxucz0i"),
        ("x onclick=go()", 'The onclick attribute: onclick="go()" is old'),
        ("The onclick attribute: onclick=alert(1)", "window.onclick and on click = go"),
        ("<x ng-focus=$event.view.alert(1)>", "<x ng-focus=ready>"),
        ('<x x-init="alert(1)">', '<x x-data="open">'),
        ("self['al'+'ert'](1)", "this[_write](buf);"),
        ("String.fromCharCode(88,83,83)", "String.fromCharCode(88)"),
        ("import('//a.b/c.js')", "import('./c.js')"),
        ("a(b c' and length(x)>5--", "a(b c' and length(x)>5 words"),
    ],
)
def test_an_attack_is_told_from_an_honest_value_beside_it(attack: str, honest: str) -> None:
    assert classify(attack).payload_class is PayloadClass.UNSAFE
    assert classify(honest).payload_class is not PayloadClass.UNSAFE


# ---------------------------------------------------------------------------------- disguises


@pytest.mark.parametrize(
    "value",
    [
        "1 ununionion selselectect 1,2",
        "' oorr 1=1--",
        "1-- a\nand-- b\n2=2",
        "1 union--\nselect 1",
        "1/*a b*/and/*c*/1=1",
        "x'/**/and/**/sleep/**/(/**/5/**/)#",
        "' or '{\"a\":1}'::jsonb @> '{\"a\":1}'--",
        "1 or $$a$$=$$a$$",
        "1;PRAGMA table_info(users)",
        "1\" limit 1,1 into outfile \\'/tmp/x\\'--",
        "'; prepare x from 'select 1';",
        "insert into mysql.user (user) values ('x')",
    ],
)
def test_sql_in_disguise_is_sql(value: str) -> None:
    assert classify(value).reason is Reason.SQLI


@pytest.mark.parametrize("value", ["1 ununionion x", "selselectect 1", "x oorr y (z)"])
def test_a_keyword_within_itself_is_not_plain(value: str) -> None:
    assert classify(value).payload_class is not PayloadClass.SAFE


@pytest.mark.parametrize("value", ["<scrscriptipt>alert(1)</scrscriptipt>", "<sscriptcript x>"])
def test_a_script_within_itself_is_a_script(value: str) -> None:
    assert classify(value).reason is Reason.XSS
    assert classify("<description>").payload_class is not PayloadClass.UNSAFE


@pytest.mark.parametrize(
    "step",
    ["..%bg%qf", "..%c1%af", "..%%35%%63", "%c0.%c0./", "..%c0%5c", "%%32%%65%%32%%65/"],
)
def test_a_step_that_only_a_wrong_decoder_sees_is_a_step(step: str) -> None:
    assert classify(f"{step}{step}secret").reason is Reason.PATH_TRAVERSAL


# ---------------------------------------------------------------------------------- any value

ANY = st.text(max_size=120)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "'",
                '"',
                "or",
                "and",
                "1=1",
                "select",
                "union",
                "<",
                ">",
                "script",
                "on",
                "=",
                "../",
                "..\\",
                "%",
                "%2e",
                "%00",
                "&#",
                "(",
                ")",
                "/*",
                "*/",
                "--",
                ";",
                "{{",
                "\\",
            ]
        ),
        st.text(string.ascii_letters + " ", max_size=6),
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY, PIECES))
def test_any_text_has_a_class_and_a_reason_where_it_is_not_safe(value: str) -> None:
    found = classify(value)
    assert (found.reason is None) == (found.payload_class is PayloadClass.SAFE)
    assert (found.reason is Reason.UNDETERMINED) == (
        found.payload_class is PayloadClass.UNDETERMINED
    )


@settings(max_examples=400, deadline=None)
@given(st.one_of(ANY, PIECES))
def test_what_the_quick_pattern_takes_for_plain_no_detector_would_flag(value: str) -> None:
    if not detect._is_plain(value):
        return
    for form in forms(value):
        text = form.lower()
        found = sqli.evidence(text), xss.evidence(text), traversal.evidence(text)
        assert not any(found), text


WORDS = st.sampled_from(
    sorted(
        word_set(
            "union select or and drop table script alert eval data case when order by from if "
            "exec shutdown waitfor sleep javascript load_file 1 9 .. / \\ % - -- . _ x"
        )
    )
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=10).map("".join))
def test_what_is_taken_for_a_path_alone_is_neither_sql_nor_script(value: str) -> None:
    if detect._PATH_SIGNS.fullmatch(value):
        assert not sqli.evidence(value)
        assert not xss.evidence(value)


def test_the_quick_pattern_takes_no_attack_for_plain() -> None:
    taken = [v for name in ATTACKS for v in corpus(name) if detect._is_plain(v)]
    assert taken == []


@pytest.mark.parametrize(
    "unit", ["'", "<a ", "(", "/*", "/*!", "../", "%25", "&#4;", "select(", "\\x", "{{", ";"]
)
def test_a_long_hostile_value_has_a_class(unit: str) -> None:
    value = unit * (20_000 // len(unit))
    assert classify(value).payload_class is not PayloadClass.SAFE


def test_a_value_that_is_too_long_is_undetermined() -> None:
    assert classify("a" * MAX_VALUE).payload_class is PayloadClass.SAFE
    assert classify("a" * (MAX_VALUE + 1)).payload_class is PayloadClass.UNDETERMINED


@pytest.mark.parametrize("padding", ["a" * 60_000, "/*" + "x" * 60_000 + "*/", " " * 60_000])
def test_padding_hides_nothing(padding: str) -> None:
    assert classify(
        f"x' {padding} or 1=1--" if padding[0] != "a" else f"{padding}' or 1=1--"
    ).reason
    assert classify(f"{padding}<script>alert(1)</script>").reason is Reason.XSS


def test_surrogates_and_controls_are_taken() -> None:
    assert classify("\udcff' or 1=1--").reason is Reason.SQLI
    assert classify("<scr\x00ipt>alert(1)</scr\x00ipt>").reason is Reason.XSS


@pytest.mark.parametrize(
    "value", ["x'=(", "x' or (", "x'=('a", "1 and (", "'+(", "x' union (", "(((", "x' case when ("]
)
def test_what_is_never_closed_hides_nothing_and_breaks_nothing(value: str) -> None:
    classify(value)
    assert classify(f"{value}' or 1=1--").reason is Reason.SQLI
