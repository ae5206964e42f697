"""SQL text to a token stream, as databases of every make would read it, generously.

One compiled pattern, possessive throughout, so that lexing is linear whatever it is given.
Executable comments of MySQL (``/*!50000 ... */``) are read as code, others as blanks; so is a
comment to the end of its line where the statement must go on behind it, and a cast (``::int``),
which changes no structure. A dash of typography that ends the text is a comment's two, as a word
processor writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from epm.sanitize.sql_words import DANGEROUS, FUNCTIONS, KEYWORDS

_TOKEN = re.compile(
    r"""
      (?P<blank>[\s\x00-\x1f\xa0]++|/\*!\d*+|\*/|/\*(?!!)[^*]*+(?:\*(?!/)[^*]*+)*\*/
      | ::\s*+[a-z_]\w*+(?:\(\d++\))?(?:\[\])?)
    | (?P<rest>/\*(?!!).*+)
    | (?P<comment>--[^\n]*+|\#[^\n]*+|;\s*+\x00.*+|[\u2013\u2014]\s*+\Z)
    | (?P<string>
        (?:(?:n|e|b|x|u&|_[a-z0-9]{1,10})(?='\S))?'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*'?
      | "[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*"? | `[^`]*+`?+ | \$\$[^$]*+\$\$)
    | (?P<number>0x[0-9a-f]++|0b[01]++(?![\w])|(?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?)
    | (?P<name>[a-z_\u00a1-\uffff\U00010000-\U0010ffff][\w$]*+(?:\.{1,2}[a-z_][\w$]*+)*
      | \[[a-z_][^\[\]\n]{0,64}+\](?:\.{1,2}\[?[a-z_][\w$]*+\]?)*)
    | (?P<variable>@{1,2}(?!>)[\w$`.]*+|:[a-z_]\w*+(?==))
    | (?P<compare>@>|<@|<=>|<>|!=|<=|>=|==|!<|!>|=|<|>|!~~?\*?|~~\*?)
    | (?P<logic>&&|\|\|)
    | (?P<one>[-+*/%^|&~!();,{}?:.\\])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: One value's tokens; more than a megabyte of text is not judged at all.
MAX_TOKENS = 1 << 20

_ONE = dict.fromkeys("-+*/%^|&", "+") | {"~": "!", "!": "!"} | {c: c for c in "();,"}
#: Kinds behind which no statement can end: a line that does goes on in the next.
_OPEN = frozenset("UAEWOBHI&=,(")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token stream.

    Attributes:
        kinds: one character a token (see :mod:`epm.sanitize.sql_words`).
        texts: the tokens as written, in lower case.
        closing: index of the ``)`` of each ``(``; the last token if there is none.
    """

    kinds: str
    texts: tuple[str, ...]
    closing: dict[int, int]

    def kind(self, at: int) -> str:
        """Return the kind at ``at``, empty behind the end."""
        return self.kinds[at : at + 1]


def tokenize(text: str, start: int = 0, limit: int = MAX_TOKENS) -> Tokens:
    """Return the tokens of ``text`` (in lower case) from ``start`` on, at most ``limit``."""
    kinds: list[str] = []
    texts: list[str] = []
    before: str | None = ""
    for match in _TOKEN.finditer(text, start):
        group = match.lastgroup
        if group == "blank":
            continue
        word = match[0]
        if group == "name":
            kinds.append(KEYWORDS.get(word, "n"))
        elif group == "one":
            if word == "(" and before == "name":
                kinds[-1] = _called_kind(texts[-1])
            kinds.append(_ONE.get(word, "x"))
        elif group == "comment" and kinds and kinds[-1] in _OPEN and match.end() < len(text):
            continue
        else:
            kinds.append(_GROUPS.get(group, "x"))
        texts.append(word)
        before = group
        if len(texts) >= limit:
            break
    joined = "".join(kinds)
    return Tokens(joined, tuple(texts), _closing(joined))


_GROUPS: dict[str | None, str] = {
    "rest": "c", "comment": "c", "string": "s", "number": "1", "variable": "v",
    "compare": "=", "logic": "&", "other": "x",
}  # fmt: skip


def _called_kind(word: str) -> str:
    """Return the kind of a name that a bracket follows."""
    if word in DANGEROUS:
        return "d"
    keyword = KEYWORDS.get(word)
    if keyword is not None and (word not in FUNCTIONS or keyword in "=&E"):
        return keyword
    return "f" if word in FUNCTIONS else "g"


def _closing(kinds: str) -> dict[int, int]:
    open_at: list[int] = []
    closing: dict[int, int] = {}
    if "(" not in kinds:
        return closing
    for at, kind in enumerate(kinds):
        if kind == "(":
            open_at.append(at)
        elif kind == ")" and open_at:
            closing[open_at.pop()] = at
    closing.update(dict.fromkeys(open_at, len(kinds) - 1))
    return closing
