"""ZZCALL: the program that every XMLSERVICE client calls first.

Five parameters: INCHARA and INCHARB char(1), INDEC1 packed 7,4, INDEC2 packed 12,2, and INDS1, a
structure of the same four (char 1, char 1, 7p4, 12p2). It sets them all and reads none.
Source: XMLSERVICE documentation, sample program ZZCALL.
"""

from __future__ import annotations

from decimal import Decimal

from simulators.ibmi.objects import Parameters
from simulators.ibmi.programs.context import ProgramContext, require
from simulators.ibmi.storage import encode_packed, encode_text, put


def zzcall(context: ProgramContext, parameters: Parameters) -> bytes:
    """Set the five parameters; fewer, or storage too short, faults as on the machine."""
    require(parameters, 5)
    context.static["STEP"] = context.static.get("STEP", 0) + 1
    values = (
        encode_text("C"),
        encode_text("D"),
        encode_packed(Decimal("321.1234"), 7, 4),
        encode_packed(Decimal("1234567890.12"), 12, 2),
        encode_text("EF")
        + encode_packed(Decimal("333.333"), 7, 4)
        + encode_packed(Decimal("4444444444.44"), 12, 2),
    )
    for storage, value in zip(parameters, values, strict=True):
        put(storage, 0, value)
    return b""
