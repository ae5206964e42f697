"""Commands of the registration facility, and system values, network attributes and auditing."""

from __future__ import annotations

from exitprograms.registry import MAX_NUMBER, Special
from simulators.ibmi.cl.definition import Call, Command, Param, as_number, flat
from simulators.ibmi.cl.texts import returned
from simulators.ibmi.journals import Origin
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import matches
from simulators.ibmi.registration import ProgramAttributes

#: Special authorities that changing a registration takes (IBM i 7.5 text, second-hand).
_NEEDED = ("*IOSYSCFG", "*ALLOBJ", "*SECADM")


def _addexitpgm(call: Call) -> None:
    job = call.job
    job.require_special(*_NEEDED)
    number = call.word("PGMNBR")
    chosen: int | Special = (
        Special(number)
        if number in ("*LOW", "*HIGH")
        else as_number(number, "PGMNBR", 1, MAX_NUMBER)
    )
    program = call.qualified("PGM", "*CURLIB")
    library = job.creation_library if program.lib == "*CURLIB" else program.lib
    text = call.text("TEXT")
    replacing = call.choice("REPLACE", ("*NO", "*YES")) == "*YES"
    point, format_name = call.word("EXITPNT"), call.word("FORMAT")
    before = len(_numbers(call, point, format_name))
    made = job.system.registration.add(
        point,
        format_name,
        chosen,
        f"{library}/{program.name}",
        text="" if text in ("*BLANK", "*MSGID") else text,
        attributes=ProgramAttributes(
            call.choice("THDSAFE", ("*UNKNOWN", "*NO", "*YES")),
            call.choice("MLTTHDACN", ("*SYSVAL", "*RUN", "*MSG", "*NORUN")),
            _data(call),
        ),
        replace_existing=replacing,
        create=call.choice("CRTEXITPNT", ("*NO", "*YES")) == "*YES",
    )
    replaced = before == len(_numbers(call, point, format_name))
    _audit(call, "R" if replaced else "A", point, format_name, made.number, made.qualified)
    call.send("CPC3CD1", made.qualified, point)


def _numbers(call: Call, point: str, format_name: str) -> list[int]:
    try:
        return call.job.system.registration.numbers(point, format_name)
    except EscapeError:
        return []


def _data(call: Call) -> str:
    """PGMDTA(ccsid length data): only the data are kept."""
    values = flat(call.elements("PGMDTA"))
    if not values or values == ["*NONE"]:
        return ""
    if len(values) != 3 or len(values[2]) > 2048:
        raise EscapeError("CPD0084", " ".join(values)[:40], "PGMDTA")
    return values[2]


def _rmvexitpgm(call: Call) -> None:
    job = call.job
    job.require_special(*_NEEDED)
    point, format_name = call.word("EXITPNT"), call.word("FORMAT")
    word = call.word("PGMNBR")
    numbers = (
        job.system.registration.numbers(point, format_name)
        if word == "*ALL"
        else [as_number(word, "PGMNBR", 1, MAX_NUMBER)]
    )
    for number in numbers:
        gone = job.system.registration.remove(point, format_name, number)
        _audit(call, "D", point, format_name, number, gone.qualified)
    call.send("CPC3CD2", point)


def _audit(
    call: Call, action: str, point: str, format_name: str, number: int, program: str
) -> None:
    """Write T/GR (A added, D removed, R replaced) where *SECURITY or *SECCFG is audited.

    Fields after the type are ours.
    """
    levels = call.job.system.values.words("QAUDLVL")
    if "*SECURITY" not in levels and "*SECCFG" not in levels:
        return
    text = f"{action}{'ZC':<2}{point:<20}{format_name:<8}{number:010d}{program:<21}"
    origin: Origin = call.job.origin("QUSRGFA1", "QSYS")
    call.job.system.audit_journal.append(
        "T", "GR", text.encode("cp037"), origin, call.job.system.now()
    )


def _wrkreginf(call: Call) -> None:
    pattern, wanted = call.word("EXITPNT"), call.word("FORMAT")
    if pattern == "*REGISTERED":
        pattern = "*ALL"
    call.output.append("Exit point            Format    Registered  Text")
    for point in call.job.system.registration:
        if not matches(pattern, point.name) or not matches(wanted, point.format_name):
            continue
        registered = "*YES" if point.registered else "*NO"
        call.output.append(
            f"{point.name:<20}  {point.format_name:<8}  {registered:<10}  {point.text}".rstrip()
        )
        for program in point.programs:
            call.output.append(
                f"    Exit program {program.number:>10}  {program.qualified:<21}  "
                f"{program.text}".rstrip()
            )


def _rtvsysval(call: Call) -> None:
    returned(call, {"RTNVAR": call.job.system.value(call.word("SYSVAL"))})


def _chgsysval(call: Call) -> None:
    name = call.word("SYSVAL")
    if name.startswith("QAUD"):
        call.job.require_special("*AUDIT")
    else:
        call.job.require_special("*SECADM", "*ALLOBJ")
    call.job.system.values.change(name, " ".join(call.text("VALUE").split()))
    call.send("CPF1806", name)


def _dspsysval(call: Call) -> None:
    name = call.word("SYSVAL")
    call.output += [
        f"System value  . . . . . :   {name}",
        f"Value . . . . . . . . . :   {call.job.system.value(name)}",
    ]


def _chgsecaud(call: Call) -> None:
    call.job.require_special("*AUDIT", "*ALLOBJ")
    values = call.job.system.values
    for keyword, name in (("QAUDCTL", "QAUDCTL"), ("QAUDLVL", "QAUDLVL")):
        words = call.words(keyword)
        if words != ("*SAME",):
            values.change(name, " ".join(words))
    call.send("CPC2601")


def _dspneta(call: Call) -> None:
    call.output += [f"{k:<12} {v}" for k, v in sorted(call.job.system.values.network.items())]


def _rtvneta(call: Call) -> None:
    returned(call, call.job.system.values.network)


_POINT = (Param("EXITPNT"), Param("FORMAT"), Param("PGMNBR"))
COMMANDS = (
    Command(
        "ADDEXITPGM",
        (
            *_POINT,
            Param("PGM"),
            Param("THDSAFE", "*UNKNOWN"),
            Param("MLTTHDACN", "*SYSVAL"),
            Param("TEXT", "*BLANK"),
            Param("MSGID", "*NONE"),
            Param("MSGF", "*NONE"),
            Param("REPLACE", "*NO"),
            Param("CRTEXITPNT", "*NO"),
            Param("PGMDTA", "*NONE"),
        ),
        _addexitpgm,
        "Add Exit Program",
    ),
    Command("RMVEXITPGM", _POINT, _rmvexitpgm, "Remove Exit Program"),
    Command(
        "WRKREGINF",
        (Param("EXITPNT", "*REGISTERED"), Param("FORMAT", "*ALL"), Param("OUTPUT", "*")),
        _wrkreginf,
        "Work with Registration Info",
    ),
    Command(
        "RTVSYSVAL",
        (Param("SYSVAL"), Param("RTNVAR", returns=True)),
        _rtvsysval,
        "Retrieve System Value",
    ),
    Command("CHGSYSVAL", (Param("SYSVAL"), Param("VALUE")), _chgsysval, "Change System Value"),
    Command(
        "DSPSYSVAL", (Param("SYSVAL"), Param("OUTPUT", "*")), _dspsysval, "Display System Value"
    ),
    Command(
        "CHGSECAUD",
        (Param("QAUDCTL", "*SAME"), Param("QAUDLVL", "*SAME"), Param("JRNRCV", "*SAME")),
        _chgsecaud,
        "Change Security Auditing",
    ),
    Command("DSPNETA", (Param("OUTPUT", "*"),), _dspneta, "Display Network Attributes"),
    Command(
        "RTVNETA",
        tuple(
            Param(k, "", returns=True)
            for k in ("SYSNAME", "LCLNETID", "LCLCPNAME", "DDMACC", "JOBACN", "PCSACC")
        ),
        _rtvneta,
        "Retrieve Network Attributes",
        positional=0,
    ),
)
