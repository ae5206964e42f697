"""Looks into answers."""

from __future__ import annotations

import xml.etree.ElementTree as ET


def root(answer: str | bytes) -> ET.Element:
    """Return an answer's root; one without a root gets one."""
    text = answer.decode() if isinstance(answer, bytes) else answer
    body = text[text.index("?>") + 2 :] if text.startswith("<?xml") else text
    return ET.fromstring(f"<answer>{body}</answer>")


def texts(answer: str | bytes, path: str) -> list[str]:
    """Return the texts of the elements of a path."""
    return [element.text or "" for element in root(answer).findall(path)]


def values(answer: str | bytes) -> list[str]:
    """Return all ``<data>`` in order."""
    return texts(answer, ".//data")


def codes(answer: str | bytes, path: str = ".") -> list[str]:
    """Return the ``errnoxml`` of the records below a path, in order."""
    return texts(answer, f"{path}//errnoxml")
