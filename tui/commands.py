"""Commands as they are typed behind ``===>``: a name and keywords, such as ``SERVER(QSOACCEPT)``.

Names and keywords of PNSTSTQSO are the vendor's (Powertech documentation: Test Socket Rules,
its keywords); the digit of a keyword is the place of the address in IBM's block layout.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from epm.errors import EpmError
from epm.model import Server

_NAME = re.compile(r"\s*([A-Z$#@][A-Z0-9$#@_]{0,9})(?=\s|$)")
_KEYWORD = re.compile(r"\s+([A-Z$#@][A-Z0-9$#@_]{0,9})\((?:'([^']*)'|([^()']*))\)")

#: Keyword of PNSTSTQSO -> field of a call, for each server.
TEST_KEYWORDS: Mapping[Server, Mapping[str, str]] = MappingProxyType(
    {
        Server.LISTEN: {"LPORT1": "lclport", "USER": "user"},
        Server.CONNECT: {
            "CPORT1": "lclport",
            "CADDR2": "rmtaddr",
            "CPORT2": "rmtport",
            "USER": "user",
        },
        Server.ACCEPT: {
            "APORT1": "bndport",
            "APORT2": "lclport",
            "AADDR3": "rmtaddr",
            "APORT3": "rmtport",
            "USER": "user",
        },
    }
)


class CommandError(EpmError):
    """A command that cannot be run as it is typed."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, and its keywords with their values."""

    name: str
    parameters: Mapping[str, str]

    def only(self, *allowed: str) -> None:
        """Refuse any keyword but those.

        Raises:
            CommandError: another one is there.
        """
        for keyword in self.parameters:
            if keyword not in allowed:
                raise CommandError(f"Keyword {keyword} not valid for command {self.name} here.")

    def server(self) -> Server:
        """Return the value of SERVER.

        Raises:
            CommandError: it is missing, or no server.
        """
        value = self.parameters.get("SERVER", "")
        if value not in Server.__members__.values():
            raise CommandError(f"Keyword SERVER must be one of {' '.join(Server)}.")
        return Server(value)


def parse_command(text: str) -> Command:
    """Return the command that a line holds; letters count as capitals.

    Raises:
        CommandError: it has not the form ``NAME KEYWORD(value) ...``.
    """
    line = text.upper()
    name = _NAME.match(line)
    if name is None:
        raise CommandError(f"{text.strip()} is neither a choice of this menu nor a command.")
    parameters: dict[str, str] = {}
    at = name.end()
    while line[at:].strip():
        found = _KEYWORD.match(line, at)
        if found is None:
            raise CommandError(f"Not a keyword with its value: {line[at:].strip()}")
        keyword, quoted, plain = found.groups()
        if keyword in parameters:
            raise CommandError(f"Keyword {keyword} is there twice.")
        parameters[keyword] = (plain if quoted is None else quoted).strip()
        at = found.end()
    return Command(name.group(1), MappingProxyType(parameters))
