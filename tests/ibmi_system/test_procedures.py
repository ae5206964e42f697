"""SQL procedures: what is made, what a call does, and what is refused."""

import pytest

from simulators.ibmi.sql import procedures
from simulators.xmlservice.host import SqlFailedError

PETS = """create procedure qgpl/pets(in low varchar(20), in high varchar(20),
  inout found varchar(20), out total double)
dynamic result sets 1 language sql
begin
  declare n, unused int default 0;
  declare c1 cursor for select count(*) from qgpl/pet where name in (high);
  declare c2 cursor for select sum(weight) from qgpl/pet where name in (low, high);
  declare c3 cursor with return for
    select name from qgpl/pet where name between low and high order by name;
  open c1;
  fetch c1 into n;
  if (n > 0) then set found = 'TRUE'; elseif n is null then set found = 'NULL';
  else set found = case when n = 0 then 'FALSE' end; end if;
  close c1;
  open c2;
  fetch c2 into total;
  close c2;
  open c3;
end"""


@pytest.fixture
def sql(world):
    made = world.job.sql()
    run(made, "create table qgpl/pet (name char(10), weight decimal(5,2))")
    for name, weight in (("ann", "1.5"), ("bob", "2.25"), ("cid", "4")):
        run(made, f"insert into qgpl/pet values('{name}', {weight})")
    return made


def run(sql, text, *values):
    statement = sql.prepare(text)
    return statement, statement.execute(values)


def code(sql, text, *values):
    with pytest.raises(SqlFailedError) as raised:
        run(sql, text, *values)
    return raised.value.sqlcode


def test_a_call_sets_parameters_and_leaves_a_result(sql):
    run(sql, PETS)
    statement, back = run(sql, "call qgpl/pets(?, ?, ?, ?)", "ann", "bob", "any", None)
    assert back == ["ann", "bob", "TRUE", "3.75"]
    assert [row[0].strip() for row in statement.fetch(9)] == ["ann", "bob"]
    assert [column.name for column in statement.columns] == ["NAME"]
    assert run(sql, "call qgpl/pets(?, ?, ?, ?)", "a", "z", "any", None)[1][2:] == ["FALSE", None]


def test_constants_are_arguments_too(sql):
    run(sql, PETS)
    assert run(sql, "call qgpl/pets('ann', 'cid', ?, ?)", "x", None)[1] == ["TRUE", "5.50"]


def test_a_body_may_be_one_statement(sql):
    run(
        sql,
        "create procedure qgpl/p(in w decimal(5,2)) language sql update qgpl/pet set weight = w",
    )
    run(sql, "call qgpl/p(?)", "-9.5")
    statement, _ = run(sql, "select distinct weight from qgpl/pet")
    assert statement.fetch(9) == [["-9.50"]]


def test_loops_returns_and_calls_of_other_procedures(sql):
    run(sql, "create procedure qgpl/twice(inout n integer) language sql set n = n * 2")
    run(
        sql,
        """create procedure qgpl/grow(inout n integer) language sql begin
           while n < 100 do
             if n = 40 then return; end if;
             call qgpl/twice(7);
             set n = n * 2;
           end while;
           set n = -1; end""",
    )
    assert run(sql, "call qgpl/grow(?)", "5")[1] == ["40"]
    assert run(sql, "call qgpl/grow(?)", "3")[1] == ["-1"]


def test_a_value_is_never_read_as_sql(sql):
    run(
        sql,
        "create procedure qgpl/echo(in a varchar(99), out b varchar(99)) language sql set b = a",
    )
    text = "x'); drop table qgpl/pet; --"
    assert run(sql, "call qgpl/echo(?, ?)", text, None)[1] == [text, text]
    run(sql, "create procedure qgpl/num(in a integer, out b integer) language sql set b = a")
    assert code(sql, "call qgpl/num(?, ?)", "1) or (1", None) == -420
    run(sql, "create procedure qgpl/less(inout a integer) language sql set a = 2 -a")
    assert run(sql, "call qgpl/less(?)", "-5")[1] == ["7"]


def test_a_procedure_is_an_object_that_is_dropped(sql, world):
    run(sql, PETS)
    assert world.system.state.object("QGPL", "PETS", "*PGM").attribute == "CLE"
    assert code(sql, PETS) == -454
    run(sql, PETS.replace("create", "create or replace", 1))
    run(sql, "drop procedure qgpl/pets")
    assert code(sql, "call qgpl/pets(?, ?, ?, ?)", *["a"] * 4) == -440
    assert code(sql, "drop procedure qgpl/pets") == -204


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("begin set x = 1", -104),
        ("begin open c; end", -504),
        ("begin declare c cursor for select 1 from qgpl/pet; fetch c into x; end", -501),
        ("begin if x = 1 set x = 2; end if; end", -104),
        ("begin declare continue handler for sqlexception set x = 1; end", -84),
        ("begin loop end loop; end", -84),
        ("begin while 1 = 1 do set x = 1; end while; end", -904),
        ("begin call qgpl/bad(1); end", -724),
        ("begin set x = 1; end junk", -104),
        ("begin " + "if 1 = 1 then " * 60 + "set x = 1; " + "end if; " * 60 + "end", -101),
        ("", -104),
    ],
)
def test_what_is_wrong_is_refused(sql, body, expected, monkeypatch):
    monkeypatch.setattr(procedures, "MAX_STEPS", 50)

    def make_and_call():
        run(sql, f"create procedure qgpl/bad(inout x integer) language sql {body}")
        run(sql, "call qgpl/bad(?)", "1")

    with pytest.raises(SqlFailedError) as raised:
        make_and_call()
    assert raised.value.sqlcode == expected


def test_the_number_of_arguments_counts(sql):
    run(sql, PETS)
    assert code(sql, "call qgpl/pets(?)", "a") == -313


def test_another_user_may_be_excluded(sql, world):
    run(sql, PETS)
    world.ok("GRTOBJAUT OBJ(QGPL/PETS) OBJTYPE(*PGM) USER(*PUBLIC) AUT(*EXCLUDE)")
    other = world.as_user("EPMUSER").job.sql()
    assert code(other, "call qgpl/pets(?, ?, ?, ?)", *["a"] * 4) == -551
    assert code(other, "drop procedure qgpl/pets") == -551
