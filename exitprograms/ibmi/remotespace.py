"""The user space of the rules on a system: read in pieces, and an image put in force there.

A publication goes into the slot that is not in force; what was written is read back before its
header, which switches, is written (:mod:`exitprograms.ile.space` has the order and why).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from epm.errors import FormatError, RemoteError
from exitprograms.ibmi.asking import objects
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.objects import RULES
from exitprograms.ibmi.programs import CALLS_AT_ONCE, PIECE, read_space, write_space
from exitprograms.ile.layout import CONTROL, HEADER, MAX_IMAGE, MAX_SPACE, SPACE_MAGIC
from exitprograms.ile.seal import ImageInfo, describe, with_sequence
from exitprograms.ile.space import empty_space, slots_of

#: Of a slot, beyond its header: enough to tell a slot that was never written from one whose
#: writing stopped.
_PROBE = 64
_HEAD = HEADER.size + _PROBE


class SlotState(StrEnum):
    """What a slot holds."""

    EMPTY = "empty"
    SOUND = "sound"
    UNFINISHED = "unfinished"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the two slots.

    Attributes:
        offset: 0-based, of its first byte in the user space.
        image: what a sound image says of itself; else ``None``.
        why: what is wrong with a damaged one.
    """

    state: SlotState
    offset: int
    image: ImageInfo | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class SpaceState:
    """What the user space holds; ``slots`` is empty where it has no control record yet."""

    slots: tuple[Slot, ...] = ()

    @property
    def in_force(self) -> ImageInfo | None:
        """The image that decides: the sound one with the higher sequence."""
        sound = [s.image for s in self.slots if s.image is not None]
        return max(sound, key=lambda image: image.sequence, default=None)

    def problems(self) -> tuple[str, ...]:
        """Return a line for each slot that is not as a finished deployment leaves it."""
        lines = []
        for number, slot in enumerate(self.slots, 1):
            if slot.state is SlotState.UNFINISHED:
                lines.append(f"a deployment into slot {number} was not finished: deploy again")
            if slot.state is SlotState.DAMAGED:
                lines.append(f"the image in slot {number} is damaged ({slot.why}): deploy again")
        return tuple(lines)


def has_space(remote: Remote, library: str) -> bool:
    """Whether the user space of the rules is there."""
    return (RULES, "*USRSPC") in objects(remote, library)


def read(remote: Remote, library: str, name: str, offset: int, size: int) -> bytes:
    """Return bytes of a user space.

    Raises:
        RemoteError: it is missing or shorter, or what came back is not what was asked for.
    """
    pieces = [(at, min(PIECE, offset + size - at)) for at in range(offset, offset + size, PIECE)]
    parts = []
    for batch in _batches(pieces):
        answers = remote.retrieve([read_space(library, name, at, count) for at, count in batch])
        for (_, count), values in zip(batch, answers, strict=True):
            parts.append(_bytes(remote, values, count))
    return b"".join(parts)


def _bytes(remote: Remote, values: Sequence[str], count: int) -> bytes:
    try:
        data = bytes.fromhex(values[0])
    except (IndexError, ValueError):
        data = b""
    if len(data) != count:
        raise RemoteError(f"{remote.where}: QUSRTVUS gave {len(data)} of {count} bytes")
    return data


def _batches(pieces: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    for at in range(0, len(pieces), CALLS_AT_ONCE):
        yield pieces[at : at + CALLS_AT_ONCE]


def write(remote: Remote, library: str, name: str, offset: int, data: bytes) -> None:
    """Write bytes into a user space.

    Raises:
        RemoteError: it is missing or shorter.
    """
    pieces = [(at, min(PIECE, len(data) - at)) for at in range(0, len(data), PIECE)]
    for batch in _batches(pieces):
        remote.change(
            [write_space(library, name, offset + at, data[at : at + n]) for at, n in batch]
        )


def state_of(remote: Remote, library: str) -> SpaceState:
    """Return what the user space of the rules holds; each image is read whole and checked.

    Raises:
        RemoteError: it is missing, or its control record is damaged.
    """
    control = read(remote, library, RULES, 0, CONTROL.size)
    if control == bytes(CONTROL.size):
        return SpaceState()
    if control[: len(SPACE_MAGIC)] != SPACE_MAGIC:
        raise RemoteError(f"{remote.where}: {library}/{RULES} is no user space of rules")
    try:
        slots = slots_of(control, MAX_SPACE)
    except FormatError as error:
        raise RemoteError(f"{remote.where}: {library}/{RULES}: {error}") from None
    return SpaceState(tuple(_slot(remote, library, offset, room) for offset, room in slots))


def _slot(remote: Remote, library: str, offset: int, room: int) -> Slot:
    head = read(remote, library, RULES, offset, min(_HEAD, room))
    header = head[: HEADER.size]
    if header == bytes(HEADER.size):
        written = any(head[HEADER.size :])
        return Slot(SlotState.UNFINISHED if written else SlotState.EMPTY, offset)
    length = HEADER.unpack(header)[3]
    if not HEADER.size <= length <= room:
        return Slot(SlotState.DAMAGED, offset, why="its header's length is not possible")
    rest = read(remote, library, RULES, offset + len(head), max(0, length - len(head)))
    try:
        return Slot(SlotState.SOUND, offset, describe((head + rest)[:length]))
    except FormatError as error:
        return Slot(SlotState.DAMAGED, offset, why=str(error))


def prepare(remote: Remote, library: str) -> None:
    """Write the control record into a user space that has none."""
    write(remote, library, RULES, 0, empty_space(MAX_IMAGE)[: CONTROL.size])


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next image goes: the slot that is not in force, under the next sequence."""

    offset: int
    sequence: int


def next_place(remote: Remote, library: str) -> Place:
    """Return where the next image goes; a user space without a control record gets one.

    Raises:
        RemoteError: the user space is missing or damaged.
    """
    state = state_of(remote, library)
    if not state.slots:
        prepare(remote, library)
        state = state_of(remote, library)
    numbers = [0 if s.image is None else s.image.sequence for s in state.slots]
    return Place(state.slots[numbers.index(min(numbers))].offset, max(numbers) + 1)


def publish(remote: Remote, library: str, image: bytes, place: Place) -> None:
    """Put an image in force; the one before stays in its slot.

    Raises:
        RemoteError: it does not fit, or what was written is not what is read back; then the
            image that was in force still is.
    """
    final = with_sequence(image, place.sequence)
    if len(final) > MAX_IMAGE:
        raise RemoteError(f"{remote.where}: the rule image is {len(final)} bytes, a slot has room "
                          f"for {MAX_IMAGE}")  # fmt: skip
    header, body = final[: HEADER.size], final[HEADER.size :]
    write(remote, library, RULES, place.offset, bytes(HEADER.size))
    write(remote, library, RULES, place.offset + HEADER.size, body)
    if read(remote, library, RULES, place.offset + HEADER.size, len(body)) != body:
        raise RemoteError(f"{remote.where}: the rules arrived changed; they are not in force")
    write(remote, library, RULES, place.offset, header)


def withdraw(remote: Remote, library: str, sequence: int) -> None:
    """Take back the image with this sequence, and what is left of one that was not finished.

    The image that was in force before it is in force again.
    """
    for slot in state_of(remote, library).slots:
        newer = slot.image is not None and slot.image.sequence == sequence
        if newer or slot.state is SlotState.UNFINISHED:
            write(remote, library, RULES, slot.offset, bytes(HEADER.size))
            write(remote, library, RULES, slot.offset + HEADER.size, bytes(_PROBE))
