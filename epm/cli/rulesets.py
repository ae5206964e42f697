"""``epm rules import|export|check|history|revert``: rule sets as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import click

from epm import edits
from epm.cli.app import current, load_rule_file, rule_warnings
from epm.cli.changes import cases_of, change, done, pass_guard, with_tests
from epm.cli.output import answer, out_text, say, table, talk
from epm.cli.params import (
    FILE,
    SEQUENCE,
    SERVER,
    force_option,
    json_option,
    output_option,
    reason_option,
)
from epm.cli.reverting import revert_to
from epm.cli.rules import rules
from epm.cli.views import change_to_json, stamp
from epm.model import RuleSet, Server
from epm.soundness import GROUP_KINDS

K = TypeVar("K", int, str)


@rules.command("import")
@click.argument("file", type=FILE)
@click.option("--replace", "replacing", is_flag=True, help="The file becomes the whole rule set.")
@click.option("--dry-run", is_flag=True, help="Check and say what would change; change nothing.")
@json_option
@reason_option
@force_option
def import_rules(
    file: str, replacing: bool, dry_run: bool, as_json: bool, reason: str | None, force: bool
) -> None:
    """Import a rule file (YAML or JSON); nothing is imported when anything in it is wrong.

    \b
    Example: epm rules import rules.yaml --replace --dry-run
    """
    app = current()
    # What is added to a system's rules may name the groups that the system has.
    groups = None if replacing else app.store().part(app.system, {}).ruleset.groups
    loaded = load_rule_file(file, groups)

    def edit(ruleset: RuleSet) -> RuleSet:
        return loaded.ruleset if replacing else edits.merge(ruleset, loaded.ruleset)

    if dry_run:
        before = app.snapshot()
        after = edit(before.ruleset)
        rows = _difference(before.ruleset, after)
        tests = with_tests(() if replacing else cases_of(before), loaded.tests)
        if tests != cases_of(before):
            rows.append(("change", "rule tests", None, None))
        _say_difference(rows, as_json)
        pass_guard(after, tests, force=force)
        return
    revision = change(
        app,
        edit,
        action="import",
        subject=file,
        reason=reason,
        force=force,
        # Tests that are there stay when rules are added: the lock-out guard keeps their lines.
        tests=() if replacing else None,
        added_tests=loaded.tests,
        whole=replacing,
    )
    count = sum(len(s.rules) - 1 for s in loaded.ruleset.servers.values())
    if as_json:
        answer({"revision": revision, "rules": count})
    done(f"{file} imported: {count} rules", revision)


def _say_difference(rows: list[tuple[object, ...]], as_json: bool) -> None:
    if as_json:
        heads = ("change", "what", "seq", "name")
        answer([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        table(("Would", "What", "Seq", "Name"), rows)
    talk(f"dry run: {len(rows)} changes, nothing was imported")


def _difference(before: RuleSet, after: RuleSet) -> list[tuple[object, ...]]:
    """Return a row for each rule, group and setting that would change."""
    rows: list[tuple[object, ...]] = []
    for server in Server:
        old = {r.seq: r for r in before.servers[server].rules}
        new = {r.seq: r for r in after.servers[server].rules}
        rows += [
            (what, str(server), seq, (new.get(seq) or old[seq]).name)
            for seq, what in _changed(old, new)
        ]
        if before.servers[server].activated != after.servers[server].activated:
            what = "activate" if after.servers[server].activated else "deactivate"
            rows.append((what, str(server), None, None))
    for kind in GROUP_KINDS:
        groups = _changed(getattr(before.groups, kind), getattr(after.groups, kind))
        rows += [(what, f"{kind} group", None, name) for name, what in groups]
    if before.config != after.config:
        rows.append(("change", "configuration", None, None))
    return rows


def _changed(old: Mapping[K, object], new: Mapping[K, object]) -> Iterator[tuple[K, str]]:
    """Yield (key, what would happen to it) in order of the keys."""
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield key, "delete"
        elif key not in old:
            yield key, "add"
        elif old[key] != new[key]:
            yield key, "change"


@rules.command("export")
@output_option
def export_rules(output: str | None) -> None:
    """Export the system's whole rule set as a rule file.

    \b
    Example: epm rules export -o rules.yaml
    """
    from epm.rulefile.cases import load_cases
    from epm.rulefile.dump import dump_rules

    snapshot = current().snapshot()
    tests = load_cases(snapshot.tests, "rule tests of the store") if snapshot.tests else ()
    with out_text(output) as stream:
        stream.write(dump_rules(snapshot.ruleset, tests))


@rules.command("check")
@click.argument("file", type=FILE, required=False)
@json_option
def check_rules(file: str | None, as_json: bool) -> None:
    """Check a rule file, or the store's rules: what is wrong, and what is never enforced.

    \b
    Example: epm rules check rules.yaml
    """
    source = load_rule_file(file) if file is not None else current().snapshot()
    lines = rule_warnings(source.ruleset)
    count = sum(len(s.rules) for s in source.ruleset.servers.values())
    if as_json:
        answer({"rules": count, "warnings": lines})
        return
    for line in lines:
        say(line)
    say(f"rules checked: {count}, warnings: {len(lines)}")


@rules.command("history")
@click.argument("server", type=SERVER, required=False)
@click.argument("seq", type=SEQUENCE, required=False)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
def history(server: Server | None, seq: int | None, limit: int, as_json: bool) -> None:
    """Show who changed what and when, newest first.

    \b
    Example: epm rules history QSOACCEPT 10
    """
    app = current()
    changes = app.store().history(app.system, server=server, seq=seq, limit=limit)
    if as_json:
        answer([change_to_json(c) for c in changes])
        return
    table(
        ("Rev", "When (UTC)", "Who", "From", "Action", "Object", "Reason"),
        (
            (
                c.revision.number,
                stamp(c.revision.at),
                c.revision.who.user,
                c.revision.who.host,
                c.revision.action,
                c.key,
                c.revision.reason,
            )
            for c in changes
        ),
    )


@rules.command("revert")
@click.argument("revision", type=click.IntRange(0))
@reason_option
@force_option
def revert(revision: int, reason: str | None, force: bool) -> None:
    """Make the rules what they were at a revision; that is a new revision itself.

    \b
    Example: epm rules revert 12 --reason "wrong subnet"
    """
    made = revert_to(current(), revision, reason=reason, force=force)
    done(f"reverted to revision {revision}", made)


COMMANDS = (rules,)
