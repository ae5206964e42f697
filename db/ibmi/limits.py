"""A limit of time on a call into a driver, whatever the driver makes of its own time-outs.

ODBC's time-outs are the driver's to honour, and not every one does: one waits for ever on a
network that is silent, another refuses to be told. So the call runs in a thread that the caller
leaves behind when its time is over. A connection that was left behind is not to be used again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")
#: Seconds that a cancelled call gets to end, so that usually nothing is left running.
_GRACE = 1.0


def bounded(
    work: Callable[[], _T], seconds: float, cancel: Callable[[], object] | None = None
) -> _T:
    """Return what ``work`` returns, or raise what it raises, within ``seconds``.

    Args:
        work: a call that may block.
        seconds: how long it may take.
        cancel: called, in another thread, when that time is over.

    Raises:
        TimeoutError: it took longer; it may still be running.
    """
    call = _Call(work)
    if not call.ended.wait(seconds):
        if cancel is not None:
            # Until the cancelling has ended too: a driver that is still at it must not meet the
            # end of its statement's life.
            stop = _Call(cancel)
            stop.ended.wait(_GRACE)
            call.ended.wait(_GRACE)
        raise TimeoutError(f"no answer in {seconds:g} s")
    if call.raised is not None:
        raise call.raised
    return call.returned[0]


class _Call(Generic[_T]):
    """A call that runs in a thread of its own from now on."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self.returned: list[_T] = []
        self.raised: BaseException | None = None
        self.ended = threading.Event()
        threading.Thread(target=self._run, name="epm-odbc", daemon=True).start()

    def _run(self) -> None:
        try:
            self.returned.append(self._work())
        except BaseException as error:  # noqa: BLE001 - handed over to the caller's thread
            self.raised = error
        finally:
            self.ended.set()
