"""The class of a value: SAFE by a positive pattern, UNSAFE by a detector, else UNDETERMINED."""

from __future__ import annotations

import re

from epm.sanitize import sqli, traversal, xss
from epm.sanitize.decoding import fold, forms
from epm.sanitize.sql_words import NESTED
from epm.sanitize.values import SAFE, UNDETERMINED, UNSAFE, Classification, Evidence, Reason
from epm.sanitize.wordlists import word_set

#: Longer values are not judged but undetermined: work for one value has a bound.
MAX_VALUE = 1 << 18
#: Of a longer value not every stage of its decoding is judged, only the first and the last.
LONG = 2048

#: The plainest values, which most are: words and numbers. A word that SQL or a script knows, or
#: that joins conditions, sends them on to the closer look.
_WORDS_ONLY = re.compile(r"[a-z0-9_ ,@-]{0,256}")
_WORD = re.compile(r"[a-z_]+")
_KNOWN = word_set(
    "union select having waitfor procedure exec execute declare drop truncate shutdown insert into "
    "handler xor rlike regexp like order group limit where case grant create and or div not "
    "javascript vbscript onerror onload alert eval prompt confirm"
).union(NESTED)
#: Letters and other signs of any script, digits, common punctuation, an apostrophe in a word.
# INVARIANT: in this package only character classes are possessive, never groups: Python before
# 3.11.5 matches those wrongly (gh-106052).
_PLAIN_SIGNS = r"[\w .,:;!?@/+*$#&%()\n\r\t\u00a1-\ud7ff\ue000-\U0010ffff-]"
_PLAIN = re.compile(
    rf"{_PLAIN_SIGNS}*+(?:(?<=[a-z])'(?=[a-z]){_PLAIN_SIGNS}*+)*",
)
_TRAPS = re.compile(
    r"\.\.|//|--|::|%\w|'(?:or|and|xor|union|like|in|is|order|group|having|limit|into|not|begin)\b|"
    r"[\d)]\s*#|\w\(|\bxp_|_\w{0,40} ?\(|\b(?:benchmark|sleep|analyse|xmltype)\s*\(|"
    r"\(\s*select|(?:script|data|file|php|phar|zip|expect|jar|url):|"
    r"\\|web-inf|meta-inf|/\*|\*/|;\s*[a-z]|"
    r"\b(?:union|select|having|waitfor|procedure|exec|execute|declare|drop|truncate|shutdown|"
    r"insert|into|handler|xor|rlike|regexp|like|order|group|limit|where|case|grant|create|"
    r"javascript|vbscript|onerror|onload|alert|eval|prompt|confirm)\b|(?:document|window|location)\.|"
    r"\b(?:and|or|div|not)\b[\s(+!/-]*+(?:\d|true|false|null|not\b|if\b|user\b)|\b(?:null|begin)\s*#|\d\s*[)]\s*[a-z]|"
    r"(?:^|[\s/])(?:etc|proc|var|usr|opt|root|home|dev|boot|sys|private|windows|winnt|inetpub|"
    r"apache2?|xampp|mysql|php|logs?|library|volumes)/|\.ini\b|\.ht\w|\.env\b|\.git\b|\.svn\b|"
    r"\b[a-z]:(?:[/\\]|win)|^\s*(?:[/.;#]|\+(?!\d))|&[#&a-z]\w|&&|\({3}|@@|(?:0x[0-9a-f]{2}){2}|\.(?:conf|log)\b|"
    r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
)
#: Nothing but a path, or what is decoded to one: without a blank, a bracket, a quote, a comment or
#: an operator it is neither a statement nor a script, though a part of it may be called like one.
_PATH_SIGNS = re.compile(r"(?!.*--)(?=[^/\\%]*+[/\\%])[\w./\\%-]*+")
_TOKEN = re.compile(
    r"[A-Za-z0-9+_.~-]{1,4096}={0,2}|\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"
)
_URL = re.compile(
    r"https?://[\w.-]{1,255}(?::\d{1,5})?(?:/[\w./~+-]*+)?(?:\?[\w=&.+-]*+)?(?:#[\w-]*+)?"
)


def classify(value: str) -> Classification:
    """Return the class of a value, with the reason where it is not safe."""
    if len(value) > MAX_VALUE:
        return UNDETERMINED
    if _is_plain(value):
        return SAFE
    found = _reason(value)
    if found is not None:
        return UNSAFE[found]
    return SAFE if _is_known_shape(value) else UNDETERMINED


def _is_plain(value: str) -> bool:
    """Whether the value is letters, digits and common punctuation, none of it in a trap.

    INVARIANT: what this takes, no detector would flag (a test holds them together).
    """
    text = fold(value).lower()
    if _WORDS_ONLY.fullmatch(text) and not any(sign in text for sign in ("--", "@@", "0x", "xp_")):
        if _KNOWN.isdisjoint(_WORD.findall(text)):
            return True
    elif _PLAIN.fullmatch(text) is None:
        return False
    return _TRAPS.search(text) is None and NESTED.keys().isdisjoint(_WORD.findall(text))


def _is_known_shape(value: str) -> bool:
    if ".." in value:
        return False
    return _TOKEN.fullmatch(value) is not None or _URL.fullmatch(value) is not None


def _reason(value: str) -> Reason | None:
    """Return the best supported reason: sure findings first, then by priority."""
    weak: Reason | None = None
    sure: set[Reason] = set()
    stages = _stages(value)
    for number, stage in enumerate(stages):
        if _PATH_SIGNS.fullmatch(stage) is None:
            clean = stage.replace("\x00", "") if "\x00" in stage else stage
            found = sqli.evidence(clean)
            if found is Evidence.STRONG:
                return Reason.SQLI
            if found is Evidence.WEAK:
                weak = Reason.SQLI
            if Reason.XSS not in sure and xss.evidence(clean):
                sure.add(Reason.XSS)
        if not sure and traversal.evidence(stage, disguised=_reveals(stages[0], stage, number)):
            sure.add(Reason.PATH_TRAVERSAL)
    if Reason.XSS in sure:
        return Reason.XSS
    return Reason.PATH_TRAVERSAL if sure else weak


def _stages(value: str) -> list[str]:
    found = [form.lower() for form in forms(value)]
    if len(value) > LONG and len(found) > 2:
        found = [found[0], found[-1]]
    last = found[-1]
    if "+" in last and " " not in found[0]:
        found.append(last.replace("+", " "))
    return found


def _reveals(first: str, stage: str, number: int) -> bool:
    """Whether a decoded stage shows a climb that the value hid."""
    if number == 0:
        return False
    return stage.count("../") + stage.count("..\\") > first.count("../") + first.count("..\\")
