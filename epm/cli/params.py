"""Click types of the command line's own words, and options that commands share."""

from __future__ import annotations

from typing import Any

import click

from epm.errors import EpmError
from epm.fields import FIELD_TYPES
from epm.model import Condition, Connector, Field, Flag, Operator, Server
from epm.soundness import is_object_name
from epm.text import parse_number

_YES = frozenset({"Y", "YES", "TRUE"})
_NO = frozenset({"N", "NO", "FALSE"})


class ServerParam(click.ParamType[Server]):
    """A server: ``QSOACCEPT``, or ``accept`` for short."""

    name = "server"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Server:
        """Return the server, or fail as usage."""
        if isinstance(value, Server):
            return value
        name = str(value).upper()
        for server in Server:
            if name in (server, server.removeprefix("QSO")):
                return server
        self.fail(f"{value!r} is not one of {' '.join(Server)}", param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Offer the three servers."""
        return [
            click.shell_completion.CompletionItem(str(s))
            for s in Server
            if s.startswith(incomplete.upper())
        ]


class FlagParam(click.ParamType[Flag]):
    """Y, N or ``*``; with ``inherit=False`` only Y or N."""

    name = "flag"

    def __init__(self, *, inherit: bool) -> None:
        self._inherit = inherit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Flag:
        """Return the flag, or fail as usage."""
        text = str(value).upper()
        if text in _YES:
            return Flag.YES
        if text in _NO:
            return Flag.NO
        if text == "*" and self._inherit:
            return Flag.INHERIT
        self.fail(f"{value!r} is not {'Y, N or *' if self._inherit else 'Y or N'}", param, ctx)


class JournalParam(click.ParamType[str]):
    """The name of a journal, in upper case; nothing that leads to another folder."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, or fail as usage."""
        name = str(value).upper()
        if not is_object_name(name):
            self.fail(f"{value!r} is not a name of 1 to 10 characters", param, ctx)
        return name


SERVER = ServerParam()
FLAG = FlagParam(inherit=True)
YES_NO = FlagParam(inherit=False)
SEQUENCE = click.IntRange(1, 99999)
#: A file that the shell may complete; whoever opens it says what is wrong with it.
FILE = click.Path(readable=False)

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
rules_option = click.option(
    "--rules",
    type=FILE,
    metavar="FILE",
    help="Rule file instead of the store; - is standard input.",
)
output_option = click.option(
    "-o", "--output", type=FILE, metavar="FILE", help="Write here instead of standard output."
)
journal_option = click.option(
    "--journal", "name", type=JournalParam(), metavar="NAME", help="Another journal of the system."
)
reason_option = click.option("--reason", metavar="TEXT", help="Why, for the change history.")
force_option = click.option(
    "--force", is_flag=True, help="Do it although the lock-out guard objects."
)


def parse_condition(text: str, position: int) -> Condition:
    """Return the condition that ``[SEQ:] [AND|OR] FIELD OP VALUE`` describes.

    Args:
        text: as typed, such as ``OR LCLPORT RANGE 8470-8476``.
        position: its place among those given, from 1: ten times it is the sequence.

    Raises:
        click.BadParameter: it has not that form.
    """
    words = text.split()
    seq, at = 10 * position, 0
    try:
        if words and words[0].endswith(":"):
            seq = parse_number(words[0][:-1], 1, 99999, "condition sequence")
            at = 1
        connector = Connector.AND
        if len(words) > at and words[at].upper() in Connector.__members__:
            connector = Connector(words[at].upper())
            at += 1
        field, op = Field(words[at].upper()), Operator(words[at + 1].upper())
    except (EpmError, ValueError, IndexError) as error:
        why = f": {error}" if isinstance(error, EpmError) else ""
        raise click.BadParameter(
            f"{text!r} is not [SEQ:] [AND|OR] FIELD OPERATOR VALUE{why}; "
            f"fields are {' '.join(FIELD_TYPES)}"
        ) from None
    rest = text.split(None, at + 2)
    return Condition(seq, connector, field, op, rest[at + 2] if len(rest) > at + 2 else "")
