"""Lines of hostile text: bounded, decoded, numbered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

#: A journal's record is at most 99,999 bytes; as JSON with escapes at most six times that.
MAX_LINE = 1 << 20


def read_lines(stream: BinaryIO) -> Iterator[tuple[int, str | None]]:
    """Yield (number from 1, text with its line end); ``None`` for one too long or not UTF-8.

    A byte order mark before the first line is passed over.
    """
    number = 0
    while True:
        line = stream.readline(MAX_LINE + 1)
        if not line:
            return
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            _skip_rest(stream)
            yield number, None
            continue
        try:
            yield number, line.decode("utf-8")
        except UnicodeDecodeError:
            yield number, None


def _skip_rest(stream: BinaryIO) -> None:
    while True:
        rest = stream.readline(MAX_LINE)
        if not rest or rest.endswith(b"\n"):
            return
