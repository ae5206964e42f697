"""What F1 on the message line says of a message: why it came, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "message-details": (
            "Everything that the message line has to say, whole, and by what sort of message it "
            "is: why it came, and what to do. Enter goes back to the panel as it was left."
        ),
        "message-details.done.cause": "What was asked for was done.",
        "message-details.done.recovery": "None needed.",
        "message-details.field.cause": "What a field holds is not valid. Nothing was processed.",
        "message-details.field.recovery": (
            "Correct the field that is in reverse image, and press Enter. F1 in the field tells "
            "what it takes; F4 lists values where there is a list."
        ),
        "message-details.key.cause": (
            "The key has nothing to do here. Nothing was processed or lost."
        ),
        "message-details.key.recovery": (
            "Press one of the keys that the rows above the message line show; F1 and F2 list "
            "those of all panels."
        ),
        "message-details.conflict.cause": (
            "Someone else changed this after it was shown here. Nothing was overwritten."
        ),
        "message-details.conflict.recovery": (
            "F5 shows it as it is now; then make the change again, if it is still wanted."
        ),
        "message-details.guard.cause": (
            "The lock-out guard found that a call which must stay allowed would be rejected. "
            "Nothing was changed."
        ),
        "message-details.guard.recovery": (
            "Add a rule that allows the call, or change the one that rejects it; 9=Test shows "
            "which that is."
        ),
        "message-details.gone.cause": "What was asked for is not there, or not any more.",
        "message-details.gone.recovery": "F5 shows what there is now.",
        "message-details.store.cause": (
            "The rule store cannot be reached, or is in use by another for too long. Nothing "
            "was changed; what was typed stays. Running programs keep the last good rules."
        ),
        "message-details.store.recovery": (
            "Press the same key again once the store is back; epm doctor tells what is wrong."
        ),
        "message-details.error.cause": (
            "What was asked for was refused or failed. Nothing is half done."
        ),
        "message-details.error.recovery": (
            "Mend what the message names, and press the same key again."
        ),
        "message-details.operator.cause": "A key was pressed where the cursor has no use for it.",
        "message-details.operator.recovery": "Go on typing; the next key clears the message.",
    }
)
