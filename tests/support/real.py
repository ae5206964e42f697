"""Real parts that a test needs: what happens where one is missing."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test; fail it where real parts are required (``EPM_REQUIRE_REAL=1``, as in CI)."""
    if os.environ.get("EPM_REQUIRE_REAL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
