"""Bad input of any kind: one line that says what, where and why; nothing half done."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import pytest


def one_line(result, code):
    assert result.code == code, result.err
    assert len(result.err.splitlines()) == 1, result.err
    assert result.err.startswith("epm: error: ")
    return result.err


def test_a_store_that_another_holds_locked(store):
    holder = sqlite3.connect(store.folder / "epm.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        refused = store("rules", "add", "accept", 10, "--authority", "N",
                        "--condition", "LCLPORT EQ 22")  # fmt: skip
    finally:
        holder.close()
    assert "locked" in one_line(refused, 3)
    assert len(store("rules", "list", "--json").json) == 3


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_standard_stream_that_the_caller_closed(store, closed):
    """What is opened next must not get its number: a line of talk would land in the store."""
    line = f'exec "$0" -P -m epm rules add accept 10 --authority N {closed}'
    done = subprocess.run(
        ["bash", "-c", line, sys.executable],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert store("rules", "show", "accept", 10, "--json").code == 0
    assert store("journal", "verify").code == 0


def test_a_malformed_head_is_usage(store):
    store("groups", "add", "ports", "P", "80")
    assert "NUMBER:HASH" in one_line(store("journal", "verify", "--head", "4711"), 2)


def test_usage_that_takes_several_lines_is_told_in_one(store):
    said = one_line(store("journal", "parse", "file"), 2)
    assert "Choose from: type5, type4" in said


def test_a_file_that_is_no_store(epm):
    (epm.folder / "epm.db").write_bytes(b"not a database, but long enough to be looked at" * 40)
    one_line(epm("rules", "list"), 3)


def test_a_folder_in_the_stores_place(epm):
    (epm.folder / "epm.db").mkdir()
    one_line(epm("init"), 3)


def test_a_url_that_is_none(epm, monkeypatch):
    monkeypatch.setenv("EPM_DB", "nonsense")
    one_line(epm("status"), 2)


def test_a_full_disk_while_exporting(store):
    if not os.path.exists("/dev/full"):
        pytest.fail("this system has no /dev/full")
    one_line(store("rules", "export", "-o", "/dev/full"), 3)
    assert os.path.exists("/dev/full")


def test_a_rule_file_that_is_missing_or_not_text(store):
    one_line(store("rules", "import", "missing.yaml"), 3)
    binary = store.folder / "rules.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    one_line(store("rules", "import", binary), 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "version: 2",
        "version: 1\nservers: {QSOX: {}}",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 0, authority: Y}]}}",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 1}]}}",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 1, authority: Y},"
        " {seq: 1, authority: N}]}}",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 99999, authority: '*'}]}}",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 99999, authority: Y, active: N}]}}",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 1, authority: Y, colour: red}]}}",
        "version: 1\nconfig: {fail: maybe}",
        "version: 1\nconfig: {journal: lower case}",
        "version: 1\n" + "a: " + "[" * 5000,
        "a: &x 1\nb: *x",
        "version: 1\ngroups: {ports: {P: [70000]}}",
        "version: 1\n---\nversion: 1",
        "version: 1\nservers: {QSOACCEPT: {rules: [{seq: 1, authority: Y, name: 'a\u202eb'}]}}",
        "version: 1\ntests: [{always: {server: QSOACCEPT, rmtaddr: 010.1.2.3}}]",
        "version: 1\ntests: [{call: {server: QSOFOO}, expect: allow}]",
    ],
)
def test_a_malformed_rule_file_names_the_file_and_imports_nothing(store, text):
    before = store("rules", "export").out
    file = store.write("bad.yaml", text)
    assert "bad.yaml:" in one_line(store("rules", "import", file, "--replace"), 4)
    assert store("rules", "export").out == before


def meanwhile(monkeypatch, *words):
    """Have another process make a change between the reading and the saving of the next."""
    from epm.cli import changes

    original = changes.objections

    def slow(*args, **options):
        monkeypatch.setattr(changes, "objections", original)
        command = [sys.executable, "-P", "-m", "epm", *map(str, words)]
        subprocess.run(command, capture_output=True, check=True, timeout=60)
        return original(*args, **options)

    monkeypatch.setattr(changes, "objections", slow)


ADD = ("rules", "add", "accept", 10, "--authority", "N", "--condition", "LCLPORT EQ 22")


def test_two_editors_of_one_rule_never_overwrite_each_other_silently(store, monkeypatch):
    """The second to save is told that somebody was faster; what the first did stays."""
    store(*ADD)
    meanwhile(monkeypatch, "rules", "change", "accept", 10, "--name", "theirs")
    refused = store("rules", "change", "accept", 10, "--name", "ours")
    assert "read them again" in one_line(refused, 1)
    assert store("rules", "show", "accept", 10, "--json").json["name"] == "theirs"


def test_an_import_that_replaces_never_removes_what_it_has_not_seen(store, monkeypatch):
    file = store.write("rules.yaml", store("rules", "export").out)
    store(*ADD)
    meanwhile(monkeypatch, "groups", "add", "ports", "WEB", "80")
    assert store("rules", "import", file, "--replace").code == 1
    assert "WEB" in store("groups", "list", "--json").json["ports"]


def test_two_editors_of_different_objects_both_succeed(store, monkeypatch):
    meanwhile(monkeypatch, "groups", "add", "ports", "WEB", "80")
    assert store(*ADD).code == 0
    assert "WEB" in store("groups", "list", "--json").json["ports"]
    assert len(store("rules", "list", "--json").json) == 4


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("rules", "add", "accept"),
        ("rules", "add", "accept", "ten", "--authority", "N"),
        ("rules", "add", "accept", 100000, "--authority", "N"),
        ("rules", "add", "accept", 10, "--authority", "maybe"),
        ("rules", "add", "accept", 10, "--authority", "N", "--condition", "COLOUR EQ red"),
        ("run",),
        ("run", "--connect-errno", "EWHATEVER", "--", "true"),
        ("journal", "list", "--from", "yesterday"),
        ("--system", "much-too-long-a-name", "status"),
    ],
)
def test_wrong_usage_is_code_2_and_one_line(store, words):
    one_line(store(*words), 2)


def test_control_characters_of_a_hostile_call_never_reach_the_terminal(store):
    calls = store.write("calls.jsonl", '{"server":"QSO\\u001b[2J"}\n')
    result = store("test", "--input", calls)
    assert result.code == 4
    assert "\x1b" not in result.out + result.err


@pytest.mark.parametrize("number", [0, 7, 10**18])
def test_a_journal_entry_that_does_not_exist(store, number):
    store("rules", "add", "accept", 10, "--authority", "N", "--condition", "LCLPORT EQ 22")
    result = store("journal", "show", number)
    assert result.code in (2, 3)
    assert len(result.err.splitlines()) == 1


def test_every_command_has_help_with_an_example(epm):
    import click

    from epm.cli.main import cli

    def walk(command, path):
        if isinstance(command, click.Group) and path:
            yield path, command
        if isinstance(command, click.Group):
            for name, sub in command.commands.items():
                yield from walk(sub, (*path, name))
        else:
            yield path, command

    for path, command in walk(cli, ()):
        assert "Example" in (command.help or ""), path
        assert epm(*path, "--help").code == 0


def test_a_journal_of_which_nothing_is_left_fails_the_verification_of_its_head(store):
    import shutil

    store(*ADD)
    head = store("journal", "head", "--json").json["head"]
    assert store("journal", "verify", "--head", head).code == 0
    (folder,) = (store.folder / "epm.db.journal").glob("*/*")
    for receiver in folder.glob("EPMRCV*"):
        receiver.unlink()
    one_line(store("journal", "verify"), 1)
    shutil.rmtree(folder)
    one_line(store("journal", "verify", "--head", head), 1)


def test_a_file_without_end_is_refused_in_bounded_memory(store, monkeypatch):
    monkeypatch.setattr("epm.cli.files.MAX_TEXT", 1 << 20)
    assert "/dev/zero: larger than 1 MB" in one_line(store("rules", "import", "/dev/zero"), 4)
