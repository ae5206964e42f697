"""A simulated IBM i for the adapter's tests, ways to it, and what it looks like from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from epm.addresses import parse_address
from epm.cli.simulate_xmlservice import sk_data
from epm.errors import RemoteError
from epm.events import Endpoint
from exitprograms.formats import acpt0100, conn0100
from exitprograms.ibmi.client import Client, Row
from exitprograms.ibmi.programs import ProgramCall
from simulators.ibmi.compiler import CSource
from simulators.ibmi.sample import ADMINISTRATOR, User, sample_system, sample_users
from simulators.ibmi.system import System
from simulators.xmlservice.service import Service

PASSWORD = "Can4ry-in-a-mine"
BEGIN = datetime(2026, 11, 21, 10)


class QuickCompiler:
    """Takes any source and makes a program that rejects: for tests of the steps, not of the C."""

    def compile(self, source: CSource) -> object:
        return source

    def bind(self, name: str, modules: Sequence[object], entry: str | None) -> object:
        def code(_context: object, parameters: list[bytearray]) -> bytes:
            parameters[1][:1] = b"\xf1"
            return b""

        return code

    def export(self, name: str, modules: Sequence[object]) -> dict[str, object]:
        return {}


class Clock:
    """A clock that goes on a second with each look."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def allows(_context: object, parameters: list[bytearray]) -> bytes:
    """Another product's exit program."""
    parameters[1][:1] = b"\xf0"
    return b""


def machine(compiler: object | None = None, **more: object) -> System:
    """A system with users of every kind, and EPMAUD, who administers but may not audit."""
    users = [*sample_users(PASSWORD), User("QTCPUSR", PASSWORD)]
    users.append(User("EPMNOSEC", PASSWORD, ADMINISTRATOR - {"*SECADM"}))
    return sample_system(
        more.pop("clock", Clock()), users, sk_encoder=sk_data,
        compiler=QuickCompiler() if compiler is None else compiler, **more,
    )  # fmt: skip


class Inside:
    """A carrier that asks the service in this process: no transport, every document real."""

    def __init__(self, system: System, user: str = "EPMADM") -> None:
        self.service = Service(system)
        self._user = user

    def call(self, toolkit) -> str:
        return self.service.answer(self._user, "*na", "*here *cdata", toolkit.xml_in(), 15_000_000)

    def close(self) -> None:
        self.service.close()


def client_of(system: System, user: str = "EPMADM") -> Client:
    return Client(Inside(system, user), "inside")


@dataclass
class Faulty:
    """A way to a system that breaks at one change: before it is made, or its answer is lost."""

    remote: Client
    at: int
    after: bool
    made: int = 0
    changes: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        return self.remote.where

    def command(self, text: str) -> None:
        self._change(text, lambda: self.remote.command(text))

    def statement(self, statement: str) -> None:
        self._change(statement, lambda: self.remote.statement(statement))

    def change(self, calls: Sequence[ProgramCall]) -> None:
        self._change(calls[0].text(), lambda: self.remote.change(calls))

    def query(self, statement: str) -> list[Row]:
        return self.remote.query(statement)

    def retrieve(self, calls: Sequence[ProgramCall]) -> list[list[str]]:
        return self.remote.retrieve(calls)

    def _change(self, text: str, make: Callable[[], None]) -> None:
        self.made += 1
        self.changes.append(text)
        broken = self.made == self.at
        if not broken or self.after:
            make()
        if broken:
            raise RemoteError(f"{self.where}: the connection broke")


def picture(system: System) -> object:
    """Everything of a system that attaching may change, to be compared."""
    state = system.state
    objects = {
        (home.name, item.name, item.type): (item.owner, item.text, item.attribute)
        for home in state.libraries
        for item in home.objects.values()
        if item.type != "*USRPRF"
    }
    registered = {
        (point.name, p.number): (p.qualified, p.text) for point in state.registration
        for p in point.programs
    }  # fmt: skip
    profiles = {p.name for p in state.profiles}
    return objects, registered, profiles, dict(state.files.files), set(state.files.directories)


def accept_block(remote: str, port: int = 22) -> bytes:
    bound = Endpoint(parse_address("0.0.0.0"), port)
    local = Endpoint(parse_address("192.168.1.10"), port)
    return acpt0100.encode(acpt0100.Accept(bound, local, Endpoint(parse_address(remote), 50000)))


def connect_block(remote: str, port: int) -> bytes:
    local = Endpoint(parse_address("192.168.1.10"), 40000)
    return conn0100.encode(conn0100.Connect(local, Endpoint(parse_address(remote), port)))
