"""Commands, SQL and programs on an IBM i, one request at a time, each with a checked answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from xml.etree import ElementTree

from epm.errors import RemoteError
from exitprograms.ibmi.answers import (
    ActionFailedError,
    Failure,
    failure_of,
    is_empty_result,
    read_answer,
    rows_of,
)
from exitprograms.ibmi.programs import ProgramCall
from exitprograms.ibmi.transports import Carrier

#: XMLSERVICE copies a command through a variable of 3,000 bytes.
MAX_COMMAND = 2990
#: Statements are kept below what the smallest of its buffers takes.
MAX_STATEMENT = 30_000

Row = dict[str, str | None]


class Remote(Protocol):
    """What the steps of attaching and deploying need of a system."""

    @property
    def where(self) -> str:
        """The system's address, for messages."""
        ...

    def command(self, text: str) -> None:
        """Run a CL command.

        Raises:
            ActionFailedError: it was refused.
        """
        ...

    def query(self, statement: str) -> list[Row]:
        """Return the rows of a query.

        Raises:
            ActionFailedError: it failed.
        """
        ...

    def statement(self, statement: str) -> None:
        """Run a statement without a result.

        Raises:
            ActionFailedError: it failed.
        """
        ...

    def change(self, calls: Sequence[ProgramCall]) -> None:
        """Call programs that change something, in order, in one request.

        Raises:
            ActionFailedError: one of them failed; those after it may have run.
        """
        ...

    def retrieve(self, calls: Sequence[ProgramCall]) -> list[list[str]]:
        """Call programs that only read; return the output of each.

        Raises:
            ActionFailedError: one of them failed.
        """
        ...


@dataclass(slots=True)
class Client:
    """A system over one carrier.

    Attributes:
        user: the user profile, for messages.
    """

    carrier: Carrier
    where: str
    user: str = ""

    def command(self, text: str) -> None:
        """Run a CL command; a failure carries its message id and the job log."""
        from itoolkit import iCmd

        if len(text.encode()) > MAX_COMMAND:
            raise RemoteError(f"{self.where}: a command of more than {MAX_COMMAND} bytes")
        # exec=system gives the message id; error=off adds the job log, with its text.
        answer = self._call([iCmd("epm", text, {"exec": "system", "error": "off"})])
        self._checked(answer, text.partition(" ")[0])

    def query(self, statement: str) -> list[Row]:
        """Return the rows of a query."""
        from itoolkit import iSqlFetch, iSqlFree, iSqlQuery

        actions = [
            iSqlQuery("epm", statement, {"error": "off"}),
            iSqlFetch("rows", {"error": "off"}),
            iSqlFree("free"),
        ]
        answer = self._call(actions)
        failure = _first_failure(answer, ("query", "fetch"))
        if failure is not None and not is_empty_result(failure):
            raise ActionFailedError(f"{self.where}: {_short(statement)}", failure)
        self._answered(answer, "fetch", statement)
        return rows_of(answer)

    def statement(self, statement: str) -> None:
        """Run a statement without a result."""
        from itoolkit import iSqlFree, iSqlQuery

        if len(statement) > MAX_STATEMENT:
            raise RemoteError(f"{self.where}: a statement of more than {MAX_STATEMENT} characters")
        answer = self._call([iSqlQuery("epm", statement, {"error": "off"}), iSqlFree("free")])
        failure = _first_failure(answer, ("query",))
        if failure is not None and not is_empty_result(failure):
            raise ActionFailedError(f"{self.where}: {_short(statement)}", failure)
        self._answered(answer, "query", statement)

    def change(self, calls: Sequence[ProgramCall]) -> None:
        """Call programs that change something."""
        self.retrieve(calls)

    def retrieve(self, calls: Sequence[ProgramCall]) -> list[list[str]]:
        """Call programs; return the values of each one's output parameters, in order."""
        answer = self._call([call.action(str(n)) for n, call in enumerate(calls)])
        if answer.tag == "report" or answer.find("report") is not None:
            self._checked(answer, calls[0].text())
        elements = list(answer.iter("pgm"))
        if len(elements) != len(calls):
            raise RemoteError(f"{self.where}: {len(elements)} of {len(calls)} calls were answered")
        results = []
        for call, element in zip(calls, elements, strict=True):
            self._checked(element, call.text())
            results.append([data.text or "" for data in element.iter("data")])
        return results

    def _call(self, actions: Sequence[object]) -> ElementTree.Element:
        from itoolkit import iToolKit

        toolkit = iToolKit()
        for action in actions:
            toolkit.add(action)
        return read_answer(self.carrier.call(toolkit), self.where, self.user)

    def _answered(self, answer: ElementTree.Element, tag: str, statement: str) -> None:
        """Refuse an answer to something else: no rows would be read out of it as "none"."""
        if answer.find(f".//{tag}") is None:
            raise RemoteError(f"{self.where}: {_short(statement)}: the answer is not about that")

    def _checked(self, answer: ElementTree.Element, what: str) -> None:
        failure = failure_of(answer)
        if failure is not None:
            raise ActionFailedError(f"{self.where}: {what}", failure)
        if answer.find(".//success") is None:
            raise RemoteError(f"{self.where}: {what}: the answer says neither success nor failure")


def _first_failure(answer: ElementTree.Element, tags: Sequence[str]) -> Failure | None:
    if answer.tag == "report" or answer.find("report") is not None:
        return failure_of(answer)
    for tag in tags:
        for element in answer.iter(tag):
            failure = failure_of(element)
            if failure is not None:
                return failure
    return None


def _short(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(slots=True)
class DryRun:
    """A system whose changes are only said; what it is asked is asked in truth."""

    remote: Remote
    say: Callable[[str], None]

    @property
    def where(self) -> str:
        """The system's address."""
        return self.remote.where

    def command(self, text: str) -> None:
        """Say a CL command."""
        self.say(f"CL:  {text}")

    def query(self, statement: str) -> list[Row]:
        """Ask."""
        return self.remote.query(statement)

    def statement(self, statement: str) -> None:
        """Say a statement."""
        self.say(f"SQL: {' '.join(statement.split())}")

    def change(self, calls: Sequence[ProgramCall]) -> None:
        """Say calls of programs."""
        for call in calls:
            self.say(f"PGM: {call.text()}")

    def retrieve(self, calls: Sequence[ProgramCall]) -> list[list[str]]:
        """Ask."""
        return self.remote.retrieve(calls)


@dataclass(slots=True)
class Remembering:
    """A system whose answers are kept until something is changed: steps ask the same again.

    For one run of steps by one user; what others change meanwhile is seen at the next change.

    INVARIANT: every change, also one that fails, forgets all answers before it is made and after.
    """

    remote: Remote
    _rows: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The system's address."""
        return self.remote.where

    def command(self, text: str) -> None:
        """Run a CL command."""
        with self._forgetting():
            self.remote.command(text)

    def query(self, statement: str) -> list[Row]:
        """Return the rows of a query, asked once between two changes."""
        if statement not in self._rows:
            self._rows[statement] = self.remote.query(statement)
        return self._rows[statement]

    def statement(self, statement: str) -> None:
        """Run a statement without a result."""
        with self._forgetting():
            self.remote.statement(statement)

    def change(self, calls: Sequence[ProgramCall]) -> None:
        """Call programs that change something."""
        with self._forgetting():
            self.remote.change(calls)

    def retrieve(self, calls: Sequence[ProgramCall]) -> list[list[str]]:
        """Ask: what is read back is never remembered."""
        return self.remote.retrieve(calls)

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        self._rows.clear()
        try:
            yield
        finally:
            self._rows.clear()
