"""Writes docs/commands.md from the commands themselves; a test holds the page to them.

python -m tests.support.command_reference > docs/commands.md
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from epm.cli.main import cli

_HEAD = """# Commands

Made from the commands' own help (`tests/support/command_reference.py`); `epm COMMAND --help` shows
the same. `--db URL` and `--system NAME` come before the command.
"""


def reference() -> str:
    """Return the whole page."""
    return _HEAD + "".join(_sections(cli, ("epm",)))


def _sections(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _sections(command.commands[name], (*path, name))
        return
    context = click.Context(command, info_name=" ".join(path))
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield f"\n## {' '.join(path)}\n\n```\n{usage}\n```\n\n"
    text = inspect.cleandoc(command.help or "")
    for block in text.split("\n\n"):
        if block.startswith("\b"):
            yield f"```\n{block[1:].strip()}\n```\n\n"
        else:
            yield block + "\n\n"
    options = [p for p in command.params if isinstance(p, click.Option)]
    for option in options:
        names = ", ".join(option.opts + option.secondary_opts)
        yield f"* `{names}` {option.help or ''}".rstrip() + "\n"


if __name__ == "__main__":
    print(reference(), end="")
