"""A journal with a clock of its own, and events to put into it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from epm.addresses import parse_address
from epm.events import Endpoint, ExitEvent, Job, SocketEvent, SocketEventType
from epm.model import Call, Decision, Reason, RuleName, Server, Verdict
from journal.writer import Journal

JOB = Job("sshd", "QTCP", 4711, "/usr/sbin/sshd", ("QPGMR",))


class Clock:
    """Goes on by a millisecond each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def socket_event(number: int = 0, type: str = "A", job: Job = JOB) -> SocketEvent:
    remote = Endpoint(parse_address("10.1.2.3") + number, 50000)
    local = Endpoint(parse_address("192.168.1.10"), 22)
    return SocketEvent(SocketEventType(type), job, local, None if type == "P" else remote, 5)


def exit_event(
    verdict: str = "reject",
    server: Server = Server.ACCEPT,
    *,
    audit: bool = True,
    rmtaddr: str = "10.1.2.3",
    **changes: Any,
) -> ExitEvent:
    call = Call(
        server,
        lcladdr=parse_address("192.168.1.10"),
        lclport=22,
        bndaddr=0 if server is Server.ACCEPT else None,
        bndport=22 if server is Server.ACCEPT else None,
        rmtaddr=parse_address(rmtaddr) if server is not Server.LISTEN else None,
        rmtport=50000 if server is not Server.LISTEN else None,
        backlog=128 if server is Server.LISTEN else None,
        user="QTCP",
        groups=("QPGMR",),
        job="sshd",
        pgm="/usr/sbin/sshd",
        at=datetime(2026, 11, 21, 11, 0, 0),
    )
    decision = Decision(
        server, Verdict(verdict), Reason.RULE, RuleName(10, "Admin subnet"), audit, False, True
    )
    return ExitEvent(call, decision, changes.pop("job", JOB), revision=3, **changes)


@dataclass
class Journals:
    """Opens the journal under test, with settings that tests change."""

    directory: Path
    clock: Clock

    def open(self, **settings: Any) -> Journal:
        values: dict[str, Any] = {
            "journal_name": "EPMJRN",
            "system": "*LOCAL",
            "clock": self.clock,
            "boot": "boot-1",
        }
        return Journal.open(self.directory, **(values | settings))

    def fill(self, count: int, **settings: Any) -> None:
        with self.open(**settings) as journal:
            for number in range(count):
                journal.append(socket_event(number))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journals(tmp_path: Path, clock: Clock) -> Journals:
    return Journals(tmp_path / "EPMJRN", clock)


@pytest.fixture
def make_socket_event() -> Callable[..., SocketEvent]:
    return socket_event


@pytest.fixture
def make_exit_event() -> Callable[..., ExitEvent]:
    return exit_event
