"""The commands behind ``===>``, and the same words for ``epm cl``."""

from tui.commands.definitions import DEFINITIONS
from tui.commands.parsing import Words, format_command, parse_command, parse_words
from tui.commands.table import Command, CommandError, Definition, Keyword

__all__ = [
    "DEFINITIONS",
    "Command",
    "CommandError",
    "Definition",
    "Keyword",
    "Words",
    "format_command",
    "parse_command",
    "parse_words",
]
