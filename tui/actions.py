"""Everything that can be done from where the operator is, for the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tui.keys import Aid
from tui.kit.menu import Menu, MenuItem
from tui.outcomes import KeyRefusedError
from tui.session import Panel, Session


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done.

    Attributes:
        title: what is searched for and shown.
        text: says more about it.
        do: does it; an error becomes a message of the session.
    """

    title: str
    text: str
    do: Callable[[], None]


def actions(session: Session) -> Iterator[Action]:
    """Yield the function keys of the panel on top, then the choices of the main menu."""
    panel = session.panel
    yield _press(session, panel, Aid.F1, "Help")
    for key in panel.function_keys():
        yield _press(session, panel, key.aid, key.label)
    if isinstance(session.first, Menu):
        for item in session.first.items:
            yield from _choose(session, item)


def _press(session: Session, panel: Panel, aid: Aid, label: str) -> Action:
    def press() -> None:
        if session.panel is panel:
            session.handle(aid)
        else:  # keys typed before the palette came up were still at work
            session.attempt(_refuse)

    return Action(f"{aid} {label}", f"As pressing {aid}", press)


def _refuse() -> None:
    raise KeyRefusedError("Another panel is shown by now; nothing was done.")


def _choose(session: Session, item: MenuItem) -> Iterator[Action]:
    make = item.make
    if make is not None:
        yield Action(
            f"Menu {item.number:>2}  {item.text}",  # behind the keys, which sort before it
            "Leaves this function, as F3 and the choice of the main menu",
            lambda: session.attempt(lambda: session.jump(make)),
        )
