"""Times the workbench in a real terminal: a list of 100 and one of 100,000 rules.

Run it as ``python benchmarks/workbench.py``; it needs tmux. The terminal is a tmux of its own in
control mode, which reports what the program paints at the moment when it does: from the key that
is sent to the last row of the new page. Then every panel is built to text in this process, over
the same store. It prints medians in milliseconds and the ratio of the two sizes.
"""

from __future__ import annotations

import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from db.history import Actor
from db.store import Store
from epm.cli.app import App
from epm.cli.settings import load_settings
from epm.cli.workbench.commands import PICTURES
from epm.cli.workbench.desk import desk_for
from epm.model import (
    LOCAL_SYSTEM,
    Condition,
    Connector,
    Field,
    Flag,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
    shipped_default,
)
from tui.panels.main_menu import MainMenu
from tui.services import Desk
from tui.session import Session

ROOT = Path(__file__).resolve().parents[1]
WHO = Actor("BENCH", "here")
SIZES = (100, 100_000)
PAGES = 8  # pages that fit 100 rules
ROUNDS = 10


def rule_set(count: int) -> RuleSet:
    conditions = (
        Condition(10, Connector.AND, Field.RMTADDR, Operator.EQ, "10.0.0.0/24"),
        Condition(20, Connector.AND, Field.LCLPORT, Operator.EQ, "22"),
    )
    rules = (
        *(
            Rule(n, f"Rule number {n}", Flag.NO, active=True, conditions=conditions)
            for n in range(1, min(count, 99_998) + 1)
        ),
        shipped_default(),
    )
    return RuleSet(servers={**RuleSet().servers, Server.ACCEPT: ServerRules(False, rules)})


def make_store(folder: Path, count: int) -> str:
    url = f"sqlite:///{folder / f'{count}.db'}"
    store = Store.init(url)
    seen = store.revision(LOCAL_SYSTEM)
    store.save(
        LOCAL_SYSTEM, rule_set(count), "", seen=seen, who=WHO, action="import", object="benchmark"
    )
    store.close()
    return url


# ------------------------------------------------------------------------------- terminal

_ESCAPED = re.compile(rb"\\([0-7]{3})")
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A tmux of 80 x 24 in control mode."""

    def __init__(self, folder: Path, command: str) -> None:
        environment = {**os.environ, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        self._process = subprocess.Popen(
            ["tmux", "-C", "-u", "-S", str(folder / "tmux"), "-f", "/dev/null",
             "new-session", "-x", "80", "-y", "24", "-s", "epm", command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment,
        )  # fmt: skip
        self._painted = ""

    def _tell(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Read what is painted until a text is in it."""
        assert self._process.stdout is not None
        until = monotonic() + seconds
        while text not in self._painted:
            line = self._process.stdout.readline()
            if not line or monotonic() > until:
                raise SystemExit(f"{text!r} was not painted; last: {self._painted[-300:]!r}")
            if line.startswith(b"%output"):
                raw = _ESCAPED.sub(lambda m: bytes([int(m[1], 8)]), line.split(b" ", 2)[2])
                shown = _SEQUENCE.sub("", raw.decode("utf-8", "replace").rstrip("\n"))
                self._painted = self._painted[-8000:] + shown

    def time(self, key: str, text: str) -> float:
        """Send a key and return the milliseconds until a text is painted."""
        self._painted = ""
        start = perf_counter()
        self._tell(f"send-keys -t epm {key}")
        self.wait_for(text)
        return 1000 * (perf_counter() - start)

    def close(self) -> None:
        """End the terminal and what runs in it."""
        self._tell("kill-server")
        self._process.wait(10)


@contextmanager
def workbench(folder: Path, url: str) -> Iterator[Terminal]:
    words = [sys.executable, "-P", "-m", "epm", "tui"]
    where = ["env", f"EPM_DB={url}", f"PYTHONPATH={ROOT}", f"XDG_DATA_HOME={folder}"]
    terminal = Terminal(folder, shlex.join([*where, *words]))
    try:
        terminal.wait_for("Main Menu")
        yield terminal
    finally:
        terminal.close()


def in_terminal(folder: Path, url: str) -> dict[str, list[float]]:
    opened: list[float] = []
    rolled: list[float] = []
    back: list[float] = []
    with workbench(folder, url) as terminal:
        for _ in range(ROUNDS):
            terminal.time("1", "===> 1")
            opened.append(terminal.time("Enter", "Rule number 10 "))
            forward = range(2, PAGES + 1)
            rolled.extend(terminal.time("NPage", f"Rule number {10 * p} ") for p in forward)
            backward = range(PAGES - 1, 0, -1)
            back.extend(terminal.time("PPage", f"Rule number {10 * p} ") for p in backward)
            terminal.time("F12", "Select one of the following")
    return {"open the list": opened, "roll up": rolled, "roll down": back}


# ------------------------------------------------------------------------------ in process


def median(action: Callable[[], object], runs: int = 200) -> float:
    times = []
    for _ in range(runs):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return 1000 * statistics.median(times)


class Remembered:
    """A service whose answers are at hand once they were given."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self._answers: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*given: Any, **named: Any) -> Any:
            key = f"{name}{given}{named}"
            if key not in self._answers:
                self._answers[key] = getattr(self._service, name)(*given, **named)
            return self._answers[key]

        return ask


def remembering(desk: Desk) -> Desk:
    """Return a desk that reads nothing twice, to time what the panels do themselves."""
    names = [f.name for f in fields(desk) if f.name not in ("user", "system", "clock")]
    return replace(desk, **{name: Remembered(getattr(desk, name)) for name in names})


def built(url: str) -> dict[str, tuple[float, float]]:
    """Panel -> milliseconds to build it to 24 lines: with its data at hand, and read anew."""
    app = App(load_settings({"db": url, "system": None}, {}))
    times = {}
    for name, keys in PICTURES.items():
        each = []
        for desk in (remembering(desk_for(app)), desk_for(app)):
            session = Session(desk, MainMenu())
            for key in keys:
                session.press(key, key if len(key) == 1 else None)
            each.append(median(lambda s=session: (s.redraw(), s.display.lines())))
        if name == "main" or session.panel is not session.first:  # some need a journal
            times[name] = (each[0], each[1])
    app.close()
    return times


def report_terminal(times: dict[int, dict[str, list[float]]]) -> None:
    small, large = SIZES
    print(f"\n{'in tmux, 80 x 24, milliseconds':<34}{small:>9} rules{large:>9} rules    ratio")
    for what in times[small]:
        medians = [statistics.median(times[size][what]) for size in SIZES]
        print(
            f"  {what:<32}{medians[0]:>15.1f}{medians[1]:>15.1f}{medians[1] / medians[0]:>9.2f}"
            f"   (slowest {max(times[large][what]):.1f})"
        )


def report_built(times: dict[int, dict[str, tuple[float, float]]]) -> None:
    small, large = SIZES
    heads = ("built to text", "ratio", "with reading", "ratio")
    print(f"\n{f'a whole panel, ms, {large} rules':<34}" + "".join(f"{h:>14}" for h in heads))
    for name, (built_large, read_large) in times[large].items():
        built_small, read_small = times[small][name]
        cells = (built_large, built_large / built_small, read_large, read_large / read_small)
        print(f"  {name:<32}" + "".join(f"{cell:>14.2f}" for cell in cells))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        urls = {size: make_store(folder, size) for size in SIZES}
        report_terminal({size: in_terminal(folder, urls[size]) for size in SIZES})
        report_built({size: built(urls[size]) for size in SIZES})


if __name__ == "__main__":
    main()
