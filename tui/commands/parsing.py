"""Commands as they are typed: a name and keywords, ``WRKSKTRUL SERVER(QSOACCEPT)``. Pure.

As in CL, letters count as capitals, a value with blanks or brackets stands between apostrophes
(two of them are one), several elements are separated by blanks, and the first keywords may be
given by position.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui.commands.definitions import DEFINITIONS
from tui.commands.table import Command, CommandError, Definition

_NAME = re.compile(r"\s*([A-Z$#@][A-Z0-9$#@_]{0,9})(?=\s|$)")
_ELEMENT = r"(?:'(?:[^']|'')*'|[^\s()']+)"
_KEYWORD = re.compile(rf"\s+([A-Z$#@][A-Z0-9$#@_]{{0,9}})\(((?:\s*{_ELEMENT}(?=[\s)]))*)\s*\)")
_POSITIONAL = re.compile(rf"\s+({_ELEMENT})(?=\s|$)")
_ELEMENTS = re.compile(_ELEMENT)
#: A command line is no longer than IBM's; what is longer was never meant.
MAX_LENGTH = 6000


@dataclass(frozen=True, slots=True)
class Words:
    """A command as it is typed: known by name, its values not checked yet."""

    definition: Definition
    given: Mapping[str, str]

    def complete(self) -> Command:
        """Return the command, checked and with its defaults.

        Raises:
            CommandError: a keyword of it is wrong or missing.
        """
        return self.definition.complete(self.given)


def parse_words(text: str) -> Words:
    """Return the command that a line holds, its values not checked yet.

    Raises:
        CommandError: it has not the form ``NAME KEYWORD(value) ...``, or is not known.
    """
    line = text.upper()
    name = _NAME.match(line) if len(line) <= MAX_LENGTH else None
    if name is None:
        raise CommandError(f"{text.strip()[:40]} is not a command.")
    definition = DEFINITIONS.get(name[1])
    if definition is None:
        raise CommandError(f"Command {name[1]} not found.")
    given: dict[str, str] = {}
    at = name.end()
    while line[at:].strip():
        found = _KEYWORD.match(line, at)
        if found is not None:
            keyword, value = found[1], _value(found[2])
        else:
            found = _POSITIONAL.match(line, at) if len(given) < definition.positional else None
            if found is None:
                raise CommandError(f"Not a keyword with its value: {line[at:].strip()}")
            keyword, value = definition.keywords[len(given)].name, _value(found[1])
        if keyword in given:
            raise CommandError(f"Keyword {keyword} is there twice.", keyword)
        given[keyword] = value
        at = found.end()
    return Words(definition, given)


def parse_command(text: str) -> Command:
    """Return the command that a line holds, checked and with its defaults.

    Raises:
        CommandError: it is not known, or a keyword of it is wrong or missing.
    """
    return parse_words(text).complete()


def format_command(definition: Definition, given: Mapping[str, str]) -> str:
    """Return the line that :func:`parse_words` reads as this command with these values.

    Values that a keyword has anyway are left out, as the system does.
    """
    defaults = {keyword.name: keyword.default for keyword in definition.keywords}
    changed = {name: value for name, value in given.items() if value not in ("", defaults[name])}
    return " ".join([definition.name, *(f"{n}({_quoted(v)})" for n, v in changed.items())])


def _value(text: str) -> str:
    return " ".join(_unquoted(element) for element in _ELEMENTS.findall(text)).strip()


def _unquoted(element: str) -> str:
    return element[1:-1].replace("''", "'") if element.startswith("'") else element


def _quoted(value: str) -> str:
    if _ELEMENTS.fullmatch(value) and not value.startswith("'"):
        return value
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
