"""The documents say what is so: commands, links, named files."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.support.command_reference import reference
from tests.support.shown_commands import shown_in_help, shown_in_page, understand

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


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_line_that_a_page_shows_is_one(page):
    for line in shown_in_page(page) if page.name != "commands.md" else []:
        understand(line)


@pytest.mark.parametrize(("command", "lines"), list(shown_in_help()))
def test_every_command_shows_an_example_of_itself_that_is_one(command, lines):
    assert any(command in line for line in lines)
    for line in lines:
        understand(line)


@pytest.mark.parametrize("line", ["epm rules lst", "epm test --frob", "epm rules show QSOACCEPT"])
def test_a_command_line_that_is_none_is_found_out(line):
    with pytest.raises(click.UsageError):
        understand(line)


def test_the_pages_for_users_show_commands():
    shown = {page.name for page in PAGES if shown_in_page(page)}
    assert shown >= {"README.md", "administrators.md", "auditors.md", "operators.md", "ibmi.md"}
