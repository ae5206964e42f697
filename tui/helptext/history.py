"""Help about the history of rule changes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "history": (
            "Every change of rules, groups, configuration and activation, the newest first: each "
            "is a revision that is kept and can be gone back to."
        ),
        "history.opt": (
            "5 displays what the revision changed, before and after. 7 beside two revisions "
            "compares them, beside one compares it with the current one. 8 makes everything what "
            "it was at the revision, after you confirmed."
        ),
        "history.position": "The list begins at this revision, or at the next older one.",
        "history.server": (
            "Only revisions that changed rules of this server: QSOACCEPT, QSOCONNECT or QSOLISTEN."
        ),
        "history.seq": "Only revisions that changed a rule of this sequence.",
        "history.column.Rev": "The number of the revision.",
        "history.column.Changed": "When the change was made.",
        "history.column.By": "Who made the change.",
        "history.column.Action": "What was done.",
        "history.column.Object": "What it was done to.",
        "history.column.Reason": "Why, if that was said, or else from which host.",
        "history.option.5": "Displays what the revision changed, before and after side by side.",
        "history.option.7": (
            "Beside two revisions: what is different between them. Beside one: what has changed "
            "since it was made."
        ),
        "history.option.8": (
            "Makes rules, groups, configuration and activation what they were at the revision, "
            "after you confirmed and the lock-out guard agreed. That is a revision itself, so it "
            "can be undone too."
        ),
        "history.key.F11": "Shows the reasons in place of the objects, and back.",
        "changes": "What one revision changed: rules, groups, configuration, activation.",
        "changes.opt": "5 displays the object before and after, side by side.",
        "changes.column.Change": "Whether the object was added, changed or deleted.",
        "changes.column.Object": "What was changed.",
        "compare": "What is different between two revisions.",
        "compare.opt": "5 displays the object at both revisions, side by side.",
        "compare.column.Change": "What happened to the object between the two revisions.",
        "compare.column.Object": "What is different.",
        "change": (
            "One object before and after, part by part. * marks what changed; - is a part that is "
            "not there."
        ),
        "change.column.Part": "Which part of the object.",
        "change.column.Before": "What it was before the change, or at the older revision.",
        "change.column.After": "What it was after the change, or at the newer revision.",
    }
)
