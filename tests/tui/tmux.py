"""A real terminal: a tmux server of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time

from tests.support.real import unavailable


class Terminal:
    """A terminal of 80 x 24, unless it is started with another size."""

    def __init__(self, folder):
        if shutil.which("tmux") is None:
            unavailable("tmux is needed")
        self._base = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", "/dev/null"]

    def __call__(self, *words):
        environment = {**os.environ, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        return subprocess.run(
            [*self._base, *words], capture_output=True, text=True, timeout=20, check=False,
            env=environment,
        ).stdout  # fmt: skip

    def start(self, command, columns=80, rows=24):
        size = ("-x", str(columns), "-y", str(rows))
        self("new-session", "-d", *size, "-s", "epm", command)

    def press(self, *keys):
        self("send-keys", "-t", "epm", *keys)

    def screen(self, *options):
        return self("capture-pane", "-p", *options, "-t", "epm")

    def wait_for(self, text):
        return self.wait_for_match(re.escape(text))

    def wait_for_match(self, pattern):
        """Wait until a pattern is on the screen, which may be painted in parts."""
        until = time.monotonic() + 15
        while not re.search(pattern, shown := self.screen(), re.MULTILINE):
            assert time.monotonic() < until, shown
            time.sleep(0.03)
        return shown

    def resize(self, columns, rows):
        self("resize-window", "-t", "epm", "-x", str(columns), "-y", str(rows))
