"""A stack of panels, each with the display that it was drawn on.

INVARIANT: whatever cannot be drawn is not shown: a panel is drawn first, and only then are
the stack and the displays changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from epm.errors import EpmError
from tui.carrying import carry_over
from tui.display import Display
from tui.messages import MessageLine
from tui.services import Desk


class Drawable(Protocol):
    """What a stack needs of a panel."""

    window: bool

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw it on an empty display or, a window, on a backdrop."""
        ...

    def keep(self, values: dict[str, str]) -> None:
        """Take what the fields hold into its state."""
        ...


P = TypeVar("P", bound=Drawable)


@dataclass(slots=True)
class _Frame(Generic[P]):
    panel: P
    display: Display
    messages: MessageLine = field(default_factory=MessageLine)


class Frames(Generic[P]):
    """The panels from the first to the one on top; there is always one once it was pushed."""

    def __init__(self, desk: Desk, size: tuple[int, int]) -> None:
        """Have no panel yet; ``size`` is rows and columns of every display."""
        self._desk = desk
        self.size = size
        self._frames: list[_Frame[P]] = []

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def first(self) -> P:
        """The panel that was pushed first."""
        return self._frames[0].panel

    @property
    def top(self) -> P:
        """The panel on top."""
        return self._frames[-1].panel

    @property
    def display(self) -> Display:
        """The display of the panel on top."""
        return self._frames[-1].display

    @property
    def messages(self) -> MessageLine:
        """What is to be said on the panel on top."""
        return self._frames[-1].messages

    def show_message(self) -> None:
        """Show the message of the panel on top, and no other, on its display."""
        frame = self._frames[-1]
        frame.display.message = frame.messages.shown(frame.display.columns - 2)

    def _drawn(self, panel: P, below: Display | None, size: tuple[int, int]) -> Display:
        window = panel.window and below is not None
        display = below.backdrop() if window and below else Display(*size)
        panel.draw(display, self._desk)
        return display

    def _below(self, place: int) -> Display | None:
        return self._frames[place - 1].display if place > 0 else None

    def push(self, panel: P) -> None:
        """Put a panel on top.

        Raises:
            EpmError: its data cannot be had; nothing was changed.
        """
        drawn = self._drawn(panel, self._below(len(self._frames)), self.size)
        self._frames.append(_Frame(panel, drawn))

    def redraw(self) -> None:
        """Draw the panel on top again from its state and fresh data.

        Raises:
            EpmError: they cannot be had; nothing was changed.
        """
        frame = self._frames[-1]
        drawn = self._drawn(frame.panel, self._below(len(self._frames) - 1), self.size)
        drawn.insert = frame.display.insert
        frame.display = drawn

    def pop(self, keep: int | None = None) -> None:
        """Take off the panel on top, or all but the first ``keep``."""
        del self._frames[-1 if keep is None else keep :]

    def replace(self, panel: P) -> None:
        """Put a panel over the first one, instead of all that are there.

        Raises:
            EpmError: its data cannot be had; nothing was changed.
        """
        drawn = self._drawn(panel, self._frames[0].display, self.size)
        self._frames[1:] = [_Frame(panel, drawn)]

    def resize(self, size: tuple[int, int]) -> None:
        """Draw every panel at another size; what was typed and the cursor's place stay.

        Raises:
            EpmError: what was typed does not fit, or data cannot be had; nothing was changed.
        """
        drawn: list[Display] = []
        states = [_state(frame.panel) for frame in self._frames]
        try:
            for frame in self._frames:
                frame.panel.keep(frame.display.values())
                display = self._drawn(frame.panel, drawn[-1] if drawn else None, size)
                carry_over(frame.display, display)
                drawn.append(display)
        except EpmError:
            for frame, state in zip(self._frames, states, strict=True):
                vars(frame.panel).update(state)
            raise
        for frame, display in zip(self._frames, drawn, strict=True):
            frame.display = display
            display.message = frame.messages.shown(display.columns - 2)
        self.size = size

    @contextmanager
    def restoring(self, *refusals: type[EpmError]) -> Iterator[None]:
        """Give the panel on top its state back, should what is done inside fail.

        A list that could not read its next page must not believe that it shows it. A panel that
        was drawn anew meanwhile keeps its state, and so does one that only refused something.
        """
        frame = self._frames[-1]
        display, state = frame.display, _state(frame.panel)
        try:
            yield
        except refusals:
            raise
        except EpmError:
            if self._frames[-1] is frame and frame.display is display:
                vars(frame.panel).update(state)
            raise


def _state(panel: object) -> dict[str, object]:
    """Return what a panel remembers; what it collects in place is copied."""
    return {
        name: copy(value) if isinstance(value, dict | list | set) else value
        for name, value in vars(panel).items()
    }
