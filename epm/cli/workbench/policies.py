"""The ARMR policies of a folder, for the panels: each read again only when its file changed."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from epm.cli.clock import to_local, utc_now
from epm.cli.newfile import shown_path
from epm.cli.workbench.plainfile import open_plain, unreadable
from epm.errors import FileUnavailableError, NotFoundError, RuleFileError
from epm.syslog5424 import Origin

if TYPE_CHECKING:
    from epm.cli.workbench.policy_views import Reading
    from tui.services import (
        PolicyFinding,
        PolicyRuleLine,
        PolicySummary,
        PolicyVerdict,
    )

SUFFIX = ".armr"
#: A policy is written by people; what is larger is not read.
MAX_BYTES = 4 << 20
#: More files than anyone rolls through; the rest is left out.
MAX_FILES = 10_000
#: Files that are kept as they were read: more than a page has.
_KEPT = 64
_APP = "epm"


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells one state of a file from another."""

    inode: int
    size: int
    changed: int


@dataclass(slots=True)
class FolderPolicies:
    """The policies of a folder. Nothing is written there: files are edited elsewhere."""

    path: Path
    _read: dict[str, tuple[_Stamp, Reading]] = field(default_factory=dict)

    def folder(self) -> str:
        """Return the folder as a person writes it."""
        return shown_path(self.path)

    def names(self) -> list[str]:
        """Return the names of the policy files."""
        names: list[str] = []
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    if entry.name.lower().endswith(SUFFIX) and entry.is_file():
                        names.append(entry.name)
                    if len(names) == MAX_FILES:
                        break
        except FileNotFoundError:
            return []
        except OSError as error:
            raise unreadable(self.path, error.strerror) from None
        return sorted(names)

    def summary(self, name: str) -> PolicySummary:
        """Return a policy as a whole; one whose file cannot be taken is refused, and says why."""
        from epm.cli.workbench.policy_views import summary_of
        from tui.services import PolicyState, PolicySummary

        status = self._status(name)
        changed = to_local(datetime.fromtimestamp(status.st_mtime, UTC))
        try:
            reading = self._reading(name)
        except (FileUnavailableError, RuleFileError) as error:
            return PolicySummary(name, PolicyState.REFUSED, (), 0, changed, str(error))
        return summary_of(reading, name, changed)

    def rules(self, name: str) -> list[PolicyRuleLine]:
        """Return its rules."""
        from epm.cli.workbench.policy_views import rule_lines

        return rule_lines(self._reading(name).policy)

    def findings(self, name: str) -> list[PolicyFinding]:
        """Return what was found in it."""
        from epm.cli.workbench.policy_views import finding_lines

        return finding_lines(self._reading(name))

    def decide(self, name: str, event: Mapping[str, str]) -> PolicyVerdict:
        """Decide an event; host names are resolved first, time-limited."""
        from epm.armr.engine import host_names
        from epm.cli.resolve import resolve
        from epm.cli.workbench.policy_views import verdict_of

        reading = self._reading(name)
        if reading.error is not None:
            raise reading.error
        origin = Origin(socket.gethostname(), _APP, str(os.getpid()))
        resolved = resolve(host_names(reading.policy))
        return verdict_of(reading.policy, event, resolved, origin, utc_now())

    # ------------------------------------------------------------------------- reading

    def _status(self, name: str) -> os.stat_result:
        try:
            return (self.path / name).stat()
        except FileNotFoundError:
            raise NotFoundError(f"{name} is not there any more") from None
        except OSError as error:
            raise unreadable(self.path / name, error.strerror) from None

    def _reading(self, name: str) -> Reading:
        """Return what a file holds; kept until the file changes.

        Raises:
            NotFoundError: it is not there any more.
            FileUnavailableError: it cannot be read, or is no file.
            RuleFileError: it is too large, or not UTF-8.
        """
        from epm.cli.workbench.policy_views import reading_of

        status = self._status(name)
        stamp = _Stamp(status.st_ino, status.st_size, status.st_mtime_ns)
        kept = self._read.pop(name, None)
        if kept is None or kept[0] != stamp:
            kept = (stamp, reading_of(_text(self.path / name), name))
        self._read[name] = kept
        while len(self._read) > _KEPT:
            del self._read[next(iter(self._read))]  # the one that was not asked for longest
        return kept[1]


def _text(path: Path) -> str:
    """Return a policy's text."""
    try:
        with open_plain(path) as (stream, _):
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotFoundError(f"{path.name} is not there any more") from None
    if len(content) > MAX_BYTES:
        raise RuleFileError(f"{path.name}: larger than {MAX_BYTES >> 20} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleFileError(f"{path.name}: not UTF-8 at byte {error.start}") from None
