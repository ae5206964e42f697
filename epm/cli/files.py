"""Reading what the user names: files, or standard input as ``-``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from epm.errors import CallError, FileUnavailableError

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


def lines_of(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line); an overlong line comes cut, and so fails as what it is."""
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        yield number, line
