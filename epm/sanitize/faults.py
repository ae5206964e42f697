"""Why a body cannot be read; never leaves this package."""

from __future__ import annotations

from epm.errors import CallError


class BodyError(CallError):
    """A body that is not what its content type says, or is beyond a limit."""
