"""The message line: what is to be said, one message at a time, on the last row of a display."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from epm.errors import (
    EditConflictError,
    EpmError,
    GuardRefusalError,
    NotFoundError,
    StoreUnavailableError,
)
from tui.outcomes import FieldRefusedError, KeyRefusedError
from tui.text import broken


class MessageKind(StrEnum):
    """What sort of thing is said; its help has the cause and the recovery."""

    DONE = "done"
    FIELD = "field"
    KEY = "key"
    CONFLICT = "conflict"
    GUARD = "guard"
    GONE = "gone"
    STORE = "store"
    ERROR = "error"


_KINDS: Mapping[type[EpmError], MessageKind] = MappingProxyType(
    {
        FieldRefusedError: MessageKind.FIELD,
        KeyRefusedError: MessageKind.KEY,
        EditConflictError: MessageKind.CONFLICT,
        GuardRefusalError: MessageKind.GUARD,
        NotFoundError: MessageKind.GONE,
        StoreUnavailableError: MessageKind.STORE,
    }
)


def kind_of(error: EpmError) -> MessageKind:
    """Return what sort of message an error is."""
    return next((k for t, k in _KINDS.items() if isinstance(error, t)), MessageKind.ERROR)


class MessageLine:
    """Messages in the order in which they are shown; the first is the one on the screen.

    Attributes:
        texts: what was said, each message whole.
        kind: what sort of thing it was.
    """

    def __init__(self) -> None:
        """Have nothing to say."""
        self.texts: tuple[str, ...] = ()
        self.kind = MessageKind.DONE
        self._parts: list[str] = []

    @property
    def several(self) -> bool:
        """Whether there is more than the one that is shown."""
        return len(self._parts) > 1

    def put(self, messages: Iterable[str], kind: MessageKind = MessageKind.DONE) -> None:
        """Say these instead of what was said before; empty ones are left out."""
        self.texts, self.kind = tuple(filter(None, messages)), kind
        self._parts = list(self.texts)

    def turn(self) -> None:
        """Go on to the next message; behind the last comes the first."""
        self._parts = self._parts[1:] + self._parts[:1]

    def shown(self, width: int) -> str:
        """Return the first message, at most ``width`` cells; it ends in ``+`` if there are more.

        The rest of one that is too long becomes the next message.
        """
        if not self._parts:
            return ""
        if len(self._parts[0]) > width:
            self._parts[:1] = broken(self._parts[0], width - 2)
        first = self._parts[0]
        return f"{first:<{width - 1}}+" if self.several else first
