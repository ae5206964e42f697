"""Captured calls of the data queue: recorded before they are taken off, whoever else takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from epm.errors import RemoteError
from epm.events import Job
from exitprograms.formats import block_of
from exitprograms.ibmi.client import Client
from exitprograms.ile.image import Target, compile_image
from exitprograms.ile.native import EffectKind, NativeProgram, effects_of
from exitprograms.ile.space import space_of
from simulators.ibmi.objects import QueueEntry
from simulators.xmlservice.server import serve
from tests.ibmi.machine import PASSWORD
from tests.support.builders import call, default_rule, rule_set

pytestmark = pytest.mark.real

JOB = Job("SSHD", "QTCP", 1, "MYLIB/SERVER", ("QPGMR",))
CALL = call(rmtaddr="10.1.2.3", rmtport=5, lcladdr="10.0.0.1", lclport=22, bndaddr="0.0.0.0", bndport=22)  # fmt: skip  # noqa: E501


@pytest.fixture(scope="module")
def record():
    """Return the record that the C program sends of an accept from a port."""
    rules = rule_set(default=default_rule("Y", capture="Y"))
    program = NativeProgram(space_of(compile_image(rules, target=Target(37))))

    def of(port):
        block = block_of(replace(CALL, rmtport=port))
        answer = program.answer("ACPT0100", block, JOB, datetime(2026, 11, 21, 10))
        (effect,) = effects_of(answer.effects, EffectKind.CAPTURE)
        return QueueEntry(b"", effect.data)

    return of


@pytest.fixture
def queue(client, system):
    for command in (
        "CRTLIB LIB(EPM)",
        "CRTDTAQ DTAQ(EPM/EPMCAPTURE) MAXLEN(8000)",
        "CRTJRNRCV JRNRCV(EPM/EPMRCV0001)",
        "CRTJRN JRN(EPM/EPMJRN) JRNRCV(EPM/EPMRCV0001)",
    ):
        client.command(command)
    return system.state.object("EPM", "EPMCAPTURE", "*DTAQ").data.entries


@pytest.fixture
def fetch(epm, system, monkeypatch):
    server = serve(system)
    (epm.folder / "epm.toml").write_text(f'[ibmi.PROD1]\nurl = "{server.url}"\nuser = "EPMADM"\n')
    (epm.folder / "epm.toml").chmod(0o600)
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", PASSWORD)
    assert epm("--system", "PROD1", "init").code == 0
    yield lambda: epm("ibmi", "fetch", "PROD1", "--json")
    server.close()


@pytest.fixture
def counts(epm):
    """Return how often each remote port was captured."""

    def of():
        listed = epm("--system", "PROD1", "captures", "list", "--limit", "1000", "--json").json
        return {c["call"]["rmtport"]: c["count"] for c in listed}

    return of


@pytest.fixture
def between(monkeypatch):
    """Let something happen once, before the n-th entry is taken off the queue."""
    plain = Client.query

    def at(number, happen):
        left = [number]

        def query(self, statement):
            if "RECEIVE_DATA_QUEUE" in statement:
                left[0] -= 1
                if left[0] == 0:
                    happen()
            return plain(self, statement)

        monkeypatch.setattr(Client, "query", query)

    return at


def test_every_entry_is_recorded_once_and_taken_off(fetch, counts, queue, record):
    queue += [record(port) for port in (*range(1, 151), 150)]
    outcome = fetch()
    assert (outcome.code, outcome.json["captures"]) == (0, 151)
    assert not queue
    assert counts() == {port: 1 + (port == 150) for port in range(1, 151)}
    assert fetch().json["captures"] == 0


def test_what_another_fetch_took_and_left_meanwhile_is_not_lost(
    fetch, counts, queue, record, between
):
    queue += [record(port) for port in range(1, 6)]

    def another():
        for _ in range(4):
            queue.popleft()
        queue.extend(record(port) for port in range(6, 10))

    between(2, another)
    outcome = fetch()
    assert not queue
    assert counts() == dict.fromkeys(range(1, 10), 1), "2 to 5 went to the other one too"
    assert "another fetch takes from EPM/EPMCAPTURE at the same time" in outcome.err


def test_a_queue_that_another_fetch_emptied_ends_it(fetch, counts, queue, record, between):
    queue += [record(port) for port in range(1, 4)]
    between(1, queue.clear)
    assert fetch().code == 0
    assert set(counts()) == {1, 2, 3}


def test_a_fetch_that_breaks_before_it_took_them_off_counts_twice_and_loses_none(
    fetch, counts, queue, record, between
):
    queue += [record(port) for port in range(1, 4)]

    def breaks():
        raise RemoteError("the line is down")

    between(2, breaks)
    assert fetch().code == 3
    assert fetch().code == 0
    assert counts() == {1: 1, 2: 2, 3: 2}


def test_without_the_queue_everything_else_is_fetched(fetch, client, queue):
    client.command("DLTDTAQ DTAQ(EPM/EPMCAPTURE)")
    outcome = fetch()
    assert (outcome.code, outcome.json["captures"]) == (0, 0)
