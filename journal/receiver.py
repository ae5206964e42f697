"""Receiver files: their names and their headers.

A journal is a private directory of receivers ``EPMRCV0001``, ``EPMRCV0002`` ... Each begins
with a header frame that names the receiver before it and the chain value which that one ended
with; a full one ends with a seal. A receiver that ends without a seal and has a successor was
left as it was found, damage and all: the successor says where its sound part ended.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from epm.errors import JournalDamagedError, JournalError
from journal import frames
from journal.failures import as_journal_error
from journal.frames import NO_CHAIN, Kind

FORMAT_VERSION = 1
_PREFIX = "EPMRCV"
_NAME = re.compile(r"EPMR(?:CV|C)?([0-9]{4,9})")


def receiver_name(number: int) -> str:
    """Return the name of a receiver: 10 characters, as IBM's names have at most."""
    digits = f"{number:04d}"
    return _PREFIX[: 10 - len(digits)] + digits


def receiver_number(name: str) -> int | None:
    """Return the number of a receiver by its file name; ``None`` for another file."""
    match = _NAME.fullmatch(name)
    if match is None or len(name) != 10:
        return None
    return int(match[1])


def list_receivers(directory: Path) -> list[Path]:
    """Return the receivers of a journal, oldest first.

    Raises:
        JournalError: the directory cannot be read.
    """
    with as_journal_error(f"journal {directory}"):
        found = [(receiver_number(p.name), p) for p in directory.iterdir()]
    return [path for number, path in sorted((n, p) for n, p in found if n is not None)]


@dataclass(frozen=True, slots=True)
class Previous:
    """The receiver before this one.

    Attributes:
        name: its name.
        sealed: whether it ends with a seal.
        sound_bytes: where its sound part ends; more bytes are a torn tail that was left there.
    """

    name: str
    sealed: bool
    sound_bytes: int


@dataclass(frozen=True, slots=True)
class ReceiverHeader:
    """What a receiver says of itself.

    Attributes:
        journal, system: names.
        receiver: its own name.
        first: number of the first entry that it will hold.
        created: UTC, ISO form.
        previous: the receiver before it; ``None`` for the first.
        chain: the chain value that it continues, hexadecimal.
    """

    journal: str
    system: str
    receiver: str
    first: int
    created: str
    previous: Previous | None
    chain: str

    def encode(self) -> bytes:
        """Return the payload of the header frame."""
        before = self.previous
        value = {
            "version": FORMAT_VERSION,
            "journal": self.journal,
            "system": self.system,
            "receiver": self.receiver,
            "first": self.first,
            "created": self.created,
            "previous": before and [before.name, before.sealed, before.sound_bytes],
            "chain": self.chain,
        }
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def decode_header(payload: bytes, receiver: str) -> ReceiverHeader:
    """Return the header that a header frame holds.

    Raises:
        JournalDamagedError: it is no header.
        JournalError: a newer version of epm wrote it.
    """
    try:
        value = json.loads(payload)
        version, before = value["version"], value["previous"]
        header = ReceiverHeader(
            str(value["journal"]),
            str(value["system"]),
            str(value["receiver"]),
            int(value["first"]),
            str(value["created"]),
            before and Previous(str(before[0]), bool(before[1]), int(before[2])),
            bytes.fromhex(value["chain"]).hex(),
        )
    except (LookupError, TypeError, ValueError, RecursionError):
        raise JournalDamagedError(f"receiver {receiver}: its header cannot be read") from None
    if version != FORMAT_VERSION:
        raise JournalError(
            f"receiver {receiver} has format {version}; this epm reads format {FORMAT_VERSION}"
        )
    return header


def first_frame(header: ReceiverHeader) -> tuple[bytes, bytes]:
    """Return (bytes of the header frame, its chain value)."""
    before = bytes.fromhex(header.chain) if header.chain else NO_CHAIN
    return frames.encode_frame(before, Kind.HEADER, header.first, header.encode())
