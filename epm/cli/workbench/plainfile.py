"""Reading a file that somebody else may have put there: a plain one, and nothing waited for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from epm.cli.newfile import shown_path
from epm.errors import FileUnavailableError

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe would be waited for


@contextmanager
def open_plain(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file for reading and say how many bytes it has.

    Raises:
        FileNotFoundError: it is not there.
        FileUnavailableError: it cannot be read, or is no plain file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unreadable(path, error.strerror) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise unreadable(path, "it is not a plain file")
    with os.fdopen(descriptor, "rb") as stream:
        try:
            yield stream, status.st_size
        except OSError as error:
            raise unreadable(path, error.strerror) from None


def unreadable(path: Path, why: str | None) -> FileUnavailableError:
    """Return the error for a file or folder that cannot be read."""
    return FileUnavailableError(f"{shown_path(path)}: cannot be read: {why}")
