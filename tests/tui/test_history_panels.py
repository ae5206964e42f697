"""Rule change history: paged, subset, compared and gone back to; and two editors of a rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm import edits
from epm.errors import GuardRefusalError
from epm.model import Flag, Rule, Server
from tests.tui.desk import MemoryRules, condition, play, sample, session, text
from tui.panels.change_display import DisplayChange
from tui.panels.comparing import Compared, compared
from tui.panels.history import ChangesOfRevision, ComparedRevisions, RuleHistory
from tui.panels.rules import WorkWithRules

ACCEPT, CONNECT = Server.ACCEPT, Server.CONNECT


def changed(count=3):
    """A store whose rules 10 and 20 were changed in turn, ``count`` times."""
    store = MemoryRules(sample())
    for n in range(count):
        seen = edits.find_rule(store.ruleset, ACCEPT, 10 + 10 * (n % 2))
        store.change(ACCEPT, seen, replace(seen, name=f"Name {n}"))
    return store


def begin(store=None, first=None):
    store = store or changed()
    return session(store, first or RuleHistory())[0], store


def numbers(dialogue):
    lines = dialogue.display.lines()[9:19]
    return [int(line[6:12]) for line in lines if line[6:12].strip().isdigit()]


# ---------------------------------------------------------------------------------- list


def test_revisions_are_listed_newest_first_and_paged_both_ways():
    dialogue, _ = begin(changed(24))
    assert numbers(dialogue) == list(range(25, 15, -1))
    play(dialogue, "pagedown", "pagedown")
    assert numbers(dialogue) == [5, 4, 3, 2, 1]
    assert "Bottom" in dialogue.display.lines()[19]
    play(dialogue, "pageup")
    assert numbers(dialogue) == list(range(15, 5, -1))
    play(dialogue, "home", "'7", "enter")
    assert numbers(dialogue)[0] == 7
    play(dialogue, "f17", "f18")
    assert numbers(dialogue) == list(range(10, 0, -1))


def test_a_subset_is_of_one_rule_or_one_server():
    dialogue, store = begin(changed(5))
    store.add(CONNECT, Rule(10, "Another", Flag.NO))
    play(dialogue, "home", "tab", "'QSOACCEPT", "tab", "'20", "enter")
    assert numbers(dialogue) == [5, 3]
    play(dialogue, "home", "tab", "ctrl+delete", "'QSOCONNECT", "ctrl+delete", "enter")
    assert numbers(dialogue) == [7]
    play(dialogue, "home", "tab", "ctrl+delete", "enter")
    assert numbers(dialogue) == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (("tab", "'QSOBIND"), "Server must be one of QSOLISTEN QSOCONNECT QSOACCEPT."),
        (("tab", "tab", "'0"), "Sequence must be from 1 to 99999."),
        (("'0",), "Position to revision must be a number."),
    ],
)
def test_a_wrong_subset_or_position_says_so(keys, message):
    dialogue, _ = begin()
    play(dialogue, "home", *keys, "enter")
    assert dialogue.display.message == message
    assert numbers(dialogue) == [4, 3, 2, 1]


def test_option_6_of_a_rule_is_its_history():
    dialogue, _ = begin(changed(5), WorkWithRules(ACCEPT))
    play(dialogue, "tab", "'6", "enter")
    assert isinstance(dialogue.panel, RuleHistory)
    assert numbers(dialogue) == [5, 3]
    assert dialogue.display.field("server").value == "QSOACCEPT"
    play(dialogue, "f12")
    assert isinstance(dialogue.panel, WorkWithRules)


# ---------------------------------------------------------------------- before and after


def test_one_change_is_shown_side_by_side_at_once():
    dialogue, _ = begin()
    play(dialogue, "'5", "enter")
    assert isinstance(dialogue.panel, DisplayChange)
    assert " * Description      Name 0                        Name 2\n" in text(dialogue)
    assert "   Authority        Y                             Y\n" in text(dialogue)
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, RuleHistory)
    assert dialogue.display.field_at_cursor().value == ""


def test_a_revision_with_many_changes_lists_them():
    store = changed(0)
    ruleset = edits.put_group(store.ruleset, "ports", "NEW", ("1",))
    rules = [Rule(n, f"Rule {n}", Flag.NO) for n in range(100, 115)]
    for rule in rules:
        ruleset = edits.add_rule(ruleset, ACCEPT, rule)
    ruleset = edits.delete_rule(ruleset, ACCEPT, 30)
    store.save(ruleset, "import", "rules.yaml")
    dialogue, _ = begin(store)
    play(dialogue, "'5", "enter")
    assert isinstance(dialogue.panel, ChangesOfRevision)
    assert "Added     port group NEW" in text(dialogue)
    assert "Deleted   rule QSOACCEPT 30" in text(dialogue)
    play(dialogue, "pagedown", "'5", "enter")
    assert "Object  . . . . . . . . :  rule QSOACCEPT 108" in text(dialogue)
    assert " * Description      -                             Rule 108" in text(dialogue)
    play(dialogue, "enter", "enter")
    assert isinstance(dialogue.panel, RuleHistory)


def test_two_revisions_are_compared_whatever_the_order():
    dialogue, _ = begin(changed(4))
    play(dialogue, "tab", "'7", "tab", "tab", "'7", "enter")  # revisions 4 and 2
    assert isinstance(dialogue.panel, ComparedRevisions)
    assert "Revision 2 (before) against 4 (after)" in text(dialogue)
    assert [line[16:].strip() for line in dialogue.display.lines()[9:11]] == [
        "rule QSOACCEPT 10", "rule QSOACCEPT 20",
    ]  # fmt: skip
    play(dialogue, "'5", "enter")
    assert " * Description      Name 0                        Name 2" in text(dialogue)


def test_one_revision_is_compared_with_the_current_one():
    dialogue, _ = begin(changed(4))
    play(dialogue, *["tab"] * 3, "'7", "enter")
    assert "Revision 2 (before) against 5 (after)" in text(dialogue)


def test_three_revisions_are_too_many_to_compare():
    dialogue, _ = begin()
    play(dialogue, "'7", "tab", "'7", "tab", "'7", "enter")
    assert dialogue.display.message.startswith("Select two revisions to compare")


PLAIN = st.one_of(st.booleans(), st.text(st.characters(exclude_categories=("Cc", "Cs"))))
VALUES = st.one_of(
    st.none(),
    PLAIN,
    st.lists(st.sampled_from("abcd"), max_size=8),
    st.dictionaries(st.sampled_from(["name", "audit", "fail", "include", "other"]), st.none()),
)


@given(VALUES)
def test_a_value_compared_with_itself_has_no_change(value):
    assert not any(part.changed for part in compared(value, value))


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_both_lists_are_shown_whole_and_in_order(before, after):
    parts = list(compared(before, after))
    assert [p.before for p in parts if p.before is not None] == before
    assert [p.after for p in parts if p.after is not None] == after


def test_a_line_that_was_added_in_the_middle_is_the_only_change():
    parts = list(compared({"include": ["a", "c"]}, {"include": ["a", "b", "c"]}))
    expected = [("a", "a"), (None, "b"), ("c", "c")]
    assert parts == [Compared("Include", was, now) for was, now in expected]


def test_conditions_are_compared_by_their_sequence():
    was = {"seq": 10, "conditions": [_json(10, "22"), _json(20, "23")]}
    now = {"seq": 10, "conditions": [_json(20, "24"), _json(30, "25")]}
    parts = {p.label: (p.before, p.after) for p in compared(was, now)}
    assert parts["Condition 10"] == ("AND LCLPORT EQ 22", None)
    assert parts["Condition 20"] == ("AND LCLPORT EQ 23", "AND LCLPORT EQ 24")
    assert parts["Condition 30"] == (None, "AND LCLPORT EQ 25")


def _json(seq, value):
    return {"seq": seq, "connector": "AND", "field": "LCLPORT", "op": "EQ", "value": value}


def test_a_text_longer_than_its_side_goes_on_below_itself():
    store = changed(0)
    values = ",".join(f"192.0.2.{n}" for n in range(1, 12))
    long = replace(
        edits.find_rule(store.ruleset, ACCEPT, 20),
        conditions=(condition(10, "RMTADDR", "LIST", values),),
    )
    store.change(ACCEPT, edits.find_rule(store.ruleset, ACCEPT, 20), long)
    dialogue, _ = begin(store)
    play(dialogue, "'5", "enter")
    shown = "".join(line[50:].strip() for line in dialogue.display.lines()[10:])
    shown += "".join(line[50:].strip() for line in play(dialogue, "f18").display.lines()[10:])
    assert all(f"192.0.2.{n}"[-4:] in shown for n in range(1, 12))


# -------------------------------------------------------------------------------- revert


def test_a_revert_is_confirmed_and_is_a_revision_itself():
    dialogue, store = begin()
    play(dialogue, "tab", "tab", "'8", "enter")
    assert store.revision == 4
    assert "     2  2026-11-20 09:02:00" in text(dialogue)
    play(dialogue, "enter")
    assert store.ruleset == store.past[1][2]
    assert dialogue.display.message == "Rules reverted to revision 2; that is revision 5."
    assert numbers(dialogue) == [5, 4, 3, 2, 1]


def test_a_revert_does_not_undo_what_someone_else_did_meanwhile():
    dialogue, store = begin()
    play(dialogue, "tab", "tab", "'8", "enter")
    store.add(CONNECT, Rule(10, "Theirs", Flag.NO))
    play(dialogue, "enter")
    assert dialogue.display.message == "the rules changed since revision 4 was shown"
    assert store.seqs(CONNECT) == [10, 99999]


def test_a_revert_that_the_guard_refuses_changes_nothing(monkeypatch):
    dialogue, store = begin()
    play(dialogue, "tab", "tab", "'8", "enter")
    refused = "Lock-out guard refused: always line 'the portal'"

    def save(*_):
        raise GuardRefusalError(refused)

    monkeypatch.setattr(MemoryRules, "save", save)
    play(dialogue, "enter")
    assert dialogue.display.message == refused
    assert dialogue.panel.name == "confirm"
    assert store.revision == 4


def test_two_reverts_at_once_and_one_to_the_current_revision_are_refused():
    dialogue, store = begin()
    play(dialogue, "tab", "'8", "tab", "'8", "enter")
    assert dialogue.display.message == "Select one revision to revert to."
    play(dialogue, "f5", "'8", "enter")
    assert dialogue.display.message == "Revision 4 is the current one."
    assert store.revision == 4


def test_the_current_revision_is_not_compared_with_itself():
    dialogue, _ = begin(changed(3))
    play(dialogue, "'7", "enter")
    assert dialogue.display.message == ("Revision 4 is the current one; compare it with another.")
    assert isinstance(dialogue.panel, RuleHistory)
    play(dialogue, "tab", "'7", "enter")
    assert isinstance(dialogue.panel, ComparedRevisions)
    assert "Revision 3 (before) against 4 (after)" in text(dialogue)


# ---------------------------------------------------------------------------- two editors


def theirs(store, seq=10, **fields):
    seen = edits.find_rule(store.ruleset, ACCEPT, seq)
    store.change(ACCEPT, seen, replace(seen, **(fields or {"name": "Theirs"})))


CONFLICT = "QSOACCEPT rule 10 changed by another user; nothing saved, F5 shows it"


def test_f5_shows_what_the_other_made_of_the_rule_and_saves_on_top_of_it():
    dialogue, store = begin(changed(0), WorkWithRules(ACCEPT))
    play(dialogue, "'2", "enter", "tab", "'n")
    theirs(store)
    play(dialogue, "enter")
    assert dialogue.display.message == CONFLICT
    assert dialogue.display.field("authority").value == "N"
    play(dialogue, "f5")
    assert dialogue.display.field("name").value == "Theirs"
    assert dialogue.display.field("authority").value == "Y"
    play(dialogue, "tab", "'n", "enter")
    found = edits.find_rule(store.ruleset, ACCEPT, 10)
    assert (found.name, found.authority) == ("Theirs", Flag.NO)


def test_a_rule_that_someone_else_changed_is_neither_moved_nor_deleted():
    dialogue, store = begin(changed(0), WorkWithRules(ACCEPT))
    play(dialogue, "'7", "enter", "'15")
    theirs(store)
    play(dialogue, "enter")
    assert dialogue.display.message == CONFLICT
    play(dialogue, "f5", "'15", "enter")
    assert store.seqs() == [15, 20, 30, 99999]
    play(dialogue, "'4", "tab", "'4", "enter")
    theirs(store, 20, name="Theirs too")
    play(dialogue, "enter")
    assert "QSOACCEPT rule 20 changed by another user" in dialogue.display.message
    assert store.seqs() == [15, 20, 30, 99999]
    # F5 is a key of the list, not of what was to be confirmed; the options are as typed.
    assert isinstance(dialogue.panel, WorkWithRules)
    assert "Theirs too" in text(dialogue)
    assert [dialogue.display.field(f"opt{seq}").value for seq in (15, 20)] == ["4", "4"]
    play(dialogue, "enter", "enter")
    assert store.seqs() == [30, 99999]


def test_a_condition_is_not_saved_into_a_rule_that_someone_else_changed():
    dialogue, store = begin(changed(0), WorkWithRules(ACCEPT))
    play(dialogue, "'8", "enter", "tab", "'2", "enter")
    dialogue.display.cursor = dialogue.display.field("value").start
    play(dialogue, "'23", "ctrl+k")
    ten = edits.find_rule(store.ruleset, ACCEPT, 10).conditions[0]
    theirs(store, conditions=(ten, condition(20, "LCLPORT", "EQ", "24")))
    play(dialogue, "enter")
    assert dialogue.display.message == CONFLICT
    assert dialogue.display.field("value").value == "23"
    play(dialogue, "f5")
    assert dialogue.display.field("value").value == "24"
    theirs(store, conditions=(ten,))
    play(dialogue, "f5")
    assert dialogue.display.message == "rule 10 has no condition 20 any more"


def test_a_condition_is_added_to_the_rule_as_it_is_after_f5():
    dialogue, store = begin(changed(0), WorkWithRules(ACCEPT))
    play(dialogue, "tab", "'8", "enter", "f6")
    for field, value in (("field", "RMTPORT"), ("op", "EQ"), ("value", "25")):
        dialogue.display.cursor = dialogue.display.field(field).start
        play(dialogue, f"'{value}")
    theirs(store, 20)
    play(dialogue, "enter")
    assert "changed by another user" in dialogue.display.message
    play(dialogue, "f5", "enter")
    found = edits.find_rule(store.ruleset, ACCEPT, 20)
    assert (found.name, len(found.conditions)) == ("Theirs", 2)
