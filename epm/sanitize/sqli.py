"""SQL injection: whether a value leaves its place in a statement and changes its structure.

A value stands in a statement within single quotes, double quotes, backticks, or bare as a
number or a name. Each place is tried: where the value has the quote that ends it, what follows
must parse as the rest of a statement (:mod:`epm.sanitize.sql_grammar`); bare, an operand or
nothing comes first. Beside that, a few constructs are injections wherever they stand.
"""

from __future__ import annotations

import re

from epm.sanitize.sql_chains import reenters
from epm.sanitize.sql_disguises import cleared
from epm.sanitize.sql_grammar import (
    Place,
    Sort,
    ends,
    is_mark,
    operand,
    prose_follows,
    select_list,
)
from epm.sanitize.sql_quotes import is_field, is_spoken, pairs
from epm.sanitize.sql_signs import anywhere, tautology
from epm.sanitize.sql_statements import statement
from epm.sanitize.sql_tails import tail
from epm.sanitize.sql_tokens import Tokens, tokenize
from epm.sanitize.sql_words import DELAYS
from epm.sanitize.values import Evidence

#: Words and signs without which a bare value, left by no quote, changes nothing.
_POSSIBLE = re.compile(
    r"""\|\||&&|@@|^\W*+\d[\d.]*+\W{0,3}=|^\s*+\(*'[^']{0,40}'\)*\s*+=|\)\s*+(?:--|\#|/\*)|;\s*+(?:\x00|[a-z]{2,12}\b)|
    \b(?:union|select|having|waitfor|(?:order|group)(?:[\s\x00-\x1f]|/\*[^*]{0,32}\*/){1,8}by|procedure|exec|execute|declare|
       drop|truncate|shutdown|grant|insert|into|bulk|create|handler|xor|rlike|regexp|update|delete)\b|
    \b(?:and|or|div|not|where|like|limit)\b[^\w'"(@$]*+(?:[\d'"($]|true|false|null|not|@|
       \w{1,64}+\s*+(?:[(=<>]|is\b|in\b|like|not\b))|
    \b(?:sleep|benchmark|extractvalue|updatexml|randomblob|xmltype|iif)\s*+\(|_\w{1,40}\(|\bcase\W[^\n]{0,24}\bwhen\b|
    ^[\s\d(+*/-]*+(?:if|iif|case|elt)\b|^@@|(?<=\d)(?:union|and|or)\b""",
    re.VERBOSE,
)
_QUOTES = ("'", '"', "`")
_RUN = re.compile(r"['\"`)\\\s;\]}%]*+")
#: What can stand directly behind a quote that ended a string: never a plain word.
_AFTER = re.compile(
    r"[\s\x00)]*+(?:/\*!\d*+\s*+|/\*(?!!)[^*]*+(?:\*(?!/)[^*]*+)*\*/\s*+)*(?:[^\w\s]|$|(?:and|or|xor|not|union|except|"
    r"intersect|minus|order|group|having|limit|offset|procedure|into|like|rlike|regexp|in|is|"
    r"between|where|as|end|asc|desc|div|mod|collate|select|drop|insert|update|delete|exec|execute|"
    r"waitfor|declare|if|shutdown|create|alter|begin|glob|ilike|similar|when|sounds|for|limit)\b|"
    r"(?:union|and|or)(?=\d))",
    re.DOTALL,
)
_LONE_QUOTE = re.compile(r"\s*[\w@.+-]{0,40}(?:['\"][\s)\];%]*+){1,4}")
_DOLLARS = re.compile(r"[\w.-]{1,40}\$\$(?=[\s;)]|/\*)(?!.*\$\$)")
_QUOTED_OPERATOR = re.compile(
    r"(?:\w*(['\"])\s*(?:\|\||like|=)\s*\1|(['\"])\s*(?:[-+*&^<>|%/]|<>|div|mod)\s*\2)\w*"
)
_ALWAYS = re.compile(
    r"\bxp_(?:cmdshell|regread|dirtree|fileexist|regwrite|regdelete\w*)\b|"
    r"\bwaitfor\s+(?:delay|time)\s*['\"]|"
    r"\bselect[-~+!@\\.][^\s,;]{0,40}from['\"`(\[]|"
    r"\bprocedure\s+analyse\s*\(|\binto\s+(?:out|dump)file\s*['\"]|"
    r"\bload\s+data\s+(?:local\s+)?infile\b|\bexec(?:ute)?\s+(?:master\W|[xs]p_)|"
    r"\bexec(?:ute)?\s*\(?\s*immediate\s*['\"]|\bin\s+boolean\s+mode\s*\)\s*(?:and|or|union|having|order|;)|"
    r"\bunion(?:\s|/\*[^*]{0,32}\*/){1,16}all(?:\s|/\*[^*]{0,32}\*/){1,16}select\b(?!\s+\w+\s+\w+\s+\w)"
)


def evidence(text: str) -> Evidence:
    """Judge one form of a value; ``text`` is in lower case.

    Returns:
        ``WEAK`` for a value that only leaves its quotes, ``STRONG`` for one that changes the
        statement.
    """
    text = cleared(text)
    possible = _POSSIBLE.search(text) is not None
    if possible and _ALWAYS.search(text) is not None:
        return Evidence.STRONG
    best = Evidence.NONE
    for quote in _QUOTES:
        best = max(best, _quoted(text, quote))
        if best is Evidence.STRONG:
            return best
    if possible:
        best = max(best, _bare(text))
    return max(best, _dollars(text)) if "$$" in text else best


def _dollars(text: str) -> Evidence:
    """Judge a value that leaves PostgreSQL's quotes of two dollar signs: a word, and they."""
    left = _DOLLARS.match(text)
    if left is None:
        return Evidence.NONE
    found = tail(tokenize(text, left.end(), _TAIL_TOKENS), 0, Place.QUOTE)
    return found if found is Evidence.STRONG else Evidence.NONE


#: Tokens read behind a quote: what changes a statement stands near where it was left.
_TAIL_TOKENS = 400


def _quoted(text: str, quote: str) -> Evidence:
    at = text.find(quote)
    if at < 0:
        return Evidence.NONE
    best = _shape(text, at)
    run = _RUN.match(text, at + 1)
    assert run is not None
    for start in sorted({at + 1, run.end()}):
        if best is not Evidence.STRONG and _AFTER.match(text, start) is not None:
            tokens = tokenize(text, start, _TAIL_TOKENS)
            best = max(best, _left(text, at, tokens))
            if best is not Evidence.STRONG:
                best = max(best, anywhere(tokens))
    return best


def _shape(text: str, quote: int) -> Evidence:
    """Judge a value that is no more than a word and quotes, or an operator in quotes."""
    if _QUOTED_OPERATOR.fullmatch(text):
        return Evidence.WEAK
    if _LONE_QUOTE.fullmatch(text) and (quote == 0 or len(text) - quote > 1):
        return _lone(text)
    return Evidence.NONE


def _left(text: str, quote: int, tokens: Tokens) -> Evidence:
    """Judge what stands behind the quote, if what stands before it can be a field's value.

    Where it cannot, a statement that also cuts off what follows it still counts.
    """
    found = max(tail(tokens, 0, Place.QUOTE), reenters(tokens, text[quote]))
    if found is Evidence.NONE:
        return found
    if not is_field(text, quote):
        cut = tokens.kinds[-1] == "c" and is_mark(tokens.texts[-1])
        return found if cut and found is Evidence.STRONG else Evidence.NONE
    if found is Evidence.WEAK and pairs(text[quote], tokens):
        return Evidence.NONE
    return Evidence.NONE if is_spoken(text, quote, tokens, found) else found


def _lone(text: str) -> Evidence:
    """Judge a value that is a short word and quotes: a probe if they do not pair."""
    bare = text.strip()
    if (len(set(bare)) == 1 and len(bare) > 2) or bare[0] == "`":
        return Evidence.NONE  # a fence of a code block
    if bare[0] in "'\"":
        return Evidence.WEAK
    return Evidence.WEAK if bare[-1] in ")];%}" else Evidence.NONE


def _bare(text: str) -> Evidence:
    tokens = tokenize(text)
    found = _from_start(tokens)
    return found if found is Evidence.STRONG else max(found, anywhere(tokens))


def _from_start(t: Tokens) -> Evidence:
    """Judge the value as a number's or a name's place would read it."""
    if not t.kinds:
        return Evidence.NONE
    if _stands_alone(t) or (t.kinds[0] == "f" and _probing_call(t, 0)):
        return Evidence.STRONG
    if t.kinds[0] == "d" and t.kinds[1:3] != "()":
        return Evidence.STRONG
    if t.kinds in ("&k", "&kc") and t.texts[0] != "and":
        return Evidence.STRONG
    if t.kinds[:6] in ("(1=1)+", "(1=1)=") and t.kinds[6:7] in ("1", "("):
        return Evidence.STRONG
    if t.kinds[:3] == "1+f" and _probing_call(t, 2):
        return Evidence.STRONG
    found = tail(t, 0, Place.BARE)
    first = operand(t, 0)
    if first is not None:
        end, sort = first
        if sort is Sort.SELECT and _short(t) and t.kinds != "(En)":  # "(select one)"
            return Evidence.STRONG
        place = Place.WORD if sort is Sort.NAME or t.kinds[0] == "k" else Place.NUMBER
        found = max(found, tail(t, end, place))
        if t.kind(0) == "n" and t.kind(1) == "=" and t.kind(2) == "1":
            found = max(found, tail(t, 3, Place.WORD))
    if t.kinds[0] in "DE" and _is_attack_statement(t):
        return Evidence.STRONG
    if t.texts[0] == "if" and t.kinds[-1] == "c" and statement(t, 0):
        return Evidence.STRONG
    return found


def _stands_alone(t: Tokens) -> bool:
    """Whether the value is an equation that holds, twice the same choice, or a server's variable.

    In brackets an equation is still an operand: it leaves no place.
    """
    end = tautology(t, 0)
    if end and not prose_follows(t, end) and "==" not in t.texts[:end]:
        return t.kinds[0] != "(" or bool(t.kind(end))
    if t.kinds == "1&1":
        return t.texts[0] == t.texts[2] and t.texts[1] in ("or", "||")
    return t.texts[0].startswith("@@") and ends(t, 1)


def _short(t: Tokens) -> bool:
    return t.kinds.count("nn") <= 1


def _probing_call(t: Tokens, at: int) -> bool:
    """Whether a call at the value's start is one that waits, or compares in SQL's way."""
    closed = t.closing.get(at + 1, at + 2)
    word, inner = t.texts[at], t.kinds[at + 2 : closed]
    if word in DELAYS:
        return inner[:1] in ("1", "(") and "1n" not in inner and not prose_follows(t, closed + 1)
    if word in ("if", "iif", "elt", "make_set", "nullif", "isnull", "ifnull", "coalesce"):
        return "=" in inner and "," in inner and inner.count("nn") == 0 and (
            "1=1" in inner or "E" in inner or "s=s" in inner)  # fmt: skip
    return False


_GRAVE = frozenset(("drop", "truncate", "shutdown", "exec", "execute", "declare", "grant", "bulk",
                    "waitfor", "backup", "handler", "load", "attach"))  # fmt: skip


def _is_attack_statement(t: Tokens) -> bool:
    """Whether the value is a whole statement that no form field has cause to hold."""
    if t.kinds[0] == "E":
        cut = t.kinds[-1] == "c" and is_mark(t.texts[-1]) and select_list(t, 1)
        return cut or "d" in t.kinds or _is_probe(t)
    if t.texts[0] == "shutdown" and t.kind(1) in ("", "&"):
        return False  # a word
    if t.texts[0] in ("exec", "execute") and (t.kind(1) == "s" or t.kinds[1:3] in ("(n", "(g")):
        return False  # a program's own exec
    if t.texts[0] in ("if", "while", "print", "set", "do", "call") and "d" not in t.kinds:
        return False
    if t.texts[1:2] in (("user",), ("login",)) and t.texts[0] in ("create", "alter"):
        return bool({"identified", "password"} & set(t.texts[3:8]))
    return statement(t, 0) and (
        t.texts[0] in _GRAVE or "c" in t.kinds[-1:] or "v" in t.kinds or "d" in t.kinds
    )


def _is_probe(t: Tokens) -> bool:
    """Whether all that is selected is a call or a variable: ``select version()``."""
    found = operand(t, 1) if t.kind(1) in ("f", "v") else None
    return found is not None and t.kind(found[0]) in ("", "c", ";")
