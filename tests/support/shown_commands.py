"""The ``epm`` command lines that documents and help texts show, taken apart as click would."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from epm.cli.main import cli

_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.M | re.S)
#: What ends a command in a shell line.
_SHELL = {"|", ">", ">>", "<", "&&", "||", ";", "&"}


def shown_in_page(page: Path) -> list[str]:
    """Return the command lines of a page's code blocks, in order."""
    blocks = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [line for block in blocks for line in _commands(block)]


def shown_in_help() -> Iterator[tuple[str, list[str]]]:
    """Yield each command that is no group, by its words, with the lines its help shows."""
    for words, command in _walk(cli, ("epm",)):
        if not isinstance(command, click.Group):
            yield " ".join(words), list(_commands((command.help or "").partition("Example")[2]))


def _commands(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        found = re.match(r"(?:s?:)?\s*(?:\$ )?(?:EPM_\w+=\S+ )*(epm\b.*)", line)
        if found:
            yield from re.split(r" && (?=epm )", found[1])


def _walk(
    command: click.Command, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _walk(command.commands[name], (*words, name))


def understand(line: str) -> None:
    """Take a command line apart to its last option; nothing is run.

    Raises:
        click.ClickException: there is no such command, option or argument.
    """
    words = []
    for word in shlex.split(line, comments=True)[1:]:
        if word in _SHELL:
            break
        words.append(word)
    context = cli.make_context("epm", words, resilient_parsing=False)
    group: click.Command = cli
    while isinstance(group, click.Group) and context._protected_args:
        rest = [*context._protected_args, *context.args]
        name, found, rest = group.resolve_command(context, rest)
        assert found is not None
        group = found
        context = found.make_context(name, rest, parent=context)
