"""An expression that leaves a string by its quote and comes back into one: ``'^0+0='0``.

Databases turn strings to numbers and numbers to truth, so nearly every chain of operators and
operands behind a quote changes a condition, if only it ends in a string that the page's own quote
closes, or cuts the rest off. Such a chain is long on operators and short on words; text in quotes
is the other way round.
"""

from __future__ import annotations

from epm.sanitize.sql_grammar import is_mark
from epm.sanitize.sql_tokens import Tokens
from epm.sanitize.values import Evidence

#: More operands than any such expression has.
_MAX_OPERANDS = 32
#: Words that only tell how the operand behind them is to be read or compared.
_READ_AS = ("binary", "sounds", "\\")
#: A string that is left open holds no more than what the page's own string may begin with.
_LONGEST_OPEN = 24


def reenters(t: Tokens, quote: str) -> Evidence:
    """Judge what follows a quote as an expression that ends in a string left open, or a mark.

    ``WEAK`` at most: scripts join their strings in the same way.

    Args:
        t: what follows the quote.
        quote: the quote.
    """
    at = operators = 0
    compared = False
    for _ in range(_MAX_OPERANDS):
        first = at
        while t.kind(at) and (t.kind(at) in "=!+&" or t.texts[at] in _READ_AS):
            compared = compared or t.kind(at) in "=&"
            operators += t.texts[at] not in _READ_AS
            at += 1
        if at == first:
            break
        end = _operand_end(t, at)
        if end is None:
            return Evidence.NONE
        if t.kind(at) == "s" and end == len(t.kinds) and _is_open(t.texts[at], quote):
            return Evidence.WEAK
        at = end
    cut = t.kind(at) == "c" and is_mark(t.texts[at]) and compared and operators > 0
    return Evidence.WEAK if cut else Evidence.NONE


def _operand_end(t: Tokens, at: int) -> int | None:
    kind = t.kind(at)
    if kind == "(" or (kind and kind in "dfg" and t.kind(at + 1) == "("):
        closed = t.closing[at if kind == "(" else at + 1]
        return closed + 1 if t.kind(closed) == ")" else None
    return at + 1 if kind and kind in "1skvnT" else None


def _is_open(string: str, quote: str) -> bool:
    """Whether a string of the quote that was left has no end of its own."""
    if string[:1] != quote or len(string) > _LONGEST_OPEN:
        return False
    return len(string) == 1 or string[-1] != quote
