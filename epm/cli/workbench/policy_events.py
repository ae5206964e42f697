"""The log of ARMR events for the panels: pages by byte position, each at a bounded cost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from epm.armr.event_reader import LoggedEvent, read_event
from epm.cef import HEADER_SIZES
from epm.cli.newfile import shown_path
from epm.cli.workbench.plainfile import open_plain
from epm.errors import NotFoundError

if TYPE_CHECKING:
    from tui.services import PolicyEventLine, PolicyEventPage

#: A page looks at so many bytes at most; then it gives what it has found and says so.
SCAN_LIMIT = 4 << 20
#: A longer line is shown in pieces. An event with its stack trace is far below.
MAX_LINE = 1 << 18
_BLOCK = 1 << 16
Found = Iterator[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class EventLog:
    """The file that ``epm run --armr-log`` adds to, and others may."""

    path: Path

    def log(self) -> str:
        """Return the file as a person writes it."""
        return shown_path(self.path)

    def older(self, mods: frozenset[str], before: int | None, count: int) -> PolicyEventPage:
        """Return events that begin before a position, newest first."""
        with self._open() as (stream, size):
            end = size if before is None else _line_end(stream, min(before, size))
            stop = max(0, end - SCAN_LIMIT)
            return _page(lines_before(stream, end, stop), mods, count, limited=stop > 0)

    def newer(self, mods: frozenset[str], start: int, count: int) -> PolicyEventPage:
        """Return the next events from a position on, newest first."""
        with self._open() as (stream, size):
            stop = start + SCAN_LIMIT
            found = lines_from(stream, start, stop)
            page = _page(found, mods, count, limited=stop < size)
        return replace(page, rows=tuple(reversed(page.rows)))

    def event(self, position: int) -> list[tuple[str, str]]:
        """Return the fields of one event; of a line that is none, the line."""
        with self._open() as (stream, size):
            if not 0 <= position < size:
                raise NotFoundError("the event is not in the log any more")
            stream.seek(position)
            line = _text(stream.readline(MAX_LINE))
        return event_fields(line)

    @contextmanager
    def _open(self) -> Iterator[tuple[BinaryIO, int]]:
        """Open the log and say how long it is; one that is not there is empty.

        Raises:
            FileUnavailableError: it cannot be read, or is no plain file.
        """
        try:
            with open_plain(self.path) as opened:
                yield opened
        except FileNotFoundError:
            yield io.BytesIO(), 0


# --------------------------------------------------------------------------------- lines


def _line_end(stream: BinaryIO, before: int) -> int:
    """Return the end of the line that the byte before a position is in."""
    if before <= 0:
        return 0
    stream.seek(before - 1)
    return before - 1 + len(stream.readline(MAX_LINE))


def lines_before(stream: BinaryIO, end: int, stop: int) -> Found:
    """Yield (offset, line) of the lines that end at ``end`` or before, the last one first.

    With a ``stop`` that is not the beginning, a line that does not begin behind it is left out,
    unless it is the only one: then its part from ``stop`` on is given, so that whoever asks for
    more gets further.
    """
    at, tail, given = end, b"", False
    while at > stop:
        size = min(_BLOCK, at - stop)
        at -= size
        stream.seek(at)
        tail = stream.read(size) + tail
        upto = len(tail)
        while (cut := tail.rfind(b"\n", 0, upto - 1)) >= 0:
            yield at + cut + 1, tail[cut + 1 : upto]
            given, upto = True, cut + 1
        tail = tail[:upto]
        if len(tail) > MAX_LINE:
            yield at, tail
            given, tail = True, b""
    if tail and (stop == 0 or not given):
        yield at, tail


def lines_from(stream: BinaryIO, start: int, stop: int) -> Found:
    """Yield (offset, line) of the lines that begin at ``start`` or behind, before ``stop``."""
    at = _line_end(stream, start)
    stream.seek(at)
    while at < stop and (line := stream.readline(MAX_LINE)):
        yield at, line
        at += len(line)


def _page(found: Found, mods: frozenset[str], count: int, *, limited: bool) -> PolicyEventPage:
    """Return a page; when the search is ``limited``, it ends where the last line was looked at."""
    from tui.services import PolicyEventPage

    wanted = {mod[: HEADER_SIZES["product"]] for mod in mods}
    rows: list[PolicyEventLine] = []
    last: int | None = None
    for position, line in found:
        last = position
        text = _text(line)
        event = read_event(text)
        if wanted and (event is None or event.mod not in wanted):
            continue
        rows.append(event_line(position, text, event))
        if len(rows) == count:
            return PolicyEventPage(tuple(rows))
    return PolicyEventPage(tuple(rows), last if limited else None)


def _text(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "replace")


# -------------------------------------------------------------------------------- events


def event_line(position: int, text: str, event: LoggedEvent | None) -> PolicyEventLine:
    """Return a line of the log as a row."""
    from tui.services import PolicyEventLine

    if event is None:
        return PolicyEventLine(position, "", "", "", "", "", "", text)
    said = event.value("msg", "reason")
    action = event.value("act")
    at = event.at[:19].replace("T", " ")
    return PolicyEventLine(position, at, event.name, event.mod, event.rule, action, event.end, said)


def event_fields(text: str) -> list[tuple[str, str]]:
    """Return every field of an event with its label."""
    event = read_event(text)
    if event is None:
        return [("Not an event", text)]
    head = [
        ("Event", event.name),
        ("Logged at", event.at),
        ("Host", event.host),
        ("Application", event.app),
        ("Process", event.process),
        ("Mod", event.mod),
        ("Language level", event.level),
        ("Rule", event.rule),
        ("Severity", event.severity),
    ]
    return [*head, *event.pairs]
