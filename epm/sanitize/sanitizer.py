"""What both middlewares share: decide a request, log it, say what goes on to the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from epm.errors import SettingsError
from epm.sanitize.decide import Decision, decide
from epm.sanitize.events import log_lines
from epm.sanitize.request import Limits, Request
from epm.sanitize.rewrite import without
from epm.sanitize.rules import RuleBook
from epm.syslog5424 import Origin


class OnBlock(StrEnum):
    """What protect does with a request: the vendor names both, and not which (an assumption)."""

    RAISE = "raise"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a middleware works.

    Attributes:
        on_block: refuse the request, or null the payload where that can be said.
        status: of a refused request; 4xx or 5xx.
        limits: of what is read.
        body_seconds: how long a body may take to arrive (ASGI; under WSGI the server's own
            time-out counts); ``None`` is for ever.
    """

    on_block: OnBlock = OnBlock.RAISE
    status: int = 403
    limits: Limits = field(default_factory=Limits)
    body_seconds: float | None = 60.0

    def __post_init__(self) -> None:
        """Refuse a status that would tell the client that all went well.

        Raises:
            SettingsError: it is not 400 to 599.
        """
        if not 400 <= self.status <= 599:
            raise SettingsError(f"status {self.status} is not 400 to 599")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What goes on.

    Attributes:
        decision: what was decided.
        request: what the application is to see; ``None`` where it sees nothing.
    """

    decision: Decision
    request: Request | None


@dataclass(frozen=True, slots=True)
class Sanitizer:
    """Decides requests by the rules in force and logs what they leave.

    Attributes:
        rules: called once a request, so that a policy can be exchanged while it runs: a
            request sees one book.
        log: takes a line without its end.
        origin: who writes the lines.
        clock: gives the time, with an offset.
        settings: how.
    """

    rules: Callable[[], RuleBook]
    log: Callable[[str], None]
    origin: Origin
    clock: Callable[[], datetime]
    settings: Settings = field(default_factory=Settings)

    def book_for(self, uri: str) -> RuleBook | None:
        """Return the rules in force, if any is for a path: else its body need not be read."""
        book = self.rules()
        return None if book.select(uri) is None else book

    def examine(self, request: Request, book: RuleBook) -> Outcome:
        """Decide a request by the rules it came under and log its events before it goes on."""
        decision = decide(request, book, self.settings.limits)
        if any(finding.logged for finding in decision.findings):
            for line in log_lines(decision, request, self.origin, self.clock()):
                self.log(line)
        if not decision.blocked:
            return Outcome(decision, request)
        if self.settings.on_block is OnBlock.NULL and not decision.blocks_unread:
            return Outcome(
                decision, without(request, decision.blocked_leaves, self.settings.limits)
            )
        return Outcome(decision, None)


def refusal(status: int) -> tuple[str, bytes]:
    """Return (reason phrase, body) of a refused request; it says nothing of what was found."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Refused"
    return phrase, f"{status} {phrase}\n".encode()
