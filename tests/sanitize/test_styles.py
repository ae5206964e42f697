"""Styles of attack, each with an honest value that looks like it and must not be flagged."""

from __future__ import annotations

import time

import pytest

from epm.sanitize.detect import classify
from epm.sanitize.values import PayloadClass, Reason

SQL = [
    # An expression that leaves a string and comes back into one.
    pytest.param("x'^7+0='7", "Boys' + Girls'", id="operators between two strings"),
    pytest.param("b'*null is null - '", "The dogs' & cats' home", id="null calculated with"),
    pytest.param("oak' sounds like+'elm", "It 'sounds like' rain", id="a comparison by sound"),
    pytest.param("a'/current_date in (3) -- -", "'a' / 'b'", id="cut off by a mark"),
    # Places other than quotes.
    pytest.param("7$$ order by 3-- k", "costs $$ or more -- ask", id="two dollar signs"),
    pytest.param("7) from staff where code='k')", "7) from where we go",
                 id="a closed bracket"),
    pytest.param("7)  declare @v char(3) set @v=0x31", "7) declare it", id="no end of a statement"),
    pytest.param(" order by 17", "please order by 17", id="a column counted"),
    pytest.param(" or p=q", "p or q = r", id="a condition alone"),
    pytest.param(" or true", "true or not", id="a truth alone"),
    pytest.param("(select user from dual)", "(select user)", id="the table of one row"),
    # Choices and waits.
    pytest.param("7,iif(12=34,7,1/0)", "7,max(12,34)", id="a choice of literals"),
    pytest.param("(12=34)*34", "(12+34)*34", id="a truth calculated with"),
    pytest.param("or case when 2=2 then 2 else json(char(9)) end", "in case when it rains",
                 id="a case"),
    pytest.param("begin if (2=2) then dbms_lock.sleep(9); end if; end;", "begin; if not, then end",
                 id="a block that waits"),
    # A statement behind a condition, and a program's own.
    pytest.param("k;if(2=2) select 2 else drop function f--", "k = 2; if (k == NULL) { return 2; }",
                 id="a condition that goes on in SQL"),
    pytest.param("7;drop staff --", "Hello; drop me a line", id="something is dropped"),
    # Disguises.
    pytest.param("7 a/**/nd (sel/**/ect 9 fr/**/om t)", "a/**/b", id="words parted by comments"),
    pytest.param("%7%'%)%)% %O%R% %1%=%1%-%-", "50% % %1 of % 2", id="a percent sign before each"),
    pytest.param("7' 1.e) or 8=8-- -", "1.e, 2.e and 3.e", id="a number that is skipped"),
    pytest.param("7 or 8=8\u2013", "7 or 8 \u2013", id="a word processor's dash"),
    pytest.param("7/*!30999order by 3*/#", "/*! (c) 2024, by order */", id="an executed comment"),
    pytest.param("oak\x0bwaitfor\x06delay\x07'0:0:9'--", "oak\x0bwaits\x06for", id="controls"),
    pytest.param("union%20(select+uid+from+t+limit+1,1)", "union%20(of+select+workers)",
                 id="two encodings of blanks"),
    pytest.param("select~7.from`t`", "select-items-from-list", id="nothing but signs between"),
]  # fmt: skip

SCRIPT = [
    pytest.param("Promise.resolve().then(()=>alert(1))", "setTimeout(() => alert('saved'), 500)",
                 id="a callback that proves"),
    pytest.param("[7].some(confirm)", "[7].some(confirmed)", id="a dialog handed over"),
    pytest.param("({valueOf:alert})+1", '{"level":"alert"}', id="an object's conversion"),
    pytest.param("]};prompt('k');//", "Ready? prompt('k') asks.", id="brackets closed first"),
    pytest.param("/i;confirm('k');var r=/", "/help; see confirm('k')", id="a pattern closed first"),
    pytest.param("9a1;alert(9)//9a1", "Use alert(9) as the manual says", id="between marks"),
    pytest.param("x.constructor.constructor('k')()", "this.constructor.name", id="constructors"),
    pytest.param("expression(document.write(k))", "the expression (7) of it",
                 id="style without a place"),
    pytest.param("&ltscript&gtf(7)", "a=1&lt=5&gtin=40063", id="names without an end"),
    pytest.param("javascript:alert/**/(7)", "JavaScript: alert and other calls",
                 id="a comment in a call"),
]  # fmt: skip

PATHS = [
    pytest.param("/%25%5c..%25%5c..%25%5c..%25%5cx", "50% off/..", id="a percent sign left over"),
    pytest.param("C:/Users/k/NTUSER.DAT", "C:/Users/k/letter.doc", id="a drive"),
    pytest.param("c:windows/system32/", "c: see windows", id="a drive without a slash"),
    pytest.param("~/.zsh_history", "~/notes.txt", id="a shell's history"),
    pytest.param("/srv/k/lighttpd.conf", "/srv/k/index.html", id="a server's settings"),
    pytest.param("/srv/k/vsftpd.conf?a=/b", "/srv/k/a.html?a=/b", id="settings, and a query"),
    pytest.param("/home/k/.xsession", ".login", id="hidden in a home"),
]


@pytest.mark.parametrize(("attack", "honest"), SQL)
def test_sql_in_this_style_is_an_injection(attack: str, honest: str) -> None:
    assert classify(attack).reason is Reason.SQLI
    assert classify(honest).payload_class is not PayloadClass.UNSAFE


@pytest.mark.parametrize(("attack", "honest"), SCRIPT)
def test_script_in_this_style_is_an_attack(attack: str, honest: str) -> None:
    assert classify(attack).reason is Reason.XSS
    assert classify(honest).payload_class is not PayloadClass.UNSAFE


@pytest.mark.parametrize(("attack", "honest"), PATHS)
def test_a_path_in_this_style_leads_out(attack: str, honest: str) -> None:
    assert classify(attack).reason is Reason.PATH_TRAVERSAL
    assert classify(honest).payload_class is not PayloadClass.UNSAFE


@pytest.mark.parametrize(
    "value",
    [
        'pine" + "shelf" + "rustic"',
        '" - "magazine"',
        "(select one)",
        '"/classes/",',
        "rc = call(src, 0);   if (rc != OK) { fail(rc); }",
        "refs = load(a, b);\n\tif (refs == NULL)\n\t\treturn 1;",
        "// if ($input.ExpectingMore) {",
        "Alert (1)",
        "Confirm(ation) needed",
        "if (table == 5 && cursor != 2) confirm();",
        "$$E = mc^2$$ and $$a^2 + b^2$$",
        "// `prompt` asks the user",
        "rl.setPrompt(prompt)",
        "`${this.constructor.name} streams only text`",
        "chdir('/tmp');\nconsole.log(cwd());",
        "1) prompt(x) asks what the user wants to do",
        '<style data-from="a">.nav{border:1px solid #aaa}</style>',
        "</svg>",
        '<li><a href="../">../</a></li>',
    ],
)
def test_searches_and_code_that_only_look_like_it_are_not_flagged(value: str) -> None:
    assert classify(value).payload_class is not PayloadClass.UNSAFE


@pytest.mark.parametrize("unit", ["if(", "a/**/", "%a", "'^1", ".e)", "=alert(", "c:/", "1.e "])
def test_the_new_styles_cost_linear_time(unit: str) -> None:
    """INVARIANT: four times the length costs no more than a linear detector's, with room to spare.

    A square law would cost sixteen times as much; the least of three runs keeps noise out.
    """

    def cost(size: int) -> float:
        value = unit * (size // len(unit))
        times = []
        for _ in range(3):
            start = time.process_time()
            classify(value)
            times.append(time.process_time() - start)
        return min(times)

    assert cost(40_000) < 10 * cost(10_000) + 0.01
