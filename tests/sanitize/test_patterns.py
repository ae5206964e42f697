"""Patterns that every Python from 3.11.0 on reads alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "epm" / "sanitize"
#: An atomic group, or a group with a possessive quantifier; ``\\)`` is a plain bracket.
_POSSESSIVE_GROUP = re.compile(r"\(\?>|(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_no_group_is_possessive(path):
    """Python before 3.11.5 matches such groups wrongly where they can backtrack inside."""
    assert _POSSESSIVE_GROUP.findall(path.read_text(encoding="utf-8")) == []


def test_the_check_sees_them():
    for pattern in (r"(?>a|b)", r"(?:ab)*+", r"(?:ab)?+", r"(?:ab){2,3}+"):
        assert _POSSESSIVE_GROUP.search(pattern)
    for pattern in (r"[a)]*+", r"(?:ab)*", r"\)++", r"(?:a)+x+"):
        assert not _POSSESSIVE_GROUP.search(pattern), pattern
