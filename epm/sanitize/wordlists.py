"""Words written as a text, one after another: how the tables of this package are kept."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of ``text``, which blanks divide."""
    return frozenset(text.split())


def nested(words: str) -> dict[str, str]:
    """Return each word written within itself, with the word.

    What cuts the words out of a value, once, leaves the outer one: ``selselectect``.
    """
    return {
        word[:at] + word + word[at:]: word for word in words.split() for at in range(1, len(word))
    }
