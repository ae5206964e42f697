"""The rule test facility on the command line."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

VECTORS = Path(__file__).parents[1] / "data" / "vectors"

RULES = """
version: 1
servers:
  QSOACCEPT:
    activated: true
    rules:
      - {seq: 10, name: SSH, authority: Y, audit: Y, active: Y,
         conditions: [{field: RMTADDR, op: EQ, value: 10.0.0.0/8},
                      {field: LCLPORT, op: EQ, value: 22}]}
      - {seq: 20, name: New, authority: N, active: N, test: Y,
         conditions: [{field: USER, op: EQ, value: BAD}]}
      - {seq: 99999, name: Default, authority: N}
"""


@pytest.fixture
def rules(epm):
    return epm.write("rules.yaml", RULES)


def test_one_call_as_the_contract_shows_it(epm, rules):
    result = epm("test", "QSOACCEPT", "--rules", rules, "--rmtaddr", "10.1.2.3", "--lclport", 22,
                 "--json")  # fmt: skip
    assert result.code == 0
    assert result.json == {
        "server": "QSOACCEPT",
        "verdict": "allow",
        "reason": "rule",
        "rule": {"seq": 10, "name": "SSH"},
        "audit": True,
        "message": False,
        "capture": False,
    }


def test_the_exit_code_is_the_verdict_or_the_expectation(epm, rules):
    rejected = ("test", "QSOACCEPT", "--rules", rules, "--rmtaddr", "192.0.2.1")
    assert epm(*rejected).code == 1
    assert epm(*rejected, "--expect", "reject").code == 0
    assert epm(*rejected, "--expect", "allow").code == 1


def test_live_goes_by_the_active_flags_and_activation(epm, rules):
    call = ("--rules", rules, "--user", "bad", "--json")
    assert epm("test", "accept", *call).json["rule"]["seq"] == 20
    assert epm("test", "accept", *call, "--live").json["rule"]["seq"] == 99999
    assert epm("test", "listen", "--rules", rules, "--json", "--live").json["reason"] == (
        "not-activated"
    )


def test_the_trace_gives_every_rule_and_condition(epm, rules):
    trace = epm("test", "accept", "--rules", rules, "--rmtaddr", "10.1.2.3", "--lclport", 80,
                "--trace", "--json").json["trace"]  # fmt: skip
    assert trace == [
        {"seq": 10, "outcome": "not-matched", "why": None,
         "conditions": [{"seq": 10, "result": True}, {"seq": 20, "result": False}]},
        {"seq": 20, "outcome": "not-matched", "why": None,
         "conditions": [{"seq": 10, "result": False}]},
        {"seq": 99999, "outcome": "matched", "why": None, "conditions": []},
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["test", "live"])
@pytest.mark.parametrize("evaluator", [[], ["--reference"]])
def test_the_vectors_through_the_command_line(epm, mode, evaluator):
    live = ["--live"] if mode == "live" else []
    result = epm("test", "--rules", VECTORS / "rules-2.yaml", "--input",
                 VECTORS / "rules-2.calls.jsonl", *live, *evaluator)  # fmt: skip
    wanted = (VECTORS / f"rules-2.{mode}.jsonl").read_text().splitlines()
    got = [json.loads(line) for line in result.out.splitlines()]
    assert result.code == 0
    for line, expected in zip(got, map(json.loads, wanted), strict=True):
        assert {k: line[k] for k in expected} == expected


def test_ten_thousand_calls_are_equal_in_both_evaluators(epm):
    calls = (VECTORS / "rules-3.calls.jsonl").read_text().splitlines()
    source = random.Random(7)
    mixed = []
    for _ in range(10_000):
        one, other = json.loads(source.choice(calls)), json.loads(source.choice(calls))
        mixed.append(json.dumps({**other, **one, "user": other.get("user")}))
    file = epm.write("calls.jsonl", "\n".join(mixed) + "\n")
    words = ("test", "--rules", VECTORS / "rules-3.yaml", "--input", file)
    compiled = epm(*words)
    assert len(compiled.out.splitlines()) == 10_000
    assert compiled.out == epm(*words, "--reference").out


def test_a_bad_line_is_reported_with_its_number_and_the_rest_decided(epm, rules):
    good = '{"server":"QSOACCEPT","rmtaddr":"10.1.2.3","lclport":22}'
    lines = [good, "not json", '{"server":"QSOX"}', '{"server":"QSOACCEPT","rmtport":70000}',
             '{"server":"QSOACCEPT","rmtaddr":"10.1"}', "[" * 100_000, good]  # fmt: skip
    file = epm.write("calls.jsonl", "\n".join(lines))
    result = epm("test", "--rules", rules, "--input", file)
    assert result.code == 4
    assert len(result.out.splitlines()) == 2
    for number in (2, 3, 4, 5, 6):
        assert f"calls.jsonl:{number}: " in result.err


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_csv_and_parquet_decide_like_json_lines(epm, rules, ending):
    rows = [
        {"server": "QSOACCEPT", "rmtaddr": "10.1.2.3", "lclport": 22, "groups": ["A", "B"]},
        {"server": "QSOACCEPT", "rmtaddr": None, "lclport": 22, "groups": None},
        {"server": "QSOLISTEN", "rmtaddr": None, "lclport": 80, "groups": None},
    ]
    lines = epm.write("calls.jsonl", "\n".join(json.dumps(r) for r in rows))
    file = epm.folder / f"calls.{ending}"
    if ending == "csv":
        text = "server,rmtaddr,lclport,groups\nQSOACCEPT,10.1.2.3,22,A;B\nQSOACCEPT,,22,\n"
        file.write_text(text + "QSOLISTEN,,80,\n")
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), file)
    wanted = epm("test", "--rules", rules, "--input", lines).out
    assert epm("test", "--rules", rules, "--input", file).out == wanted
    out = epm.folder / f"out.{ending}"
    assert epm("test", "--rules", rules, "--input", file, "-o", out).code == 0
    assert out.stat().st_size > 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("calls.csv", "line 1: the heads of a CSV file name the fields"),
        ("calls.parquet", "not a Parquet file that can be read"),
    ],
)
def test_a_file_that_is_not_of_its_form_is_named(epm, rules, name, why):
    refused = epm("test", "--rules", rules, "--input", epm.write(name, "x\n"))
    assert refused.code == 4
    assert f"{name}: {why}" in refused.err


def test_a_bad_line_of_a_csv_file_spoils_itself_only(epm, rules):
    file = epm.folder / "calls.csv"
    file.write_bytes(
        b"server, rmtaddr, job\nQSOACCEPT, 10.1.2.3, A\nQSOACCEPT,10.1.2.3,\xe9\nQSOACCEPT,10.1,B\n"
        b"QSOACCEPT,10.1.2.3,C,D\nQSOACCEPT,10.1.2.3,\xc3\x89\n"
    )
    result = epm("test", "--rules", rules, "--input", file)
    assert result.code == 4
    assert len(result.out.splitlines()) == 2
    told = [line.partition(": ")[0] for line in result.err.splitlines()[:-1]]
    assert told == [f"{file}:{number}" for number in (3, 4, 5)]


@pytest.mark.parametrize("heads", ["rmtaddr,lclport", "server,rmtaddr,RMTADDR", ""])
def test_heads_of_a_csv_file_that_do_not_name_the_fields(epm, rules, heads):
    result = epm("test", "--rules", rules, "--input", epm.write("calls.csv", f"{heads}\n1,2,3\n"))
    assert (result.code, result.out) == (4, "")
    assert "line 1" in result.err


def test_numbers_that_a_data_frame_made_floats_are_numbers_still(epm, rules):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    columns = {
        "server": ["QSOACCEPT"] * 3,
        "rmtaddr": ["10.1.2.3"] * 3,
        "lclport": pa.array([22.0, float("nan"), 22.5], pa.float64()),
    }
    file = epm.folder / "calls.parquet"
    pq.write_table(pa.table(columns), file)
    result = epm("test", "--rules", rules, "--input", file)
    assert [json.loads(line)["verdict"] for line in result.out.splitlines()] == ["allow", "reject"]
    assert "calls.parquet:3: lclport must be a number, not 22.5" in result.err


def test_parquet_without_its_library_is_one_line_that_says_what_to_install(epm, rules, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = epm("test", "--rules", rules, "--input", epm.write("calls.parquet", "PAR1"))
    assert result.code == 3
    assert "epm-ibmi[parquet]" in result.err


def test_cases_report_failures_and_coverage(epm, rules):
    cases = epm.write(
        "cases.yaml",
        """
- {name: ssh, call: {server: QSOACCEPT, rmtaddr: 10.1.1.1, lclport: 22}, expect: allow, rule: 10}
- {name: wrong, call: {server: QSOACCEPT, rmtaddr: 10.1.1.1}, expect: allow}
""",
    )
    result = epm("test", "--rules", rules, "--cases", cases)
    assert result.code == 1
    assert "FAIL wrong: expected allow, got reject by rule 99999" in result.out
    assert "not covered" in result.out
    covered = epm("test", "--rules", rules, "--cases", cases, "--json").json["coverage"]
    assert {c["seq"]: c["decided"] for c in covered} == {10: 1, 20: 0, 99999: 1}


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("listen", "--rmtaddr", "10.0.0.1"), 4, "has no field 'rmtaddr'"),
        (("accept", "--rmtaddr", "10.1"), 4, "is not an address"),
        (("accept", "--rmtport", "99999"), 4, "from 0 to 65535"),
        (("accept", "--at", "yesterday"), 4, "is not a time"),
        (("nothing",), 2, "is not one of"),
        ((), 2, "name one of"),
    ],
)
def test_a_bad_call_is_one_line(epm, rules, words, code, why):
    result = epm("test", *words, "--rules", rules)
    assert result.code == code
    assert why in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--input", "c.jsonl", "--expect", "allow"), "--expect is for one call"),
        (("--input", "c.jsonl", "--rmtaddr", "10.0.0.1"), "--rmtaddr is for one call"),
        (("--cases", "c.yaml", "--group", "A"), "--group is for one call"),
        (("accept", "-o", "x"), "--output is for many calls"),
    ],
)
def test_an_option_that_would_be_without_effect_is_usage(epm, rules, words, why):
    result = epm("test", *words, "--rules", rules)
    assert (result.code, result.out) == (2, "")
    assert why in result.err


def test_a_bad_rule_file_names_file_line_rule_and_field(epm):
    file = epm.write("bad.yaml", RULES.replace("10.0.0.0/8", "10.0.0.0/99"))
    result = epm("test", "accept", "--rules", file)
    assert result.code == 4
    assert "bad.yaml:8: QSOACCEPT rule 10 condition 10: value: RMTADDR EQ" in result.err


def test_output_that_nobody_reads_ends_quietly(epm, rules):
    calls = epm.write("calls.jsonl", '{"server":"QSOACCEPT"}\n' * 20_000)
    import subprocess

    writer = subprocess.Popen(
        [sys.executable, "-P", "-m", "epm", "test", "--rules", str(rules), "--input", str(calls)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    writer.stdout.readline()
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.stderr.close()
    assert writer.wait(30) == 0
