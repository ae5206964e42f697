"""QC2UTIL2: functions of the C library that take doubles by value and return one.

Source: ISO C; on IBM i the library's mathematics is bound from this service program. An argument
outside a function's domain gives what is no number.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, require
from simulators.ibmi.storage import slice_of


def _doubles(function: Callable[..., float], count: int) -> Code:
    def run(_: ProgramContext, parameters: Parameters) -> bytes:
        require(parameters, count)
        values = [struct.unpack(">d", slice_of(storage, 0, 8))[0] for storage in parameters]
        try:
            result = float(function(*values))
        except (ValueError, ZeroDivisionError):
            result = math.nan
        except OverflowError:
            result = math.inf
        return struct.pack(">d", result)

    return run


_ONE = (
    *(math.acos, math.asin, math.atan, math.ceil, math.cos, math.cosh, math.exp, math.fabs),
    *(math.floor, math.log, math.log10, math.sin, math.sinh, math.sqrt, math.tan, math.tanh),
)
_TWO = (math.atan2, math.fmod, math.pow)

#: Exported procedures of QC2UTIL2 by name.
QC2UTIL2: Mapping[str, Code] = {
    **{function.__name__.upper(): _doubles(function, 1) for function in _ONE},
    **{function.__name__.upper(): _doubles(function, 2) for function in _TWO},
}
