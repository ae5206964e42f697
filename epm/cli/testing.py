"""``epm test``: the rule test facility, for one call, many calls, or rule unit tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from epm.calls import call_from_mapping, decision_to_mapping
from epm.cases import Case, CaseResult, coverage, run_case
from epm.cli.app import App, current, load_rule_file, rule_warnings
from epm.cli.batch import decide_each
from epm.cli.callfiles import reader_for, writer_for
from epm.cli.clock import local_now, to_local
from epm.cli.exits import ExitCode
from epm.cli.files import read_text
from epm.cli.output import answer, say, table, talk, warn
from epm.cli.params import FILE, SERVER, json_option, rules_option
from epm.cli.views import decision_line, print_trace
from epm.engine import Engine
from epm.errors import CallError
from epm.evaluate import Mode
from epm.model import Call, Decision, Server

_FIELDS = ("rmtaddr", "rmtport", "lcladdr", "lclport", "bndaddr", "bndport", "backlog",
           "user", "job", "pgm", "at")  # fmt: skip
_HELP = {
    "rmtaddr": "Remote address.", "rmtport": "Remote port.",
    "lcladdr": "Local address.", "lclport": "Local port.",
    "bndaddr": "Address the listener is bound to (QSOACCEPT).",
    "bndport": "Port the listener is bound to (QSOACCEPT).",
    "backlog": "Backlog (QSOLISTEN).", "user": "User profile.", "job": "Job name.",
    "pgm": "Program.", "at": "Time of the call, as 2026-11-21T10:00:00; default now.",
}  # fmt: skip


def _call_options(command: Any) -> Any:
    for name in reversed(_FIELDS):
        command = click.option(f"--{name}", metavar=name[0].upper(), help=_HELP[name])(command)
    return click.option(
        "--group", "groups", multiple=True, metavar="G", help="Group profile; may be repeated."
    )(command)


@click.command("test")
@click.argument("server", type=SERVER, required=False)
@_call_options
@rules_option
@click.option("--live", is_flag=True, help="By the Active flags and activation, not by Test.")
@click.option("--trace", is_flag=True, help="Show every rule and condition with its result.")
@json_option
@click.option("--expect", type=click.Choice(["allow", "reject"]), help="Fail unless decided so.")
@click.option(
    "--input", "input_path", type=FILE, metavar="FILE", help="Many calls: .jsonl, .csv, .parquet."
)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write the decisions here.")
@click.option(
    "--cases", "cases_path", type=FILE, metavar="FILE", help="Rule unit tests, with coverage."
)
@click.option("--reference", is_flag=True, help="Decide by the reference evaluator instead.")
def test(
    server: Server | None,
    rules: str | None,
    live: bool,
    trace: bool,
    as_json: bool,
    expect: str | None,
    input_path: str | None,
    output: str | None,
    cases_path: str | None,
    reference: bool,
    **fields: Any,
) -> int:
    """Show how the rules would decide a call; nothing is enforced or recorded.

    The exit code is 0 when the call is allowed and 1 when it is rejected; with --expect, 0
    when it is decided as expected. Many calls give 0 whatever the verdicts.

    \b
    Examples:
      epm test QSOACCEPT --rmtaddr 10.1.2.3 --lclport 22 --user QTCP --trace
      epm test --rules rules.yaml --input calls.jsonl -o decisions.jsonl
      epm test --rules rules.yaml --cases tests.yaml
    """
    forms = [server is not None, input_path is not None, cases_path is not None]
    if sum(forms) != 1:
        raise click.UsageError("name one of SERVER, --input FILE and --cases FILE")
    one_call = {"expect": expect, "group": fields["groups"], **{f: fields[f] for f in _FIELDS}}
    if server is None:
        _refuse("is for one call, with SERVER", one_call)
    if input_path is None:
        _refuse("is for many calls, with --input", {"output": output})
    app = current()
    mode = Mode.LIVE if live else Mode.TEST
    if cases_path is not None:
        return _run_cases(app, rules, cases_path, mode, as_json)
    engine = app.engine(rules, mode)
    if input_path is not None:
        return _decide_many(engine, input_path, output, trace=trace, reference=reference)
    assert server is not None
    call = _call(server, fields)
    decision = engine.decide_or_fail(call, trace=trace, reference=reference)
    _print_decision(engine, decision, as_json)
    if expect is not None:
        if decision.verdict != expect:
            talk(f"epm: expected {expect}, got {decision.verdict}")
        return ExitCode.OK if decision.verdict == expect else ExitCode.NO
    return ExitCode.OK if decision.allowed else ExitCode.NO


def _refuse(why: str, options: Mapping[str, object]) -> None:
    """Refuse options that would be without effect.

    Raises:
        click.UsageError: one of them was given.
    """
    for name, value in options.items():
        if value:
            raise click.UsageError(f"--{name} {why}")


def _call(server: Server, fields: Mapping[str, Any]) -> Call:
    given: dict[str, object] = {k: v for k, v in fields.items() if v is not None}
    given["groups"] = list(fields["groups"]) or None
    given["server"] = str(server)
    try:
        return call_from_mapping(given, now=local_now(), localize=to_local, strict=True)
    except CallError as error:
        raise CallError(f"call: {error}") from None


def _print_decision(engine: Engine, decision: Decision, as_json: bool) -> None:
    if as_json:
        answer(decision_to_mapping(decision))
        return
    say(decision_line(decision))
    if decision.trace:
        print_trace(decision.trace, engine.ruleset.servers[decision.server].rules)
    for line in rule_warnings(engine.ruleset):
        warn(line)


# ------------------------------------------------------------------------------ many calls


def _decide_many(
    engine: Engine, path: str, output: str | None, *, trace: bool, reference: bool
) -> int:
    def decide(record: Mapping[str, object]) -> Mapping[str, object]:
        call = call_from_mapping(record, now=local_now(), localize=to_local)
        return decision_to_mapping(engine.decide_or_fail(call, trace=trace, reference=reference))

    return decide_each(path, output, decide, reader=reader_for(path), writer=writer_for(output))


# ------------------------------------------------------------------------- rule unit tests


def _load_cases(path: str, rules: str | None) -> tuple[Case, ...]:
    from epm.rulefile.cases import load_cases

    if rules is not None:
        with suppress(OSError):
            if Path(path).exists() and os.path.samefile(path, rules):  # noqa: PTH121
                return load_rule_file(rules).tests
    return load_cases(read_text(path), path)


def _run_cases(app: App, rules: str | None, path: str, mode: Mode, as_json: bool) -> int:
    cases = _load_cases(path, rules)
    engine = app.engine(rules, mode)
    results = []
    for case in cases:
        try:
            call = call_from_mapping(case.call, now=local_now(), localize=to_local, strict=True)
        except CallError as error:
            raise CallError(f"{path}: test {case.name!r}: {error}") from None
        results.append(run_case(engine, case, call))
    failures = [r for r in results if r.failure is not None]
    if as_json:
        answer(_cases_json(engine, results))
    else:
        _print_cases(engine, results)
    talk(f"{len(results) - len(failures)} passed, {len(failures)} failed")
    return ExitCode.NO if failures else ExitCode.OK


def _print_cases(engine: Engine, results: list[CaseResult]) -> None:
    for result in results:
        mark = "FAIL" if result.failure else "ok"
        say(f"{mark:<4} {result.case.name}" + (f": {result.failure}" if result.failure else ""))
    rows = []
    for line in coverage(engine, results):
        seen = " ".join(f"{seq}:{yes}T/{no}F" for seq, yes, no in line.conditions)
        note = str(line.why) if line.why else "" if line.decided else "not covered"
        rows.append((line.server, line.seq, line.name or "", line.decided, line.tried, seen, note))
    say("")
    table(("Server", "Rule", "Name", "Decided", "Tried", "Conditions", "Note"), rows)


def _cases_json(engine: Engine, results: list[CaseResult]) -> dict[str, object]:
    return {
        "cases": [
            {
                "name": r.case.name,
                "expect": str(r.case.expect),
                "passed": r.failure is None,
                "failure": r.failure,
                "decision": decision_to_mapping(r.decision),
            }
            for r in results
        ],
        "coverage": [
            {
                "server": str(c.server),
                "seq": c.seq,
                "name": c.name,
                "decided": c.decided,
                "tried": c.tried,
                "conditions": [
                    {"seq": seq, "true": yes, "false": no} for seq, yes, no in c.conditions
                ],
                "why": None if c.why is None else str(c.why),
            }
            for c in coverage(engine, results)
        ],
    }


COMMANDS = (test,)
