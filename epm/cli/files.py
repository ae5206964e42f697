"""Reading what the user names: files, or standard input as ``-``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from epm.errors import CallError, FileUnavailableError

#: A recorded call is far shorter; who reads longer records says so.
MAX_LINE = 1 << 20
#: Rules of 99,998 sequences are about 20 MB as YAML; what is larger is not a rule file.
MAX_TEXT = 256 << 20


@contextmanager
def open_input(path: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for ``-``.

    Raises:
        FileUnavailableError: it cannot be read.
    """
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - an error of the caller's block is not ours
    except OSError as error:
        raise FileUnavailableError(f"{path}: cannot be read: {error.strerror}") from None
    with stream:
        yield stream


def read_text(path: str) -> str:
    """Return a UTF-8 text.

    Raises:
        FileUnavailableError: it cannot be read.
        CallError: it is not UTF-8, or larger than :data:`MAX_TEXT` bytes.
    """
    with open_input(path) as stream:
        data = stream.read(MAX_TEXT + 1)
        if len(data) > MAX_TEXT:
            raise CallError(f"{path}: larger than {MAX_TEXT >> 20} MB")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise CallError(f"{path}: not UTF-8 at byte {error.start}") from None


def lines_of(stream: BinaryIO, limit: int = MAX_LINE) -> Iterator[tuple[int, bytes | CallError]]:
    """Yield (line number, line), or what is wrong with a line: it is longer than ``limit`` bytes.

    A line that is too long is passed over without being held in memory.
    """
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        if len(line) <= limit or line.endswith(b"\n"):
            yield number, line
            continue
        while (rest := stream.readline(limit)) and not rest.endswith(b"\n"):
            pass
        yield number, CallError(f"longer than {limit >> 10} KB")
