"""Help about commands: made from the one table that the parser and the prompter have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tui.commands import DEFINITIONS, Definition


def _topics(definition: Definition) -> Iterator[tuple[str, str]]:
    panel = definition.name.lower()
    yield panel, definition.help
    yield f"{panel}.key.F5", "Shows the values again with which this panel began."
    yield f"{panel}.key.F11", "Shows the names of the keywords in place of the prompts."
    for keyword in definition.keywords:
        yield f"{panel}.{keyword.name.lower()}", keyword.help


def _syntax(definition: Definition) -> str:
    """Return a command with the keywords that it has, each once."""
    return " ".join((definition.name, *(f"{k.name}()" for k in definition.keywords)))


TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "main.selection": (
            "A number from above, or a command: "
            + "; ".join(f"{_syntax(d)}: {d.text}" for d in DEFINITIONS.values())
            + ". F4 prompts for a command's values; with nothing typed, it lists the commands. "
            "F9 retrieves the commands that were run, each press one further back."
        ),
        "main.key.F4": (
            "Prompts for the values of the command that is typed behind ===>; with nothing typed, "
            "lists the commands."
        ),
        "main.key.F9": "Retrieves a command that was run; each press the one before it.",
        **{topic: text for d in DEFINITIONS.values() for topic, text in _topics(d)},
    }
)
