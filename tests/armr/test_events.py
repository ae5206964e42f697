"""The log lines, field by field as the vendor's samples have them, and the events of policies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from epm.addresses import parse_address
from epm.armr.attempts import Attempt
from epm.armr.engine import SocketEngine
from epm.armr.events import STACKTRACE_SIZE, EventName, policy_line, socket_line
from epm.armr.model import Operation, Policy
from epm.armr.policy import load, unload
from epm.armr.policy_reader import read_policy
from epm.syslog5424 import Origin
from tests.support.armr_text import mod

ORIGIN = Origin("qa-host", "java", "5989")
AT = datetime(2021, 3, 22, 11, 3, 42, 919_000, UTC)


def line(body, attempt, *, at=AT, name="Walter", rule="Socket rule", level="2.8", **options):
    engine = SocketEngine(read_policy(mod((rule, body), name=name, level=level)).policy)
    return socket_line(engine.decide(attempt), ORIGIN, at, **options)


def on(operation, address="127.0.0.1", port=5001, stacktrace=None):
    return Attempt(Operation(operation), parse_address(address), port, stacktrace=stacktrace)


HEAD = (
    "<10>1 2021-03-22T11:03:42.919Z qa-host java 5989 - - "
    "CEF:0|ARMR:Walter|Walter|2.8|Socket rule|Execute Rule|High|"
    "rt=Mar 22 2021 11:03:42.919 +0000 dvchost=qa-host procid=5989 appVersion=1 ruleType=socket "
)


# -------------------------------------------------------- the forms of the vendor's samples


@pytest.mark.parametrize(
    ("event", "attempt", "rest"),
    [
        ('bind(client: "127.0.0.1:0")', on("bind-client"),
         "securityFeature=socket bind act=protect msg=no localIpAddress=127.0.0.1 localPort=5001"),
        ('bind(server: "0.0.0.0:0")', on("bind-server"),
         "securityFeature=socket serverbind act=protect msg=no "
         "localIpAddress=127.0.0.1 localPort=5001"),
        ('connect("0.0.0.0:80")', on("connect", "74.125.193.105", 80),
         "securityFeature=socket connect act=protect msg=no "
         "remoteIpAddress=74.125.193.105 remotePort=80"),
        ('accept("127.0.0.1:0")', on("accept"),
         "securityFeature=socket accept act=protect msg=no "
         "remoteIpAddress=127.0.0.1 remotePort=5001"),
    ],
)  # fmt: skip
def test_the_line_of_each_operation(event, attempt, rest):
    assert line(f'{event} protect(message: "no", severity: 8)', attempt) == HEAD + rest


def test_a_stack_trace_stands_after_the_message_in_one_line():
    body = 'connect("0.0.0.0:0") protect(message: "no", severity: 8, stacktrace: "full")'
    at = datetime(2021, 4, 1, 13, 58, 10, 561_000, timezone(timedelta(hours=1)))
    trace = "a.b.connect(Socket.java)\nc.main(Client.java:24)"
    found = line(body, on("connect", stacktrace=trace), at=at)
    assert found.startswith("<10>1 2021-04-01T13:58:10.561+01:00 qa-host java 5989 - - CEF:0|")
    assert "|rt=Apr 01 2021 13:58:10.561 +0100 dvchost=" in found
    assert found.endswith(
        r" act=protect msg=no stacktrace=a.b.connect(Socket.java)\nc.main(Client.java:24) "
        "remoteIpAddress=127.0.0.1 remotePort=5001"
    )
    assert "stacktrace" not in line(body, on("connect"))
    long = line(body, on("connect", stacktrace="x\n" * 100_000))
    assert len(long) < 2 * STACKTRACE_SIZE + 1000


@pytest.mark.parametrize(
    ("written", "pri", "word"),
    [("severity: 0", 14, "Low"), ("severity: medium", 12, "Medium"), ("severity: 8", 10, "High"),
     ("severity: 10", 9, "Very-High"), ("", 13, "Unknown")],
)  # fmt: skip
def test_severity_gives_the_word_and_the_priority(written, pri, word):
    comma = ", " if written else ""
    found = line(f'connect("0.0.0.0:0") detect(message: "m"{comma}{written})', on("connect"))
    assert found.startswith(f"<{pri}>1 ")
    assert f"|Execute Rule|{word}|rt=" in found


# ------------------------------------------------------------------------- when there is none


@pytest.mark.parametrize("action", ["protect()", "allow()", "allow(severity: 8)"])
def test_without_message_protect_and_allow_are_silent(action):
    assert line(f'connect("0.0.0.0:0") {action}', on("connect")) is None


def test_no_match_leaves_no_event():
    assert line('connect("1.2.3.4:5") detect(message: "m")', on("connect")) is None


@pytest.mark.parametrize("action", ["protect", "allow", "detect"])
def test_an_empty_message_is_the_default_text(action):
    found = line(f'connect("0.0.0.0:0") {action}(message: "")', on("connect"))
    assert f"act={action} msg=A socket operation has been " in found


def test_a_block_that_is_not_enforced_is_logged_as_what_it_did():
    found = line('connect("0.0.0.0:0") protect(message: "m")', on("connect"), enforced=False)
    assert "act=detect" in found
    allowed = line('connect("0.0.0.0:0") allow(message: "m")', on("connect"), enforced=False)
    assert "act=allow" in allowed


def test_what_others_wrote_cannot_forge_a_field():
    found = line(
        'connect("0.0.0.0:0") detect(message: "x=1 act=allow | y")', on("connect"),
        name="a|b = c", rule="r|act=allow",
    )  # fmt: skip
    assert r"|ARMR:a\|b = c|a\|b = c|2.8|r\|act=allow|Execute Rule|" in found
    assert r" act=detect msg=x\=1 act\=allow | y remoteIpAddress=" in found


def test_a_tab_of_a_message_is_kept():
    found = line('connect("0.0.0.0:0") detect(message: "to\tthe right")', on("connect"))
    assert " act=detect msg=to\tthe right remoteIpAddress=" in found


def test_version_and_level_are_those_of_the_mod():
    text = mod('connect("0.0.0.0:0") detect(message: "m")', level="2.12").replace(
        "2.12)\n", "2.12)\n version(7)\n"
    )
    decision = SocketEngine(read_policy(text).policy).decide(on("connect"))
    found = socket_line(decision, ORIGIN, AT)
    assert "|ARMR:m|m|2.12|r0|" in found
    assert " appVersion=7 " in found


# ------------------------------------------------------------------- load, reload, unload


ONE = 'connect("10.0.0.1:80") protect()'
TWO = 'connect("10.0.0.2:80") protect()'
SQL = ' sql("s"):\n vendor(any)\n endsql\nendapp'


def names(transition):
    return [(str(e.name), e.rule) for e in transition.events]


def test_loading_loads_and_links_each_rule():
    first = load(None, mod(ONE, TWO), "p")
    assert names(first) == [
        ("Load Rule", "r0"), ("Link Rule", "r0"), ("Load Rule", "r1"), ("Link Rule", "r1"),
    ]  # fmt: skip
    assert len(list(first.policy.socket_rules())) == 2


def test_a_rule_that_is_not_applied_is_loaded_and_not_linked():
    first = load(None, mod(ONE).replace("endapp", SQL), "p")
    assert names(first)[2:] == [("Load Rule", "s")]
    found = policy_line(first.events[2], ORIGIN, AT)
    assert "|s|Load Rule|Medium|" in found
    assert found.endswith("msg=rule kind sql is not applied here: loaded, not linked ruleType=sql")


def test_reloading_tells_what_changed_only():
    first = load(None, mod(ONE, TWO), "p")
    again = load(first.policy, mod(ONE, TWO), "p")
    assert names(again) == [("Reload Rules", None)]
    changed = load(first.policy, mod(ONE, TWO.replace("80", "81")), "p")
    assert names(changed) == [
        ("Reload Rules", None), ("Unlink Rule", "r1"), ("Unload Rule", "r1"),
        ("Load Rule", "r1"), ("Link Rule", "r1"),
    ]  # fmt: skip
    lines = [policy_line(e, ORIGIN, AT) for e in changed.events]
    assert lines[0].startswith("<14>1 ")
    assert "CEF:0|ARMR:ARMR|ARMR|2.12|Engine|Reload Rules|Low|rt=" in lines[0]


def test_layout_and_comments_are_no_change():
    first = load(None, mod(ONE), "p")
    again = load(first.policy, "# new\n\n" + mod(ONE).replace("  ", "      "), "p")
    assert names(again) == [("Reload Rules", None)]


def test_unloading_takes_every_rule_out_of_force():
    gone = unload(load(None, mod(ONE), "p").policy)
    assert names(gone) == [("Unlink Rule", "r0"), ("Unload Rule", "r0")]
    assert gone.policy == Policy()


@pytest.mark.parametrize(
    "bad",
    [mod(ONE)[:-5], mod("connect(any) detect()"), "",
     mod(ONE) + mod(TWO, name="other", level="9.9")],
)  # fmt: skip
def test_a_bad_file_leaves_the_previous_policy_in_force(bad):
    first = load(None, mod(ONE), "p")
    refused = load(first.policy, bad, "p")
    assert refused.policy is first.policy
    assert {str(e.name) for e in refused.events} == {"Syntax Error"}
    assert str(refused.error).startswith("p:")
    found = policy_line(refused.events[0], ORIGIN, AT)
    assert found.startswith("<9>1 ")
    assert "|Engine|Syntax Error|Very-High|rt=" in found
    assert " msg=the rules file is not valid reason=p:" in found


def test_a_duplicate_mod_is_told_as_the_vendor_tells_it():
    refused = load(None, mod(ONE, name="SQL mod") * 2, "p")
    assert refused.policy == Policy()
    found = policy_line(refused.events[0], ORIGIN, AT)
    assert (
        ' msg=duplicate app name detected in rules file. Offending app name: "SQL mod" reason='
    ) in found


def test_each_event_has_its_name():
    assert [str(n) for n in EventName] == [
        "Execute Rule", "Load Rule", "Link Rule", "Unload Rule", "Unlink Rule", "Reload Rules",
        "Syntax Error",
    ]  # fmt: skip


def test_a_line_without_offset_is_an_error_of_the_program():
    event = load(None, mod(ONE), "p").events[0]
    with pytest.raises(ValueError, match="offset"):
        policy_line(event, ORIGIN, AT.replace(tzinfo=None))
