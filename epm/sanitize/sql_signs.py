"""What is an injection wherever in a value it stands.

A union that selects, a condition of two literals joined on, a catalogue read, a call that no
honest text holds: these need no place to be left first.
"""

from __future__ import annotations

import re

from epm.sanitize.sql_grammar import is_mark, prose_follows, select_list, union
from epm.sanitize.sql_statements import statement
from epm.sanitize.sql_tokens import Tokens
from epm.sanitize.sql_words import CATALOGUES, DELAYS
from epm.sanitize.values import Evidence

# Repeats are bounded: a stream of thousands of one kind must cost no more than any other.
_JOINED = re.compile(r"[&WH]&{0,3}[!(+]{0,16}(?=([1s])\){0,8}=[(!]{0,8}([1s]))")
_UNION = re.compile(r"U[A(]{0,16}E")
_SELECTS = re.compile(r"\(E")
_DELAYS = re.compile(r"[&E,+=][(!+]{0,16}f\((?=[1(+]\)|1)")
_CALLS = re.compile(r"(?:^|[&E,(=+;!BWHCD])d(?=\()")
#: A choice by two literals: the scanners' question whose answer they know.
_CHOICES = re.compile(r"(?:^|[&,(=+;!E])f\(\(?1=1\)?,")
_CHOSEN = re.compile(r"nd(?=\()")
_CHOOSING = ("if", "iif", "elt", "make_set")


def anywhere(t: Tokens) -> Evidence:
    """Look for what is an injection wherever in the value it stands."""
    for match in _UNION.finditer(t.kinds):
        if match.end() == len(t.kinds) or select_list(t, match.end()):
            return Evidence.STRONG
        if union(t, match.start()) is Evidence.STRONG and _prose(t, match.start()) == 0:
            return Evidence.STRONG
    for match in _JOINED.finditer(t.kinds):
        if _joined(t, match):
            return Evidence.STRONG
    if "f" in t.kinds and any(_waits(t, match) for match in _DELAYS.finditer(t.kinds)):
        return Evidence.STRONG
    if ("E" in t.kinds or t.kinds[:1] == "D") and _reads_catalogue(t):
        return Evidence.STRONG
    if "d" in t.kinds and _calls(t):
        return Evidence.STRONG
    if any(t.texts[t.kinds.index("f", m.start())] in _CHOOSING for m in _CHOICES.finditer(t.kinds)):
        return Evidence.STRONG
    return _stacked_or_selected(t)


def _calls(t: Tokens) -> bool:
    """Whether a call that no text holds stands where a statement or an operand would."""
    if _CALLS.search(t.kinds) is not None:
        return True
    return any(t.texts[m.start()] in ("then", "else") for m in _CHOSEN.finditer(t.kinds))


def _waits(t: Tokens, match: re.Match[str]) -> bool:
    """Whether a call that waits is joined on; set equal to a name it may be a program's."""
    if t.texts[match.end() - 2] not in DELAYS:
        return False
    return t.kinds[match.start()] != "=" or t.texts[match.start()].isalpha()


def _joined(t: Tokens, match: re.Match[str]) -> bool:
    at = match.end()
    compared = t.kinds.index("=", at)
    if t.texts[compared] not in ("=", "==", "<=>", "like", "<>", "!=", "<", ">", ">=", "<="):
        return False
    prose = _prose(t, match.start())
    end = tautology(t, at)
    if match[1] == match[2] == "s":
        return prose <= 1 and end > 0
    if match[1] != match[2] or prose > 0:
        return False
    if end:
        return not prose_follows(t, end)
    return t.texts[compared][0] in "=!" and t.kinds[match.start()] == "&"


def _stacked_or_selected(t: Tokens) -> Evidence:
    for match in _SELECTS.finditer(t.kinds):
        inner = t.kinds[match.end() : match.end() + 1]
        sure = inner in ("1", "f", "d", "C", "+", "(", "s") or (
            inner == "v" and t.texts[match.end()].startswith("@"))  # fmt: skip
        if sure and select_list(t, match.end()):
            return Evidence.STRONG
    at = t.kinds.find(";")
    if at > 0 and _prose(t, at) == 0 and at <= 8:
        following = at + 1
        dangerous = _begins(t, following) and statement(t, following)
        if t.kind(following) == "E" and t.kinds[-1] == "c" and is_mark(t.texts[-1]):
            dangerous = statement(t, following)
        return Evidence.STRONG if dangerous and "x" not in t.kinds[:at] else Evidence.NONE
    return Evidence.NONE


def _begins(t: Tokens, at: int) -> bool:
    """Whether a statement that changes or runs may begin here, by its first word."""
    return t.kind(at) in ("D", "d") or t.texts[at : at + 1] == ("if",)


def _prose(t: Tokens, end: int) -> int:
    """Count the words that stand beside a word before ``end``: sentences have many.

    Two tell as much as more, so the count ends there and the start of the stream suffices.
    """
    first = t.kinds.find("nn", 0, end)
    if first < 0:
        return 0
    return 1 if t.kinds.find("nn", first + 1, end) < 0 else 2


def _reads_catalogue(t: Tokens) -> bool:
    named = any(
        text.startswith(CATALOGUES) for text, kind in zip(t.texts, t.kinds, strict=True)
        if kind in "ngv"
    )  # fmt: skip
    if named or any(text.startswith("@@") for text in t.texts):
        return True
    return "dual" in t.texts and t.texts[t.texts.index("dual") - 1] == "from"


def tautology(t: Tokens, at: int) -> int:
    """Return the index behind two equal literals compared here, ``1=1``; 0 if none are."""
    while t.kind(at) == "(":
        at += 1
    left = t.kind(at)
    compare = at + 1
    while t.kind(compare) == ")":
        compare += 1
    right = compare + 1
    while t.kind(right) == "(":
        right += 1
    if not left or left not in "1s" or t.kind(compare) != "=" or t.kind(right) != left:
        return 0
    if t.texts[compare] == "==" and left == "s":
        return 0  # code compares so
    if t.texts[compare] not in ("=", "==", "<=>", "like") or not _same(t.texts[at], t.texts[right]):
        return 0
    end = right + 1
    while t.kind(end) == ")":
        end += 1
    return end


def _same(left: str, right: str) -> bool:
    return left == right or (left[:1] in "'\"" and left.strip("'\"") == right.strip("'\""))
