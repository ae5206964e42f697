"""What a terminal pastes: kept free of control characters. Pure.

A terminal marks pasted text (bracketed paste), and not every one takes escape sequences out of it.
A parser of keys that meets one inside would take what follows for keys that were pressed, Enter
among them.
"""

from __future__ import annotations

BEGIN, END = "\x1b[200~", "\x1b[201~"
_KEPT = "\t\n\r"


def _plain(text: str) -> str:
    return "".join(c for c in text if c in _KEPT or " " <= c < "\x7f" or c > "\x9f")


class PasteFilter:
    """Takes control characters out of pasted text, however the input is cut into pieces."""

    def __init__(self) -> None:
        """Begin outside of any paste."""
        self._pasting = False
        self._seen = ""  # the last characters, which may begin a mark
        self._held = ""  # those of them that may be the end of a paste, not let through yet

    def clean(self, data: str) -> str:
        """Return input as it may be parsed; outside of a paste nothing waits for what follows."""
        rest, self._held = self._held + data, ""
        cleaned: list[str] = []
        while rest:
            part, rest = self._pasted(rest) if self._pasting else self._typed(rest)
            cleaned.append(part)
        return "".join(cleaned)

    def _typed(self, text: str) -> tuple[str, str]:
        """Return what is let through as it is, to the end of a mark, and the rest."""
        at = (self._seen + text).find(BEGIN)
        self._pasting = at >= 0
        end = at + len(BEGIN) - len(self._seen) if self._pasting else len(text)
        self._seen = "" if self._pasting else (self._seen + text)[1 - len(BEGIN) :]
        return text[:end], text[end:]

    def _pasted(self, text: str) -> tuple[str, str]:
        """Return pasted text without control characters, and what is behind its end."""
        text, found, rest = text.partition(END)
        if not found:
            held = next((n for n in range(len(END) - 1, 0, -1) if text.endswith(END[:n])), 0)
            text, self._held = text[: len(text) - held], text[len(text) - held :]
        self._pasting = not found
        return _plain(text) + found, rest
