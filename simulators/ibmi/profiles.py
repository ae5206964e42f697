"""User profiles: passwords, status, special authorities, groups; and signing on.

Ids of refusals are those of QSYGETPH. The SQLCODE and reasons of a refused connection follow DRDA
(-30082: 1 expired, 2 wrong password, 5 unknown user, 7 disabled).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from simulators.ibmi.messages import EscapeError
from simulators.xmlservice.host import SignOnError


@dataclass(slots=True)
class UserProfile:
    """One user profile.

    Attributes:
        password: None is ``*NONE``: nobody signs on with it. Never shown.
        max_storage: kilobytes of objects it may own; None is ``*NOMAX``.
        failures: wrong passwords since the last sign-on.
    """

    name: str
    _password: str | None
    special: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()
    enabled: bool = True
    expired: bool = False
    text: str = ""
    max_storage: int | None = None
    current_library: str = "*CRTDFT"
    job_description: str = "QGPL/QDFTJOBD"
    failures: int = 0

    def __repr__(self) -> str:
        return f"UserProfile({self.name})"

    def has_password(self, password: str) -> bool:
        """Whether ``password`` is its password, compared in constant time."""
        return self._password is not None and hmac.compare_digest(
            self._password.encode(), password.encode()
        )

    @property
    def without_password(self) -> bool:
        """Whether it has no password at all."""
        return self._password is None


class Profiles:
    """The user profiles of a system."""

    def __init__(self) -> None:
        self._profiles: dict[str, UserProfile] = {}

    def __iter__(self) -> Iterator[UserProfile]:
        """Every profile, by name."""
        return iter([self._profiles[name] for name in sorted(self._profiles)])

    def add(self, profile: UserProfile) -> None:
        """Add a profile, or replace the one of its name."""
        self._profiles[profile.name] = profile

    def remove(self, name: str) -> None:
        """Take a profile away."""
        del self._profiles[name]

    def get(self, name: str) -> UserProfile | None:
        """Return a profile, or None."""
        return self._profiles.get(name.upper())

    def known(self, name: str) -> UserProfile:
        """Return a profile.

        Raises:
            EscapeError: CPF2204, there is none of that name.
        """
        found = self.get(name)
        if found is None:
            raise EscapeError("CPF2204", name.upper())
        return found

    def check(self, name: str, password: str, most_failures: int | None) -> UserProfile:
        """Check a password, as QSYGETPH does.

        Args:
            name: user profile, any case.
            password: as typed.
            most_failures: wrong passwords after which it is disabled; None is ``*NOMAX``.

        Raises:
            EscapeError: CPF2204, CPF22E2, CPF22E3, CPF22E4 or CPF22E5.
        """
        profile = self.known(name)
        if profile.without_password:
            raise EscapeError("CPF22E5", profile.name)
        if not profile.enabled:
            raise EscapeError("CPF22E3", profile.name)
        if not profile.has_password(password):
            profile.failures += 1
            if most_failures is not None and profile.failures >= most_failures:
                profile.enabled = False
            raise EscapeError("CPF22E2", profile.name)
        if profile.expired:
            raise EscapeError("CPF22E4", profile.name)
        profile.failures = 0
        return profile


_REASONS = {
    "CPF22E4": ("1", "PASSWORD EXPIRED"),
    "CPF22E2": ("2", "PASSWORD INVALID"),
    "CPF22E5": ("2", "PASSWORD INVALID"),
    "CPF2204": ("5", "USERID UNKNOWN"),
    "CPF22E3": ("7", "USERID REVOKED"),
}


def refused(error: EscapeError) -> SignOnError:
    """Return what the database server answers for a refused sign-on."""
    code, reason = _REASONS.get(error.id, ("0", "NOT SPECIFIED"))
    return SignOnError(
        f"Authorization failure on distributed database connection attempt, "
        f"reason {code} ({reason}). {error.id}: {error}",
        "28000",
        -30082,
    )
