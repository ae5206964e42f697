"""Boxes: what every table of rules begins with, each thing worked out once."""

from __future__ import annotations

import pytest

from epm.addresses import AXIS_END, parse_address
from epm.boxes import LIMITS, Admitted, boxes_of, by_intervals, names_of, tabulated
from epm.evaluate import Mode, make_plan
from epm.fields import FIELD_TYPES, FieldType
from epm.model import Field, Server
from tests.support.builders import groups, rule, rule_set

GROUPS = groups(addresses={"A": (["10.0.0.0/24"], ["10.0.0.7"])}, names={"N": ["QPG*", "ALICE"]})


def boxes(*rules, **other):
    ruleset = rule_set(*rules, groups=GROUPS)
    return list(boxes_of(make_plan(ruleset, Server.ACCEPT, Mode.LIVE, **other)))


def test_each_alternative_of_an_enforced_rule_is_a_box_in_order() -> None:
    found = boxes(
        rule(20, "RMTPORT EQ 1", "AND RMTPORT NE 2", "OR USER EQ A"),
        rule(10, "LCLPORT EQ 3"),
        rule(5),
        rule(6, "LCLPORT EQ 4", active=False),
        rule(7, "LCLPORT EQ 99999"),
    )
    assert [(b.rule, [(f, len(t)) for f, t in b.tests.items()]) for b in found] == [
        (3, [(Field.LCLPORT, 1)]),
        (4, [(Field.RMTPORT, 2)]),
        (4, [(Field.USER, 1)]),
    ]


def test_an_alternative_that_names_a_host_never_resolved_is_no_box() -> None:
    asked = rule(10, "RMTADDR EQ db.example", "OR RMTPORT EQ 1")
    known = {"db.example": frozenset({parse_address("10.0.0.1")})}
    assert (len(boxes(asked)), len(boxes(asked, resolved=known))) == (1, 2)


def admitted(*conditions: str, field: Field = Field.RMTADDR):
    (box,) = boxes(rule(10, *conditions))
    return Admitted(field).by(box.tests[field])


def test_tests_of_a_field_admit_what_all_of_them_admit() -> None:
    ten = parse_address("10.0.0.0")
    assert admitted("RMTADDR GRP A") == ((ten, ten + 6), (ten + 8, ten + 255))
    assert admitted("RMTADDR NGRP A") == ((0, ten - 1), (ten + 7, ten + 7), (ten + 256, AXIS_END))
    assert admitted("RMTADDR GRP A", "RMTADDR EQ 10.0.0.6/31") == ((ten + 6, ten + 6),)
    assert Admitted(Field.RMTPORT).by(()) == ((0, 65535),)


def test_what_holds_no_numbers_is_refused() -> None:
    with pytest.raises(KeyError):
        Admitted(Field.USER)
    (box,) = boxes(rule(10, "RMTPORT EQ 1"))
    with pytest.raises(TypeError, match="RMTPORT holds no names"):
        names_of(box.tests[Field.RMTPORT][0])
    assert {t for t in FieldType if t not in LIMITS} == {
        FIELD_TYPES[f] for f in (Field.USER, Field.GRPPRF, Field.PGM)
    }


def test_a_group_that_many_rules_name_is_worked_out_and_swept_once() -> None:
    found = boxes(*(rule(n, "RMTADDR GRP A", f"RMTPORT EQ {n}") for n in range(1, 9)))
    known = Admitted(Field.RMTADDR)
    pairs = [(n, known.by(b.tests[Field.RMTADDR])) for n, b in enumerate(found)]
    ((_, sharing),) = by_intervals(pairs)
    assert sharing == list(range(8))
    assert [s for _, s in by_intervals([(1, pairs[0][1]), (2, ((1, 2),)), (3, pairs[0][1])])] == [
        [1, 3],
        [2],
    ]


@pytest.mark.parametrize(
    ("asked", "exact", "prefixes"),
    [
        ("USER LIST A,B", {"A", "B"}, ()),
        ("USER GRP N", {"ALICE"}, ("QPG",)),
        ("USER LIKE QPG*", set(), ("QPG",)),
        ("USER LIKE *", set(), ("",)),
    ],
)
def test_one_test_of_names_and_prefixes_goes_into_tables(asked, exact, prefixes) -> None:
    (box,) = boxes(rule(10, asked))
    members = tabulated(box.tests[Field.USER])
    assert members is not None
    assert (members.exact, members.prefixes, members.patterns) == (exact, prefixes, ())


@pytest.mark.parametrize("asked", [["USER LIKE A*B"], ["USER LIKE A?"], ["USER LIKE *A"],
                                   ["USER EQ A", "USER NE B"]])  # fmt: skip
def test_other_tests_are_tried_one_by_one(asked: list[str]) -> None:
    (box,) = boxes(rule(10, *asked))
    assert tabulated(box.tests[Field.USER]) is None
