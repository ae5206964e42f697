"""Import and export: foreign records come in once and go out byte for byte."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import JournalError, SettingsError
from epm.events import SkData
from journal.exporting import export
from journal.importing import SequenceSet, _alone, import_records
from journal.layouts.esd import encode_esd
from journal.parsing.api import parse
from journal.reader import JournalReader
from journal.verify import verify

VECTORS = Path(__file__).parents[1] / "data" / "vectors"


def bring_in(journals, data, form="type5", ccsid=37, **options):
    with journals.open() as journal:
        records = parse(io.BytesIO(data), form, ccsid=ccsid, all_entries=True)
        return import_records(journal, records, ccsid=ccsid, **options)


def exported(journals, format="type5", **options):
    out = io.BytesIO()
    export(JournalReader(journals.directory), out, format, **options)
    return out.getvalue()


@pytest.mark.parametrize("ccsid", [37, 500])
def test_imported_records_are_exported_byte_for_byte(journals, ccsid):
    data = (VECTORS / f"sk-type5-{ccsid}.bin").read_bytes()
    result = bring_in(journals, data, ccsid=ccsid)
    assert (result.imported, result.present, result.damaged_count) == (22, 0, 0)
    assert exported(journals, ccsid=ccsid) == data
    assert verify(journals.directory).whole


def test_the_export_as_json_lines_is_what_the_parser_gives(journals):
    bring_in(journals, (VECTORS / "sk-type4-37.bin").read_bytes(), "type4")
    expected = (VECTORS / "sk-type4-37.jsonl").read_text().splitlines()
    assert exported(journals, "jsonl").decode().splitlines() == [
        json.dumps(json.loads(line)) for line in expected
    ]


def test_a_record_is_imported_once_whatever_file_it_comes_in(journals):
    data = (VECTORS / "sk-type5-37.bin").read_bytes()
    assert bring_in(journals, data[: 10 * 1679]).imported == 10
    result = bring_in(journals, data + data)
    assert (result.imported, result.present) == (12, 32)
    lines = (VECTORS / "sk-type5-37.jsonl").read_bytes()
    assert bring_in(journals, lines, "jsonl").imported == 0
    assert len(list(JournalReader(journals.directory).entries())) == 22


def test_the_same_number_of_another_system_is_another_record(journals):
    line = {"sequence": 7, "entry_type": "SK", "type": "A", "system": "ONE"}
    both = b"".join(json.dumps(line | {"system": name}).encode() + b"\n" for name in ('O"NE', "Ö"))
    assert bring_in(journals, both, "jsonl").imported == 2
    assert bring_in(journals, both, "jsonl").present == 2


def test_damaged_records_are_reported_and_the_sound_ones_imported(journals):
    data = bytearray((VECTORS / "sk-type5-37.bin").read_bytes())
    data[5 * 1679 : 6 * 1679] = bytes(1679)
    result = bring_in(journals, bytes(data))
    assert (result.imported, result.damaged_count) == (21, 1)
    assert [d.position for d in result.damaged] == [5 * 1679]


def test_records_that_do_not_say_their_system_need_one(journals):
    line = json.dumps({"sequence": 7, "entry_type": "SK", "type": "A"}).encode()
    with pytest.raises(SettingsError, match="which system"):
        bring_in(journals, line, "jsonl")
    assert bring_in(journals, line, "jsonl", system="PROD9").imported == 1
    assert JournalReader(journals.directory).entry(1).decode().entry.source == "PROD9"


def test_bare_entry_specific_data_cannot_be_imported_once(journals):
    with pytest.raises(SettingsError, match="sequence number"):
        bring_in(journals, encode_esd(SkData("A", "10.0.0.1", 1)), "esd", system="X")


def test_two_imports_at_the_same_time_are_refused(journals):
    journals.fill(0)
    with _alone(journals.directory), pytest.raises(JournalError, match="another import"):
        bring_in(journals, b"")


def test_an_export_in_an_unknown_form_is_refused(journals):
    journals.fill(1)
    with pytest.raises(SettingsError, match="format 'csv' is not one of type5, jsonl"):
        exported(journals, "csv")
    with pytest.raises(SettingsError, match="CCSID"):
        exported(journals, ccsid=1)


@given(st.lists(st.one_of(st.integers(0, 3000), st.integers(0, 2**64)), max_size=900))
def test_a_sequence_set_is_a_set(numbers):
    ours, theirs = SequenceSet(), set()
    for number in [*numbers, *range(0, 600, 2), *numbers]:
        assert ours.add(number) == (number not in theirs)
        theirs.add(number)
