"""Policies, corpora and what the tests of sanitization share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from epm.armr.policy_reader import read_policy
from epm.sanitize.rules import RuleBook
from epm.sanitize.sanitizer import Sanitizer, Settings
from epm.syslog5424 import Origin

DATA = Path(__file__).resolve().parents[1] / "data" / "sanitize"
NOON = datetime(2026, 11, 21, 12, 0, 0, 939_000, tzinfo=UTC)
ORIGIN = Origin("localhost", "java", "19559")


def corpus(name: str) -> list[str]:
    """Return the values of a hand-written list, one a line."""
    return [line for line in (DATA / f"{name}.txt").read_text("utf-8").split("\n") if line]


def book(*rules: str, name: str = "SECURITY POLICY") -> RuleBook:
    """Return the rule book of a mod with these sanitization rules' bodies, named :01, :02 ..."""
    blocks = "\n".join(
        f'sanitization("SANITIZATION :{n:02}"):\n{body}\nendsanitization'
        for n, body in enumerate(rules, 1)
    )
    text = f'app("{name}"):\nrequires(version: ARMR/2.7)\n{blocks}\nendapp\n'
    return RuleBook.of(read_policy(text).policy)


@pytest.fixture
def lines() -> list[str]:
    """What a sanitizer logged."""
    return []


@pytest.fixture
def sanitizer(lines: list[str]) -> Callable[..., Sanitizer]:
    """Make a sanitizer that logs to ``lines``."""

    def make(*rules: str, **settings: object) -> Sanitizer:
        rulebook = book(*rules)
        return Sanitizer(lambda: rulebook, lines.append, ORIGIN, lambda: NOON, Settings(**settings))

    return make


PROTECT = 'request()\nprotect(message: "", severity: high)'
DETECT = 'request()\ndetect(message: "", severity: high)'
STRICT = 'request()\nundetermined(values: unsafe)\nprotect(message: "", severity: high)'
