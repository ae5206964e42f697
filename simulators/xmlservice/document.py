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
from simulators.xmlservice.wellformed import DECLARATION, echoed, in_cdata, printable, resolve

MAX_DEPTH = 128
MAX_PARTS = 400_000
MAX_TAG = 16_384
# What counts as a letter, a digit or a blank elsewhere need not do so in XML: ASCII alone does.
_NAME = re.compile(r"[A-Za-z_][\w.:-]*", re.ASCII)
# The look-behind keeps a long run of name characters from being tried at each of them.
_ATTRIBUTE = re.compile(
    r"""(?<![\w.:-])([A-Za-z_][\w.:-]*)\s*=\s*(?:'([^']*)'|"([^"]*)")""", re.ASCII
)
_STRICT_TAG = re.compile(
    r"""[A-Za-z_][\w.:-]*(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:'[^'<]*'|"[^"<]*"))*\s*""",
    re.ASCII,
)
_PASSWORD = re.compile(r"""(\bpwd\s*=\s*)(?:'[^']*'|"[^"]*")""")
_INSTRUCTION = re.compile(r"<\?[A-Za-z_][\w.-]*(?:\s[^?]*)?\?>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Text:
    """Characters between tags.

    Attributes:
        raw: as written, without CDATA brackets.
        cdata: whether it stood in a CDATA section.
    """

    raw: str
    cdata: bool = False

    @property
    def echo(self) -> str:
        """The characters as an answer repeats them."""
        return in_cdata(self.raw) if self.cdata else echoed(self.raw)


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A declaration, comment or processing instruction, echoed as it is."""

    raw: str

    @property
    def echo(self) -> str:
        """The text as an answer repeats it."""
        return self.raw


@dataclass(slots=True)
class Element:
    """One element.

    Attributes:
        start: its start tag as written, never self-closing. INVARIANT: no password stands in it,
            as answers and error hints repeat it.
        children: what it holds, in order.
        closed: whether its start tag was self-closing.
        offset: characters of the document before it.
    """

    name: str
    start: str
    attributes: Mapping[str, str]
    children: list[Part] = field(default_factory=list)
    closed: bool = False
    offset: int = 0

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

    @property
    def hint(self) -> str:
        """The element as error hints show it: 59 characters, and never its last one."""
        return self._head(60)[:-1]

    def _head(self, length: int) -> str:
        """Return how the element begins in the request."""
        text = self.start
        for part in self.children:
            if len(text) >= length:
                break
            if isinstance(part, Element):
                text += part._head(length - len(text))
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

    @property
    def echo(self) -> str:
        """The element as an answer repeats it where it is not run."""
        if self.closed:
            return f"{self.open_tag}/>"
        return f"{self.start}{''.join(part.echo for part in self.children)}{self.end}"


Part = Element | Text | Verbatim


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
        elif (name := _NAME.match(raw, 2)) and name.group().lower() == "xml":
            if DECLARATION.fullmatch(raw) and self._at_beginning():
                self._put(Verbatim(raw), at)
        elif _INSTRUCTION.fullmatch(raw):
            self._put(Verbatim(raw), at)
        return end

    def _at_beginning(self) -> bool:
        """Whether nothing but text, which the answer leaves out, stands before this place."""
        return not self._stack and all(isinstance(part, Text) for part in self._top)

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
        if "pwd" in attributes:
            start = _PASSWORD.sub(r"\1'*'", start)
        element = Element(match.group(), start, attributes, [], closed, at)
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
