"""The sample programs of XMLSERVICE beside ZZCALL, which clients test structures with.

ZZNONE ZZMORE ZZSHLOMO ZZVLAD ZZVLAD2 ZZVLAD3 ZZCUST ZZERICH ZZDEEP. Each sets what its caller can
see; layouts and values: XMLSERVICE documentation and the declarations of its sample programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, require
from simulators.ibmi.programs.image import image, size_of
from simulators.ibmi.storage import decode_packed, encode_text, fault, put, slice_of

_Fill = Callable[[Parameters], None]


def _program(count: int, fill: _Fill | None = None) -> Code:
    """Return a program of so many parameters, which ``fill`` sets."""

    def run(_: ProgramContext, parameters: Parameters) -> bytes:
        require(parameters, count)
        if fill is not None:
            fill(parameters)
        return b""

    return run


def _shlomo(p: Parameters) -> None:
    """A CL program: char 15, char 10 and char 100."""
    for storage, text, length in (
        (p[0], "I am 15", 15),
        (p[1], "12.2", 10),
        (p[2], "ALAN HOW ARE YOU TEST one of one", 100),
    ):
        put(storage, 0, encode_text(text, length))


def _vlad(p: Parameters) -> None:
    """Three records: two ISO dates, a job of up to 64 characters (varying), 12p2 pay."""
    rows = (
        ("2011-05-11", "2011-07-12", "Frog wrangler", "7.25"),
        ("2010-01-11", "2010-07-12", "Toad wrangler", "4.29"),
        ("2009-05-11", "2009-07-12", "Lizard wrangler", "1.22"),
    )
    made = b""
    for hired, left, job, pay in rows:
        made += image(("10a", hired), ("10a", left)) + len(job).to_bytes(2, "big")
        made += image(("64a", job), ("12p2", pay))
    put(p[0], 0, made)


_BLOWN = ("Universe blew up", "World blew up", "Machine blew up")
_ERROR_SIZE = size_of("8a", "3u0", "80a")
_MOST_ERRORS = 20


def _error(number: int) -> bytes:
    known = number <= len(_BLOWN)
    text = _BLOWN[number - 1] if known else "Program blew up"
    return image(("8a", str(number) * 8 if known else number), ("3u0", number), ("80a", text))


def _vlad2(p: Parameters) -> None:
    """As many error records as the second parameter (2p0) says."""
    wanted = int(decode_packed(slice_of(p[1], 0, 2), 0))
    put(p[0], 0, b"".join(_error(number) for number in range(1, wanted + 1)))


def _vlad3(p: Parameters) -> None:
    """Up to twenty error records: each whose id is not blank is set, up to the first that is."""
    room = 0 if p[0] is None else len(p[0]) // _ERROR_SIZE
    for number in range(min(room, _MOST_ERRORS)):
        at = number * _ERROR_SIZE
        if slice_of(p[0], at, 8) == b"\x40" * 8:
            return
        put(p[0], at, _error(number + 1))


def _cust(p: Parameters) -> None:
    """A customer (8p0), a count (4p0) and eight lines: 35a, 11p3, 14p4."""
    lines = [image(("35a", f"good item {n}"), ("11p3", n), ("14p4", n * 100)) for n in range(1, 9)]
    put(p[0], 0, image(("8p0", 12345678)))
    put(p[1], 0, image(("4p0", len(lines))))
    put(p[2], 0, b"".join(lines))


def _erich(p: Parameters) -> None:
    """Four scalars and 200 records of 1a, 8a, 30a and three arrays of 15 zoned numbers."""
    record = image(("1a", 1), ("8a", 23456789), ("30a", "lots o stuff"))
    for word, value in (("9s2", "42.42"), ("9s2", "43.43"), ("1s0", "2")):
        record += image((word, value)) * 15
    scalars = (("1a", "A"), ("2a", "BB"), ("7s0", 22), ("5s0", 33))
    for storage, field in zip(p, scalars, strict=False):
        put(storage, 0, image(field))
    put(p[4], 0, record * 200)


def _times(number: int, factor: str) -> str:
    return str(number * Decimal(factor))


def _head(number: int, packed: str, zoned: str) -> bytes:
    """Return what every level of ZZDEEP begins with: 10i0, 10a, 12p2, 12s2."""
    return image(
        ("10i0", number),
        ("10a", number),
        ("12p2", _times(number, packed)),
        ("12s2", _times(number, zoned)),
    )


def _deep5(number: int) -> bytes:
    real = _times(number, "5.55")
    return _head(number, "5.5", "5.55") + image(("8f", real), ("4f", real))


def _deep4(base: int, k: int) -> bytes:
    head = _head(base + k, "4.4", "4.44")
    return head + b"".join(_deep5(base * 10 + k * 100 + n) for n in range(1, 6))


def _deep2(i: int) -> bytes:
    made = _head(i, "2.2", "2.22")
    for j in range(1, 4):
        made += _head(i * 100 + j, "3.3", "3.33")
        made += b"".join(_deep4(i * 1000 + j * 100, k) for k in range(1, 5))
    return made


def _deep(p: Parameters) -> None:
    """One structure: five levels of arrays, then the same levels again, then more scalars."""
    made = _head(-1, "1.1", "1.11") + _deep2(1) + _deep2(2)
    made += b"".join(_deep4(-800, k) for k in range(1, 5))
    made += _deep5(12_304) * 2
    made += image(("8f", "-1.1155"), ("4f", "-1.1155"), ("60a", "Oh my, this is complex"))
    # RPG cuts off what does not fit the scale.
    made += image(("12s3", "-1.115"), ("12s4", "-1.1156"))
    put(p[0], 0, made)


def _not_here(_: ProgramContext, __: Parameters) -> bytes:
    """The HTTP server and the procedures start XMLSERVICE's own programs; nobody calls them."""
    raise fault("CPF9898", "This program is started by its server and cannot be called.")


#: XMLSERVICE's own programs: objects that clients ask the attributes of.
OWN_PROGRAMS: Mapping[str, Code] = {"XMLCGI": _not_here, "XMLSERVICE": _not_here}

#: Programs by name.
ZZ_PROGRAMS: Mapping[str, Code] = {
    "ZZNONE": _program(0),
    "ZZMORE": _program(4),
    "ZZSIMP": _program(18),
    "ZZSHLOMO": _program(3, _shlomo),
    "ZZVLAD": _program(1, _vlad),
    "ZZVLAD2": _program(2, _vlad2),
    "ZZVLAD3": _program(1, _vlad3),
    "ZZCUST": _program(3, _cust),
    "ZZERICH": _program(5, _erich),
    "ZZDEEP": _program(1, _deep),
}
