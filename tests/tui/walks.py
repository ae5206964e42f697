"""Every panel that can be reached from the main menu, found by walking; and a store that fails."""

from __future__ import annotations

from collections import deque
from dataclasses import fields, replace
from functools import cache

from epm.errors import StoreUnavailableError
from tests.tui.desk import play, session
from tui.keys import Aid
from tui.panels.main_menu import MainMenu

SIZES = {"24x80": {}, "27x132": {"rows": 27, "columns": 132}}
LOST = "rule store: the connection is lost"
_LEAVING = (Aid.F1, Aid.F3, Aid.F12)


@cache
def walks():
    """Panel -> the keys that lead to it from the main menu, the shortest way."""
    found = {}
    ways = deque(((), *_choices()))
    while ways:
        way = ways.popleft()
        dialogue = play(session()[0], *way)
        name = type(dialogue.panel).__name__
        if dialogue.ended or name in found:
            continue
        found[name] = way
        if len(way) < 9:
            ways.extend((*way, *step) for step in _steps(dialogue.panel))
    return found


def keys_of(panel):
    """The keys that a panel answers, but for those that leave it; the others are refused."""
    named = [key.aid for key in panel.function_keys() if key.aid not in _LEAVING]
    return (Aid.ENTER, Aid.ROLL_UP, Aid.ROLL_DOWN, *named)


def _choices():
    return [(f"'{item.number}", "enter") for item in MainMenu().items if item.make is not None]


def _steps(panel):
    """What leads on from a panel: its options beside the first row, its keys, Enter, help."""
    for option, _ in getattr(panel, "options", ()):
        yield f"'{option}", "enter"
    for key in panel.function_keys():
        if key.aid not in _LEAVING:
            yield (key.aid.lower(),)
    yield ("enter",)
    yield ("f1",)
    yield "tab", "tab", "f4"


class Losing:
    """A service that can be lost: then every call of it fails."""

    def __init__(self, service, state):
        self._service = service
        self._state = state

    def __getattr__(self, name):
        found = getattr(self._service, name)
        if not callable(found):
            return found

        def call(*given, **named):
            if self._state["down"]:
                raise StoreUnavailableError(LOST)
            return found(*given, **named)

        return call


def losing_session(**size):
    """A dialogue whose services can all be lost, and the switch for it."""
    state = {"down": False}
    dialogue, _ = session(**size)
    services = [f.name for f in fields(dialogue.desk) if f.name not in ("user", "system", "clock")]
    desk = replace(
        dialogue.desk, **{name: Losing(getattr(dialogue.desk, name), state) for name in services}
    )
    made = type(dialogue)(
        desk, MainMenu(), helper=dialogue._helper,
        rows=size.get("rows", 24), columns=size.get("columns", 80),
    )  # fmt: skip
    return made, state
