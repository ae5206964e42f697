"""What a command is: its name, its keywords and their values. Pure.

INVARIANT: what the parser takes, what F4 prompts for, what help says and what the guide lists
all come from one :class:`Definition`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from epm.addresses import parse_address
from epm.errors import ConditionError, EpmError
from epm.model import Server

Check = Callable[[str], bool]
_GENERIC = re.compile(r"[A-Z#$@][A-Z0-9#$@_]*\*?", re.ASCII)


class CommandError(EpmError):
    """A command that cannot be run as it is typed.

    Attributes:
        keyword: the keyword that it is about; empty when it is about the command.
    """

    def __init__(self, message: str, keyword: str = "") -> None:
        """Take the line to show and the keyword that it is about."""
        super().__init__(message)
        self.keyword = keyword


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword of a command.

    Attributes:
        prompt: its label on the prompt panel.
        length: how many characters its value may have.
        help: what it is for, and what it may be.
        hint: what it may be, in a few words; the values, when there is no other.
        values: what it may be, each with what it means; a value that ``check`` takes too.
        check: whether another text is a value; ``None`` when there is none but ``values``.
        default: the value when it is not given; empty when it then has none.
        required: it has to be given.
        server: the keyword counts only for this value of SERVER.
        field: what the value is for: a field of a call, or a part of a filter.
    """

    name: str
    prompt: str
    length: int
    help: str
    hint: str = ""
    values: Sequence[tuple[str, str]] = ()
    check: Check | None = None
    default: str = ""
    required: bool = False
    server: Server | None = None
    field: str = ""

    def shown_hint(self) -> str:
        """Return what it may be, for the right side of the prompt panel."""
        return self.hint or ", ".join(value for value, _ in self.values)

    def refuse(self, value: str) -> None:
        """Check a value.

        Raises:
            CommandError: it is none of this keyword.
        """
        if len(value) > self.length:
            raise CommandError(f"Value for parameter {self.name} is too long.", self.name)
        if any(value == known for known, _ in self.values):
            return
        if self.check is not None and self.check(value):
            return
        raise CommandError(
            f"Value {value} for parameter {self.name} not valid: {self.shown_hint()}.", self.name
        )


@dataclass(frozen=True, slots=True)
class Command:
    """A command that is complete: every keyword that has a value, defaults included."""

    name: str
    parameters: Mapping[str, str]

    def server(self) -> Server:
        """Return the value of SERVER, which its definition has."""
        return Server(self.parameters["SERVER"])


@dataclass(frozen=True, slots=True)
class Definition:
    """A command.

    Attributes:
        text: what it does, in a few words: the title of its prompt panel.
        keywords: in the order in which they are prompted for.
        positional: how many of them may be given without their names, in order.
    """

    name: str
    text: str
    help: str
    keywords: Sequence[Keyword] = ()
    positional: int = 0

    def keyword(self, name: str) -> Keyword | None:
        """Return a keyword by name."""
        return next((k for k in self.keywords if k.name == name), None)

    def applicable(self, given: Mapping[str, str]) -> list[Keyword]:
        """Return the keywords that count for the value that SERVER has."""
        server = given.get("SERVER", "")
        return [k for k in self.keywords if k.server is None or k.server == server]

    def refuse_strangers(self, given: Mapping[str, str]) -> None:
        """Check that keywords belong to the command, and to the server where one is given.

        Raises:
            CommandError: one does not.
        """
        server = given.get("SERVER", "")
        for name in given:
            keyword = self.keyword(name)
            if keyword is None:
                raise CommandError(f"Keyword {name} not valid for command {self.name}.", name)
            if server in tuple(Server) and keyword.server not in (None, server):
                raise CommandError(f"Keyword {name} not valid for SERVER({server}).", name)

    def complete(self, given: Mapping[str, str]) -> Command:
        """Return the command with these keywords, each checked, and the defaults of the others.

        Raises:
            CommandError: one is not known, not for this server, missing, or has a wrong value.
        """
        self.refuse_strangers(given)
        values: dict[str, str] = {}
        for keyword in self.keywords:
            value = given.get(keyword.name, "")
            if value:
                keyword.refuse(value)
                values[keyword.name] = value
            elif keyword.default:
                values[keyword.name] = keyword.default
            elif keyword.required:
                raise CommandError(f"Parameter {keyword.name} required.", keyword.name)
        return Command(self.name, MappingProxyType(values))

    def fields(self, command: Command) -> dict[str, str]:
        """Return what a command says of the fields of a call, or of a filter, by their names."""
        return {
            keyword.field: command.parameters[keyword.name]
            for keyword in self.keywords
            if keyword.field and not command.parameters.get(keyword.name, "*").startswith("*")
        }


def is_port(value: str) -> bool:
    """Whether a value is a port."""
    return value.isascii() and value.isdigit() and int(value) <= 65535


def is_address(value: str) -> bool:
    """Whether a value is an address."""
    try:
        parse_address(value)
    except ConditionError:
        return False
    return True


def is_generic(value: str) -> bool:
    """Whether a value is a name, or a generic one: what names begin with, and a star."""
    return _GENERIC.fullmatch(value) is not None


def anything(value: str) -> bool:
    """Take any value: whoever runs the command knows more of it."""
    return True
