"""A system to begin with: libraries, users, the audit journal, the test programs of XMLSERVICE."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from simulators.ibmi.cl.catalogue import COMMANDS
from simulators.ibmi.compiler import Compiler
from simulators.ibmi.journals import Journal, Origin, Receiver, SkEncoder
from simulators.ibmi.objects import (
    Code,
    JobDescription,
    MessageQueue,
    ProgramData,
    ServiceProgramData,
    SystemObject,
)
from simulators.ibmi.profiles import UserProfile
from simulators.ibmi.programs.apis import API_PROGRAMS, API_SERVICE_PROGRAMS
from simulators.ibmi.programs.zzcall import zzcall
from simulators.ibmi.programs.zzpgm import OWN_PROGRAMS, ZZ_PROGRAMS
from simulators.ibmi.programs.zzsrv import ZZSRV
from simulators.ibmi.programs.zzsrv6 import ZZSRV6, ZZSRV_MORE
from simulators.ibmi.rights import CHANGE, EXCLUDE, SPECIAL_AUTHORITIES, USE, Rights
from simulators.ibmi.sample_table import add_tables
from simulators.ibmi.state import SystemState
from simulators.ibmi.system import System

#: What an exit-point administrator needs (IBM documentation: ADDEXITPGM, audit journal).
ADMINISTRATOR = frozenset({"*ALLOBJ", "*SECADM", "*IOSYSCFG", "*AUDIT", "*JOBCTL"})

_LIBRARIES = (
    ("QSYS", "System Library", USE),
    ("QSYS2", "System Library for CPI's", USE),
    ("QHLPSYS", "Help", USE),
    ("QUSRSYS", "System Library for Users", CHANGE),
    ("QGPL", "General Purpose Library", CHANGE),
    ("SYSTOOLS", "Database tools", USE),
    ("QSYSINC", "System Includes", USE),
    ("XMLSERVICE", "XML service", USE),
    ("QXMLSERV", "XML service", USE),
    ("QIWS", "Sample files", USE),
    ("QHTTPSVR", "HTTP server", USE),
)


@dataclass(frozen=True, slots=True)
class User:
    """A user profile to make.

    Attributes:
        password: None is ``*NONE``. Never shown.
        special: special authorities.
        max_storage: kilobytes of objects it may own; None is ``*NOMAX``.
    """

    name: str
    password: str | None
    special: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()
    enabled: bool = True
    expired: bool = False
    max_storage: int | None = None

    def __repr__(self) -> str:
        return f"User({self.name})"


def sample_users(password: str) -> tuple[User, ...]:
    """Return users of every kind, all with one password that the caller chose.

    QSECOFR; EPMADM, who may administer exit points; EPMUSER without special authority; EPMNOIO,
    who lacks *IOSYSCFG only; EPMOLD, whose password has expired; EPMOFF, who is disabled.
    """
    return (
        User("QSECOFR", password, SPECIAL_AUTHORITIES),
        User("EPMADM", password, ADMINISTRATOR),
        User("EPMUSER", password),
        User("EPMNOIO", password, ADMINISTRATOR - {"*IOSYSCFG"}),
        User("EPMOLD", password, expired=True),
        User("EPMOFF", password, enabled=False),
    )


def sample_system(
    clock: Callable[[], datetime],
    users: Sequence[User],
    *,
    name: str = "EPMSIM",
    sk_encoder: SkEncoder | None = None,
    compiler: Compiler | None = None,
    maximum_socket_programs: int | None = None,
    capacity: int = 256 * 1024 * 1024,
    foreign_exit_programs: Mapping[str, Code] | None = None,
) -> System:
    """Make a system.

    Args:
        clock: gives the system's local time.
        users: profiles to make; QSYS and QDFTOWN exist anyway, without password.
        name: the system's, up to 8 characters.
        sk_encoder: makes the entry-specific data of SK entries.
        compiler: makes programs of C sources.
        maximum_socket_programs: how many programs each socket exit point takes (A11).
        capacity: bytes of auxiliary storage.
        foreign_exit_programs: somebody else's exit programs by exit point name; each is put into
            library VENDOR and registered as number 1.
    """
    state = SystemState(
        name,
        clock,
        sk_encoder=sk_encoder,
        compiler=compiler,
        maximum_socket_programs=maximum_socket_programs,
        capacity=capacity,
    )
    for own in ("QSYS", "QDFTOWN", "QTCP"):
        _add_user(state, User(own, None, SPECIAL_AUTHORITIES if own == "QSYS" else frozenset()))
    for library, text, public in _LIBRARIES:
        made = state.libraries.create(library, "QSYS", state.now(), text)
        made.header.public = public
    _fill(state)
    add_tables(state)
    for user in users:
        _add_user(state, user)
    _add_journal(state)
    for point, code in (foreign_exit_programs or {}).items():
        _add_foreign(state, point, code)
    return System(state)


def _put(
    state: SystemState,
    library: str,
    name: str,
    type_: str,
    data: object,
    *,
    public: Rights = USE,
    attribute: str = "",
    text: str = "",
) -> None:
    home = state.libraries.get(library)
    assert home is not None
    now = state.now()
    home.add(SystemObject(name, type_, "QSYS", now, data, attribute, text, public, changed=now))


def _fill(state: SystemState) -> None:
    _put(state, "QGPL", "QDFTJOBD", "*JOBD", JobDescription())
    _put(state, "QSYS", "QSYSOPR", "*MSGQ", MessageQueue(), public=CHANGE)
    for command in COMMANDS.values():
        _put(state, "QSYS", command.name, "*CMD", None, text=command.text)
    for api, code in API_PROGRAMS.items():
        _put(state, "QSYS", api, "*PGM", ProgramData(code))
    for api, exports in API_SERVICE_PROGRAMS.items():
        _put(state, "QSYS", api, "*SRVPGM", ServiceProgramData(exports))
    # The HTTP server's, an object that clients ask the attributes of; nothing of it is called.
    _put(state, "QHTTPSVR", "QZSRVSSL", "*SRVPGM", ServiceProgramData({}), attribute="CLE")
    for library in ("XMLSERVICE", "QXMLSERV"):
        for name, code in {"ZZCALL": zzcall, **ZZ_PROGRAMS, **OWN_PROGRAMS}.items():
            _put(state, library, name, "*PGM", ProgramData(code), attribute="RPGLE")
        for name, exports in (("ZZSRV", {**ZZSRV, **ZZSRV_MORE}), ("ZZSRV6", ZZSRV6)):
            _put(state, library, name, "*SRVPGM", ServiceProgramData(exports), attribute="RPGLE")


def _add_user(state: SystemState, user: User) -> None:
    state.profiles.add(
        UserProfile(
            user.name,
            user.password,
            user.special,
            user.groups,
            user.enabled,
            user.expired,
            max_storage=user.max_storage,
        )
    )
    if state.libraries.get("QSYS") is None:
        return
    _put(state, "QSYS", user.name, "*USRPRF", None, public=EXCLUDE)
    _put(state, "QUSRSYS", user.name, "*MSGQ", MessageQueue(), public=CHANGE)


def _add_journal(state: SystemState) -> None:
    receiver = Receiver("QGPL", "AUDRCV0001")
    journal = Journal("QSYS", "QAUDJRN", [])
    journal.attach(receiver, Origin("SCPF", "QSYS", "000000", "QSYS"), state.now(), reset=False)
    _put(state, "QGPL", receiver.name, "*JRNRCV", receiver, public=EXCLUDE)
    _put(state, "QSYS", "QAUDJRN", "*JRN", journal, public=EXCLUDE, text="Audit journal")


def _add_foreign(state: SystemState, point: str, code: Code) -> None:
    vendor = state.libraries.get("VENDOR")
    if vendor is None:
        vendor = state.libraries.create("VENDOR", "QSYS", state.now(), "Another product")
        vendor.header.public = USE
    name = f"VND{point.rpartition('_')[2]}"[:10]
    _put(state, "VENDOR", name, "*PGM", ProgramData(code), attribute="CLE")
    format_name = next(p.format_name for p in state.registration if p.name == point)
    state.registration.add(point, format_name, 1, f"VENDOR/{name}", text="Another product")


__all__ = ["System", "User", "sample_system", "sample_users"]
