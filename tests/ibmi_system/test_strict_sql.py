"""What SQLite would take is refused as Db2 for i refuses it; a statement has bounds."""

from time import monotonic

import pytest

import simulators.ibmi.sql.cursor
from simulators.xmlservice.host import SqlFailedError


def code(world, statement):
    with pytest.raises(SqlFailedError) as raised:
        world.sql(statement)
    return raised.value.sqlcode


@pytest.mark.parametrize(
    ("statement", "sqlcode"),
    [
        ("SELECT 1", -104),
        ("SELECT 1 FROM QIWS.QCUSTCDT WHERE 1 = (SELECT 1)", -104),
        ("SELECT CUSNUM FROM QIWS.QCUSTCDT; DROP TABLE QIWS.QCUSTCDT", -104),
        ("INSERT OR IGNORE INTO QIWS.QCUSTCDT (CUSNUM) VALUES(1)", -104),
        ("INSERT INTO QIWS.QCUSTCDT (CUSNUM) VALUES(1) ON CONFLICT DO NOTHING", -104),
        ("DELETE FROM QIWS.QCUSTCDT RETURNING CUSNUM", -104),
        ("SELECT CUSNUM FROM QIWS.QCUSTCDT WHERE LSTNAM GLOB 'H*'", -104),
        ("SELECT CUSNUM FROM QIWS.QCUSTCDT WHERE LSTNAM ISNULL", -104),
        ("SELECT CUSNUM FROM QIWS.QCUSTCDT INDEXED BY X", -104),
        ('SELECT "no such column" FROM QIWS.QCUSTCDT', -206),
        ('SELECT CUSNUM FROM QIWS.QCUSTCDT WHERE LSTNAM = "Henning"', -206),
        ("SELECT SQLITE_VERSION() FROM SYSIBM.SYSDUMMY1", -204),
        ("SELECT QSYS2.ZEROBLOB(9) FROM SYSIBM.SYSDUMMY1", -204),
        ("SELECT LSTNAM, COUNT(*) FROM QIWS.QCUSTCDT", -122),
        ("SELECT LSTNAM, STATE FROM QIWS.QCUSTCDT GROUP BY STATE", -122),
        ("ALTER TABLE QIWS.QCUSTCDT", -84),
        ("SELECT MOD(1, 0) FROM SYSIBM.SYSDUMMY1", -802),
        ("SELECT LEFT('abc', -1) FROM SYSIBM.SYSDUMMY1", -138),
        ("SELECT CUSNUM FROM QIWS.QCUSTCDT WHERE LSTNAM LIKE 'a' ESCAPE 'xy'", -130),
        ("SELECT 'a\0b' FROM SYSIBM.SYSDUMMY1", -104),
    ],
)
def test_what_only_sqlite_knows_is_refused(world, statement, sqlcode):
    assert code(world, statement) == sqlcode
    assert world.sql("SELECT COUNT(*) FROM QIWS.QCUSTCDT") == [["12"]]


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        (
            "SELECT STATE, COUNT(*) AS N FROM QIWS.QCUSTCDT C GROUP BY C.STATE HAVING COUNT(*) > 2",
            [["NY", "3"]],
        ),
        ("VALUES (SELECT COUNT(*) FROM QIWS.QCUSTCDT)", [["12"]]),
        (
            "SELECT STATE FROM QIWS.QCUSTCDT WHERE INIT = 'J W' FOR UPDATE OF STATE, CITY WITH CS",
            [["CA"]],
        ),
        ("SELECT MAX(1, 2), CUSNUM FROM QIWS.QCUSTCDT WHERE LSTNAM = 'Doe'", [["2", "475938"]]),
        (
            "SELECT LSTNAM, COUNT(*) OVER() FROM QIWS.QCUSTCDT WHERE STATE = 'VT'",
            [["Vine    ", "1"]],
        ),
        ("SELECT LEFT('abc', 2), RIGHT('abc', 2) FROM SYSIBM.SYSDUMMY1", [["ab", "bc"]]),
        ("SELECT MOD(-5, 3), MOD(5.5, 2) FROM SYSIBM.SYSDUMMY1", [["-2", "1.5"]]),
        ("SELECT UPPER('\u00e4'), LCASE('\u00d6') FROM SYSIBM.SYSDUMMY1", [["\u00c4", "\u00f6"]]),
        (
            "SELECT DAYNAME(CURRENT DATE), DAYOFWEEK(CURRENT DATE), LAST_DAY(CURRENT DATE)"
            " FROM SYSIBM.SYSDUMMY1",
            [["Saturday", "7", "2026-11-30"]],
        ),
        (
            "SELECT A.LSTNAM FROM QIWS.QCUSTCDT A LEFT JOIN QIWS.QCUSTCDT B"
            " ON A.CUSNUM = B.CUSNUM WHERE A.LSTNAM = 'Lee'",
            [["Lee     "]],
        ),
    ],
)
def test_what_looks_like_it_and_is_db2_s_is_taken(world, statement, rows):
    assert world.sql(statement) == rows


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("'Hen%'", ["Henning"]),
        ("'hen%'", []),
        ("'_e_'", ["Lee"]),
        ("'%*%'", []),
        ("'J!%' ESCAPE '!'", []),
    ],
)
def test_like_tells_small_letters_from_capitals(world, pattern, found):
    rows = world.sql(f"SELECT LSTNAM FROM QIWS.QCUSTCDT WHERE LSTNAM LIKE {pattern}")
    assert [row[0].rstrip() for row in rows] == found


def test_characters_sort_by_their_bytes_in_ccsid_37_and_nulls_are_the_highest(world):
    world.sql("CREATE TABLE QTEMP.T(A VARCHAR(5))")
    world.sql("INSERT INTO QTEMP.T VALUES('b'), ('B'), ('1'), (NULL), ('a'), ('a  ')")
    rising = world.sql("SELECT A FROM QTEMP.T ORDER BY A")
    assert [row[0] for row in rising] == ["a", "a  ", "b", "B", "1", None]
    falling = world.sql("SELECT A FROM QTEMP.T ORDER BY A DESC")
    assert [row[0] for row in falling] == [None, "1", "B", "b", "a", "a  "]
    assert world.sql("SELECT COUNT(*) FROM QTEMP.T WHERE A > 'Z'") == [["1"]]
    assert world.sql("SELECT MAX(A) FROM QTEMP.T") == [["1"]]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT " + "(" * 3000 + "1" + ")" * 3000 + " FROM SYSIBM.SYSDUMMY1",
        "SELECT * FROM " + "(SELECT * FROM " * 1500 + "QIWS.QCUSTCDT" + ")" * 1500,
        "SELECT " + "CAST(" * 400 + "1" + " AS INT)" * 400 + " FROM SYSIBM.SYSDUMMY1",
        "SELECT A FROM QIWS.QCUSTCDT WHERE F(A" + ",B(C" * 15_000 + ")" * 15_001,
        "SELECT " + "1," * 60_000 + "1 FROM SYSIBM.SYSDUMMY1",
    ],
    ids=["parentheses", "queries", "casts", "functions", "items"],
)
def test_a_statement_that_is_too_complex_is_refused_at_once(world, statement):
    start = monotonic()
    assert code(world, statement) == -101
    assert monotonic() - start < 15


def test_comments_and_strings_without_end_are_read_once(world):
    start = monotonic()
    assert code(world, "SELECT /* " * 100_000) == -104
    assert code(world, "SELECT '" + "''" * 200_000) == -10
    assert monotonic() - start < 15


def test_a_result_is_bounded_in_bytes(world, monkeypatch):
    monkeypatch.setattr(simulators.ibmi.sql.cursor, "MAX_RESULT", 1000)
    assert len(world.sql("SELECT REPEAT('x', 50) FROM QIWS.QCUSTCDT")) == 12
    assert code(world, "SELECT REPEAT('x', 100) FROM QIWS.QCUSTCDT") == -904
    assert code(world, "SELECT REPEAT(REPEAT('x', 32739), 32739) FROM SYSIBM.SYSDUMMY1") == -137


def test_tables_are_bounded_in_bytes(world):
    world.system.state.database.own.execute("PRAGMA max_page_count=1")  # as many as there are
    connection = world.job.sql()
    connection._session.sqlite.execute("PRAGMA max_page_count=1")
    cursor = connection.prepare("CREATE TABLE QGPL.T(A INT)")
    with pytest.raises(SqlFailedError) as raised:
        cursor.execute(())
    assert raised.value.sqlcode == -904
    assert world.fails("CHKOBJ QGPL/T *FILE") == "CPF9801"


def test_what_a_procedure_takes_counts_with_its_call(world, monkeypatch):
    monkeypatch.setattr("simulators.ibmi.sql.session.MAX_WORK", 2000)
    tables = ", ".join(f"QIWS.QCUSTCDT T{n}" for n in range(5))
    world.sql(
        "CREATE PROCEDURE QGPL.BUSY() BEGIN DECLARE N INT; DECLARE I INT DEFAULT 0;"
        f" WHILE I < 1000 DO SET N = (SELECT COUNT(*) FROM {tables}); SET I = I + 1; END WHILE; END"
    )
    assert world.sql(f"SELECT COUNT(*) FROM {tables}") == [["248832"]]
    assert code(world, "CALL QGPL.BUSY()") == -666


def test_what_waits_for_others_is_not_its_own_time(world, monkeypatch):
    monkeypatch.setattr("simulators.ibmi.sql.session.MAX_SECONDS", 0.9)
    world.ok("CRTDTAQ QGPL/Q MAXLEN(10)")
    tables = ", ".join(f"QIWS.QCUSTCDT T{n}" for n in range(4))
    waits = "TABLE(QSYS2.RECEIVE_DATA_QUEUE('Q', 'QGPL', WAIT_TIME => 1)) X"
    rows = world.sql(f"VALUES ((SELECT COUNT(*) FROM {waits}), (SELECT COUNT(*) FROM {tables}))")
    assert rows == [["0", "20736"]]


def test_each_execution_of_a_statement_has_the_whole_measure(world, monkeypatch):
    monkeypatch.setattr("simulators.ibmi.sql.session.MAX_WORK", 2000)
    tables = ", ".join(f"QIWS.QCUSTCDT T{n}" for n in range(5))
    cursor = world.job.sql().prepare(f"SELECT COUNT(*) FROM {tables}")
    for _ in range(6):
        cursor.execute(())
        assert cursor.fetch(1) == [["248832"]]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM TABLE(QSYS2.DISPLAY_JOURNAL('QSYS', 'QAUDJRN', STARTING_SEQUENCE => 'x')) J",
        "SELECT * FROM TABLE(QSYS2.RECEIVE_DATA_QUEUE('Q', 'QGPL', WAIT_TIME => 'x')) J",
        "CALL QSYS2.QCMDEXC('DSPLIBL', 'x')",
        "CALL QSYS2.QCMDEXC('DSPLIBL', 1e999)",
        "CALL QSYS2.IFS_WRITE('/tmp/x', 'a', 'zz')",
    ],
)
def test_an_argument_that_is_no_number_is_one_error(world, statement):
    world.ok("CRTDTAQ QGPL/Q MAXLEN(10)")
    assert code(world, statement) == -420


def test_an_aggregate_has_the_type_that_its_column_gives_it(world):
    world.sql("CREATE TABLE QTEMP.N(A INT, D DECIMAL(5, 2), C CHAR(3))")
    world.sql("INSERT INTO QTEMP.N VALUES(1, .1, 'x'), (2, .7, 'y'), (4, .1, 'z')")
    assert world.sql("SELECT SUM(D), AVG(A), SUM(A), MAX(C), COUNT(*) FROM QTEMP.N") == [
        [".90", "2", "7", "z  ", "3"]
    ]
    rows = world.sql("SELECT N.C AS K, SUM(N.D) FROM QTEMP.N GROUP BY N.C ORDER BY 1 DESC")
    assert rows[0] == ["z  ", ".10"]
    connection = world.job.sql()
    columns = connection.prepare("SELECT SUM(D) S, MIN(C) FROM QTEMP.N").columns
    assert [(c.name, c.type, c.scale) for c in columns] == [
        ("S", "DECIMAL", 2),
        ("00002", "CHAR", 0),
    ]
