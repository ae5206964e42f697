"""Tables and their *FILE objects: made, replaced, dropped, as a whole or not at all."""

from random import Random
from threading import Thread

import pytest

from simulators.xmlservice.host import SqlFailedError


class Work:
    """A connection under commitment control."""

    def __init__(self, world):
        self.connection = world.job.sql()
        self.connection.options({"autocommit": "off"})

    def run(self, *statements):
        """Run statements; return the SQLCODE of the last, 0 for none."""
        for statement in statements:
            try:
                self.connection.prepare(statement).execute(())
            except SqlFailedError as error:
                return error.sqlcode
        return 0


def exists(world, name):
    return world.job.command(f"CHKOBJ {name} *FILE").ok


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE TABLE QIWS.QCUSTCDT (A INT)",
        "CREATE OR REPLACE VIEW QIWS.QCUSTCDT AS SELECT * FROM QIWS.QCUSTCDT",
        "CREATE TABLE QIWS.T (A INT)",
        "DROP TABLE QIWS.QCUSTCDT",
    ],
)
def test_another_s_table_is_not_replaced(world, statement):
    with pytest.raises(SqlFailedError) as raised:
        world.as_user("EPMUSER").sql(statement)
    assert raised.value.sqlcode == -551
    assert world.sql("SELECT COUNT(*) FROM QIWS.QCUSTCDT") == [["12"]]


def test_a_table_that_is_not_replaced_stays_as_it_was(world):
    world.sql("CREATE TABLE QGPL.T (A INT)")
    world.sql("INSERT INTO QGPL.T VALUES(1)")
    with pytest.raises(SqlFailedError) as raised:
        world.sql("CREATE OR REPLACE TABLE QGPL.T (A INT, A INT)")
    assert raised.value.sqlcode == -612
    assert world.sql("SELECT A FROM QGPL.T") == [["1"]]
    world.sql("CREATE OR REPLACE TABLE QGPL.T (B CHAR(2))")
    assert world.sql("SELECT B FROM QGPL.T") == []


def test_a_rollback_takes_objects_back(world):
    work = Work(world)
    world.sql("CREATE TABLE QGPL.OLD (A INT)")
    assert work.run("INSERT INTO QGPL.OLD VALUES(1)", "CREATE TABLE QGPL.NEW (A INT)") == 0
    assert work.run("DROP TABLE QGPL.OLD", "CREATE TABLE QGPL.NEW (A INT)") == -601
    work.connection.rollback()
    assert (exists(world, "QGPL/NEW"), exists(world, "QGPL/OLD")) == (False, True)
    assert world.sql("SELECT * FROM QGPL.OLD") == []
    world.sql("CREATE TABLE QGPL.NEW (A INT)")


def test_a_connection_that_ends_takes_them_back_too(world):
    work = Work(world)
    world.sql("CREATE TABLE QGPL.OLD (A INT)")
    assert work.run("INSERT INTO QGPL.OLD VALUES(1)", "CREATE TABLE QGPL.NEW (A INT)") == 0
    work.connection.close()
    assert not exists(world, "QGPL/NEW")


def test_a_commit_keeps_them(world):
    work = Work(world)
    world.sql("CREATE TABLE QGPL.OLD (A INT)")
    assert work.run("INSERT INTO QGPL.OLD VALUES(1)", "CREATE TABLE QGPL.NEW (A INT)") == 0
    work.connection.commit()
    work.connection.rollback()
    assert exists(world, "QGPL/NEW")
    assert world.sql("SELECT COUNT(*) FROM QGPL.NEW") == [["0"]]


def _tables_and_objects(world):
    home = world.system.state.libraries.get("QGPL")
    files = {item.name for item in home.select("*ALL", "*FILE")}
    return set(world.system.state.database.tables("QGPL")), files


def test_jobs_beside_each_other_leave_no_table_without_its_object(world, monkeypatch):
    monkeypatch.setattr("simulators.ibmi.sql.session.LOCK_WAIT", 0.05)
    world.sql("CREATE TABLE QGPL.SHARED (A INT)")
    problems = []

    def work(number, job, mine):
        choose = Random(number)
        for _ in range(40):
            name = f"QGPL.T{choose.randrange(3)}"
            statement = choose.choice(
                [
                    f"CREATE TABLE {name} (A INT)",
                    f"DROP TABLE {name}",
                    f"CREATE OR REPLACE TABLE {name} (B INT)",
                    "INSERT INTO QGPL.SHARED VALUES(1)",
                    "COMMIT",
                    "ROLLBACK",
                ]
            )
            if mine.run(statement) not in (0, -204, -601, -913):
                problems.append(statement)
            job.job.command("CRTDUPOBJ QCUSTCDT QIWS *FILE QGPL DATA(*YES)")
            job.job.command("DLTF QGPL/QCUSTCDT")
        job.job.end()

    # Opened one after the other: with so short a wait a job could be refused at its beginning.
    jobs = [world.as_user("EPMADM") for _ in range(4)]
    threads = [Thread(target=work, args=(n, job, Work(job))) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    tables, objects = _tables_and_objects(world)
    assert tables == objects


def test_a_library_goes_with_its_tables_or_not_at_all(world, monkeypatch):
    monkeypatch.setattr("simulators.ibmi.sql.session.LOCK_WAIT", 0.05)
    world.ok("CRTLIB EPM")
    world.sql("CREATE TABLE EPM.T (A INT)")
    work = Work(world)
    assert work.run("INSERT INTO EPM.T VALUES(1)") == 0
    for command in ("DLTLIB EPM", "CLRLIB EPM", "RNMOBJ EPM/T *FILE U", "DLTF EPM/T"):
        assert world.fails(command) == "CPF3203"
        assert exists(world, "EPM/T")
    work.connection.commit()
    assert world.sql("SELECT A FROM EPM.T") == [["1"]]
    world.ok("DLTLIB EPM")


def test_a_text_that_looks_like_a_place_for_a_name_stays_text(world):
    world.sql("CREATE TABLE QTEMP.T (A INT, B CHAR(3) DEFAULT '{0}')")
    world.sql("INSERT INTO QTEMP.T (A) VALUES(1)")
    assert world.sql("SELECT B FROM QTEMP.T") == [["{0}"]]
