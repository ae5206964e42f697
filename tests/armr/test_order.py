"""Which socket rule wins, on the one engine, held to an oracle that shares nothing with it."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.addresses import parse_address
from epm.armr.attempts import Attempt, RequestContext, attempt_from_mapping
from epm.armr.engine import SocketEngine, host_names
from epm.armr.model import Operation, PathPattern, TaintSource
from epm.armr.policy_reader import read_policy
from epm.errors import CallError, RuleError
from tests.support.armr_text import mod, policy

DATA = Path(__file__).parent.parent / "data" / "armr"
P, A, D = 'protect(message: "")', "allow()", 'detect(message: "")'


def attempt(address, port, op="connect", endpoint=None, taint=()):
    context = RequestContext(endpoint, frozenset(map(TaintSource, taint)))
    return Attempt(Operation(op), parse_address(address), port, context)


def winner(engine, *what, **context):
    """Return (action, place of the winning rule)."""
    decision = engine.decide(attempt(*what, **context))
    assert decision.blocked == (decision.action == "protect")
    if decision.candidate is None:
        assert decision.action is None
        return None
    return str(decision.action), decision.candidate.place


# ------------------------------------------------------------------- decisions as data


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_decision_that_is_given_as_data(number):
    base = DATA / f"armr-{number}"
    read = read_policy(base.with_suffix(".armr").read_text("utf-8"), base.name)
    assert read.findings == ()
    engine = SocketEngine(read.policy, {"no-such-host.invalid": frozenset()})
    events, expected = (
        [json.loads(x) for x in Path(f"{base}.{kind}.jsonl").read_text("utf-8").splitlines()]
        for kind in ("events", "expected")
    )
    assert len(events) == len(expected) == 120
    for line, (event, wanted) in enumerate(zip(events, expected, strict=True), start=1):
        decision = engine.decide(attempt_from_mapping(event))
        assert (str(decision.action or "none"), decision.blocked) == (
            wanted["action"], wanted["blocked"],
        ), line  # fmt: skip
        found = decision.candidate
        named = [] if found is None else [{"app": found.mod.name, "rule": found.rule.name}]
        assert all(x in wanted["one_of"] for x in named), line
        assert bool(named) == bool(wanted["one_of"]), line


# ------------------------------------------------------------------- the order, case by case


@pytest.mark.parametrize(
    ("rules", "event", "expected"),
    [
        ((f"0.0.0.0:0 {P}", f"127.0.0.1:5000 {A}"), ("127.0.0.1", 5000), ("allow", 1)),
        ((f"0.0.0.0:0 {P}", f"127.0.0.1:5000 {A}"), ("127.0.0.1", 5001), ("protect", 0)),
        ((f"0.0.0.0:0 {A}", f"10.0.0.5:80 {P}"), ("10.0.0.5", 80), ("protect", 1)),
        ((f"0.0.0.0:0 {A}", f"10.0.0.5:80 {P}"), ("10.0.0.5", 81), ("allow", 0)),
        ((f"127.0.0.1:5000-5100 {A}", f"127.0.0.1:5001 {P}"), ("127.0.0.1", 5001), ("allow", 0)),
        ((f"10.0.0.0/8:80 {A}", f"10.1.2.3:80 {P}"), ("10.1.2.3", 80), ("allow", 0)),
        ((f"0.0.0.0:80 {P}", f"10.0.0.5:0 {A}"), ("10.0.0.5", 80), ("allow", 1)),
        ((f"0.0.0.0:0 {P}", f"10.0.0.5:80 {D}"), ("10.0.0.5", 80), ("detect", 1)),
        ((f"10.0.0.0/8:80 {P}", f"10.1.0.0/16:80 {P}"), ("10.1.2.3", 80), ("protect", 1)),
        ((f"10.0.0.0/8:80 {P}", f"10.1.0.0/16:80 {P}"), ("10.9.9.9", 80), ("protect", 0)),
        ((f"10.0.0.5:1-90 {P}", f"10.0.0.5:80-81 {P}"), ("10.0.0.5", 80), ("protect", 1)),
        ((f"10.0.0.5:80 {P}", f"10.0.0.5:80 {P}"), ("10.0.0.5", 80), ("protect", 0)),
        ((f"10.0.0.5:80 {D}",), ("10.0.0.6", 80), None),
    ],
)
def test_the_documented_cases(rules, event, expected):
    bodies = [f'connect("{end}") {action}' for end, action in (r.split(" ", 1) for r in rules)]
    assert winner(SocketEngine(policy(*bodies)), *event) == expected


def test_allow_wins_over_a_rule_that_is_limited_to_api_requests():
    engine = SocketEngine(policy(f'connect("0.0.0.0:0") api(any) {P}', f'connect("0.0.0.0:0") {A}'))
    assert winner(engine, "10.0.0.5", 80, endpoint="/x") == ("allow", 1)


def test_the_rule_with_more_context_is_named():
    body = f'connect("10.0.0.5:80") {P}'
    engine = SocketEngine(policy(body, body + " api(any)", body + ' api("/x") input(http)'))
    assert winner(engine, "10.0.0.5", 80) == ("protect", 0)
    assert winner(engine, "10.0.0.5", 80, endpoint="/y", taint=["http"]) == ("protect", 1)
    assert winner(engine, "10.0.0.5", 80, endpoint="/x", taint=["http"]) == ("protect", 2)


# ----------------------------------------------------------------------- operations, contexts


def test_each_operation_has_its_own_rules():
    engine = SocketEngine(
        policy(
            f'accept("10.0.0.5:80") {P}',
            f'connect("10.0.0.5:81") {P}',
            f'bind(client: "10.0.0.5:82", server: "10.0.0.5:83") {P}',
        )
    )
    ports = range(80, 84)
    seen = {(op, n): winner(engine, "10.0.0.5", n, op=op) for op in Operation for n in ports}
    assert {key: value[1] for key, value in seen.items() if value} == {
        ("accept", 80): 0, ("connect", 81): 1, ("bind-client", 82): 2, ("bind-server", 83): 2,
    }  # fmt: skip


@pytest.mark.parametrize("op", Operation)
def test_input_holds_for_any_of_its_sources(op):
    event = {
        "accept": 'accept("0.0.0.0:0")', "connect": 'connect("0.0.0.0:0")',
        "bind-client": 'bind(client: "0.0.0.0:0")', "bind-server": 'bind(server: "0.0.0.0:0")',
    }[op]  # fmt: skip
    engine = SocketEngine(policy(f"{event} input(http, database) {P}"))
    assert winner(engine, "1.2.3.4", 5, op=op) is None
    assert winner(engine, "1.2.3.4", 5, op=op, taint=["deserialization"]) is None
    assert winner(engine, "1.2.3.4", 5, op=op, taint=["deserialization", "http"])


def test_api_any_holds_in_every_request_and_outside_of_none():
    engine = SocketEngine(policy(f'connect("0.0.0.0:0") api(any) {P}'))
    assert winner(engine, "1.2.3.4", 5) is None
    for endpoint in ("/", "", "/a?b", "x" * 5000):
        assert winner(engine, "1.2.3.4", 5, endpoint=endpoint)


PATHS = st.text("/a*?\x00\x01b", max_size=6).map(lambda tail: "/" + tail)


@settings(max_examples=200)
@given(PATHS, st.booleans(), st.booleans(), st.one_of(PATHS, st.text(max_size=5)))
def test_an_endpoint_pattern_means_the_same_to_the_engine_as_in_words(
    literal, before, behind, endpoint
):
    pattern = PathPattern(literal.replace("\x00", "c").replace("\x01", "d"), before, behind)
    raw = pattern.literal.replace("*", "\\*")
    text = f"{'*' * before}{raw}{'*' * behind}"
    engine = SocketEngine(policy(f'connect("0.0.0.0:0") api("{text}") {P}'))
    for path in (endpoint, pattern.literal, "x" + pattern.literal, pattern.literal + "x"):
        assert bool(winner(engine, "1.2.3.4", 5, endpoint=path)) == pattern.matches(path)


def test_a_plain_path_is_exact_and_case_counts():
    engine = SocketEngine(policy(f'connect("0.0.0.0:0") api("/Api/x") {P}'))
    assert winner(engine, "1.2.3.4", 5, endpoint="/Api/x")
    for other in ("/Api/x/", "/Api/xx", "/api/x", "/Api"):
        assert winner(engine, "1.2.3.4", 5, endpoint=other) is None


# ---------------------------------------------------------------------------- host names, IPv6


def test_a_host_name_stands_for_its_ipv4_addresses_and_ranks_as_exact():
    rules = policy(f'connect("Db.Example:80") {A}', f'connect("0.0.0.0:0") {P}')
    assert host_names(rules) == ("db.example",)
    found = frozenset(map(parse_address, ("10.0.0.5", "10.0.0.6", "2001:db8::5")))
    engine = SocketEngine(rules, {"db.example": found})
    assert winner(engine, "10.0.0.6", 80) == ("allow", 0)
    assert winner(engine, "10.0.0.7", 80) == ("protect", 1)
    assert winner(engine, "2001:db8::5", 80) == ("protect", 1)


@pytest.mark.parametrize("resolved", [None, {}, {"db.example": frozenset()}])
def test_a_name_never_resolved_drops_its_rule(resolved):
    engine = SocketEngine(policy(f'connect("db.example:0") {P}'), resolved)
    assert winner(engine, "10.0.0.5", 80) is None


def test_ipv6_is_met_by_the_wildcard_only_and_mapped_addresses_are_ipv4():
    rules = (f'accept("10.0.0.0/8:0") {P}', f'accept("0.0.0.0:80") {D}')
    engine = SocketEngine(policy(*rules))
    assert winner(engine, "::ffff:10.1.2.3", 80, op="accept") == ("protect", 0)
    assert winner(engine, "2001:db8::1", 80, op="accept") == ("detect", 1)
    assert winner(engine, "2001:db8::1", 81, op="accept") is None


# ------------------------------------------------------------------------------- the oracle


_ADDRESSES = ["0.0.0.0", "10.0.0.5", "10.0.0.6", "10.0.0.0/8", "10.0.0.7/30", "128.0.0.1/1"]
_PORTS = ["0", "80", "81", "80-90", "1-65535"]
_CONTEXTS = ["", "api(any)", 'api("/x")', "input(http)"]
_ENDS = st.tuples(st.sampled_from(_ADDRESSES), st.sampled_from(_PORTS))
_RULE = st.tuples(_ENDS, st.sampled_from([P, A, D]), st.sampled_from(_CONTEXTS))
_RULES = st.lists(_RULE, min_size=1, max_size=8)
_EVENTS = st.tuples(
    st.sampled_from(["10.0.0.5", "10.0.0.6", "10.9.9.9", "200.1.1.1", "9.0.0.1"]),
    st.sampled_from([0, 1, 80, 81, 85, 91, 65535]),
    st.sampled_from([None, "/x", "/y"]),
    st.sampled_from([(), ("http",), ("database",)]),
)


def _matches(rule, event):
    (address, ports), action, context = rule
    where, port, endpoint, taint = event
    low, _, high = ports.partition("-")
    network = ipaddress.ip_network(address, strict=False)
    holds = {
        "": True,
        "api(any)": endpoint is not None,
        'api("/x")': endpoint == "/x",
        "input(http)": "http" in taint,
    }
    return (
        (address == "0.0.0.0" or ipaddress.ip_address(where) in network)
        and (ports == "0" or int(low) <= port <= int(high or low))
        and (action == A or holds[context])
    )


@settings(max_examples=300, deadline=None)
@given(_RULES, st.lists(_EVENTS, min_size=1, max_size=5))
def test_the_engine_agrees_with_the_sentences(rules, events):
    """Of the matching rules those without wildcard, and of these allow, protect, detect."""
    bodies = [f'connect("{a}:{p}") {x} {c if x != A else ""}' for (a, p), x, c in rules]
    engine = SocketEngine(policy(*bodies))
    for event in events:
        matching = [r for r in rules if _matches(r, event)]
        exact = [r for r in matching if r[0][0] != "0.0.0.0" and r[0][1] != "0"]
        actions = [r[1].partition("(")[0] for r in exact or matching]
        wanted = next((x for x in ("allow", "protect", "detect") if x in actions), None)
        found = winner(engine, event[0], event[1], endpoint=event[2], taint=event[3])
        assert (found and found[0]) == wanted, (rules, event)
        if found:
            assert rules[found[1]] in (exact or matching)


def test_the_engine_is_the_compiled_one_and_takes_a_large_policy():
    bodies = [f'connect("10.{n >> 8}.{n & 255}.1:80") {P}' for n in range(3000)]
    engine = SocketEngine(policy(*bodies, f'connect("0.0.0.0:0") {A}'))
    assert winner(engine, "10.11.183.1", 80) == ("protect", 2999)
    assert winner(engine, "10.11.184.1", 80) == ("allow", 3000)


def test_more_rules_than_a_sequence_has_numbers_are_refused(monkeypatch):
    monkeypatch.setattr("epm.armr.engine.DEFAULT_SEQUENCE", 3)
    one = f'connect("0.0.0.0:0") {P}'
    SocketEngine(policy(one, one))
    with pytest.raises(RuleError, match="more than 2 rules for connect"):
        SocketEngine(policy(one, one, one))


# ------------------------------------------------------------------------------- attempts


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"op": "listen"}, "op 'listen' is not one of accept, connect, bind-client, bind-server"),
        ({"op": None}, "op None"),
        ({"address": "010.0.0.5"}, "address: '010.0.0.5' is not an address"),
        ({"address": "localhost"}, "address: 'localhost'"),
        ({"address": 5}, "address must be text"),
        ({"port": 65536}, "port 65536"),
        ({"port": "80"}, "port '80'"),
        ({"port": True}, "port True"),
        ({"endpoint": 5}, "endpoint must be"),
        ({"taint": "http"}, "taint must be a list"),
        ({"taint": ["file"]}, "taint must be a list of http, database, deserialization"),
    ],
)
def test_an_event_that_cannot_be_read(change, told):
    event = {"op": "connect", "address": "10.0.0.5", "port": 80, "endpoint": None, "taint": []}
    attempt_from_mapping(event)
    with pytest.raises(CallError) as refused:
        attempt_from_mapping({**event, **change})
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize("key", ["op", "address", "port", "endpoint", "taint"])
def test_the_error_of_a_huge_value_is_short(key):
    event = {"op": "connect", "address": "10.0.0.5", "port": 80, key: ["x" * 100_000]}
    for value in (event[key], "x" * 100_000):
        event[key] = value
        if (key, value) == ("endpoint", "x" * 100_000):  # that is one
            continue
        with pytest.raises(CallError) as refused:
            attempt_from_mapping(event)
        assert len(str(refused.value)) < 300


def test_endpoint_and_taint_may_be_missing_and_other_keys_are_ignored():
    found = attempt_from_mapping({"op": "accept", "address": "::1", "port": 1, "note": "x"})
    assert found.context == RequestContext()


def test_the_text_of_a_mod_is_what_the_tests_think():
    assert read_policy(mod(f'connect("10.0.0.5:80") {P}')).findings == ()
