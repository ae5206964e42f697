"""What a system is asked: registration, objects, authorities, auditing. All through SQL services.

Source: IBM documentation of QSYS2.EXIT_POINT_INFO, EXIT_PROGRAM_INFO, OBJECT_STATISTICS,
USER_INFO, GROUP_PROFILE_ENTRIES, SECURITY_INFO and DATA_AREA_INFO. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from epm.errors import RemoteError
from epm.model import Server
from exitprograms.ibmi.answers import ActionFailedError
from exitprograms.ibmi.client import Remote, Row
from exitprograms.ibmi.objects import KEPT, OWNER, Names, bound, server_of

_POINTS = tuple(server.exit_point for server in Server)
#: Adding and removing exit programs takes all of them (IBM i 7.5 text, second-hand).
REGISTERING = ("*ALLOBJ", "*SECADM", "*IOSYSCFG")


@dataclass(frozen=True, slots=True)
class Registered:
    """An exit program of a socket exit point.

    Attributes:
        data: PGMDTA's; empty for none.
        threadsafe: ``YES``, ``NO`` or ``UNKNOWN``.
        action: MLTTHDACN's value.
    """

    server: Server
    number: int
    lib: str
    program: str
    text: str
    data: str
    threadsafe: str
    action: str

    @property
    def qualified(self) -> str:
        """``LIBRARY/PROGRAM``."""
        return f"{self.lib}/{self.program}"

    def is_ours(self, names: Names) -> bool:
        """Whether it is one of this product's programs, at the point that it serves."""
        return server_of(self.lib, self.program, names) is self.server


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the product's library."""

    name: str
    type: str
    owner: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """A user profile and the special authorities it has, those of its groups included."""

    name: str
    special: frozenset[str]


@dataclass(frozen=True, slots=True)
class Auditing:
    """The system values that decide whether SK entries are written."""

    journal_exists: bool
    control: frozenset[str]
    levels: frozenset[str]

    def problems(self) -> tuple[str, ...]:
        """Return a line for each reason why accept and connect leave no SK entry."""
        lines = []
        if not self.journal_exists:
            lines.append("there is no journal QSYS/QAUDJRN: CHGSECAUD makes it")
        if "*AUDLVL" not in self.control:
            lines.append("QAUDCTL lacks *AUDLVL: nothing is audited by level")
        if "*NETSCK" not in self.levels:
            lines.append("QAUDLVL lacks *NETSCK: accept and connect leave no SK entry")
        return tuple(lines)


def registrations(remote: Remote) -> tuple[Registered, ...]:
    """Return every exit program of the three socket exit points, by point and number.

    Raises:
        RemoteError: an exit point is missing, or the system cannot be asked.
    """
    points = {
        (row["EXIT_POINT_NAME"] or "").strip()
        for row in remote.query(
            bound(
                "SELECT EXIT_POINT_NAME FROM QSYS2.EXIT_POINT_INFO "
                "WHERE EXIT_POINT_NAME IN (?, ?, ?)",
                *_POINTS,
            )
        )
    }
    for server in Server:
        if server.exit_point not in points:
            raise RemoteError(
                f"{remote.where}: exit point {server.exit_point} is not there (IBM i 7.1 brings it)"
            )
    rows = remote.query(
        bound(
            "SELECT EXIT_POINT_NAME, EXIT_PROGRAM_NUMBER, EXIT_PROGRAM_LIBRARY, EXIT_PROGRAM, "
            "TEXT_DESCRIPTION, EXIT_PROGRAM_DATA, THREADSAFE, MULTITHREADED_JOB_ACTION "
            "FROM QSYS2.EXIT_PROGRAM_INFO WHERE EXIT_POINT_NAME IN (?, ?, ?)",
            *_POINTS,
        )
    )
    found = [_registered(row) for row in rows]
    return tuple(sorted(found, key=lambda r: (r.server, r.number)))


def _registered(row: Row) -> Registered:
    points = {s.exit_point: s for s in Server}
    return Registered(
        points[_text(row, "EXIT_POINT_NAME")],
        int(_text(row, "EXIT_PROGRAM_NUMBER")),
        _text(row, "EXIT_PROGRAM_LIBRARY"),
        _text(row, "EXIT_PROGRAM"),
        _text(row, "TEXT_DESCRIPTION"),
        row.get("EXIT_PROGRAM_DATA") or "",
        _text(row, "THREADSAFE").lstrip("*") or "UNKNOWN",
        "*" + (_text(row, "MULTITHREADED_JOB_ACTION").lstrip("*") or "SYSVAL"),
    )


def _text(row: Row, column: str) -> str:
    return (row.get(column) or "").strip()


def has_library(remote: Remote, library: str) -> bool:
    """Whether a library is there."""
    return bool(
        remote.query(
            bound(
                "SELECT OBJNAME FROM TABLE(QSYS2.OBJECT_STATISTICS("
                "OBJECT_SCHEMA => 'QSYS', OBJTYPELIST => '*LIB', OBJECT_NAME => ?))",
                library,
            )
        )
    )


def objects(remote: Remote, library: str) -> Mapping[tuple[str, str], Found]:
    """Return the objects of a library by name and type; none where it is missing."""
    statement = bound(
        "SELECT OBJNAME, OBJTYPE, OBJOWNER, OBJTEXT FROM TABLE(QSYS2.OBJECT_STATISTICS("
        "OBJECT_SCHEMA => ?, OBJTYPELIST => '*ALL'))",
        library,
    )
    try:
        rows = remote.query(statement)
    except ActionFailedError:
        # Whether a missing library is an error or an empty result is not documented.
        if has_library(remote, library):
            raise
        return {}
    found = (
        Found(_text(r, "OBJNAME"), _text(r, "OBJTYPE"), _text(r, "OBJOWNER"), _text(r, "OBJTEXT"))
        for r in rows
    )
    return {(item.name, item.type): item for item in found}


def journals(remote: Remote, names: Names) -> tuple[str, ...]:
    """Return the journals of our exit programs, by name.

    More than one where the configuration named another before, whose entries are there still.
    """
    found = objects(remote, names.lib).values()
    ours = {i.name for i in found if i.type == "*JRN" and i.owner == OWNER}
    given = {i.name for i in found if (i.name, i.type) == (names.journal, "*JRN")}
    return tuple(sorted(ours | given))


def person(remote: Remote) -> Person:
    """Return who is signed on.

    Supplemental groups are asked where an authority of :data:`REGISTERING` is missing without them.

    Raises:
        RemoteError: the system does not say it.
    """
    rows = remote.query(
        "SELECT AUTHORIZATION_NAME, SPECIAL_AUTHORITIES, GROUP_PROFILE_NAME "
        "FROM QSYS2.USER_INFO WHERE AUTHORIZATION_NAME = CURRENT USER"
    )
    if not rows:
        raise RemoteError(f"{remote.where}: QSYS2.USER_INFO does not show the current user")
    name, group = _text(rows[0], "AUTHORIZATION_NAME"), _text(rows[0], "GROUP_PROFILE_NAME")
    special = set(_text(rows[0], "SPECIAL_AUTHORITIES").split())
    if group not in ("", "*NONE"):
        special |= set(special_of(remote, group) or ())
    if not special.issuperset(REGISTERING):
        for other in _groups(remote, name):
            special |= set(special_of(remote, other) or ())
    return Person(name, frozenset(special))


def _groups(remote: Remote, user: str) -> tuple[str, ...]:
    """Return a user's group profiles, the supplemental ones too; none where they are not shown."""
    statement = bound(
        "SELECT GROUP_PROFILE_NAME FROM QSYS2.GROUP_PROFILE_ENTRIES WHERE USER_PROFILE_NAME = ?",
        user,
    )
    try:
        rows = remote.query(statement)
    except ActionFailedError:
        # What cannot be seen gives no authority: the user is refused, with what is missing.
        return ()
    return tuple(_text(row, "GROUP_PROFILE_NAME") for row in rows)


def special_of(remote: Remote, profile: str) -> frozenset[str] | None:
    """Return the special authorities of a user profile; ``None`` where there is none to see."""
    rows = remote.query(
        bound(
            "SELECT SPECIAL_AUTHORITIES FROM QSYS2.USER_INFO WHERE AUTHORIZATION_NAME = ?",
            profile,
        )
    )
    return frozenset(_text(rows[0], "SPECIAL_AUTHORITIES").split()) if rows else None


def require_authorities(who: Person, needed: Iterable[str], where: str, why: str) -> None:
    """Refuse a user who lacks a special authority, before anything is done.

    Raises:
        RemoteError: names each one that is missing.
    """
    missing = [word for word in needed if word not in who.special]
    if missing:
        raise RemoteError(
            f"{where}: user {who.name} lacks special authority {' '.join(missing)}, "
            f"which {why} needs; nothing was changed"
        )


def require_plain_owner(remote: Remote) -> bool:
    """Whether the owner's profile is there.

    Raises:
        RemoteError: it has a special authority, which the exit programs would adopt.
    """
    special = special_of(remote, OWNER)
    if special is None:
        return False
    special -= {"*NONE"}
    if special:
        raise RemoteError(
            f"{remote.where}: user profile {OWNER} has special authority "
            f"{' '.join(sorted(special))}, which the exit programs would adopt: take it away"
        )
    return True


def auditing(remote: Remote) -> Auditing:
    """Return what decides whether SK entries are written."""
    rows = remote.query(
        "SELECT AUDIT_JOURNAL_EXISTS, AUDITING_CONTROL, AUDITING_LEVEL, "
        "AUDITING_LEVEL_EXTENSION FROM QSYS2.SECURITY_INFO"
    )
    row: Row = rows[0] if rows else {}
    levels = set(_text(row, "AUDITING_LEVEL").replace(",", " ").split())
    if "*AUDLVL2" in levels:
        levels |= set(_text(row, "AUDITING_LEVEL_EXTENSION").replace(",", " ").split())
    return Auditing(
        _text(row, "AUDIT_JOURNAL_EXISTS") == "YES",
        frozenset(_text(row, "AUDITING_CONTROL").replace(",", " ").split()),
        frozenset(levels),
    )


def kept_text(remote: Remote, names: Names, server: Server) -> str | None:
    """Return what the data area of a server's replaced exit programs holds, if it is there."""
    rows = remote.query(
        bound(
            "SELECT DATA_AREA_VALUE FROM QSYS2.DATA_AREA_INFO "
            "WHERE DATA_AREA_LIBRARY = ? AND DATA_AREA_NAME = ?",
            names.lib,
            KEPT[server],
        )
    )
    return (rows[0].get("DATA_AREA_VALUE") or "").rstrip() if rows else None
