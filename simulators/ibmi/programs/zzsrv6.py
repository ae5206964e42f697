"""ZZSRV6, and the functions of ZZSRV over large structures: ZZTON ZZTONBAD ZZCONST ZZHANG.

Layouts and values: XMLSERVICE documentation and the declarations of its sample programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from epm.errors import FormatError
from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, require_at_least
from simulators.ibmi.programs.image import image
from simulators.ibmi.storage import (
    binary_at,
    encode_text,
    fault,
    put,
    slice_of,
    text_at,
)
from simulators.xmlservice.decimals import from_zoned

#: Records of ZZARRAY3's three structures.
ARRAY_MAX = 999
#: The longest that ZZHANG waits for the operator's answer, in seconds of real time.
MAX_WAIT = 60
#: Parameters of ZZARRAY3 from the third on that are set, by type and value.
_KEYS = (
    *(("3a", "123"), ("4a", "1234"), ("1a", "R"), ("4a", "1111"), ("20a", None)),
    *(("8a", "20120102"), ("8a", "frog"), ("4a", "9999"), ("2a", "33"), ("1a", "A")),
    *(("1a", "B"), ("2a", "12")),
)


def _zoned(storage: bytearray | None, digits: int) -> int:
    try:
        return int(from_zoned(slice_of(storage, 0, digits), digits, 0))
    except FormatError:
        raise fault("MCH1202") from None


def _records(name: str, wanted: int, level: int, pay: str) -> bytes:
    """Return the records of one level: its tens tell it, its letter fills long job names."""
    made = b""
    for number in range(1, min(wanted, ARRAY_MAX) + 1):
        job = f"Test {level}0{number}" if wanted <= 10 else "ABC"[level - 1] * 4095
        made += image(
            ("10a", f"{name}{number}"),
            ("4096a", job),
            ("10i0", level * 10 + number),
            ("12p2", Decimal(pay) * number),
        )
    return made


def _array3(_: ProgramContext, p: Parameters) -> bytes:
    """Names one, two and three levels deep before each array of records."""
    require_at_least(p, 19)
    name, wanted = text_at(p[0], 0, 10).strip(), _zoned(p[1], 3)
    for storage, (word, value) in zip(p[2:14], _KEYS, strict=True):
        put(storage, 0, image((word, name if value is None else value)))
    put(p[15], 0, encode_text("ok in here", 48000))
    title = encode_text(name, 10)
    for storage, level, pay in ((p[16], 1, "13.41"), (p[17], 2, "13.42"), (p[18], 3, "13.43")):
        put(storage, 0, title * (4 - level) + _records(name, wanted, level, pay))
    count = min(wanted, ARRAY_MAX)
    if count > 0:
        put(p[14], 0, image(("3s0", count)))
    return b""


def _ouch(context: ProgramContext, p: Parameters) -> bytes:
    """As ZZARRAY3 up to the third structure; then it damages the second one."""
    require_at_least(p, 19)
    before = [bytes(area) if area is not None else b"" for area in (p[14], p[16], p[17])]
    _array3(context, p)
    for storage, old in zip((p[14], p[16], p[17]), before, strict=True):
        put(storage, 0, old)
    name = encode_text(text_at(p[0], 0, 10).strip(), 10)
    put(p[17], 0, name * 2)
    record = 10 + 4096 + 4 + 7
    put(p[17], 20 + record, b"\xc4" * 32768)
    return b""


def _vary4(_: ProgramContext, p: Parameters) -> bytes:
    """Varying characters with a length of four bytes."""
    require_at_least(p, 1)
    length = binary_at(p[0], 0)
    if not 0 <= length <= 10:
        raise fault("MCH0603", length)
    text = (encode_text("my name is ") + slice_of(p[0], 4, length))[:20]
    return len(text).to_bytes(4, "big") + text.ljust(20, b"\x40")


def _null_id(_: ProgramContext, p: Parameters) -> bytes:
    """A *USA date and whether it is null."""
    require_at_least(p, 2)
    put(p[0], 0, encode_text("01/07/2014", 10))
    put(p[1], 0, encode_text("NULL OFF", 10))
    return b""


def _pointers(_: ProgramContext, p: Parameters) -> bytes:
    """Two pointers of 16 bytes, whose bytes mean nothing to a caller, and char 3."""
    require_at_least(p, 4)
    for number in (0, 1):
        put(p[number], 0, b"\x80" + bytes(14) + bytes([number + 1]))
    put(p[3], 0, encode_text("123", 3))
    return b""


def _booleans(_: ProgramContext, p: Parameters) -> bytes:
    """*ON, *OFF, a number that is only read, and char 3."""
    require_at_least(p, 4)
    put(p[0], 0, encode_text("1"))
    put(p[1], 0, encode_text("0"))
    put(p[3], 0, encode_text("123", 3))
    return b""


def _old(_: ProgramContext, p: Parameters) -> bytes:
    """RPG's default types of prototypes: 2p0, 2p0, 4p0 and char 10."""
    require_at_least(p, 4)
    for storage, field in zip(
        p, (("2p0", 1), ("2p0", 2), ("4p0", 3), ("10a", "Green")), strict=True
    ):
        put(storage, 0, image(field))
    return b""


#: One level of ZZTON's structure, which has eight of them.
_TON_LEVEL = (
    *(("7a", "1234567"), ("4p0", 1234), ("8a", "12345678"), ("5p0", 12345), ("3a", "123")),
    *(("6a", "123456"), ("3p0", 123), ("22a", "1 to 22"), ("2p0", 12), ("2a", "12")),
    *(("4p2", "14.12"), ("1a", "1"), ("3s0", 123), ("4s0", 1234), ("9p0", 12345679)),
    *(("12a", "1 to 12"), ("12p3", "112.123"), ("15a", "1 to 15"), ("17p7", "117.1234567")),
)


def _ton(*, damaged: bool) -> Code:
    def run(_: ProgramContext, p: Parameters) -> bytes:
        require_at_least(p, 8)
        record = image(*_TON_LEVEL) * 8
        second = b"\xc2" * len(record) if damaged else record
        fields = (
            *(image(("1p0", 1)), image(("7a", "1234567")), image(("8p0", 12345678))),
            *(record + second, image(("9p0", 12345679)), image(("1a", "1"))),
            *(image(("60a", "1 to 60")), image(("35a", "1 to 35"))),
        )
        for storage, value in zip(p, fields, strict=True):
            put(storage, 0, value)
        return b""

    return run


def _const(_: ProgramContext, p: Parameters) -> bytes:
    """Return the second parameter (char 10), a blank and the first (char 17) as char 100."""
    require_at_least(p, 2)
    return (slice_of(p[1], 0, 10) + b"\x40" + slice_of(p[0], 0, 17)).ljust(100, b"\x40")


def _hang(context: ProgramContext, p: Parameters) -> bytes:
    """Ask the operator and wait for his answer, giving the system's lock back meanwhile."""
    require_at_least(p, 0)
    context.send_message("QSYS", "QSYSOPR", "zzhang test case waiting forever")
    context.job.system.lock.wait_for(lambda: False, timeout=MAX_WAIT)
    return b""


#: Exported procedures of ZZSRV beside those of :mod:`simulators.ibmi.programs.zzsrv`.
ZZSRV_MORE: Mapping[str, Code] = {
    "ZZTON": _ton(damaged=False),
    "ZZTONBAD": _ton(damaged=True),
    "ZZCONST": _const,
    "ZZHANG": _hang,
}

#: Exported procedures of ZZSRV6 by name.
ZZSRV6: Mapping[str, Code] = {
    "ZZARRAY3": _array3,
    "ZZOUCH": _ouch,
    "ZZVARY4": _vary4,
    "ZZNULLID": _null_id,
    "ZZPTR1": _pointers,
    "ZZBOOL1": _booleans,
    "ZZOLD1": _old,
}
