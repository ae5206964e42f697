"""Groups, their members and users, and the product configuration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epm import edits
from epm.model import AddressGroup, Config, FailMode
from tests.tui.desk import MemoryRules, play, sample, session, text
from tui.panels.configuration import ProductConfiguration
from tui.panels.group_entry import ChangeGroup, CreateMembers
from tui.panels.groups import CreateGroup, DisplayGroup, UsersOfGroup, WorkWithGroups

ADMINS = AddressGroup(("10.0.0.0/8",), ("10.9.0.0/16",))


def begin(ruleset=None):
    store = MemoryRules(ruleset or sample())
    return session(store, WorkWithGroups())[0], store


def many(count):
    """The sample with a name group of ``count`` members, and as many more groups."""
    ruleset = edits.put_group(sample(), "names", "MANY", tuple(f"USER{n:05}" for n in range(count)))
    for n in range(30):
        ruleset = edits.put_group(ruleset, "ports", f"P{n:02}", (str(n + 1),))
    return ruleset


def put(dialogue, field, value):
    dialogue.display.cursor = dialogue.display.field(field).start
    return play(dialogue, "ctrl+delete", f"'{value}")


def keys(store, kind):
    return list(getattr(store.ruleset.groups, kind))


# ---------------------------------------------------------------------------------- list


def test_groups_are_listed_by_name_whatever_their_kind():
    dialogue, _ = begin(many(2))
    shown = [line.split()[1] for line in dialogue.display.lines()[9:19]]
    assert shown == ["ADMINS", "MANY", "OPERATORS", *(f"P{n:02}" for n in range(7))]
    play(dialogue, "home", "'P05", "enter")
    assert dialogue.display.lines()[9].split()[1] == "P05"
    play(dialogue, "f18")
    assert dialogue.display.lines()[18].split()[1] == "WEB"


def test_an_option_follows_its_group_when_another_is_added_above_it():
    dialogue, store = begin()
    play(dialogue, "tab", "'4", "pagedown")
    ruleset = edits.put_group(store.ruleset, "ports", "AAA", ("1",))
    store.save(ruleset, "add", "ports group AAA")
    play(dialogue, "pageup")  # refused at the top: nothing is drawn again
    play(dialogue, "home", "'A", "enter")
    assert dialogue.display.lines()[9].split()[1] == "AAA"
    assert [f.value for f in dialogue.display.fields] == ["", "", "", "4", ""]
    play(dialogue, "enter", "enter")
    assert keys(store, "names") == []
    assert keys(store, "ports") == ["WEB", "AAA"]


def test_a_page_in_the_middle_stays_at_its_group_when_one_above_is_deleted():
    dialogue, store = begin(many(2))
    play(dialogue, "home", "'P05", "enter", "'5", "tab", "'5")
    store.save(edits.delete_group(store.ruleset, "ports", "P00"), "delete", "ports group P00")
    play(dialogue, "enter", "enter", "enter")
    assert dialogue.display.lines()[9].split()[1] == "P05"


def test_a_group_in_use_is_not_deleted_and_its_users_are_listed():
    dialogue, store = begin()
    play(dialogue, "'4", "enter")
    assert dialogue.display.message == "Address group ADMINS is in use; 8=Used by shows the rules."
    assert store.revision == 1
    play(dialogue, "'8", "enter")
    assert isinstance(dialogue.panel, UsersOfGroup)
    assert "QSOACCEPT      10  Admin subnet to SSH" in text(dialogue)


def test_of_several_groups_to_delete_the_one_in_use_is_pointed_at():
    dialogue, store = begin()
    play(dialogue, "tab", "'4")
    shown = dialogue.display
    shown.cursor = shown.field("opt3").start
    play(dialogue, "'4")
    rule = edits.find_rule(store.ruleset, "QSOACCEPT", 20)
    condition = replace(rule.conditions[0], op="GRP", value="WEB")
    ruleset = edits.change_rule(store.ruleset, "QSOACCEPT", replace(rule, conditions=(condition,)))
    store.save(ruleset, "change", "QSOACCEPT rule 20")
    play(dialogue, "enter")
    assert dialogue.display.message == "Port group WEB is in use; 8=Used by shows the rules."
    assert [f.name for f in dialogue.display.fields if f.error] == ["opt3"]
    assert dialogue.display.field_at_cursor().name == "opt3"
    assert dialogue.display.field("opt2").value == dialogue.display.field("opt3").value == "4"


def test_an_option_that_fails_on_another_page_is_shown_there():
    dialogue, _ = begin(many(30))
    play(dialogue, "'4", "pagedown", "enter")
    assert dialogue.display.message == "Address group ADMINS is in use; 8=Used by shows the rules."
    assert dialogue.display.field("opt1").error
    assert dialogue.display.field_at_cursor().name == "opt1"


def test_a_group_that_came_into_use_meanwhile_is_not_deleted_either():
    dialogue, store = begin()
    play(dialogue, "tab", "tab", "'4", "enter")
    rule = edits.find_rule(store.ruleset, "QSOACCEPT", 20)
    condition = replace(rule.conditions[0], op="GRP", value="WEB")
    ruleset = edits.change_rule(store.ruleset, "QSOACCEPT", replace(rule, conditions=(condition,)))
    store.save(ruleset, "change", "QSOACCEPT rule 20")
    play(dialogue, "enter")
    assert "is in use by QSOACCEPT rule 20" in dialogue.display.message
    assert keys(store, "ports") == ["WEB"]


def test_users_of_all_servers_are_paged():
    ruleset = sample()
    for server in ("QSOLISTEN", "QSOCONNECT"):
        first = edits.find_rule(ruleset, "QSOACCEPT", 20)
        made = replace(first.conditions[0], op="GRP", value="WEB")
        for seq in range(1, 16):
            rule = replace(first, seq=seq, conditions=(made,))
            ruleset = edits.add_rule(ruleset, server, rule)
    dialogue, _ = begin(ruleset)
    play(dialogue, "tab", "tab", "'8", "enter")
    shown = []
    while True:
        lines = dialogue.display.lines()
        shown += [tuple(line.split()[:2]) for line in lines[9:19] if line.strip()]
        if "More..." not in lines[19]:
            break
        play(dialogue, "pagedown")
    assert shown == [(s, str(n)) for s in ("QSOLISTEN", "QSOCONNECT") for n in range(1, 16)]
    play(dialogue, "pageup", "pageup", "pageup")
    assert dialogue.display.lines()[9].split()[1] == "1"


# ------------------------------------------------------------------------------- members


def change(dialogue, row=0):
    return play(dialogue, *["tab"] * row, "'2", "enter")


def test_lines_are_changed_removed_and_added_all_at_once():
    dialogue, store = begin()
    change(dialogue)
    assert isinstance(dialogue.panel, ChangeGroup)
    put(dialogue, "line0", "192.0.2.0/24")
    put(dialogue, "line1", "")
    put(dialogue, "mark2", "e")
    put(dialogue, "line2", "192.0.2.9")
    put(dialogue, "line4", "2001:db8::/32")
    play(dialogue, "enter")
    made = store.ruleset.groups.addresses["ADMINS"]
    assert made == AddressGroup(("192.0.2.0/24", "2001:db8::/32"), ("192.0.2.9",))
    assert dialogue.display.message == "Address group ADMINS changed."
    assert store.revision == 2


def test_without_a_change_there_is_no_revision():
    dialogue, store = begin()
    change(dialogue)
    play(dialogue, "f6", "enter")
    assert dialogue.display.message == "Address group ADMINS not changed."
    assert store.revision == 1


@pytest.mark.parametrize(
    ("row", "field", "value", "message"),
    [
        (0, "line0", "10.1", "'10.1' is not an address"),
        (0, "line3", "10.0.0.9-10.0.0.1", "range '10.0.0.9-10.0.0.1' is reversed"),
        (0, "mark1", "X", "Type must be I or E."),
        (1, "line0", "A*B", "'A*B' is not a name or a generic name"),
        (2, "line1", "65536", "port '65536' is not a plain number"),
    ],
)
def test_a_wrong_line_is_reverse_with_the_cursor_on_it_and_nothing_is_saved(
    row, field, value, message
):
    dialogue, store = begin()
    change(dialogue, row)
    put(dialogue, field, value)
    play(dialogue, "enter")
    assert dialogue.display.message.startswith(message)
    assert dialogue.display.field(field).error
    assert dialogue.display.field_at_cursor().name == field
    assert store.revision == 1


def test_a_wrong_line_on_another_page_is_brought_back():
    dialogue, store = begin(many(1000))
    change(dialogue, 1)
    put(dialogue, "line4", "A*B")
    play(dialogue, "pagedown", "pagedown", "enter")
    assert dialogue.display.field("line4").error
    assert store.revision == 1


def test_a_large_group_is_paged_and_saved_whole():
    dialogue, store = begin(many(1000))
    change(dialogue, 1)
    assert len(dialogue.display.fields) == 11  # one page, and the position
    put(dialogue, "line3", "")
    put(dialogue, "position", "user00500")
    play(dialogue, "enter")
    assert dialogue.display.lines()[9].split() == ["USER00500"]
    put(dialogue, "line500", "CHANGED")
    play(dialogue, "f18", "f6")
    put(dialogue, "line1000", "LAST")
    play(dialogue, "f17", "pagedown", "pageup")
    assert dialogue.display.lines()[9].split() == ["USER00000"]
    play(dialogue, "enter")
    members = store.ruleset.groups.names["MANY"]
    assert len(members) == 1000
    assert (members[2], members[3], members[499], members[-1]) == (
        "USER00002", "USER00004", "CHANGED", "LAST",
    )  # fmt: skip


def test_more_lines_can_be_typed_than_a_page_has():
    dialogue, store = begin()
    change(dialogue, 2)
    for n in range(25):
        put(dialogue, f"line{n}", str(n + 1))
        if n % 10 == 9:
            play(dialogue, "pagedown")
    play(dialogue, "pagedown")
    assert dialogue.display.message == "Already at the bottom of the list."
    play(dialogue, "pageup", "pageup", "pageup")
    assert dialogue.display.message == "Already at the top of the list."
    play(dialogue, "enter")
    assert store.ruleset.groups.ports["WEB"] == tuple(str(n + 1) for n in range(25))


def test_a_position_that_no_line_has_says_so_and_the_next_one_is_found():
    dialogue, _ = begin(many(30))
    change(dialogue, 1)
    put(dialogue, "position", "NOBODY")
    play(dialogue, "enter")
    assert dialogue.display.message == "No line begins with NOBODY."
    for wanted in ("USER00002", "USER00003"):
        put(dialogue, "position", "USER0000" + wanted[-1])
        play(dialogue, "enter")
        assert dialogue.display.lines()[9].split() == [wanted]


def test_a_line_longer_than_a_row_runs_on_and_is_kept():
    name = "N" * 200
    dialogue, store = begin(edits.put_group(sample(), "names", "OPERATORS", (name, "BOB")))
    change(dialogue, 1)
    assert dialogue.display.field("line0").value == name
    put(dialogue, "line1", "ALICE")
    play(dialogue, "enter")
    assert store.ruleset.groups.names["OPERATORS"] == (name, "ALICE")


def test_members_that_someone_else_changed_are_not_overwritten_and_f5_shows_them():
    dialogue, store = begin()
    change(dialogue)
    put(dialogue, "line0", "192.0.2.0/24")
    theirs = AddressGroup(("172.16.0.0/12",))
    store.save(edits.put_group(store.ruleset, "addresses", "ADMINS", theirs), "change", "theirs")
    play(dialogue, "enter")
    assert "changed by another user" in dialogue.display.message
    assert dialogue.display.field("line0").value == "192.0.2.0/24"
    assert store.ruleset.groups.addresses["ADMINS"] == theirs
    play(dialogue, "f5")
    assert dialogue.display.field("line0").value == "172.16.0.0/12"
    put(dialogue, "line1", "192.0.2.0/24")
    play(dialogue, "enter")
    assert store.ruleset.groups.addresses["ADMINS"].include == ("172.16.0.0/12", "192.0.2.0/24")


def test_a_group_that_someone_else_changed_is_not_deleted():
    dialogue, store = begin()
    play(dialogue, "tab", "'4", "enter")
    ruleset = edits.put_group(store.ruleset, "names", "OPERATORS", ("BOB",))
    store.save(ruleset, "change", "theirs")
    play(dialogue, "enter")
    assert "changed by another user" in dialogue.display.message
    assert keys(store, "names") == ["OPERATORS"]


# ---------------------------------------------------------------------------- create, display


def test_a_group_is_created_with_its_members():
    dialogue, store = begin()
    play(dialogue, "f6", "'names", "tab", "'HELPDESK", "enter")
    assert isinstance(dialogue.panel, CreateMembers)
    put(dialogue, "line0", "bob")
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, WorkWithGroups)
    assert store.ruleset.groups.names["HELPDESK"] == ("BOB",)
    assert dialogue.display.message == "Name group HELPDESK created."


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("hosts", "X", "Kind must be one of ADDRESSES, NAMES, PORTS."),
        ("ports", "WEB", "Port group WEB exists already."),
        ("ports", "", "group name '' must have 1 to 50 characters, no blank ends"),
    ],
)
def test_a_wrong_kind_or_name_is_refused(kind, name, message):
    dialogue, _ = begin()
    play(dialogue, "f6", f"'{kind}", "tab", f"'{name}", "enter")
    assert isinstance(dialogue.panel, CreateGroup)
    assert dialogue.display.message == message


def test_f12_from_the_members_goes_back_to_kind_and_name():
    dialogue, store = begin()
    play(dialogue, "f6", "'ports", "tab", "'HOSTSRV", "enter", "f12")
    assert isinstance(dialogue.panel, CreateGroup)
    assert dialogue.display.field("name").value == "HOSTSRV"
    assert store.revision == 1


def test_the_kind_can_be_chosen_from_a_list():
    dialogue, _ = begin()
    play(dialogue, "f6", "f4", "tab", "'1", "enter")
    assert isinstance(dialogue.panel, CreateGroup)
    assert dialogue.display.field("kind").value == "NAMES"


def test_every_member_is_displayed():
    dialogue, _ = begin(many(40))
    play(dialogue, "tab", "'5", "enter")
    assert isinstance(dialogue.panel, DisplayGroup)
    shown = text(dialogue)
    while "More..." in dialogue.display.lines()[19]:
        shown += text(play(dialogue, "pagedown"))
    assert all(f"USER{n:05}" in shown for n in range(40))


# -------------------------------------------------------------------------- configuration


def configuration():
    store = MemoryRules(sample())
    return session(store, ProductConfiguration(store.ruleset.config))[0], store


def test_the_configuration_is_changed_as_typed():
    store = MemoryRules(sample())
    dialogue, _ = session(store)
    play(dialogue, "'11", "enter", "'y", "'y", "'y")
    for field, value in (("message_queue", "secmsgq"), ("journal", "SECJRN"), ("fail", "open")):
        put(dialogue, field, value)
    play(dialogue, "enter")
    assert store.ruleset.config == Config(True, True, True, "SECMSGQ", "SECJRN", FailMode.OPEN)
    assert dialogue.display.message == "Product configuration changed."


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("audit", "*", "Default Audit must be Y or N."),
        ("capture", "", "Default Capture must be Y or N."),
        ("message_queue", "1Q", "Message queue must be a name of 1 to 10 characters."),
        ("journal", "", "Journal must be a name of 1 to 10 characters."),
        ("fail", "ajar", "Fail mode must be CLOSED or OPEN."),
    ],
)
def test_a_wrong_setting_is_refused(field, value, message):
    dialogue, store = configuration()
    put(dialogue, field, value)
    play(dialogue, "enter")
    assert dialogue.display.message == message
    assert dialogue.display.field_at_cursor().name == field
    assert store.revision == 1


def test_a_configuration_that_someone_else_changed_is_not_overwritten_and_f5_shows_it():
    dialogue, store = configuration()
    play(dialogue, "'y")
    theirs = replace(store.ruleset.config, journal="THEIRS")
    store.save(edits.with_config(store.ruleset, theirs), "change", "configuration")
    play(dialogue, "enter")
    assert dialogue.display.message == (
        "Product configuration changed by another user; nothing saved, F5 shows it"
    )
    assert dialogue.display.field("audit").value == "Y"
    assert store.ruleset.config == theirs
    play(dialogue, "f5")
    assert dialogue.display.field("journal").value == "THEIRS"
    assert dialogue.display.field("audit").value == "N"
    play(dialogue, "'y", "enter")
    assert store.ruleset.config == replace(theirs, audit=True)


def test_an_unchanged_configuration_makes_no_revision():
    store = MemoryRules(sample())
    dialogue, _ = session(store)
    play(dialogue, "'11", "enter", "enter")
    assert dialogue.display.message == "Product configuration not changed."
    assert store.revision == 1
