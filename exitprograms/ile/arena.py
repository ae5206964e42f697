"""The body of an image while it is made: bytes are placed, and their offset is known at once."""

from __future__ import annotations

from epm.errors import RuleError
from exitprograms.ile.layout import HEADER, MAX_IMAGE


class Arena:
    """Bytes in the order they are placed; equal ones are placed once."""

    def __init__(self) -> None:
        """Begin where the header ends."""
        self._body = bytearray()
        self._placed: dict[tuple[bytes, int], int] = {}

    def place(self, data: bytes, align: int = 4) -> int:
        """Return the offset of ``data`` in the image, a multiple of ``align``.

        Raises:
            RuleError: the image would be larger than a slot.
        """
        key = (data, align)
        if key not in self._placed:
            self._body += bytes(-len(self._body) % align)
            self._placed[key] = HEADER.size + len(self._body)
            self._body += data
            check_size(len(self._body))
        return self._placed[key]

    def body(self) -> bytes:
        """Return everything that was placed."""
        return bytes(self._body)


def check_size(body: int) -> None:
    """Raise when a body of so many bytes does not fit a slot of the user space.

    Raises:
        RuleError: it does not; the text says what a slot holds.
    """
    if HEADER.size + body > MAX_IMAGE:
        raise RuleError(
            f"the rules do not fit a rule image: more than {MAX_IMAGE} bytes, which is what one "
            "of the two slots of a user space holds; use fewer or wider rules"
        )
