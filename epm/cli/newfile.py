"""Files that must not be there yet: made private, never over another one, never left half."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from epm.errors import FileUnavailableError

_EXCLUSIVE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Create ``path`` for writing; when the caller fails, it is taken away again.

    Raises:
        FileExistsError: something of that name is there, be it a link that leads nowhere.
        FileUnavailableError: it cannot be written.
    """
    try:
        descriptor = os.open(path, _EXCLUSIVE, 0o600)
    except FileExistsError:
        raise
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
    except OSError as error:
        path.unlink(missing_ok=True)
        raise unwritable(path, error) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def unwritable(path: Path, error: OSError) -> FileUnavailableError:
    """Return the error for a file that cannot be written."""
    return FileUnavailableError(f"{path}: cannot be written: {error.strerror}")


def shown_path(path: Path) -> str:
    """Return a path as a person writes it, the home folder as ``~``."""
    try:
        return f"~/{path.absolute().relative_to(Path.home())}"
    except (ValueError, RuntimeError):  # elsewhere, or a user without a home
        return str(path.absolute())
