"""Records of other journals, in and out again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

VECTORS = Path(__file__).parents[1] / "data" / "vectors"


def test_records_are_imported_exactly_once(store):
    words = ("journal", "import", VECTORS / "sk-type5-37.bin", "--format", "type5")
    assert store(*words).code == 0
    again = store(*words)
    assert again.code == 0
    assert "0 entries imported, 22 were there" in again.err
    assert len(store("journal", "list", "--type", "SK", "--json").json) == 22


def test_another_record_under_a_known_number_is_never_dropped_silently(store):
    store("journal", "import", VECTORS / "sk-type5-37.bin", "--format", "type5")
    other = store(
        "journal", "import", VECTORS / "sk-type5-500.bin", "--format", "type5", "--ccsid", 500
    )
    assert other.code == 4
    assert "say something else" in other.err


def test_what_is_exported_as_type5_parses_back(store):
    store("journal", "import", VECTORS / "sk-type5-37.bin", "--format", "type5")
    file = store.folder / "out.bin"
    assert store("journal", "export", "--format", "type5", "-o", file).code == 0
    parsed = store("journal", "parse", file, "--format", "type5")
    wanted = (VECTORS / "sk-type5-37.jsonl").read_text().splitlines()
    got = [json.loads(line) for line in parsed.out.splitlines()]
    assert parsed.code == 0
    assert got == [json.loads(line) for line in wanted]


@pytest.mark.parametrize("name", ["../../X", "/X", "..", "A/B", "", "LONGERTHAN10"])
def test_a_journal_is_named_and_never_leads_to_another_folder(store, name):
    before = sorted(store.folder.rglob("*"))
    file = VECTORS / "sk-type5-37.bin"
    refused = store("journal", "import", file, "--format", "type5", "--journal", name)
    assert refused.code == 2
    assert "is not a name of 1 to 10 characters" in refused.err
    assert store("journal", "list", "--journal", name).code == 2
    assert store("journal", "verify", "--journal", name).code == 2
    assert sorted(store.folder.rglob("*")) == before


def test_a_journal_may_be_named_in_lower_case(store):
    file = VECTORS / "sk-type5-37.bin"
    assert store("journal", "import", file, "--format", "type5", "--journal", "other").code == 0
    assert len(store("journal", "list", "--journal", "OTHER", "--json").json) == 22
