"""SQL of Db2 for i over a real database: names, types, values, codes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.ibmi.collation import compare_stamps
from simulators.ibmi.sql.functions import interpret
from simulators.ibmi.sql.tokens import tokenise
from simulators.ibmi.sql.types import decimal_text
from simulators.xmlservice.host import SqlFailedError


def code(world, statement, *values):
    with pytest.raises(SqlFailedError) as raised:
        world.sql(statement, *values)
    return raised.value.sqlcode, raised.value.sqlstate


def test_a_table_is_found_by_both_namings_and_by_the_library_list(epm):
    epm.sql("insert into epm/rules (seq) values(1)")
    for name in ("epm/rules", "epm.rules", "rules", "EPM.RULES"):
        assert epm.sql(f"select seq from {name}") == [["1"]]
    epm.ok("RMVLIBLE EPM")
    assert code(epm, "select seq from rules") == (-204, "42704")


def test_values_are_shown_as_db2_shows_them(epm):
    epm.sql("insert into rules values(1, 'ab', 0.5, 'Y', '2026-11-21 10:00:00', x'C1C2')")
    assert epm.sql("select * from rules") == [
        ["1", "ab", ".50", "Y  ", "2026-11-21 10:00:00", b"\xc1\xc2"]
    ]
    assert epm.sql("select name, flag from rules where flag = 'Y'") == [["ab", "Y  "]]
    assert epm.sql("select null from sysibm.sysdummy1") == [[None]]


def test_columns_are_described_before_and_after(epm):
    cursor = epm.job.sql().prepare(
        "select r.*, count(*) over() as n, cast(seq as char(5)) from rules r"
    )
    assert [(c.name, c.type, c.length, c.scale) for c in cursor.columns] == [
        ("SEQ", "INTEGER", 10, 0),
        ("NAME", "VARCHAR", 10, 0),
        ("AMOUNT", "DECIMAL", 7, 2),
        ("FLAG", "CHAR", 3, 0),
        ("MADE", "TIMESTAMP", 26, 6),
        ("RAW", "VARCHAR FOR BIT DATA", 4, 0),
        ("N", "VARCHAR", 128, 0),
        ("00008", "VARCHAR", 128, 0),
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("insert into rules (seq, name) values(1, 'elevenchars')", (-404, "22001")),
        ("insert into rules (seq, amount) values(1, 100000)", (-405, "22003")),
        ("insert into rules (seq, amount) values(1, 'x')", (-420, "22018")),
        ("insert into rules (seq) values(null)", (-407, "23502")),
        ("insert into rules (seq) values(0)", (-803, "23505")),
        ("insert into rules values(1)", (-117, "42802")),
        ("insert into rules (nosuch) values(1)", (-206, "42703")),
        ("select nosuch from rules", (-206, "42703")),
        ("select * from nosuch", (-204, "42704")),
        ("select * from nolib.rules", (-204, "42704")),
        ("select nosuch(1) from rules", (-204, "42704")),
        ("select * from table(qsys2.nosuch()) x", (-440, "42884")),
        ("select * from table(qsys2.display_journal('QSYS')) x", (-20484, "428HF")),
        ("call nosuch()", (-440, "42884")),
        ("selec * from rules", (-84, "42612")),
        ("select * frm rules", (-104, "42601")),
        ("select * from rules where", (-104, "42601")),
        ("select 'x from rules", (-10, "42603")),
        ("select 1 from rules where ) (", (-104, "42601")),
        ("", (-104, "42601")),
        ("create table epm.rules (a int)", (-601, "42710")),
        ("create table nolib.t (a int)", (-204, "42704")),
        ("create table t (a nosuchtype)", (-104, "42601")),
        ("drop table nosuch", (-204, "42704")),
        ("values timestamp('never')", (-180, "22007")),
        ("values cast('x' as integer)", (-420, "22018")),
        ("values substr('abc', 0)", (-138, "22011")),
        ("set schema nolib", (-204, "42704")),
        ("create trigger x", (-84, "42612")),
    ],
)
def test_codes_and_states(epm, statement, expected):
    epm.sql("insert into rules (seq) values(0)")
    before = epm.sql("select * from rules")
    assert code(epm, statement) == expected
    assert epm.sql("select * from rules") == before


def test_a_failure_is_in_the_job_log(epm):
    code(epm, "select * from nosuch")
    assert epm.job.log()[-1].id == "SQL0204"


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("values 1, 2", [["1"], ["2"]]),
        ("values (1, 'a'), (2, 'b')", [["1", "a"], ["2", "b"]]),
        ("values current timestamp", [["2026-11-21-10.00.00.000000"]]),
        ("values current date, current_date", [["2026-11-21"], ["2026-11-21"]]),
        ("values current timestamp - 1 hour + 30 seconds", [["2026-11-21-09.00.30.000000"]]),
        ("values date('2024-02-29') + 1 year", [["2025-02-28"]]),
        ("values current user, user, session_user", [["EPMADM"]] * 3),
        ("values hex('SK')", [["E2D2"]]),
        ("values hex(x'00ff')", [["00FF"]]),
        ("values interpret(x'C1C2' as char(2))", [["AB"]]),
        ("values interpret(x'0000002A' as integer)", [["42"]]),
        ("values interpret(x'12345D' as decimal(5,2))", [["-123.45"]]),
        ("values substring('abcdef' from 2 for 3)", [["bcd"]]),
        ("values trim(leading '0' from '007')", [["7"]]),
        ("values 'a' concat 'b' || 'c'", [["abc"]]),
        ("values cast('12.345' as decimal(5,2))", [["12.34"]]),
        ("values decimal('1.5', 5, 2)", [["1.50"]]),
        ("values position('c' in 'abc')", [["3"]]),
        ("values ifnull(null, 'x'), coalesce(null, 'y')", [["x"], ["y"]]),
        (
            "select a from (values 3, 1, 2) as t(a) order by a fetch first 2 rows only",
            [["1"], ["2"]],
        ),
        ("select a from (values 1, 2, 3) as t(a) offset 1 rows fetch next 1 rows only", [["2"]]),
        ("with t(a) as (values 5) select a + 1 from t for read only with ur", [["6"]]),
        ("select t.a from (select 1 as a from sysibm.sysdummy1) t", [["1"]]),
        ("select count(*) from qiws/qcustcdt where baldue > 400", [["4"]]),
        ("select baldue, cdtdue from qiws.qcustcdt where lstnam = 'Lee'", [["489.50", ".50"]]),
        ('select "LSTNAM" from qiws.qcustcdt where cusnum = 938472', [["Henning "]]),
    ],
)
def test_expressions(world, statement, rows):
    assert world.sql(statement) == rows


def test_parameters_are_bound_in_the_order_of_the_text(epm):
    for seq in ("1", "2", "3"):
        epm.sql("insert into rules (seq, name) values(?, ?)", seq, f"r{seq}")
    assert epm.sql(
        "select name from rules where seq > ? order by seq fetch first ? rows only", "1", "1"
    ) == [["r2"]]
    assert epm.sql(
        "select name from rules order by seq offset ? rows fetch next ? rows only", "1", "1"
    ) == [["r2"]]
    assert code(epm, "select * from rules where seq = ?") == (-313, "07001")
    assert epm.sql(
        "select count(*) from table(qsys2.display_journal(?, ?)) x where sequence_number < ?",
        "QSYS",
        "QAUDJRN",
        "99",
    ) == [["1"]]


def test_changes_are_counted_and_identities_kept(epm):
    epm.sql(
        "create table epm.t (id integer generated always as identity (start with 1),"
        " n char(1), primary key(id))"
    )
    connection = epm.job.sql()
    cursor = connection.prepare("insert into epm.t (n) values('a'), ('b')")
    cursor.execute([])
    assert (cursor.rowcount, connection.identity()) == (2, "2")
    cursor = connection.prepare("update epm.t set n = 'c' where id > 0")
    cursor.execute([])
    assert cursor.rowcount == 2
    assert epm.sql("delete from epm.t") == 2


def test_qtemp_tables_are_the_jobs_own(epm):
    epm.sql("declare global temporary table t (a int)")
    epm.sql("insert into session.t values(1)")
    assert epm.sql("select * from qtemp.t") == [["1"]]
    assert code(epm.as_user("EPMADM"), "select * from qtemp.t") == (-204, "42704")


def test_a_table_made_of_a_query_keeps_its_types(epm):
    epm.sql("insert into rules (seq, amount) values(1, 2.5)")
    epm.sql("create table epm.copy as (select seq, amount from rules) with data")
    epm.sql("create table epm.empty like epm.rules")
    assert epm.sql("select * from epm.copy") == [["1", "2.50"]]
    assert code(epm, "insert into epm.empty (seq, amount) values(1, 'x')") == (-420, "22018")


def test_views_indexes_and_constraints(epm):
    epm.sql("create table epm.kid (seq int references epm.rules(seq), n int check(n > 0))")
    assert code(epm, "insert into kid values(9, 1)") == (-530, "23503")
    assert code(epm, "insert into kid values(null, 0)") == (-545, "23513")
    epm.sql("create unique index epm.one on epm.kid (n)")
    epm.sql("insert into kid values(null, 1)")
    assert code(epm, "insert into kid values(null, 1)") == (-803, "23505")
    epm.sql("create view epm.big as select n from kid where n > 0")
    assert epm.sql("select * from big") == [["1"]]
    epm.sql("alter table kid add column extra varchar(3)")
    epm.sql("drop view big")
    epm.sql("drop table if exists nosuch")


def test_fetching_without_a_result(epm):
    with pytest.raises(SqlFailedError) as raised:
        epm.job.sql().prepare("delete from rules").fetch(1)
    assert raised.value.sqlcode == -501


@given(st.text(alphabet="SELECT FROM WHERE()'\"?,.*/=<>|1a- \n", max_size=50))
def test_no_text_raises_anything_but_a_sql_error(text):
    with suppress(SqlFailedError):
        assert all(token.sql for token in tokenise(text))


def test_hostile_statements_end_as_sql_errors(world):
    pieces = [
        "select",
        "from",
        "(",
        ")",
        ",",
        "values",
        "table",
        "?",
        "'a'",
        "1",
        "as",
        "x",
        "+",
        "1 day",
        "with",
        "cast",
        "fetch first",
        "union",
        "qiws.qcustcdt",
        "where",
        "case",
    ]
    import random

    chooser = random.Random(7)
    connection = world.job.sql()
    for _ in range(1500):
        statement = "select " + " ".join(
            chooser.choice(pieces) for _ in range(chooser.randint(1, 8))
        )
        try:
            cursor = connection.prepare(statement)
            cursor.execute(["1"] * len(cursor.parameters))
            cursor.fetch(5)
        except SqlFailedError:
            continue


def test_endless_work_is_ended(world, monkeypatch):
    from simulators.ibmi.sql import session

    monkeypatch.setattr(session, "MAX_WORK", 200)
    endless = "with t(n) as (values 1 union all select n + 1 from t) select count(*) from t"
    assert code(world, endless) == (-666, "57005")


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_decimals_have_all_digits_of_their_scale(units, scale):
    from decimal import Decimal

    value = Decimal(units).scaleb(-scale)
    text = decimal_text(str(value), scale)
    assert Decimal(text) == value
    assert not text.lstrip("-").startswith("0.")


def test_timestamps_compare_by_what_they_mean():
    assert compare_stamps("2026-11-21 10:00:00", "2026-11-21-10.00.00.000000") == 0
    assert compare_stamps("2026-11-21T10:00:01", "2026-11-21-10.00.00.999999") == 1


def test_interpret_refuses_what_is_not_packed():
    with pytest.raises(SqlFailedError):
        interpret(b"\x40\x40", "DECIMAL", 3, 0)
