"""Reading receiver files: the walk over their frames, forwards over damage and from the end.

INVARIANT: the cost is linear in the bytes, whatever they are, and memory holds one frame: what
claims to be a frame is read no further than its payload is ASCII, so bytes that are claimed
many times over are not read many times over.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from epm.errors import JournalDamagedError, JournalError
from journal import frames
from journal.failures import as_journal_error, journal_error
from journal.frames import HEAD_BYTES, MARK, OVERHEAD, TAIL_BYTES, Frame, Kind
from journal.receiver import ReceiverHeader, decode_header

_CHUNK = 1 << 20
#: Pieces in which hostile bytes are looked at, at first; each is twice as large as the last.
_FIRST_PIECE = 1 << 10


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound frame and where it begins."""

    offset: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class Hole:
    """Bytes that are no sound frame, from ``offset`` on."""

    offset: int
    size: int


def open_receiver(path: Path) -> BinaryIO:
    """Open a receiver for reading, never through a symbolic link.

    Raises:
        JournalError: it is missing, or may not be read.
    """
    with as_journal_error(f"receiver {path}"):
        return open(path, "rb", buffering=_CHUNK, opener=_opener)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def walk(file: BinaryIO, offset: int = 0, end: int | None = None) -> Iterator[Placed | Hole]:
    """Yield every sound frame and every hole from ``offset`` to ``end`` (the file's end).

    After a hole it goes on with the next sound frame, wherever that begins.

    Raises:
        JournalError: the file cannot be read.
    """
    stop = os.fstat(file.fileno()).st_size if end is None else end
    while offset < stop:
        frame = frame_at(file, offset, stop)
        if frame is not None:
            yield Placed(offset, frame)
            offset += frame.size
        else:
            following = next_sound(file, offset + 1, stop)
            yield Hole(offset, following - offset)
            offset = following


def frame_at(file: BinaryIO, offset: int, stop: int) -> Frame | None:
    """Return the sound frame that begins at ``offset`` and ends at ``stop`` or before.

    Raises:
        JournalError: the file cannot be read.
    """
    try:
        file.seek(offset)
        head = file.read(HEAD_BYTES)
        length = frames.frame_length(head)
        if length is None or length > stop - offset:
            return None
        rest = _rest(file, length - HEAD_BYTES)
    except OSError as error:
        raise _unreadable(file, error) from None
    return None if rest is None else frames.decode_frame(head + rest)


def _rest(file: BinaryIO, size: int) -> bytes | None:
    """Return the next ``size`` bytes, or ``None`` as soon as their payload is not ASCII."""
    if size <= _FIRST_PIECE:
        return file.read(size)
    pieces, left, piece = [], size - TAIL_BYTES, _FIRST_PIECE
    while left > 0:
        data = file.read(min(piece, left))
        if not data or not data.isascii():
            return None
        pieces.append(data)
        left -= len(data)
        piece *= 2
    pieces.append(file.read(TAIL_BYTES))
    return b"".join(pieces)


def next_sound(file: BinaryIO, offset: int, stop: int) -> int:
    """Return where the next sound frame begins at ``offset`` or behind it, or ``stop``."""
    marks = _marks(file, offset, stop)
    return next((place for place in marks if frame_at(file, place, stop) is not None), stop)


def _marks(file: BinaryIO, offset: int, stop: int) -> Iterator[int]:
    """Yield where marks are. The next one is mostly near, so the pieces begin small."""
    piece = min(_FIRST_PIECE, _CHUNK)
    while offset < stop:
        try:
            data = os.pread(file.fileno(), min(piece, stop - offset), offset)
        except OSError as error:
            raise _unreadable(file, error) from None
        if not data:
            return  # the file was cut meanwhile
        found = data.find(MARK)
        while found >= 0:
            yield offset + found
            found = data.find(MARK, found + 1)
        # A mark may lie across two pieces.
        offset += max(1, len(data) - len(MARK) + 1)
        piece = min(2 * piece, _CHUNK)


def _unreadable(file: BinaryIO, error: OSError) -> JournalError:
    return journal_error(f"receiver {file.name}", error)


def last_frame(descriptor: int, size: int) -> Frame | None:
    """Return the last frame of the first ``size`` bytes, or ``None`` if they end unsound.

    Reads backwards from the end, so it costs the same whatever the receiver's size.

    Raises:
        OSError: the file cannot be read.
    """
    if size < OVERHEAD:
        return None
    length = frames.trailing_length(os.pread(descriptor, 4, size - 4))
    if length is None or length > size:
        return None
    return frames.decode_frame(os.pread(descriptor, length, size - length))


def last_sequence(frame: Frame) -> int:
    """Return the number of the last entry up to and with this frame."""
    return frame.number - 1 if frame.kind == Kind.HEADER else frame.number


def digest_of(file: BinaryIO, hole: Hole) -> str:
    """Return the SHA-256 of damaged bytes, hexadecimal, read in pieces.

    Raises:
        JournalError: the file cannot be read.
    """
    digest = hashlib.sha256()
    end = hole.offset + hole.size
    with as_journal_error(f"receiver {file.name}"):
        for offset in range(hole.offset, end, _CHUNK):
            digest.update(os.pread(file.fileno(), min(_CHUNK, end - offset), offset))
    return digest.hexdigest()


def read_header(path: Path) -> ReceiverHeader:
    """Return the header of a receiver.

    Raises:
        JournalDamagedError: it does not begin with a sound header.
        JournalError: it cannot be read.
    """
    with open_receiver(path) as file:
        frame = frame_at(file, 0, os.fstat(file.fileno()).st_size)
    if frame is None or frame.kind != Kind.HEADER:
        raise JournalDamagedError(f"receiver {path.name}: its header cannot be read")
    return decode_header(frame.payload, path.name)
