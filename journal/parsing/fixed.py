"""A stream of fixed-form records, back to back: every sound one, and the place of every other.

The stream is read in pieces; at most one record beyond a piece is in memory.

After damage the next record is looked for, in this order: where the damaged one's own lengths
say (if they agree with each other), one usual length on, and else the next place that looks
like the beginning of a record. So a sound record is never lost to a damaged one before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from epm.errors import FormatError
from journal.parsing.forms import MAX_RECORD, Form
from journal.parsing.rows import Damaged, Record

_PIECE = 1 << 20
#: So much must be at hand to read a record and to see what follows it.
_NEED = 2 * MAX_RECORD
_PADDING = b"\x00\x40\x0a\x0d\x15\x25"


class _Window:
    """The part of a stream that is at hand."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ended = False
        self.data = b""
        self.base = 0
        self.at = 0

    def fill(self, need: int) -> bool:
        """Have ``need`` bytes from ``at`` on, or all there are; false at the end."""
        if len(self.data) - self.at < need and not self._ended:
            pieces = [self.data[self.at :]]
            have = len(pieces[0])
            while have < need + _PIECE:
                piece = self._stream.read(_PIECE)
                if not piece:
                    self._ended = True
                    break
                pieces.append(piece)
                have += len(piece)
            self.base += self.at
            self.data, self.at = b"".join(pieces), 0
        return self.at < len(self.data)

    @property
    def ended(self) -> bool:
        """Whether the stream's end is at hand."""
        return self._ended

    @property
    def position(self) -> int:
        """Of ``at`` in the stream."""
        return self.base + self.at


def read_fixed(
    stream: BinaryIO, form: Form, *, all_entries: bool = False
) -> Iterator[Record | Damaged]:
    """Yield every record of a stream, sound or damaged, in order.

    Args:
        stream: binary.
        form: of the records.
        all_entries: give other entries than SK too.
    """
    window = _Window(stream)
    stride = 0
    while window.fill(_NEED):
        try:
            row, length = form.read(window.data, window.at, all_entries)
        except FormatError as error:
            if _skip_padding(window, form):
                continue
            yield from _damage(window, form, error, stride)
            continue
        if row is not None:
            end = window.at + length
            yield Record(window.position, row, window.data[window.at : end], form.name)
        window.at += length
        stride = length


def _skip_padding(window: _Window, form: Form) -> bool:
    """Pass over filling between records that is too short to be one, and over a last line end."""
    rest = window.data[window.at : window.at + form.usual]
    filled = len(rest) - len(rest.lstrip(_PADDING))
    at_end = window.ended and window.at + filled == len(window.data)
    following = form.begins(window.data, window.at + filled)
    # A blank character may belong to the record that follows, where that begins with one.
    if not filled or filled >= form.usual or not (at_end or following):
        return False
    window.at += filled
    return True


def _damage(window: _Window, form: Form, error: FormatError, stride: int) -> Iterator[Damaged]:
    """Report damage at the window's place, and move on to the next record."""
    begin = window.position
    found = _next_record(window, form, stride)
    reason = str(error)
    size = window.position - begin
    stride = stride or form.usual
    if found and size > stride and size % stride == 0:
        # Records of the usual length, all damaged: each is named.
        for place in range(begin, begin + size, stride):
            yield Damaged(place, "byte", reason)
            reason = "no record begins here"
        return
    yield Damaged(begin, "byte", reason)


def _next_record(window: _Window, form: Form, stride: int) -> bool:
    """Move to the next record; false if there is none (then to the end)."""
    data, at = window.data, window.at
    for length in (form.stated_length(data, at), stride or form.usual):
        end = at + length
        if length and (form.begins(data, end) or (window.ended and end == len(data))):
            window.at = end
            return True
    window.at += 1
    while True:
        place = form.find(window.data, window.at)
        if place >= 0:
            window.at = place
            return True
        if window.ended:
            window.at = len(window.data)
            return False
        # A beginning may lie across the end of what is at hand.
        window.at = max(window.at, len(window.data) - MAX_RECORD)
        window.fill(_NEED)
