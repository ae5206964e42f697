"""Cross-site scripting: whether a value would run code in a page, wherever in it it lands.

Five places: element content, a double-quoted, single-quoted and unquoted attribute value, and a
script's string (or URL). In each, the value is read as a browser reads it from there, and what
would then run is looked for: elements that load or are code, handlers, script URLs, style code.
Markup that only formats is not an attack.
"""

from __future__ import annotations

import re

from epm.sanitize.html_names import ACTIVE_ELEMENTS, EVENTS, NOT_EVENTS, URL_ATTRIBUTES
from epm.sanitize.html_tokens import Start, Tag, tags
from epm.sanitize.probes import proves
from epm.sanitize.scripts import (
    holds_script_url,
    is_code,
    is_script_url,
    is_style_code,
    leaves_string,
    runs_code,
    template_code,
)
from epm.sanitize.values import Evidence
from epm.sanitize.wordlists import nested

_POSSIBLE = re.compile(
    r"[<`{\"']|script|\bon\w+[\s\x00-\x1f]*=|data:|style|[([!]{4}|\w[\s\x00]*[(`[\]]|"
    r"location|constructor|expression|:\s*url|document|alert|confirm|prompt|"
    r"\bj[\s\x00-\x1f]+a|=\s*(?:alert|eval)"
)
#: A script element however it is spelled: with a prefix, split by itself, in a national set
#: whose signs older browsers took for angle brackets.
_SCRIPT_TAG = re.compile(
    rf"<(?:{'|'.join(nested('script'))})|"
    r"<[\s\x00/]*+(?:\w{1,10}:)?script(?![\w-])|<\w*<\w*script|<\w*script[\s/>]|\u00bcscript\u00be"
)
#: A style sheet that does more than set letters and boxes.
_STYLE_SHEET = re.compile(
    r"<style\b[^<>]*+>[^<]*?(?:@import|@charset|@keyframes|url\s*\(|expression|behaviou?r|binding|"
    r"\\|script|-o-link|<(?!/style|!--))"
)
#: What a value that goes on behind its attribute would have to hold.
_ATTRIBUTE = re.compile(
    r"on[a-z]{4,40}[\s\x00/]*=|style|srcdoc|script|data:|<[\s\x00]*(?:[biolmf]\w+)[\s/]"
)
_HANDLER = re.compile(r"(?:^|[\s/\"'`\x00;<>&])(on[a-z]{4,40})[\s\x00]*=[\s\x00]*(?=\S)")
_CODE_LIKE = re.compile(
    r"[(`]|\w\s*=|javascript|location|eval|%28|&#|\[|\\|^[\"']?\w+;?[\"']?(?:\s|$|/?>)"
)
_BREAKS_OUT = re.compile(r"[^<>\"'\n]*+[\"'][\s/]*+>[^<]*+<[/!a-z]")
_CLOSERS = re.compile(
    r"[^<]{0,64}</(title|textarea|style|script|noscript|xmp|template|select|noembed|iframe|math|svg)"
    r"\b(?!>\s*\Z)"
)
_DECLARATION = re.compile(r"<\?(?:import|xml-stylesheet)\b|<!--\[if\b|<!\[cdata\[\s*<\s*script")
#: How attributes begin that scripts of frameworks take for code.
_DIRECTIVES = ("@", ":", "(", "*ng", "v-", "x-", "ng-", "data-ng-", "hx-on", "data-hx-on")
#: What a page obeys as if the server had said it.
_DIRECTIONS = ("refresh", "set-cookie", "link", "content-security-policy", "default-style")
_LOADED = re.compile(r"stylesheet|import|manifest|load|prefetch|^$")
#: A URL that leads to another host, or is none that a browser fetches.
_ELSEWHERE = re.compile(r"\s*(?:[a-z][\w+.-]*:|[/\\]{2})")
_LOCATOR = re.compile(r"<xss\b|=&\{|<h1>\s*xss|<[a-z]+/xss")


def evidence(text: str) -> Evidence:
    """Judge one form of a value; ``text`` is in lower case, without NUL characters."""
    if _POSSIBLE.search(text) is None:
        return Evidence.NONE
    if ("<" in text or "\u00bc" in text) and _in_content(text):
        return Evidence.STRONG
    found = _in_attribute(text) or holds_script_url(text) or _is_script(text)
    return Evidence.STRONG if found else Evidence.NONE


def _in_content(text: str) -> bool:
    if _SCRIPT_TAG.search(text) is not None or _DECLARATION.search(text) is not None:
        return True
    if "<style" in text and _STYLE_SHEET.search(text) is not None:
        return True
    if any(_tag_runs(tag) for tag in tags(text)):
        return True
    closer = _CLOSERS.match(text)
    if closer is not None and f"<{closer[1]}" not in text[: closer.end()]:
        return True
    return _BREAKS_OUT.match(text) is not None or _LOCATOR.search(text) is not None


def _in_attribute(text: str) -> bool:
    if _ATTRIBUTE.search(text) is None:
        return False
    for start in (Start.DOUBLE_QUOTED, Start.SINGLE_QUOTED):
        if start.value in text and _rest_runs(text, start):
            return True
    return any(_handles(text, match) for match in _HANDLER.finditer(text))


def _handles(text: str, match: re.Match[str]) -> bool:
    """Whether a handler without a tag is code; behind a sentence only if it does harm."""
    if match[1] not in EVENTS:
        return False
    value = text[match.end() : match.end() + 200]
    if len(text[: match.start()].split(None, 3)) > 2:
        return runs_code(value)
    return _CODE_LIKE.search(value) is not None


def _rest_runs(text: str, start: Start) -> bool:
    """Whether the value ends its attribute and goes on with what runs."""
    for tag in tags(text, start):
        if tag.name:
            if _tag_runs(tag):
                return True
        elif any(_added_runs(name, value) for name, value in tag.attributes):
            return True
    return False


def _added_runs(name: str, value: str | None) -> bool:
    """Whether an attribute runs that seems to follow one; in prose it may be any word."""
    if not value:
        return False
    if name in EVENTS:
        return _CODE_LIKE.search(value) is not None
    if name == "style":
        return is_style_code(value)
    return name == "srcdoc" or (name in URL_ATTRIBUTES and is_script_url(value))


def _tag_runs(tag: Tag) -> bool:
    if tag.closing:
        return tag.name == "script"
    name = tag.name.rpartition(":")[2]
    if name in ACTIVE_ELEMENTS:
        return bool(tag.attributes) or name == "script"
    if name in ("meta", "link", "base") and _directs(name, dict(tag.attributes)):
        return True
    return any(_attribute_runs(n, v) for n, v in tag.attributes)


def _directs(element: str, attributes: dict[str, str | None]) -> bool:
    """Whether an element of a page's head makes the page load, go on or be read otherwise."""
    if element == "base":
        return "href" in attributes
    if element == "link":
        leads = _ELSEWHERE.match(attributes.get("href") or "") is not None
        return leads and _LOADED.search(attributes.get("rel") or "") is not None
    directive = (attributes.get("http-equiv") or "").strip()
    charset = attributes.get("charset") or attributes.get("content") or ""
    return directive in _DIRECTIONS or "utf-7" in charset


def _attribute_runs(name: str, value: str | None) -> bool:
    if value is None:
        return False
    if name.startswith("on") and len(name) >= 5 and name not in NOT_EVENTS:
        return True
    if ":on" in name or (name.startswith(_DIRECTIVES) and runs_code(value)):
        return True
    if name == "srcdoc":
        return True
    if name == "style":
        return is_style_code(value)
    if name in URL_ATTRIBUTES and is_script_url(value):
        return True
    return _holds_handler(value)


def _holds_handler(value: str) -> bool:
    """Whether an unquoted value goes on as a handler for parsers that end it at a slash."""
    return "=" in value and any(m[1] in EVENTS for m in _HANDLER.finditer(value))


def _is_script(text: str) -> bool:
    if leaves_string(text) or is_code(text) or template_code(text) or proves(text):
        return True
    return is_style_code(text) and (_styled(text) or runs_code(text))


def _styled(text: str) -> bool:
    """Whether style code stands as a declaration, not as a word of prose."""
    return re.search(r"[:{;\"']\s*[^:]{0,40}expression\(|-moz-binding|behaviou?r\s*:\s*url|"
                     r"url\s*\(|@import", text.replace("\\", "")) is not None  # fmt: skip
