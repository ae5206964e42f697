"""One connection beside others: commitment control, locks, naming."""

from contextlib import suppress

import pytest

from simulators.xmlservice.host import SqlFailedError


def code(world, statement, *values):
    with pytest.raises(SqlFailedError) as raised:
        world.sql(statement, *values)
    return raised.value.sqlcode, raised.value.sqlstate


def run(connection, statement):
    cursor = connection.prepare(statement)
    cursor.execute([])
    return [list(row) for row in cursor.fetch(100)] if cursor.columns else None


def test_commitment_control(epm):
    one, two = epm.job.sql(), epm.job.sql()
    one.options({"autocommit": "off"})
    run(one, "insert into rules (seq) values(1)")
    assert run(one, "select seq from rules") == [["1"]]
    one.rollback()
    assert run(two, "select seq from rules") == []
    run(one, "insert into rules (seq) values(2)")
    one.commit()
    assert run(two, "select seq from rules") == [["2"]]
    run(one, "insert into rules (seq) values(3)")
    one.close()
    assert run(two, "select seq from rules") == [["2"]]


def test_a_lock_that_is_not_given_back_is_reported(epm, monkeypatch):
    from simulators.ibmi.sql import session

    monkeypatch.setattr(session, "LOCK_WAIT", 0.05)
    holder = epm.job.sql()
    holder.options({"autocommit": "off"})
    run(holder, "insert into rules (seq) values(1)")
    assert code(epm, "insert into rules (seq) values(2)") == (-913, "57033")
    holder.rollback()
    epm.sql("insert into rules (seq) values(2)")


def test_an_open_transaction_never_breaks_another_job(epm, monkeypatch):
    from simulators.ibmi.sql import session

    monkeypatch.setattr(session, "LOCK_WAIT", 0.05)
    holder = epm.job.sql()
    holder.options({"autocommit": "off"})
    run(holder, "insert into rules (seq) values(1)")
    run(holder, "create table epm.more (a int)")
    other = epm.as_user("EPMADM")
    outcome = other.job.command("RNMOBJ EPM/RULES *FILE NEWNAME")
    assert outcome.messages[-1].id in ("CPF3203", "CPC2192")
    other.job.end()
    with suppress(SqlFailedError):
        epm.as_user("EPMADM").sql("select count(*) from qsys2.systables")
    holder.commit()
    assert other.job.number not in epm.system.state.jobs


def test_jobs_in_threads_do_not_disturb_each_other(epm):
    from concurrent.futures import ThreadPoolExecutor

    def work(number):
        job = epm.system.job("EPMADM")
        connection = job.sql()
        for step in range(20):
            run(connection, f"insert into epm/rules (seq) values({number * 100 + step})")
        job.command(f"CRTDTAARA QTEMP/D TYPE(*CHAR) LEN(1) VALUE('{number}')")
        value = job.command("RTVDTAARA QTEMP/D RTNVAR(?)").returned["RTNVAR"]
        job.end()
        return value

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [str(n) for n in range(8)]
    assert epm.sql("select count(*) from epm/rules") == [["160"]]


def test_naming_decides_where_unqualified_names_are(epm):
    connection = epm.job.sql()
    connection.options({"naming": "sql"})
    with pytest.raises(SqlFailedError):
        connection.prepare("select * from rules")
    run(connection, "set schema epm")
    assert run(connection, "select * from rules") == []
    assert run(connection, "values current schema") == [["EPM"]]
    with pytest.raises(SqlFailedError):
        connection.options({"naming": "other"})
    connection.options({"sqllib": "qgpl"})
    assert run(connection, "values current schema") == [["QGPL"]]
    with pytest.raises(SqlFailedError, match="NOLIB"):
        connection.options({"sqllib": "nolib"})
