"""Whether this kernel lets ``epm run`` work: tests of it are skipped where it does not."""

from __future__ import annotations

from epm.errors import UnsupportedError
from tests.support.real import unavailable


def require_supervision() -> None:
    """Skip the test where supervision cannot work; fail it where real parts are required."""
    from simulators.linux.selftest import selftest

    try:
        selftest()
    except UnsupportedError as error:
        unavailable(str(error))
