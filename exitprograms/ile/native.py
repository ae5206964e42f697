"""The C exit program in this process: a block in, an indicator out, and what it left behind.

Never required: where no compiler is at hand everything else goes on as it is. What is proved of
this code here is what runs on IBM i but for `epm_platform_ibmi.c`, whose place is taken by
`epm_platform_host.c`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ctypes import (
    addressof,
    byref,
    c_char_p,
    create_string_buffer,
    string_at,
)
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from epm.errors import FormatError, UnsupportedError
from epm.events import Job
from epm.model import Decision, Server
from exitprograms.formats import FORMATS
from exitprograms.ile import building
from exitprograms.ile.abi import (
    COUNTERS,
    Answer,
    Cache,
    Counters,
    NativeLibrary,
    Record,
    Request,
)
from exitprograms.ile.charset import charset
from exitprograms.ile.image import DEFAULT_CCSID
from exitprograms.ile.layout import SERVERS
from exitprograms.ile.marshal import NUMBER_OF, Marshal, decision_of
from exitprograms.ile.space import in_force
from exitprograms.indicator import ALLOW, REJECT


class Status(IntEnum):
    """What went wrong in the C code: ``epm_status``."""

    OK = 0
    DAMAGED = 1
    LIMIT = 2
    MALFORMED = 3
    NO_RULES = 4
    NO_FACTS = 5
    FAULT = 6


class EffectKind(IntEnum):
    """What the C code hands to its platform."""

    JOURNAL = 0
    MESSAGE = 1
    CAPTURE = 2


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a decision leaves behind.

    Attributes:
        name: of the journal or message queue (20 characters) or of the library of the data
            queue (10), in the image's character set; empty where no image said it.
        type: entry type of a journal entry, 2 characters; else empty.
        data: entry-specific data, message text, or capture record.
    """

    kind: EffectKind
    name: bytes
    type: bytes
    data: bytes


class Recorder(Protocol):
    """Takes what is recorded; raising anything says that it could not be."""

    def __call__(self, effect: Effect) -> None:
        """Record one effect."""
        ...


@dataclass(frozen=True, slots=True)
class NativeAnswer:
    """What one call came to.

    Attributes:
        indicator: ``"0"`` or ``"1"``.
        rule: sequence of the deciding rule; ``None`` where none decided.
        recorded: a U entry was written.
        status: what went wrong; ``offset`` where in a malformed block.
        effects: what was recorded, in order.
    """

    indicator: str
    decision: Decision
    rule: int | None
    recorded: bool
    status: Status
    offset: int
    effects: tuple[Effect, ...]


@lru_cache(maxsize=4)
def load(path: Path | None = None) -> NativeLibrary:
    """Return the library, built on first use, or the one at ``path``.

    Raises:
        UnsupportedError: there is no compiler here, or what it made cannot be loaded.
        FileUnavailableError: the cache folder cannot be used.
    """
    return NativeLibrary(path or building.build(building.sources()))


@dataclass(slots=True)
class Taking:
    """Hands effects from C to a recorder; an exception of it is a failure there."""

    recorder: Recorder | None
    effects: list[Effect] = field(default_factory=list)

    def take(
        self, _: Any, kind: int, name: int | None, entry_type: int | None, data: Any, length: int
    ) -> int:
        """Record one effect; 0 where it is done, 1 where it could not be."""
        size = 10 if kind == EffectKind.CAPTURE else 20
        try:
            effect = Effect(
                EffectKind(kind),
                string_at(name, size) if name else b"",
                string_at(entry_type, 2) if entry_type else b"",
                string_at(data, length),
            )
            if self.recorder is not None:
                self.recorder(effect)
        except Exception:  # noqa: BLE001 - no exception may cross C; the fail mode answers
            return 1
        self.effects.append(effect)
        return 0


class NativeProgram:
    """An exit program that decides in C, by the rules of a user space.

    Its counters are the user space of counters that IBM i has; one object is one job.
    """

    def __init__(
        self,
        space: bytes,
        *,
        recorder: Recorder | None = None,
        library: NativeLibrary | None = None,
        ccsid: int | None = None,
    ) -> None:
        """Take a user space (:func:`exitprograms.ile.space.space_of` makes one of an image).

        Args:
            space: its bytes; :meth:`replace` gives others.
            recorder: takes each effect; without one they are only given in the answer.
            library: the C code; built and loaded when it is not given.
            ccsid: of the names; that of the image in force when it is not given.

        Raises:
            UnsupportedError: there is no compiler here.
        """
        self._library = library or load()
        self._recorder = recorder
        self._cache = Cache()
        self._counters = Counters()
        self._ccsid = ccsid
        self.replace(space)

    def replace(self, space: bytes) -> None:
        """Decide by another content of the user space from the next call on."""
        self._space = create_string_buffer(space, max(1, len(space)))
        self._size = len(space)
        self._marshal = Marshal(charset(self._ccsid or _ccsid_of(space)))

    @property
    def counters(self) -> Mapping[str, int]:
        """What was counted, by name."""
        return dict(zip(COUNTERS, self._counters, strict=True))

    def run(self, format_name: str, block: bytes, job: Job, at: datetime) -> str:
        """Answer one call as :meth:`exitprograms.program.ExitProgram.run` does."""
        return self.answer(format_name, block, job, at).indicator

    def answer(self, format_name: str, block: bytes, job: Job, at: datetime) -> NativeAnswer:
        """Answer one call and give what it came to.

        Args:
            format_name: ``ACPT0100``, ``CONN0100`` or ``LSTN0100``; another rejects.
            block: as the format lays it out.
            job: the job that made the call.
            at: the system's local time; one with an offset is converted.
        """
        form = FORMATS.get(format_name)
        server = form.server if form is not None else None
        request = self.request(server, block, job, at)
        answer = Answer()
        taking = Taking(self._recorder)
        self._library.run(
            byref(request), byref(self._cache), Record(taking.take), None,
            byref(self._counters), byref(answer),
        )  # fmt: skip
        known = server or Server.LISTEN
        decision = decision_of(answer.decision, known, {})
        return NativeAnswer(
            ALLOW if answer.allow == 1 else REJECT,
            decision,
            None if decision.rule is None else decision.rule.seq,
            bool(answer.recorded),
            Status(answer.status),
            answer.offset,
            tuple(taking.effects),
        )

    def request(self, server: Server | None, block: bytes, job: Job, at: datetime) -> Request:
        """Return a call as the C code takes it; this object must outlive it."""
        if at.tzinfo is not None:
            at = at.astimezone().replace(tzinfo=None)
        number = len(SERVERS) if server is None else NUMBER_OF[server]
        return Request(
            addressof(self._space), self._size, number, c_char_p(block), len(block), 1,
            self._marshal.facts(job, at),
        )  # fmt: skip

    def run_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer many calls at once; nothing is recorded. Shapes: n requests, n answers."""
        given = (Request * len(requests))(*requests)
        answers = (Answer * len(requests))()
        self._library.run_many(given, len(requests), byref(self._cache), answers)
        return list(answers)


def _ccsid_of(space: bytes) -> int:
    try:
        info = in_force(space)
    except FormatError:
        return DEFAULT_CCSID
    return DEFAULT_CCSID if info is None else info.ccsid


def is_available() -> bool:
    """Whether the C code can be built and loaded here."""
    try:
        load()
    except UnsupportedError:
        return False
    return True


def effects_of(effects: Iterable[Effect], kind: EffectKind) -> list[Effect]:
    """Return the effects of one kind."""
    return [effect for effect in effects if effect.kind is kind]
