"""``<options>`` of ``<sql>``: what a connection is asked for, read as XMLSERVICE reads it; pure.

A value counts by its first letters. One that is not known is as if it were not there, and so is
an attribute that is not. Isolation levels and what is asked of a statement (cursor, scrollable,
optimize and so on) are taken and change nothing that a client can see here. Source: XMLSERVICE
documentation, SQL options; IBM documentation: string representations of dates and times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

_DATES = {
    **{"iso": "%Y-%m-%d", "usa": "%m/%d/%Y", "eur": "%d.%m.%Y", "jis": "%Y-%m-%d"},
    **{"mdy": "%m|%d|%y", "dmy": "%d|%m|%y", "ymd": "%y|%m|%d", "jul": "%y|%j"},
}
_TIMES = {
    **{"iso": "%H.%M.%S", "usa": "%I:%M %p", "eur": "%H.%M.%S", "jis": "%H:%M:%S"},
    "hms": "%H|%M|%S",
}
_SEPARATORS = {"sla": "/", "das": "-", "per": ".", "com": ",", "bla": " ", "col": ":"}
#: Years that two digits can say.
_SHORT_YEARS = range(1940, 2040)


@dataclass(frozen=True, slots=True)
class Options:
    """What one ``<options>`` element asks for.

    Attributes:
        server_mode: a job may have more than one connection.
        autocommit: every statement stands by itself; always so without commitment control.
        naming: ``system`` (LIB/TABLE) or ``sql`` (LIB.TABLE).
        lib: the default schema; empty for none.
        libraries: the library list, names separated by blanks; empty for the job's.
        date_format, time_format: for ``strftime``, with ``|`` where a separator
            stands; empty for the system's own way of writing.
        date_separator, time_separator: what stands there.
        point: the decimal point.
    """

    server_mode: bool = False
    autocommit: bool = True
    naming: str = "system"
    lib: str = ""
    libraries: str = ""
    date_format: str = ""
    time_format: str = ""
    date_separator: str = "/"
    time_separator: str = ":"
    point: str = "."

    @property
    def settings(self) -> dict[str, str]:
        """What the system is told, by the names of ``SqlConnection.options``; no defaults."""
        said = {
            "autocommit": "" if self.autocommit else "off",
            "naming": "" if self.naming == "system" else self.naming,
            "sqllib": self.lib,
            "libl": self.libraries,
        }
        return {name: value for name, value in said.items() if value}

    def shown(self, kind: str, text: str) -> str:
        """Return a value of an SQL type as this connection writes it."""
        try:
            if kind == "DATE" and self.date_format:
                return self._date(date.fromisoformat(text))
            if kind == "TIME" and self.time_format:
                return self._time(time.fromisoformat(text.replace(".", ":")))
        except ValueError:
            # A view may call a column a date and hold something else in it.
            return text
        return text.replace(".", self.point) if kind in ("DECIMAL", "NUMERIC") else text

    def _date(self, day: date) -> str:
        if "%y" in self.date_format and day.year not in _SHORT_YEARS:
            # As IBM's query tools show what a format has no digits for (assumption).
            return "++++++++"
        # strftime leaves out the leading zeros of a year before 1000 on some systems.
        written = day.strftime(self.date_format.replace("%Y", f"{day.year:04}"))
        return written.replace("|", self.date_separator)

    def _time(self, clock: time) -> str:
        return clock.strftime(self.time_format).replace("|", self.time_separator)


def parse_options(attributes: Mapping[str, str]) -> Options:
    """Return what the attributes of an ``<options>`` element ask for."""
    said = {name.lower(): value.strip() for name, value in attributes.items()}

    def begins(name: str, letters: str) -> bool:
        return said.get(name, "").lower().startswith(letters)

    def one_of(name: str, known: Mapping[str, str], default: str = "") -> str:
        return known.get(said.get(name, "").lower()[:3], default)

    return Options(
        server_mode=begins("servermode", "on"),
        autocommit=not begins("autocommit", "of") or begins("commit", "no"),
        naming="sql" if begins("naming", "sq") else "system",
        lib=said.get("sqllib", ""),
        libraries=said.get("libl", ""),
        date_format=one_of("datefmt", _DATES),
        time_format=one_of("timefmt", _TIMES),
        date_separator=one_of("datesep", _SEPARATORS, "/"),
        time_separator=one_of("timesep", _SEPARATORS, ":"),
        point=one_of("decimalsep", _SEPARATORS, "."),
    )
