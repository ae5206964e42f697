"""Which rule applies, what it does with each class, what it lets pass, what it logs."""

from __future__ import annotations

import pytest

from epm.sanitize.decide import Decision, decide
from epm.sanitize.events import log_lines
from epm.sanitize.request import Limits, Request
from tests.sanitize.conftest import NOON, ORIGIN, book

ATTACK, DOUBT, HARMLESS = "<script>", "< >", "hello"
UNSAFE = "request()\nundetermined(values: unsafe)\n"
SAFE = "request()\nundetermined(values: safe)\n"
QUIET = "request()\nundetermined(values: safe, logging: off)\n"
PROTECT, DETECT = 'protect(message: "m", severity: high)', 'detect(message: "m")'


def asked(rules: tuple[str, ...], query: str, uri: str = "/x") -> Decision:
    return decide(Request(uri, query=query), book(*rules), Limits())


def logged(decision: Decision, request: Request) -> list[str]:
    return list(log_lines(decision, request, ORIGIN, NOON))


# ---------------------------------------------------------------------------- the actions


@pytest.mark.parametrize(
    ("rule", "value", "action", "blocked", "lines"),
    [
        (SAFE + PROTECT, ATTACK, "protect", True, 1),
        (SAFE + DETECT, ATTACK, "detect", False, 1),
        (SAFE + PROTECT, DOUBT, None, False, 1),
        (QUIET + PROTECT, DOUBT, None, False, 0),
        (QUIET + PROTECT, ATTACK, "protect", True, 1),
        (UNSAFE + PROTECT, DOUBT, "protect", True, 1),
        (UNSAFE + DETECT, DOUBT, "detect", False, 1),
        (UNSAFE + PROTECT, HARMLESS, None, False, 0),
        ("request()\n" + PROTECT, DOUBT, None, False, 1),  # safe by default, and logged
        (SAFE + "protect()", ATTACK, "protect", True, 0),  # without message it acts silently
    ],
)
def test_a_class_meets_a_rule(
    rule: str, value: str, action: str | None, blocked: bool, lines: int
) -> None:
    request = Request("/x", query=f"a={value}")
    decision = decide(request, book(rule), Limits())
    assert (decision.action, decision.blocked) == (action, blocked)
    assert len(logged(decision, request)) == lines


def test_one_attack_among_many_payloads_decides() -> None:
    decision = asked((SAFE + PROTECT,), f"a=1&b={ATTACK}&c={DOUBT}")
    assert [str(f.classification.payload_class) for f in decision.findings] == [
        "safe",
        "unsafe",
        "undetermined",
    ]
    assert decision.blocked_leaves == {1}


def test_without_a_rule_payloads_are_judged_and_nothing_is_done() -> None:
    decision = asked(('request(paths: "/y")\n' + PROTECT,), f"a={ATTACK}")
    assert (decision.action, decision.rule, len(decision.findings)) == (None, None, 1)
    assert str(decision.findings[0].classification.reason) == "XSS"


# -------------------------------------------------------------------------- which rule


def paths(*some: str) -> str:
    quoted = ", ".join(f'"{p}"' for p in some)
    return f"request(paths: [{quoted}])\n"


@pytest.mark.parametrize(
    ("rules", "uri", "winner"),
    [
        (("request()\n" + DETECT, paths("/a") + PROTECT), "/a", 2),
        (("request()\n" + PROTECT, paths("/a") + DETECT), "/a", 2),  # the nearest, not the hardest
        (("request()\n" + DETECT, paths("/a") + PROTECT), "/b", 1),
        ((paths("/api/*") + PROTECT, paths("/api/user") + DETECT), "/api/user", 2),
        ((paths("/api/*") + PROTECT, paths("/api/user/*") + DETECT), "/api/user/5", 2),
        ((paths("*/save") + PROTECT, paths("/api/*") + DETECT), "/api/x/save", 1),
        ((paths("*/user*") + PROTECT, paths("/a") + DETECT), "/x/users", 1),
        ((paths("/a") + DETECT, paths("/a") + PROTECT), "/a", 2),  # then protect
        ((paths("/a") + PROTECT, paths("/b", "/a") + PROTECT), "/a", 1),  # then the first
        ((paths("/a/*") + PROTECT, paths("/b/*") + DETECT), "/c", None),
        ((paths("/a\\\\*") + PROTECT,), "/a*", 1),
        ((paths("/a\\\\*") + PROTECT,), "/ab", None),
        ((paths("/api/user") + PROTECT,), "/api/%75ser", 1),  # as the application will read it
    ],
)
def test_one_rule_applies(rules: tuple[str, ...], uri: str, winner: int | None) -> None:
    rules = tuple(r.replace("\\\\", "\\") for r in rules)
    decision = asked(rules, f"a={ATTACK}", uri)
    name = None if decision.rule is None else decision.rule.name
    assert name == (None if winner is None else f"SANITIZATION :{winner:02}")


# ----------------------------------------------------------------------------- ignore


AIR_FORCE = "1=1=1 Air Force 1=1=1"


@pytest.mark.parametrize(
    ("ignored", "query", "action"),
    [
        (f'payload: ["{AIR_FORCE}"]', "a=1%3D1%3D1+Air+Force+1%3D1%3D1", None),
        (f'payload: ["{AIR_FORCE}"]', "a=1%3D1%3D1+Air+Force+1%3D1%3D2", "protect"),
        ('attribute: ["time"]', f"time={ATTACK}", None),
        ('attribute: ["time"]', f"Time={ATTACK}", "protect"),
        ('attribute: ["time"]', f"times={ATTACK}", "protect"),
        ('attribute: ["time"], payload: ["<script>"]', f"a={ATTACK}", None),
        ('attribute: ["time"]', f"time={ATTACK}&a={ATTACK}", "protect"),
    ],
)
def test_what_is_ignored_is_neither_acted_on_nor_logged(
    ignored: str, query: str, action: str | None
) -> None:
    request = Request("/x", query=query)
    decision = decide(request, book(f"{SAFE}ignore({ignored})\n{PROTECT}"), Limits())
    assert decision.action == action
    assert len(logged(decision, request)) == (0 if action is None else 1)


def test_a_nested_member_is_ignored_by_its_name_or_its_path() -> None:
    body = b'{"a": {"b": "<script>"}}'
    request = Request("/x", content_type="application/json", body=body)
    for name in ("b", "a.b"):
        rule = f'{SAFE}ignore(attribute: ["{name}"])\n{PROTECT}'
        assert decide(request, book(rule), Limits()).action is None
    assert decide(request, book(f'{SAFE}ignore(attribute: ["a"])\n{PROTECT}'), Limits()).blocked


def test_a_body_that_cannot_be_read_is_undetermined_and_the_rule_says_the_rest() -> None:
    request = Request("/x", content_type="application/json", body=b"hello")
    assert decide(request, book(UNSAFE + PROTECT), Limits()).blocked
    assert not decide(request, book(SAFE + PROTECT), Limits()).blocked


def test_a_body_that_cannot_be_read_is_still_judged() -> None:
    request = Request("/x", content_type="application/json", body=b"<script>alert(1)</script>")
    decision = decide(request, book(SAFE + PROTECT), Limits())
    assert str(decision.findings[0].classification.reason) == "XSS"


# ------------------------------------------------------------------------------- events
# The vendor's own samples (Waratek documentation: ARMR sanitization), field by field. Where a
# sample contradicts the rule above it (its message), the rule's text is what is logged.

HEAD = (
    "<10>1 2026-11-21T12:00:00.939Z localhost java 19559 - - CEF:0|ARMR:SECURITY POLICY|"
    "SECURITY POLICY|2.7|SANITIZATION :01|Execute Rule|High|rt=Nov 21 2026 12:00:00.939 +0000 "
    "dvchost=localhost procid=19559 appVersion=1 ruleType=sanitization "
    "securityFeature=sanitization datainput "
)


def event(rule: str, payload: str) -> str:
    body = f'{{"message": "{payload}"}}'.encode()
    request = Request(
        "/api/forum", "GET", content_type="application/json", body=body, remote="127.0.0.1",
        local="127.0.0.1", local_port=8080, inner_uri="/api/forum",
    )  # fmt: skip
    (line,) = logged(decide(request, book(rule), Limits()), request)
    return line


TAIL = (
    "taintSource=HTTP_SERVLET httpRequestUri=/api/forum httpRequestMethod=GET "
    'internalHttpRequestUri=/api/forum className=builtins.dict attribute=MAP_KEY["message"] '
)
END = " remoteIpAddress=127.0.0.1 localIpAddress=127.0.0.1 localPort=8080"


def test_protect_is_logged_as_the_vendor_does() -> None:
    line = event(SAFE + 'protect(message: "", severity: high)', "' OR '1'='1")
    assert line == (
        f"{HEAD}act=protect msg=A payload has been classified as malicious reason=SQLI "
        f"{TAIL}payload=' OR '1'\\='1{END}"
    )


def test_detect_is_logged_as_the_vendor_does() -> None:
    line = event(SAFE + 'detect(message: "", severity: high)', "<script>")
    assert line == (
        f"{HEAD}act=detect msg=A payload has been classified as malicious reason=XSS "
        f"{TAIL}payload=<script>{END}"
    )


def test_a_safe_undetermined_value_is_logged_without_action() -> None:
    line = event(SAFE + 'protect(message: "m", severity: high)', "< >")
    assert line == (
        f"{HEAD}msg=A payload could not be classified reason=UNDETERMINED {TAIL}payload=< >{END}"
    )


def test_an_unsafe_undetermined_value_is_logged_with_the_rules_message() -> None:
    line = event(UNSAFE + 'protect(message: "m", severity: high)', "< >")
    assert f"{HEAD}act=protect msg=m reason=UNDETERMINED " in line


@pytest.mark.parametrize("reason", ["SQLI", "XSS", "PATH_TRAVERSAL"])
def test_the_reason_is_the_class(reason: str) -> None:
    values = {"SQLI": "' or 1=1--", "XSS": "<script>", "PATH_TRAVERSAL": "../../etc/passwd"}
    assert f" reason={reason} " in event(SAFE + PROTECT, values[reason])


def test_a_payload_cannot_forge_a_field_or_a_line() -> None:
    line = event(SAFE + PROTECT, "<script>\\nCEF:0|x localPort=1 \\u001b[2J\\u2028")
    assert "\n" not in line
    assert "\x1b" not in line
    assert "\u2028" not in line
    assert "payload=<script>\\nCEF:0|x localPort\\=1 " in line


def test_a_long_payload_is_cut_in_the_event_only() -> None:
    request = Request("/x", query="a=<script>" + "x" * 100_000)
    decision = decide(request, book(SAFE + PROTECT), Limits())
    (line,) = logged(decision, request)
    assert len(line) < 6000
    assert len(decision.findings[0].leaf.payload) == 100_008


# ------------------------------------------------- a character set that only the client names

FORM = "application/x-www-form-urlencoded"
CODED = "a=%3Cscript%3Ealert%281%29%3C%2Fscript%3E"


def alone(request: Request) -> tuple[str, str, str | None]:
    (finding,) = decide(request, book(SAFE + PROTECT), Limits()).findings
    found = finding.classification
    return str(found.payload_class), finding.leaf.payload, found.reason and str(found.reason)


@pytest.mark.parametrize("charset", ["utf-16", "UTF-16LE", "utf-32", "ibm037", "cp1140"])
@pytest.mark.parametrize("place", ["query", "form", "text"])
def test_a_named_character_set_hides_nothing_from_who_reads_utf8(charset, place) -> None:
    kind = f"{FORM if place == 'form' else 'text/plain'}; charset={charset}"
    query, body = (CODED, b"") if place == "query" else ("", CODED.encode())
    if place == "text":
        body = b"<script>alert(1)</script>   "
    payload_class, payload, reason = alone(Request("/x", "POST", query, kind, body))
    assert (payload_class, reason) == ("unsafe", "XSS")
    assert payload.strip() == "<script>alert(1)</script>"


def test_one_byte_that_is_no_ascii_hides_the_rest_of_a_form_neither() -> None:
    padding = b"p=" + b"x" * 70_000
    body = padding + b"&" + CODED.encode() + b"&b=\xe9"
    assert alone(Request("/x", "POST", "", f"{FORM}; charset=ibm037", body))[2] == "XSS"


def test_a_multipart_field_in_a_character_set_of_the_host_is_read_in_it() -> None:
    head = b'--B\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
    body = head + "<script>alert(1)</script>".encode("cp037") + b"\r\n--B--\r\n"
    kind = "multipart/form-data; boundary=B; charset=ibm037"
    assert alone(Request("/x", "POST", "", kind, body))[::2] == ("unsafe", "XSS")


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "ibm037", "iso-8859-1", "shift_jis"])
@pytest.mark.parametrize("text", ["hello", "O'Brien, room 12"])
def test_honest_text_in_its_own_character_set_stays_safe(charset: str, text: str) -> None:
    for kind, body in (("text/plain", text), (FORM, f"a={text}")):
        request = Request("/x", "POST", "", f"{kind}; charset={charset}", body.encode(charset))
        assert alone(request) == ("safe", text, None)


def test_what_is_undetermined_in_plain_sight_is_no_better_by_a_character_set() -> None:
    request = Request("/x", "POST", "a=%3C+%3E+", "text/plain; charset=utf-16")
    assert alone(request)[0] == "undetermined"


@pytest.mark.parametrize(
    "named",
    [
        "charset=ibm037; charset=utf-8",
        "charset=utf-8; charset=ibm037",
        "charset*=utf-8''ibm037",
        "charset=utf-8;charset*=''ibm037",
    ],
)
def test_a_character_set_counts_wherever_and_however_it_is_named(named: str) -> None:
    coded = "a=" + "".join(f"%{byte:02x}" for byte in "<script>".encode("cp037"))
    request = Request("/x", "POST", "", f"{FORM}; {named}", coded.encode())
    assert alone(request) == ("unsafe", "<script>", "XSS")
    request = Request("/x", "POST", "", f"{FORM}; {named}", CODED.encode())
    assert alone(request)[2] == "XSS"


def test_of_two_strange_character_sets_neither_is_trusted() -> None:
    kind = f"{FORM}; charset=ibm037; charset=utf-16"
    assert alone(Request("/x", "POST", "", kind, b"a=hello"))[0] == "undetermined"
