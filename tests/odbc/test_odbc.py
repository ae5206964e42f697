"""A connection over ODBC: ends in time, fails in one line, tells no secret."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.ibmi.connection_string import connection_string, keywords, quoted, secrets_of
from db.ibmi.diagnosis import Kind, diagnose
from db.ibmi.limits import bounded
from db.ibmi.odbc import MAX_ROWS, open_database
from db.ibmi.query import NotAuthorizedError, UnknownColumnError
from epm.errors import RemoteError, UnsupportedError

pytestmark = pytest.mark.real

# ------------------------------------------------------------------ connection strings, pure

VALUES = st.text(st.sampled_from("ab{};=[]()?*!@,' \n\u00e9"), max_size=12)


@given(VALUES, VALUES)
def test_no_value_becomes_a_keyword_and_each_comes_back(user, password):
    text = connection_string("DSN=DEV400;SSL=1", {"UID": user, "PWD": password})
    found = dict(keywords(text))
    assert found.keys() == {"DSN", "SSL", "UID", "PWD"}
    assert (found["UID"], found["PWD"]) == (user, password)


def test_what_a_source_says_itself_is_left():
    text = connection_string("Driver=x;uid=OWN;", {"UID": "OTHER", "PWD": "p"})
    assert text == "Driver=x;uid=OWN;PWD=p"
    assert connection_string("DEV400", {}) == "DSN=DEV400"


def test_passwords_are_found_in_whatever_form():
    assert secrets_of("DSN=A;pwd={a;b}}};Password=c") == ["a;b}", "c"]
    assert quoted("plain") == "plain"


# --------------------------------------------------------------------- drivers' texts, pure


DRIVER = "[IBM][System i Access ODBC Driver]"
TEXTS = {
    ("28000", f"[28000] {DRIVER}CWBSY0002 - Password for user EPM on system DEV400 is not correct "
     "(8002) (SQLDriverConnect)"): (
        Kind.SIGN_ON, "CWBSY0002 - Password for user EPM on system DEV400 is not correct"),
    ("42S22", f"[42S22] {DRIVER}[DB2 for i5/OS]SQL0206 - Column or global variable SYSTEM_NAME "
     "not found. (-206) (SQLExecDirectW)"): (
        Kind.UNKNOWN_COLUMN, "SQL0206 - Column or global variable SYSTEM_NAME not found."),
    ("HY000", f"[HY000] {DRIVER}[DB2 for i5/OS]SQL7008 - EPM_SYSTEM in EPM not valid for "
     "operation. (-7008) (SQLExecDirectW)"): (
        Kind.NOT_JOURNALED, "SQL7008 - EPM_SYSTEM in EPM not valid for operation."),
    ("57033", f"[57033] {DRIVER}[DB2 for i5/OS]SQL0913 - Row or object EPM_SYSTEM in EPM type "
     "*FILE in use. (-913) (SQLExecDirectW)"): (
        Kind.LOCKED, "SQL0913 - Row or object EPM_SYSTEM in EPM type *FILE in use."),
    ("08S01", f"[08S01] {DRIVER}Communication link failure. comm rc=10054\nand more (10054) (X)"): (
        Kind.UNREACHABLE, "Communication link failure. comm rc=10054"),
    ("01000", "[01000] [unixODBC][Driver Manager]Can't open lib 'IBM i Access ODBC Driver' : file "
     "not found (0) (SQLDriverConnect)"): (
        Kind.NOT_INSTALLED, "Can't open lib 'IBM i Access ODBC Driver' : file not found"),
    ("42501", f"[42501] {DRIVER}SQL0551 - Not authorized to object QAUDJRN. (-551) (SQLFetch)"): (
        Kind.NO_AUTHORITY, "SQL0551 - Not authorized to object QAUDJRN."),
    ("", ""): (Kind.OTHER, "no reason given"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "wanted"), TEXTS.items(), ids=[a[0] for a in TEXTS])
def test_a_drivers_text_is_read_to_its_meaning(arguments, wanted):
    found = diagnose(Exception(*arguments))
    assert (found.kind, found.text) == wanted


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gives_one_short_line(state, text):
    found = diagnose(Exception(state, text), ["hunter2"])
    assert 0 < len(found.text) <= 200
    assert "\n" not in found.text


def test_a_secret_is_blotted_out_of_a_text():
    error = Exception("28000", "[28000] wrong password hunter2 for EPM")
    assert diagnose(error, ["hunter2", "E"]).text == "wrong password *** for EPM"


# ---------------------------------------------------------------------------------- limits


def test_a_call_that_does_not_end_is_left_behind_and_cancelled():
    stop = threading.Event()
    with pytest.raises(TimeoutError, match=r"no answer in 0\.05 s"):
        bounded(lambda: stop.wait(10), 0.05, stop.set)
    assert stop.is_set()


def test_a_call_gives_what_it_gives_and_raises_what_it_raises():
    assert bounded(lambda: 7, 5) == 7
    with pytest.raises(KeyError):
        bounded(lambda: {}["x"], 5)


# ------------------------------------------------------------------------------- the driver


@pytest.fixture
def plain(source):
    """The data source without what only the stored procedure needs."""
    return f"DSN={source};FetchRefcursors=0"


def test_rows_come_by_the_names_of_their_columns(plain):
    connection = open_database(plain, user="epm")
    rows = list(connection.query("SELECT n AS number, 'x' AS text FROM generate_series(1, 2500) n"))
    assert len(rows) == 2500
    assert rows[-1] == {"NUMBER": 2500, "TEXT": "x"}
    connection.close()


def test_a_query_that_takes_too_long_is_given_up(plain):
    connection = open_database(plain, user="epm", seconds=1)
    began = time.monotonic()
    with pytest.raises(RemoteError, match=r"^odbc connection string: no answer in 1 s$"):
        list(connection.query("SELECT pg_sleep(30)"))
    assert time.monotonic() - began < 5
    with pytest.raises(RemoteError, match="was given up"):
        list(connection.query("SELECT 1"))
    connection.close()


def test_a_system_that_takes_the_connection_and_says_nothing_is_given_up(source):
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = f"DSN={source};Servername=127.0.0.1;Port={server.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(RemoteError, match=r"^odbc connection string: (no answer|.*timeout)"):
            open_database(silent, user="epm", seconds=1)
    assert time.monotonic() - began < 5


def test_an_unknown_column_is_told_from_other_failures(plain):
    connection = open_database(plain, user="epm")
    with pytest.raises(UnknownColumnError, match='column "nosuch" does not exist'):
        list(connection.query("SELECT nosuch FROM pg_class"))
    with pytest.raises(RemoteError) as caught:
        list(connection.query("SELECT 1/0"))
    assert not isinstance(caught.value, UnknownColumnError | NotAuthorizedError)
    connection.close()


def test_a_missing_authority_is_told_from_other_failures(plain):
    connection = open_database(plain, user="epm")
    cursor = connection.cursor()
    cursor.execute("CREATE ROLE nobody")
    cursor.execute("SET ROLE nobody")
    with pytest.raises(NotAuthorizedError, match=r"not authorized: .*permission denied"):
        list(connection.query("SELECT * FROM pg_authid"))
    cursor.execute("RESET ROLE")
    cursor.execute("DROP ROLE nobody")
    connection.close()


def test_a_driver_that_repeats_the_password_does_not_tell_it(plain):
    connection = open_database(plain, user="epm", password=lambda: "hunter2")
    with pytest.raises(RemoteError, match=r'relation "\*\*\*" does not exist'):
        list(connection.query('SELECT 1 FROM "hunter2"'))
    connection.close()


NOT_THERE = {
    "unknown source": (
        "NOSUCH",
        UnsupportedError,
        "odbc source NOSUCH: Data source name not found",
    ),
    "unknown driver": ("Driver=Nope;X=1", UnsupportedError, "Can't open lib 'Nope'"),
    "unreachable": ("DSN=EPMDEV;Servername=/nowhere", RemoteError, "connection to server"),
}


@pytest.mark.parametrize("case", NOT_THERE.values(), ids=list(NOT_THERE))
def test_what_cannot_be_opened_says_why_without_the_password(source, case):
    text, kind, why = case
    with pytest.raises(kind, match=why) as caught:
        open_database(text, user="epm", password=lambda: "hunter2", seconds=5)
    assert "hunter2" not in str(caught.value)


def test_the_password_is_asked_for_only_where_it_is_needed(plain):
    asked = []
    open_database(f"{plain};PWD=own", user="epm", password=lambda: asked.append(1) or "x").close()
    open_database(plain, password=lambda: asked.append(1) or "x").close()
    assert asked == []
    open_database(plain, user="epm", password=lambda: asked.append(1) or "x").close()
    assert asked == [1]


def test_an_answer_of_endless_rows_is_refused(plain):
    connection = open_database(plain, user="epm")
    cursor = connection.cursor().execute("SELECT n FROM generate_series(1, ?) n", (MAX_ROWS + 1,))
    with pytest.raises(RemoteError, match=f"more than {MAX_ROWS} rows"):
        cursor.fetchall()
    connection.close()
