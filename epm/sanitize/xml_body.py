"""XML bodies: text of elements and values of attributes.

Parsed by defusedxml, which refuses document type declarations, and with them entities of any
kind: neither an expansion nor an external file is ever reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from epm.sanitize.faults import BodyError
from epm.sanitize.request import Leaf, Limits, attribute

_ELEMENT = "xml.etree.ElementTree.Element"
_MAX_NAME = 256


class _Collector:
    """Gathers leaves while the parser reads; keeps no tree."""

    def __init__(self, limits: Limits) -> None:
        self.leaves: list[Leaf] = []
        self._limits = limits
        self._open: list[tuple[str, list[str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a start tag and its attributes."""
        if len(self._open) >= self._limits.depth:
            raise BodyError("an XML body is nested too deeply")
        self._open.append((_local(tag), []))
        for name, value in attributes.items():
            self._add(_local(name), value, _local(name))

    def data(self, text: str) -> None:
        """Take character data."""
        if self._open:
            self._open[-1][1].append(text)

    def end(self, tag: str) -> None:
        """Take an end tag: the text that the element itself holds is a payload."""
        name, parts = self._open[-1]
        text = "".join(parts)
        if text.strip():
            self._add(name, text, "")
        self._open.pop()

    def _add(self, name: str, value: str, tail: str) -> None:
        if len(self.leaves) >= self._limits.leaves:
            raise BodyError("an XML body has more values than are read")
        path = ".".join([part for part, _ in self._open] + ([tail] if tail else []))
        self.leaves.append(Leaf(attribute("OBJECT_FIELD", name), name, value, _ELEMENT, path))

    def close(self) -> None:
        """Take the end of the document; the parser asks for it."""


def leaves(body: bytes, limits: Limits) -> Iterator[Leaf]:
    """Yield the payloads, an element's when it ends.

    Raises:
        BodyError: not XML, with a document type declaration, or beyond a limit.
    """
    collector = _Collector(limits)
    parser = DefusedXMLParser(target=collector, forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
    except DefusedXmlException:
        raise BodyError("an XML body declares a document type or entities") from None
    except (ParseError, ValueError, LookupError):
        raise BodyError("a body is not XML") from None
    return iter(collector.leaves)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2][:_MAX_NAME]
