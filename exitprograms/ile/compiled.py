"""A compiled *PGM object: what CRTCMOD and CRTPGM make of the sources, on a simulated IBM i.

The sources are compiled by the compiler that is here and bound with the host's platform in the
place of IBM i's; the program is called as IBM i calls it, with two parameters by reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import Array, addressof, byref, c_char, c_void_p, create_string_buffer
from dataclasses import dataclass
from datetime import datetime

from epm.errors import UnsupportedError
from epm.events import Job
from exitprograms.formats import FORMATS
from exitprograms.ile import building
from exitprograms.ile.abi import COUNTERS, Counters, NativeLibrary, Record, Request
from exitprograms.ile.charset import charset
from exitprograms.ile.image import DEFAULT_CCSID
from exitprograms.ile.marshal import Marshal
from exitprograms.ile.native import Recorder, Taking

#: A program reads its format's bytes, however few it was called with.
_BLOCK_ROOM = max(form.size for form in FORMATS.values())


@dataclass(frozen=True, slots=True)
class JobView:
    """What a job of a simulated IBM i shows the exit program that runs in it.

    Attributes:
        job: who calls.
        at: the system's local time.
        space: content of the rules' user space, read where it lies if it may change; ``None``
            where there is none.
    """

    job: Job
    at: datetime
    space: bytes | bytearray | None


class CompiledProgram:
    """What CRTPGM made of sources: called with a block and an indicator, by reference."""

    def __init__(self, library: NativeLibrary, ccsid: int = DEFAULT_CCSID) -> None:
        """Take a library that was built with an entry; ``ccsid`` is the jobs'."""
        self._library = library
        self._main = library.main()
        self._ccsid = ccsid

    def call(
        self,
        block: bytes | bytearray | None,
        indicator: bytearray | None,
        job: JobView,
        recorder: Recorder | None = None,
    ) -> Mapping[str, int]:
        """Call the program: its answer is put into ``indicator`` as x'F0' or x'F1'.

        Args:
            block: the first parameter; x'00' follow one that is shorter than the format.
            indicator: the second parameter; nothing is put into one that is not there.
            job: the job it runs in.
            recorder: takes entries, messages and captures; raising says that it failed.

        Returns:
            The counters of this call by name.
        """
        facts = Marshal(charset(self._ccsid)).facts(job.job, job.at)
        space = _where_it_lies(job.space)
        request = Request(_address(space), len(job.space or b""), 0, None, 0, 1, facts)
        taking, counters = Taking(recorder), Counters()
        record = Record(taking.take)
        given = None if block is None else create_string_buffer(
            bytes(block), max(_BLOCK_ROOM, len(block))
        )  # fmt: skip
        answer = create_string_buffer(bytes(indicator[:1]), 1) if indicator else None
        arguments = (c_void_p * 3)(None, _address(given), _address(answer))
        self._library.bind(byref(request), record, None, byref(counters))
        try:
            self._main(3, arguments)
        finally:
            self._library.bind(None, None, None, None)
        if indicator and answer is not None:
            indicator[:1] = answer.raw
        return dict(zip(COUNTERS, counters, strict=True))


def _where_it_lies(space: bytes | bytearray | None) -> Array[c_char] | None:
    if isinstance(space, bytearray):
        return (c_char * len(space)).from_buffer(space)
    return None if space is None else create_string_buffer(space, max(1, len(space)))


def _address(buffer: Array[c_char] | None) -> int | None:
    return None if buffer is None else addressof(buffer)


def build_program(
    texts: Mapping[str, str], entry: str, *, ccsid: int = DEFAULT_CCSID
) -> CompiledProgram:
    """Return the program that sources make, as CRTCMOD and CRTPGM would.

    Args:
        texts: sources and headers by name, as they were deployed
            (:func:`exitprograms.ile.building.deployed_sources`).
        entry: ``accept``, ``connect`` or ``listen``.
        ccsid: of the jobs that call it.

    Raises:
        UnsupportedError: no compiler is here, or it does not take the sources.
    """
    if entry not in building.ENTRIES:
        raise UnsupportedError(f"{entry!r} is none of {', '.join(building.ENTRIES)}")
    return CompiledProgram(NativeLibrary(building.build(texts, entry=entry)), ccsid)
