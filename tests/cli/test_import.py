"""Records of other journals, in and out again."""

from __future__ import annotations

import json
from pathlib import Path

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
