from __future__ import annotations

import pytest

from simulators.xmlservice.server import Server, serve
from simulators.xmlservice.service import Service
from tests.xmlservice.tinyhost import TinyHost


@pytest.fixture
def host():
    made = TinyHost()
    yield made
    made.db.close()


@pytest.fixture
def service(host):
    made = Service(host)
    yield made
    made.close()


@pytest.fixture
def server(host):
    made: Server = serve(host)
    yield made
    made.close()
    assert all(job.ended for job in host.jobs)


@pytest.fixture
def ask(service):
    """Return a function that answers a document, stateless unless told otherwise."""

    def run(document: str, ctl: str = "*here", *, ipc: str = "*na", **more: object) -> str:
        return service.answer(more.pop("user", "FRED"), ipc, ctl, document, **more)

    return run
