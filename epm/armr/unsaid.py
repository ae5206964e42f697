"""What ARMR and sequenced rules cannot say of each other: one line each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Something that is lost on the way.

    Attributes:
        what: the rule it is about, or the part of a policy.
        why: what cannot be said.
        decides: whether a call may be decided otherwise for it; else only what is logged.
    """

    what: str
    why: str
    decides: bool

    def line(self) -> str:
        """Return it as one line."""
        effect = "decides otherwise" if self.decides else "not kept"
        return f"{effect}: {self.what}: {self.why}"
