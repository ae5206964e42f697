"""A command line with a store and a journal of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class CommandLine:
    """Runs ``epm`` in this process, or as a process of its own where that is the point."""

    def __init__(self, folder, capfd, monkeypatch):
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

    def __call__(self, *words):
        from epm.cli.main import main

        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(w) for w in words])
        out, err = self._capfd.readouterr()
        assert "Traceback" not in err
        return Outcome(int(ended.value.code or 0), out, err)

    def process(self, *words, **options):
        """Run it as a process; real standard streams and signals."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "epm", *map(str, words)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )
        assert "Traceback" not in done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def epm(tmp_path, capfd, monkeypatch):
    """A command line whose store is not made yet."""
    return CommandLine(tmp_path, capfd, monkeypatch)


@pytest.fixture
def store(epm):
    """A command line with an empty store."""
    assert epm("init").code == 0
    return epm
