"""Spooled files: what was printed, as private text files with numbers, in the data folder."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from epm.cli.newfile import new_file, unwritable
from epm.cli.settings import data_folder

#: Name, number: ``PNSTSTQSO.000012.txt``.
_FILE = re.compile(r"[^.]+\.([0-9]{6,9})\.txt")
_UNFIT = re.compile(r"[^A-Z0-9_-]+")


def spool_folder() -> Path:
    """Return where spooled files are kept."""
    return data_folder() / "spool"


@contextmanager
def spooled_file(name: str, folder: Path | None = None) -> Iterator[tuple[Path, TextIO]]:
    """Open a new spooled file for writing; when the caller fails, it is taken away again.

    Args:
        name: what was printed, such as the name of a panel or command.
        folder: where; the user's spool folder unless told otherwise.

    Raises:
        FileUnavailableError: it cannot be written.
    """
    where = spool_folder() if folder is None else folder
    with ExitStack() as stack:
        path, stream = _create(stack, where, _UNFIT.sub("-", name.upper()).strip("-") or "PRINT")
        text = io.TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", newline="\n")
        yield path, text
        text.flush()
        text.detach()


def _create(stack: ExitStack, folder: Path, name: str) -> tuple[Path, BinaryIO]:
    """Create the file with the next free number; two that print at once get one each."""
    try:
        for part in (*reversed(folder.parents), folder):
            if not part.exists():
                part.mkdir(mode=0o700, exist_ok=True)
        number = _last_number(folder)
    except OSError as error:
        raise unwritable(folder, error) from None
    while True:
        number += 1
        path = folder / f"{name}.{number:06d}.txt"
        try:
            return path, stack.enter_context(new_file(path))
        except FileExistsError:
            continue


def _last_number(folder: Path) -> int:
    names = (_FILE.fullmatch(entry.name) for entry in folder.iterdir())
    return max((int(name[1]) for name in names if name), default=0)
