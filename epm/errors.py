"""Every error that epm raises on purpose, drawn once.

::

    EpmError                    one line for a user: what, where, why
    ├── RuleError               rules that are invalid
    │   ├── ConditionError      one condition: field, operator or value
    │   └── RuleFileError       a rule file: file, line, rule, field
    ├── GuardRefusalError       the lock-out guard objects to rules going live
    ├── CallError               a socket call that cannot be read
    ├── FormatError             bytes that are not what their layout says: offset, reason
    ├── StoreError              the rule store
    │   ├── StoreUnavailableError   missing, locked, unreachable, full
    │   ├── NotFoundError       the named system, rule or group does not exist
    │   └── EditConflictError   somebody else changed the rules in the meantime
    ├── JournalError            the journal cannot be written or read
    │   └── JournalDamagedError an entry was changed, dropped or reordered
    ├── RemoteError             an IBM i that cannot be reached, or refused what was asked
    ├── FileUnavailableError    a named file cannot be read or written
    ├── UnsupportedError        this kernel, container or installation cannot do it
    └── SettingsError           configuration or usage

INVARIANT: ``str(error)`` is one line without control characters, fit to be shown as it is.
"""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """Return ``text`` with every control character and line break shown as an escape.

    Hostile names reach error texts; a terminal must never run what they hold.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c == " " or unicodedata.category(c) not in _CONTROL else f"\\u{ord(c):04x}"
        for c in text
    )


_CONTROL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class EpmError(Exception):
    """The root; its text is one plain line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class RuleError(EpmError):
    """Rules that break the contract."""


class ConditionError(RuleError):
    """A condition whose field, operator or value is not valid."""


class RuleFileError(RuleError):
    """A rule file that cannot be taken; its text begins with ``file:line:``."""


class GuardRefusalError(EpmError):
    """The lock-out guard objects: the rules would lock someone out."""


class CallError(EpmError):
    """A socket call that cannot be read: an unknown server or a malformed field."""


class FormatError(EpmError):
    """Bytes that do not follow their layout.

    Attributes:
        offset: 0-based byte offset of the fault.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"offset {offset}: {message}")
        self.offset = offset


class StoreError(EpmError):
    """The rule store refused or failed."""


class StoreUnavailableError(StoreError):
    """The store is missing, locked, unreachable or full."""


class NotFoundError(StoreError):
    """The named system, rule, group or revision does not exist."""


class EditConflictError(StoreError):
    """The rules were changed by someone else since they were read."""


class JournalError(EpmError):
    """The journal cannot be written or read."""


class JournalDamagedError(JournalError):
    """An entry of the journal is not the one that was written."""


class RemoteError(EpmError):
    """An IBM i that cannot be reached, or that refused what was asked of it."""


class FileUnavailableError(EpmError):
    """A file that the user named cannot be read or written."""


class UnsupportedError(EpmError):
    """What was asked for cannot work on this machine; the text gives the one reason."""


class SettingsError(EpmError):
    """A setting or an argument that cannot be used."""
