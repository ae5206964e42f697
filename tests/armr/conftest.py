"""The command line with a store and a journal of its own."""

from __future__ import annotations

import pytest

from tests.support.command_line import CommandLine


@pytest.fixture
def epm(tmp_path, capfd, monkeypatch):
    return CommandLine(tmp_path, capfd, monkeypatch)
