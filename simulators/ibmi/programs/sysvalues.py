"""QWCRSVAL: retrieve system values.

Source: IBM documentation of the API. Receiver, offsets 0-based: 0 number of values, 4 an offset for
each; there: 0 name (10), 10 type C or B (blank: not known), 11 status, 12 length, 16 the value.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext
from simulators.ibmi.programs.errorcode import api
from simulators.ibmi.state import SystemState
from simulators.ibmi.storage import binary_at, encode_text, fault, put, text_at

#: Names that one call may ask for.
MAX_VALUES = 200
_BINARY = frozenset({"QCCSID", "QPWDLVL", "QMLTTHDACN", "QPWDMINLEN", "QPWDMAXLEN"})
#: Lengths of character values; a list takes this many bytes in elements of 10.
_LENGTHS: Mapping[str, int] = {
    **{"QAUDCTL": 50, "QAUDLVL": 160, "QAUDLVL2": 990, "QAUDENDACN": 10, "QSECURITY": 2},
    **{"QMAXSIGN": 6, "QLANGID": 3, "QCNTRYID": 2, "QCRTAUT": 10, "QDATFMT": 3, "QTIMSEP": 1},
    **{"QDATSEP": 1, "QSYSLIBL": 150, "QUSRLIBL": 250, "QSRLNBR": 8, "QMODEL": 4},
    **{"QUTCOFFSET": 5, "QDATE": 7, "QTIME": 9, "QDATETIME": 20, "QDAYOFWEEK": 4, "QYEAR": 2},
    **{"QTIMZON": 10, "QCURSYM": 1, "QDECFMT": 1, "QCHRID": 20, "QPRTDEV": 10, "QCTLSBSD": 20},
    **{"QINACTITV": 10, "QINACTMSGQ": 20, "QRMTSIGN": 20, "QPWDEXPITV": 6, "QKBDTYPE": 3},
    **{"QMONTH": 2, "QDAY": 3, "QCENTURY": 1, "QHOUR": 2, "QMINUTE": 2, "QSECOND": 2},
}
_LISTS = frozenset({"QAUDCTL", "QAUDLVL", "QAUDLVL2", "QSYSLIBL", "QUSRLIBL"})


def _value(system: SystemState, name: str) -> str:
    """Return a value as this API has it: the date with its century, the time to milliseconds."""
    now = system.now()
    own = {
        "QDATE": f"{now.year // 100 - 19}{now:%y%m%d}",
        "QTIME": f"{now:%H%M%S}{now.microsecond // 1000:03d}",
    }
    return own.get(name) or system.value(name)


def _entry(system: SystemState, name: str) -> bytes:
    """Return the information of one value, padded so that the next begins on a word."""
    try:
        value = _value(system, name)
    except EscapeError:
        raise fault("CPF1028", name) from None
    if name in _BINARY:
        kind, data = "B", int(value).to_bytes(4, "big")
    else:
        words = value.split() if name in _LISTS else [value]
        text = "".join(f"{word:<10}" for word in words) if name in _LISTS else value
        kind, data = "C", encode_text(text, _LENGTHS.get(name, len(value)))
    head = encode_text(name, 10) + encode_text(kind + " ") + len(data).to_bytes(4, "big")
    made = head + data
    return made + bytes(-len(made) % 4)


def _qwcrsval(context: ProgramContext, p: Parameters) -> bytes:
    """QWCRSVAL(receiver, length, number, names of 10, error code)."""
    count = binary_at(p[2], 0)
    if not 1 <= count <= MAX_VALUES:
        raise fault("CPF1860", count)
    names = [text_at(p[3], place * 10, 10).upper() for place in range(count)]
    at = 4 + 4 * count
    head, table = count.to_bytes(4, "big"), b""
    for name in names:
        head += (at + len(table)).to_bytes(4, "big")
        table += _entry(context.job.system, name)
    length = binary_at(p[1], 0)
    if length < 4:
        raise fault("CPF3C24")
    put(p[0], 0, (head + table)[:length])
    return b""


PROGRAMS: Mapping[str, Code] = {"QWCRSVAL": api(5, 5, 4, _qwcrsval)}
