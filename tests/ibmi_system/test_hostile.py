"""Whatever a command or a statement says: an outcome or one SQL error, in time, never more."""

from contextlib import suppress
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.ibmi.cl.catalogue import COMMANDS
from simulators.xmlservice.host import SqlFailedError

_QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
#: Commands that wait, by what they are told.
_WAITING = {"DLYJOB"}
_VALUES = st.one_of(
    st.sampled_from(
        [
            *("*ALL", "*LIBL", "QGPL/X", "QSYS/QAUDJRN", "*SAME", "*FIRST", "*", "?", "?N", "NAN"),
            *("-1", "99999999999999999999", "1E99", "''", "'a''b'", "X'C1'", "X'C'", "(A B)", "()"),
            *("((A) (B (C)))", "/", "A/B/C", '"q"', "\u00e9", "\x00", "*CHAR", "*DEC", "SK", "1 2"),
            *("'/QSYS.LIB'", "'/tmp'", "*PGM", "*FILE", "*DTAARA", "EPMADM", "*YES", "*OUTFILE"),
        ]
    ),
    st.text(max_size=12),
)


@_QUIET
@given(data=st.data())
def test_any_command_with_any_values_is_an_outcome(world, data):
    command = COMMANDS[data.draw(st.sampled_from(sorted(COMMANDS.keys() - _WAITING)))]
    keywords = data.draw(st.lists(st.sampled_from(command.params), max_size=6, unique=True))
    text = " ".join(f"{param.keyword}({data.draw(_VALUES)})" for param in keywords)
    outcome = world.job.command(f"{command.name} {text}")
    assert outcome.ok or outcome.messages[-1].id
    assert "CPF9999" not in [m.id for m in outcome.messages]


@_QUIET
@given(st.text(max_size=60))
def test_any_text_is_an_outcome(world, text):
    assert world.job.command(text).messages is not None


_WORDS = st.sampled_from(
    [
        *(
            "SELECT",
            "FROM",
            "WHERE",
            "QIWS.QCUSTCDT",
            "QIWS/QCUSTCDT",
            "CUSNUM",
            "(",
            ")",
            ",",
            "?",
        ),
        *(
            "'a'",
            "1",
            "*",
            "AS",
            "X",
            "GROUP BY",
            "ORDER BY",
            "DESC",
            "COUNT(*)",
            "CAST(",
            "AS INT",
        ),
        *("TABLE(", "VALUES", "INSERT INTO", "UPDATE", "SET", "DELETE", "CREATE", "QTEMP.T", "AND"),
        *("CALL", "QSYS2.QCMDEXC", "=>", "=", "UNION", "WITH", "FETCH FIRST", "ROWS ONLY", "LIKE"),
        *(
            "DROP",
            "ALTER",
            "PRIMARY KEY",
            "DECIMAL(5, 2)",
            "DEFAULT",
            "NOT NULL",
            "+ 1 DAY",
            "CASE",
        ),
        *("WHEN", "END", "X'C1'", '"n"', ".", "/", ";", "BEGIN", "PROCEDURE", "IN", "EXISTS", "ON"),
    ]
)


@_QUIET
@given(st.lists(_WORDS, max_size=14))
def test_any_statement_is_a_result_or_one_error(world, words):
    connection = world.job.sql()
    with suppress(SqlFailedError):
        cursor = connection.prepare(" ".join(words))
        cursor.execute(["1"] * len(cursor.parameters))
    connection.close()
    log = [m.text for m in world.job.log()]
    assert not [text for text in log if "SQL system error" in text]


@pytest.mark.parametrize(
    "text",
    ["DSPLIBL " + "/* " * 10_000, "DSPLIBL " + "(" * 30_000, "DSPLIBL " + "'" * 30_001],
    ids=["comments", "parentheses", "apostrophes"],
)
def test_a_long_command_is_read_in_time(world, text):
    start = monotonic()
    assert world.fails(text) == "CPF0006"
    assert monotonic() - start < 10


def test_a_comment_without_end_is_no_value(world):
    world.ok("/* a */ DSPLIBL /* b */ OUTPUT(*) /**/")
    diagnostic, _ = world.job.command("DSPLIBL OUTPUT(*) /* x").messages
    assert diagnostic.id == "CPD0020"


@pytest.mark.parametrize("number", ["\u00b2", "--5", "+-1", "1_0", "\u0661", "", "9" * 30])
def test_what_only_looks_like_a_number_is_none(world, number):
    assert world.fails(f"CRTDTAQ QGPL/Q MAXLEN('{number}')") == "CPF0006"
    assert world.job.shell(f"echo a | head -n {number or 'x'}").status in (0, 1)
    with pytest.raises(SqlFailedError):
        world.sql(f"SELECT CAST(1 AS CHAR({number})) FROM SYSIBM.SYSDUMMY1")
    world.job.command(f"CHGSYSVAL QINACTMSGQ '{number}'")
    assert world.sql("SELECT * FROM QSYS2.SYSTEM_VALUE_INFO")


@pytest.mark.parametrize(
    "text",
    [
        "CRTDTAARA DTAARA(QGPL/A) TYPE(*DEC) LEN(100 9) VALUE(1E60)",
        "CRTDTAARA DTAARA(QGPL/A) TYPE(*DEC) LEN(5 9)",
        "CRTDTAARA DTAARA(QGPL/A) TYPE(*LGL) LEN(5)",
        "CRTDTAARA DTAARA(QGPL/A) TYPE(*CHAR) LEN(5 1)",
        "SNDMSG MSG('" + "x" * 3001 + "') TOUSR(*SYSOPR)",
    ],
)
def test_lengths_are_those_of_the_command(world, text):
    assert world.fails(text) == "CPF0006"


def test_words_that_look_like_numbers_are_characters_to_a_program(world):
    assert world.fails("CALL PGM(XMLSERVICE/ZZCALL) PARM(NAN INFINITY 1_0)") == "MCH0802"
    assert world.fails("CRTDTAARA DTAARA(QGPL/A) TYPE(*DEC) VALUE(1_0)") == "CPF1019"


def test_a_library_is_added_to_by_who_may(world):
    world.ok("CRTDTAARA QGPL/A *CHAR")
    world.ok("CRTLIB EPM AUT(*USE)")
    other = world.as_user("EPMUSER")
    assert other.fails("CRTDUPOBJ A QGPL *DTAARA TOLIB(EPM)") == "CPF9820"
    other.ok("CRTDTAARA QGPL/B *CHAR")
    assert other.fails("MOVOBJ QGPL/B *DTAARA EPM") == "CPF9820"
    other.ok("CHKOBJ QGPL/B *DTAARA")
