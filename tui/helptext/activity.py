"""Help about captured transactions and messages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "captures": (
            "The calls that a rule with Capture Y recorded, the newest first. Calls that are equal "
            "in every field but their time are one transaction, counted."
        ),
        "captures.opt": (
            "4 deletes the transaction after you confirmed, 5 displays every field of it, 6 makes "
            "a socket rule of it, 9 tests how the rules would decide the call now."
        ),
        "captures.column.Count": "How many equal calls there were.",
        "captures.column.Server": "The server that was called.",
        "captures.column.Call": (
            "Who called whom: the origin and the local end, or the local end and the destination; "
            "for a listen the address and port, and the backlog."
        ),
        "captures.column.User": "The user profile that made the call.",
        "captures.column.Job": "The job that made the call.",
        "captures.column.First seen": "When the first of the equal calls was made.",
        "captures.column.Last seen": "When the last of the equal calls was made.",
        "captures.option.4": "Deletes the transaction, after you confirmed.",
        "captures.option.5": "Displays every field of the call, and when it was made.",
        "captures.option.6": (
            "Creates a socket rule whose conditions hold for this call: its address, service port, "
            "user and program. It is inactive and marked for test, at a sequence before the rule "
            "that decides the call now; you decide its authority."
        ),
        "captures.option.9": "Tests the call by the rules as they are now; change its fields first "
        "if you like.",
        "captures.key.F11": "Shows when the calls were made in place of who made them, and back.",
        "captures.key.F13": "Deletes all captured transactions, after you confirmed.",
        "captured": "One captured transaction with every field that the call carried.",
        "messages": (
            "The message queue: what rules with Message Y sent, the newest first. Severity 0 is "
            "information, 20 a rejection, 40 says that something was lost."
        ),
        "messages.opt": "4 deletes the message after you confirmed, 5 displays its whole text.",
        "messages.column.Sent": "When the message was sent.",
        "messages.column.Sev": "0 is information, 20 a rejection, 40 a loss of messages.",
        "messages.column.Message": "The text; > marks one that is longer than its column.",
        "messages.option.4": "Deletes the message, after you confirmed.",
        "messages.option.5": "Displays the whole text, the rule and the call that it is about.",
        "messages.key.F13": "Deletes all messages that there were on F13, after you confirmed.",
        "message": "One message, whole, with the rule that sent it and the call that it is about.",
    }
)
