"""Golden screens: text files that a panel must equal. ``EPM_GOLDEN=write`` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).parent


def compare(folder, name, shown):
    """Hold ``shown`` against ``tests/tui/<folder>/<name>.txt``."""
    path = HERE / folder / f"{name}.txt"
    if os.environ.get("EPM_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), f"{path} is missing: write it with EPM_GOLDEN=write"
    assert shown == path.read_text(encoding="utf-8")


def shown(dialogue):
    """The screen as text and the cursor's place, after checking that nothing leaves the screen."""
    lines = dialogue.display.lines()
    assert len(lines) == dialogue.display.rows
    assert max(map(len, lines)) <= dialogue.display.columns
    return "\n".join(lines) + f"\n({dialogue.display.row}, {dialogue.display.column})\n"


def assert_none_left_over(folder, wanted):
    """Hold that a folder has the files that are compared, and no other."""
    assert {path.stem for path in (HERE / folder).glob("*.txt")} == set(wanted)
