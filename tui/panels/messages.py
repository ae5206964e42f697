"""Work with Messages: the message queue of rules with Message Y."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tui.display import GREEN, PINK, WHITE, Display
from tui.keys import Aid
from tui.kit.confirm import Confirm
from tui.kit.drawing import cut, output_line, output_text
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW
from tui.kit.newest import HIGHEST, NewestFirst, key_of_number
from tui.outcomes import KeyRefusedError
from tui.panels.call_fields import call_lines
from tui.panels.common import moment
from tui.services import Desk, QueuedMessage
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

_SENT, _SEVERITY, _TEXT = 7, 28, 33
#: From this severity on something was lost.
_LOSS = 40


class WorkWithMessages(NewestFirst[QueuedMessage]):
    """The messages, the newest first."""

    name = "messages"
    title = "Work with Messages"
    options = (("4", "Delete"), ("5", "Display"))

    def fetch_numbered(
        self, desk: Desk, start: int, count: int, *, newer: bool
    ) -> Sequence[QueuedMessage]:
        """Return a page."""
        return desk.messages.page(start, count, newer=newer)

    def number_of(self, row: QueuedMessage) -> int:
        """Return its number."""
        return row.number

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the queue's name, and the heads."""
        output_line(display, 3, "Message queue", desk.configuration.config().message_queue)
        for column, head in ((_SENT, "Sent"), (_SEVERITY, "Sev"), (_TEXT, "Message")):
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: QueuedMessage) -> None:
        """Write one message; a loss is pink."""
        attr = PINK if row.severity >= _LOSS else GREEN
        display.put(at, _SENT, moment(row.at), attr)
        display.put(at, _SEVERITY, f"{row.severity:>2}", attr)
        display.put(at, _TEXT, cut(row.text, display.columns - _TEXT), attr)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F13."""
        _, refresh, _, *rest = super().function_keys()
        return (EXIT, refresh, CANCEL, FunctionKey(Aid.F13, "Delete all", self._clear_all), *rest)

    def _clear_all(self, session: Session) -> None:
        messages = session.desk.messages
        newest = messages.page(HIGHEST, 1)
        if not newest:
            raise KeyRefusedError("There are no messages to delete.")
        # A message that comes while somebody makes up their mind was not read.
        through = newest[0].number

        def act() -> tuple[str, ...]:
            self.chosen.clear()
            return (_deleted(messages.clear(through)),)

        rows = [f"All messages, up to {moment(newest[0].at)}"]
        session.push(Confirm(_CONFIRM, ("F13", "Delete all"), "Messages", rows, act))

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; all deletes are confirmed together."""
        messages = session.desk.messages
        if option == "5":
            return DisplayMessage(messages.message(key_of_number(key))), (key,)
        keys = tuple(sorted(k for k, chosen in self.chosen.items() if chosen == "4"))
        found = [messages.message(key_of_number(k)) for k in keys]

        def act() -> tuple[str, ...]:
            return (_deleted(messages.delete([one.number for one in found])),)

        rows = [f"{moment(one.at)}  {one.text}" for one in found]
        return Confirm(_CONFIRM, ("4", "Delete"), f"{'Sent':<19}  Message", rows, act), keys


_CONFIRM = "Confirm Delete of Messages"


def _deleted(count: int) -> str:
    return "1 message deleted." if count == 1 else f"{count} messages deleted."


class DisplayMessage(Facts):
    """Option 5: the whole text of a message, and what it is about."""

    name = "message"
    title = "Display Message"

    def __init__(self, message: QueuedMessage) -> None:
        """Show a message as it was read."""
        super().__init__("Sent", f"{moment(message.at)}   severity {message.severity:02d}")
        self._message = message

    def facts(self) -> Iterator[str]:
        """Yield its text, broken between words, and what it is about."""
        yield from textwrap.wrap(self._message.text, self._columns - 2)
        yield from self._details()

    def _details(self) -> Iterator[str]:
        one = self._message
        if one.server is not None:
            yield ""
            yield output_text("Server", str(one.server))
        if one.rule is not None:
            yield output_text("Socket rule", str(one.rule))
        if one.call is not None:
            yield from call_lines(one.call)
