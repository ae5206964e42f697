"""Script where it runs: script URLs, code in a string's or a template's place, style code."""

from __future__ import annotations

import re

from epm.sanitize.probes import PLURAL

#: What injected code calls or reaches for. Plain words: followed by what makes them code.
_SINK = re.compile(
    r"(?<![\w$])(?:"
    r"(?:alert|confirm|prompt|eval|settimeout|setinterval|setimmediate|execscript|msgbox|"
    r"fetch|import|atob|unescape)\s*(?:\?\.)?\s*[(`]|"
    r"(?:alert|confirm|prompt|eval)\s*(?:\.(?:call|apply|bind)|\[|\b\s*[),;&])|"
    r"(?:document|window|self|top|parent|frames|globalthis|this|opener)\s*(?:\?\.)?\s*\[|"
    r"document\s*\.\s*(?:cookie|write|writeln|location|domain|body|url|referrer|createelement|"
    r"documentelement|forms|queryselector|getelementbyid|defaultview)\b|"
    r"(?:window|self|top|parent|globalthis|frames|this)\s*\.\s*(?:alert|eval|location|open|name|"
    r"onerror|prompt|confirm|document|print|constructor(?!\s*\.\s*name\b)|fetch)\b|"
    r"(?:window|self|top|parent)\s*\(|"
    r"location\s*(?:=(?!=)|\.\s*(?:href|replace|assign|hash|search)\b|\[)|"
    r"function\s*[(`]\s*['\"`]|string\s*\.\s*fromcharcode\s*\(|new\s+(?:function|image|xmlhttprequest|websocket)\b|"
    r"navigator\s*\.\s*sendbeacon|xmlhttprequest|reflect\s*\.\s*(?:apply|construct|get)|"
    r"[\w\])]\s*\.\s*constructor\b(?!\s*\.\s*name\b)|\[\s*['\"`]constructor['\"`]\s*\]|"
    r"onerror\s*=\s*(?:alert|eval|confirm|prompt)|innerhtml\s*[=+]|"
    r"\$eval\s*\(|print\s*\(\s*\)|console\s*\.\s*log\s*\()|"
    r"\$\s*\.\s*(?:getscript|globaleval|get|parsehtml)\s*\(|localstorage\b"
)
_URL_BLANKS = re.compile(r"[\x00-\x20\xa0\ufffd]+")
_SCRIPT_URL = re.compile(
    r"(?:javascript|vbscript|livescript|mocha|jscript|vbs|ecmascript)(?::|&colon;?)"
)
_FREE_SCRIPT_URL = re.compile(
    r"(?<![\w-])(?:java[\s\x00-\x1f]*script|vb[\s]*script|livescript|jscript)[\s\x00]*:(?=[\s\x00-\x1f]*"
    r"(?:[\w$.\[\]'\"+!~%-]+(?:[(`=\[]|/\*)|//|/\*|[('\"`<{\[!+~-]|%0|void\b|\w+;|\w+\.\w+))"
)
_SPREAD_SCRIPT_URL = re.compile(
    r"(?<!\w)j[\s\x00-\x1f]*a[\s\x00-\x1f]*v[\s\x00-\x1f]*a[\s\x00-\x1f]*s[\s\x00-\x1f]*c"
    r"[\s\x00-\x1f]*r[\s\x00-\x1f]*i[\s\x00-\x1f]*p[\s\x00-\x1f]*t[\s\x00-\x1f]*:"
)
_DATA_URL = re.compile(
    r"(?<![\w-])data:[\s]*(?:text/(?:html|xml|javascript|xsl)|application/(?:xhtml\+xml|xml|javascript|"
    r"x-javascript|ecmascript)|;base64,[a-z0-9+/]*(?:phnjcmlwd|xzy3jpch|8c2nyaxb0)|image/svg\+xml(?=[^,]{0,64},(?:[^,]*(?:script|%3cs|on[a-z]{3,20}=)|[a-z0-9+/]*"
    r"(?:phnjcmlwd|xzy3jpch|8c2nyaxb0)))|,\s*(?:alert|<|eval))",
)
_STYLE = re.compile(
    r"expression\(|-moz-binding\s*:|(?<![\w-])behaviou?r\s*:\s*(?:url|expression)|"
    r"url\s*\(\s*['\"]?\s*(?:java|vb)script:|@import\s*(?:url\s*\(\s*)?['\"(]?(?:https?:|//|java|data)|"
    r"(?:background|list-style)(?:-image)?\s*:\s*url\s*\(\s*['\"]?\s*(?:data:text|javascript)|"
    r"-o-link\s*:"
)
_CSS_ESCAPE = re.compile(r"\\0{0,4}([2-7][0-9a-f])(?![0-9a-f])\s?")
#: Directly behind a quote that ends a script's string.
_LEAVES_STRING = re.compile(
    r"(?:['\"`][)\]}\s]*+|\\['\"][)\]}\s]*+)(?:[;,+*/%&|^<>=?:\n!-]|\)|\}|in\b|instanceof\b|or\b|and\b)"
)
#: What stands before the first quote of a program, and not before the end of a page's string.
_OWN_CODE = re.compile(r"\w\(|\n")
_TEMPLATE = re.compile(
    r"\$\{([^}]*+)|\{\{[^}]*+(?:\}(?!\})[^}]*+)*|#\{([^}]*+)|<%[^%]*+(?:%(?!>)[^%]*+)*"
)
_DIALOGS = r"(?:alert|confirm|prompt|eval)"
_GLOBALS = r"(?:window|self|top|parent|this|globalthis|frames)"
#: A value that is nothing but code of the kind that is injected.
_BEGINS_CODE = re.compile(
    rf"[\s(!+~;{{\[-]*(?:{_GLOBALS}\s*\.\s*)?{_DIALOGS}(?:\?\.)?[)\]]*(?:[(`](?!{PLURAL})|\.(?:call|apply)\s*\()|"
    r"\s*(?:document\s*\.\s*(?:cookie|write(?:ln)?\s*\(|location|domain\s*=)|"
    rf"{_GLOBALS}\s*\[(?!\s*[\w$]+\s*\])[^\]]{{1,80}}\]\s*(?:\?\.)?[(`]|"
    r"(?:window\s*\.\s*)?location\s*(?:\.\s*(?:href|hash)\s*)?=\s*"
    r"(?:['\"`/]|name\b|hash|atob|document)|"
    r"(?:window\s*\.\s*)?location\s*\.\s*(?:replace|assign)\s*\(|"
    r"(?:new\s+)?(?:settimeout|setinterval|function)\s*(?:`|\(\s*['\"`])(?!return this)|"
    rf"\w+\s*=\s*{_DIALOGS}\s*[,;]|"
    rf"\[[^\]]{{0,40}}\]\s*\.\s*(?:find|map|some|every|foreach|filter|sort)\s*\(\s*{_DIALOGS}\b|"
    r"throw\b.{0,40}\bonerror\s*=|onerror\s*=\s*(?:alert|eval)|(?:set|map|array)\s*\.\s*constructor\s*[(`]|"
    rf"reflect\s*\.\s*(?:apply|construct)\s*\(\s*{_DIALOGS}|document\s*\[\s*['\"`]|"
    r"import\s*\(\s*['\"`]\s*(?:https?:|data:|//)|string\s*\.\s*fromcharcode\s*\(\s*\d+\s*,)"
)
_CONSTRUCTOR = re.compile(r"\[\s*['\"`]constructor['\"`]\s*\]|\.\s*constructor\s*[(`]")
_SYMBOLS_ONLY = re.compile(r"[\[\]()!+\s;{}$_=~'\"/:.,*<>-]{40,}")


def is_script_url(value: str) -> bool:
    """Whether an attribute's URL runs code: blanks in the scheme are ignored, as browsers do."""
    tight = _URL_BLANKS.sub("", value[:512])
    if _SCRIPT_URL.match(tight) is not None:
        return True
    return _DATA_URL.match(tight) is not None


def holds_script_url(text: str) -> bool:
    """Whether a script URL stands anywhere in the text, followed by code and not by a title."""
    if "script" in text:
        if _FREE_SCRIPT_URL.search(text) is not None:
            return True
        if _SCRIPT_URL.match(_URL_BLANKS.sub("", text[:32])) is not None and runs_code(text):
            return True
    if _SPREAD_SCRIPT_URL.search(text) is not None and "javascript:" not in text:
        return runs_code(text)
    return "data:" in text and _DATA_URL.search(text) is not None


def runs_code(text: str) -> bool:
    """Whether the text calls or reaches for what injected code does."""
    return _SINK.search(text) is not None


def leaves_string(text: str) -> bool:
    """Whether the value ends the script's string that it stands in and then runs code."""
    if text.startswith("*/") and runs_code(text):  # out of a comment
        return True
    for quote in "'\"`":
        at = text.find(quote)
        if at < 0 or _OWN_CODE.search(text, 0, at) is not None:
            continue
        if at and text[at - 1] == "\\":
            at -= 1
        if _LEAVES_STRING.match(text, at) is not None and runs_code(text[at:]):
            return True
        if text.startswith(("}", ")"), at + 1) and runs_code(text[at + 1 : at + 80]):
            return True
    return False


def is_code(text: str) -> bool:
    """Whether the whole value is code: it begins as such, or is made of symbols only."""
    if text[:1] in "[({" and "constructor" in text and _CONSTRUCTOR.search(text) is not None:
        return True
    return _BEGINS_CODE.match(text) is not None or (
        "[]" in text and "(" in text and _SYMBOLS_ONLY.fullmatch(text) is not None
    )


def template_code(text: str) -> bool:
    """Whether a template expression in the text runs code."""
    return any(runs_code(match[0]) for match in _TEMPLATE.finditer(text))


def _without_comments(style: str) -> str:
    kept: list[str] = []
    at = 0
    while (opened := style.find("/*", at)) >= 0:
        kept.append(style[at:opened])
        closed = style.find("*/", opened + 2)
        at = len(style) if closed < 0 else closed + 2
    kept.append(style[at:])
    return "".join(kept)


def is_style_code(style: str) -> bool:
    """Whether style text runs code or fetches more of itself."""
    plain = _without_comments(style)
    if "\\" in plain:
        plain = _CSS_ESCAPE.sub(lambda m: chr(int(m[1], 16)), plain).replace("\\", "")
    return _STYLE.search(plain) is not None
