"""``<options>``: every documented attribute is taken, and counts by its first letters."""

from __future__ import annotations

import pytest

from simulators.xmlservice.sqloptions import Options, parse_options
from tests.xmlservice.reading import codes

#: XMLSERVICE documentation, SQL options.
DOCUMENTED = {
    "servermode": ("on", "off"),
    "autocommit": ("on", "off"),
    "commit": ("none", "uncommitted", "committed", "repeatable", "serializable"),
    "naming": ("system", "sql"),
    "sqllib": ("MYLIB",),
    "libl": ("QGPL", "QTEMP QGPL"),
    "datefmt": ("iso", "usa", "eur", "jis", "mdy", "dmy", "ymd", "jul", "job"),
    "datesep": ("slash", "dash", "period", "comma", "blank", "job"),
    "timefmt": ("iso", "usa", "eur", "jis", "hms", "job"),
    "timesep": ("colon", "period", "comma", "blank", "job"),
    "decimalsep": ("period", "comma", "blank", "job"),
    "optimize": ("first", "all"),
    "scrollable": ("on", "off"),
    "sensitive": ("unspecified", "sensitive", "insensitive"),
    "cursor": ("forward", "static", "dynamic"),
    "fetchonly": ("on", "off"),
    "fullopen": ("on", "off"),
}
#: What the system behind the service may be told.
TOLD = {"autocommit", "naming", "sqllib", "libl"}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, all_ in DOCUMENTED.items() for value in all_]
)
def test_every_documented_option_opens_a_connection(ask, host, name, value):
    document = (
        f"<sql><options options='o' {name}='{value}' error='fast' var='v'/>"
        "<connect conn='c' options='o'/><query conn='c'>select 1</query><fetch/></sql>"
    )
    answer = ask(document)
    assert codes(answer) == []
    assert answer.count("+++ success") == 4
    told = [line for line in host.sql_log if line.startswith("options")]
    assert all(key in TOLD for line in told for key in _keys(line))


def _keys(line: str) -> list[str]:
    return [pair.split(":")[0].strip("{' ") for pair in line.removeprefix("options ").split(", ")]


@pytest.mark.parametrize(
    ("attributes", "settings"),
    [
        ({}, {}),
        ({"autocommit": "on", "naming": "system", "commit": "committed"}, {}),
        ({"autocommit": "off"}, {"autocommit": "off"}),
        ({"autocommit": "off", "commit": "none"}, {}),
        ({"naming": "sql", "sqllib": "A"}, {"naming": "sql", "sqllib": "A"}),
        ({"naming": "nonsense", "nonsense": "naming"}, {}),
        ({"libl": " A B "}, {"libl": "A B"}),
    ],
)
def test_the_system_is_told_what_is_not_its_default(attributes, settings):
    assert parse_options(attributes).settings == settings


@pytest.mark.parametrize(
    ("attributes", "kind", "text", "shown"),
    [
        ({}, "DATE", "2026-11-05", "2026-11-05"),
        ({"datefmt": "job"}, "DATE", "2026-11-05", "2026-11-05"),
        ({"datefmt": "usa"}, "DATE", "2026-11-05", "11/05/2026"),
        ({"datefmt": "eur"}, "DATE", "0003-11-05", "05.11.0003"),
        ({"datefmt": "mdy"}, "DATE", "2026-11-05", "11/05/26"),
        ({"datefmt": "dmy", "datesep": "dash"}, "DATE", "2026-11-05", "05-11-26"),
        ({"datefmt": "ymd", "datesep": "blank"}, "DATE", "2026-11-05", "26 11 05"),
        ({"datefmt": "jul"}, "DATE", "2026-02-01", "26/032"),
        ({"datefmt": "mdy"}, "DATE", "1939-12-31", "++++++++"),
        ({"datefmt": "mdy"}, "DATE", "no date", "no date"),
        ({"datefmt": "usa"}, "CHAR", "2026-11-05", "2026-11-05"),
        ({"timefmt": "usa"}, "TIME", "13:05:06", "01:05 PM"),
        ({"timefmt": "iso"}, "TIME", "13:05:06", "13.05.06"),
        ({"timefmt": "hms", "timesep": "comma"}, "TIME", "13.05.06", "13,05,06"),
        ({"decimalsep": "comma"}, "DECIMAL", "-1.50", "-1,50"),
        ({"decimalsep": "comma"}, "VARCHAR", "1.50", "1.50"),
    ],
)
def test_values_are_written_as_the_options_say(attributes, kind, text, shown):
    assert parse_options(attributes).shown(kind, text) == shown


def test_without_options_there_is_one_connection_that_commits_by_itself():
    assert Options() == parse_options({"options": "o", "error": "on", "var": "v"})
