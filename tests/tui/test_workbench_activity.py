"""Captures, messages, groups, configuration and history over a real store, as commands see it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.activity import Activity
from db.activity_values import Captured, Message
from epm.cli.app import App
from epm.cli.main import main
from epm.cli.settings import load_settings
from epm.cli.workbench.desk import desk_for
from epm.errors import EditConflictError, GuardRefusalError, NotFoundError, RuleError
from epm.model import AddressGroup, FailMode, Flag, Server
from tests.support.builders import call
from tests.tui.desk import play, text
from tui.panels.main_menu import MainMenu
from tui.services import Group
from tui.session import Session

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SSH = call(rmtaddr="10.1.2.3", rmtport=50000, lcladdr="192.168.1.10", lclport=22, user="QTCP",
           job="SSHD", pgm="/usr/sbin/sshd", at="2026-11-21T11:00:00")  # fmt: skip


@pytest.fixture
def app(tmp_path, monkeypatch):
    """A store of its own with the sample rules, and who works on it."""
    monkeypatch.setenv("EPM_DB", f"sqlite:///{tmp_path / 'epm.db'}")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    command("init", "--sample")
    made = App(load_settings({"db": None, "system": None}, {"EPM_DB": f"sqlite:///{tmp_path}/epm.db",
               "XDG_DATA_HOME": str(tmp_path / "data")}))  # fmt: skip
    yield made
    made.close()


def command(*words, code=0):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert (ended.value.code or 0) == code


@pytest.fixture
def desk(app):
    return desk_for(app)


def answer(capsys, *words, code=0):
    capsys.readouterr()
    command(*words, code=code)
    return json.loads(capsys.readouterr().out)


# ------------------------------------------------------------------------------ activity


@pytest.fixture
def recorded(app):
    """Three messages, and two captured transactions of which one was seen twice."""
    activity = Activity(app.store(), app.system)
    messages = [Message(NOW + timedelta(minutes=n), 20, f"message {n}") for n in range(3)]
    later = Captured(replace(SSH, rmtport=50001), 2, NOW, NOW + timedelta(hours=1))
    activity.record(messages, [Captured(SSH, 1, NOW, NOW)])
    activity.record([], [later])
    return activity


def test_what_was_recorded_is_listed_in_local_time(desk, recorded):
    first, second = desk.captures.page(10**6, 10)
    assert (first.count, first.ends) == (2, "10.1.2.3:50001 -> 192.168.1.10:22")
    assert first.last_seen == (NOW + timedelta(hours=1)).astimezone().replace(tzinfo=None)
    assert second.call == SSH
    assert [m.text for m in desk.messages.page(10**6, 2)] == ["message 2", "message 1"]
    oldest = desk.messages.page(10**6, 3)[-1].number
    assert [m.text for m in desk.messages.page(oldest + 1, 5, newer=True)] == [
        "message 2", "message 1",
    ]  # fmt: skip


def test_what_is_deleted_on_the_screen_is_gone_for_the_commands(desk, recorded, capsys):
    newest = desk.captures.page(10**6, 1)[0].number
    assert desk.captures.delete([newest]) == 1
    assert [c["count"] for c in answer(capsys, "captures", "list", "--json")] == [1]
    assert desk.captures.clear(newest) == 1
    numbers = [m.number for m in desk.messages.page(10**6, 3)]
    assert desk.messages.clear(numbers[1]) == 2
    assert [m["text"] for m in answer(capsys, "messages", "list", "--json")] == ["message 2"]
    assert desk.messages.delete(numbers) == 1
    for missing in (desk.messages.message, desk.captures.captured):
        with pytest.raises(NotFoundError):
            missing(numbers[0])


def test_from_a_captured_call_to_a_rule_that_decides_it(desk, recorded, capsys):
    before = desk.testing.decide(
        Server.ACCEPT, {"rmtaddr": "10.1.2.3", "lclport": "22"}, live=False
    )
    assert before.decision.rule.seq == 10
    dialogue = Session(desk, MainMenu())
    play(dialogue, "'6", "enter", "tab", "'6", "enter", "tab", "tab", "'n", "enter")
    assert dialogue.display.message == "QSOACCEPT rule 5 created, inactive; 8=Conditions."
    decided = answer(capsys, "test", "accept", "--rmtaddr", "10.1.2.3", "--lclport", "22",
                     "--user", "QTCP", "--pgm", "/usr/sbin/sshd", "--json", code=1)  # fmt: skip
    assert (decided["verdict"], decided["rule"]["seq"]) == ("reject", 5)
    rule = desk.rules.rule(Server.ACCEPT, 5)
    assert (rule.active, rule.test, rule.authority) == (False, True, Flag.NO)


# -------------------------------------------------------------------------------- groups


def test_a_group_is_made_changed_and_deleted(desk, capsys):
    desk.groups.add(Group("ports", "PRINTERS", ("8470-8476",)))
    with pytest.raises(RuleError, match="exists already"):
        desk.groups.add(Group("ports", "PRINTERS", ()))
    seen = desk.groups.group("ports", "PRINTERS")
    desk.groups.change(seen, ("8470-8476", "449"))
    listed = answer(capsys, "groups", "list", "--json")
    assert listed["ports"]["PRINTERS"] == ["8470-8476", "449"]
    desk.groups.delete([desk.groups.group("ports", "PRINTERS")])
    assert ("ports", "PRINTERS") not in desk.groups.names()


def test_usage_is_counted_anew_after_each_change(desk):
    rule = desk.rules.rule(Server.ACCEPT, 10)
    name = rule.conditions[0].value
    assert desk.groups.usage()["addresses", name] == 1
    assert desk.groups.usage() is desk.groups.usage()
    (user,) = desk.groups.users("addresses", name, Server.ACCEPT, 1, 10, backward=False)
    assert user == rule
    with pytest.raises(RuleError, match="in use by QSOACCEPT rule 10"):
        desk.groups.delete([desk.groups.group("addresses", name)])
    desk.rules.change(Server.ACCEPT, rule, replace(rule, conditions=rule.conditions[1:]))
    assert ("addresses", name) not in desk.groups.usage()


def test_two_editors_of_a_group_never_overwrite_each_other(desk):
    seen = Group("addresses", "TWO", AddressGroup(("10.0.0.0/8",)))
    desk.groups.add(seen)
    theirs = AddressGroup(("192.0.2.0/24",))
    desk.groups.change(seen, theirs)
    with pytest.raises(EditConflictError, match="changed by another user"):
        desk.groups.change(seen, AddressGroup())
    with pytest.raises(EditConflictError, match="changed by another user"):
        desk.groups.delete([seen])
    assert desk.groups.group("addresses", "TWO").members == theirs


def test_two_editors_of_a_rule_neither_move_nor_delete_it(desk):
    seen = desk.rules.rule(Server.ACCEPT, 10)
    desk.rules.change(Server.ACCEPT, seen, replace(seen, name="Theirs"))
    with pytest.raises(EditConflictError, match="changed by another user"):
        desk.rules.move(Server.ACCEPT, seen, 15)
    with pytest.raises(EditConflictError, match="changed by another user"):
        desk.rules.delete(Server.ACCEPT, [seen])
    assert desk.rules.rule(Server.ACCEPT, 10).name == "Theirs"


def test_two_editors_of_the_configuration_never_overwrite_each_other(desk, capsys):
    seen = desk.configuration.config()
    command("config", "set", "--fail", "open")
    with pytest.raises(EditConflictError, match="changed by another user"):
        desk.configuration.change(seen, replace(seen, audit=True))
    now = desk.configuration.config()
    assert now.fail is FailMode.OPEN
    desk.configuration.change(now, replace(now, audit=True))
    shown = answer(capsys, "config", "show", "--json")["product"]
    assert (shown["audit"], shown["fail"]) == ("Y", "open")


# ------------------------------------------------------------------------------- history


def test_the_history_is_that_of_the_commands(desk, capsys):
    rule = desk.rules.rule(Server.ACCEPT, 10)
    desk.rules.change(Server.ACCEPT, rule, replace(rule, name="Renamed"))
    command("groups", "add", "ports", "NEW", "80", "--reason", "ticket 4711")
    newest, before, *_ = desk.history.page(10**6, 10)
    assert (newest.action, newest.subject, newest.reason) == (
        "add",
        "ports group NEW",
        "ticket 4711",
    )
    assert before.subject == "QSOACCEPT rule 10"
    (difference,) = desk.history.differences(before.number, 1, 10)
    assert (difference.before["name"], difference.after["name"]) == (rule.name, "Renamed")
    of_ten = desk.history.page(10**6, 10, server=Server.ACCEPT, seq=10)
    assert of_ten[0] == before
    assert newest not in of_ten
    told = answer(capsys, "rules", "history", "--json")
    assert told[1]["before"] == difference.before
    changed = desk.history.compare(before.number - 1, newest.number)
    assert [d.subject for d in changed] == ["port group NEW", "rule QSOACCEPT 10"]


def test_a_revert_undoes_what_was_done_and_only_what_was_seen(desk, capsys):
    before = desk.rules.outline().revision
    rule = desk.rules.rule(Server.ACCEPT, 10)
    desk.rules.change(Server.ACCEPT, rule, replace(rule, name="Renamed"))
    with pytest.raises(EditConflictError, match="nothing was reverted"):
        desk.history.revert(before, before)
    desk.history.revert(before, desk.rules.outline().revision)
    assert desk.rules.rule(Server.ACCEPT, 10) == rule
    (made,) = answer(capsys, "rules", "history", "--limit", "1", "--json")
    assert (made["action"], made["object"]) == ("revert", "rule QSOACCEPT 10")


def test_a_revert_passes_the_lock_out_guard(desk, tmp_path):
    cases = tmp_path / "rules.yaml"
    cases.write_text(
        "version: 1\nservers:\n  QSOACCEPT:\n    rules:\n      - {seq: 99999, authority: N}\n"
        "tests:\n  - always: {server: QSOACCEPT, rmtaddr: 192.0.2.9, lclport: 8080}\n"
        "    name: the portal\n"
    )
    command("rules", "import", "--replace", str(cases))
    command("activate", "accept", "--force")
    forced = desk.rules.outline().revision
    command("deactivate", "accept")
    with pytest.raises(GuardRefusalError, match="the portal"):
        desk.history.revert(forced, forced + 1)
    assert not desk.rules.outline().activated[Server.ACCEPT]


def test_the_history_of_a_rule_is_walked_from_its_list(desk):
    dialogue = Session(desk, MainMenu())
    play(dialogue, "'1", "enter", "'2", "enter", "ctrl+delete", "'Renamed", "enter")
    play(dialogue, "'6", "enter", "'5", "enter")
    assert " * Description" in text(dialogue)
    assert "Renamed" in text(dialogue)
    play(dialogue, "enter", "tab", "'8", "enter", "enter")
    assert "reverted to revision 2" in dialogue.display.message
    play(dialogue, "f12")
    assert "Renamed" not in text(dialogue)
