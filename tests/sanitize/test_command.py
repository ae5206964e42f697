"""``epm sanitize decide``: requests in, findings out, as the contract says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from epm.cli.exits import ExitCode
from epm.cli.sanitize import sanitize
from epm.errors import EpmError

POLICY = """\
app("SECURITY POLICY"):
    requires(version: ARMR/2.7)
    sanitization("SANITIZATION :01"):
        request()
        undetermined(values: safe)
        protect(message: "", severity: high)
    endsanitization
endapp
"""
REQUEST = {
    "uri": "/api/x", "method": "GET", "query": "a=1", "content_type": None, "body": None,
    "remote": "127.0.0.1", "local": "127.0.0.1:8080",
}  # fmt: skip


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.armr"
    path.write_text(POLICY, "utf-8")
    return path


@pytest.fixture
def decide(tmp_path: Path, policy: Path, capfd):
    def run(*lines: object, file: Path = policy):
        requests = tmp_path / "requests.jsonl"
        text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        requests.write_text("\n".join(text) + "\n", "utf-8")
        code = sanitize.main(["decide", str(file), "--input", str(requests)], standalone_mode=False)
        out, err = capfd.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err

    return run


def test_a_harmless_request_has_its_finding_and_no_action(decide) -> None:
    code, (answer,), _ = decide(REQUEST)
    assert code == ExitCode.OK
    assert answer == {
        "action": "none",
        "blocked": False,
        "findings": [
            {"attribute": 'PARAMETER["a"]', "payload": "1", "class": "safe", "reason": None}
        ],
        "cef": [],
    }


def test_an_attack_is_blocked_and_logged(decide) -> None:
    body = '{"message": "\' OR \'1\'=\'1", "other": "< >"}'
    code, (answer,), _ = decide(
        REQUEST | {"query": "", "content_type": "application/json", "body": body}
    )
    assert code == ExitCode.OK
    assert (answer["action"], answer["blocked"]) == ("protect", True)
    assert answer["findings"] == [
        {"attribute": 'MAP_KEY["message"]', "payload": "' OR '1'='1", "class": "unsafe",
         "reason": "SQLI"},
        {"attribute": 'MAP_KEY["other"]', "payload": "< >", "class": "undetermined",
         "reason": "UNDETERMINED"},
    ]  # fmt: skip
    assert [" reason=SQLI " in line for line in answer["cef"]] == [True, False]
    assert all("localPort=8080" in line for line in answer["cef"])


def test_a_bad_line_is_told_and_the_rest_is_decided(decide) -> None:
    code, answers, err = decide("{", {"uri": 5}, "", {"uri": "/a", "query": "x=<script>"})
    assert code == ExitCode.INVALID
    assert [answer["action"] for answer in answers] == ["protect"]
    assert "requests.jsonl:1: not JSON" in err
    assert "requests.jsonl:2: uri is not text" in err
    assert "lines that could not be read: 2" in err


def test_a_body_that_is_not_what_it_says_is_a_finding(decide) -> None:
    deep = REQUEST | {"query": "", "content_type": "application/json", "body": "[" * 10_000}
    code, (answer,), _ = decide(deep)
    assert code == ExitCode.OK
    (finding,) = answer["findings"]
    assert (finding["attribute"], finding["class"]) == ("BODY", "undetermined")


def test_a_lone_surrogate_is_printed(decide) -> None:
    _, (answer,), _ = decide(REQUEST | {"query": "a=%ff"})
    assert answer["findings"][0]["payload"] == "\udcff"


def test_a_policy_without_sanitization_judges_and_says_so(decide, tmp_path: Path) -> None:
    other = tmp_path / "other.armr"
    other.write_text(
        'app("A"):\nrequires(version: ARMR/2.7)\nsocket("s"):\naccept("0.0.0.0:0")\nallow()\n'
        "endsocket\nendapp\n"
    )
    code, (answer,), err = decide(REQUEST | {"query": "a=<script>"}, file=other)
    assert (code, answer["action"]) == (ExitCode.OK, "none")
    assert answer["findings"][0]["reason"] == "XSS"
    assert "no sanitization rule" in err


def test_a_policy_that_is_not_valid_is_refused(decide, tmp_path: Path) -> None:
    bad = tmp_path / "bad.armr"
    bad.write_text(POLICY.replace("protect(", "allow("))
    with pytest.raises(EpmError, match=r"bad\.armr:"):
        decide(REQUEST, file=bad)


def test_the_help_has_an_example() -> None:
    for command in (sanitize, sanitize.commands["decide"]):
        assert "Example: epm sanitize decide" in (command.help or "")


def test_a_body_of_ten_megabytes_is_judged_and_a_longer_line_named(decide) -> None:
    form = "application/x-www-form-urlencoded"
    large = {**REQUEST, "method": "POST", "content_type": form, "body": "b=" + "x" * (10 << 20)}
    longer = {**large, "body": "x" * (16 << 20)}
    code, answers, err = decide(large, longer, REQUEST)
    assert code == ExitCode.INVALID
    assert [[f["class"] for f in a["findings"]] for a in answers] == [
        ["safe", "undetermined"],
        ["safe"],
    ]
    assert "requests.jsonl:2: longer than 16384 KB\n" in err
