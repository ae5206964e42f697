"""Answers that nobody took: a signal interrupted the call, and the kernel issues it again.

The call was already judged, journaled and performed; the one that is issued again gets the same
answer, so that it happens once.
"""

from __future__ import annotations

from collections import OrderedDict

_KEEP_SECONDS = 5.0
_MAX_ANSWERS = 4096

CallKey = tuple[int, int, bytes]
"""Thread, socket (its inode) and what was asked: the same for a call issued again."""


class Replay:
    """Answers by call, kept for some seconds."""

    def __init__(self) -> None:
        self._answers: OrderedDict[CallKey, tuple[int, float]] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether any answer is kept."""
        return bool(self._answers)

    def keep(self, key: CallKey, code: int, now: float) -> None:
        """Keep the answer (0 or an errno) that nobody took."""
        self._answers[key] = (code, now)
        if len(self._answers) > _MAX_ANSWERS:
            self._answers.popitem(last=False)

    def take(self, key: CallKey, now: float) -> int | None:
        """Return and forget the answer to this call, ``None`` if there is none."""
        code, since = self._answers.pop(key, (0, -_KEEP_SECONDS))
        return code if now - since < _KEEP_SECONDS else None

    def sweep(self, now: float) -> None:
        """Forget what is too old."""
        while self._answers:
            key, (_, since) = next(iter(self._answers.items()))
            if now - since < _KEEP_SECONDS:
                return
            del self._answers[key]
