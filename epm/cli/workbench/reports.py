"""Reports for the panels: made as ``epm journal report`` makes them, kept in a file to be read."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from epm import __version__
from epm.cli.changes import login_name
from epm.cli.clock import utc_now
from epm.cli.newfile import new_file, shown_path
from epm.cli.output import out_bytes
from epm.cli.workbench.journal import StoreJournal, query_of
from epm.errors import FileUnavailableError, SettingsError, one_line

if TYPE_CHECKING:
    from tui.services import JournalFilter, ReportFormat, ReportLines, Written

#: Every how many lines the place is kept; a line that is longer than the bound is cut.
_STEP = 256
_LONGEST = 1 << 16
_PIECE = 1 << 20
#: What each format is, and whether it is lines of text. One that is not named here is a file.
_FORMATS = {
    "text": ("Text, as shown here", True),
    "csv": ("Comma-separated values", True),
    "jsonl": ("JSON Lines", True),
    "html": ("Web page with a chart", False),
    "pdf": ("PDF with a chart", False),
    "xlsx": ("Excel workbook", False),
    "parquet": ("Parquet columns", False),
    "cef": ("CEF lines for a SIEM", True),
    "leef": ("LEEF lines for a SIEM", True),
    "syslog": ("RFC 5424 lines", True),
}


@dataclass(frozen=True, slots=True)
class StoreReports:
    """Reports over the journals that ``journal`` finds."""

    journal: StoreJournal

    def formats(self) -> Sequence[ReportFormat]:
        """Return every format that reports may have."""
        from journal.report.run import WRITERS
        from tui.services import ReportFormat

        return [ReportFormat(name, *_FORMATS.get(name, ("File", False))) for name in WRITERS]

    def make(self, wanted: JournalFilter, form: str) -> ReportLines:
        """Return a report to read by line, in a file without a name."""
        try:
            stream = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as its reader
        except OSError as error:
            raise FileUnavailableError(f"report: cannot be kept: {error.strerror}") from None
        try:
            whole = self._write(wanted, form, stream)
            return FileLines(stream, whole)
        except BaseException:
            with suppress(OSError):  # what did not fit cannot be flushed either
                stream.close()
            raise

    def write(self, wanted: JournalFilter, form: str, path: str, *, replace: bool) -> Written:
        """Write a report to a file of its own."""
        from tui.services import Written

        target = _target(path)
        with _Target(target, replace=replace) as out:
            whole = self._write(wanted, form, out)
        return Written(shown_path(target), whole)

    def _write(self, wanted: JournalFilter, form: str, out: BinaryIO) -> bool:
        """Write a report and return whether the journal proved to be whole."""
        from journal.report.run import ReportRequest, write_report

        request = ReportRequest(
            format=form,
            query=query_of(wanted),
            generated=utc_now(),
            user=login_name(),
            software=f"epm {__version__}",
        )
        try:
            return write_report(self.journal.folder(wanted), request, out).proof.whole
        except OSError as error:
            raise FileUnavailableError(f"report: cannot be written: {error.strerror}") from None


def _target(path: str) -> Path:
    """Return the file that a path names.

    Raises:
        SettingsError: it is not the name of a file.
    """
    try:
        target = Path(path).expanduser()
        folder = target.is_dir()
    except (OSError, RuntimeError, ValueError):  # too long, no home folder, a NUL
        raise SettingsError(f"{path} is not the name of a file") from None
    if folder:
        raise SettingsError(f"{path} is a folder")
    return target


class _Target:
    """The file that a report goes to: whole or not at all, and never over another one unasked."""

    def __init__(self, path: Path, *, replace: bool) -> None:
        self._path = path
        self._opened = out_bytes(str(path)) if replace else new_file(path)

    def __enter__(self) -> BinaryIO:
        from tui.services import FileExistsRefusedError

        try:
            return self._opened.__enter__()
        except FileExistsError:
            text = f"File {shown_path(self._path)} is there already."
            raise FileExistsRefusedError(text) from None

    def __exit__(self, *failure: object) -> bool | None:
        return self._opened.__exit__(*failure)  # type: ignore[arg-type]


class FileLines:
    """The lines of a file, by number; the file is gone with the last one that reads it.

    Eight bytes are kept for every so many lines, so a report may be as long as the disk holds.
    """

    def __init__(self, stream: BinaryIO, whole: bool) -> None:
        """Count the lines of ``stream``."""
        self.whole = whole
        self.count = 0
        self._stream = stream
        self._places = array("Q", [0])
        self._index()
        weakref.finalize(self, stream.close)

    def _index(self) -> None:
        self._stream.seek(0)
        begin, ended = 0, True
        while piece := self._stream.read(_PIECE):
            at = piece.find(b"\n")
            while at >= 0:
                self.count += 1
                if self.count % _STEP == 0:
                    self._places.append(begin + at + 1)
                at = piece.find(b"\n", at + 1)
            begin += len(piece)
            ended = piece.endswith(b"\n")
        self.count += not ended

    def lines(self, start: int, count: int) -> Sequence[str]:
        """Return some lines; a very long one is cut."""
        if start > self.count:
            return []
        self._stream.seek(self._places[(start - 1) // _STEP])
        for _ in range((start - 1) % _STEP):
            self._next()
        return [self._next() for _ in range(min(count, self.count - start + 1))]

    def _next(self) -> str:
        line = piece = self._stream.readline(_LONGEST)
        while piece and not piece.endswith(b"\n"):
            piece = self._stream.readline(_LONGEST)
        return one_line(line.rstrip(b"\r\n").decode("utf-8", "replace"))

    def save(self, path: str, *, replace: bool) -> str:
        """Save the whole file under a name."""
        target = _target(path)
        self._stream.seek(0)
        with _Target(target, replace=replace) as out:
            shutil.copyfileobj(self._stream, out, _PIECE)
        return shown_path(target)
