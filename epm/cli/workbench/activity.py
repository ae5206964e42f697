"""Captured transactions and messages for the panels, read a page at a time from the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm.calls import call_to_mapping
from epm.cli.app import App
from epm.cli.clock import to_local
from epm.model import Rule
from epm.proposals import propose_rule

if TYPE_CHECKING:
    from db.activity import Activity
    from db.activity_values import Captured, Message
    from tui.services import CapturedCall, QueuedMessage, TestService


def _activity(app: App) -> Activity:
    from db.activity import Activity

    return Activity(app.store(), app.system)


@dataclass(frozen=True, slots=True)
class StoreCaptures:
    """The captured transactions of the app's system.

    Attributes:
        testing: says which rule decides a call now.
    """

    app: App
    testing: TestService

    def page(self, start: int, count: int, *, newer: bool = False) -> list[CapturedCall]:
        """Return a page, newest first."""
        activity = _activity(self.app)
        found = (
            activity.captures(count, since=start) if newer else activity.captures(count, start + 1)
        )
        return [_captured(one) for one in found]

    def captured(self, number: int) -> CapturedCall:
        """Return one."""
        return _captured(_activity(self.app).captured(number))

    def proposal(self, number: int) -> Rule:
        """Return a rule for the call, before the one that the test facility decides it by."""
        call = _activity(self.app).captured(number).call
        fields = {k: v for k, v in call_to_mapping(call).items() if k != "server"}
        tested = self.testing.decide(call.server, fields, live=False)
        decided_by = tested.decision.rule
        last = tested.rules[-1].seq
        return propose_rule(call, tested.rules, last if decided_by is None else decided_by.seq)

    def delete(self, numbers: Sequence[int]) -> int:
        """Delete some."""
        return _activity(self.app).remove_captures(numbers)

    def clear(self, through: int) -> int:
        """Delete all up to a number."""
        return _activity(self.app).clear_captures(through)


@dataclass(frozen=True, slots=True)
class StoreMessages:
    """The message queue of the app's system."""

    app: App

    def page(self, start: int, count: int, *, newer: bool = False) -> list[QueuedMessage]:
        """Return a page, newest first."""
        activity = _activity(self.app)
        found = (
            activity.messages(count, since=start) if newer else activity.messages(count, start + 1)
        )
        return [_message(one) for one in found]

    def message(self, number: int) -> QueuedMessage:
        """Return one."""
        return _message(_activity(self.app).message(number))

    def delete(self, numbers: Sequence[int]) -> int:
        """Remove some."""
        return _activity(self.app).remove_messages(numbers)

    def clear(self, through: int) -> int:
        """Remove all up to a number."""
        return _activity(self.app).clear_messages(through)


def _captured(one: Captured) -> CapturedCall:
    from db.activity_values import ends_of
    from tui.services import CapturedCall

    first, last = to_local(one.first_seen), to_local(one.last_seen)
    return CapturedCall(one.number, one.call, ends_of(one.call), one.count, first, last)


def _message(one: Message) -> QueuedMessage:
    from tui.services import QueuedMessage

    at = to_local(one.at)
    return QueuedMessage(one.number, at, one.severity, one.text, one.server, one.rule, one.call)
