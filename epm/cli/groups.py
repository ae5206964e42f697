"""``epm groups``: address, name and port groups."""

from __future__ import annotations

import click

from epm import edits
from epm.cli.app import current
from epm.cli.changes import change, done
from epm.cli.output import answer, table
from epm.cli.params import force_option, json_option, reason_option
from epm.cli.views import groups_to_json
from epm.errors import NotFoundError, RuleError
from epm.model import AddressGroup, RuleSet
from epm.soundness import GROUP_KINDS

KIND = click.Choice(GROUP_KINDS)


@click.group("groups")
def groups() -> None:
    """Work with the groups that conditions name.

    \b
    Examples:
      epm groups add addresses ADMINS --include 10.0.0.0/8 --exclude 10.9.0.0/16
      epm groups add names OPERATORS ALICE "QPG*"
      epm groups add ports HOSTSRV 8470-8476 449
    """


@groups.command("list")
@json_option
def list_groups(as_json: bool) -> None:
    """List the groups and where they are used.

    \b
    Example: epm groups list
    """
    ruleset = current().snapshot().ruleset
    if as_json:
        answer(groups_to_json(ruleset.groups))
        return
    rows = [
        (kind, name, _lines(group), len(edits.group_users(ruleset, kind, name)) or "")
        for kind in GROUP_KINDS
        for name, group in sorted(getattr(ruleset.groups, kind).items())
    ]
    table(("Kind", "Name", "Members", "Used by rules"), rows)


def _lines(group: AddressGroup | tuple[str, ...]) -> str:
    if isinstance(group, AddressGroup):
        return " ".join([*group.include, *(f"!{x}" for x in group.exclude)])
    return " ".join(group)


@groups.command("show")
@click.argument("kind", type=KIND)
@click.argument("name")
@json_option
def show_group(kind: str, name: str, as_json: bool) -> None:
    """Show one group.

    \b
    Example: epm groups show addresses ADMINS
    """
    ruleset = current().snapshot().ruleset
    known = getattr(ruleset.groups, kind)
    if name not in known:
        raise NotFoundError(f"there is no {kind} group {name!r}")
    if as_json:
        answer(groups_to_json(ruleset.groups)[kind][name])  # type: ignore[index]
        return
    group = known[name]
    if isinstance(group, AddressGroup):
        rows = [("include", x) for x in group.include] + [("exclude", x) for x in group.exclude]
    else:
        rows = [("member", x) for x in group]
    table(("Line", "Value"), rows)
    for user in edits.group_users(ruleset, kind, name):
        table(("", ""), [("used by", user)])


def _put(
    action: str, kind: str, name: str, members: tuple[str, ...], include: tuple[str, ...],
    exclude: tuple[str, ...], reason: str | None, force: bool,
) -> None:  # fmt: skip
    group: AddressGroup | tuple[str, ...]
    if kind == "addresses":
        group = AddressGroup((*members, *include), exclude)
    elif include or exclude:
        raise click.UsageError("--include and --exclude are of address groups")
    else:
        group = members

    def edit(ruleset: RuleSet) -> RuleSet:
        exists = name in getattr(ruleset.groups, kind)
        if exists and action == "add":
            raise RuleError(f"{kind} group {name!r} exists already")
        if not exists and action == "change":
            raise NotFoundError(f"there is no {kind} group {name!r}")
        return edits.put_group(ruleset, kind, name, group)

    revision = change(
        current(),
        edit,
        action=action,
        subject=f"{kind} group {name}",
        reason=reason,
        force=force,
    )
    done(f"{kind} group {name} {'added' if action == 'add' else 'changed'}", revision)


def _lines_options(command: click.decorators.FC) -> click.decorators.FC:
    command = click.argument("members", nargs=-1)(command)
    command = click.argument("name")(command)
    command = click.argument("kind", type=KIND)(command)
    command = click.option("--include", multiple=True, metavar="ADDR", help="Address, CIDR, a-b.")(
        command
    )
    return click.option("--exclude", multiple=True, metavar="ADDR", help="A line to leave out.")(
        command
    )


@groups.command("add")
@_lines_options
@reason_option
def add_group(
    kind: str, name: str, members: tuple[str, ...], include: tuple[str, ...],
    exclude: tuple[str, ...], reason: str | None,
) -> None:  # fmt: skip
    """Add a group.

    \b
    Example: epm groups add ports HOSTSRV 8470-8476 449
    """
    _put("add", kind, name, members, include, exclude, reason, force=False)


@groups.command("change")
@_lines_options
@reason_option
@force_option
def change_group(
    kind: str, name: str, members: tuple[str, ...], include: tuple[str, ...],
    exclude: tuple[str, ...], reason: str | None, force: bool,
) -> None:  # fmt: skip
    """Give a group these members instead of those it has.

    \b
    Example: epm groups change names OPERATORS ALICE BOB
    """
    _put("change", kind, name, members, include, exclude, reason, force)


@groups.command("delete")
@click.argument("kind", type=KIND)
@click.argument("name")
@reason_option
def delete_group(kind: str, name: str, reason: str | None) -> None:
    """Delete a group that no condition names.

    \b
    Example: epm groups delete ports HOSTSRV
    """
    revision = change(
        current(),
        lambda ruleset: edits.delete_group(ruleset, kind, name),
        action="delete",
        subject=f"{kind} group {name}",
        reason=reason,
    )
    done(f"{kind} group {name} deleted", revision)


COMMANDS = (groups,)
