"""SQL services and catalogue calls: what they tell of the system, and commands by SQL."""

import pytest

from simulators.xmlservice.host import SqlFailedError


def code(world, statement, *values):
    with pytest.raises(SqlFailedError) as raised:
        world.sql(statement, *values)
    return raised.value.sqlcode, raised.value.sqlstate


def test_a_command_runs_by_procedure_and_by_function(epm):
    epm.sql("call qsys2.qcmdexc('CRTLIB VIASQL')")
    assert epm.sql("values qsys2.qcmdexc('CRTLIB VIASQL'), qsys2.qcmdexc('DLTLIB VIASQL')") == [
        ["-1"],
        ["1"],
    ]
    with pytest.raises(SqlFailedError, match="CPF2110") as raised:
        epm.sql("call qcmdexc(?)", "DLTLIB VIASQL")
    assert raised.value.sqlcode == -443


def test_stream_files_are_written_and_read(epm):
    epm.sql(
        "call qsys2.ifs_write_utf8(path_name => '/tmp/a.c', line => ?, overwrite => 'REPLACE',"
        " end_of_line => 'LF')",
        "int x;",
    )
    epm.sql("call qsys2.ifs_write_utf8('/tmp/a.c', 'int y;', end_of_line => 'LF')")
    assert epm.sql("select line_number, line from table(qsys2.ifs_read_utf8('/tmp/a.c')) f") == [
        ["1", "int x;"],
        ["2", "int y;"],
    ]
    assert code(epm, "select * from table(qsys2.ifs_read_utf8('/tmp/none')) f") == (-443, "38501")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "select current_character_value from qsys2.system_value_info"
            " where system_value_name = 'QAUDCTL'",
            [["*AUDLVL"]],
        ),
        ("select status from qsys2.user_info where authorization_name = 'EPMOFF'", [["*DISABLED"]]),
        ("select audit_journal_exists from qsys2.security_info", [["YES"]]),
        (
            "select objname from table(qsys2.object_statistics('XMLSERVICE', '*PGM')) x"
            " where objname like 'ZZC%'",
            [["ZZCALL"], ["ZZCUST"]],
        ),
        ("select object_count from table(qsys2.LIBRARY_INFO('XMLSERVICE')) x", [["15"]]),
        ("select max(ordinal_position) from table(qsys2.active_job_info()) x", [["1"]]),
        ("select host_name from sysibmadm.env_sys_info", [["EPMSIM"]]),
        (
            "select column_name from qsys2.syscolumns"
            " where table_name = 'QCUSTCDT' and ordinal_position = 1",
            [["CUSNUM"]],
        ),
    ],
)
def test_services(world, statement, expected):
    assert world.sql(statement) == expected


@pytest.mark.parametrize(
    ("action", "values", "expected"),
    [
        ("tables", [None, "QIWS", None, None], ["EPMSIM", "QIWS", "QCUSTCDT", "TABLE", None]),
        ("primarykeys", [None, "EPM", "RULES"], ["EPMSIM", "EPM", "RULES", "SEQ", "1", None]),
        (
            "procedures",
            [None, "QSYS2", "QCMD%"],
            ["EPMSIM", "QSYS2", "QCMDEXC", None, None, "0", None, "1"],
        ),
    ],
)
def test_catalogue_calls(epm, action, values, expected):
    cursor = epm.job.sql().catalogue(action, values)
    assert [list(row) for row in cursor.fetch(10)] == [expected]
    assert len(cursor.columns) == len(expected)


@pytest.mark.parametrize(
    "action",
    [
        *("columns", "special", "foreignkeys", "statistics", "tablepriv", "columnpriv", "pcolumns"),
    ],
)
def test_every_catalogue_call_has_rows_as_wide_as_its_columns(epm, action):
    epm.sql("create table epm.kid (seq int references epm.rules(seq))")
    epm.sql("create index epm.byname on epm.rules (name)")
    given = ["1", None, None, None] if action == "special" else [None, None, None, None]
    cursor = epm.job.sql().catalogue(action, given)
    rows = cursor.fetch(1000)
    assert rows
    assert {len(row) for row in rows} == {len(cursor.columns)}


def test_an_unknown_catalogue_call(epm):
    with pytest.raises(SqlFailedError):
        epm.job.sql().catalogue("nosuch", [])


def test_catalogue_calls_tell_of_a_key_and_a_reference_that_every_system_has(world):
    connection = world.job.sql()

    def first(action, *values):
        return connection.catalogue(action, values).fetch(9)[0]

    assert first("primarykeys", "", "QUSRSYS", "QASZRAIRX")[1:4] == [
        "QUSRSYS",
        "QASZRAIRX",
        "ENTRY",
    ]
    found = first("foreignkeys", "", "QUSRSYS", "QASZRAIRC", "", "QUSRSYS", "QASZRAIRX")
    assert (found[2], found[6]) == ("QASZRAIRC", "QASZRAIRX")
