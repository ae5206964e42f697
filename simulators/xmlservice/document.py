"""Reads XMLSERVICE documents as XMLSERVICE does: by scanning, not as strict XML.

Real clients send documents without a root, with a comma between elements, with an ISO-8859-1
declaration, and with text that strict XML refuses (``R&D``, ``a < 5``). All of that is read.
What could be a bomb is not: document type declarations and entities are refused, and depth, size
and the number of parts are bounded. What is echoed from the request is echoed well-formed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from epm.errors import FormatError

MAX_DEPTH = 128
MAX_PARTS = 400_000
MAX_TAG = 16_384
_REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|lt|gt|amp|quot|apos);)")
_NAME = re.compile(r"[A-Za-z_][\w.:-]*")
# The look-behind keeps a long run of name characters from being tried at each of them.
_ATTRIBUTE = re.compile(r"""(?<![\w.:-])([A-Za-z_][\w.:-]*)\s*=\s*(?:'([^']*)'|"([^"]*)")""")
_STRICT_TAG = re.compile(
    r"""[A-Za-z_][\w.:-]*(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:'[^'<]*'|"[^"<]*"))*\s*"""
)
_INSTRUCTION = re.compile(r"<\?[A-Za-z_][\w.-]*(?:\s[^?]*)?\?>")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Text:
    """Characters between tags.

    Attributes:
        raw: as written, without CDATA brackets.
        cdata: whether it stood in a CDATA section.
    """

    raw: str
    cdata: bool = False


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A declaration, comment or processing instruction, echoed as it is."""

    raw: str


@dataclass(slots=True)
class Element:
    """One element.

    Attributes:
        start: its start tag as written, never self-closing.
        children: what it holds, in order.
        closed: whether its start tag was self-closing.
    """

    name: str
    start: str
    attributes: Mapping[str, str]
    children: list[Part] = field(default_factory=list)
    closed: bool = False

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute."""
        return self.attributes.get(name, default)

    def elements(self) -> Iterator[Element]:
        """Yield the child elements."""
        return (part for part in self.children if isinstance(part, Element))

    @property
    def text(self) -> str:
        """The characters directly inside, references resolved, CDATA as it is."""
        return "".join(
            part.raw if part.cdata else resolve(part.raw)
            for part in self.children
            if isinstance(part, Text)
        )

    @property
    def cdata(self) -> bool:
        """Whether a CDATA section stands directly inside."""
        return any(isinstance(part, Text) and part.cdata for part in self.children)

    def head(self, length: int) -> str:
        """Return how the element begins in the request, as error hints show it."""
        text = self.start
        for part in self.children:
            if len(text) >= length:
                break
            if isinstance(part, Element):
                text += part.head(length - len(text))
            else:
                text += part.raw
        else:
            text += self.end
        return text[:length]

    @property
    def open_tag(self) -> str:
        """The start tag without its ``>``, so that attributes can be added."""
        return self.start[:-1]

    @property
    def end(self) -> str:
        """The end tag."""
        return f"</{self.name}>"


Part = Element | Text | Verbatim


def resolve(raw: str) -> str:
    """Return characters with the five names and numeric references resolved, others kept."""

    def one(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return _REFERENCES[name]
        number = int(decimal) if decimal else int(hexadecimal, 16)
        return chr(number) if number <= 0x10FFFF else match.group()

    return _REFERENCE.sub(one, raw) if "&" in raw else raw


def echoed(raw: str) -> str:
    """Return raw request text fit to stand in an answer: well-formed, otherwise unchanged."""
    text = _FORBIDDEN.sub(" ", raw)
    return _BARE_AMPERSAND.sub("&amp;", text).replace("<", "&lt;")


def printable(text: str) -> str:
    """Return text with every character that XML 1.0 forbids as a blank."""
    return _FORBIDDEN.sub(" ", text)


def parse(text: str) -> list[Part]:
    """Return the parts of a document, in order.

    Raises:
        FormatError: a declaration or entity that is refused, tags that do not match, or a bound
            that is exceeded; the offset is that of the character in ``text``.
    """
    return _Parser(text).parts()


def _rebuilt(name: str, attributes: Mapping[str, str]) -> str:
    """Return a start tag of the attributes that could be read."""
    pairs = (
        f' {key}="{echoed(value).replace(chr(34), "&quot;")}"' for key, value in attributes.items()
    )
    return f"<{name}{''.join(pairs)}>"


class _Parser:
    """One pass over the text, with a stack of open elements."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._top: list[Part] = []
        self._stack: list[Element] = []
        self._count = 0

    def parts(self) -> list[Part]:
        """Return the top level."""
        text, here = self._text, 0
        while here < len(text):
            mark = text.find("<", here)
            mark = len(text) if mark < 0 else mark
            if mark > here:
                self._put(Text(text[here:mark]), here)
            here = mark if mark == len(text) else self._tag(mark)
        if self._stack:
            raise FormatError(f"<{self._stack[-1].name}> is not closed", len(text))
        return self._top

    def _put(self, part: Part, offset: int) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise FormatError("the document has too many parts", offset)
        siblings = self._stack[-1].children if self._stack else self._top
        siblings.append(part)

    def _tag(self, at: int) -> int:
        """Take what begins with ``<`` and return the offset behind it."""
        text = self._text
        if text.startswith("<![CDATA[", at):
            end = self._find("]]>", at, "CDATA section")
            self._put(Text(text[at + 9 : end], cdata=True), at)
            return end + 3
        if text.startswith("<!--", at):
            return self._verbatim(at, self._find("-->", at, "comment") + 3)
        if text.startswith("<?", at):
            return self._verbatim(at, self._find("?>", at, "declaration") + 2)
        if text.startswith("<!", at):
            raise FormatError("document type declarations and entities are refused", at)
        if text.startswith("</", at):
            return self._end_tag(at)
        if _NAME.match(text, at + 1):
            return self._start_tag(at)
        self._put(Text("<"), at)
        return at + 1

    def _find(self, what: str, at: int, kind: str) -> int:
        end = self._text.find(what, at)
        if end < 0:
            raise FormatError(f"a {kind} is not closed", at)
        return end

    def _verbatim(self, at: int, end: int) -> int:
        """Keep a comment or instruction, made well-formed; a declaration only where it may be."""
        raw = printable(self._text[at:end])
        if raw.startswith("<!--"):
            self._put(Verbatim(f"<!--{raw[4:-3].replace('--', '- ').rstrip('-')}-->"), at)
        elif _INSTRUCTION.fullmatch(raw):
            declaration = raw[2:5].lower() == "xml" and not raw[5:6].isalnum()
            first = not self._stack and not any(isinstance(p, Element) for p in self._top)
            if not declaration or first:
                self._put(Verbatim(raw), at)
        return end

    def _end_tag(self, at: int) -> int:
        end = self._find(">", at, "tag")
        name = self._text[at + 2 : end].strip()
        if not self._stack or self._stack[-1].name != name:
            raise FormatError(f"</{name[:40]}> closes nothing", at)
        self._stack.pop()
        return end + 1

    def _start_tag(self, at: int) -> int:
        end = self._end_of_start(at)
        inner = self._text[at + 1 : end]
        closed = inner.endswith("/")
        inner = inner[:-1] if closed else inner
        match = _NAME.match(inner)
        assert match is not None
        pairs = _ATTRIBUTE.findall(inner, match.end())
        attributes = {name: resolve(single or double) for name, single, double in pairs}
        sound = len(pairs) == len(attributes) and _STRICT_TAG.fullmatch(inner)
        start = f"<{echoed(inner)}>" if sound else _rebuilt(match.group(), attributes)
        element = Element(match.group(), start, attributes, [], closed)
        self._put(element, at)
        if not closed:
            if len(self._stack) >= MAX_DEPTH:
                raise FormatError("the document is nested too deeply", at)
            self._stack.append(element)
        return end + 1

    def _end_of_start(self, at: int) -> int:
        """Return the offset of a start tag's ``>``, which quotes may hold."""
        text, here, quote = self._text, at + 1, ""
        while here < min(len(text), at + MAX_TAG):
            char = text[here]
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char == ">":
                return here
            here += 1
        raise FormatError("a tag is not closed, or too long", at)
