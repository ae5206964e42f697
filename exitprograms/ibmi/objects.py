"""The objects of the product on an IBM i: names, and the commands that make them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from epm.model import Server

#: Owns everything that the exit programs adopt authority to; it has no special authority and
#: nobody can sign on with it.
OWNER = "EPMOWNER"
RULES = "EPMRULES"
COUNTERS = "EPMCOUNT"
CAPTURES = "EPMCAPTURE"
_JOURNAL, _RECEIVER = "EPMJRN", "EPMRCV0001"
#: Data area per exit point with the exit programs of others that ours took the place of.
KEPT = {
    Server.ACCEPT: "EPMKPTACC",
    Server.CONNECT: "EPMKPTCON",
    Server.LISTEN: "EPMKPTLSN",
}
#: Two names for each program: a new version is bound under the one that is not registered, and
#: registered in one step, so that at no moment a registered program is missing (assumption A8).
PROGRAMS = {
    Server.ACCEPT: ("EPMACCEPT", "EPMACCEPT2"),
    Server.CONNECT: ("EPMCONNECT", "EPMCONNEC2"),
    Server.LISTEN: ("EPMLISTEN", "EPMLISTEN2"),
}
#: Longest record that the exit programs send to the data queue.
CAPTURE_BYTES = 8000
COUNTER_BYTES = 4096
#: What a command's TEXT holds.
TEXT_BYTES = 50


@dataclass(frozen=True, slots=True)
class Names:
    """Where the objects of one system are.

    Attributes:
        lib: the library that all of them are in it.
        journal: of the U entries; the configuration of the system names it.
        message_queue: likewise.
    """

    lib: str
    journal: str = _JOURNAL
    message_queue: str = "EPMMSGQ"

    def path(self, name: str) -> str:
        """Return ``LIBRARY/NAME``."""
        return f"{self.lib}/{name}"

    @property
    def receiver(self) -> str:
        """The journal's first receiver. It belongs to one journal, so each has its own name."""
        if self.journal == _JOURNAL:
            return _RECEIVER
        return f"EPM{sha256(self.journal.encode()).hexdigest()[:3].upper()}0001"


@dataclass(frozen=True, slots=True)
class Object:
    """One object to be there.

    Attributes:
        type: such as ``*DTAQ``.
        create: CL command; empty for a user space, which an API makes.
        delete: CL command.
        size: of a user space.
    """

    name: str
    type: str
    create: str
    delete: str
    text: str
    size: int = 0


def objects_of(names: Names, space_bytes: int) -> tuple[Object, ...]:
    """Return every object beside the programs, in the order they are made.

    Args:
        names: of the system.
        space_bytes: size of the user space of the rules.
    """
    path = names.path
    return (
        _space(names, RULES, space_bytes, "EPM socket rules"),
        _space(names, COUNTERS, COUNTER_BYTES, "EPM counters"),
        Object(
            CAPTURES,
            "*DTAQ",
            f"CRTDTAQ DTAQ({path(CAPTURES)}) MAXLEN({CAPTURE_BYTES}) SEQ(*FIFO) "
            "SIZE(*MAX16MB) TEXT('EPM captured calls') AUT(*EXCLUDE)",
            f"DLTDTAQ DTAQ({path(CAPTURES)})",
            "EPM captured calls",
        ),
        Object(
            names.message_queue,
            "*MSGQ",
            # A full queue loses its oldest messages, not those of the calls that come.
            f"CRTMSGQ MSGQ({path(names.message_queue)}) MSGQFULL(*WRAP) TEXT('EPM messages') "
            "AUT(*EXCLUDE)",
            f"DLTMSGQ MSGQ({path(names.message_queue)})",
            "EPM messages",
        ),
        Object(
            names.receiver,
            "*JRNRCV",
            f"CRTJRNRCV JRNRCV({path(names.receiver)}) THRESHOLD(1500000) "
            "TEXT('EPM journal receiver') AUT(*EXCLUDE)",
            f"DLTJRNRCV JRNRCV({path(names.receiver)}) DLTOPT(*IGNINQMSG)",
            "EPM journal receiver",
        ),
        Object(
            names.journal,
            "*JRN",
            f"CRTJRN JRN({path(names.journal)}) JRNRCV({path(names.receiver)}) MNGRCV(*SYSTEM) "
            "DLTRCV(*NO) TEXT('EPM journal') AUT(*EXCLUDE)",
            f"DLTJRN JRN({path(names.journal)})",
            "EPM journal",
        ),
    )


def _space(names: Names, name: str, size: int, text: str) -> Object:
    return Object(name, "*USRSPC", "", f"DLTUSRSPC USRSPC({names.path(name)})", text, size)


def server_of(library: str, program: str, names: Names) -> Server | None:
    """Return the server that one of our programs serves; ``None`` for another's program."""
    if library != names.lib:
        return None
    return next((s for s, both in PROGRAMS.items() if program in both), None)


def quoted(text: str) -> str:
    """Return text as a CL or SQL string."""
    return "'" + text.replace("'", "''") + "'"


def bound(template: str, *values: str) -> str:
    """Return a statement with each ``?`` replaced by a value as a string constant.

    XMLSERVICE's query element takes no parameters, so what goes into a statement goes through
    here. ``template`` holds no ``?`` of its own.
    """
    parts = template.split("?")
    assert len(parts) == len(values) + 1
    ends = [*map(quoted, values), ""]
    return "".join(part + end for part, end in zip(parts, ends, strict=True))
