"""Tables that every IBM i has: QIWS/QCUSTCDT, which every client's first query reads, and two keys.

QUSRSYS/QASZRAIRC and QASZRAIRX are the tables that clients ask the catalogue calls about: both
have a primary key, and the second refers to the first. What their columns are called is not known;
these names are our own, and both are empty.
"""

from __future__ import annotations

from simulators.ibmi.collation import collation
from simulators.ibmi.database import quoted, table_name
from simulators.ibmi.objects import FileData, SystemObject
from simulators.ibmi.rights import USE
from simulators.ibmi.state import SystemState

_CUSTOMERS = (
    *("CUSNUM NUMERIC(6, 0)", "LSTNAM CHAR(8)", "INIT CHAR(3)", "STREET CHAR(13)"),
    *("CITY CHAR(6)", "STATE CHAR(2)", "ZIPCOD NUMERIC(5, 0)", "CDTLMT NUMERIC(4, 0)"),
    *("CHGCOD NUMERIC(1, 0)", "BALDUE NUMERIC(6, 2)", "CDTDUE NUMERIC(6, 2)"),
)
_ROWS = """\
938472|Henning|G K|4859 Elm Ave|Dallas|TX|75217|5000|3|37|0
839283|Jones|B D|21B NW 135 St|Clay|NY|13041|400|1|100|0
392859|Vine|S S|PO Box 79|Broton|VT|5046|700|1|439|0
938485|Johnson|J A|3 Alpine Way|Helen|GA|30545|9999|2|3987.5|33.5
397267|Tyron|W E|13 Myrtle Dr|Hector|NY|14841|1000|1|0|0
389572|Stevens|K L|208 Snow Pass|Denver|CO|80226|400|1|58.75|1.5
846283|Alison|J S|787 Lake Dr|Isle|MN|56342|5000|3|10|0
475938|Doe|J W|59 Archer Rd|Sutter|CA|95685|700|2|250|100
693829|Thomas|A N|3 Dove Circle|Casper|WY|82609|9999|2|0|0
593029|Williams|E D|485 SE 2 Ave|Dallas|TX|75218|200|1|25|0
192837|Lee|F L|5963 Oak St|Hector|NY|14841|700|2|489.5|0.5
583990|Abraham|M T|392 Mill St|Isle|MN|56342|9999|3|500|0
"""


def add_tables(state: SystemState) -> None:
    """Put the tables into libraries QIWS and QUSRSYS, which exist."""
    customers = [c + collation(c.partition(" ")[2]) for c in _CUSTOMERS]
    stored = _table(state, "QIWS", "QCUSTCDT", ", ".join(customers))
    marks = ", ".join("?" * len(customers))
    rows = [line.split("|") for line in _ROWS.splitlines()]
    state.database.own.executemany(f"INSERT INTO {stored} VALUES ({marks})", rows)  # noqa: S608 - quoted
    key = '"ENTRY" INTEGER(10) PRIMARY KEY'
    parent = _table(state, "QUSRSYS", "QASZRAIRC", key)
    reference = f'{key}, FOREIGN KEY ("ENTRY") REFERENCES {parent} ("ENTRY")'
    _table(state, "QUSRSYS", "QASZRAIRX", reference)


def _table(state: SystemState, library: str, name: str, body: str) -> str:
    """Make a table and its *FILE object; return its SQLite name, quoted."""
    home = state.libraries.get(library)
    assert home is not None
    now = state.now()
    home.add(SystemObject(name, "*FILE", "QSYS", now, FileData(), "PF", public=USE, changed=now))
    stored = quoted(table_name(library, name))
    state.database.own.execute(f"CREATE TABLE {stored} ({body})")
    return stored
