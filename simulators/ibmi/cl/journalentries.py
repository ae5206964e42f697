"""DSPJRN and CPYAUDJRNE: journal entries selected, shown, converted to outfiles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from simulators.ibmi.cl.definition import Call, Command, Param, as_number, flat
from simulators.ibmi.cl.outfiles import (
    FORMATS,
    audit_columns,
    audit_row,
    outfile_columns,
    outfile_row,
    write_outfile,
)
from simulators.ibmi.journals import Journal, JournalEntry
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import Qualified, qualified
from simulators.ibmi.rights import USE

_MOST = 2**62
_ENTRY_TYPE = re.compile(r"[A-Z0-9]{2}", re.ASCII)


def _range(call: Call, keyword: str) -> tuple[str, str]:
    """Return the first and last receiver of RCVRNG or JRNRCV, without their libraries."""
    words = [word.rpartition("/")[2] for word in call.words(keyword)]
    if not 1 <= len(words) <= 2:
        raise EscapeError("CPF7053", " ".join(words))
    return words[0], words[1] if len(words) > 1 else "*CURRENT"


def _number(call: Call, keywords: Sequence[str], special: str, default: int) -> int:
    """Return a sequence number given by one of two keywords; ``special`` stands for ``default``."""
    for keyword in keywords:
        word = call.words(keyword)[0]
        if word != special:
            return as_number(word, keyword, 1, _MOST)
    return default


def _moment(call: Call, keyword: str, special: str) -> datetime | None:
    """Return FROMTIME or TOTIME: a date (job's format *MDY) and a time; None for no bound."""
    words = call.words(keyword)
    if words == (special,):
        return None
    digits = ["".join(c for c in word if c.isascii() and c.isdigit()) for word in words]
    if len(digits) > 2 or len(digits[0]) not in (6, 8):
        raise EscapeError("CPD0084", " ".join(words), keyword)
    year = digits[0][4:] if len(digits[0]) == 8 else f"20{digits[0][4:]}"
    clock = (digits[1] if len(digits) > 1 else "").ljust(6, "0")
    try:
        return datetime.strptime(f"{year}{digits[0][:4]}{clock}", "%Y%m%d%H%M%S")
    except ValueError:
        raise EscapeError("CPD0084", " ".join(words), keyword) from None


def _codes(call: Call) -> frozenset[str] | None:
    """Return JRNCDE's codes, without what is said of their files; None is all of them."""
    words = flat(call.elements("JRNCDE"))
    chosen = [word for word in words if not word.startswith("*")]
    if any(len(word) != 1 for word in chosen):
        raise EscapeError("CPD0084", " ".join(words), "JRNCDE")
    return frozenset(chosen) if chosen else None


def _types(call: Call) -> frozenset[str] | None:
    words = call.words("ENTTYP")
    if words in (("*ALL",), ()):
        return None
    if any(not _ENTRY_TYPE.fullmatch(word) for word in words):
        raise EscapeError("CPD0084", " ".join(words), "ENTTYP")
    return frozenset(words)


def _objects(call: Call) -> list[Qualified] | None:
    """Return what FILE or OBJ name; None is everything."""
    names = [
        qualified(word)
        for keyword in ("FILE", "OBJ")
        for element in call.elements(keyword)
        for word in flat([element])[:1]
        if word not in ("*ALLFILE", "*ALL")
    ]
    return names or None


def _is_of(entry: JournalEntry, names: list[Qualified] | None) -> bool:
    return names is None or any(
        name.name in ("*ALL", entry.object) and name.lib in ("*LIBL", "*ALL", entry.object_library)
        for name in names
    )


def _fits(call: Call, keyword: str, *values: str) -> bool:
    """Whether JOB, PGM or USRPRF, where one is given, is one of the values."""
    word = call.word(keyword)
    if word == "*" and keyword == "JOB":
        word = call.job.qualified_name
    return word == "*ALL" or word in values


def _in_time(entry: JournalEntry, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or entry.time >= since) and (until is None or entry.time <= until)


def _selected(call: Call, journal: Journal) -> list[JournalEntry]:
    """Return the entries that the keywords of DSPJRN select.

    Raises:
        EscapeError: CPF7053, the receivers are not of the chain; CPF7054, the range is empty;
            CPF7062, there is no such entry.
    """
    first = _number(call, ("FROMENTLRG", "FROMENT"), "*FIRST", 0)
    last = _number(call, ("TOENTLRG", "TOENT"), "*LAST", _MOST)
    since, until = _moment(call, "FROMTIME", "*FIRST"), _moment(call, "TOTIME", "*LAST")
    if last < first or (since is not None and until is not None and until < since):
        raise EscapeError("CPF7054")
    most = _number(call, ("NBRENT",), "*ALL", _MOST)
    names = _objects(call)
    entries = journal.read(
        *_range(call, "RCVRNG"), after=max(first - 1, 0), types=_types(call), codes=_codes(call)
    )
    found = [
        e
        for e in entries
        if e.sequence <= last
        and _in_time(e, since, until)
        and _fits(call, "JOB", e.job, f"{e.job_user}/{e.job}", _qualified_job(e))
        and _fits(call, "PGM", e.program)
        and _fits(call, "USRPRF", e.user)
        and _is_of(e, names)
    ][:most]
    if not found:
        raise EscapeError("CPF7062", journal.name)
    return found


def _qualified_job(entry: JournalEntry) -> str:
    return f"{entry.job_number}/{entry.job_user}/{entry.job}"


def _dspjrn(call: Call) -> None:
    name = call.qualified("JRN")
    _, item = call.job.need(name.lib, name.name, "*JRN", USE)
    assert isinstance(item.data, Journal)
    form = call.choice("OUTFILFMT", FORMATS)
    entries = _selected(call, item.data)
    if call.choice("OUTPUT", ("*", "*PRINT", "*OUTFILE")) != "*OUTFILE":
        call.output.append("Sequence              Code  Type  Job         Time")
        call.output += [
            f"{e.sequence:>20}  {e.code:<4}  {e.type:<4}  {e.job:<10}  {e.time:%H:%M:%S}"
            for e in entries
        ]
        return
    if not call.is_given("OUTFILE"):
        raise EscapeError("CPD0031", "OUTFILE")
    most = _data_length(call, entries)
    if any(len(e.data) > most for e in entries):
        call.send("CPF7060", item.name)
    rows = [outfile_row(call.job, e, form, most) for e in entries]
    target = call.qualified("OUTFILE", "*CURLIB")
    adds = call.words("OUTMBR")[1:] == ("*ADD",)
    write_outfile(call, target, outfile_columns(form, most), rows, adds=adds)
    call.send("CPC7051", len(rows))


def _data_length(call: Call, entries: Sequence[JournalEntry]) -> int:
    """Return how many bytes of entry-specific data a record holds (ENTDTALEN).

    What *OUTFILFMT holds was not to be read anywhere: it takes the longest entry, as *CALC does.
    """
    word = call.words("ENTDTALEN")[0]
    if word in ("*CALC", "*VARLEN", "*OUTFILFMT"):
        return max(len(e.data) for e in entries)
    return as_number(word, "ENTDTALEN", 1, 32_740)


def _cpyaudjrne(call: Call) -> None:
    """CPYAUDJRNE ENTTYP(SK ...): audit entries, each type to a file of its own (A26)."""
    job = call.job
    job.require_special("*AUDIT")
    types = _types(call) or frozenset()
    name = call.qualified("OUTFILE", "QTEMP")
    if len(name.name) > 8:
        raise EscapeError("CPD0078", name.name, "OUTFILE")
    since, until = _moment(call, "FROMTIME", "*FIRST"), _moment(call, "TOTIME", "*LAST")
    receivers = _range(call, "JRNRCV")
    journal, total = job.system.audit_journal, 0
    for type_ in sorted(types):
        rows = [
            audit_row(job, e)
            for e in journal.read(*receivers, types=frozenset({type_}), codes=frozenset({"T"}))
            if _in_time(e, since, until) and _fits(call, "USRPRF", e.user)
        ]
        if rows:
            target = Qualified(name.lib, f"{name.name}{type_}")
            write_outfile(call, target, audit_columns(type_), rows)
            total += len(rows)
    if not total:
        raise EscapeError("CPF7062", journal.name)
    call.send("CPC7051", total)


def _params(**defaults: str) -> tuple[Param, ...]:
    return tuple(Param(keyword, default) for keyword, default in defaults.items())


COMMANDS = (
    Command(
        "DSPJRN",
        (
            Param("JRN"),
            *_params(
                FILE="*ALLFILE", RCVRNG="*CURRENT", OBJ="*ALL", FROMENTLRG="*FIRST",
                FROMENT="*FIRST", FROMTIME="*FIRST", TOENTLRG="*LAST", TOENT="*LAST",
                TOTIME="*LAST", NBRENT="*ALL", JRNCDE="*ALL", ENTTYP="*ALL", JOB="*ALL",
                PGM="*ALL", USRPRF="*ALL", CMTCYCLRG="*ALL", CCIDLRG="*ALL", DEPENT="*ALL",
                OUTFMT="*CHAR", OUTPUT="*", OUTFILFMT="*TYPE1", OUTFILE="",
                OUTMBR="*FIRST *REPLACE", ENTDTALEN="*OUTFILFMT", NULLINDLEN="*OUTFILFMT",
                INCHIDENT="*NO",
            ),
        ),
        _dspjrn,
        "Display Journal",
        positional=3,
    ),
    Command(
        "CPYAUDJRNE",
        (
            Param("ENTTYP"),
            *_params(
                OUTFILE="QTEMP/QAUDIT", USRPRF="*ALL", JRNRCV="*CURRENT", FROMTIME="*FIRST",
                TOTIME="*LAST",
            ),
        ),
        _cpyaudjrne,
        "Copy Audit Journal Entries",
    ),
)  # fmt: skip
