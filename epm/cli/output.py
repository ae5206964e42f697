"""What the commands print: data to standard output, talk to standard error."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO, TypeVar

import click

from epm.errors import FileUnavailableError, one_line

T = TypeVar("T")


def dumps(value: object) -> str:
    """Return compact JSON; text that is not ASCII stays readable."""
    text = json.dumps(value, ensure_ascii=False)
    # A lone surrogate (a hostile name) cannot be printed as UTF-8.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def answer(value: object) -> None:
    """Print one JSON value to standard output."""
    click.echo(dumps(value))


def talk(text: str) -> None:
    """Print a line to standard error; if nobody can hear it, the work goes on."""
    with suppress(OSError, ValueError):
        click.echo(one_line(text), err=True)


def warn(text: str) -> None:
    """Print a warning to standard error."""
    talk(f"epm: warning: {text}")


def say(text: str) -> None:
    """Print a line of data; control characters are shown as escapes."""
    click.echo(one_line(text))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns under heads, as wide as they must be; the last is not padded."""
    cells = [[one_line("" if c is None else str(c)) for c in row] for row in rows]
    widths = [max([len(h), *(len(r[i]) for r in cells)]) for i, h in enumerate(heads)]
    for row in ([list(heads)] if heads else []) + cells:
        line = "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))
        click.echo(line.rstrip())


@contextmanager
def out_bytes(path: str | None) -> Iterator[BinaryIO]:
    """Open ``path`` for writing, private; ``None`` or ``-`` is standard output.

    The file appears whole or not at all: it is written beside and renamed.

    Raises:
        FileUnavailableError: it cannot be written.
    """
    if path is None or path == "-":
        yield sys.stdout.buffer
        return
    target = Path(path)
    if target.exists() and not target.is_file():  # a device or a pipe: never to be replaced
        with _writing(path), target.open("wb") as stream:
            yield stream
        return
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with _writing(path):
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def out_text(path: str | None) -> Iterator[TextIO]:
    """Open ``path`` for writing UTF-8 text, as :func:`out_bytes` does."""
    if path is None or path == "-":
        yield sys.stdout
        return
    with out_bytes(path) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="") as text:
        yield text


@contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileUnavailableError(f"{path}: cannot be written: {error.strerror}") from None


def progress(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield ``items`` with a progress bar on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, length=total, label=what, file=sys.stderr) as bar:
        yield from bar
