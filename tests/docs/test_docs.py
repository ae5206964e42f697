"""The documents say what is so: commands, links, named files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.command_reference import reference

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_command_reference_is_that_of_the_commands():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == reference(), "run: python -m tests.support.command_reference > docs/commands.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_relative_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_named_file_of_the_house_exists(page):
    house = r"`((?:epm|exitprograms|tui|db|journal|simulators|tests|docs|benchmarks)/[\w./-]+)`"
    for name in re.findall(house, page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name
