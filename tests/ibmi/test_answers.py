"""What XMLSERVICE says of a failure, read whole; and nothing hostile reaches a parser or a user."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import RemoteError
from exitprograms.ibmi.answers import (
    ActionFailedError,
    SignOnRefusedError,
    failure_of,
    is_empty_result,
    read_answer,
    rows_of,
)
from tests.ibmi.machine import client_of, machine

#: A real capture (XMLSERVICE 1.9.9), jobinfo left out.
CAPTURED = """<cmd error="fast" exec="cmd"><error>*** error CHGLIBL LIBL(FROGLEGLONG)</error>
<error>202</error>
<version>XML Toolkit 1.9.9</version>
<error><status>202</status><errnoxml>1100012</errnoxml><xmlerrmsg>XML run cmd failed</xmlerrmsg>
<xmlhint>CHGLIBL LIBL(FROGLEGLONG)</xmlhint></error></cmd>"""


def test_a_failed_command_without_message_id_says_what_there_is():
    failure = failure_of(ElementTree.fromstring(CAPTURED))
    assert (failure.message_id, failure.code) == ("", "1100012")
    assert failure.line() == "XML run cmd failed: CHGLIBL LIBL(FROGLEGLONG)"


@pytest.fixture(scope="module")
def client():
    return client_of(machine())


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("DLTLIB LIB(NOSUCH)", "CPF2110: Library NOSUCH not found."),
        ("NOSUCHCMD A(1)", "CPD0030: Command NOSUCHCMD in library *LIBL not found. (CPF0006)"),
        ("CRTDTAARA DTAARA(QGPL/A) TYPE(*BAD)", "CPD0084: '*BAD' is not valid for parameter TYPE."),
    ],
)
def test_a_refused_command_says_its_message(client, command, line):
    with pytest.raises(ActionFailedError) as error:
        client.command(command)
    assert line in str(error.value)
    assert error.value.message_id


def test_a_failed_statement_says_its_state(client):
    with pytest.raises(ActionFailedError) as error:
        client.query("SELECT NOSUCH FROM SYSIBM.SYSDUMMY1")
    assert error.value.failure.sqlstate == "42703"
    assert "SQLSTATE 42703" in str(error.value)


def test_no_rows_are_no_failure_and_null_is_none(client):
    assert client.query("SELECT IBMREQD FROM SYSIBM.SYSDUMMY1 WHERE 1 = 0") == []
    assert list(client.query("VALUES CAST(NULL AS CHAR(1))")[0].values()) == [None]


def test_an_empty_result_is_told_by_code_or_state():
    for text in ("<sqlcode>100</sqlcode>", "<sqlstate>02000</sqlstate>"):
        root = ElementTree.fromstring(f"<fetch><error>{text}</error></fetch>")
        assert is_empty_result(failure_of(root))


def test_what_is_too_long_for_xmlservice_is_never_sent(client):
    with pytest.raises(RemoteError, match="a command of more than 2990 bytes"):
        client.command(f"CRTLIB LIB(A) TEXT('{'x' * 3000}')")
    with pytest.raises(RemoteError, match="a statement of more than"):
        client.statement("x" * 40_000)


@pytest.mark.parametrize(
    ("hint", "why"),
    [
        ("28000:-30082:reason 1 (PASSWORD EXPIRED)", "its password has expired"),
        ("28000:-30082:reason 2 (PASSWORD INVALID)", "its password is wrong"),
        ("28000:-30082:reason 7 (USERID REVOKED)", "the profile is disabled"),
        ("28000:-30082:Authorization fail", "its password is wrong or expired, or the profile is"),
    ],
)
def test_a_refused_sign_on_says_why_as_far_as_it_is_told(hint, why):
    records = "".join(
        f"<error><errnoxml>1480001</errnoxml><xmlhint>{text}</xmlhint></error>"
        for text in ("rc -1", hint)
    )
    with pytest.raises(SignOnRefusedError) as error:
        read_answer(f"<report>{records}</report>", "there", "ALICE")
    assert str(error.value).startswith(f"there: sign-on refused for ALICE: {why}")


@pytest.mark.parametrize(
    "text",
    ["<!DOCTYPE a><a/>", "<a><!ENTITY b 'c'></a>", "<a>", "", "   ", "\x00<a/>", "<a/><b/>"],
)
def test_what_is_no_plain_document_is_refused(text):
    with pytest.raises(RemoteError, match="there: "):
        read_answer(text, "there")


def test_terminal_escapes_of_an_answer_never_reach_a_user():
    answer = "<cmd><error><xmlerrmsg>a&#x9b;31mb&#x85;c</xmlerrmsg></error></cmd>"
    failure = failure_of(read_answer(answer, "there"))
    assert str(ActionFailedError("there: X", failure)).isprintable()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_document_or_one_line(data):
    said = ""
    try:
        root = read_answer(data, "there")
        rows_of(root)
        failure_of(root)
    except RemoteError as error:
        said = str(error)
    assert said.isprintable()
    assert said == "" or said.startswith("there: ")
