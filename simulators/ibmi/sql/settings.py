"""COMMIT, ROLLBACK and SET statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.tokens import Kind, Token

_Setting = Callable[[Session, list[Token]], None]


def _commit(session: Session, tokens: list[Token]) -> None:
    session.commit()


def _rollback(session: Session, tokens: list[Token]) -> None:
    session.rollback()


def _set(session: Session, tokens: list[Token]) -> None:
    """SET [CURRENT] SCHEMA [=] name; SET TRANSACTION ISOLATION LEVEL is taken and has no effect."""
    words = [t.text for t in tokens[1:] if not t.is_("=")]
    if words[:1] == ["CURRENT"]:
        del words[0]
    if words[:1] == ["TRANSACTION"] or words[:1] == ["PATH"]:
        return
    if len(words) != 2 or words[0] not in ("SCHEMA", "CURRENT_SCHEMA"):
        raise failed(-84, "42612", "SET")
    value = tokens[-1]
    name = value.text.strip() if value.kind is Kind.STRING else value.text
    if name == "DEFAULT":
        session.schema = None
        return
    if name == "USER":
        name = session.job.user
    set_schema(session, name)


def set_schema(session: Session, name: str) -> None:
    """Make a library the default schema.

    Raises:
        SqlFailedError: -204, there is no such library.
    """
    if name != "QTEMP" and session.job.system.libraries.get(name) is None:
        raise failed(-204, "42704", name, "*N", "LIB")
    session.schema = name


#: By first word.
SETTINGS: Mapping[str, _Setting] = {"COMMIT": _commit, "ROLLBACK": _rollback, "SET": _set}
