"""An ARMR policy in force while a program runs: loaded whole, swapped whole, its log."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from datetime import datetime

from epm import __version__
from epm.armr import policy as transitions
from epm.armr.decider import ArmrDecider, ArmrDecision
from epm.armr.engine import SocketEngine, host_names
from epm.armr.events import PolicyEvent, log_line, policy_line, socket_line
from epm.armr.leef_events import leef_form
from epm.armr.model import Policy
from epm.armr.policy import Transition
from epm.cli.live import Background, Stamp, Warn
from epm.cli.resolve import Resolver
from epm.errors import FileUnavailableError
from epm.events import ExitEvent
from epm.model import FailMode
from epm.syslog5424 import Origin

APP_NAME = "epm"
LEEF_ENDING = ".leef"


class ArmrLog:
    """The file that events are added to, one line each: CEF, or LEEF by its ending.

    Threads share it.

    INVARIANT: a line is one write to a file opened for appending, so lines never mix.
    """

    def __init__(self, path: str | None, clock: Callable[[], datetime]) -> None:
        """Open the file, private; ``-`` is standard error, ``None`` writes nothing.

        Raises:
            FileUnavailableError: it cannot be opened.
        """
        self._clock = clock
        self._host = socket.gethostname()
        self._name = "standard error" if path == "-" else str(path)
        is_leef = path is not None and path.lower().endswith(LEEF_ENDING)
        self._form = leef_form(__version__) if is_leef else log_line
        self._torn = False
        self._descriptor: int | None = None
        if path == "-":
            self._descriptor = os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2)
        elif path is not None:
            try:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
                self._descriptor = os.open(path, flags, 0o600)
            except OSError as error:
                raise self._unwritable(error.strerror) from None

    def policy_event(self, event: PolicyEvent) -> None:
        """Write what befell the policy.

        Raises:
            FileUnavailableError: it cannot be written.
        """
        if self._descriptor is not None:
            origin = Origin(self._host, APP_NAME, str(os.getpid()))
            self._write(policy_line(event, origin, self._clock(), form=self._form))

    def decided(self, event: ExitEvent) -> None:
        """Write the events of a call, before the call is answered.

        The program that made it is what the vendor's agent would run in: its name and process.

        Raises:
            FileUnavailableError: it cannot be written.
        """
        decision = event.decision
        if self._descriptor is None or not isinstance(decision, ArmrDecision):
            return
        origin = Origin(self._host, event.job.name, str(event.job.number))
        at = self._clock()
        for step in decision.steps:
            line = socket_line(step, origin, at, enforced=event.enforced, form=self._form)
            if line is not None:
                self._write(line)

    def _write(self, line: str) -> None:
        assert self._descriptor is not None
        # What a full disk has cut off must not swallow the event behind it.
        data = b"\n" * self._torn + line.encode("utf-8", "replace") + b"\n"
        try:
            written = os.write(self._descriptor, data)
        except OSError as error:
            raise self._unwritable(error.strerror) from None
        self._torn = written < len(data)
        if self._torn:
            raise self._unwritable("an event was not written whole")

    def _unwritable(self, why: str | None) -> FileUnavailableError:
        return FileUnavailableError(f"{self._name}: cannot be written: {why}")

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class ArmrRules:
    """Holds the decider in force.

    INVARIANT: one reference, replaced by one assignment, so a call is decided wholly by one
    policy. A file that is not good leaves the last good policy in force.
    """

    def __init__(self, text: str, source: str, log: ArmrLog, warn: Warn) -> None:
        """Load the first policy; host names are resolved by :meth:`begin`.

        Raises:
            ArmrError: the file is refused; that is logged first.
            RuleError: it holds more rules than can be.
        """
        self._source = source
        self._log = log
        self._warn = warn
        self._resolver = Resolver()
        self._lock = threading.Lock()
        self._background = Background(warn)
        self._names_wanted = threading.Event()
        self._policy = Policy()
        self._decider = ArmrDecider(SocketEngine(self._policy))
        self._take(transitions.load(None, text, source))

    def current(self) -> ArmrDecider:
        """Return the decider in force."""
        return self._decider

    def fail_mode(self) -> FailMode:
        """Return what an error inside the decision path answers: it closes."""
        return FailMode.CLOSED

    def begin(self) -> None:
        """Resolve host names once, time-limited, and warn of those that are not.

        It may leave a thread behind that waits for the name service: after any fork only.
        """
        self._refresh_names()
        for name in host_names(self._policy):
            if name not in self._resolver.resolved:
                self._warn(f"host name {name!r} was not resolved: its rules do not apply")

    def reload(self, text: str) -> None:
        """Put the policy of a new text in force.

        Raises:
            ArmrError: it is refused and the last good policy stays; that is logged first.
        """
        transition = transitions.load(self._policy, text, self._source)
        names = host_names(transition.policy)
        if not all(name in self._resolver.resolved for name in names):
            # Before it is in force: a rule whose name is still being looked up does not protect.
            self._resolver.refresh(names)
        self._take(transition)
        self._names_wanted.set()

    def _take(self, transition: Transition) -> None:
        if transition.error is None:
            # Compiled before it is said to be loaded: an error here is one of loading.
            engine = SocketEngine(transition.policy, self._resolver.resolved)
            try:
                # Said before it decides: no rule acts in the log before it is loaded there.
                self._say(transition)
            finally:
                with self._lock:
                    self._policy, self._decider = transition.policy, ArmrDecider(engine)
            for finding in transition.findings:
                self._warn(finding.line(self._source))
            return
        self._say(transition)
        raise transition.error

    def _say(self, transition: Transition) -> None:
        for event in transition.events:
            self._log.policy_event(event)

    def _refresh_names(self) -> None:
        names = host_names(self._policy)
        if names and self._resolver.refresh(names):
            with self._lock:
                engine = SocketEngine(self._policy, self._resolver.resolved)
                self._decider = ArmrDecider(engine)

    def follow_file(self, path: str, seen: Stamp) -> Callable[[], None]:
        """Return what starts following the policy file after the state ``seen``."""
        return self._background.follow_file(path, seen, self.reload)

    def follow_names(self) -> None:
        """Start refreshing the addresses of host names, now and then and when asked."""
        self._background.follow_names(self._refresh_names, self._names_wanted)

    def close(self) -> None:
        """Take the policy out of force, which is logged, and ask the threads to end."""
        self._background.close()
        self._names_wanted.set()
        self._take(transitions.unload(self._policy))
