"""Changes of a rule set: what each refuses, and that a sound set stays sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from epm import edits, soundness
from epm.errors import ConditionError, EpmError, NotFoundError, RuleError
from epm.model import (
    AddressGroup,
    Condition,
    Config,
    Flag,
    Groups,
    Rule,
    RuleSet,
    Server,
    ServerRules,
)
from tests.support.builders import condition, default_rule, groups, rule, rule_set

ACCEPT, CONNECT, LISTEN = Server.ACCEPT, Server.CONNECT, Server.LISTEN
ALICE = "USER EQ ALICE"
NAMED = groups(
    {"NET": (["10.0.0.0/8"], ["10.9.0.0/16"])}, {"OPS": ["ALICE", "QPG*"]}, {"WEB": ["80", "443"]}
)
SOUND = rule_set(
    rule(10, ALICE, name="First"),
    rule(20, "RMTADDR GRP NET", "OR USER NGRP OPS"),
    groups=NAMED,
)


def _seqs(ruleset: RuleSet, server: Server = ACCEPT) -> list[int]:
    return [r.seq for r in ruleset.servers[server].rules]


# -------------------------------------------------------------------------------- soundness


def _with(own: Rule) -> RuleSet:
    return rule_set(own, groups=NAMED)


@pytest.mark.parametrize(
    ("unsound", "why"),
    [
        (_with(rule(0, ALICE)), "sequence 0"),
        (_with(rule(100000, ALICE)), "sequence 100000"),
        (_with(rule(10, ALICE, name="x" * 51)), "51 characters"),
        (_with(rule(10, ALICE, name=" ")), "blank"),
        (_with(rule(10, ALICE, name="a\x1b[2J")), "U+001B"),
        (_with(rule(10, ALICE, name="a\u202eb")), "U+202E"),
        (_with(rule(10, "LCLPORT EQ 65536")), "condition 10: LCLPORT EQ"),
        (_with(rule(10, "BACKLOG EQ 5")), "no such field"),
        (_with(rule(10, "USER GRP NOSUCH")), "NOSUCH"),
        (_with(replace(rule(10), conditions=(condition(ALICE, 0),))), "condition sequence 0"),
        (_with(replace(rule(10), conditions=(condition(ALICE, 5),) * 2)), "5 is there twice"),
        (rule_set(rule(10), rule(10)), "twice"),
        (rule_set(default=replace(default_rule(), authority=Flag.INHERIT)), "Y or N"),
        (rule_set(default=replace(default_rule(), active=False)), "fixed at Y"),
        (rule_set(default=replace(default_rule(), test=False)), "fixed at Y"),
        (rule_set(default=replace(rule(99999, ALICE), authority=Flag.YES)), "no conditions"),
        (
            edits.with_server(rule_set(), ACCEPT, ServerRules(rules=(rule(10),))),
            "no default rule",
        ),
        (replace(SOUND, config=Config(message_queue="lower")), "message_queue 'lower'"),
        (replace(SOUND, config=Config(journal="")), "journal ''"),
        (replace(SOUND, groups=groups({"G": (["10.1"], [])})), "addresses group 'G'"),
    ],
)
def test_an_unsound_rule_set_is_refused_by_one_line(unsound: RuleSet, why: str) -> None:
    with pytest.raises(RuleError) as raised:
        soundness.check_ruleset(unsound)
    assert why in str(raised.value)


def test_a_sound_rule_set_passes() -> None:
    soundness.check_ruleset(SOUND)
    soundness.check_ruleset(RuleSet())
    soundness.check_ruleset(rule_set(rule(1, name="x" * 50), rule(99998)))


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("EPMMSGQ", True),
        ("#A@$_.9", True),
        ("A" * 10, True),
        ("A" * 11, False),
        ("9A", False),
        ("_A", False),
        ("a", False),
        ("A B", False),
        ("Ä", False),
        ("", False),
    ],
)
def test_object_names(name: str, sound: bool) -> None:
    assert soundness.is_object_name(name) is sound


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("addresses", AddressGroup(("10.0.0.0/33",))),
        ("addresses", AddressGroup((), ("db.example",))),
        ("addresses", AddressGroup(("fe80::1%\x1b[2J",))),
        ("addresses", AddressGroup(("",))),
        ("names", ("A*B",)),
        ("names", ("*A",)),
        ("names", ("",)),
        ("names", (" ",)),
        ("names", ("A\x1b",)),
        ("ports", ("65536",)),
        ("ports", ("9-1",)),
        ("ports", ("ssh",)),
        ("ports", ("",)),
    ],
)
def test_a_malformed_group_line_is_refused(
    kind: str, group: AddressGroup | tuple[str, ...]
) -> None:
    with pytest.raises(RuleError, match=f"^{kind} group 'G': "):
        edits.put_group(SOUND, kind, "G", group)


@pytest.mark.parametrize("name", ["", " ", " A", "A ", "x" * 51, "a\x1b", "a\n"])
def test_a_group_name_that_no_condition_could_hold_is_refused(name: str) -> None:
    with pytest.raises(RuleError):
        edits.put_group(SOUND, "names", name, ("A",))


# ------------------------------------------------------------------------------------- add


def test_add_puts_a_rule_in_its_place() -> None:
    result = edits.add_rule(SOUND, ACCEPT, rule(15, ALICE))
    assert _seqs(result) == [10, 15, 20, 99999]
    assert _seqs(SOUND) == [10, 20, 99999]  # what went in is not altered
    assert result.servers[CONNECT] == SOUND.servers[CONNECT]


def test_add_sorts_the_conditions() -> None:
    own = replace(rule(15), conditions=(condition(ALICE, 20), condition("USER EQ BOB", 10)))
    result = edits.add_rule(SOUND, ACCEPT, own)
    added = edits.find_rule(result, ACCEPT, 15)
    assert [c.seq for c in added.conditions] == [10, 20]


REFUSED_ADDS: list[tuple[Rule, str]] = [
    (rule(10, ALICE), "QSOACCEPT has a rule 10 already"),
    (rule(99999), "99999 already"),
    (rule(0, ALICE), "sequence 0"),
    (rule(15, "LCLPORT EQ x"), "QSOACCEPT rule 15: condition 10: LCLPORT EQ"),
    (rule(15, "USER GRP NOSUCH"), "NOSUCH"),
    (rule(15, ALICE, name="x" * 51), "rule 15: name"),
]


@pytest.mark.parametrize(("own", "why"), REFUSED_ADDS)
def test_add_refuses(own: Rule, why: str) -> None:
    with pytest.raises(RuleError, match=why):
        edits.add_rule(SOUND, ACCEPT, own)


# ----------------------------------------------------------------------- change, copy, move


def test_change_replaces_the_rule_of_that_sequence() -> None:
    result = edits.change_rule(SOUND, ACCEPT, rule(10, "USER EQ BOB", authority="Y"))
    assert _seqs(result) == [10, 20, 99999]
    assert edits.find_rule(result, ACCEPT, 10).authority is Flag.YES
    assert edits.find_rule(result, ACCEPT, 20) == edits.find_rule(SOUND, ACCEPT, 20)


def test_change_of_a_rule_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFoundError, match="QSOACCEPT has no rule 15"):
        edits.change_rule(SOUND, ACCEPT, rule(15, ALICE))


def test_the_default_rule_can_be_changed_within_its_protections() -> None:
    result = edits.change_rule(SOUND, ACCEPT, default_rule("N", audit="Y", name="Last"))
    assert result.servers[ACCEPT].default == default_rule("N", audit="Y", name="Last")
    for own in (
        replace(default_rule(), active=False),
        replace(default_rule(), test=False),
        replace(default_rule(), authority=Flag.INHERIT),
        replace(default_rule(), conditions=(condition(ALICE),)),
    ):
        with pytest.raises(RuleError, match=r"^QSOACCEPT rule 99999: "):
            edits.change_rule(SOUND, ACCEPT, own)


def test_a_copy_is_inactive_and_otherwise_the_same() -> None:
    result = edits.copy_rule(SOUND, ACCEPT, 10, 15)
    original = edits.find_rule(SOUND, ACCEPT, 10)
    assert original.active
    assert edits.find_rule(result, ACCEPT, 15) == replace(original, seq=15, active=False)
    assert edits.find_rule(result, ACCEPT, 10) == original


def test_a_copy_to_another_server_must_be_sound_there() -> None:
    result = edits.copy_rule(SOUND, ACCEPT, 20, 5, CONNECT)
    assert _seqs(result, CONNECT) == [5, 99999]
    with pytest.raises(RuleError, match="QSOLISTEN has no such field"):
        edits.copy_rule(SOUND, ACCEPT, 20, 5, LISTEN)


def test_a_copy_onto_a_rule_or_of_none_is_refused() -> None:
    for to_seq in (10, 20, 99999, 0, 100000):
        with pytest.raises(RuleError):
            edits.copy_rule(SOUND, ACCEPT, 10, to_seq)
    with pytest.raises(NotFoundError):
        edits.copy_rule(SOUND, ACCEPT, 11, 12)


def test_move_keeps_all_but_the_sequence() -> None:
    result = edits.move_rule(SOUND, ACCEPT, 10, 30)
    assert _seqs(result) == [20, 30, 99999]
    moved = edits.find_rule(result, ACCEPT, 30)
    assert moved == replace(edits.find_rule(SOUND, ACCEPT, 10), seq=30)


@pytest.mark.parametrize("to_seq", [20, 99999, 0, 100000, -1])
def test_move_to_a_taken_or_impossible_sequence_is_refused(to_seq: int) -> None:
    with pytest.raises(RuleError):
        edits.move_rule(SOUND, ACCEPT, 10, to_seq)


def test_the_default_rule_cannot_be_moved_or_deleted() -> None:
    with pytest.raises(RuleError, match="cannot be moved"):
        edits.move_rule(SOUND, ACCEPT, 99999, 50)
    with pytest.raises(RuleError, match="cannot be deleted"):
        edits.delete_rule(SOUND, ACCEPT, 99999)


def test_delete() -> None:
    assert _seqs(edits.delete_rule(SOUND, ACCEPT, 10)) == [20, 99999]
    with pytest.raises(NotFoundError):
        edits.delete_rule(SOUND, ACCEPT, 11)


# -------------------------------------------------------------------------------- renumber


def test_renumber_keeps_the_order_and_the_default_rule() -> None:
    ruleset = rule_set(rule(3, name="a"), rule(77, name="b"), rule(500, name="c"))
    result = edits.renumber(ruleset, ACCEPT)
    assert [(r.seq, r.name) for r in result.servers[ACCEPT].rules] == [
        (10, "a"),
        (20, "b"),
        (30, "c"),
        (99999, None),
    ]
    assert _seqs(edits.renumber(ruleset, ACCEPT, start=1, step=1)) == [1, 2, 3, 99999]


def test_renumber_fills_up_to_just_below_the_default_rule() -> None:
    ruleset = rule_set(rule(1), rule(2))
    assert _seqs(edits.renumber(ruleset, ACCEPT, 49999, 49999)) == [49999, 99998, 99999]
    with pytest.raises(RuleError, match="99999, past 99998"):
        edits.renumber(ruleset, ACCEPT, 50000, 49999)


@pytest.mark.parametrize(("start", "step"), [(0, 10), (10, 0), (-1, 10), (10, -1)])
def test_renumber_needs_a_start_and_a_step(start: int, step: int) -> None:
    with pytest.raises(RuleError, match="at least 1"):
        edits.renumber(SOUND, ACCEPT, start, step)


def test_renumber_of_no_rules_changes_nothing() -> None:
    assert edits.renumber(RuleSet(), ACCEPT) == RuleSet()


# ------------------------------------------------------------------------------ conditions


def test_a_condition_is_added_in_its_place_or_replaces_the_one_of_its_sequence() -> None:
    own = rule(10, ALICE, "AND USER EQ BOB")
    between = edits.with_condition(own, condition("OR USER EQ CAROL", 15))
    assert [c.seq for c in between.conditions] == [10, 15, 20]
    changed = edits.with_condition(own, condition("OR USER EQ CAROL", 20))
    assert [(c.seq, c.value) for c in changed.conditions] == [(10, "ALICE"), (20, "CAROL")]


def test_a_condition_is_taken_away() -> None:
    own = rule(10, ALICE, "AND USER EQ BOB")
    assert edits.without_condition(own, 10).conditions == own.conditions[1:]
    with pytest.raises(NotFoundError, match="rule 10 has no condition 30"):
        edits.without_condition(own, 30)


# ---------------------------------------------------------------------------------- groups


@pytest.mark.parametrize(
    ("kind", "name", "asked"),
    [
        ("addresses", "NET", "RMTADDR GRP NET"),
        ("addresses", "NET", "LCLADDR NGRP NET"),
        ("names", "OPS", "USER GRP OPS"),
        ("names", "OPS", "GRPPRF NGRP  OPS"),
        ("ports", "WEB", "LCLPORT GRP WEB"),
    ],
)
def test_a_group_in_use_cannot_be_deleted(kind: str, name: str, asked: str) -> None:
    ruleset = rule_set(rule(30, asked, active=False, test=False), groups=NAMED)
    assert edits.group_users(ruleset, kind, name) == ("QSOACCEPT rule 30",)
    with pytest.raises(RuleError, match=f"{kind} group '{name}' is in use by QSOACCEPT rule 30"):
        edits.delete_group(ruleset, kind, name)
    free = edits.delete_rule(ruleset, ACCEPT, 30)
    assert name not in getattr(edits.delete_group(free, kind, name).groups, kind)


@pytest.mark.parametrize("asked", ["USER EQ NET", "PGM EQ NET", "USER GRP NET", "LCLPORT GRP NET"])
def test_a_group_of_another_kind_or_a_plain_value_of_that_name_is_no_use(asked: str) -> None:
    named = Groups(NAMED.addresses, {"NET": ("A",)}, {"NET": ("80",)})
    result = edits.delete_group(rule_set(rule(10, asked), groups=named), "addresses", "NET")
    assert dict(result.groups.addresses) == {}
    assert set(result.groups.names) == set(result.groups.ports) == {"NET"}


def test_deleting_a_group_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no names group 'NET'"):
        edits.delete_group(SOUND, "names", "NET")


def test_a_group_is_added_or_replaced_and_the_others_stay() -> None:
    result = edits.put_group(SOUND, "names", "NEW", ("BOB",))
    result = edits.put_group(result, "names", "OPS", ("CAROL",))
    assert dict(result.groups.names) == {"NEW": ("BOB",), "OPS": ("CAROL",)}
    assert result.groups.addresses == SOUND.groups.addresses
    assert result.groups.ports == SOUND.groups.ports
    assert dict(SOUND.groups.names) == {"OPS": ("ALICE", "QPG*")}


def test_configuration_and_activation() -> None:
    result = edits.with_config(SOUND, Config(audit=True))
    assert result.config.audit
    with pytest.raises(RuleError):
        edits.with_config(SOUND, Config(journal="too long a name"))
    for active in (True, False):
        changed = edits.with_activation(SOUND, LISTEN, active)
        assert changed.servers[LISTEN].activated is active
        assert changed.servers[ACCEPT] == SOUND.servers[ACCEPT]


# ---------------------------------------------------------------------- import without replace


def test_import_adds_rules_and_groups() -> None:
    added = replace(
        rule_set(rule(15, "USER GRP NEW"), activated=False), groups=groups(names={"NEW": ["A"]})
    )
    result = edits.merge(SOUND, added)
    assert _seqs(result) == [10, 15, 20, 99999]
    assert set(result.groups.names) == {"NEW", "OPS"}
    assert result.servers[ACCEPT].activated  # was, and stays so
    soundness.check_ruleset(result)


def test_import_may_name_groups_that_the_system_has() -> None:
    result = edits.merge(SOUND, rule_set(rule(15, "USER GRP OPS")))
    assert _seqs(result) == [10, 15, 20, 99999]


@pytest.mark.parametrize(
    ("added", "why"),
    [
        (rule_set(rule(10, "USER EQ BOB")), "QSOACCEPT has a rule 10 already"),
        (replace(rule_set(), groups=groups(names={"OPS": ["X"]})), "names group 'OPS' exists"),
        (rule_set(rule(15, "USER GRP NOSUCH")), "NOSUCH"),
    ],
)
def test_import_refuses_what_exists_or_is_unsound(added: RuleSet, why: str) -> None:
    with pytest.raises(RuleError, match=why):
        edits.merge(SOUND, added)


def test_import_takes_a_default_rule_only_over_the_shipped_one() -> None:
    file = rule_set(default=default_rule("N", audit="Y"))
    assert edits.merge(SOUND, file).servers[ACCEPT].default == default_rule("N", audit="Y")
    changed = edits.change_rule(SOUND, ACCEPT, default_rule("N"))
    with pytest.raises(RuleError, match="default rule 99999 differs"):
        edits.merge(changed, file)
    same = rule_set(default=default_rule("N"))
    assert edits.merge(changed, same).servers[ACCEPT].default == default_rule("N")
    assert edits.merge(changed, rule_set()).servers[ACCEPT].default == default_rule("N")


def test_import_takes_a_configuration_only_over_the_shipped_one() -> None:
    file = rule_set(config=Config(audit=True))
    assert edits.merge(SOUND, file).config == Config(audit=True)
    changed = edits.with_config(SOUND, Config(message=True))
    with pytest.raises(RuleError, match="configuration differs"):
        edits.merge(changed, file)
    assert edits.merge(changed, rule_set()).config == Config(message=True)


def test_import_activates_and_never_deactivates() -> None:
    asleep = edits.with_activation(SOUND, ACCEPT, activated=False)
    assert edits.merge(asleep, rule_set()).servers[ACCEPT].activated
    assert edits.merge(SOUND, rule_set(activated=False)).servers[ACCEPT].activated
    kept = edits.merge(asleep, rule_set(activated=False))
    assert not kept.servers[ACCEPT].activated


# ------------------------------------------------------------------------------ the invariant

CHANGES: list[Callable[[RuleSet], RuleSet]] = [
    lambda r: edits.add_rule(r, ACCEPT, rule(15, ALICE)),
    lambda r: edits.change_rule(r, ACCEPT, rule(20, ALICE)),
    lambda r: edits.copy_rule(r, ACCEPT, 20, 5, CONNECT),
    lambda r: edits.move_rule(r, ACCEPT, 20, 5),
    lambda r: edits.delete_rule(r, ACCEPT, 20),
    lambda r: edits.renumber(r, ACCEPT),
    lambda r: edits.put_group(r, "ports", "P", ("1-5",)),
    lambda r: edits.delete_group(r, "ports", "WEB"),
    lambda r: edits.merge(r, rule_set(rule(11, ALICE))),
]


def test_every_change_leaves_a_sound_rule_set_sound() -> None:
    for first in CHANGES:
        for second in CHANGES:
            try:
                result = second(first(SOUND))
            except EpmError:
                continue  # refused together, such as deleting twice
            soundness.check_ruleset(result)
            for rules in result.servers.values():
                seqs = [r.seq for r in rules.rules]
                assert seqs == sorted(set(seqs))
                assert seqs[-1] == 99999


def test_check_conditions_names_the_condition() -> None:
    own: tuple[Condition, ...] = (condition(ALICE, 10), condition("LCLPORT EQ x", 20))
    with pytest.raises(ConditionError, match=r"^condition 20: LCLPORT EQ: "):
        soundness.check_conditions(ACCEPT, replace(rule(10), conditions=own), Groups())
