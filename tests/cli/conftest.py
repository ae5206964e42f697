"""A command line with a store and a journal of its own."""

from __future__ import annotations

import pytest

from tests.support.command_line import CommandLine


@pytest.fixture
def epm(tmp_path, capfd, monkeypatch):
    """A command line whose store is not made yet."""
    return CommandLine(tmp_path, capfd, monkeypatch)


@pytest.fixture
def store(epm):
    """A command line with an empty store."""
    assert epm("init").code == 0
    return epm
