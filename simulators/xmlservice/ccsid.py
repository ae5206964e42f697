"""CCSIDs: the code pages that XMLSERVICE converts between, as Python codecs.

Conversion of CCSIDs on IBM i substitutes; nothing here raises for a character that a code page
lacks. Only single-byte pages and UTF-8 are known (Python ships no double-byte EBCDIC).
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from itertools import pairwise

from epm.errors import UnsupportedError
from simulators.xmlservice.digits import plain_number

#: CCSID of the simulated jobs.
JOB_CCSID = 37
#: Substitute characters.
EBCDIC_SUBSTITUTE = b"\x3f"
ASCII_SUBSTITUTE = b"\x1a"
_CODECS = {
    0: "cp037",
    37: "cp037",
    273: "cp273",
    424: "cp424",
    437: "cp437",
    500: "cp500",
    819: "latin-1",
    850: "cp850",
    923: "iso8859-15",
    1026: "cp1026",
    1140: "cp1140",
    1208: "utf-8",
    1252: "cp1252",
    367: "ascii",
}
_EBCDIC = frozenset(("cp037", "cp273", "cp424", "cp500", "cp1026", "cp1140"))


def _substituting(byte: bytes) -> Callable[[UnicodeError], tuple[bytes, int]]:
    """Return an error handler that puts a byte for each character of a run."""

    def handle(error: UnicodeError) -> tuple[bytes, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return byte * (error.end - error.start), error.end

    return handle


codecs.register_error("ebcdic-substitute", _substituting(EBCDIC_SUBSTITUTE))
codecs.register_error("ascii-substitute", _substituting(ASCII_SUBSTITUTE))


def codec(ccsid: int) -> str:
    """Return the Python codec of a CCSID; 0 is the job's.

    Raises:
        UnsupportedError: this simulator does not know it.
    """
    try:
        return _CODECS[ccsid]
    except KeyError:
        raise UnsupportedError(f"CCSID {ccsid} is not known to the simulator") from None


def encode(text: str, ccsid: int = JOB_CCSID) -> bytes:
    """Return text in a CCSID, with its substitute for what it lacks."""
    name = codec(ccsid)
    return text.encode(name, "ebcdic-substitute" if name in _EBCDIC else "ascii-substitute")


def decode(data: bytes, ccsid: int = JOB_CCSID) -> str:
    """Return bytes of a CCSID as text."""
    return data.decode(codec(ccsid), errors="replace")


def parse_chain(text: str) -> tuple[int, ...]:
    """Return the CCSIDs of ``819/37`` or ``cc1/cc2/cc3/cc4``; what is no number ends it."""
    chain: list[int] = []
    for part in text.split("/")[:4]:
        ccsid = plain_number(part.strip())
        if ccsid is None:
            break
        chain.append(ccsid)
    return tuple(chain) if len(chain) > 1 else ()


def convert(data: bytes, chain: Sequence[int]) -> bytes:
    """Return bytes converted from each CCSID of a chain to the next.

    Raises:
        UnsupportedError: one of them is not known.
    """
    for source, target in pairwise(chain):
        data = encode(decode(data, source), target)
    return data
