"""What every SIEM format says of an entry: its class, a sentence, how severe, who and where.

Pure. Severity is 0 to 10, as CEF and LEEF count it.
"""

from __future__ import annotations

from dataclasses import dataclass

from journal.view import EntryView

#: Entry type, or SK type after a dash -> (name, severity).
_KINDS: dict[str, tuple[str, int]] = {
    "NA": ("Call allowed", 2),
    "NR": ("Call rejected", 7),
    "NC": ("Configuration changed", 5),
    "NG": ("Journal gap", 9),
    "SK-A": ("Connection accepted", 1),
    "SK-C": ("Connection made", 1),
    "SK-D": ("DHCP address assigned", 1),
    "SK-F": ("Mail filtered", 3),
    "SK-I": ("Inbound datagram", 1),
    "SK-O": ("Outbound datagram", 1),
    "SK-P": ("Port unavailable", 4),
    "SK-R": ("Mail rejected", 4),
    "SK-S": ("Secure connection", 1),
    "SK-U": ("DHCP address not assigned", 3),
    "SK-X": ("Secure connection failed", 5),
}
_OTHER = ("Journal entry", 1)
#: A rejection that was only logged did not protect anyone.
_LOGGED = ("Call would be rejected", 5)


@dataclass(frozen=True, slots=True)
class Ends:
    """Source and destination of a connection, as far as the entry knows them."""

    source: str | None
    source_port: int | None
    destination: str | None
    destination_port: int | None


@dataclass(frozen=True, slots=True)
class SiemEvent:
    """An entry in a SIEM's terms.

    Attributes:
        class_id: such as ``NR`` or ``SK-A``; never translated.
        name: what happened, in words.
        severity: 0 to 10.
        action: ``allow``, ``reject``, or ``log`` for a rejection that was not enforced.
        message: one sentence of what the entry says beside its fields.
    """

    view: EntryView
    class_id: str
    name: str
    severity: int
    action: str | None
    ends: Ends
    message: str


def siem_event(view: EntryView) -> SiemEvent:
    """Return the event of an entry."""
    class_id = f"{view.entry_type}-{view.type}" if view.type else view.entry_type
    logged = view.verdict == "reject" and view.enforced is False
    name, severity = _LOGGED if logged else _KINDS.get(class_id, _OTHER)
    action = "log" if logged else view.verdict
    return SiemEvent(view, class_id, name, severity, action, _ends(view), _message(view, name))


def _ends(view: EntryView) -> Ends:
    local = view.local_address, view.local_port
    remote = view.remote_address, view.remote_port
    # The remote end opened what is accepted or arrives here; the local end opens all else.
    if view.server == "QSOACCEPT" or view.type in ("A", "I"):
        return Ends(*remote, *local)
    if view.server == "QSOLISTEN":
        return Ends(None, None, *local)
    return Ends(*local, *remote)


def _message(view: EntryView, name: str) -> str:
    parts = [name]
    if view.server:
        parts.append(f"by {view.server}")
    if view.rule is not None:
        parts.append(f"rule {view.rule}" + (f" ({view.rule_name})" if view.rule_name else ""))
    elif view.reason:
        parts.append(f"({view.reason})")
    said = " ".join(parts)
    return f"{said}: {view.detail}" if view.detail else said
