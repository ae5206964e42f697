"""Where ``epm run`` records: the journal first, then messages, captures and who else listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.clock import utc_now
from epm.cli.in_force import InForce
from epm.cli.output import warn
from epm.errors import EpmError, JournalError
from epm.events import SocketEvent

if TYPE_CHECKING:
    from db.activity_writer import ActivityWriter
    from epm.ports import DecisionSink, Sink, SocketSink
    from exitprograms.program import ExitProgram


class Recorder:
    """Records SK entries; when one cannot be, the fail mode answers for the call."""

    def __init__(self, sink: SocketSink, program: ExitProgram) -> None:
        self._sink = sink
        self._program = program

    def socket_event(self, event: SocketEvent) -> None:
        """Record one SK entry.

        Raises:
            JournalError: it cannot be recorded, and the fail mode is closed.
        """
        try:
            self._sink.socket_event(event)
        except JournalError as error:
            if not self._program.goes_on_unrecorded(error, "a socket event"):
                raise


def open_sink(app: App, force: InForce) -> tuple[Sink, list[Callable[[], None]]]:
    """Return where answers are recorded, and what starts its threads.

    With rules of a file the store is only for messages and captures, so it may be missing.
    """
    from db.activity import Activity
    from db.activity_writer import ActivityWriter
    from exitprograms.sinks import FanOut
    from journal.sink import JournalSink

    make_store = not force.has_store
    journal = app.open_journal(force.journal)
    starts: list[Callable[[], None]] = [journal.start]
    others: list[DecisionSink] = list(force.sinks)
    try:
        activity = ActivityWriter(
            Activity(app.store(create=make_store), app.system),
            clock=utc_now,
            on_error=lambda error: warn(f"messages and captures wait: {error}"),
        )
        app.on_close(lambda: _close(activity))
        starts.append(activity.start)
        others.append(activity)
    except EpmError as error:
        if not make_store:
            raise
        warn(f"messages and captures are not kept: {error}")
    return FanOut(JournalSink(journal), others, warn=warn), starts


def _close(activity: ActivityWriter) -> None:
    lost = activity.close()
    if lost:
        warn(f"{lost} messages and captures could not be written")
