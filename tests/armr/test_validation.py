"""What refuses a policy, V1 to V14, and what is only warned of."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.armr.findings import MAX_FINDINGS, ArmrError
from epm.armr.model import Severity
from epm.armr.policy_reader import read_policy
from epm.armr.reader import parse_path
from epm.armr.socket_reader import parse_endpoint
from epm.errors import RuleError
from tests.support.armr_text import mod, policy

CONNECT = 'connect("10.0.0.5:80") '


def errors(text):
    try:
        read_policy(text, "p")
    except ArmrError as refused:
        return [f"{f.code} {f.text}" for f in refused.findings if f.is_error]
    return []


def warnings(text):
    return [str(f.code) for f in read_policy(text, "p").findings]


def file(body, head="  requires(version: ARMR/2.12)", name="m"):
    return f'app("{name}"):\n{head}\n{body}\nendapp\n'


def rule(body, name="r", kind="socket"):
    return f'  {kind}("{name}"):\n {body}\n end{kind}'


SOUND = rule(CONNECT + "protect()")


def only(text, code, part):
    """Assert that there is one error, of a code, that says a thing."""
    found = errors(text)
    assert len(found) == 1, found
    assert found[0].startswith(code + " "), found
    assert part in found[0], found


def test_the_sound_file_that_the_others_are_made_of():
    assert errors(file(SOUND)) == []
    assert warnings(file(SOUND)) == []


def test_what_is_told_of_a_file_is_bounded():
    long = "x" * 100_000
    with pytest.raises(ArmrError) as refused:
        read_policy(file(rule(f'connect("{long}:80") {long}() protect()', name=long)), "p")
    assert len(str(refused.value)) < 1000
    with pytest.raises(ArmrError, match=r"\(and 1000 more\)") as refused:
        read_policy('app("m"): endapp\n' * 334, "p")  # V2, V3 and all but one V11
    assert len(refused.value.findings) == MAX_FINDINGS


def test_of_many_findings_the_first_error_is_kept():
    kinds = "\n".join(rule("x()", name=f"r{n}", kind="dns") for n in range(300))
    with pytest.raises(ArmrError) as refused:
        read_policy(file(kinds + rule("protect()")), "p")
    assert [f.code for f in refused.value.findings if f.is_error] == ["V5"]


@pytest.mark.parametrize(
    "body", ['bind(peer: "10.0.0.5:80") protect()', 'bind("10.0.0.5:80") protect()']
)
def test_one_fault_of_a_bind_is_said_once(body):
    only(file(rule(body)), "V0", "client:, server:")


def test_v1_a_rule_ends_with_its_own_keyword():
    only(file(SOUND.replace("endsocket", "enddns")), "V1", "ends with `enddns`")


@pytest.mark.parametrize(
    ("head", "part"),
    [
        ("", "is missing"),
        ("requires()", "needs version"),
        ("requires(version: ARMR/2.13)", "ARMR/2.13 is not known"),
        ("requires(version: ARMR/2.8.1)", "ARMR/2.8.1 is not known"),
        ("requires(version: ARMR/1.0)", "not known"),
        ('requires(version: "2.8")', "not known"),
        ("requires(version: 2)", "not known"),
    ],
)
def test_v2_a_mod_requires_a_known_level(head, part):
    only(file(SOUND, head), "V2", part)


@pytest.mark.parametrize("head", ["ARMR/2.0", '"ARMR/2.0"', "armr/2.12", "ARMR / 2.12"])
def test_v2_a_level_may_be_bare_or_quoted(head):
    assert errors(file(SOUND, f"requires(version: {head})")) == []


@pytest.mark.parametrize("name", ["requires(version: ARMR/2.8)", "version(2)"])
def test_v2_requires_and_version_stand_before_the_rules(name):
    head = "requires(version: ARMR/2.12)" if name.startswith("version") else ""
    only(file(f"{SOUND}\n{name}", head), "V2", "before all rules")


def test_a_mod_holds_no_other_statement():
    head = 'requires(version: ARMR/2.12) frobnicate("x")'
    only(file(SOUND, head), "V0", "has no statement `frobnicate`")


def test_v3_a_mod_holds_a_rule():
    only(file(""), "V3", "no rule")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (file(rule(CONNECT * 2 + "protect()")), "`connect` stands there twice"),
        (file(rule(CONNECT + 'protect(message: "a", message: "b")')), "`message` stands twice"),
        (file(SOUND, "requires(version: ARMR/2.1) requires(version: ARMR/2.1)"), "`requires`"),
        (file(rule('bind(client: "0.0.0.0:0", client: "0.0.0.0:0") protect()')), "`client`"),
        (file(rule(CONNECT + "input(http, http) protect()")), "`http` stands twice"),
    ],
)
def test_v4_nothing_stands_twice(text, part):
    only(text, "V4", part)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("protect()", "has no event"),
        (CONNECT, "has no action"),
        (CONNECT + 'accept("0.0.0.0:0") protect()', "more than one event"),
        (CONNECT + 'protect() detect(message: "")', "more than one action"),
    ],
)
def test_v5_one_event_and_one_action(body, part):
    only(file(rule(body)), "V5", part)


@pytest.mark.parametrize(
    ("body", "needed"),
    [
        ('connect("10.0.0.5:80-90") protect()', 2),
        ('connect("10.0.0.0/8:80") protect()', 10),
        (CONNECT + "api(any) protect()", 9),
        (CONNECT + "input(http) protect()", 9),
    ],
)
def test_v6_a_documented_feature_needs_its_level(body, needed):
    below = file(rule(body), f"requires(version: ARMR/2.{needed - 1})")
    only(below, "V6", f"needs ARMR/2.{needed}, the mod requires ARMR/2.{needed - 1}")
    assert errors(file(rule(body), f"requires(version: ARMR/2.{needed})")) == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("requires(version: ARMR/2.{}) version(2)\n" + SOUND, 3),
        ("requires(version: ARMR/2.{})" + rule("request() protect()", kind="sanitization"), 4),
        ("requires(version: ARMR/2.{})" + rule(CONNECT + 'protect(stacktrace: "full")'), 4),
        ("requires(version: ARMR/2.{})" + rule('connect("a.example:80") protect()'), 8),
    ],
)
def test_v6_a_feature_first_seen_at_a_level_is_warned_of_below(text, seen):
    assert warnings(file(text.format(seen - 1), "")) == ["W-GATE"]
    assert warnings(file(text.format(seen), "")) == []


@pytest.mark.parametrize("context", ["api(any)", "input(http)"])
def test_v7_allow_cannot_be_limited(context):
    only(file(rule(f"{CONNECT} {context} allow()")), "V7", context.partition("(")[0])


def test_v8_detect_needs_a_message_that_may_be_empty():
    only(file(rule(CONNECT + "detect(severity: 1)")), "V8", "needs message")
    assert errors(file(rule(CONNECT + 'detect(message: "")'))) == []


@pytest.mark.parametrize("severity", ["11", "critical", '"High"', "[1]", "ARMR/2.8"])
def test_v9_a_severity_is_a_number_to_ten_or_a_name(severity):
    only(file(rule(f"{CONNECT} protect(severity: {severity})")), "V9", "severity must be 0 to 10")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0", "Low"), ("3", "Low"), ("4", "Medium"), ("7", "High"), ("9", "Very-High"),
     ("10", "Very-High"), ("lOw", "Low"), ("VERY-HIGH", "Very-High"), ("medium", "Medium")],
)  # fmt: skip
def test_v9_severities(written, meant):
    ((_, found),) = policy(f"{CONNECT} protect(severity: {written})").socket_rules()
    assert found.reaction.severity == Severity(meant)


@pytest.mark.parametrize(
    "endpoint", ["0.0.0.0/8:1", "10.0.0.0/0:1", "10.0.0.0/33:1", "10.0.0.0/08:1", "a.b/8:1",
                 "10.0.0.0/:1"],
)  # fmt: skip
def test_v10_a_cidr_that_is_none(endpoint):
    only(file(rule(f'connect("{endpoint}") protect()')), "V10", endpoint)


def test_v10_host_bits_may_be_set():
    pattern = parse_endpoint("1.2.3.4/22:80")
    span = pattern.address
    assert (span.low, span.size, pattern.prefix) == (0x01020000, 1024, 22)


def test_v11_rule_names_are_unique_in_a_mod():
    only(file(SOUND + "\n" + SOUND), "V11", "two rules are named 'r'")


def test_v11_of_mods_with_one_name_the_highest_version_is_kept():
    head = "requires(version: ARMR/2.12) version({})"
    low, high = (file(SOUND, head.format(n)) for n in (1, 2))
    assert errors(low + low) == ["V11 duplicate app name detected in rules file: version 1 twice"]
    for text in (low + high, high + low):
        read = read_policy(text)
        assert [m.version for m in read.policy.mods] == [2]
        assert [str(f.code) for f in read.findings] == ["W-VERSION"]
    assert errors(low + file(SOUND, name="other")) == []


def test_v12_any_stands_alone_in_api():
    only(file(rule(CONNECT + 'api(any, "/a") protect()')), "V12", "alone")


@pytest.mark.parametrize(
    "endpoint",
    ["10.0.0.5", "10.0.0.5:", ":80", "10.0.0.5:0-100", "10.0.0.5:90-80", "10.0.0.5:65536",
     "10.0.0.5:080", "10.0.0.5:80-", "::1:80", "[::1]:80", "010.0.0.5:80", "10.0.0:80",
     "10.0.0.1-10.0.0.9:80", "256.0.0.1:80", "-x.example:80", "a b:80", "10.0.0.5:0-0",
     "10.0.0.5:+80"],
)  # fmt: skip
def test_v13_an_endpoint_that_is_none(endpoint):
    only(file(rule(f'accept("{endpoint}") protect()')), "V13", endpoint)


@pytest.mark.parametrize("side", ["client", "server"])
def test_v13_bind_takes_no_host_name(side):
    only(file(rule(f'bind({side}: "localhost:0") protect()')), "V13", "no host name")


@pytest.mark.parametrize("values", ["safe", "unsafe"])
def test_v14_logging_off_is_for_safe_values(values):
    body = f"request() undetermined(values: {values}, logging: off) protect()"
    found = warnings(file(rule(body, kind="sanitization")))
    assert found == (["W-LOGGING"] if values == "unsafe" else [])
    ((_, read),) = read_policy(file(rule(body, kind="sanitization"))).policy.sanitization_rules()
    assert (read.undetermined_safe, read.log_undetermined) == (values == "safe", values != "safe")


@pytest.mark.parametrize(
    "body",
    [
        CONNECT + "protect() frobnicate()",
        CONNECT + "protect(colour: red)",
        CONNECT + 'protect("no")',
        CONNECT + "protect(message: no)",
        CONNECT + 'protect(stacktrace: "half")',
        'connect("0.0.0.0:0", "1.2.3.4:5") protect()',
        'connect(to: "0.0.0.0:0") protect()',
        "connect(any) protect()",
        "bind() protect()",
        'bind("0.0.0.0:0") protect()',
        'bind(both: "0.0.0.0:0") protect()',
        CONNECT + "api() protect()",
        CONNECT + "api(all) protect()",
        CONNECT + 'api("x") protect()',
        CONNECT + "input() protect()",
        CONNECT + "input(file) protect()",
        CONNECT + 'input("http") protect()',
        CONNECT + 'protect(message: "a\x1b[31mb")',
    ],
)
def test_a_statement_holds_only_what_it_can(body):
    assert {error.partition(" ")[0] for error in errors(file(rule(body)))} == {"V0"}


@pytest.mark.parametrize(
    "body",
    ["request(paths: []) protect()", "request(paths: [a]) protect()",
     'request(paths: "") protect()', 'request(paths: "a") protect()',
     'request(paths: "/a/../b") protect()',
     'request(paths: "/a*b") protect()', "request() undetermined() protect()",
     "request() undetermined(values: maybe) protect()", "request() ignore() protect()",
     "request() undetermined(values: safe, logging: on) protect()",
     "request() ignore(payload: \"x\") protect()"],
)  # fmt: skip
def test_a_sanitization_rule_holds_only_what_it_can(body):
    assert [e.partition(" ")[0] for e in errors(file(rule(body, kind="sanitization")))] == ["V0"]


def test_a_sanitization_rule_is_read_whole():
    body = (
        'ignore(attribute: ["time"], payload: ["1=1", "\\"x\\""])\n'
        'request(paths: ["/api/a", "*/b.jsp", "/c/*", "*/d\\*e*"])\n'
        'undetermined(values: unsafe)\n protect(message: "m", severity: high)'
    )
    ((_, read),) = read_policy(file(rule(body, kind="sanitization"))).policy.sanitization_rules()
    assert read.ignored_attributes == {"time"}
    assert read.ignored_payloads == {"1=1", '"x"'}
    assert [(p.literal, p.before, p.behind) for p in read.paths] == [
        ("/api/a", False, False), ("/b.jsp", True, False), ("/c/", False, True),
        ("/d*e", True, True),
    ]  # fmt: skip


def test_a_sanitization_rule_needs_a_request_and_cannot_allow():
    assert errors(file(rule("protect()", kind="sanitization")))[0].startswith("V5 ")
    assert all(
        e.startswith("V5 ") for e in errors(file(rule("request() allow()", kind="sanitization")))
    )


def test_rules_of_other_kinds_are_kept_by_name_and_reported():
    read = read_policy(file(rule("x()", "a", "sql") + rule("y()", "b", "quantum") + SOUND))
    assert [(r.kind, r.name) for r in read.policy.mods[0].rules] == [
        ("sql", "a"), ("quantum", "b"), ("socket", "r"),
    ]  # fmt: skip
    lines = [f.line("p") for f in read.findings]
    assert len(lines) == 2
    assert "p:3:3: W-KIND: mod 'm': rule 'a': rule kind `sql` is read but not applied" in lines[0]
    assert "`quantum` is not known" in lines[1]


def test_every_error_of_a_file_is_found_and_named_by_mod_and_rule():
    text = file(rule("connect(any) detect()", "one") + rule(CONNECT, "two"), name="first")
    with pytest.raises(ArmrError) as refused:
        read_policy(text + file(""), "p.armr")
    found = refused.value.findings
    assert [(f.mod, f.rule, str(f.code)) for f in found] == [
        ("first", "one", "V0"), ("first", "one", "V8"), ("first", "two", "V5"), ("m", None, "V3"),
    ]  # fmt: skip
    assert str(refused.value).endswith("(and 3 more)")
    assert str(refused.value).startswith("p.armr:4:10: V0: mod 'first': rule 'one': an endpoint")


@given(st.text(max_size=20))
def test_no_text_of_an_endpoint_or_path_raises_anything_else(text):
    for read in (parse_endpoint, parse_path):
        with suppress(RuleError):
            read(text)


def test_the_mod_builder_of_these_tests_is_sound():
    assert errors(mod(CONNECT + "protect()")) == []
