"""The simulated IBM i: users sign on, jobs start, sockets are called."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.ibmi.job import SystemJob
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import JobDescription
from simulators.ibmi.profiles import refused
from simulators.ibmi.sockets import SocketAnswer, ask
from simulators.ibmi.state import SystemState
from simulators.xmlservice.host import Job, SignOnError


class System:
    """A system that users sign on to; :mod:`simulators.xmlservice.host` calls it a host.

    Attributes:
        state: everything that its jobs share.
    """

    def __init__(self, state: SystemState) -> None:
        """Take a state, as :func:`simulators.ibmi.sample.sample_system` makes one."""
        self.state = state
        self._pinned: set[tuple[str, str, int]] = set()

    def sign_on(self, user: str, password: str) -> None:
        """Check a user profile and password.

        Raises:
            SignOnError: refused, and why.
        """
        with self.state.lock:
            try:
                self.state.profiles.check(user, password, self.state.values.most_sign_on_failures)
            except EscapeError as error:
                raise refused(error) from error

    def start_job(self, user: str, *, name: str = "QSQSRVR", description: str | None = None) -> Job:
        """Start a job for a user; ``description`` is ``LIB/JOBD/JOB`` of a submitted one.

        Raises:
            SignOnError: there is no such user profile, or no such job description.
        """
        return self.job(user, name=name, description=description)

    def job(self, user: str, *, name: str = "QSQSRVR", description: str | None = None) -> SystemJob:
        """As :meth:`start_job`; the job's :attr:`~SystemJob.state` can be looked into."""
        with self.state.lock:
            parts = _described(description)
            try:
                profile = self.state.profiles.known(user)
                jobd = self._description(parts[:2] or profile.job_description.split("/"))
            except EscapeError as error:
                raise refused(error) from error
            job = JobState(
                self.state,
                profile,
                (parts[2] if len(parts) > 2 else name).upper()[:10],
                self.state.next_job_number(),
                "QSYSWRK" if description is None else "QBATCH",
            )
            job.user_libraries = list(jobd.libraries)
            job.submit = self._submit
            return SystemJob(job)

    def _submit(
        self, user: str, name: str, command: str, libraries: Sequence[str] | None = None
    ) -> str:
        """Run a command in a batch job of its own; what became of it is in that job's log."""
        job = self.job(user, name=name, description="QGPL/QDFTJOBD/" + name)
        if libraries is not None:
            job.state.user_libraries = list(libraries)
        try:
            job.command(command)
            return job.state.qualified_name
        finally:
            job.end()
            self._pinned = {key for key in self._pinned if key[1] != job.number}

    def socket_call(self, format_name: str, block: bytes, job: SystemJob) -> SocketAnswer:
        """Ask the exit programs of a socket call and write its audit entry.

        Args:
            format_name: ``ACPT0100``, ``CONN0100`` or ``LSTN0100``.
            block: the exit point's data.
            job: the job that makes the call.

        Raises:
            EscapeError: there is no such format, or the entry cannot be written.
        """
        with self.state.lock:
            return ask(job.state, format_name, block, self._pinned)

    def _description(self, parts: Sequence[str]) -> JobDescription:
        library, name = parts
        found = self.state.object(library, name, "*JOBD")
        if found is None or not isinstance(found.data, JobDescription):
            raise EscapeError("CPF1113", name, library)
        return found.data


def _described(description: str | None) -> list[str]:
    """Return the parts of ``LIB/JOBD/JOB``; a missing part is left out, from the right."""
    if not description:
        return []
    parts = [p.strip().upper() for p in description.split("/")]
    if not 2 <= len(parts) <= 3:
        raise SignOnError(f"Job description {description} is not LIB/JOBD/JOB.", "08001", -30080)
    return parts
