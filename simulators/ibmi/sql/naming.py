"""Finds the tables, views and services that a statement names, for one connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulators.ibmi.database import quoted, table_name
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.expressions import expressions
from simulators.ibmi.sql.services import FUNCTIONS, VIEWS, Service
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.tokens import Kind, Token, render, split

#: Where unqualified services are looked for behind the library list.
_SERVICE_SCHEMAS = ("QSYS2", "SYSTOOLS", "SYSIBM", "QSYS")


class Catalogue:
    """Resolves names; fulfils :class:`simulators.ibmi.sql.tables.Names`.

    Args of a table function may hold parameter markers: their values are taken from ``values``
    by place, which is why a statement with one is translated when it is executed.
    """

    def __init__(self, session: Session, *, probe: bool = False) -> None:
        """Take the connection; ``probe`` makes the rows of services without asking for them."""
        self._session = session
        self._probe = probe

    def schemas(self, schema: str | None) -> list[str]:
        """Return the libraries that a name's schema means, in the order of search."""
        chosen = schema or self._session.default_schema
        if chosen == "*LIBL":
            return self._session.job.libl
        return [self._session.job.creation_library if chosen == "*CURLIB" else chosen]

    def table(self, schema: str | None, name: str, right: str) -> str:
        """Return the SQLite name, quoted, of a table or view; see :class:`Names`."""
        job = self._session.job
        if schema is not None and schema in ("SESSION", "QTEMP"):
            schema = "QTEMP"
        for library in self.schemas(schema):
            stored = table_name(job.database_library(library), name)
            if self._exists(stored):
                self._require(library, name, right)
                return f"main.{quoted(stored)}"
        for library in (*self.schemas(schema), *_SERVICE_SCHEMAS):
            view = VIEWS.get((library, name))
            if view is not None and (schema is None or library == schema):
                return self._rows(view, {})
        raise failed(-204, "42704", name, schema or self._session.default_schema, "FILE")

    def function(self, schema: str | None, name: str, arguments: Sequence[Token]) -> str:
        """Return the SQLite name, quoted, of the rows of a table function."""
        for library in (schema,) if schema else _SERVICE_SCHEMAS:
            found = FUNCTIONS.get((library, name))
            if found is not None and found.is_function:
                return self._rows(found, self.arguments(found, name, list(arguments)))
        raise failed(-440, "42884", name, schema or "*LIBL")

    def arguments(self, service: Service, name: str, tokens: list[Token]) -> Mapping[str, Any]:
        """Return the values of a routine's arguments by parameter name.

        Raises:
            SqlFailedError: -440 an unknown one or too many, -20484 one is missing.
        """
        given: dict[str, Any] = {}
        for place, part in enumerate(split(tokens)):
            if len(part) > 2 and part[0].is_name and part[1].is_("=>"):
                parameter, part = part[0].text, part[2:]
            elif place < len(service.parameters):
                parameter = service.parameters[place]
            else:
                raise failed(-440, "42884", name, "*LIBL")
            if parameter not in service.parameters:
                raise failed(-440, "42884", name, "*LIBL")
            if [t.word for t in part] != ["DEFAULT"]:
                given[parameter] = self._value(part)
        for parameter in service.required:
            if parameter not in given:
                raise failed(-20484, "428HF", parameter, name)
        return given

    def _value(self, part: list[Token]) -> Any:
        """Return what an argument expression gives."""
        text = render(expressions(part))
        if any(t.kind is Kind.MARKER for t in part):
            if self._probe:
                return None
            raise failed(-418, "42610", "a parameter marker is not valid here")
        return self._session.execute(f"SELECT {text}").fetchone()[0]

    def _rows(self, service: Service, arguments: Mapping[str, Any]) -> str:
        try:
            with self._session.waiting():
                rows = () if self._probe else service.rows(self._session.job, arguments)
            return self._session.materialise(service.columns, rows)
        except EscapeError as error:
            raise failed(-443, "38501", error.id, str(error)) from error

    def _exists(self, stored: str) -> bool:
        found = self._session.execute(
            "SELECT 1 FROM main.sqlite_master WHERE name = ? AND type IN ('table', 'view')",
            (stored,),
        )
        return found.fetchone() is not None

    def _require(self, library: str, name: str, right: str) -> None:
        job = self._session.job
        home = job.qtemp if library == "QTEMP" else job.system.libraries.get(library)
        item = home.get(name, "*FILE") if home is not None else None
        if home is None or item is None:
            return
        if not (
            job.allows(home.header, frozenset({"*EXECUTE"}))
            and job.allows(item, frozenset({right, "*OBJOPR"}))
        ):
            raise failed(-551, "42501", name, library, "FILE")
