"""Where settings come from, and which are refused."""

from __future__ import annotations

import pytest


def source(epm, key):
    return epm("config", "show", "--json").json["settings"][key]


def test_option_beats_environment_beats_local_file_beats_user_file(store, monkeypatch):
    folder = store.folder
    user = folder / "config" / "epm"
    user.mkdir(parents=True)
    (user / "config.toml").write_text('sync = "always"\nsystem = "FROMUSER"\n')
    assert store("init").code == 0
    assert source(store, "sync") == {"value": "always", "source": str(user / "config.toml")}
    (folder / "epm.toml").write_text('system = "FROMFILE"\n')
    assert store("init").code == 0
    assert source(store, "system") == {"value": "FROMFILE", "source": "epm.toml"}
    monkeypatch.setenv("EPM_SYSTEM", "FROMENV")
    store("init")
    assert source(store, "system") == {"value": "FROMENV", "source": "environment"}
    store("--system", "FROMOPT", "init")
    shown = store("--system", "FROMOPT", "config", "show", "--json").json["settings"]["system"]
    assert shown == {"value": "FROMOPT", "source": "option"}


def test_a_local_file_that_others_may_write_does_not_count(store):
    file = store.folder / "epm.toml"
    file.write_text('system = "EVIL"\n')
    file.chmod(0o666)
    assert source(store, "system")["value"] == "*LOCAL"
    assert "./epm.toml does not count" in store("status").err
    file.chmod(0o600)
    store("init")
    assert source(store, "system")["value"] == "EVIL"
    assert "epm.toml" not in store("status").err


def test_the_user_file_is_named_as_text_and_as_json(store):
    shown = store("config", "path", "--json").json
    assert shown == {"path": store("config", "path").out.strip()}


def test_an_unknown_key_names_file_key_and_the_nearest_known(epm):
    (epm.folder / "epm.toml").write_text('sytem = "X"\n')
    refused = epm("status")
    assert refused.code == 2
    assert "epm.toml: unknown key 'sytem'; did you mean 'system'?" in refused.err


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://epm:canary@127.0.0.1:1/epm",
        "postgresql://127.0.0.1:1/epm?password=canary",
        "postgresql://epm:canary@[::1/epm",
        "mysql://epm:canary@127.0.0.1/epm",
    ],
)
def test_a_password_is_in_no_output_and_no_file_name(epm, monkeypatch, url):
    monkeypatch.setenv("EPM_DB", url)
    for words in (
        ("status",),
        ("rules", "list"),
        ("init",),
        ("doctor",),
        ("config", "show"),
        ("journal", "list", "--journal", "X"),
    ):
        result = epm(*words)
        assert result.code in (2, 3)
        assert "canary" not in result.out + result.err
    assert not [p for p in epm.folder.rglob("*") if "canary" in p.name]


def test_a_local_file_that_is_a_link_does_not_count(store):
    elsewhere = store.folder / "elsewhere.toml"
    elsewhere.write_text('system = "EVIL"\n')
    (store.folder / "epm.toml").symlink_to(elsewhere)
    assert source(store, "system")["value"] == "*LOCAL"


def test_stores_beside_each_other_have_journals_of_their_own(store, monkeypatch):
    add = ("groups", "add", "ports", "P", "80")
    store(*add)
    monkeypatch.setenv("EPM_DB", f"sqlite:///{store.folder / 'epm.bak'}")
    store("init")
    store(*add)
    assert len(list(store.folder.glob("*.journal"))) == 2


def test_files_are_private(store):
    store("rules", "add", "accept", 10, "--authority", "N", "--condition", "LCLPORT EQ 22")
    for words in (
        ("rules", "export", "-o", "epm-rules.yaml"),
        ("journal", "report", "-o", "epm-report.txt"),
        ("journal", "export", "-o", "epm-journal.jsonl"),
    ):
        assert store(*words).code == 0
        assert (store.folder / words[-1]).stat().st_size > 0
    for path in store.folder.rglob("*"):
        if "epm" in path.name or "EPM" in path.name:
            assert path.stat().st_mode & 0o077 == 0, path
