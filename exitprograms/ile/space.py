"""The user space of the rule image: two slots, and how a version replaces another. Pure.

A publication is written into the slot that is not in force: its header is blanked, its body is
written, and the header, which names a higher sequence, comes last. So a reader meets the old
image or the new one whole, at any moment and wherever the writing stops; it takes no lock.

On IBM i each write is a call of QUSCHGUS (1-based position, length, data).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from epm.errors import FormatError
from exitprograms.ile.layout import (
    CONTROL,
    CONTROL_CRC_AT,
    CONTROL_ROOM,
    HEADER,
    MAX_IMAGE,
    SPACE_MAGIC,
    VERSION,
)
from exitprograms.ile.seal import ImageInfo, describe, with_sequence

#: Bytes of one write: what an interface of IBM i takes easily at a time.
WRITE_SIZE = 32_000


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes to put at a 0-based offset of the user space."""

    offset: int
    data: bytes


def empty_space(capacity: int = MAX_IMAGE) -> bytes:
    """Return a user space without an image, its slots of ``capacity`` bytes each.

    Raises:
        ValueError: a slot of that size is not allowed.
    """
    if not HEADER.size <= capacity <= MAX_IMAGE:
        raise ValueError(f"a slot of {capacity} bytes, not {HEADER.size} to {MAX_IMAGE}")
    control = _control(capacity)
    return control.ljust(CONTROL_ROOM + 2 * capacity, b"\0")


def _control(capacity: int) -> bytes:
    slots = CONTROL_ROOM, CONTROL_ROOM + capacity
    blank = CONTROL.pack(SPACE_MAGIC, VERSION, capacity, *slots, 0)[:CONTROL_CRC_AT]
    return blank + zlib.crc32(blank).to_bytes(4, "big")


def slots_of(space: bytes, size: int | None = None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (offset, bytes) of both slots.

    Args:
        space: the user space, or its control record alone.
        size: of the user space, where ``space`` is not the whole of it.

    Raises:
        FormatError: the control record is damaged.
    """
    if len(space) < CONTROL.size or space[:8] != SPACE_MAGIC:
        raise FormatError("no user space of a rule image", 0)
    _, version, capacity, first, second, crc = CONTROL.unpack_from(space)
    if version != VERSION or crc != zlib.crc32(space[:CONTROL_CRC_AT]):
        raise FormatError("the user space's control record is damaged", CONTROL_CRC_AT)
    end = len(space) if size is None else size
    if max(first, second) + capacity > end:
        raise FormatError(f"the user space ends at {end}, inside a slot", end)
    return (first, capacity), (second, capacity)


def images_of(space: bytes) -> tuple[ImageInfo | None, ImageInfo | None]:
    """Return what the image in each slot says of itself; ``None`` where there is no sound one.

    Raises:
        FormatError: the control record is damaged.
    """
    found: list[ImageInfo | None] = []
    for offset, capacity in slots_of(space):
        try:
            found.append(describe(space[offset : offset + capacity]))
        except FormatError:
            found.append(None)
    return found[0], found[1]


def in_force(space: bytes) -> ImageInfo | None:
    """Return what the image that decides says of itself; ``None`` where none is sound.

    Raises:
        FormatError: the control record is damaged.
    """
    sound = [info for info in images_of(space) if info is not None]
    return max(sound, key=lambda info: info.sequence, default=None)


def publication(space: bytes, image: bytes, write_size: int = WRITE_SIZE) -> list[Write]:
    """Return the writes that put an image in force, in the order they are to be made.

    The image's own sequence is replaced by the next of the space.

    Raises:
        FormatError: the space or the image is damaged, or the image does not fit a slot.
    """
    images = images_of(space)
    sequences = [0 if info is None else info.sequence for info in images]
    slot = 0 if sequences[0] <= sequences[1] else 1
    offset, capacity = slots_of(space)[slot]
    final = with_sequence(image, max(sequences) + 1)
    if len(final) > capacity:
        raise FormatError(f"the rule image is {len(final)} bytes, a slot {capacity}", 12)
    body = final[HEADER.size :]
    writes = [Write(offset, bytes(HEADER.size))]
    writes.extend(
        Write(offset + HEADER.size + at, body[at : at + write_size])
        for at in range(0, len(body), write_size)
    )
    writes.append(Write(offset, final[: HEADER.size]))
    return writes


def written(space: bytes, writes: list[Write]) -> bytes:
    """Return the space after these writes."""
    after = bytearray(space)
    for write in writes:
        after[write.offset : write.offset + len(write.data)] = write.data
    return bytes(after)


def space_of(image: bytes) -> bytes:
    """Return a user space, no larger than it must be, with this image in force.

    Raises:
        FormatError: the image is damaged.
    """
    space = empty_space(max(HEADER.size, len(image)))
    return written(space, publication(space, image, max(1, len(image))))
