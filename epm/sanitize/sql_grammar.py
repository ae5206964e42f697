"""What may follow a value in an SQL statement once the value has left its place.

The functions read a :class:`~epm.sanitize.sql_tokens.Tokens` from an index and answer how sure
they are that the tokens there change the statement's structure. Text that merely uses SQL's
words does not parse: in ``select a date from the list`` two names stand side by side where the
grammar wants a comma or FROM, and so on. That, not a list of bad words, keeps prose out.
"""

from __future__ import annotations

import re
from enum import Enum

from epm.sanitize.sql_tokens import Tokens
from epm.sanitize.values import Evidence

NONE, WEAK, STRONG = Evidence.NONE, Evidence.WEAK, Evidence.STRONG


#: CASE, a WHEN near it, and behind that something to decide by: not just words.
_CASE = re.compile(r"C[^W]{0,11}W.{0,16}?[=!(1s]")

#: A comment that only ends a statement: nothing in it, or a mark. In prose a sentence follows a
#: dash, and after a quote "--option" is a command's.
_MARK = re.compile(r"(?:--|#|/\*|;)[\s+!\x00-]*(?:\s[\w+-]{0,20}){0,2}\W{0,2}")


#: Tokens that are looked through for the end of a condition: brackets may hold brackets.
_LONGEST_CONDITION = 64


class Place(Enum):
    """Where the value stood before the tail."""

    QUOTE = "in a quoted string, left by its quote"
    NUMBER = "where a number was, after one"
    WORD = "where a name was, after one"
    BARE = "nowhere: the tail begins the value"


class Sort(Enum):
    """What an operand is."""

    LITERAL = 0
    NAME = 1
    CALL = 2
    UNKNOWN_CALL = 3
    SELECT = 4


def operand(t: Tokens, at: int) -> tuple[int, Sort] | None:
    """Return (index behind, sort) of the operand at ``at``, arithmetic included."""
    found = _term(t, at)
    if found is None:
        return None
    end, sort = found
    while t.kind(end) == "+":
        more = _term(t, end + 1)
        if more is None:
            break
        end, sort = more[0], max(sort, more[1], key=lambda s: s.value)
    return end, sort


def _term(t: Tokens, at: int) -> tuple[int, Sort] | None:
    while t.kind(at) and t.kind(at) in "+!A":
        at += 1
    kind = t.kind(at)
    if kind == "(":
        return t.closing[at] + 1, _inner_sort(t, at + 1)
    if kind and kind in "dfg" and t.kind(at + 1) == "(":
        sort = Sort.UNKNOWN_CALL if kind == "g" or _is_branch(t, at) else Sort.CALL
        return t.closing[at + 1] + 1, sort
    if kind == "C" and _CASE.match(t.kinds, at) is not None:
        end = t.kinds.find("e", at, at + 512)
        return (end + 1 if end > 0 else len(t.kinds)), Sort.SELECT
    if kind == "s":
        while t.kind(at + 1) == "s":  # strings side by side are one
            at += 1
        return at + 1, Sort.LITERAL
    if kind and kind in "1kv":
        return at + 1, Sort.LITERAL
    if kind in ("n", "T"):
        return at + 1, Sort.NAME
    return None


def _is_branch(t: Tokens, at: int) -> bool:
    """Whether an IF stands here that chooses no value: a program's, not a function of SQL."""
    if t.texts[at] != "if":
        return False
    return t.kinds.find(",", at, min(t.closing[at + 1], at + _LONGEST_CONDITION)) < 0


def _inner_sort(t: Tokens, at: int) -> Sort:
    while t.kind(at) and t.kind(at) in "(+!":
        at += 1
    kind = t.kind(at)
    if kind in ("E", "C"):
        return Sort.SELECT if kind == "C" or _selects(t, at + 1) else Sort.NAME
    if kind in ("d", "f"):
        return Sort.CALL
    if kind == "g":
        return Sort.UNKNOWN_CALL
    return Sort.LITERAL if kind and kind in "1skv" else Sort.NAME


def _selects(t: Tokens, at: int) -> bool:
    """Whether a column, not a word of prose, begins here: one look, for nesting has no end."""
    while t.kind(at) == "A":
        at += 1
    kind = t.kind(at)
    if kind in ("n", "g"):
        return t.kind(at + 1) in ("F", ",", "(", ")")
    return bool(kind) and kind in "1fdC+v(sk"


def ends(t: Tokens, at: int) -> bool:
    """Whether a clause is over here: the end, a comment, or what closes or continues it."""
    kind = t.kind(at)
    return not kind or kind in "c;)&UOHLIPWJ"


def is_mark(comment: str) -> bool:
    """Whether a comment only cuts off what follows, instead of saying something."""
    return _MARK.fullmatch(comment) is not None


def select_list(t: Tokens, at: int) -> bool:
    """Whether a list of columns can begin here, and goes on as one."""
    while t.kind(at) == "A" or (t.kind(at) == "1" and t.kind(at - 1) == "A"):
        at += 1
    if t.kind(at) == "+" and t.texts[at] == "*":
        return t.kind(at + 1) != "n"
    found = operand(t, at)
    if found is None:
        return False
    end, sort = found
    follow = t.kind(end)
    if follow == "F":
        return _table(t, end + 1)
    if sort is Sort.NAME:
        return follow == "," and operand(t, end + 1) is not None and _list_goes_on(t, end)
    if follow == "a":
        return t.kind(end + 1) in ("n", "s", "v")
    return ends(t, end) or follow in (",", "=", "s", "C")


def _list_goes_on(t: Tokens, comma: int) -> bool:
    """Whether the list behind a first name reaches FROM or ends, and is no prose."""
    at = comma
    for _ in range(64):
        if t.kind(at) != ",":
            break
        found = operand(t, at + 1)
        if found is None:
            return False
        at = found[0]
    return t.kind(at) == "F" and _table(t, at + 1)


def _table(t: Tokens, at: int) -> bool:
    """Whether a table stands here and a clause, not another word, follows."""
    kind = t.kind(at)
    if kind == "(":
        return True
    if not kind or kind not in "nvsTgd":
        return False
    after = at + 1
    if kind in "gd":
        return True
    if t.kind(after) == "a":
        after += 2
    elif t.kind(after) == "n" and t.kind(after + 1) in ("W", "J", ",", "U", ")"):
        after += 1
    return ends(t, after) or t.kind(after) in (",", "s")


# ---------------------------------------------------------------------- conditions


def condition(t: Tokens, at: int, place: Place) -> Evidence:
    """Judge the condition at ``at``, as after AND, OR, WHERE or HAVING."""
    if t.kind(at) == "E" and select_list(t, at + 1):
        return STRONG
    found = operand(t, at)
    if found is None:
        return NONE
    end, sort = found
    if t.kind(end) == "!" and t.kind(end + 1) == "=":
        end += 1
    if t.kind(end) == "=":
        return _comparison(t, at, end, sort, place)
    if sort in (Sort.CALL, Sort.SELECT):
        return STRONG if place is not Place.WORD or t.kinds[at] == "d" else WEAK
    if sort is Sort.LITERAL:
        return _bare_literal(t, at, end, place)
    if t.kind(at) == "(" and t.kind(at + 1):
        return condition(t, at + 1, place) if t.kind(at + 1) != "(" else NONE
    return WEAK if sort is Sort.NAME and place is Place.QUOTE and t.kind(end) == "c" else NONE


def _bare_literal(t: Tokens, at: int, end: int, place: Place) -> Evidence:
    inner = t.kinds[at:end].strip("()+!")[:1]
    if place is Place.QUOTE:
        if inner == "s":
            return STRONG if ends(t, end) else NONE
        return STRONG if ends(t, end) or t.kind(end) == "s" else NONE
    grouped = t.kind(end) == "O" and t.kind(end + 1) == "B"
    cut = t.kind(end) in (";", "U") or (t.kind(end) == "c" and is_mark(t.texts[end]))
    if cut or t.kind(at) == "(" or grouped:
        return STRONG if place is not Place.WORD else NONE
    known = inner == "k" and place is Place.NUMBER and t.kinds[0] != "s"
    return STRONG if known and ends(t, end) else NONE


def _comparison(t: Tokens, at: int, compare: int, sort: Sort, place: Place) -> Evidence:
    first = compare
    while t.kind(compare) and t.kind(compare) in "=!":
        compare += 1
    second = operand(t, compare)
    if second is None:
        return STRONG if place is Place.QUOTE and not t.kind(compare) else NONE
    end, other = second
    if t.kind(at) == "(" and sort is Sort.NAME and t.kinds[at:first].count("=") == 0:
        sort = _inner_sort(t, at + 1)
    strange = Sort.CALL in (sort, other) or Sort.SELECT in (sort, other)
    if strange:
        return STRONG
    if (sort, other) == (Sort.LITERAL, Sort.LITERAL):
        # "where 5 > 3 apples": where nothing was left, or a word compares, more words are prose.
        spoken = place in (Place.WORD, Place.BARE) or t.texts[first].isalpha()
        return NONE if spoken and prose_follows(t, end) else STRONG
    if place is Place.QUOTE:
        return STRONG if Sort.LITERAL in (sort, other) or ends(t, end) else NONE
    if place is Place.NUMBER:
        known = Sort.LITERAL in (sort, other)
        return STRONG if known and (ends(t, end) or "s" in t.kinds[compare:end]) else NONE
    same = t.texts[at:first] == t.texts[compare:end] and not prose_follows(t, end)
    alone = place is Place.BARE and (t.kind(end) == "c" or t.kinds == "&n=n")
    return STRONG if same or alone else NONE


def prose_follows(t: Tokens, end: int) -> bool:
    """Whether a sentence, not a statement, goes on behind an operand.

    So do a further name, the point or question mark of its end, a comma before a name, and a
    word that compares with no value behind it: ``1=1 is always true``.
    """
    kind = t.kind(end)
    if kind == "x":
        return t.texts[end] in (".", "?", ":")
    if kind == ",":
        return t.kind(end + 1) == "n"
    if kind == "=" and t.texts[end].isalpha():
        return t.kind(end + 1) in ("n", "W", "r", "")
    return kind == "n" and t.texts[end] not in ("then", "else")


def union(t: Tokens, at: int) -> Evidence:
    """Judge UNION and its like at ``at``: strong if a SELECT really follows."""
    at += 1
    while t.kind(at) and t.kind(at) in "A(":
        at += 1
    if t.kind(at) == "E":
        return STRONG if not t.kind(at + 1) or t.kind(at + 1) == "c" or select_list(
            t, at + 1) else WEAK  # fmt: skip
    return STRONG if t.texts[at : at + 2] in (("values", "("), ("table", "(")) else NONE
