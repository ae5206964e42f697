"""The message line: what is to be said, one message at a time, on the last row of a display."""

from __future__ import annotations

from collections.abc import Iterable


class MessageLine:
    """Messages in the order in which they are shown; the first is the one on the screen."""

    def __init__(self) -> None:
        """Have nothing to say."""
        self._messages: list[str] = []

    @property
    def several(self) -> bool:
        """Whether there is more than the one that is shown."""
        return len(self._messages) > 1

    def put(self, messages: Iterable[str]) -> None:
        """Say these instead of what was said before; empty ones are left out."""
        self._messages = [m for m in messages if m]

    def turn(self) -> None:
        """Go on to the next message; behind the last comes the first."""
        self._messages = self._messages[1:] + self._messages[:1]

    def shown(self, width: int) -> str:
        """Return the first message, at most ``width`` cells; it ends in ``+`` if there are more.

        The rest of one that is too long becomes the next message.
        """
        if not self._messages:
            return ""
        if len(self._messages[0]) > width:
            first = self._messages[0]
            self._messages[:1] = [first[: width - 2], first[width - 2 :]]
        first = self._messages[0]
        return f"{first:<{width - 1}}+" if self.several else first
