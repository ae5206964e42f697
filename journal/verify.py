"""Verifying a journal: every byte of every receiver, and a head that was kept elsewhere.

A chain proves that nothing inside was altered. That its end was not cut, nor the whole of it
written anew, is proved only by a head that somebody else kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from epm.errors import JournalError, SettingsError
from journal.checker import Checker
from journal.failures import as_journal_error
from journal.findings import VerifyReport
from journal.locking import newest_receiver
from journal.reader import JournalReader, head_of
from journal.receiver import list_receivers

_HEAD = re.compile(r"([0-9]{1,19}):([0-9a-f]{64})")


def parse_head(text: str) -> tuple[int, bytes]:
    """Return (sequence, chain value) of a head.

    Raises:
        SettingsError: the text is not ``sequence:hash``.
    """
    match = _HEAD.fullmatch(text.strip().lower())
    if match is None:
        raise SettingsError("a head is written NUMBER:HASH, the hash of 64 hexadecimal digits")
    return int(match[1]), bytes.fromhex(match[2])


def head(directory: Path) -> str:
    """Return the head of a journal: ``sequence:hash`` of its last entry.

    Raises:
        JournalError: there is no journal.
    """
    return head_of(JournalReader(directory).last())


def verify(
    directory: Path,
    known_head: str | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Verify every receiver of a journal; entries that are being appended meanwhile may stay out.

    Args:
        directory: the journal's.
        known_head: ``sequence:hash`` kept from an earlier time.
        progress: told (bytes done, bytes in all) now and then.

    Raises:
        JournalError: there is no journal, or it cannot be read.
        SettingsError: the head is malformed.
    """
    wanted = None if known_head is None else parse_head(known_head)
    receivers = list_receivers(directory)
    if not receivers:
        raise JournalError(f"journal {directory} holds no receiver")
    with as_journal_error(f"journal {directory}"):
        sizes = [path.stat().st_size for path in receivers]
    total = sum(sizes)
    checker = Checker(wanted)
    done = 0
    for position, path in enumerate(receivers):
        is_last = position == len(receivers) - 1
        for offset in checker.receiver(path, is_last):
            if progress is not None:
                progress(done + offset, total)
        done += sizes[position]
    with as_journal_error(f"journal {directory}"):
        newest = newest_receiver(directory)
    if list_receivers(directory)[-1:] == receivers[-1:]:  # else one was begun meanwhile
        checker.receivers_gone(receivers[-1].name, newest)
    return checker.report(len(receivers))
