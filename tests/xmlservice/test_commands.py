"""``<cmd>``, ``<sh>``, ``<qsh>``, ``<diag>``, and the three shapes of failure."""

from __future__ import annotations

import pytest

from tests.xmlservice.reading import codes, root, texts

FAILING = "CHGLIBL LIBL(FROGLEGLONG)"
JOBINFO = [
    "jobipc",
    "jobipcskey",
    "jobname",
    "jobuser",
    "jobnbr",
    "jobsts",
    "curuser",
    "ccsid",
    "dftccsid",
    "paseccsid",
    "langid",
    "cntryid",
    "sbsname",
    "sbslib",
    "curlib",
    "syslibl",
    "usrlibl",
    "jobcpffind",
]


def cmd(text: str, **attributes: str) -> str:
    more = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<cmd{more}>{text}</cmd>"


def test_a_command_that_succeeds_says_so_behind_its_own_text(ask, host):
    answer = ask(cmd("CHGLIBL LIBL(A B)", var="v", odd="x"))
    assert answer == (
        "<cmd var='v' odd='x'><success>+++ success CHGLIBL LIBL(A B)</success>\n</cmd>\n"
    )
    assert host.commands == ["CHGLIBL LIBL(A B)"]


def test_rexx_returns_each_parameter_in_a_row_of_its_own(ask):
    answer = ask(cmd("RTVJOBA CCSID(?N) USRLIBL(?)", exec="rexx"))
    assert [(d.get("desc"), d.text) for d in root(answer).findall(".//row/data")] == [
        ("CCSID", "37"),
        ("USRLIBL", "QGPL QTEMP"),
    ]


def test_rexx_cannot_take_a_quote(ask, host):
    answer = ask(cmd("RTVJOBA USRLIBL(?) /* it's */", exec="rexx", error="fast"))
    assert texts(answer, ".//cmd/error")[0].startswith("*** error")
    assert host.commands == []
    assert "+++" in ask(cmd("RTVJOBA /* it's */", exec="system"))


def test_a_command_is_cut_at_its_variable(ask, host):
    ask(cmd("X" * 4000))
    assert len(host.commands[0]) == 3000


def test_hex_and_ccsids_hold_both_ways(ask, host):
    hexed = "RTVJOBA USRLIBL(?)".encode("latin-1").hex()
    answer = ask(cmd(hexed, exec="rexx", hex="on", before="819/37", after="37/819"))
    assert host.commands == ["RTVJOBA USRLIBL(?)"]
    assert texts(answer, ".//row/data/hex") == ["QGPL QTEMP".encode("latin-1").hex().upper()]


def test_fast_shows_the_record_twice_and_goes_on(ask):
    answer = ask("<x>" + cmd(FAILING, error="fast", var="a") + cmd("CHGLIBL LIBL(A)") + "</x>")
    failed = root(answer).find(".//cmd")
    assert failed is not None
    assert [child.tag for child in failed] == [
        *["error", "error", "version", "error", "error", "jobinfo"]
    ]
    assert [child.text for child in failed][:2] == [f"*** error {FAILING}", "202"]
    for record in failed.findall("error")[2:]:
        assert [(item.tag, item.text) for item in record] == [
            ("status", "202"),
            ("errnoxml", "1100012"),
            ("xmlerrmsg", "XML run cmd failed"),
            ("xmlhint", FAILING),
        ]
    info = failed.find("jobinfo")
    assert info is not None
    assert [item.tag for item in info] == JOBINFO
    assert info.findtext("jobipc") == "*na"
    assert info.findtext("jobipcskey") == "FFFFFFFF"
    assert info.findtext("jobcpffind") == "see log scan, not error list"
    assert len(texts(answer, ".//success")) == 1


@pytest.mark.parametrize("execute", ["system", "rexx"])
def test_the_message_id_is_shown_by_system_and_rexx_only(ask, execute):
    answer = ask(cmd("NOSUCH", exec=execute, error="fast"))
    assert texts(answer, ".//cmd/error")[1] == "CPF0001"
    assert texts(answer, ".//cpf") == ["CPF0001", "CPF0001"]
    assert texts(answer, ".//status") == []
    assert texts(answer, ".//jobcpffind") == ["see error list, not log scan"]
    assert "CPF0001" not in ask(cmd("NOSUCH", error="fast"))


def test_off_adds_the_job_log_with_the_last_time_on_every_record(ask):
    answer = ask(cmd(FAILING) + cmd("NOSUCH", error="off") + cmd("CHGLIBL LIBL(A)"))
    second = root(answer).findall(".//cmd")[1]
    assert [child.tag for child in second][-2:] == ["joblogscan", "joblog"]
    records = second.findall("joblogscan/joblogrec")
    assert [record.findtext("jobcpf") for record in records] == ["CPF2110", "CPF0001"]
    assert {record.findtext("jobtime") for record in records} == {"11/21/26  10:00:02.000001"}
    log = second.find("joblog")
    assert log is not None
    assert (log.get("job"), log.get("user"), log.get("nbr")) == ("QSQSRVR", "FRED", "000001")
    assert "CPD0043" in (log.text or "")
    assert len(texts(answer, ".//success")) == 1


def test_a_warning_shows_the_last_3072_characters_of_the_log(ask):
    answer = ask("".join(cmd("NOSUCH" + "X" * 200, error="fast") for _ in range(40)) + cmd("LAST"))
    (log,) = texts(answer, ".//joblog")
    assert len(log.strip()) <= 3072
    assert "LAST" in log


def test_on_drops_what_was_answered_and_stops_the_script(ask, host):
    answer = ask(
        '<?xml version="1.0"?>\n<s>'
        + cmd("CHGLIBL LIBL(A)")
        + cmd(FAILING, error="on")
        + cmd("CHGLIBL LIBL(B)")
        + "</s>"
    )
    assert answer.startswith('<?xml version="1.0"?>\n<report>\n<version>')
    (report,) = root(answer)
    tags = [child.tag for child in report]
    assert tags == [
        *["version", "error", "error", "error", "xmloutput", "jobinfo", "joblogscan", "joblog"]
    ]
    assert codes(answer) == ["1100004", "1100012", "1100004"]
    hints = ["p(51) <cmd error='on'", FAILING, "p(51) <cmd error='on'"]
    assert texts(answer, ".//xmlhint") == hints
    assert "+++ success CHGLIBL LIBL(A)" in (report.findtext("xmloutput") or "")
    assert host.commands == ["CHGLIBL LIBL(A)", FAILING]
    assert texts(answer, ".//success") == []


def test_a_report_shows_the_last_4000_characters_of_the_partial_answer(ask):
    answer = ask("<s>" + cmd("CHGLIBL LIBL(A)") * 200 + cmd("NOSUCH", error="on") + "</s>")
    (tail,) = texts(answer, ".//xmloutput")
    assert len(tail) <= 4000
    assert "<cmd error='on'>" in tail


def test_shell_output_is_one_text_or_rows(ask, host):
    assert texts(ask("<sh>echo a\\nb</sh>"), ".//sh") == ["\na\nb\n"]
    assert texts(ask("<sh rows='on'>echo a\\nb</sh>"), ".//row") == ["a", "b"]
    assert texts(ask("<sh row='on'>echo a</sh>"), ".//row") == []
    assert texts(ask("<qsh>echo q</qsh>"), ".//qsh") == ["\nq\n"]
    assert host.commands[-1] == "qsh: echo q"
    assert texts(ask("<sh hex='on' before='819/37'>6563686f2068</sh>"), ".//hex") == ["8825"]


def test_a_shell_command_without_output_that_fails_is_an_error(ask):
    answer = ask("<sh error='fast'>nosuch</sh>")
    assert codes(answer) == ["1100014", "1100014"]
    assert texts(answer, ".//xmlerrmsg")[0] == "XML run sh failed"
    assert texts(ask("<sh>true</sh>"), ".//error") == []


def test_cdata_is_answered_where_it_was_sent_or_asked_for(ask):
    sent = "<cmd><![CDATA[CHGLIBL LIBL(A)]]></cmd>"
    assert "<success><![CDATA[+++ success CHG" in ask(sent)
    plain = cmd("CHGLIBL LIBL(A)")
    assert "CDATA" not in ask(plain)
    assert "CDATA" in ask(plain, "*here *cdata")
    assert "CDATA" in ask(plain, "*here *cdata(on)")
    assert "CDATA" not in ask(plain, "*here *cdata(off)")


def test_escp_escapes_the_five_characters(ask):
    answer = ask("<sh><![CDATA[echo <&>\"']]></sh>", "*here *escp")
    assert "&lt;&amp;&gt;&quot;&apos;" in answer


@pytest.mark.parametrize("ctl", ["*here", "*here *cdata", "*here *escp"])
def test_an_answer_is_well_formed_whatever_it_holds(ask, ctl):
    text = "a<b&c]]>\x01\x00d"
    answer = ask(f"<sh><![CDATA[echo {text.replace(']]>', '>')}]]></sh>", ctl)
    assert "a<b&c" in texts(answer, ".//sh")[0]
    answer = ask("<sh>echo &#x41;]]&gt;&amp;</sh>", ctl)
    assert "A]]>&" in texts(answer, ".//sh")[0]


def test_text_between_elements_that_clients_join_with_commas_is_tolerated(ask):
    answer = ask("<myscript>" + ",".join([cmd("CHGLIBL LIBL(A)")] * 2) + "</myscript>")
    assert "," not in answer
    assert len(texts(answer, ".//myscript/cmd/success")) == 2


def test_diag_shows_this_job_and_its_log(ask):
    answer = ask(cmd("NOSUCH", error="fast") + "<diag info='joblog'/>")
    diag = root(answer).find("diag")
    assert diag is not None
    assert [child.tag for child in diag] == ["version", "jobinfo", "joblogscan", "joblog"]
    fast = root(ask("<diag info='fast' error='fast'/>")).find("diag")
    assert fast is not None
    assert [child.tag for child in fast] == ["version", "jobinfo"]
    assert texts(ask("<diag job='OTHER'/>"), ".//joblog") == []
    assert ask("<diag info='conf'>x</diag>") == "<diag info='conf'></diag>\n"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "1100002"),
        ("<a><b></a>", "1100002"),
        ("no document", "1001003"),
        ("<?xml version='1.0'?>", "1001003"),
    ],
)
def test_what_is_no_document_is_a_report(ask, document, code):
    answer = ask(document)
    assert codes(answer) == [code, code]
    assert texts(answer, ".//report/jobinfo/jobuser") == ["FRED"]


def test_a_fault_of_the_system_is_a_report_without_its_details(ask):
    answer = ask(cmd("BOOM"))
    assert codes(answer)[0] == "1400001"
    assert "secret" not in answer
    assert "RuntimeError" in answer
