"""sqlalchemy-ibmi over PostgreSQL: pyodbc with the few words changed that Db2 alone understands.

It proves the plumbing (address, sign-on, isolation, every statement through a real ODBC driver,
errors, time-outs), not that Db2 for i takes the same SQL.
"""

from __future__ import annotations

import re
from typing import Any

import pyodbc

_REWRITTEN = (
    (re.compile(r"^VALUES CURRENT_SCHEMA$"), "SELECT upper(current_schema())"),
    (re.compile(r" CCSID 1208"), ""),
    (re.compile(r"\bCLOB\(2G\)"), "TEXT"),
    # A place in a string is any number to Db2, and an integer to PostgreSQL.
    (re.compile(r"\bBIGINT\b"), "INTEGER"),
)


class Driver:
    """Stands where the dialect expects the module pyodbc."""

    def __init__(self, source: str) -> None:
        self.source = source
        #: What each connection was asked for, and every statement and setting since, in order.
        self.asked: list[dict[str, Any]] = []
        self.log: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(pyodbc, name)

    def connect(self, text: str, **values: Any) -> _Connection:
        self.asked.append({"": text, **values})
        inner = pyodbc.connect(self.source, timeout=values["timeout"])
        library = values.get("DefaultLibraries", "").strip("{}").rstrip(",")
        if library:
            inner.execute(f"SET search_path TO {library}, public")
            inner.commit()
        return _Connection(inner, self)


class _Connection:
    def __init__(self, inner: Any, driver: Driver) -> None:
        self.inner = inner
        self.driver = driver

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def getinfo(self, what: int) -> Any:
        answers = {pyodbc.SQL_DRIVER_VER: "07.01.0270", pyodbc.SQL_DBMS_VER: "07.05.0000"}
        return answers.get(what) or self.inner.getinfo(what)

    def set_attr(self, attribute: int, value: int) -> None:
        self.driver.log.append(("set", str(value)))
        self.inner.set_attr(attribute, value)

    def cursor(self) -> _Cursor:
        return _Cursor(self.inner.cursor(), self.driver)


class _Cursor:
    def __init__(self, inner: Any, driver: Driver) -> None:
        # Not through __setattr__ below.
        self.__dict__.update(inner=inner, driver=driver)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.inner, name, value)

    def execute(self, statement: str, *parameters: Any) -> _Cursor:
        self.inner.execute(self._rewritten(statement), *parameters)
        return self

    def executemany(self, statement: str, rows: Any) -> None:
        self.inner.executemany(self._rewritten(statement), rows)

    def _rewritten(self, statement: str) -> str:
        self.driver.log.append(("run", statement))
        for pattern, replacement in _REWRITTEN:
            statement = pattern.sub(replacement, statement)
        return statement
