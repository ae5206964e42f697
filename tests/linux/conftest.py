"""Fixtures of the live supervisor's tests.

Tests marked ``real`` need a kernel that lets us supervise. Where the self-test says no they are
skipped with its reason; with EPM_REQUIRE_REAL=1 they fail.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import ports
from tests.support.real import unavailable

HERE = Path(__file__).parent
DRIVER = HERE / "driver.py"
TARGETS = HERE / "targets"


@pytest.fixture(scope="session")
def kernel_reason():
    """Why supervision cannot work here; empty where it does. A self-test that breaks fails."""
    done = subprocess.run(
        [sys.executable, DRIVER, "--selftest"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode in (0, 3), done.stderr
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _needs_kernel(request):
    if request.node.get_closest_marker("real"):
        reason = request.getfixturevalue("kernel_reason")
        if reason:
            unavailable(f"the self-test of supervision says: {reason}")


@dataclass
class Outcome:
    """What a supervised program did."""

    status: int
    out: str
    err: str
    log: list

    def exits(self, name):
        return [entry for entry in self.log if entry.get("exit") == name]

    def events(self, kind):
        return [entry for entry in self.log if entry.get("sk") == kind]

    @property
    def warnings(self):
        return [entry["warning"] for entry in self.log if "warning" in entry]

    @property
    def counts(self):
        return self.log[-1]["counts"]


class Supervise:
    """Runs programs natively and supervised."""

    def __init__(self, folder):
        self.folder = folder
        self.number = 0
        self.started = []

    def command(self, *command, **config):
        """Return the command line that supervises, and the log it writes."""
        self.number += 1
        log = self.folder / f"log{self.number}"
        log.touch()
        log.chmod(0o666)
        config["log"] = str(log)
        return [sys.executable, str(DRIVER), json.dumps(config), *map(str, command)], log

    def __call__(self, *command, timeout=60, user=None, **config):
        line, log = self.command(*command, **config)
        extra = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, **extra
        )
        return Outcome(done.returncode, done.stdout, done.stderr, read_log(log))

    def start(self, *command, **config):
        """Start a supervised program; what is left of it at the test's end is killed."""
        line, log = self.command(*command, **config)
        process = subprocess.Popen(
            line,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process, log

    def end(self):
        """Kill what a test that failed has left running."""
        for process in self.started:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()

    def python(self, script, *arguments, **config):
        """Supervise one of the target scripts."""
        return self(sys.executable, TARGETS / script, *arguments, **config)

    def target(self, script):
        """Return the path of a target script."""
        return TARGETS / script

    def natively(self, script, *arguments):
        """Run a target script as it is; return what it wrote."""
        line = [sys.executable, str(TARGETS / script), *map(str, arguments)]
        return subprocess.run(line, capture_output=True, text=True, timeout=60).stdout


def read_log(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def open_folder():
    """A folder that other users may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="epm-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def supervise(open_folder):
    runner = Supervise(open_folder)
    yield runner
    runner.end()


@pytest.fixture(scope="session")
def supervise_in():
    """Make a supervising runner for another folder."""
    return Supervise


@pytest.fixture
def script(tmp_path):
    """Write a Python program for the target; return its path."""

    def write(text):
        path = tmp_path / "target.py"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def server():
    """A loopback listener outside of supervision, with room for many."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(500)
        yield listener


@pytest.fixture
def free_port():
    """Find a loopback port that nobody uses."""
    return ports.free_port


@pytest.fixture
def need():
    """Return the path of a program, or skip."""

    def find(name):
        path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
        if path is None:
            unavailable(f"{name} is not installed")
        return path

    return find


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Compile a C source of the targets once; return the program's path."""
    folder = tmp_path_factory.mktemp("compiled")
    folder.chmod(0o755)
    built = {}

    def build(source, *flags):
        key = (source, flags)
        if key not in built:
            gcc = shutil.which("gcc")
            if gcc is None:
                unavailable("gcc is not installed")
            program = folder / f"{Path(source).stem}{len(built)}"
            done = subprocess.run(
                [gcc, "-O1", *flags, "-o", program, TARGETS / source],
                capture_output=True,
                text=True,
            )
            if done.returncode:
                unavailable(f"gcc {' '.join(flags)}: {done.stderr.splitlines()[0]}")
            built[key] = program
        return built[key]

    return build
