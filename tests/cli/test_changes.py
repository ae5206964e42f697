"""A change of one rule: it reads no other, and lands beside what others change meanwhile."""

from __future__ import annotations

import os

import pytest

from epm import edits
from epm.cli.app import App
from epm.cli.changes import change
from epm.cli.settings import load_settings
from epm.errors import EditConflictError
from epm.model import Condition, Connector, Field, Flag, Operator, Rule, Server

PORT_22 = (Condition(10, Connector.AND, Field.LCLPORT, Operator.EQ, "22"),)


def _rule(seq, authority=Flag.NO):
    return Rule(seq, None, authority, conditions=PORT_22)


@pytest.fixture
def app(store):
    opened = App(load_settings({"db": None, "system": None}, os.environ))
    yield opened
    opened.close()


def _add(app, seq, meanwhile=lambda: None):
    def edit(ruleset):
        meanwhile()
        return edits.add_rule(ruleset, Server.ACCEPT, _rule(seq))

    touched = {Server.ACCEPT: (seq,)}
    return change(app, edit, action="add", subject=f"rule {seq}", touched=touched)


def _stored(app):
    return [r.seq for r in app.store().load(app.system).ruleset.servers[Server.ACCEPT].rules]


def test_an_edit_of_one_rule_is_shown_no_other(app):
    _add(app, 10)
    seen = []

    def edit(ruleset):
        seen.extend(r.seq for r in ruleset.servers[Server.ACCEPT].rules)
        return edits.delete_rule(ruleset, Server.ACCEPT, 20)

    _add(app, 20)
    change(app, edit, action="delete", subject="20", touched={Server.ACCEPT: (20,)})
    assert seen == [20, 99999]
    assert _stored(app) == [10, 99999]


def test_with_rule_tests_kept_it_is_shown_them_all_because_the_guard_must_be(store, app):
    file = store.write(
        "rules.yaml",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 10, authority: N}]}}\n"
        "tests: [{always: {server: QSOACCEPT, rmtaddr: 10.9.0.1}}]\n",
    )
    assert store("rules", "import", file).code == 0
    seen = []

    def edit(ruleset):
        seen.extend(r.seq for r in ruleset.servers[Server.ACCEPT].rules)
        return edits.add_rule(ruleset, Server.ACCEPT, _rule(20))

    change(app, edit, action="add", subject="20", touched={Server.ACCEPT: (20,)})
    assert seen == [10, 99999]


def test_two_who_change_different_rules_both_succeed(app):
    others = iter([30])

    def meanwhile():
        for seq in others:
            _add(app, seq)

    assert _add(app, 20, meanwhile) == 3
    assert _stored(app) == [20, 30, 99999]


def test_of_two_who_change_the_same_rule_the_second_is_told(store, app):
    _add(app, 10)
    others = iter(["Y"])

    def edit(ruleset):
        for flag in others:
            assert store("rules", "change", "accept", 10, "--authority", flag).code == 0
        return edits.change_rule(ruleset, Server.ACCEPT, _rule(10, Flag.INHERIT))

    with pytest.raises(EditConflictError, match="changed by"):
        change(app, edit, action="change", subject="10", touched={Server.ACCEPT: (10,)})
    assert app.store().rule(app.system, Server.ACCEPT, 10).authority is Flag.YES


def test_a_change_that_changes_nothing_makes_no_revision(app):
    made = _add(app, 10)

    def again(ruleset):
        return edits.change_rule(ruleset, Server.ACCEPT, _rule(10))

    assert change(app, again, action="change", subject="10", touched={Server.ACCEPT: [10]}) == made


def test_a_server_is_deactivated_whatever_the_guard_says_of_the_others(store):
    locking = (
        "version: 1\nservers:\n"
        "  QSOACCEPT: {activated: true, rules: [{seq: 99999, authority: N}]}\n"
        "  QSOCONNECT: {activated: true}\n"
        "tests: [{name: mine, always: {server: QSOACCEPT, rmtaddr: 10.1.2.3}}]\n"
    )
    file = store.write("rules.yaml", locking)
    assert store("rules", "import", file, "--replace", "--force").code == 0
    assert store("deactivate", "connect").code == 0
    assert not store("status", "--json").json["servers"]["QSOCONNECT"]["activated"]
