"""How commands show and return values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulators.ibmi.cl.definition import Call
from simulators.ibmi.messages import EscapeError


def libraries_of(names: Sequence[str]) -> str:
    """Return a library list as RTVJOBA returns it: each name padded to 11 characters."""
    return "".join(f"{name:<11}" for name in names).rstrip()


def returned(call: Call, values: Mapping[str, str]) -> None:
    """Hand RTVxxx values to the variables that the command text asks for.

    Raises:
        EscapeError: CPD0084, something else than ``?``, ``?N`` or a variable was given.
    """
    for keyword, given in call.values.items():
        if keyword not in values:
            continue
        text = call.text(keyword) if given else ""
        if not text.startswith(("?", "&")):
            raise EscapeError("CPD0084", text, keyword)
        call.returned[keyword] = values[keyword]
