"""SQL text without what stands in it only to part its words or to hide them.

What a database skips, and what a filter in front of it cuts out: comments, control characters,
numbers without digits, keywords written within themselves.
"""

from __future__ import annotations

import re

from epm.sanitize.sql_words import DANGEROUS, FUNCTIONS, KEYWORDS, NESTED

#: Words parted by empty comments: some filters cut comments out and so join what they part.
_PARTED = re.compile(r"(?<![a-z])[a-z]++(?:/\*\*/[a-z]++)+")
#: Words that a filter may join so, and the most parts that one is looked for in.
_JOINABLE = (KEYWORDS.keys() | FUNCTIONS | DANGEROUS | {"then", "else"}) - {"as"}
_PARTS = 8
#: What databases read as a blank: some take any control character for one.
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f]")
_SHORT_COMMENT = re.compile(r"/\*(?!!)[^*]{0,64}\*/")
#: The bounds of what MySQL runs although it looks like a comment.
_EXECUTED = re.compile(r"/\*!\d*+|\*/")
#: A comment to the end of a line behind which something follows; several only stand for blanks.
_LINE_COMMENT = re.compile(r"(?:--|#)[^\n]{0,64}\n(?=\s*+\S)")
#: A number with an exponent of no digits: MySQL skips it wherever it stands.
_NO_NUMBER = re.compile(r"(?<![\w.])\d\.e(?=[\s,()/])")
_NESTED = re.compile(rf"\b(?:{'|'.join(sorted(NESTED))})\b")


def cleared(text: str) -> str:
    """Return the text, which is in lower case, without its disguises."""
    if _CONTROLS.search(text) is not None:
        text = _CONTROLS.sub(" ", text)
    if "/*" in text:
        if "/**/" in text:
            text = _PARTED.sub(_rejoined, text)
        text = _SHORT_COMMENT.sub(" ", text)
        if "/*!" in text:
            text = _EXECUTED.sub(" ", text)
    if "\n" in text and ("--" in text or "#" in text):
        lines, count = _LINE_COMMENT.subn(" ", text)
        text = lines if count > 1 else text
    if ".e" in text:
        text = _NO_NUMBER.sub(" ", text)
    return _NESTED.sub(lambda m: NESTED[m[0]], text)


def _rejoined(match: re.Match[str]) -> str:
    """Return words parted by empty comments, the parts of a keyword joined, others by blanks."""
    parts = match[0].split("/**/")
    out: list[str] = []
    at = 0
    while at < len(parts):
        end = _keyword_end(parts, at)
        out.append("".join(parts[at:end]))
        at = end
    return " ".join(out)


def _keyword_end(parts: list[str], at: int) -> int:
    """Return the index behind the longest keyword that the parts from ``at`` on make, or one."""
    for end in range(min(len(parts), at + _PARTS), at + 1, -1):
        if "".join(parts[at:end]) in _JOINABLE:
            return end
    return at + 1
