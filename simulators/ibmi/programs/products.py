"""QSZRTVPR, QSZSLTPR and QPZRTVFX: the licensed programs of the system, and their fixes.

Source: IBM documentation of each API; offsets 0-based. The simulated system has the operating
system and the HTTP server, which ships XMLSERVICE; it has no fixes. Ids of the messages are from
memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext
from simulators.ibmi.programs.descriptions import RELEASE
from simulators.ibmi.programs.errorcode import api, deliver
from simulators.ibmi.programs.image import image
from simulators.ibmi.storage import binary_at, fault, put, text_at


@dataclass(frozen=True, slots=True)
class Product:
    """One installed product option."""

    id: str
    text: str
    option: str = "0000"


PRODUCTS = (
    Product("5770SS1", "IBM i"),
    Product("5770DG1", "IBM HTTP Server for i"),
)
_OPERATING_SYSTEM = "5770SS1"
_NATIONAL_LANGUAGE = "2924"


def _qszrtvpr(context: ProgramContext, p: Parameters) -> bytes:
    """QSZRTVPR(receiver, length, format, product information, error code): PRDR0100.

    Product information: 0 id (7) or *OPSYS, 7 release (6), 13 option (4), 17 load (10). Receiver:
    12 id, 19 release, 25 option, 29 load, 33 load type, 43 states, 65 supported, 66 registration,
    84 additional information, 88 language, 92 releases, 104 requirements met, 105 level.
    """
    form = text_at(p[2], 0, 8)
    if form != "PRDR0100":
        raise fault("CPF3C21", form)
    wanted, release, option = (text_at(p[3], at, size) for at, size in ((0, 7), (7, 6), (13, 4)))
    wanted = _OPERATING_SYSTEM if wanted == "*OPSYS" else wanted
    found = next((product for product in PRODUCTS if product.id == wanted), None)
    if (
        found is None
        or release not in ("*ONLY", "*CUR", RELEASE)
        or option not in ("", found.option)
    ):
        raise fault("CPF0C4A", wanted, option, release)
    data = image(
        *(("12h", ""), ("7a", found.id), ("6a", RELEASE), ("4a", found.option), ("4a", "5050")),
        *(("10a", "*CODE"), ("10a", "*INSTALLED"), ("10a", "*NONE"), ("2a", "90"), ("1a", "1")),
        *(("2a", "02"), ("14a", "5770"), ("2h", ""), ("10i0", 0), ("4a", _NATIONAL_LANGUAGE)),
        *(("6a", RELEASE), ("6a", "*MATCH"), ("1a", "0"), ("3a", "L00"), ("1h", "")),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _selected(option: str, identifiers: str) -> Iterator[Product]:
    """Return the products of an option (*ALL, *BASE, a number); *INSTLD and *ALL are all."""
    if identifiers in ("*ALL", "*INSTLD", "*IBM"):
        for product in PRODUCTS:
            if option in ("*ALL", "*BASE", product.option):
                yield product


def _qszsltpr(context: ProgramContext, p: Parameters) -> bytes:
    """QSZSLTPR(list, input, format, product list, output, error code): PRDS0200.

    Input: 0 most records, 4 option (10), 14 supported and installed flags, 16 ids (10). An entry
    of 197 bytes: id 7, option 5, release 6, reserved 2, message 7, file 20, installed, supported,
    registration 16, text 132. Output: records returned, records there are, entry length.
    """
    form = text_at(p[2], 0, 8)
    if form != "PRDS0200":
        raise fault("CPF3C21", form)
    found = [
        image(
            *(("7a", product.id), ("5a", product.option), ("6a", RELEASE), ("2h", "")),
            *(("7a", ""), ("10a", ""), ("10a", ""), ("1a", "1"), ("1a", "1"), ("2a", "02")),
            *(("14a", "5770"), ("132a", product.text)),
        )
        for product in _selected(text_at(p[1], 4, 10), text_at(p[1], 26, 10))
    ]
    shown = found[: max(binary_at(p[1], 0), 0)]
    put(p[0], 0, b"".join(shown))
    entry = len(found[0]) if found else 0
    put(p[4], 0, image(("10i0", len(shown)), ("10i0", len(found)), ("10i0", entry)))
    return b""


def _qpzrtvfx(context: ProgramContext, p: Parameters) -> bytes:
    """QPZRTVFX(receiver, length, PTF information, format, error code): no fix is there."""
    form = text_at(p[3], 0, 8)
    if not form.startswith("PTFR0"):
        raise fault("CPF3C21", form)
    raise fault("CPF6602", text_at(p[2], 0, 7))


PROGRAMS: Mapping[str, Code] = {
    "QSZRTVPR": api(5, 5, 4, _qszrtvpr),
    "QSZSLTPR": api(6, 6, 5, _qszsltpr),
    "QPZRTVFX": api(5, 5, 4, _qpzrtvfx),
}
