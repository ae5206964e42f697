"""The same events as LEEF 2.0: a header, then attributes, told apart by carets."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.addresses import parse_address
from epm.armr.attempts import Attempt
from epm.armr.engine import SocketEngine
from epm.armr.events import policy_line, socket_line
from epm.armr.leef_events import leef_form
from epm.armr.model import Operation
from epm.armr.policy import load
from epm.armr.policy_reader import read_policy
from epm.cli.armr_live import ArmrLog
from epm.syslog5424 import Origin
from tests.support.armr_text import mod

ORIGIN = Origin("qa-host", "java", "5989")
AT = datetime(2021, 3, 22, 11, 3, 42, 919_000, UTC)
HEAD = "<10>1 2021-03-22T11:03:42.919Z qa-host java 5989 - - LEEF:2.0|EPM|epm|1.0|"


def line(body, operation, *, stacktrace=None, name="Walter", rule="stop"):
    engine = SocketEngine(read_policy(mod((rule, body), name=name)).policy)
    made = Attempt(Operation(operation), parse_address("74.125.193.105"), 80, stacktrace=stacktrace)
    return socket_line(engine.decide(made), ORIGIN, AT, form=leef_form("1.0"))


def attributes(line):
    """An independent reader: the header ends at the sixth pipe, a pair at its first ``=``."""
    rest = line.split("|", 6)[6]
    return dict(pair.split("=", 1) for pair in rest.split("^"))


def test_a_connect_that_was_blocked():
    found = line('connect("0.0.0.0:80") protect(message: "no", severity: 8)', "connect")
    assert found == HEAD + (
        "socket connect|^|devTime=1616411022919^sev=8^cat=protect^dst=74.125.193.105^dstPort=80"
        "^policy=Walter^rule=stop^level=2.12^system=qa-host^procid=5989^appVersion=1"
        "^ruleType=socket^msg=no"
    )


@pytest.mark.parametrize(
    ("event", "operation", "feature", "side"),
    [("accept(", "accept", "socket accept", "src"),
     ("bind(client: ", "bind-client", "socket bind", "src"),
     ("bind(server: ", "bind-server", "socket serverbind", "dst")],
)  # fmt: skip
def test_who_opens_the_connection_is_its_source(event, operation, feature, side):
    found = line(f'{event}"0.0.0.0:0") detect(message: "")', operation)
    assert f"|{feature}|^|" in found
    assert attributes(found)[side] == "74.125.193.105"
    assert attributes(found)[f"{side}Port"] == "80"


@pytest.mark.parametrize(
    ("written", "number"),
    [("", "1"), (", severity: 0", "3"), (", severity: Medium", "5"), (", severity: 10", "10")],
)
def test_severity_is_the_number_of_its_word(written, number):
    found = line(f'connect("0.0.0.0:0") detect(message: "m"{written})', "connect")
    assert attributes(found)["sev"] == number


def test_a_stack_trace_is_kept_whole():
    trace = "a(b.py:1)\nc|d^e(f.py:2)"
    body = 'connect("0.0.0.0:0") protect(message: "m", stacktrace: "full")'
    assert unquote(attributes(line(body, "connect", stacktrace=trace))["stacktrace"]) == trace


_TEXTS = st.text(st.characters(exclude_characters='"\\', exclude_categories=["C", "Zl", "Zp"]))


@given(message=_TEXTS, name=_TEXTS.filter(str.strip), rule=_TEXTS)
def test_no_text_forges_an_attribute(message, name, rule):
    body = f'connect("0.0.0.0:0") detect(message: "{message}")'
    plain = attributes(line('connect("0.0.0.0:0") detect(message: "m")', "connect"))
    hostile = attributes(line(body, "connect", name=name, rule=rule))
    assert hostile.keys() == plain.keys()
    unfree = {"policy", "rule", "msg"}
    assert {k: v for k, v in hostile.items() if k not in unfree} == {
        k: v for k, v in plain.items() if k not in unfree
    }


def test_what_befalls_a_policy_has_its_line():
    event = load(None, mod('connect("0.0.0.0:0") allow()'), "p").events[0]
    found = policy_line(event, ORIGIN, AT, form=leef_form("1.0"))
    assert "|Load Rule|^|" in found
    assert attributes(found)["cat"] == "Load Rule"


@pytest.mark.parametrize(("name", "start"), [("e.leef", " LEEF:2.0|"), ("e.cef", " CEF:0|")])
def test_the_ending_of_the_log_says_the_form(tmp_path, name, start):
    log = ArmrLog(str(tmp_path / name), lambda: AT)
    log.policy_event(load(None, "", "p").events[0])
    log.close()
    assert f"- -{start}" in (tmp_path / name).read_text()
