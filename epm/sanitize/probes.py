"""Code that proves that it runs: the dialogs by which an injected script shows itself.

``alert(1)`` has no use but that proof, so it is an attack in any code that is nothing but code,
however it comes to run: as a callback, in a promise, behind a bracket that closes the page's own.
Text that speaks of it has words beside it, and a program's own dialog has something to say.
"""

from __future__ import annotations

import re

from epm.sanitize.wordlists import word_set

#: An ending in brackets: ``alert(s)`` is a noun, ``confirm(ation)`` another.
PLURAL = r"(?:s|ed|es|ing|ation)\)"
_DIALOG = r"(?:alert|confirm|prompt)"
#: What only a proof shows: a number, the page's own cookie or place, a mark.
_SHOWN = (
    r"(?:\d[\d.]*|(?:window\s*\.\s*)?origin|document\s*\.\s*(?:cookie|domain|location|url)|"
    r"(?:window\s*\.\s*)?location(?:\s*\.\s*\w+)?|/[^/\s]{1,24}/(?:\s*\.\s*source)?|"
    r"['\"`][^'\"`\s]{0,8}xss[^'\"`\s]{0,8}['\"`])"
)
#: Methods that call what they are given.
_CALLERS = (
    r"(?:find(?:last)?(?:index)?|(?:flat)?map|some|every|foreach|filter|sort|reduce(?:right)?|"
    r"then|catch|finally|addeventlistener|apply|call|from|replace(?:all)?)"
)
_PROOF = re.compile(
    rf"(?<![\w$`-]){_DIALOG}(?:\?\.)?[\t\r\n]*(?:\(\s*{_SHOWN}\s*\)|`[^`]{{0,24}}`)|"
    # Handed over to be called: to a method, as a handler, as an object's conversion.
    rf"\.\s*{_CALLERS}\s*\(\s*(?:[\w'\"]+\s*,\s*)?{_DIALOG}\s*[,)]|"
    rf"(?:tostring|valueof|tojson|toprimitive\]|hasinstance\])\s*:\s*(?:\(\)\s*=>\s*)?{_DIALOG}\b|"
    rf"\bon(?:error|load|click|hashchange|message)\s*=\s*{_DIALOG}\b(?!['\"])|"
    r"=>\s*\{?\s*eval\s*\(|\.\s*then\s*\(\s*eval\s*\)|"
    rf"(?:settimeout|setinterval)\s*\(\s*(?:{_DIALOG}|eval)\s*,"
)
#: Brackets and ends that close what a page began, then at most a word of the language, then a
#: dialog with whatever it has to say.
_BREAKS_IN = re.compile(
    rf"[^a-z<]*+(?:(?<=/)[gimsuy]{{1,3}}[^a-z<]+)?(?:(?:void|typeof|await|throw|new)\b[\s(]*)?"
    rf"(?:(?:window|self|top|parent|this|globalthis)\s*\.\s*)?(?<!`){_DIALOG}"
    rf"(?:\?\.)?[(`](?!{PLURAL})"
)
_CLOSERS = re.compile(r"[;}\])/*|&,]")
#: The constructor of all functions, reached from whatever stands there.
_CONSTRUCTS = re.compile(r"\bconstructor\s*\.\s*constructor\s*(?:\(|`)")
_STRINGS = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`]*`|/\*[^*]*\*/|//[^\n]*")
_NEIGHBOURS = re.compile(r"\b([a-z]+)[ \t]+(?=([a-z]+))")
_LANGUAGE = word_set(
    "new function return throw var let const await async in of typeof void delete instanceof "
    "else case class extends import from export default static get set yield do if for while with"
)
#: Words of which a value has one, or proves nothing.
_NEEDED = ("alert", "confirm", "prompt", "eval", "constructor")
#: Pairs of words that no code holds, of which a sentence has at least this many.
_SENTENCE = 2


def proves(text: str) -> bool:
    """Whether a value, in lower case, is code that runs a dialog as its proof."""
    if not any(word in text for word in _NEEDED):
        return False
    if _CONSTRUCTS.search(text) is not None:
        return True
    broken = _BREAKS_IN.match(text)
    if broken is not None and _CLOSERS.search(broken[0]) is not None:
        return not _is_sentence(text)
    return _PROOF.search(text) is not None and not _is_sentence(text)


def _is_sentence(text: str) -> bool:
    """Whether words stand beside each other as only a sentence has them."""
    found = 0
    for match in _NEIGHBOURS.finditer(_STRINGS.sub(" ; ", text)):
        found += not (match[1] in _LANGUAGE or match[2] in _LANGUAGE)
        if found >= _SENTENCE:
            return True
    return False
