"""What a command leaves on disk: private files, and every change in the journal."""

import os
import stat

import pytest

from db.store import Store

COMMANDS = {
    "rules": ("rules", "export"),
    "report": ("journal", "report", "--format", "csv"),
    "journal": ("journal", "export"),
}


def import_groups(store, count):
    """Make ``count`` changes at once."""
    lines = [f"    G{n}: [A{n}]" for n in range(count)]
    file = store.write("rules.yaml", "\n".join(["version: 1", "groups:", "  names:", *lines]))
    assert store("rules", "import", file).code == 0


@pytest.mark.parametrize("words", COMMANDS.values(), ids=list(COMMANDS))
def test_what_is_written_is_private_whatever_the_umask(store, words):
    import_groups(store, 1)
    before = os.umask(0)
    try:
        outcome = store(*words, "-o", "out")
    finally:
        os.umask(before)
    assert outcome.code == 0, outcome.err
    file = store.folder / "out"
    assert file.stat().st_size > 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_more_changes_than_one_batch_holds_are_all_journaled_once(store, monkeypatch):
    real = Store.unjournaled
    monkeypatch.setattr(Store, "unjournaled", lambda self, limit=4: real(self, limit))
    import_groups(store, 10)
    with Store.open(store.db) as opened:
        assert real(opened) == []
        changes = opened.history("*LOCAL")
    assert len(changes) > 10
    entries = store("journal", "list", "--json").out
    subjects = [entries.count(f" G{n}") for n in range(10)]
    assert subjects == [1] * 10
