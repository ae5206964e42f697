"""One object before and after a change, side by side. Pure: from plain values to lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

#: How the rule file's names are called on the panels, in the order in which they are shown.
_LABELS = {
    "seq": "Sequence",
    "name": "Description",
    "authority": "Authority",
    "audit": "Audit",
    "message": "Message",
    "capture": "Capture",
    "active": "Active",
    "test": "Test",
    "message_queue": "Message queue",
    "journal": "Journal",
    "fail": "Fail mode",
}
_LISTS = {"include": "Include", "exclude": "Exclude"}


class Compared(NamedTuple):
    """A part of an object, before and after; ``None`` is not there."""

    label: str
    before: str | None
    after: str | None

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after


def compared(before: object, after: object) -> Iterator[Compared]:
    """Yield the parts of two values with the rule file's names, those of either side together.

    Args:
        before: a rule, a group, a configuration, a switch or a text, as read from JSON; ``None``
            is not there.
        after: of the same kind.
    """
    one = before if before is not None else after
    if isinstance(one, Mapping):
        yield from _mappings(_mapping(before), _mapping(after))
    elif isinstance(one, list):
        yield from _sequences("Member", _list(before), _list(after))
    elif isinstance(one, str) and "\n" in f"{before}{after}":
        yield from _sequences("Text", _split(before), _split(after))
    else:
        yield Compared("Value", _plain(before), _plain(after))


def _mappings(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Compared]:
    names = [*_LABELS, *sorted((before.keys() | after.keys()) - _LABELS.keys())]
    for name in names:
        if name not in before and name not in after:
            continue
        was, now = before.get(name), after.get(name)
        if name == "conditions":
            yield from _conditions(_list(was), _list(now))
        elif name in _LISTS:
            yield from _sequences(_LISTS[name], _list(was), _list(now))
        else:
            yield Compared(_LABELS.get(name, name), _plain(was), _plain(now))


def _conditions(before: Sequence[object], after: Sequence[object]) -> Iterator[Compared]:
    old, new = _by_sequence(before), _by_sequence(after)
    for seq in sorted(old.keys() | new.keys()):
        yield Compared(f"Condition {seq}", old.get(seq), new.get(seq))


def _by_sequence(conditions: Sequence[object]) -> dict[int, str]:
    found = {}
    for condition in conditions:
        if isinstance(condition, Mapping):
            words = (condition.get(name, "") for name in ("connector", "field", "op", "value"))
            found[int(condition.get("seq", 0))] = " ".join(map(str, words))
    return found


def _sequences(label: str, before: Sequence[object], after: Sequence[object]) -> Iterator[Compared]:
    """Yield lines of two texts: what they begin and end with alike, and between that the rest.

    It takes no longer than the texts are long, however they differ.
    """
    old, new = [str(x) for x in before], [str(x) for x in after]
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    for line in old[:head]:
        yield Compared(label, line, line)
    for was, now in zip_longest(old[head : len(old) - tail], new[head : len(new) - tail]):
        yield Compared(label, was, now)
    for line in old[len(old) - tail :]:
        yield Compared(label, line, line)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _split(value: object) -> list[object]:
    return list(str(value).splitlines()) if value is not None else []


def _plain(value: object) -> str | None:
    if isinstance(value, bool):
        return "*YES" if value else "*NO"
    return None if value is None else str(value)
