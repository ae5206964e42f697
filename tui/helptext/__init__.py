"""The help texts, once: F1 shows them, and the guide to the workbench is written from them.

A topic is named ``panel`` or ``panel.field``; an option field's is ``panel.opt``. A column's is
``panel.column.Head``, an option's of the legend ``panel.option.2``, a menu's choice
``panel.choice.1``, a key's ``panel.key.F6`` or, for all panels, ``key.F6``. Each module holds the
topics of some panels, as ``TOPICS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tui.helptext import (
    activity,
    columns,
    commands,
    groups,
    history,
    journal,
    keys,
    messages,
    policies,
    rules,
    systems,
)

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        **activity.TOPICS,
        **columns.TOPICS,
        **commands.TOPICS,
        **groups.TOPICS,
        **history.TOPICS,
        **journal.TOPICS,
        **keys.TOPICS,
        **messages.TOPICS,
        **policies.TOPICS,
        **rules.TOPICS,
        **systems.TOPICS,
    }
)


def topic_of(panel: str, field: str | None) -> str:
    """Return the name of the topic for a field, or for its panel when it has none."""
    if field is not None:
        # A field that is there once for each row has the row's number behind its name.
        for name in (f"{panel}.{field}", f"{panel}.{field.rstrip('0123456789')}"):
            if name in TOPICS:
                return name
    return panel
