"""Texts of ARMR policies for tests: mods of given rules, and generated syntax trees."""

from __future__ import annotations

from hypothesis import strategies as st

from epm.armr.model import Policy
from epm.armr.policy_reader import read_policy
from epm.armr.syntax import (
    Argument,
    Array,
    Block,
    Level,
    ModSource,
    Number,
    Source,
    Statement,
    Text,
    Word,
)


def mod(*rules: str | tuple[str, str], name: str = "m", level: str = "2.12") -> str:
    """Return the text of a mod of socket rules: bodies, or (name, body)."""
    lines = [f'app("{name}"):', f"  requires(version: ARMR/{level})"]
    for number, rule in enumerate(rules):
        title, body = rule if isinstance(rule, tuple) else (f"r{number}", rule)
        lines += [f'  socket("{title}"):', f"    {body}", "  endsocket"]
    return "\n".join([*lines, "endapp", ""])


def policy(*rules: str | tuple[str, str], name: str = "m", level: str = "2.12") -> Policy:
    """Return the policy of a mod of socket rules."""
    return read_policy(mod(*rules, name=name, level=level)).policy


# ------------------------------------------------------------------------ syntax trees

_RAW = st.text(
    st.characters(exclude_characters='"\\\n\r', exclude_categories=["Cs"]), max_size=12
) | st.sampled_from(["", r"/a\*b", r"a \"quoted\" word", r"C:\\x", "# no comment", "“curly”"])
_WORDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
#: A word that ends in a block's end keyword cannot begin a statement.
_NAMES = _WORDS | st.sampled_from(["endpoint", "end", "app", "requires", "socket", "endless"])
_VALUES = st.recursive(
    st.builds(Text, _RAW)
    | st.builds(Number, st.integers(0, 10**18 - 1))
    | st.builds(Word, _WORDS | st.sampled_from(["endapp", "app", "ARMR", "Very-High"]))
    | st.builds(Level, st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=3).map(tuple)),
    lambda inner: st.builds(Array, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)
_ARGUMENTS = st.lists(
    st.builds(Argument, st.none() | _WORDS, _VALUES), max_size=3
).map(tuple)  # fmt: skip
_CODES = st.none() | st.sampled_from([":\n  a: b\n endcode", ': "\nendcode'])
_STATEMENTS = st.lists(st.builds(Statement, _NAMES, _ARGUMENTS, _CODES), max_size=3).map(tuple)


@st.composite
def _block(draw: st.DrawFn) -> Block:
    kind = draw(_NAMES)
    end = "end" + draw(st.just(kind) | _WORDS.filter(lambda w: w != "app"))
    return Block(kind, draw(_ARGUMENTS), draw(_STATEMENTS), "endx" if end == "endapp" else end)


_ITEMS = st.lists(st.builds(Statement, _NAMES, _ARGUMENTS) | _block(), max_size=3).map(tuple)
#: Whatever the grammar can hold, sense or not.
SOURCES = st.builds(
    Source,
    st.lists(st.builds(ModSource, st.builds(Text, _RAW), _ITEMS), min_size=1, max_size=2).map(
        tuple
    ),
)
