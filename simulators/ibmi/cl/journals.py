"""Commands about journals: receivers, journals, entries converted to outfiles."""

from __future__ import annotations

from collections.abc import Iterable

from simulators.ibmi.cl.definition import Call, Command, Param, as_number
from simulators.ibmi.cl.outfiles import (
    OUTFILE_COLUMNS,
    SK_COLUMNS,
    outfile_row,
    sk_row,
    write_outfile,
)
from simulators.ibmi.journals import Journal, JournalEntry, Receiver
from simulators.ibmi.libraries import Library
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import qualified
from simulators.ibmi.rights import ALL, USE
from simulators.ibmi.sql.functions import stamp


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


def _range(call: Call) -> tuple[str, str]:
    words = [w.rpartition("/")[2] for w in call.words("RCVRNG")]
    if len(words) > 2:
        raise EscapeError("CPF7053", " ".join(words))
    starting = words[0]
    ending = words[1] if len(words) > 1 else "*CURRENT"
    if len(words) == 1 and not starting.startswith("*"):
        ending = "*CURRENT"
    return starting, ending


def _selected(call: Call, journal: Journal, types: Iterable[str]) -> list[JournalEntry]:
    starting, ending = _range(call)
    wanted = frozenset(types)
    first = call.words("FROMENT")[0] if call.is_given("FROMENT") else "*FIRST"
    after = 0 if first == "*FIRST" else as_number(first, "FROMENT", 1, 2**62) - 1
    last = call.words("TOENT")[0] if call.is_given("TOENT") else "*LAST"
    until = 2**63 if last == "*LAST" else as_number(last, "TOENT", 1, 2**62)
    if until <= after:
        raise EscapeError("CPF7054")
    since = call.words("FROMTIME") if call.is_given("FROMTIME") else ()
    begin = stamp(_moment(since)) if since else None
    return [
        e
        for e in journal.read(
            starting, ending, after=after, types=None if "*ALL" in wanted else wanted
        )
        if e.sequence <= until and (begin is None or e.time >= begin)
    ]


def _moment(words: tuple[str, ...]) -> str:
    """Return FROMTIME's MMDDYY and HHMMSS (QDATFMT *MDY) as a timestamp."""
    digits = ["".join(c for c in w if c.isdigit()) for w in words]
    if len(digits[0]) not in (6, 8):
        raise EscapeError("CPD0084", words[0], "FROMTIME")
    day = digits[0]
    year = day[4:] if len(day) == 8 else f"20{day[4:]}"
    clock = digits[1].ljust(6, "0") if len(digits) > 1 else "000000"
    return f"{year}-{day[:2]}-{day[2:4]} {clock[:2]}:{clock[2:4]}:{clock[4:6]}"


def _dspjrn(call: Call) -> None:
    _, journal = _journal(call)
    entries = _selected(call, journal, call.words("ENTTYP"))
    if not entries:
        raise EscapeError("CPF7062", journal.name)
    if call.word("OUTPUT") != "*OUTFILE":
        call.output.append("Sequence              Code  Type  Job         Time")
        call.output += [
            f"{e.sequence:>20}  {e.code:<4}  {e.type:<4}  {e.job:<10}  {e.time:%H:%M:%S}"
            for e in entries
        ]
        return
    if call.word("OUTFILFMT") != "*TYPE5":
        raise EscapeError("CPD0084", call.word("OUTFILFMT"), "OUTFILFMT")
    length = call.words("ENTDTALEN")[0]
    most = (
        max(len(e.data) for e in entries)
        if length in ("*CALC", "*VARLEN", "*OUTFILFMT")
        else as_number(length, "ENTDTALEN", 1, 32_740)
    )
    rows = [outfile_row(call.job, e, most) for e in entries]
    write_outfile(call, call.qualified("OUTFILE", "*CURLIB"), OUTFILE_COLUMNS, rows, max(most, 1))
    call.send("CPC7051", len(rows))


def _cpyaudjrne(call: Call) -> None:
    """CPYAUDJRNE ENTTYP(SK): audit entries to QAUDITSK (details are assumption A26)."""
    job = call.job
    job.require_special("*AUDIT")
    types = call.words("ENTTYP")
    if types != ("SK",):
        raise EscapeError("CPD0084", " ".join(types), "ENTTYP")
    name = call.qualified("OUTFILE", "*CURLIB")
    starting, ending = _range(call)
    rows = [
        sk_row(job, e)
        for e in job.system.audit_journal.read(starting, ending, types=frozenset({"SK"}))
    ]
    if not rows:
        raise EscapeError("CPF7062", "QAUDJRN")
    prefix = name.name if name.name != "QAUDIT" else "QAUDIT"
    library = "QTEMP" if not call.is_given("OUTFILE") else name.lib
    target = qualified(f"{library}/{prefix}SK"[:21])
    write_outfile(call, target, SK_COLUMNS, rows, 1)
    call.send("CPC7051", len(rows))


_OUT = (
    Param("RCVRNG", "*CURRENT"),
    Param("FROMTIME", "*FIRST"),
    Param("TOTIME", "*LAST"),
)
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
    Command(
        "DSPJRN",
        (
            Param("JRN"),
            *_OUT,
            Param("FROMENT", "*FIRST"),
            Param("TOENT", "*LAST"),
            Param("JRNCDE", "*ALL"),
            Param("ENTTYP", "*ALL"),
            Param("OUTPUT", "*"),
            Param("OUTFILFMT", "*TYPE1"),
            Param("OUTFILE", ""),
            Param("OUTMBR", "*FIRST *REPLACE"),
            Param("ENTDTALEN", "*OUTFILFMT"),
        ),
        _dspjrn,
        "Display Journal",
    ),
    Command(
        "CPYAUDJRNE",
        (Param("ENTTYP"), Param("OUTFILE", "QTEMP/QAUDIT"), Param("RCVRNG", "*CURRENT")),
        _cpyaudjrne,
        "Copy Audit Journal Entries",
    ),
)
