"""One job: its library list, QTEMP, job log and authority; what commands, programs and SQL use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from simulators.ibmi.journals import Origin
from simulators.ibmi.libraries import Library
from simulators.ibmi.messages import EscapeError, text_of
from simulators.ibmi.objects import DataArea, Parameters, SystemObject
from simulators.ibmi.profiles import UserProfile
from simulators.ibmi.rights import ALL, USE, Rights, rights_of
from simulators.ibmi.state import SystemState
from simulators.xmlservice.host import CommandOutcome, Message

MAX_LOG = 2000
#: Characters of a job's local data area, *LDA.
LOCAL_DATA_AREA = 1024
#: A user part of a library list holds at most this many libraries.
MAX_USER_LIBRARIES = 250


class JobState:
    """One job.

    Attributes:
        current_library: name, or None for no current library (QGPL is then used).
        adopted: owners whose authority the programs on the call stack adopt.
        static: storage of activation groups: what a program keeps between calls in this job.
        run: runs a CL command in this job; :mod:`simulators.ibmi.job` sets it.
        check: checks a CL command without running it; set likewise.
        call: calls a program in this job; set likewise.
        submit: runs a command for a user in a job of a name of its own, with a user library list
            or that of the job description; returns that job's qualified name;
            :mod:`simulators.ibmi.system` sets it.
    """

    def __init__(
        self, system: SystemState, profile: UserProfile, name: str, number: str, subsystem: str
    ) -> None:
        """Start it with the library lists of the system and of its job description."""
        self.system = system
        self.profile = profile
        self.name = name
        self.number = number
        self.subsystem = subsystem
        self.ccsid = 37
        self.attributes: dict[str, str] = {}
        self.system_libraries = list(system.values.words("QSYSLIBL"))
        self.user_libraries = list(system.values.words("QUSRLIBL"))
        current = profile.current_library
        self.current_library: str | None = None if current == "*CRTDFT" else current
        self.qtemp = Library(SystemObject("QTEMP", "*LIB", profile.name, system.now(), public=ALL))
        self.adopted: list[str] = []
        self.static: dict[tuple[str, str], dict[str, Any]] = {}
        self.working_directory = "/"
        self.local_data_area = DataArea("*CHAR", LOCAL_DATA_AREA, 0, " " * LOCAL_DATA_AREA)
        self.started = system.now()
        self._log: deque[Message] = deque(maxlen=MAX_LOG)
        self.run: Callable[[str], CommandOutcome] = _unwired
        self.check: Callable[[str], CommandOutcome] = _unwired
        self.call: Callable[[str, str, str | None, Parameters], bytes] = _unwired
        self.submit: Callable[[str, str, str, Sequence[str] | None], str] = _unwired

    @property
    def user(self) -> str:
        """The user profile it runs under."""
        return self.profile.name

    @property
    def qualified_name(self) -> str:
        """``NUMBER/USER/NAME``."""
        return f"{self.number}/{self.user}/{self.name}"

    @property
    def log(self) -> tuple[Message, ...]:
        """The job log, oldest first."""
        return tuple(self._log)

    def send(self, message_id: str, *values: object) -> Message:
        """Put a message in the job log."""
        return self.tell(message_id, text_of(message_id, *values))

    def tell(self, message_id: str, text: str) -> Message:
        """Put a message with a text of its own in the job log."""
        message = Message(message_id, text, f"{self.system.now():%Y-%m-%d %H:%M:%S.%f}")
        self._log.append(message)
        return message

    def origin(self, program: str = "*NONE", library: str = "*NONE") -> Origin:
        """Return who writes a journal entry in this job."""
        return Origin(self.name, self.user, self.number, self.user, program, library)

    @property
    def database_qtemp(self) -> str:
        """What the database calls this job's QTEMP."""
        return f"QTEMP:{self.number}"

    def database_library(self, library: str) -> str:
        """Return what the database calls a library."""
        return self.database_qtemp if library == "QTEMP" else library

    # Libraries and objects.

    @property
    def libl(self) -> list[str]:
        """The whole library list: system, current and user part, in this order."""
        current = [self.current_library] if self.current_library else []
        return [*self.system_libraries, *current, *self.user_libraries]

    @property
    def creation_library(self) -> str:
        """Where *CURLIB makes objects: the current library, or QGPL."""
        return self.current_library or "QGPL"

    def lib(self, name: str) -> Library:
        """Return a library by name or ``*CURLIB``.

        Raises:
            EscapeError: CPF9810, not found; CPF9820, the user may not use it.
        """
        if name == "*CURLIB":
            name = self.creation_library
        found = self.qtemp if name == "QTEMP" else self.system.libraries.get(name)
        if found is None:
            raise EscapeError("CPF9810", name)
        if not self.allows(found.header, USE):
            raise EscapeError("CPF9820", name)
        return found

    def searched(self, library: str) -> Iterator[Library]:
        """The libraries that a qualified name's library part means, in order; CPF9810 if none."""
        if library not in ("*LIBL", "*USRLIBL", "*ALLUSR", "*ALL"):
            yield self.lib(library)
            return
        names = self.libl if library == "*LIBL" else self.user_libraries
        if library in ("*ALL", "*ALLUSR"):
            names = [found.name for found in self.system.libraries]
        for name in names:
            found = self.qtemp if name == "QTEMP" else self.system.libraries.get(name)
            if found is not None and self.allows(found.header, USE):
                yield found

    def find(self, library: str, name: str, type_: str) -> tuple[Library, SystemObject] | None:
        """Return the first object of that name and type, and its library."""
        for home in self.searched(library):
            item = home.get(name, type_)
            if item is not None:
                return home, item
        return None

    def need(
        self,
        library: str,
        name: str,
        type_: str,
        rights: Rights = USE,
        *,
        missing: str = "CPF9801",
        refused: str = "CPF9802",
    ) -> tuple[Library, SystemObject]:
        """Return an object that the user has rights to.

        Raises:
            EscapeError: ``missing`` if there is none, ``refused`` if the user lacks a right.
        """
        found = self.find(library, name, type_)
        if found is None:
            raise EscapeError(missing, name, library, type_)
        if not self.allows(found[1], rights):
            raise EscapeError(refused, name, found[0].name, type_)
        return found

    def create(
        self,
        library: str,
        name: str,
        type_: str,
        data: object,
        *,
        attribute: str = "",
        text: str = "",
        public: str = "*LIBCRTAUT",
    ) -> tuple[Library, SystemObject]:
        """Make an object, owned by the job's user.

        Raises:
            EscapeError: the library is missing, full or not the user's to add to; the object
                exists; storage is full; the authority is not known.
        """
        home = self.lib(library)
        if not self.allows(home.header, frozenset({"*ADD"}) | USE):
            raise EscapeError("CPF9820", home.name)
        now = self.system.now()
        item = SystemObject(
            name, type_, self.user, now, data, attribute, text, self._public(public), changed=now
        )
        if home.get(name, type_) is None:
            self.system.require_storage(self.profile, item.size)
        return home, home.add(item)

    def _public(self, word: str) -> Rights:
        if word in ("*LIBCRTAUT", "*SYSVAL"):
            word = self.system.values.get("QCRTAUT")
        rights = rights_of((word,))
        if rights is None:
            raise EscapeError("CPD0084", word, "AUT")
        return rights

    # Authority.

    def allows(self, item: SystemObject, rights: Rights) -> bool:
        """Whether the job has rights to an object: its user, his groups, or adopted authority."""
        owners = self.adopted
        if self._allows(self.profile, item, rights):
            return True
        profiles = [self.system.profiles.get(owner) for owner in owners]
        return any(p is not None and self._allows(p, item, rights) for p in profiles)

    def has_special(self, authority: str) -> bool:
        """Whether the job has a special authority: its user, his groups, or adopted."""
        return any(authority in p.special for p in self._profiles())

    def require_special(self, *authorities: str) -> None:
        """Refuse a job without special authorities.

        Raises:
            EscapeError: CPF222E, naming the first that is missing.
        """
        for authority in authorities:
            if not self.has_special(authority):
                raise EscapeError("CPF222E", authority)

    def _profiles(self) -> Iterator[UserProfile]:
        yield self.profile
        for name in (*self.profile.groups, *self.adopted):
            profile = self.system.profiles.get(name)
            if profile is not None:
                yield profile

    def _allows(self, profile: UserProfile, item: SystemObject, rights: Rights) -> bool:
        groups = [g for g in map(self.system.profiles.get, profile.groups) if g is not None]
        if any("*ALLOBJ" in p.special for p in (profile, *groups)):
            return True
        if profile.name in item.grants:
            return rights <= item.grants[profile.name]
        held = [item.grants[g.name] for g in groups if g.name in item.grants]
        if held:
            return rights <= frozenset().union(*held)
        return rights <= item.public


def _unwired(*_: Any) -> Any:
    raise EscapeError("CPF1317", "the job that has not started")
