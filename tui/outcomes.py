"""How a panel is left, and how it refuses what was typed or pressed."""

from __future__ import annotations

from dataclasses import dataclass

from epm.errors import EpmError


class FieldRefusedError(EpmError):
    """What a field holds is not valid.

    Attributes:
        field: the field's name; it is shown in reverse image and gets the cursor.
    """

    def __init__(self, message: str, field: str) -> None:
        """Take the line to show and the field that it is about."""
        super().__init__(message)
        self.field = field


class KeyRefusedError(EpmError):
    """A key that has no job here."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a panel was left.

    Attributes:
        done: whether it did its work; false is F12=Cancel.
        messages: what to say on the panel below.
        value: what was chosen, for a list of values.
        keep: after F12, whether the options that asked for the panel stay as typed.
    """

    done: bool
    messages: tuple[str, ...] = ()
    value: str | None = None
    keep: bool = False


CANCELLED = Result(done=False)
