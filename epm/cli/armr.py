"""``epm armr``: policies in the ARMR language: decide, check, format, import, export."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from epm.cli.app import current
from epm.cli.batch import decide_each
from epm.cli.clock import utc_now
from epm.cli.exits import ExitCode
from epm.cli.files import read_text
from epm.cli.output import answer, out_text, say, talk, warn
from epm.cli.params import json_option, rules_option
from epm.cli.resolve import resolve

if TYPE_CHECKING:
    from epm.armr.engine import SocketDecision
    from epm.armr.findings import ArmrError, Finding
    from epm.armr.policy_reader import ReadPolicy
    from epm.armr.unsaid import Unsaid

output_option = click.option(
    "-o", "--output", metavar="FILE", help="Write here instead of standard output."
)
APP_NAME = "epm"


@click.group("armr")
def armr() -> None:
    """Work with ARMR policies: socket rules of Waratek's language.

    \b
    Examples:
      epm armr check policy.armr
      epm armr decide policy.armr --input events.jsonl
      epm run --armr policy.armr --armr-log events.cef -- ./server
    """


def load_policy(file: str) -> ReadPolicy:
    """Return the policy of a file; ``-`` is standard input. Every error is told.

    Raises:
        ArmrError: it is refused; its text is the first error.
    """
    from epm.armr.findings import ArmrError
    from epm.armr.policy_reader import read_policy

    try:
        return read_policy(read_text(file), file)
    except ArmrError as error:
        tell_errors(error, file)
        raise


def tell_errors(error: ArmrError, file: str) -> None:
    """Tell the findings of a refused file that its own text does not hold."""
    errors = [finding for finding in error.findings if finding.is_error]
    for finding in error.findings:
        if finding is not errors[0]:
            (talk if finding.is_error else warn)(finding.line(file))


def tell_warnings(findings: Sequence[Finding], file: str) -> None:
    """Tell what was found in a file that was taken."""
    for finding in findings:
        warn(finding.line(file))


# ---------------------------------------------------------------------------------- decide


@armr.command("decide")
@click.argument("file")
@click.option(
    "--input", "input_path", metavar="FILE", required=True, help="Events as JSON Lines; - is stdin."
)
@output_option
def decide(file: str, input_path: str, output: str | None) -> int:
    """Decide recorded socket operations by a policy; nothing is enforced.

    An event is {"op": "accept|connect|bind-client|bind-server", "address": "10.0.0.5",
    "port": 80, "endpoint": null, "taint": []}. Each gives one line with the action, whether it
    is blocked, the rule and mod that decide, and the event that would be logged. A line that
    cannot be read is reported by its number, the rest is decided, and the exit code is 4.

    \b
    Example: epm armr decide policy.armr --input events.jsonl
    """
    from epm.armr.attempts import attempt_from_mapping
    from epm.armr.engine import SocketEngine, host_names
    from epm.armr.events import socket_line
    from epm.syslog5424 import Origin

    read = load_policy(file)
    tell_warnings(read.findings, file)
    names = host_names(read.policy)
    resolved = resolve(names)
    for name in names:
        if name not in resolved:
            warn(f"{file}: host name {name!r} was not resolved: its rules do not apply")
    engine = SocketEngine(read.policy, resolved)
    origin = Origin(socket.gethostname(), APP_NAME, str(os.getpid()))

    def decide_one(record: Mapping[str, object]) -> Mapping[str, object]:
        decision = engine.decide(attempt_from_mapping(record))
        return decision_to_mapping(decision, socket_line(decision, origin, utc_now()))

    return decide_each(input_path, output, decide_one)


def decision_to_mapping(decision: SocketDecision, line: str | None) -> dict[str, object]:
    """Return a decision as the JSON object that ``decide`` prints."""
    candidate = decision.candidate
    return {
        "action": "none" if decision.action is None else str(decision.action),
        "blocked": decision.blocked,
        "rule": None if candidate is None else candidate.rule.name,
        "app": None if candidate is None else candidate.mod.name,
        "cef": line,
    }


# ------------------------------------------------------------------------- check and format


@armr.command("check")
@click.argument("file")
@click.option("--strict", is_flag=True, help="Exit with 1 where there are warnings.")
@json_option
def check(file: str, strict: bool, as_json: bool) -> int:
    """Check a policy: language, levels, and rules that overlap in a doubtful way.

    Errors refuse the file (exit code 4). Warnings: W-GATE a feature newer than the mod says,
    W-OVERLAP attempts that another reading of the vendor's order would treat differently,
    W-KIND rules that are read and not applied, W-QUOTE curly quotes, W-VERSION, W-LOGGING.

    \b
    Example: epm armr check policy.armr --strict
    """
    from epm.armr.findings import ArmrError
    from epm.armr.overlap import overlap_findings

    try:
        read = load_policy(file) if not as_json else _quietly(file)
    except ArmrError as error:
        if as_json:
            answer({"valid": False, "findings": [_finding_json(f) for f in error.findings]})
        raise
    findings = (*read.findings, *overlap_findings(read.policy))
    if as_json:
        answer({"valid": True, "findings": [_finding_json(f) for f in findings]})
    else:
        tell_warnings(findings, file)
        rules = sum(len(mod.rules) for mod in read.policy.mods)
        say(f"{file}: valid; mods {len(read.policy.mods)}, rules {rules}, "
            f"warnings {len(findings)}")  # fmt: skip
    return ExitCode.NO if strict and findings else ExitCode.OK


def _quietly(file: str) -> ReadPolicy:
    from epm.armr.policy_reader import read_policy

    return read_policy(read_text(file), file)


def _finding_json(finding: Finding) -> dict[str, object]:
    return {
        "code": str(finding.code),
        "error": finding.is_error,
        "line": finding.position.line,
        "column": finding.position.column,
        "mod": finding.mod,
        "rule": finding.rule,
        "text": finding.text,
    }


@armr.command("format")
@click.argument("file")
@output_option
def format_policy(file: str, output: str | None) -> None:
    """Write a policy in canonical form: two blanks a level, one statement a line.

    Only the syntax need be right. Comments are not kept, which is told.

    \b
    Example: epm armr format policy.armr -o tidy.armr
    """
    from epm.armr.parser import has_comments, parse
    from epm.armr.unparse import unparse

    text = read_text(file)
    parsed = parse(text, file)
    tell_warnings(parsed.findings, file)
    if has_comments(text):
        warn(f"{file}: comments are not kept")
    with out_text(output) as out:
        out.write(unparse(parsed.source))


# ------------------------------------------------------------------------ import and export


@armr.command("import")
@click.argument("file")
@output_option
def import_policy(file: str, output: str | None) -> None:
    """Turn the socket rules of a policy into a rule file that decides the same.

    What a rule file cannot say is listed on standard error. Take the file into the store with
    `epm rules import`, which passes the lock-out guard.

    \b
    Example: epm armr import policy.armr -o rules.yaml
    """
    from epm.armr.to_rules import to_rules
    from epm.rulefile.dump import dump_rules

    read = load_policy(file)
    tell_warnings(read.findings, file)
    ruleset, unsaid = to_rules(read.policy)
    with out_text(output) as out:
        out.write(dump_rules(ruleset))
    _tell_unsaid(unsaid)


@armr.command("export")
@rules_option
@click.option("--app", "name", metavar="NAME", help="Name of the mod; default is the system's.")
@output_option
def export_policy(rules: str | None, name: str | None, output: str | None) -> None:
    """Turn the rules that are enforced live into a policy that decides the same.

    A later rule is cut where the order of ARMR would let it win. What ARMR cannot say is
    listed on standard error.

    \b
    Examples:
      epm armr export -o policy.armr
      epm armr export --rules rules.yaml --app "Web shop"
    """
    from epm.armr.from_rules import from_rules
    from epm.armr.unparse import unparse

    app = current()
    ruleset, _ = app.ruleset(rules)
    source, unsaid = from_rules(ruleset, name or app.system)
    with out_text(output) as out:
        out.write(unparse(source))
    _tell_unsaid(unsaid)


def _tell_unsaid(unsaid: Sequence[Unsaid]) -> None:
    for each in unsaid:
        talk(f"epm: {each.line()}")


COMMANDS = (armr,)
