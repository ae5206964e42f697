"""Commands about jobs: attributes, log, messages of programs, calling and submitting."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from simulators.ibmi.cl.definition import Call, Command, Param, as_number, shown
from simulators.ibmi.cl.parser import Item, Value
from simulators.ibmi.cl.texts import libraries_of, returned
from simulators.ibmi.messages import EscapeError, text_of
from simulators.ibmi.rights import USE
from simulators.ibmi.storage import encode_packed, encode_text
from simulators.xmlservice.host import ProgramMissingError

#: A character parameter of CALL is passed as at least this many bytes, a number as 15p5.
CALL_CHARACTERS = 32
_END_OF_LISTING = f"{'* * * * *  E N D  O F  L I S T I N G  * * * * *':>65}"

_RTVJOBA = (
    *("JOB", "USER", "NBR", "CURUSER", "USRLIBL", "SYSLIBL", "CURLIB", "CCSID", "DFTCCSID"),
    *("LANGID", "CNTRYID", "TYPE", "SUBTYPE", "DATE", "DATFMT", "DATSEP", "TIMSEP", "DECFMT"),
    *("RUNPTY", "OUTQ", "INQMSGRPY", "LOGLVL", "RTNCDE", "SWS", "CYMDDATE"),
)
"""What RTVJOBA returns here; CCSID, DFTCCSID, TYPE, RUNPTY and RTNCDE are numbers or digits."""


def _rtvjoba(call: Call) -> None:
    job = call.job
    now = job.system.now()
    values = {
        "JOB": job.name,
        "USER": job.user,
        "NBR": job.number,
        "CURUSER": job.user,
        "USRLIBL": libraries_of(job.user_libraries),
        "SYSLIBL": libraries_of(job.system_libraries),
        "CURLIB": job.current_library or "*NONE",
        "CCSID": str(job.ccsid),
        "DFTCCSID": "37",
        "LANGID": job.system.values.get("QLANGID"),
        "CNTRYID": job.system.values.get("QCNTRYID"),
        "TYPE": "0",
        "SUBTYPE": "*",
        "DATE": f"{now:%m%d%y}",
        "CYMDDATE": f"{now.year // 100 - 19}{now:%y%m%d}",
        "DATFMT": "*MDY",
        "DATSEP": "/",
        "TIMSEP": ":",
        "DECFMT": "",
        "RUNPTY": "20",
        "OUTQ": "QPRINT",
        "INQMSGRPY": "*RQD",
        "LOGLVL": "4",
        "RTNCDE": "0",
        "SWS": "00000000",
        **job.attributes,
    }
    returned(call, values)


def _chgjob(call: Call) -> None:
    job = call.job
    target = call.word("JOB")
    if target not in ("*", job.name, job.qualified_name):
        job.require_special("*JOBCTL")
        number = target.split("/")[0]
        if number not in job.system.jobs:
            raise EscapeError("CPF1321", *reversed(target.split("/")))
    if call.is_given("CCSID"):
        value = call.word("CCSID")
        job.ccsid = {"*HEX": 65535, "*USRPRF": 37}.get(value) or as_number(value, "CCSID", 1, 65535)
    for keyword in ("RUNPTY", "INQMSGRPY", "DATFMT", "SWS", "LOGLVL"):
        if call.is_given(keyword):
            job.attributes[keyword] = call.word(keyword)
    call.send("CPC1100")


def _dspjoblog(call: Call) -> None:
    call.output.append(f"Job log . . . . :  {call.job.qualified_name}")
    for message in call.job.log:
        call.output.append(f"{message.id or '*NONE':<10} {message.time}  {message.text}")


def _sndpgmmsg(call: Call) -> None:
    kind = call.word("MSGTYPE")
    text = call.text("MSG")
    message_id = call.word("MSGID")
    if message_id not in ("*NONE", ""):
        text = text_of(message_id, text or call.text("MSGDTA"))
    else:
        message_id = "CPF9898" if kind == "*ESCAPE" else ""
    if kind == "*ESCAPE":
        raise EscapeError(message_id, text)
    call.messages.append(call.job.tell(message_id, text))


def _dlyjob(call: Call) -> None:
    """Wait, giving the system's lock back meanwhile; at most a minute of real time here."""
    seconds = call.number("DLY", 1, 999_999)
    lock = call.job.system.lock
    lock.wait_for(lambda: False, timeout=min(seconds, 60))


def _call(call: Call) -> None:
    program = call.qualified("PGM")
    storage = [_argument(value) for value in call.elements("PARM")]
    try:
        call.job.call(program.lib, program.name, None, storage)
    except ProgramMissingError as error:
        raise EscapeError("CPF9811", program.name, program.lib) from error


def _argument(value: Value) -> bytearray:
    """Return storage of a CALL parameter: characters of at least 32 bytes, numbers as 15p5."""
    if not isinstance(value, Item):
        raise EscapeError("CPD0084", "(", "PARM")
    if not value.quoted:
        try:
            return bytearray(encode_packed(Decimal(value.text), 15, 5))
        except InvalidOperation:
            pass
    return bytearray(encode_text(value.text).ljust(CALL_CHARACTERS, b"\x40"))


def _sbmjob(call: Call) -> None:
    """SBMJOB: the command runs at once, in a job of its own that ends with it."""
    job = call.job
    command = call.raw.get("CMD") or shown(call.elements("CMD"))
    name = call.word("JOB")
    name = job.name if name in ("*JOBD", "") else name
    user = call.word("USER")
    if user not in ("*CURRENT", "*JOBD", job.user):
        _, profile = job.need("QSYS", user, "*USRPRF", USE, missing="CPF2204", refused="CPF2217")
        user = profile.name
    else:
        user = job.user
    qualified_name = job.submit(user, name, command)
    queue = call.qualified("JOBQ", "QSYS")
    call.send("CPC1221", qualified_name, queue.name, queue.lib)


def _wrkactjob(call: Call) -> None:
    call.output.append("Subsystem/Job  User        Number  Status")
    for number, other in sorted(call.job.system.jobs.items()):
        call.output.append(f"{other.name:<13}  {other.user:<10}  {number}  RUN")
    call.output.append(_END_OF_LISTING)


def _wrksyssts(call: Call) -> None:
    system = call.job.system
    call.output += [
        f"{'System Status Information':>50}   {system.name}   {system.now():%m/%d/%y %H:%M:%S}",
        f"Jobs in system . . . . . . . :  {len(system.jobs):>10}",
        f"Auxiliary storage:  System ASP . . . . . . :  {system.capacity // 1_000_000:>10} M",
        f"% system ASP used  . . . . . :  {system.used() * 100 / max(system.capacity, 1):>10.4f}",
        _END_OF_LISTING,
    ]


def _wrkjob(call: Call) -> None:
    job = call.job
    call.output += [
        f"Job:   {job.name:<10}   User:   {job.user:<10}   Number:   {job.number}",
        f"Coded character set identifier  . . . :   {job.ccsid}",
        f"Library list  . . . . . . . . . . . . :   {' '.join(job.libl)}",
    ]


def _signoff(call: Call) -> None:
    call.send("CPF2415")


COMMANDS = (
    Command(
        "RTVJOBA",
        tuple(Param(k, "", returns=True) for k in _RTVJOBA),
        _rtvjoba,
        "Retrieve Job Attributes",
        positional=0,
    ),
    Command(
        "CHGJOB",
        (
            Param("JOB", "*"),
            *(
                Param(k, "*SAME")
                for k in (
                    "RUNPTY",
                    "CCSID",
                    "INQMSGRPY",
                    "DATFMT",
                    "SWS",
                    "LOGLVL",
                    "LOG",
                    "LOGCLPGM",
                )
            ),
        ),
        _chgjob,
        "Change Job",
    ),
    Command("DSPJOBLOG", (Param("JOB", "*"), Param("OUTPUT", "*")), _dspjoblog, "Display Job Log"),
    Command(
        "SNDPGMMSG",
        (
            Param("MSG", ""),
            Param("MSGID", "*NONE"),
            Param("MSGF", "*NONE"),
            Param("MSGDTA", ""),
            Param("TOPGMQ", "*PRV"),
            Param("TOMSGQ", "*TOPGMQ"),
            Param("MSGTYPE", "*INFO"),
        ),
        _sndpgmmsg,
        "Send Program Message",
    ),
    Command("DLYJOB", (Param("DLY"),), _dlyjob, "Delay Job"),
    Command("CALL", (Param("PGM"), Param("PARM", "")), _call, "Call Program"),
    Command(
        "SBMJOB",
        (
            Param("CMD"),
            Param("JOB", "*JOBD"),
            Param("JOBD", "*USRPRF"),
            Param("JOBQ", "QSYS/QBATCH"),
            Param("USER", "*CURRENT"),
        ),
        _sbmjob,
        "Submit Job",
    ),
    Command("WRKACTJOB", (Param("OUTPUT", "*"),), _wrkactjob, "Work with Active Jobs"),
    Command(
        "WRKSYSSTS",
        (Param("OUTPUT", "*"), Param("RESET", "*NO"), Param("ASTLVL", "*PRV")),
        _wrksyssts,
        "Work with System Status",
    ),
    Command("WRKJOB", (Param("JOB", "*"), Param("OUTPUT", "*")), _wrkjob, "Work with Job"),
    Command("DSPJOB", (Param("JOB", "*"), Param("OUTPUT", "*")), _wrkjob, "Display Job"),
    Command("SIGNOFF", (Param("LOG", "*NOLIST"),), _signoff, "Sign Off"),
)
