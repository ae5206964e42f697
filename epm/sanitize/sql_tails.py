"""The rest of a statement, read from where a value has left its place.

A tail has at most two parts: what joins (a comparison, an operator, an alias), and what changes
the statement (a condition, UNION, another statement, a clause, a comment). INVARIANT: the
handlers of the second part call none of the first, so nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Callable

from epm.sanitize.sql_grammar import Place, Sort, condition, ends, is_mark, operand, union
from epm.sanitize.sql_statements import statement
from epm.sanitize.sql_tokens import Tokens
from epm.sanitize.values import Evidence

NONE, WEAK, STRONG = Evidence.NONE, Evidence.WEAK, Evidence.STRONG


def _logic(t: Tokens, at: int, place: Place) -> Evidence:
    at += 1
    while t.kind(at) == "&":
        at += 1
    if t.kind(at) == "U":
        return union(t, at)
    if not t.kind(at) and place is Place.QUOTE and t.texts[at - 1] == "or":
        return WEAK  # the page's own quote is what the condition goes on with
    return condition(t, at, place)


def _union(t: Tokens, at: int, place: Place) -> Evidence:
    found = union(t, at)
    return NONE if found is WEAK and place in (Place.WORD, Place.BARE) else found


def _stacked(t: Tokens, at: int, place: Place) -> Evidence:
    while t.kind(at) == ";":
        at += 1
    if statement(t, at):
        return STRONG
    over = not t.kind(at) or t.kind(at) == "c"
    if t.kind(at) == "&":
        return _logic(t, at, place)
    return WEAK if over and place is Place.QUOTE else NONE


def _ordered(t: Tokens, at: int, place: Place) -> Evidence:
    if t.kind(at + 1) != "B":
        return NONE
    found = operand(t, at + 2)
    if found is None:
        return STRONG if place is Place.QUOTE and not t.kind(at + 2) else NONE
    end, sort = found
    if sort in (Sort.CALL, Sort.SELECT):
        return STRONG
    number = t.kinds == "OB1" and t.texts[0] == "order"  # a column by its number: a probe
    sure = (
        number or t.kind(end) in ("c", ";") or (place is not Place.BARE and place is not Place.WORD)
    )
    return STRONG if sure and (ends(t, end) or t.kind(end) in (",", "r", "H")) else NONE


def _having(t: Tokens, at: int, place: Place) -> Evidence:
    return condition(t, at + 1, Place.NUMBER if place is Place.BARE else place)


def _where(t: Tokens, at: int, place: Place) -> Evidence:
    return condition(t, at + 1, place)


def _limited(t: Tokens, at: int, place: Place) -> Evidence:
    found = operand(t, at + 1)
    if found is None or place is Place.WORD or t.kind(at + 1) not in ("1", "("):
        return NONE
    end = found[0]
    second = operand(t, end + 1) if t.kind(end) == "," else None
    end = second[0] if second else end
    if found[1] is Sort.SELECT or t.kind(end) in ("c", ";", "U", "P", "I"):
        return STRONG
    return STRONG if place is Place.QUOTE and (ends(t, end) or t.kind(end) == ",") else NONE


def _procedure(t: Tokens, at: int, place: Place) -> Evidence:
    return STRONG if t.texts[at + 1 : at + 2] == ("analyse",) else NONE


def _into(t: Tokens, at: int, place: Place) -> Evidence:
    if t.texts[at + 1 : at + 2] not in (("outfile",), ("dumpfile",)):
        return NONE
    return STRONG if t.kind(at + 2) == "s" or place in (Place.QUOTE, Place.NUMBER) else NONE


def _comment(t: Tokens, at: int, place: Place) -> Evidence:
    return WEAK if place is Place.QUOTE and is_mark(t.texts[at]) else NONE


def _compared(t: Tokens, at: int, place: Place) -> Evidence:
    while t.kind(at) and t.kind(at) in "=!":
        at += 1
    found = operand(t, at)
    if found is None:
        open_ended = place is Place.QUOTE and not t.kind(at) and t.texts[at - 1] != "!"
        return WEAK if open_ended else NONE
    end, sort = found
    if sort in (Sort.CALL, Sort.SELECT):
        return STRONG if place in (Place.QUOTE, Place.NUMBER) else NONE
    if place is not Place.QUOTE:
        return _then(t, end, place) if t.kind(end) in ("U", ";") else NONE
    if sort is Sort.LITERAL and "s" in t.kinds[at:end]:
        return STRONG if ends(t, end) and len(t.texts[end - 1].split()) <= 3 else NONE
    return _then(t, end, place)


def _calculated(t: Tokens, at: int, place: Place) -> Evidence:
    first = operand(t, at + 1)
    if first is None:
        return WEAK if place is Place.QUOTE and t.kind(at + 1) == "" and at else NONE
    end, sort = first
    if sort is Sort.SELECT or t.kind(at + 1) == "d":
        return STRONG
    if sort is Sort.CALL and place is not Place.WORD:
        return STRONG
    if place is Place.QUOTE and "s" in t.kinds[at + 1 : end]:
        said = t.kind(end) == "c" and not is_mark(t.texts[end])
        return WEAK if (ends(t, end) and not said) or t.kind(end) == "=" else NONE
    found = _then(t, end, place)
    if sort is Sort.NAME and t.kind(end) == "c":
        return NONE
    return min(found, WEAK) if sort is Sort.UNKNOWN_CALL else found


def _listed(t: Tokens, at: int, place: Place) -> Evidence:
    for _ in range(256):
        found = operand(t, at + 1)
        if found is None:
            return NONE
        at, sort = found
        if sort is Sort.SELECT or (sort is Sort.CALL and place is Place.QUOTE):
            return STRONG
        if t.kind(at) != ",":
            break
    # A row is over: the statement is, or another row begins.
    closed = t.kind(at) == ")" and (
        t.kind(at + 1) in ("c", ";") or t.kinds[at + 1 : at + 3] == ",("
    )
    if place in (Place.QUOTE, Place.NUMBER) and closed:
        return STRONG
    return _then(t, at, place) if t.kind(at) in ("U", "&", "O") else NONE


def _aliased(t: Tokens, at: int, place: Place) -> Evidence:
    return _then(t, at + 2, place)


def _from(t: Tokens, at: int) -> Evidence:
    """Judge FROM behind a closed bracket: the value of a column has been left for a table's."""
    table = t.kind(at + 1) in ("n", "T") and t.kind(at + 2) == "W"
    return condition(t, at + 3, Place.NUMBER) if table else NONE


def _ended(t: Tokens, at: int, place: Place) -> Evidence:
    return _then(t, at + 1, place)


#: What may follow anything; none of these goes on to another, so a tail has at most two parts.
_FINAL: dict[str, Callable[[Tokens, int, Place], Evidence]] = {
    "&": _logic, "U": _union, ";": _stacked, "O": _ordered, "H": _having, "L": _limited,
    "P": _procedure, "I": _into, "c": _comment, "W": _where,
}  # fmt: skip
_TAILS = _FINAL | {
    "=": _compared, "!": _compared, "+": _calculated, ",": _listed, "a": _aliased,
    "e": _ended, "r": _ended,
}  # fmt: skip


def _then(t: Tokens, at: int, place: Place) -> Evidence:
    while t.kind(at) == ")":
        at += 1
    handler = _FINAL.get(t.kind(at))
    return NONE if handler is None else handler(t, at, place)


def tail(t: Tokens, at: int, place: Place) -> Evidence:
    """Judge what stands from ``at`` on, where the value has just been left."""
    closed = at
    while t.kind(closed) == ")":
        closed += 1
    kind = t.kind(closed)
    handler = _TAILS.get(kind)
    if handler is None:
        if kind == "F" and closed > at and place is not Place.BARE:
            return _from(t, closed)
        spoken = kind and kind in "EDd" and place is Place.QUOTE
        stored = kind == "D" and t.kind(closed + 1) == "v" and place is Place.NUMBER
        return STRONG if (spoken or stored) and statement(t, closed) else NONE
    found = handler(t, closed, place)
    if found is NONE and closed > at and kind == "c":
        return WEAK if is_mark(t.texts[closed]) else NONE
    if found is NONE and kind == "&" and place is Place.QUOTE and t.texts[closed] == "||":
        return _calculated(t, closed, place)
    return found
