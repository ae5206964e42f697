"""``hex``, ``before`` and ``after`` of commands, shells and names."""

from __future__ import annotations

from dataclasses import dataclass

from epm.errors import FormatError
from simulators.xmlservice import ccsid
from simulators.xmlservice.document import Element
from simulators.xmlservice.render import Output


@dataclass(frozen=True, slots=True)
class Coding:
    """What the attributes ask for; without any of them text passes as it is."""

    hexadecimal: bool
    before: tuple[int, ...]
    after: tuple[int, ...]

    def read(self, text: str) -> str:
        """Return the command that a text means.

        Raises:
            FormatError: it is not hex.
            UnsupportedError: a CCSID is not known.
        """
        if not self.hexadecimal and not self.before:
            return text
        try:
            data = bytes.fromhex(text.strip()) if self.hexadecimal else ccsid.encode(text)
        except ValueError:
            raise FormatError("the command is not hexadecimal", 0) from None
        return ccsid.decode(ccsid.convert(data, self.before))

    def show(self, out: Output, text: str, cdata: bool) -> str:
        """Return output as the command wants it."""
        if not self.hexadecimal and not self.after:
            return out.value(text, cdata)
        data = ccsid.convert(ccsid.encode(text), self.after)
        if self.hexadecimal:
            return f"<hex>{out.value(data.hex().upper(), cdata)}</hex>"
        return out.value(ccsid.decode(data, self.after[-1]), cdata)


def parse_coding(element: Element) -> Coding:
    """Return the coding that an element's attributes say."""
    return Coding(
        element.get("hex").strip().lower() == "on",
        ccsid.parse_chain(element.get("before")),
        ccsid.parse_chain(element.get("after")),
    )
