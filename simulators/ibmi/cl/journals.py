"""Commands about journals and their receivers."""

from __future__ import annotations

from simulators.ibmi.cl.definition import Call, Command, Param
from simulators.ibmi.journals import Journal, Receiver
from simulators.ibmi.libraries import Library
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import qualified
from simulators.ibmi.rights import ALL, USE


def _crtjrnrcv(call: Call) -> None:
    name = call.qualified("JRNRCV", "*CURLIB")
    home = call.job.lib(name.lib)
    if home.get(name.name, "*JRNRCV") is not None:
        raise EscapeError("CPF7010", name.name, home.name)
    call.job.create(
        home.name,
        name.name,
        "*JRNRCV",
        Receiver(home.name, name.name),
        text=call.text("TEXT"),
        public=call.word("AUT"),
    )
    call.send("CPC7001", name.name, home.name)


def _receiver(call: Call, text: str) -> tuple[Library, Receiver]:
    name = qualified(text)
    home, item = call.job.need(name.lib, name.name, "*JRNRCV", USE)
    assert isinstance(item.data, Receiver)
    return home, item.data


def _crtjrn(call: Call) -> None:
    job, name = call.job, call.qualified("JRN", "*CURLIB")
    _, receiver = _receiver(call, call.word("JRNRCV"))
    if receiver.attached is not None:
        raise EscapeError("CPF7010", receiver.name, receiver.lib)
    home = job.lib(name.lib)
    if home.get(name.name, "*JRN") is not None:
        raise EscapeError("CPF7010", name.name, home.name)
    journal = Journal(home.name, name.name, [])
    text, public = call.text("TEXT"), call.word("AUT")
    job.create(home.name, name.name, "*JRN", journal, text=text, public=public)
    journal.attach(receiver, job.origin(), job.system.now(), reset=False)
    call.send("CPC7002", name.name, home.name)


def _journal(call: Call, keyword: str = "JRN") -> tuple[Library, Journal]:
    name = call.qualified(keyword)
    home, item = call.job.need(name.lib, name.name, "*JRN", USE)
    assert isinstance(item.data, Journal)
    return home, item.data


def _chgjrn(call: Call) -> None:
    """CHGJRN JRNRCV(*GEN | receiver) SEQOPT(*CONT | *RESET): attach another receiver."""
    job = call.job
    _, journal = _journal(call)
    if call.word("JRNRCV") == "*SAME":
        return
    job_rights = job.find(journal.lib, journal.name, "*JRN")
    if job_rights is None or not job.allows(job_rights[1], frozenset({"*OBJMGT"})):
        raise EscapeError("CPF9802", journal.name, journal.lib)
    if call.word("JRNRCV") == "*GEN":
        library = journal.attached.lib
        home = job.lib(library)
        taken = [item.name for item in home.select("*ALL", "*JRNRCV")]
        name = journal.next_name(taken)
        receiver = Receiver(library, name)
        job.create(library, name, "*JRNRCV", receiver, public="*EXCLUDE")
    else:
        _, receiver = _receiver(call, call.word("JRNRCV"))
        if receiver.attached is not None:
            raise EscapeError("CPF7010", receiver.name, receiver.lib)
    reset = call.choice("SEQOPT", ("*CONT", "*RESET")) == "*RESET"
    journal.attach(receiver, job.origin(), job.system.now(), reset=reset)
    call.send("CPC7011", journal.name)


def _dltjrnrcv(call: Call) -> None:
    job, name = call.job, call.qualified("JRNRCV")
    home, _ = job.need(name.lib, name.name, "*JRNRCV", ALL, missing="CPF2105", refused="CPF2189")
    journal = job.system.journal_of(home.name, name.name)
    job.system.delete_receiver(home.name, name.name, journal)
    call.send("CPC2191", name.name, home.name, "*JRNRCV")


def _dltjrn(call: Call) -> None:
    name = call.qualified("JRN")
    home, item = call.job.need(
        name.lib, name.name, "*JRN", ALL, missing="CPF2105", refused="CPF2189"
    )
    if isinstance(item.data, Journal):
        item.data.attached.detached = call.job.system.now()
    home.remove(item)
    call.send("CPC2191", name.name, home.name, "*JRN")


COMMANDS = (
    Command(
        "CRTJRNRCV",
        (
            Param("JRNRCV"),
            Param("THRESHOLD", "1500000"),
            Param("TEXT", ""),
            Param("AUT", "*LIBCRTAUT"),
        ),
        _crtjrnrcv,
        "Create Journal Receiver",
    ),
    Command(
        "CRTJRN",
        (
            Param("JRN"),
            Param("JRNRCV"),
            Param("MNGRCV", "*SYSTEM"),
            Param("DLTRCV", "*NO"),
            Param("TEXT", ""),
            Param("AUT", "*LIBCRTAUT"),
        ),
        _crtjrn,
        "Create Journal",
    ),
    Command(
        "CHGJRN",
        (Param("JRN"), Param("JRNRCV", "*SAME"), Param("SEQOPT", "*CONT"), Param("TEXT", "*SAME")),
        _chgjrn,
        "Change Journal",
    ),
    Command(
        "DLTJRNRCV", (Param("JRNRCV"), Param("DLTOPT", "*NONE")), _dltjrnrcv, "Delete Receiver"
    ),
    Command("DLTJRN", (Param("JRN"),), _dltjrn, "Delete Journal"),
)
