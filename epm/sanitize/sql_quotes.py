"""Quotes that belong to text: apostrophes, measures, speech, words and signs spoken of.

A quote ends a string of a statement only where what stands before it can be a form field's
value and what follows is not how text goes on behind a quote of its own.
"""

from __future__ import annotations

import re

from epm.sanitize.sql_tokens import Tokens
from epm.sanitize.values import Evidence

#: What a form field holds in front of an injection: no code, no sentence.
_FIELD = re.compile(r"[^(){}\[\]=;<>|]{0,64}|[^\s]{0,256}")
#: A sign or a word in quotes of its own, as text quotes one: ``split('=', 2)``.
_QUOTED_SIGN = re.compile(r"['\"`](?:\s?[^\w\s'\"`]{1,4}\s?|\w{1,20}(?: \w{1,20}){0,2})['\"`]")
_QUOTED_START = re.compile(_QUOTED_SIGN.pattern + r"(?=\s*[:,\].]|\s+[a-z])")
#: A string of a program or a list, whole, with what parts it from the next.
_LITERAL = re.compile(r"(['\"`])[^'\"`]*\1[,:]")
#: Nothing but words in quotes that pair.
_QUOTED_WORDS = re.compile(r"(['\"`])\w+(?: \w+){0,3}\1")
#: A number and directly behind it a quote that only inches or feet go on from: ``10' or 12' long``.
_MEASURES = re.compile(r"\d\s*['\"]\s*(?:and|or|x|--)\s*\d[\d.]*\s*['\"](?![\s)]*[=<>|&;#+*/-])")
#: A word cut short before the next, as in French and Italian: ``bouton d'or``.
_ELIDED = re.compile(
    r"\b(?:[cdjlmnst]|qu|un|dell?|all|nell|dall|sull|quell?|quest|lorsqu|jusqu|puisqu)'(?=[a-z])"
)
_LONE_WORD = re.compile(r"\W\w*['\"]?")
#: An owner's apostrophe, of several: ``teachers' union``.
_OWNERS = re.compile(r"s' [a-z]")
_WORDS = re.compile(r"[\w@.%)+-]{0,40}(?: [\w@.%)+-]{1,40})?")


def is_spoken(text: str, quote: int, tokens: Tokens, found: Evidence) -> bool:
    """Whether the quote at ``quote`` is text's own, whatever the tokens behind it look like.

    Args:
        text: the value in lower case.
        quote: index of the quote.
        tokens: what follows the quote.
        found: what that was taken for.
    """
    if found is Evidence.WEAK and (text[quote] == "`" or not _terse(text[:quote])):
        return True
    if _is_apostrophe(text, quote, tokens, found) or _spoken_string(text[quote], tokens):
        return True
    if _MEASURES.match(text, max(quote - 1, 0)) is not None:
        return True
    return found is Evidence.STRONG and _is_speech(text, quote, tokens)


def _is_apostrophe(text: str, quote: int, tokens: Tokens, found: Evidence) -> bool:
    """Whether the quote is an owner's or an elision's, with no more behind it than a choice."""
    if _ELIDED.search(text, max(0, quote - 8), quote + 2) is not None:
        return set(tokens.kinds) <= set("&1()n,sk")
    if quote and _OWNERS.match(text, quote - 1) is not None:
        return found is Evidence.WEAK or tokens.kinds == "&1"
    return False


def pairs(quote: str, tokens: Tokens) -> bool:
    """Whether what follows a quote ends in a whole string of the same: ``oak" + "beech"``.

    The page's own quote would then open a string that nothing ends.
    """
    last = tokens.texts[-1] if tokens.kinds[-1:] == "s" else ""
    return len(last) > 2 and last[0] == last[-1] == quote and set(tokens.kinds) <= set("+ns1,")


def _spoken_string(quote: str, tokens: Tokens) -> bool:
    """Whether the value ends in a string of another quote that is never closed.

    The page would close it with the quote that was left, so no statement can: `' and " are two`.
    """
    if tokens.kinds[-1:] != "s" or tokens.texts[-2:-1] == ("\\",):
        return False  # behind a backslash it is a quote that a filter has escaped
    last = tokens.texts[-1].lstrip("nebxu&")
    closed = len(last) > 1 and last[-1] == last[0]
    return last[:1] != quote and not closed and _LONE_WORD.fullmatch(last) is None


def is_field(text: str, quote: int) -> bool:
    """Whether what stands before the quote can be a field's value, cut off by it."""
    prefix = text[:quote]
    if _FIELD.fullmatch(prefix) is None or len(prefix.split()) > 6:
        return False
    if not prefix:
        whole = _QUOTED_WORDS.fullmatch(text) or _LITERAL.fullmatch(text)
        return _QUOTED_START.match(text) is None and whole is None
    return prefix[-1].isalnum() or _QUOTED_SIGN.match(text, quote) is None


def _terse(prefix: str) -> bool:
    """Whether the text before the quote is what a form field holds, not a sentence."""
    return _WORDS.fullmatch(prefix) is not None


def _is_speech(text: str, quote: int, tokens: Tokens) -> bool:
    """Whether quotes that pair around single words, as in: say 'yes' or 'no'."""
    if quote == 0 or text[quote - 1] not in " (:":
        return False
    if tokens.kinds[0] in "ED":
        return True  # a statement is spoken of
    if "=" in tokens.kinds or "c" in tokens.kinds:
        return False
    return set(tokens.kinds) <= set("&s,n!kUA+fg()ax=")
