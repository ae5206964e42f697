"""Rule tests in YAML: the ``tests:`` of a rule file, and files of their own.

An item is ``{name, call: {server: …, …}, expect: allow|reject, rule: SEQ}``; the rule's
sequence may be left out. ``{always: {call}}`` is a call that must be allowed, ``{never: {call}}``
one that must not.
"""

from __future__ import annotations

from datetime import datetime

from epm.calls import CALL_KEYS, call_from_mapping
from epm.cases import Case
from epm.errors import CallError, RuleError, RuleFileError
from epm.model import MAX_SEQUENCE, Verdict
from epm.rulefile.nodes import Mapping, Scalar, Sequence, parse_yaml
from epm.rulefile.reader import Place
from epm.text import refuse_controls

_KEYS = ("name", "call", "expect", "rule", "seq", "always", "never")


def load_cases(text: str, source: str = "cases") -> tuple[Case, ...]:
    """Return the cases of a file: a list, or a mapping with ``tests:`` or ``cases:``.

    Raises:
        RuleFileError: file, line, case and why.
    """
    root = parse_yaml(text, source)
    if isinstance(root, Sequence):
        root = Mapping(root.line, {"cases": root}, {"cases": root.line})
    if not isinstance(root, Mapping):
        raise RuleFileError(f"{source}:{root.line}: rule tests are a list")
    top = Place(source, "", root)
    if "cases" not in root.pairs and "tests" not in root.pairs:
        top.fail("there is no list of tests or cases")
    return (*read_cases(top, "tests"), *read_cases(top, "cases"))


def read_cases(top: Place, key: str) -> tuple[Case, ...]:
    """Return the cases of the list under ``key``; absent is none."""
    return tuple(
        _case(Place(top.source, f"test {number}", node), number)
        for number, node in enumerate(top.mappings(key), start=1)
    )


def _case(place: Place, number: int) -> Case:
    place.known(_KEYS)
    keyword = _keyword(place)
    expect = _IMPLIED.get(keyword)
    if expect is None:
        expect = place.choice("expect", Verdict, None)
    elif "expect" in place.node.pairs:
        place.fail(f"{keyword} says already what is expected", "expect")
    if {"rule", "seq"} <= place.node.pairs.keys():
        place.fail("rule and seq are two names for the same", "seq")
    rule = place.number("rule", 1, MAX_SEQUENCE) or place.number("seq", 1, MAX_SEQUENCE)
    call = place.under("call" if keyword == "expect" else keyword)
    if call is None:
        place.fail("the call is missing")
    name = place.text("name") or f"test {number}"
    _printable(place, "name", name)
    fields = _call(call)
    try:
        call_from_mapping(fields, now=datetime.min, localize=_without_zone, strict=True)
    except CallError as error:
        call.fail(error)
    return Case(name, fields, expect, rule, keyword)


def _without_zone(at: datetime) -> datetime:
    # Only the form is checked here; the time zone is the caller's to know.
    return at.replace(tzinfo=None)


_IMPLIED = {"always": Verdict.ALLOW, "never": Verdict.REJECT}


def _printable(place: Place, key: str, text: str) -> None:
    try:
        refuse_controls(text, key)
    except RuleError as error:
        place.fail(error, key)


def _keyword(place: Place) -> str:
    given = [k for k in ("always", "never", "call") if k in place.node.pairs]
    if len(given) != 1:
        place.fail("needs exactly one of call, always and never")
    return "expect" if given[0] == "call" else given[0]


def _call(place: Place) -> dict[str, object]:
    place.known(CALL_KEYS)
    fields: dict[str, object] = {}
    for key, node in place.node.pairs.items():
        if isinstance(node, Sequence):
            fields[key] = list(place.texts(key))
            for text in place.texts(key):
                _printable(place, key, text)
        elif isinstance(node, Scalar):
            _printable(place, key, node.text)
            missing = node.plain and node.text in ("", "~", "null")
            fields[key] = None if missing else node.text
        else:
            place.fail("must be a text or a list", key)
    return fields
