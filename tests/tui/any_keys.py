"""Any keys on any panel: what must hold after each."""

from __future__ import annotations

from hypothesis import strategies as st

from tui.keys import TERMINAL_KEYS, Typed

_NAMES = st.sampled_from(sorted(set(TERMINAL_KEYS) - {"f3"}))
_CHARACTERS = st.sampled_from("123456789 ynYN*xOREQ.:/-GRP()'SKNAL\u00df\u4e2d")
KEYS = st.lists(st.one_of(_NAMES, _CHARACTERS), max_size=60)


def press_all(dialogue, keys):
    """Press keys; none raises, leaves the screen or overfills a field."""
    for key in keys:
        if key in TERMINAL_KEYS:
            dialogue.press(key)
        else:
            dialogue.handle(Typed(key))
        display = dialogue.display
        assert 0 <= display.cursor < display.size
        assert all(len(f.value) <= f.length for f in display.fields)
        lines = display.lines()
        assert len(lines) == display.rows
        assert max(map(len, lines)) <= display.columns
