"""A simulated IBM i with a clock of its own, and short ways to run commands, SQL and programs."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from epm.addresses import is_v6
from epm.events import SkData, SocketEvent
from journal.layouts.esd import encode_esd
from journal.layouts.values import SkType
from simulators.ibmi.sample import sample_system, sample_users

PASSWORD = "opensesame"


def address_text(address: int) -> str:
    from epm.addresses import format_address

    return format_address(address)


def encode_sk(event: SocketEvent) -> bytes:
    """The real layout of the journal package, as the composition root hands it in."""
    remote = event.remote
    return encode_esd(
        SkData(
            type=SkType(event.type.value),
            local_address=address_text(event.local.address),
            local_port=event.local.port,
            remote_address=None if remote is None else address_text(remote.address),
            remote_port=None if remote is None else remote.port,
            descriptor=event.descriptor,
            address_family="*IPV6" if is_v6(event.local.address) else "*IPV4",
        )
    )


class World:
    """One system and one job on it."""

    def __init__(self, user="EPMADM", **options):
        self.time = datetime(2026, 11, 21, 10, 0, 0)
        options.setdefault("sk_encoder", encode_sk)
        self.system = sample_system(lambda: self.time, sample_users(PASSWORD), **options)
        self.job = self.system.job(user)

    def as_user(self, user):
        """Another job of another user on the same system."""
        other = object.__new__(World)
        other.time, other.system, other.job = self.time, self.system, self.system.job(user)
        return other

    def tick(self, **by):
        self.time += timedelta(**by)

    def ok(self, command):
        outcome = self.job.command(command)
        assert outcome.ok, (command, outcome.messages)
        return outcome

    def fails(self, command):
        """The id of the escape message that a command ends with."""
        outcome = self.job.command(command)
        assert not outcome.ok, command
        return outcome.messages[-1].id

    def sql(self, statement, *values):
        """All rows of a statement, as text."""
        connection = self.job.sql()
        try:
            cursor = connection.prepare(statement)
            cursor.execute(values)
            return (
                [list(row) for row in cursor.fetch(10_000)] if cursor.columns else cursor.rowcount
            )
        finally:
            connection.commit()
            connection.close()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_world() -> Callable[..., World]:
    return World


@pytest.fixture
def epm(world):
    world.ok("CRTLIB EPM")
    world.ok("CHGLIBL LIBL(EPM QTEMP)")
    world.sql(
        "create table epm.rules (seq integer not null primary key, name varchar(10),"
        " amount decimal(7, 2), flag char(3) default 'N', made timestamp,"
        " raw varchar(4) for bit data)"
    )
    return world
