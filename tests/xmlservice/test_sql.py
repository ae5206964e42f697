"""``<sql>``: every verb, over a real database."""

from __future__ import annotations

from simulators.xmlservice.sqloptions import Options
from tests.xmlservice.reading import codes, root, texts, values

QUERY = "<query>select * from LIB/animal order by id</query>"


def sql(*verbs: str, **attributes: str) -> str:
    return "<sql>" + "".join(verbs) + "</sql>"


def test_rows_come_with_their_columns_null_and_labels(ask):
    answer = ask(sql(QUERY, "<fetch block='all' desc='on'/>"))
    assert "<query conn='conn1' stmt='stmt1'>\n<success><![CDATA[+++ success select" in answer
    assert "<fetch block='all' desc='on' stmt='stmt1'>\n<row><data desc='ID'>0</data>" in answer
    assert "<data desc='NAME' null='on'></data>" in answer
    assert [d.text for d in root(answer).findall(".//row")[0]][:3] == ["0", "cat", "Pook"]
    assert texts(answer, ".//fetch/success") == ["+++ success stmt1"]


def test_desc_off_drops_the_names_and_binary_columns_are_hex(ask):
    answer = ask(sql("<query>select b from blobs</query>", "<fetch desc='off'/>"))
    assert "<row><data>00C1FF</data></row>" in answer


def test_blocks_go_on_where_the_last_one_ended_and_rec_names_the_first(ask):
    answer = ask(
        sql(
            "<query stmt='s'>select id from animal order by id</query>",
            "<fetch stmt='s' block='1'/>",
            "<fetch stmt='s' block='1'/>",
            "<fetch stmt='s' block='2' rec='1'/>",
            "<fetch stmt='s' rec='3'/>",
        )
    )
    assert values(answer) == ["0", "1", "0", "1", "2"]


def test_an_empty_result_is_an_error_with_sqlcode_100_and_the_script_goes_on(ask):
    answer = ask(
        sql("<query>select id from animal where id > 9</query>", "<fetch error='fast'/>")
        + "<cmd>CHGLIBL LIBL(A)</cmd>"
    )
    assert texts(answer, ".//fetch/error")[0] == "*** error stmt1"
    assert set(texts(answer, ".//sqlcode")) == {"100"}
    assert set(texts(answer, ".//sqlstate")) == {"02000"}
    assert set(codes(answer)) == {"1500001", "1500301"}
    assert len(texts(answer, ".//cmd/success")) == 1


def test_a_statement_that_fails_stops_unless_told_otherwise(ask):
    bad = "select * from nowhere"
    answer = ask(sql(f"<query>{bad}</query>"))
    assert [child.tag for child in root(answer)] == ["report"]
    assert set(codes(answer)) == {"1100004", "1500001", "1500201", "1500002"}
    hints = texts(answer, ".//xmlhint")
    assert hints[0] == "p(0) <sql"
    assert hints[-2:] == [f"<query>{bad}</query", "p(0) <sql"]
    answer = ask(sql(f"<query error='fast'>{bad}</query>", QUERY, "<fetch block='1'/>"))
    record = root(answer).find(".//query/error/sqlcode/..")
    assert record is not None
    assert [item.tag for item in record] == [
        *["sqlcode", "sqlstate", "errnoxml", "xmlerrmsg", "xmlhint"]
    ]
    assert record.findtext("xmlhint", "").startswith("42704:-204:")
    assert len(texts(answer, ".//row")) == 1


def test_prepare_execute_and_parameters_that_come_back(ask):
    answer = ask(
        sql(
            "<prepare>select name from animal where breed = ? and id = ?</prepare>",
            "<execute><parm io='both' var='p'>cat</parm><parm io='in'>0</parm></execute>",
            "<fetch/>",
        )
    )
    assert texts(answer, ".//execute/parm") == ["\nCAT"]
    assert values(answer) == ["Pook"]
    assert texts(answer, ".//execute/success") == ["+++ success stmt1"]


def test_execute_needs_its_statement_and_as_many_parameters_as_markers(ask):
    answer = ask(sql("<prepare>select ?</prepare>", "<execute error='fast'/>"))
    assert set(texts(answer, ".//sqlstate")) == {"07002"}
    assert "HY010" in ask(sql("<execute error='fast'/>"))
    assert "HY010" in ask(sql("<fetch error='fast'/>"))


def test_count_describe_rowcount_and_identity(ask):
    answer = ask(
        sql(
            "<query>insert into seen (what) values ('a')</query>",
            "<rowcount/>",
            "<identity/>",
            "<prepare>select breed, id from animal where id = ?</prepare>",
            "<execute><parm>1</parm></execute>",
            "<count desc='both'/>",
            "<count desc='col'/>",
            "<describe desc='parm'/>",
            "<describe desc='col'/>",
        )
    )
    assert texts(answer, ".//rowcount") == ["1"]
    assert texts(answer, ".//identity") == ["1"]
    assert texts(answer, ".//colcount") == ["2", "2"]
    assert texts(answer, ".//parmcount") == ["1"]
    assert texts(answer, ".//parm/name") == ["1"]
    assert texts(answer, ".//col/name") == ["BREED", "ID"]
    first = root(answer).find(".//col")
    assert first is not None
    assert [(item.tag, item.text) for item in first] == [
        *[("name", "BREED"), ("dbtype", "VARCHAR"), ("size", "32"), ("scale", "0")],
        ("nullable", "1"),
    ]


def test_catalogue_calls_hand_over_their_arguments_in_order(ask, host):
    answer = ask(sql("<tables><parm/><parm>LIB</parm><parm>ani%</parm><parm>TABLE</parm></tables>"))
    assert host.sql_log[0] == "tables [None, 'LIB', 'ani%', 'TABLE']"
    assert "<tables conn='conn1'>" in answer
    assert values(answer) == ["LIB", "animal"]
    for verb in ("tablepriv", "columns", "columnpriv", "procedures", "pcolumns", "primarykeys"):
        assert f"</{verb}>" in ask(sql(f"<{verb}><parm/><parm>LIB</parm></{verb}>"))
    for verb in ("foreignkeys", "statistics", "special"):
        assert f"</{verb}>" in ask(sql(f"<{verb}><parm/></{verb}>"))
    assert "02000" in ask(sql("<tables error='fast'><parm/><parm/><parm>none</parm></tables>"))


def test_options_connect_commit_and_free(ask, host):
    answer = ask(
        sql(
            "<options options='o' autocommit='off' naming='sql'/>",
            "<connect conn='c' options='o'/>",
            "<query conn='c' stmt='s'>select 1</query>",
            "<commit conn='c'/>",
            "<commit conn='c' action='rollback'/>",
            "<free stmt='s'/>",
            "<free/>",
        )
    )
    assert texts(answer, ".//success") == [
        "+++ success o",
        "+++ success c",
        "+++ success select 1",
        *["+++ success ", "+++ success rollback", "+++ success s", "+++ success "],
    ]
    assert host.sql_log == [
        *["options {'autocommit': 'off', 'naming': 'sql'}", "commit", "rollback", "close"]
    ]


def test_a_connection_of_another_user_needs_that_users_password(ask, host):
    answer = ask(sql("<connect conn='w' uid='WILMA' pwd='stone'/>"))
    assert texts(answer, ".//connect/success") == ["+++ success w"]
    assert [job.user for job in host.jobs] == ["FRED", "WILMA"]
    assert all(job.ended for job in host.jobs)
    refused = ask(sql("<connect conn='w' uid='WILMA' pwd='wrong'/>"))
    assert "1500101" in codes(refused)
    assert "28000:-30082" in refused
    assert "pwd='*'" in refused
    assert "wrong" not in refused
    double = ask(sql("""<connect conn='w' uid='WILMA' pwd = "sto'ne" error='fast'/>"""))
    assert "sto'ne" not in double


def test_a_job_has_one_connection_unless_in_server_mode(ask):
    two = "<connect conn='a' options='o'/><connect conn='b' options='o'/>"
    assert "1500102" in codes(ask(sql("<options options='o'/>", two)))
    answer = ask(sql("<options options='o' servermode='on'/>", two))
    assert len(texts(answer, ".//connect/success")) == 2


def test_a_library_that_is_not_there_fails_the_connection(ask):
    assert "1500101" in codes(ask(sql("<options options='o' libl='bad'/><connect options='o'/>")))


def test_cdata_of_one_verb_holds_for_the_rest_of_its_sql_element(ask):
    answer = ask(
        "<x>"
        + sql("<query><![CDATA[select 1]]></query>", "<fetch/>")
        + sql(QUERY, "<fetch/>")
        + "</x>"
    )
    assert answer.count("<data desc='1'><![CDATA[1]]></data>") == 1
    assert "<data desc='ID'>0</data>" in answer


def test_connections_are_bounded_however_they_are_opened(ask):
    many = "".join(f"<query conn='c{n}' error='fast'>select 1</query>" for n in range(20))
    answer = ask(sql(many))
    assert answer.count("+++ success") == 16
    assert "1500102" in codes(answer)


def test_sets_of_options_are_bounded_and_the_youngest_counts(service):
    many = "".join(f"<options options='o{n}'/>" for n in range(200)) + "<options naming='sql'/>" * 2
    service.answer("FRED", "/tmp/a", "*sbmjob", sql(many))
    state = service._sessions.find("/tmp/a").sql
    assert len(state.options) == 64
    assert state.options_of("").naming == "sql"
    assert state.options_of("o0") == Options()


def test_statements_are_bounded(ask):
    many = "".join(f"<query stmt='s{n}'>select 1</query>" for n in range(129))
    assert "HY014" in ask(sql(many))
