"""The holder of the policy in force, while the text of the policy changes."""

from __future__ import annotations

import resource
from datetime import UTC, datetime

import pytest

from epm.addresses import parse_address
from epm.armr.events import EventName, PolicyEvent
from epm.armr.findings import ArmrError
from epm.armr.model import Severity
from epm.cli.armr_live import ArmrLog, ArmrRules
from epm.errors import FileUnavailableError
from epm.model import Call, Server, Verdict
from tests.support.armr_text import mod

ADDRESS = parse_address("192.0.2.7")
PROTECTED = mod('connect("db.example:5432") protect()')


@pytest.fixture
def rules(monkeypatch):
    """A holder whose name service knows one name, and that looks nothing up by itself."""
    monkeypatch.setattr(
        "epm.cli.resolve._addresses",
        lambda name: frozenset({ADDRESS}) if name == "db.example" else frozenset(),
    )
    log = ArmrLog(None, lambda: datetime(2026, 11, 21, tzinfo=UTC))
    return ArmrRules(mod('connect("10.0.0.5:80") protect()'), "p.armr", log, [].append)


def verdict(rules, address=ADDRESS, port=5432):
    call = Call(Server.CONNECT, rmtaddr=address, rmtport=port, lcladdr=0, lclport=0)
    return rules.current().decide(call).verdict


def test_a_new_host_name_protects_from_the_first_call_on(rules):
    assert verdict(rules) is Verdict.ALLOW
    rules.reload(PROTECTED)
    assert verdict(rules) is Verdict.REJECT


def test_a_bad_text_leaves_the_policy_and_its_names(rules):
    rules.reload(PROTECTED)
    with pytest.raises(ArmrError):
        rules.reload(PROTECTED.replace("endapp", ""))
    assert verdict(rules) is Verdict.REJECT


def test_a_name_that_is_not_found_does_not_hold_up_the_rest(rules):
    rules.reload(mod('connect("nowhere.example:1") protect()', 'connect("0.0.0.0:2") protect()'))
    assert verdict(rules, port=1) is Verdict.ALLOW
    assert verdict(rules, port=2) is Verdict.REJECT


def test_a_log_that_cannot_be_written_is_named():
    log = ArmrLog("/dev/full", lambda: datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(FileUnavailableError, match=r"^/dev/full: cannot be written: No space"):
        log.policy_event(PolicyEvent(EventName.RELOAD, Severity.LOW))
    log.close()


def test_an_event_that_was_cut_off_does_not_swallow_the_next_one(tmp_path):
    path = tmp_path / "log.cef"
    log = ArmrLog(str(path), lambda: datetime(2026, 11, 21, tzinfo=UTC))
    event = PolicyEvent(EventName.RELOAD, Severity.LOW)
    log.policy_event(event)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, before[1]))
    try:
        with pytest.raises(FileUnavailableError, match="an event was not written whole"):
            log.policy_event(event)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    log.policy_event(event)
    log.close()
    first, torn, last = path.read_text().splitlines()
    assert first == last
    assert torn == first[:20]
