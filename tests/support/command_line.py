"""The command ``epm`` as tests drive it: in this process, or as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class CommandLine:
    """Runs ``epm`` in a folder that has its store and its journal, whatever the user's are."""

    def __init__(
        self, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self._capfd = capfd
        self.db = f"sqlite:///{folder / 'epm.db'}"
        # The processes must run this checkout, whatever else is installed.
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        for name in list(os.environ):
            if name.startswith("EPM_") and name != "EPM_REQUIRE_REAL":
                monkeypatch.delenv(name)
        monkeypatch.setenv("EPM_DB", self.db)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
        monkeypatch.chdir(folder)

    def __call__(self, *words: object) -> Outcome:
        """Run it here."""
        from epm.cli.main import main

        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(w) for w in words])
        out, err = self._capfd.readouterr()
        assert "Traceback" not in err
        return Outcome(int(ended.value.code or 0), out, err)

    def process(self, *words: object, **options: Any) -> Outcome:
        """Run it as a process; real standard streams and signals."""
        done = subprocess.run(
            command(*words), capture_output=True, text=True, timeout=60, check=False, **options
        )
        assert "Traceback" not in done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def command(*words: object) -> list[str]:
    """Return the command line of a process."""
    return [sys.executable, "-P", "-m", "epm", *map(str, words)]


@contextlib.contextmanager
def started(*words: object) -> Iterator[subprocess.Popen[str]]:
    """Run ``epm`` as a process for as long as the block lasts."""
    process = subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        # Closed, not read to the end: what it has run may still hold the other ends.
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()
        process.wait()
