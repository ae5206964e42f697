"""The steps of a socket scenario, as values. :mod:`simulators.scenario_parse` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epm.addresses import format_address, is_v6
from epm.events import Endpoint


class Expect(StrEnum):
    """What a step is expected to come to."""

    ALLOW = "allow"
    REJECT = "reject"
    WAIT = "wait"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Say:
    """A heading."""

    text: str


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """An address of the system itself; the last one of a family is the source of connects."""

    address: int


@dataclass(frozen=True, slots=True)
class StartJob:
    """A job starts; without a number it takes the next."""

    name: str
    user: str
    program: str | None
    groups: tuple[str, ...]
    number: int | None


@dataclass(frozen=True, slots=True)
class EndJob:
    """A job ends: its sockets close, and a '9' it was given is forgotten (A10)."""

    name: str


@dataclass(frozen=True, slots=True)
class AddProgram:
    """ADDEXITPGM. ``answers`` makes the program exist: one that always returns that."""

    exit_point: str
    number: int
    program: str
    answers: str | None


@dataclass(frozen=True, slots=True)
class RemoveProgram:
    """RMVEXITPGM."""

    exit_point: str
    number: int


@dataclass(frozen=True, slots=True)
class ListenStep:
    """A job makes a socket, binds it and listens."""

    local: Endpoint
    job: str
    label: str
    backlog: int
    accept_eperm: bool
    expect: Expect | None


@dataclass(frozen=True, slots=True)
class Arrive:
    """A peer on another system connects to one of ours; no exit point is asked yet."""

    remote: Endpoint
    to: Endpoint
    expect: Expect | None


@dataclass(frozen=True, slots=True)
class AcceptStep:
    """The job of a listener calls accept()."""

    label: str
    connection: str | None
    expect: Expect | None


@dataclass(frozen=True, slots=True)
class ConnectStep:
    """A job connects; ``refused`` is a peer elsewhere that does not listen."""

    destination: Endpoint
    job: str
    local: Endpoint | None
    label: str | None
    refused: bool
    expect: Expect | None


@dataclass(frozen=True, slots=True)
class CloseStep:
    """A socket is closed."""

    label: str


Step = (
    Say
    | OwnAddress
    | StartJob
    | EndJob
    | AddProgram
    | RemoveProgram
    | ListenStep
    | Arrive
    | AcceptStep
    | ConnectStep
    | CloseStep
)


def format_endpoint(endpoint: Endpoint) -> str:
    """Return ``address:port``, an IPv6 address in brackets."""
    text = format_address(endpoint.address)
    return f"[{text}]:{endpoint.port}" if is_v6(endpoint.address) else f"{text}:{endpoint.port}"
