"""Commands about jobs: log, messages of programs, calling, submitting, what is active."""

from __future__ import annotations

from simulators.ibmi.cl.definition import Call, Command, Param, as_decimal, shown
from simulators.ibmi.cl.parser import Item, Value
from simulators.ibmi.messages import EscapeError, text_of
from simulators.ibmi.names import Qualified
from simulators.ibmi.rights import USE
from simulators.ibmi.storage import encode_packed, encode_text
from simulators.xmlservice.host import ProgramMissingError, SignOnError

#: A character parameter of CALL is passed as at least this many bytes, a number as 15p5.
CALL_CHARACTERS = 32
_END_OF_LISTING = f"{'* * * * *  E N D  O F  L I S T I N G  * * * * *':>65}"


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
    number = None if value.quoted else as_decimal(value.text)
    if number is not None:
        return bytearray(encode_packed(number, 15, 5))
    return bytearray(encode_text(value.text).ljust(CALL_CHARACTERS, b"\x40"))


def _sbmjob(call: Call) -> None:
    """SBMJOB: the command runs at once, in a job of its own that ends with it."""
    job = call.job
    command = call.raw.get("CMD") or shown(call.elements("CMD")) or call.text("RQSDTA")
    if command in ("", "*CMD"):
        raise EscapeError("CPD0031", "CMD")
    name = call.word("JOB")
    name = job.name if name in ("*JOBD", "") else name
    user = call.word("USER")
    if user not in ("*CURRENT", "*JOBD", job.user):
        _, profile = job.need("QSYS", user, "*USRPRF", USE, missing="CPF2204", refused="CPF2217")
        user = profile.name
    else:
        user = job.user
    try:
        qualified_name = job.submit(user, name, command, _initial_libraries(call))
    except SignOnError as error:
        call.messages.append(job.tell("CPF1113", str(error)))
        raise EscapeError("CPF1338") from error
    queue = call.qualified("JOBQ")
    if queue.name == "*JOBD":
        queue = Qualified("QGPL", "QBATCH")
    call.send("CPC1221", qualified_name, queue.name, queue.lib)


def _initial_libraries(call: Call) -> tuple[str, ...] | None:
    """Return the user part of INLLIBL: the job's own as the default; None is the description's."""
    words = call.words("INLLIBL")
    if words == ("*CURRENT",):
        return tuple(call.job.user_libraries)
    if words in (("*JOBD",), ("*SYSVAL",)):
        return None
    return () if words == ("*NONE",) else words


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
            Param("CMD", ""),
            Param("JOB", "*JOBD"),
            Param("JOBD", "*USRPRF"),
            Param("JOBQ", "*JOBD"),
            Param("RQSDTA", "*CMD"),
            Param("USER", "*CURRENT"),
            Param("INLLIBL", "*CURRENT"),
        ),
        _sbmjob,
        "Submit Job",
        positional=3,
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
