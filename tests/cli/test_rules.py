"""Rules, groups, configuration, activation and history from the command line."""

from __future__ import annotations

import json

import pytest

SSH = """
version: 1
groups:
  addresses: {ADMINS: {include: [10.0.0.0/8], exclude: [10.9.0.0/16]}}
servers:
  QSOACCEPT:
    activated: true
    rules:
      - {seq: 10, name: Admins, authority: Y, active: Y,
         conditions: [{field: RMTADDR, op: GRP, value: ADMINS}]}
      - {seq: 99999, authority: N}
"""


def test_a_new_store_holds_the_three_default_rules(store):
    rules = store("rules", "list", "--json").json
    assert [(r["server"], r["seq"], r["authority"]) for r in rules] == [
        ("QSOLISTEN", 99999, "Y"),
        ("QSOCONNECT", 99999, "Y"),
        ("QSOACCEPT", 99999, "Y"),
    ]


def test_the_sample_loads_and_passes_its_own_tests(epm):
    assert epm("init", "--sample").code == 0
    exported = epm("rules", "export")
    file = epm.write("sample.yaml", exported.out)
    result = epm("test", "--rules", file, "--cases", file)
    assert result.code == 0, result.err
    assert "3 passed, 0 failed" in result.err


def test_an_added_rule_is_inactive_and_marked_for_test(store):
    added = store(
        "rules", "add", "accept", 10, "--authority", "N", "--condition", "RMTPORT GT 1023"
    )
    assert added.code == 0
    rule = store("rules", "show", "QSOACCEPT", 10, "--json").json
    assert (rule["active"], rule["test"], rule["audit"]) == ("N", "Y", "*")
    assert rule["conditions"] == [
        {"seq": 10, "connector": "AND", "field": "RMTPORT", "op": "GT", "value": "1023"}
    ]


def test_conditions_are_added_and_deleted_one_by_one(store):
    store("rules", "add", "accept", 10, "--authority", "N", "--condition", "RMTPORT GT 1023")
    store("rules", "change", "accept", 10, "--add-condition", "OR USER EQ QTCP")
    store("rules", "change", "accept", 10, "--delete-condition", 10, "--active", "Y")
    rule = store("rules", "show", "QSOACCEPT", 10, "--json").json
    assert [(c["seq"], c["connector"], c["field"]) for c in rule["conditions"]] == [
        (20, "OR", "USER")
    ]
    assert rule["active"] == "Y"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("rules", "delete", "accept", 99999), "cannot be deleted"),
        (("rules", "move", "accept", 99999, 5), "cannot be moved"),
        (("rules", "change", "accept", 99999, "--active", "N"), "fixed at Y"),
        (("rules", "change", "accept", 99999, "--authority", "*"), "is Y or N"),
        (("rules", "add", "accept", 99999, "--authority", "N"), "has a rule 99999 already"),
        (("rules", "delete", "accept", 7), "has no rule 7"),
        (("rules", "add", "listen", 5, "--authority", "N", "--condition", "RMTPORT EQ 1"),
         "no such field"),
        (("rules", "add", "accept", 5, "--authority", "N", "--condition", "RMTPORT EQ 70000"),
         "from 0 to 65535"),
        (("rules", "add", "accept", 5, "--authority", "N", "--condition", "RMTADDR EQ 010.1.1.1"),
         "is not an address"),
        (("rules", "add", "accept", 5, "--authority", "N", "--name", "a\x1b[2Jb"), "U+001B"),
        (("rules", "add", "accept", 5, "--authority", "N", "--name", "x" * 51), "at most 50"),
        (("groups", "add", "addresses", "G", "--include", "10.1"), "is not an address"),
    ],
)  # fmt: skip
def test_a_refused_change_says_why_in_one_line_and_changes_nothing(store, words, why):
    before = store("rules", "export").out
    refused = store(*words)
    assert refused.code == 4
    assert why in refused.err
    assert len(refused.err.splitlines()) == 1
    assert store("rules", "export").out == before


def test_export_import_export_gives_the_same_bytes(store):
    file = store.write("rules.yaml", SSH)
    assert store("rules", "import", file, "--replace").code == 0
    first = store("rules", "export").out
    again = store.write("again.yaml", first)
    assert store("rules", "import", again, "--replace").code == 0
    assert store("rules", "export").out == first


def test_import_without_replace_refuses_a_sequence_that_exists(store):
    file = store.write("rules.yaml", SSH)
    assert store("rules", "import", file).code == 0
    again = store("rules", "import", file)
    assert again.code == 4
    assert "exists already" in again.err


def test_a_dry_run_changes_nothing_and_says_what_would(store):
    file = store.write("rules.yaml", SSH)
    dry = store("rules", "import", file, "--dry-run")
    assert dry.code == 0
    assert "add" in dry.out
    assert "nothing was imported" in dry.err
    assert len(store("rules", "list", "--json").json) == 3


def test_a_dry_run_tells_what_replacing_would_delete(store):
    store("groups", "add", "names", "GONE", "ALICE")
    store("rules", "add", "connect", 5, "--authority", "N", "--condition", "RMTPORT EQ 25")
    dry = store("rules", "import", store.write("rules.yaml", SSH), "--replace", "--dry-run",
                "--json")  # fmt: skip
    gone = [row for row in dry.json if row["change"] == "delete"]
    assert gone == [
        {"change": "delete", "what": "QSOCONNECT", "seq": 5, "name": None},
        {"change": "delete", "what": "names group", "seq": None, "name": "GONE"},
    ]


def test_a_dry_run_tells_that_rule_tests_would_change(store):
    mine = store.write("mine.yaml", ALWAYS)
    store("rules", "import", mine, "--replace")
    bare = store.write("bare.yaml", "version: 1\nservers: {QSOACCEPT: {activated: true}}\n")
    change = {"change": "change", "what": "rule tests", "seq": None, "name": None}
    assert store("rules", "import", bare, "--replace", "--dry-run", "--json").json == [change]
    for words in ((bare,), (mine,), (mine, "--replace")):
        assert store("rules", "import", *words, "--dry-run", "--json").json == []


def test_a_dry_run_tells_what_the_lock_out_guard_would_refuse(store):
    locking = (
        "version: 1\nservers: {QSOACCEPT: {activated: true, rules: [{seq: 99999, authority: N}]}}\n"
        "tests: [{name: mine, always: {server: QSOACCEPT, rmtaddr: 10.1.2.3}}]\n"
    )
    words = ("rules", "import", store.write("rules.yaml", locking), "--replace")
    dry = store(*words, "--dry-run")
    assert dry.code == store(*words).code == 1
    assert "always line 'mine'" in dry.err
    assert store(*words, "--dry-run", "--force").code == 0
    assert store("status", "--json").json["revision"] == 1


def test_a_group_in_use_cannot_be_deleted(store):
    store("rules", "import", store.write("rules.yaml", SSH))
    refused = store("groups", "delete", "addresses", "ADMINS")
    assert refused.code == 4
    assert "in use by QSOACCEPT rule 10" in refused.err


def test_history_attributes_each_change_and_revert_undoes_it(store):
    store("rules", "add", "accept", 10, "--authority", "N", "--condition", "LCLPORT EQ 22")
    before = store("rules", "export").out
    revision = store("status", "--json").json["revision"]
    store("rules", "delete", "accept", 10, "--reason", "a mistake")
    changes = store("rules", "history", "--json").json
    assert changes[0]["action"] == "delete"
    assert changes[0]["reason"] == "a mistake"
    assert changes[0]["user"]
    assert changes[0]["after"] is None
    assert store("rules", "revert", revision).code == 0
    assert store("rules", "export").out == before


def test_every_change_is_in_the_journal_too(store):
    store("rules", "add", "accept", 10, "--authority", "N", "--condition", "LCLPORT EQ 22")
    store("activate", "QSOACCEPT")
    entries = [e for e in store("journal", "list", "--json").json if e["entry_type"] == "NC"]
    assert len(entries) >= 2
    assert store("journal", "verify").code == 0


ALWAYS = """version: 1
servers: {QSOACCEPT: {activated: true}}
tests: [{name: me, always: {server: QSOACCEPT, rmtaddr: 10.1.2.3}}]
"""
LOCKS_OUT = """version: 1
servers:
  QSOACCEPT:
    rules:
      - {seq: 5, authority: N, active: Y, conditions: [{field: RMTADDR, op: EQ, value: 10.0.0.0/8}]}
tests: [{name: other, never: {server: QSOACCEPT, rmtaddr: 10.9.0.1}}]
"""


def test_rules_that_are_added_with_tests_do_not_push_out_the_always_lines(store):
    store("rules", "import", store.write("mine.yaml", ALWAYS), "--replace")
    words = ("rules", "import", store.write("theirs.yaml", LOCKS_OUT))
    for refused in (store(*words, "--dry-run"), store(*words)):
        assert refused.code == 1
        assert "always line 'me': expected allow, got reject by rule 5" in refused.err
    assert store(*words, "--force").code == 0
    kept = store("rules", "export").out
    assert kept.count("name: me") == kept.count("name: other") == 1
    more = store.write("more.yaml", ALWAYS)  # what is there already is not doubled
    assert store("rules", "import", more, "--force").code == 0
    assert store("rules", "export").out == kept


def test_the_sample_rules_leave_the_always_lines_that_are_there(store):
    store("rules", "import", store.write("mine.yaml", ALWAYS), "--replace")
    assert store("init", "--sample").code == 0
    assert "name: me" in store("rules", "export").out


def test_rules_that_are_added_may_name_the_groups_of_the_system(store):
    rule = (
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 5, authority: N, conditions:"
        " [{field: LCLPORT, op: GRP, value: WEB}]}]}}\n"
    )
    file = store.write("rule.yaml", rule)
    assert "there is no port group 'WEB'" in store("rules", "import", file).err
    store("groups", "add", "ports", "WEB", "80")
    assert store("rules", "import", file).code == 0
    assert store("test", "QSOACCEPT", "--lclport", "80").code == 1
    whole = store("rules", "import", file, "--replace")  # nothing but the file remains
    assert whole.code == 4
    assert "there is no port group 'WEB'" in whole.err


def test_an_always_line_that_activation_would_break_is_refused(store):
    tests = "tests: [{name: me, always: {server: QSOACCEPT, rmtaddr: 10.9.0.1}}]\n"
    file = store.write("rules.yaml", SSH.replace("activated: true", "activated: false") + tests)
    assert store("rules", "import", file).code == 0
    refused = store("activate", "QSOACCEPT")
    assert refused.code == 1
    assert "always line 'me': expected allow, got reject by rule 99999" in refused.err
    assert not store("status", "--json").json["servers"]["QSOACCEPT"]["activated"]
    assert store("activate", "QSOACCEPT", "--force").code == 0
    assert store("status", "--json").json["servers"]["QSOACCEPT"]["activated"]


def test_configuration_is_set_and_shown_with_its_sources(store):
    assert store("config", "set", "--capture", "Y", "--fail", "open").code == 0
    shown = store("config", "show", "--json").json
    assert shown["product"]["capture"] == "Y"
    assert shown["product"]["fail"] == "open"
    assert shown["settings"]["db"]["source"] == "environment"


def test_a_missing_store_is_one_line_and_code_3(epm):
    refused = epm("rules", "list")
    assert refused.code == 3
    assert len(refused.err.splitlines()) == 1


def test_the_default_store_is_made_on_first_use(epm, monkeypatch):
    monkeypatch.delenv("EPM_DB")
    assert epm("rules", "list", "--json").code == 0
    assert (epm.folder / "data" / "epm" / "epm.db").exists()


def test_systems_keep_their_own_rules(store):
    assert store("--system", "PROD1", "init").code == 0
    store("--system", "prod1", "rules", "add", "accept", 10, "--authority", "N",
          "--condition", "LCLPORT EQ 22")  # fmt: skip
    assert len(store("--system", "PROD1", "rules", "list", "--json").json) == 4
    assert len(store("rules", "list", "--json").json) == 3


def test_json_is_a_rule_file_too(store):
    file = store.write("rules.json", json.dumps({"version": 1, "servers": {"QSOLISTEN": {
        "rules": [{"seq": 5, "name": "\U0001f600", "authority": "N"}]}}}))  # fmt: skip
    result = store("rules", "import", file)
    assert result.code == 0, result.err
    assert "never enforced" in result.err
    checked = store("rules", "check", "--json").json
    assert checked["rules"] == 4
    assert "never enforced" in checked["warnings"][0]


def test_a_large_import_is_journaled_to_its_last_change(store):
    rules = [{"seq": n, "authority": "N"} for n in range(1, 1301)]
    text = json.dumps({"version": 1, "servers": {"QSOLISTEN": {"rules": rules}}})
    assert store("rules", "import", store.write("rules.json", text)).code == 0
    entries = store("journal", "list", "--type", "NC", "--json").json
    assert sum("rule QSOLISTEN" in e["detail"] for e in entries) == 1300
