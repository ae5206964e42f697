"""What is said of a value: its class, the reason, how sure a detector is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class PayloadClass(StrEnum):
    """What a payload was found to be."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    UNDETERMINED = "undetermined"


class Reason(StrEnum):
    """Why a payload is not safe, in falling priority (the order is an assumption)."""

    SQLI = "SQLI"
    XSS = "XSS"
    PATH_TRAVERSAL = "PATH_TRAVERSAL"
    UNDETERMINED = "UNDETERMINED"


class Evidence(IntEnum):
    """How much of an attack a detector saw.

    ``WEAK`` is a value that leaves its context and does nothing there, such as ``admin'--``:
    unsafe, but a stronger finding of another class explains it better.
    """

    NONE = 0
    WEAK = 1
    STRONG = 2


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of one value, with the reason where it is not safe."""

    payload_class: PayloadClass
    reason: Reason | None


SAFE = Classification(PayloadClass.SAFE, None)
UNDETERMINED = Classification(PayloadClass.UNDETERMINED, Reason.UNDETERMINED)
UNSAFE = {
    reason: Classification(PayloadClass.UNSAFE, reason)
    for reason in (Reason.SQLI, Reason.XSS, Reason.PATH_TRAVERSAL)
}
