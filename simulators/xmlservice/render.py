"""The answer as it grows: echo, values, CDATA; bounded by what the caller has room for."""

from __future__ import annotations

from simulators.xmlservice.wellformed import escaped, in_cdata, plain


class Output:
    """The answer of one document.

    Args:
        limit: characters worth keeping; more is dropped, as the caller's buffer ends there.
        cdata: ``*cdata`` is on.
        escape: ``*escp`` is on: it escapes and so needs no CDATA.
    """

    def __init__(self, limit: int, *, cdata: bool, escape: bool) -> None:
        self._limit = limit
        self._parts: list[str] = []
        self._used = 0
        self.cdata = cdata
        self._escape = escape

    def write(self, text: str) -> None:
        """Add text as it is."""
        if self._used <= self._limit:
            self._parts.append(text)
            self._used += len(text)

    def value(self, text: str, cdata: bool) -> str:
        """Return a value as it is shown; ``cdata`` is whether its request had CDATA."""
        if self._escape:
            return escaped(text)
        return in_cdata(text) if cdata or self.cdata else plain(text)

    def mark(self) -> tuple[int, int]:
        """Return where the answer is now."""
        return len(self._parts), self._used

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forget what was written since a mark."""
        del self._parts[mark[0] :]
        self._used = mark[1]

    def text(self) -> str:
        """Return the answer so far."""
        return "".join(self._parts)
