"""``epm armr``: what it prints, what it says, its exit codes."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from tests.support.armr_text import mod

DATA = Path(__file__).parent.parent / "data" / "armr"
P = 'protect(message: "no", severity: 8)'
RULES = """
version: 1
servers:
  QSOCONNECT:
    activated: true
    rules:
      - {seq: 10, name: Web, authority: Y, active: Y, audit: Y,
         conditions: [{field: RMTADDR, op: EQ, value: 10.0.0.5}]}
      - {seq: 20, authority: Y, active: Y, conditions: [{field: USER, op: EQ, value: ROOT}]}
      - {seq: 99999, authority: N}
"""


def event(op="connect", address="10.0.0.5", port=80):
    return json.dumps({"op": op, "address": address, "port": port, "endpoint": None, "taint": []})


@pytest.fixture
def web(epm):
    return epm.write("web.armr", mod(("stop", f'connect("10.0.0.5:80") {P}'), name="Web"))


# ---------------------------------------------------------------------------------- decide


@pytest.mark.parametrize("number", [1, 2, 3])
def test_decide_gives_every_expected_decision(epm, number):
    base = DATA / f"armr-{number}"
    done = epm("armr", "decide", f"{base}.armr", "--input", f"{base}.events.jsonl")
    assert done.code == 0
    expected = [json.loads(x) for x in Path(f"{base}.expected.jsonl").read_text().splitlines()]
    assert len(done.lines) == len(expected)
    for got, wanted in zip(done.lines, expected, strict=True):
        assert (got["action"], got["blocked"]) == (wanted["action"], wanted["blocked"])
        named = {"app": got["app"], "rule": got["rule"]}
        assert named in wanted["one_of"] if wanted["one_of"] else set(named.values()) == {None}


def test_a_decision_has_its_line(epm, web):
    events = epm.write("e.jsonl", event() + "\n" + event(port=81) + "\n")
    done = epm("armr", "decide", web, "--input", events)
    first, second = done.lines
    assert list(first) == ["action", "blocked", "rule", "app", "cef"]
    assert (first["action"], first["blocked"]) == ("protect", True)
    assert (first["rule"], first["app"]) == ("stop", "Web")
    assert re.fullmatch(
        r"<10>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ epm \d+ - - "
        r"CEF:0\|ARMR:Web\|Web\|2\.12\|stop\|Execute Rule\|High\|rt=\w{3} \d\d \d{4} "
        r"\d\d:\d\d:\d\d\.\d{3} \+0000 dvchost=\S+ procid=\d+ appVersion=1 ruleType=socket "
        r"securityFeature=socket connect act=protect msg=no "
        r"remoteIpAddress=10\.0\.0\.5 remotePort=80",
        first["cef"],
    )
    none = {"action": "none", "blocked": False, "rule": None, "app": None, "cef": None}
    assert second == none


def test_a_bad_line_is_reported_by_number_and_the_rest_decided(epm, web):
    lines = [event(), "{", event(op="open"), "[]", event(port=81), '{"op": "\x1b"}']
    done = epm("armr", "decide", web, "--input", epm.write("e.jsonl", "\n".join(lines)))
    assert done.code == 4
    assert [x["action"] for x in done.lines] == ["protect", "none"]
    told = done.err.splitlines()
    assert [line.split(": ")[0].rpartition(":")[2] for line in told[:-1]] == ["2", "3", "4", "6"]
    assert told[-1] == "epm: lines that could not be read: 4"
    assert "\x1b" not in done.err


def test_decisions_go_to_a_private_file(epm, web):
    events = epm.write("e.jsonl", event())
    assert epm("armr", "decide", web, "--input", events, "-o", "out.jsonl").out == ""
    made = epm.folder / "out.jsonl"
    assert json.loads(made.read_text())["blocked"] is True
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_a_name_that_does_not_resolve_is_warned_of(epm):
    file = epm.write("h.armr", mod(f'connect("nowhere.invalid:80") {P}'))
    done = epm("armr", "decide", file, "--input", epm.write("e.jsonl", event()))
    assert done.code == 0
    assert "host name 'nowhere.invalid' was not resolved" in done.err
    assert done.lines[0]["action"] == "none"


@pytest.mark.parametrize("command", ["decide", "check", "format", "import"])
def test_a_bad_policy_is_one_clear_line_and_code_4(epm, command):
    file = epm.write("bad.armr", mod(P)[:-9])
    more = ["--input", epm.write("e.jsonl", "")] if command == "decide" else []
    done = epm("armr", command, file, *more)
    assert (done.code, done.out) == (4, "")
    (line,) = done.err.splitlines()
    assert re.match(r"epm: error: \S*bad\.armr:\d+:\d+: SYNTAX: ", line)


def test_a_missing_file_and_a_missing_option(epm, web):
    assert epm("armr", "check", "nowhere.armr").code == 3
    assert epm("armr", "decide", web).code == 2
    assert epm("armr", "decide", web, "--input", "nowhere.jsonl").code == 3
    assert epm("armr", "check", epm.folder).code == 3


# ----------------------------------------------------------------------------------- check


def test_check_says_what_is_there(epm, web):
    done = epm("armr", "check", web, "--strict")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{web}: valid; mods 1, rules 1, warnings 0\n"


def test_warnings_are_talk_and_strict_makes_them_findings(epm):
    file = epm.write("o.armr", mod('connect("0.0.0.0:0") allow()', f'connect("10.0.0.5:80") {P}'))
    done = epm("armr", "check", file)
    assert done.code == 0
    told = f"epm: warning: {file}:6:3: W-OVERLAP: mod 'm': rule 'r1': connect 10.0.0.5:80"
    assert told in done.err
    assert epm("armr", "check", file, "--strict").code == 1


def test_every_error_of_a_policy_is_told(epm):
    file = epm.write("v.armr", mod("connect(any) detect()", P))
    done = epm("armr", "check", file)
    assert done.code == 4
    told = [re.search(rf"{file}:(\d+):\d+: (V\d+): ", x).groups() for x in done.err.splitlines()]
    assert sorted(told) == [("4", "V0"), ("4", "V8"), ("6", "V5")]


def test_check_as_json(epm):
    good = epm.write("g.armr", mod('connect("a.example:80") allow()', level="2.2"))
    done = epm("armr", "check", good, "--json")
    (finding,) = done.lines[0]["findings"]
    assert done.lines[0]["valid"] is True
    assert (finding["code"], finding["error"], finding["line"]) == ("W-GATE", False, 4)
    bad = epm("armr", "check", epm.write("b.armr", mod("detect()")), "--json")
    assert bad.code == 4
    assert bad.lines[0]["valid"] is False
    assert {f["code"] for f in bad.lines[0]["findings"]} == {"V5", "V8"}


# ---------------------------------------------------------------- format, import, export


def test_format_is_canonical_and_tells_of_comments(epm):
    untidy = mod(f'connect("10.0.0.5:80") {P}').replace("\n", " ") + "# comment"
    done = epm("armr", "format", epm.write("u.armr", untidy))
    assert done.code == 0
    assert "comments are not kept" in done.err
    again = epm("armr", "format", epm.write("t.armr", done.out), "-o", "t2.armr")
    assert (again.out, again.err) == ("", "")
    assert (epm.folder / "t2.armr").read_text() == done.out


def test_an_imported_policy_is_a_rule_file(epm, web):
    done = epm("armr", "import", web, "-o", "rules.yaml")
    assert done.code == 0
    assert "epm: not kept: mod 'Web': rule 'stop': connect: severity, message text" in done.err
    rejected = epm("test", "QSOCONNECT", "--rules", "rules.yaml", "--live", "--rmtaddr",
                   "10.0.0.5", "--rmtport", "80")  # fmt: skip
    assert rejected.code == 1
    allowed = epm("test", "QSOCONNECT", "--rules", "rules.yaml", "--live", "--rmtaddr",
                  "10.0.0.5", "--rmtport", "81")  # fmt: skip
    assert allowed.code == 0


def test_exported_rules_are_a_policy(epm):
    rules = epm.write("rules.yaml", RULES)
    done = epm("armr", "export", "--rules", rules, "--app", "Shop", "-o", "shop.armr")
    assert done.code == 0
    assert done.err == "epm: decides otherwise: QSOCONNECT rule 20: asks about USER\n"
    events = epm.write("e.jsonl", event() + "\n" + event(address="10.0.0.6"))
    decided = epm("armr", "decide", "shop.armr", "--input", events).lines
    assert [(x["action"], x["app"]) for x in decided] == [("allow", "Shop"), ("protect", "Shop")]


def test_export_of_the_store_that_says_nothing_is_an_error(epm):
    assert epm("init").code == 0
    done = epm("armr", "export")
    assert done.code == 4
    assert "no active rule of an activated server" in done.err


@pytest.mark.parametrize("command", ["decide", "check", "format", "import", "export"])
def test_every_command_has_an_example(epm, command):
    assert "Example" in epm("armr", command, "--help").out
