"""Commands about data areas, data queues, user spaces and message queues."""

from __future__ import annotations

from decimal import Decimal

from simulators.ibmi.cl.definition import Call, Command, Param, as_decimal, as_number, flat
from simulators.ibmi.cl.parser import Item
from simulators.ibmi.cl.texts import returned
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import Qualified, is_name, qualified
from simulators.ibmi.objects import (
    DataArea,
    DataQueue,
    MessageQueue,
)
from simulators.ibmi.programs.context import queue_message
from simulators.ibmi.rights import ALL, CHANGE, USE, Rights

MAX_DATA_AREA = 2000
#: Characters of an impromptu message.
MAX_MESSAGE = 3000
#: Digits of a decimal data area.
MAX_DIGITS = 24


def delete_object(call: Call, keyword: str, type_: str, missing: str = "CPF2105") -> None:
    """Delete the object that a DLTxxx command names; CPC2191."""
    job, name = call.job, call.qualified(keyword)
    home, item = job.need(name.lib, name.name, type_, ALL, missing=missing, refused="CPF2189")
    home.remove(item)
    call.send("CPC2191", item.name, home.name, type_)


def _crtdtaara(call: Call) -> None:
    name = call.qualified("DTAARA", "*CURLIB")
    kind = call.choice("TYPE", ("*CHAR", "*DEC", "*LGL"))
    lengths = call.words("LEN")
    default, most = {"*CHAR": (("32",), MAX_DATA_AREA), "*DEC": (("15", "5"), MAX_DIGITS),
                     "*LGL": (("1",), 1)}[kind]  # fmt: skip
    chosen = default if lengths == ("*DFT",) else lengths
    if len(chosen) > (2 if kind == "*DEC" else 1):
        raise EscapeError("CPD0084", " ".join(chosen), "LEN")
    length = as_number(chosen[0], "LEN", 1, most)
    decimals = as_number(chosen[1], "LEN", 0, min(9, length)) if len(chosen) > 1 else 0
    area = DataArea(kind, length, decimals, "")
    given = call.elements("VALUE")
    start = {"*CHAR": "", "*DEC": "0", "*LGL": "0"}[kind]
    area.value = _value(area, call.text("VALUE") if given else start, name)
    if call.job.find(name.lib, name.name, "*DTAARA") is not None:
        raise EscapeError("CPF1023", name.name, call.job.lib(name.lib).name)
    home, _ = call.job.create(
        name.lib, name.name, "*DTAARA", area, text=call.text("TEXT"), public=call.word("AUT")
    )
    call.send("CPC0904", name.name, home.name)


def _value(area: DataArea, text: str, name: Qualified) -> str | Decimal:
    if area.type == "*CHAR":
        if len(text) > area.length:
            raise EscapeError("CPF1020", name.name, name.lib)
        return text.ljust(area.length)
    if area.type == "*LGL":
        if text not in ("0", "1"):
            raise EscapeError("CPF1019", name.name, name.lib)
        return text
    number = as_decimal(text)
    if number is None or abs(number) >= 10 ** (area.length - area.decimals):
        raise EscapeError("CPF1019", name.name, name.lib)
    return number.quantize(Decimal(1).scaleb(-area.decimals))


def _area(call: Call, rights: Rights) -> tuple[Qualified, DataArea, slice | None]:
    """Return the data area that DTAARA names, and the substring of it; *LDA is the job's own."""
    elements = call.elements("DTAARA")
    text = elements[0].text if elements and isinstance(elements[0], Item) else ""
    name = qualified(text.upper())
    part = flat(elements[1:])
    if name.name == "*LDA":
        local = call.job.local_data_area
        return name, local, _substring(name, local, part)
    refused = "CPF1018" if rights is CHANGE else "CPF9802"
    home, item = call.job.need(
        name.lib, name.name, "*DTAARA", rights, missing="CPF1015", refused=refused
    )
    assert isinstance(item.data, DataArea)
    found = Qualified(home.name, name.name)
    if rights is CHANGE:
        item.changed = call.job.system.now()
    return found, item.data, _substring(found, item.data, part)


def _substring(name: Qualified, area: DataArea, part: list[str]) -> slice | None:
    if not part or part == ["*ALL"]:
        return None
    first = as_number(part[0], "DTAARA", 1, MAX_DATA_AREA)
    length = as_number(part[1], "DTAARA", 1, MAX_DATA_AREA) if len(part) > 1 else 1
    if area.type != "*CHAR" or first + length - 1 > area.length:
        raise EscapeError("CPF1089", name.name, name.lib)
    return slice(first - 1, first - 1 + length)


def _chgdtaara(call: Call) -> None:
    name, area, part = _area(call, CHANGE)
    text = call.text("VALUE")
    if part is None:
        area.value = _value(area, text, name)
    else:
        if len(text) > part.stop - part.start:
            raise EscapeError("CPF1020", name.name, name.lib)
        value = str(area.value)
        area.value = value[: part.start] + text.ljust(part.stop - part.start) + value[part.stop :]


def _rtvdtaara(call: Call) -> None:
    _, area, part = _area(call, USE)
    value = str(area.value)
    returned(call, {"RTNVAR": value if part is None else value[part]})


def _dspdtaara(call: Call) -> None:
    name, area, _ = _area(call, USE)
    call.output += [
        f"Data area . . . . . . . :   {name.name}",
        f"  Library . . . . . . . :     {name.lib}",
        f"Type  . . . . . . . . . :   {area.type}",
        f"Length  . . . . . . . . :   {area.length}",
        f"Value . . . . . . . . . :   '{str(area.value).rstrip()}'",
    ]


def _crtdtaq(call: Call) -> None:
    name = call.qualified("DTAQ", "*CURLIB")
    sequence = call.choice("SEQ", ("*FIFO", "*LIFO", "*KEYED"))
    key = call.number("KEYLEN", 1, 256) if sequence == "*KEYED" else 0
    queue = DataQueue(call.number("MAXLEN", 1, 64_512), sequence, key)
    home, _ = call.job.create(
        name.lib, name.name, "*DTAQ", queue, text=call.text("TEXT"), public=call.word("AUT")
    )
    call.send("CPC9801", home.name, name.name, "*DTAQ")


def _crtmsgq(call: Call) -> None:
    """CRTMSGQ: whatever MSGQFULL says, the oldest message of a full queue goes, as with *WRAP."""
    name = call.qualified("MSGQ", "*CURLIB")
    call.choice("MSGQFULL", ("*SNDMSG", "*WRAP"))
    home, _ = call.job.create(
        name.lib,
        name.name,
        "*MSGQ",
        MessageQueue(),
        text=call.text("TEXT"),
        public=call.word("AUT"),
    )
    call.send("CPC9801", home.name, name.name, "*MSGQ")


def _queue(call: Call, text: str, rights: Rights = USE) -> MessageQueue:
    name = qualified(text)
    if name.name == "*SYSOPR":
        name = Qualified("QSYS", "QSYSOPR")
    _, item = call.job.need(
        name.lib, name.name, "*MSGQ", rights, missing="CPF2403", refused="CPF9802"
    )
    assert isinstance(item.data, MessageQueue)
    return item.data


def _sndmsg(call: Call) -> None:
    users = call.words("TOUSR")
    targets = list(call.words("TOMSGQ"))
    for user in users:
        if user == "*SYSOPR":
            targets.append("QSYS/QSYSOPR")
        elif user not in ("*NONE", "") and is_name(user):
            call.job.system.profiles.known(user)
            targets.append(f"QUSRSYS/{user}")
    targets = [t for t in targets if t not in ("*NONE", "")]
    if not targets:
        raise EscapeError("CPD0031", "TOMSGQ")
    kind = call.choice("MSGTYPE", ("*INFO", "*INQ"))
    if len(call.text("MSG")) > MAX_MESSAGE:
        raise EscapeError("CPD0072", call.text("MSG")[:20], "MSG")
    for target in targets:
        queue_message(call.job, _queue(call, target), call.text("MSG"), kind=kind)
    call.job.system.lock.notify_all()


def _dspmsg(call: Call) -> None:
    target = call.word("MSGQ")
    if target in ("*WRKUSR", "*USRPRF"):
        target = f"QUSRSYS/{call.job.user}"
    for message in _queue(call, target).messages:
        sent = f"{message.sent:%m/%d/%y %H:%M:%S}"
        call.output.append(f"From  . . :   {message.sender:<10}     {sent}")
        call.output.append(f"{message.id} {message.text}".strip())


def _clrmsgq(call: Call) -> None:
    _queue(call, call.word("MSGQ"), CHANGE).messages.clear()


def _spaces(call: Call) -> None:
    delete_object(call, "USRSPC", "*USRSPC")


_TEXT_AUT = (Param("TEXT", ""), Param("AUT", "*LIBCRTAUT"))
COMMANDS = (
    Command(
        "CRTDTAARA",
        (Param("DTAARA"), Param("TYPE"), Param("LEN", "*DFT"), Param("VALUE", ""), *_TEXT_AUT),
        _crtdtaara,
        "Create Data Area",
    ),
    Command("CHGDTAARA", (Param("DTAARA"), Param("VALUE")), _chgdtaara, "Change Data Area"),
    Command(
        "RTVDTAARA",
        (Param("DTAARA"), Param("RTNVAR", returns=True)),
        _rtvdtaara,
        "Retrieve Data Area",
    ),
    Command("DSPDTAARA", (Param("DTAARA"), Param("OUTPUT", "*")), _dspdtaara, "Display Data Area"),
    Command(
        "DLTDTAARA",
        (Param("DTAARA"),),
        lambda call: delete_object(call, "DTAARA", "*DTAARA"),
        "Delete Data Area",
    ),
    Command(
        "CRTDTAQ",
        (
            Param("DTAQ"),
            Param("TYPE", "*STD"),
            Param("MAXLEN"),
            Param("FORCE", "*NO"),
            Param("SEQ", "*FIFO"),
            Param("KEYLEN", ""),
            Param("SENDERID", "*NO"),
            Param("SIZE", "*MAX16MB"),
            *_TEXT_AUT,
        ),
        _crtdtaq,
        "Create Data Queue",
    ),
    Command(
        "DLTDTAQ",
        (Param("DTAQ"),),
        lambda call: delete_object(call, "DTAQ", "*DTAQ"),
        "Delete Data Queue",
    ),
    Command("DLTUSRSPC", (Param("USRSPC"),), _spaces, "Delete User Space"),
    Command(
        "CRTMSGQ",
        (
            Param("MSGQ"),
            Param("TEXT", ""),
            Param("FORCE", "*NO"),
            Param("SIZE", "8 1 *NOMAX"),
            Param("AUT", "*LIBCRTAUT"),
            Param("CCSID", "*HEX"),
            Param("MSGQFULL", "*SNDMSG"),
        ),
        _crtmsgq,
        "Create Message Queue",
    ),
    Command(
        "DLTMSGQ",
        (Param("MSGQ"),),
        lambda call: delete_object(call, "MSGQ", "*MSGQ"),
        "Delete Message Queue",
    ),
    Command("CLRMSGQ", (Param("MSGQ"),), _clrmsgq, "Clear Message Queue"),
    Command(
        "SNDMSG",
        (
            Param("MSG"),
            Param("TOUSR", "*NONE"),
            Param("TOMSGQ", "*NONE"),
            Param("MSGTYPE", "*INFO"),
            Param("RPYMSGQ", "*WRKSTN"),
        ),
        _sndmsg,
        "Send Message",
    ),
    Command(
        "DSPMSG",
        (Param("MSGQ", "*WRKUSR"), Param("OUTPUT", "*"), Param("MSGTYPE", "*ALL")),
        _dspmsg,
        "Display Messages",
    ),
)
