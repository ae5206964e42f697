"""What is wrong with an ARMR file, or worth knowing of it: one line each, with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from epm.armr.syntax import Position
from epm.errors import RuleFileError

#: Findings that an error keeps; nobody reads more.
MAX_FINDINGS = 200
_NAME_SIZE = 60
_TEXT_SIZE = 400


def shortened(text: str, size: int = _NAME_SIZE) -> str:
    """Return a text of somebody else's as an error line shows it: cut to ``size``."""
    return text if len(text) <= size else text[:size] + "..."


class Code(StrEnum):
    """Codes of findings: V-codes refuse a file, W-codes are only said.

    The V-codes are the product's own numbers for the sentences of the vendor's documentation.
    """

    SYNTAX = "SYNTAX"
    SHAPE = "V0"
    """A statement, key or value that its rule cannot hold."""
    END = "V1"
    REQUIRES = "V2"
    EMPTY_MOD = "V3"
    DUPLICATE = "V4"
    EVENT_ACTION = "V5"
    LEVEL = "V6"
    ALLOW_CONTEXT = "V7"
    DETECT_MESSAGE = "V8"
    SEVERITY = "V9"
    CIDR = "V10"
    NAMES = "V11"
    API_ANY = "V12"
    ENDPOINT = "V13"
    QUOTE = "W-QUOTE"
    """Curly quotes were read as plain ones."""
    GATE = "W-GATE"
    """A feature that was first seen at a later level than the mod requires."""
    OVERLAP = "W-OVERLAP"
    """The vendor's sentences on which rule wins would decide differently."""
    KIND = "W-KIND"
    """A rule of a kind that is read and not applied."""
    LOGGING = "W-LOGGING"
    """V14: ``logging: off`` without effect."""
    SUPERSEDED = "W-VERSION"
    """A mod of the same name has a higher version()."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        mod, rule: names of what it is about, where it is about one.
    """

    code: Code
    text: str
    position: Position
    mod: str | None = None
    rule: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether it refuses the file."""
        return not self.code.startswith("W-")

    def line(self, source: str) -> str:
        """Return it as ``file:line:column: code: mod, rule: text``, of bounded length."""
        where = "".join(
            f"{what} {shortened(name)!r}: "
            for what, name in (("mod", self.mod), ("rule", self.rule))
            if name is not None
        )
        place = f"{source}:{self.position.line}:{self.position.column}"
        return f"{place}: {self.code}: {where}{shortened(self.text, _TEXT_SIZE)}"


class ArmrError(RuleFileError):
    """An ARMR file that is refused whole.

    Attributes:
        findings: the first :data:`MAX_FINDINGS`, the first error among them.
    """

    def __init__(self, source: str, findings: Sequence[Finding]) -> None:
        """Take what was found; at least one is an error."""
        errors = [f for f in findings if f.is_error]
        kept = tuple(findings[:MAX_FINDINGS])
        self.findings = kept if errors[0] in kept else (*kept, errors[0])
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(errors[0].line(source) + more)
