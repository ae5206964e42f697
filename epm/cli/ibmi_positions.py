"""How far fetching from a system got: beside its journal, and never more than is on disk there.

The journal itself is what an entry's being there is judged by. The position only spares asking
for what was looked at before, and tells what a receiver that was deleted since still held.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from epm.cli.output import out_bytes, warn

if TYPE_CHECKING:
    from db.ibmi.values import Position

_NAME = "fetched.json"
_VERSION = 1
_MAX_BYTES = 1 << 20


@dataclass(slots=True)
class Positions:
    """The positions of one system, by what was fetched.

    Attributes:
        path: where they are kept.
        anew: how often the numbers of a journal were begun anew.
        messages: time and key of the last message that was taken.
    """

    path: Path
    places: dict[str, Position] = field(default_factory=dict)
    messages: tuple[str, int] = ("", 0)
    anew: dict[str, int] = field(default_factory=dict)

    def save(self) -> None:
        """Write them, all or nothing, for the user alone."""
        value = {
            "version": _VERSION,
            "places": {key: asdict(place) for key, place in self.places.items()},
            "messages": list(self.messages),
            "anew": self.anew,
        }
        with out_bytes(str(self.path)) as stream:
            stream.write(json.dumps(value).encode())
            stream.flush()
            os.fsync(stream.fileno())


def load_positions(folder: Path) -> Positions:
    """Return the positions kept in a folder; what cannot be read is begun anew, with a warning."""
    from db.ibmi.values import Position

    path = folder / _NAME
    made = Positions(path)
    try:
        with path.open("rb") as stream:
            value = json.loads(stream.read(_MAX_BYTES))
        places: Mapping[str, Mapping[str, object]] = value["places"]
        found = {str(key): _position(Position, place) for key, place in places.items()}
        at, key = value["messages"]
        messages = (str(at), int(key))
        anew = {str(key): int(count) for key, count in value["anew"].items()}
    except FileNotFoundError:
        return made
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        warn(f"{path} cannot be read: everything that is there is fetched again")
        return made
    made.places, made.messages, made.anew = found, messages, anew
    return made


def _position(kind: type[Position], place: Mapping[str, object]) -> Position:
    number = place["sequence"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("a position's number is none")  # noqa: TRY004 - what the caller expects
    return kind(str(place["lib"]), str(place["receiver"]), number)
