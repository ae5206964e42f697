"""The guide to the workbench says what the workbench says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tui.desk import session
from tui.helptext import TOPICS
from tui.keys import TERMINAL_KEYS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "workbench.md").read_text("utf-8")


@pytest.mark.parametrize("topic", TOPICS)
def test_the_guide_has_every_help_text(topic):
    assert f"| `{topic}` | {TOPICS[topic]} |\n" in GUIDE


@pytest.mark.parametrize("golden", ["rules", "trace"])
def test_the_screens_in_the_guide_are_the_screens(golden):
    shown = (Path(__file__).parent / "golden" / f"{golden}.txt").read_text("utf-8")
    assert shown.rpartition("\n(")[0].rstrip() in GUIDE


def test_every_choice_of_the_main_menu_is_in_the_guide():
    dialogue, _ = session()
    ways = re.findall(r"menu ([\d, ]*\d)", GUIDE)
    named = {int(number) for way in ways for number in way.split(",")}
    assert named == {item.number for item in dialogue.panel.items if item.make is not None}


def test_every_ctrl_key_in_the_guide_means_something():
    named = {f"ctrl+{key.lower()}" for key in re.findall(r"Ctrl\+(\w+)", GUIDE)}
    # Three that the adapter has, and one that ends the server of the browser's sessions.
    assert named - set(TERMINAL_KEYS) == {"ctrl+p", "ctrl+q", "ctrl+z", "ctrl+c"}
