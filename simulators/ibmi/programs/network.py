"""QTOCNETSTS: TCP/IP attributes (TCPA0300) and an IPv4 interface (NIFD0100).

Source: IBM documentation of QtocRtvTCPA and QtocRtvNetIfcDta; offsets 0-based. The simulated
system has one interface, the loopback; times that it does not keep are blank.
"""

from __future__ import annotations

from collections.abc import Mapping

from epm.addresses import format_address
from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext
from simulators.ibmi.programs.errorcode import api, deliver
from simulators.ibmi.programs.image import image
from simulators.ibmi.storage import binary_at, fault, text_at

_LOOPBACK = 0x7F000001
_MASK = 0xFF000000
_ACTIVE = 1
_MTU = 576


def _attributes(context: ProgramContext, p: Parameters) -> bytes:
    """QtocRtvTCPA(receiver, length, format, error code): TCPA0300.

    8 stack status, 12 how long active, 16 and 30 when started and ended, 44 and 86 by whom,
    128 additional information, 136 limited mode, 140 name servers, 152 protocol, retries, interval,
    search order, first server, port, 176 host name (64), 240 domain (255), 496 search list (256).
    """
    form = text_at(p[2], 0, 8)
    if form not in ("TCPA0100", "TCPA0300"):
        raise fault("CPF3C21", form)
    name = context.job.system.values.network["SYSNAME"].lower()
    data = image(
        *(("8h", ""), ("10i0", _ACTIVE), ("10i0", 0), ("8a", ""), ("6a", ""), ("8a", "")),
        *(("6a", ""), ("10a", "QTCPIP"), ("10a", "QTCP"), ("6a", "000000"), ("16h", "")),
        *(("10a", ""), ("10a", ""), ("6a", ""), ("16h", ""), ("10i0", 0), ("10i0", 0)),
        ("10i0", 0),
    )
    if form == "TCPA0300":
        data += image(
            *[("10i0", value) for value in (0, 0, 15, 1, 2, 2, 1, 0, 53)],
            *(("64a", name), ("255a", ""), ("1h", ""), ("256a", "")),
        )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _address(number: int) -> tuple[tuple[str, object], ...]:
    """Return the fields of an address: dotted decimal (15), reserved, binary."""
    binary = int.from_bytes(number.to_bytes(4, "big"), "big", signed=True)
    return ("15a", format_address(number)), ("1h", ""), ("10i0", binary)


def _interface(context: ProgramContext, p: Parameters) -> bytes:
    """QtocRtvNetIfcDta(receiver, length, format, request, error code): NIFD0100.

    Request: 0 kind (1: an internet address), 4 address. Receiver: 8 address, 28 network, 48 line
    (10), 60 status, service, MTU, line type, 76 host, 96 mask, 116 broadcast, 136 changed (14),
    150 associated interface, 172 nine values, 208 names, 256 alias, 308 description, 360 lists.
    """
    form = text_at(p[2], 0, 8)
    if form != "NIFD0100":
        raise fault("CPF3C21", form)
    address = binary_at(p[3], 4, signed=False)
    if binary_at(p[3], 0) != 1 or address != _LOOPBACK:
        raise fault(
            "TCP84C6", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255
        )
    none = ("15a", "*NONE")
    data = image(
        *(("8h", ""), *_address(address), *_address(address & _MASK), ("10a", "*LOOPBACK")),
        *(("2h", ""), ("10i0", _ACTIVE), ("10i0", 1), ("10i0", _MTU), ("10i0", -2)),
        *(*_address(address & ~_MASK), *_address(_MASK), none, ("1h", ""), ("10i0", 0)),
        *(("8a", ""), ("6a", ""), none, ("3h", ""), ("10i0", 0)),
        *[("10i0", value) for value in (0, 0, 1, 0, 0, 0, 0, _MTU)],
        *(("24a", ""), ("24a", ""), ("50a", "LOOPBACK"), ("2h", ""), ("50a", ""), ("2h", "")),
        *[("10i0", 0)] * 5,
        *(("20i0", 0), ("8a", ""), ("6a", ""), ("20i0", 0), ("8a", ""), ("6a", "")),
        *(("10i0", 0), none, ("1h", ""), none, ("1h", ""), ("10i0", 0)),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


#: Exported procedures of QTOCNETSTS.
QTOCNETSTS: Mapping[str, Code] = {
    "QTOCRTVTCPA": api(4, 4, 3, _attributes),
    "QTOCRTVNETIFCDTA": api(5, 5, 4, _interface),
}
