"""``epm journal parse|import|export``: records of this and of other journals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from epm.cli.app import current
from epm.cli.exits import ExitCode
from epm.cli.files import open_input
from epm.cli.journals import FORMATS, filter_options, journal, query_of, reader_of, tell_damage
from epm.cli.output import dumps, out_bytes, out_text, talk, warn
from epm.cli.params import FILE, journal_option, output_option

if TYPE_CHECKING:
    from journal.parsing.rows import Damaged, Record


@journal.command("parse")
@click.argument("file", type=FILE)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.option("--ccsid", type=int, default=37, show_default=True, help="Of EBCDIC characters.")
@click.option("--all", "all_entries", is_flag=True, help="Other entries than SK too.")
@output_option
def parse(file: str, form: str, ccsid: int, all_entries: bool, output: str | None) -> int:
    """Give the SK entries of a file as JSON Lines; - is standard input.

    A damaged record is reported with its position on standard error; the exit code is then 4.

    \b
    Example: epm journal parse sk.bin --format type5 -o sk.jsonl
    """
    from journal.parsing.api import parse as parse_records
    from journal.parsing.rows import Damaged

    damaged = 0
    with open_input(file) as stream, out_text(output) as out:
        for record in parse_records(stream, form, ccsid=ccsid, all_entries=all_entries):
            if isinstance(record, Damaged):
                damaged += 1
                talk(f"{file}: {record}")
            else:
                out.write(dumps(record.row) + "\n")
    return ExitCode.INVALID if damaged else ExitCode.OK


@journal.command("import")
@click.argument("file", type=FILE)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.option("--ccsid", type=int, default=37, show_default=True, help="Of EBCDIC characters.")
@click.option("--from-system", metavar="NAME", help="System of records that do not say theirs.")
@journal_option
def import_entries(
    file: str, form: str, ccsid: int, from_system: str | None, name: str | None
) -> int:
    """Put records of another journal into this one, each exactly once.

    \b
    Example: epm journal import sk.bin --format type5
    """
    from journal.importing import import_records
    from journal.parsing.api import parse as parse_records

    app = current()
    into = app.open_journal((name or app.snapshot().ruleset.config.journal).upper())
    into.start()
    with open_input(file) as stream:
        records: Iterator[Record | Damaged] = parse_records(
            stream,
            form,
            ccsid=ccsid,
            all_entries=True,
        )
        result = import_records(into, records, ccsid=ccsid, system=from_system)
    for damaged in result.damaged:
        talk(f"{file}: {damaged}")
    talk(
        f"{result.imported} entries imported, {result.present} were there, "
        f"{result.damaged_count} damaged"
    )
    if result.different:
        warn(
            f"{result.different} of those that were there say something else: that journal's "
            "numbers were begun anew, or one of the two is not genuine; they were not imported"
        )
    bad = result.damaged_count or result.different
    return ExitCode.INVALID if bad else ExitCode.OK


@journal.command("export")
@filter_options
@click.option("--format", "form", type=click.Choice(["type5", "jsonl"]), default="jsonl")
@click.option("--ccsid", type=int, default=37, show_default=True, help="Of *TYPE5 records.")
@output_option
def export_entries(form: str, ccsid: int, output: str | None, **given: Any) -> None:
    """Export entries as *TYPE5 records back to back, or as JSON Lines.

    \b
    Example: epm journal export --format type5 -o epm.bin
    """
    from journal.exporting import export

    reader = reader_of(current(), given["name"])
    with out_bytes(output) as out:
        count = export(
            reader,
            out,
            form,
            query=query_of(given),
            ccsid=ccsid,
            on_damage=tell_damage,
        )
    talk(f"{count} entries exported")


COMMANDS = (journal,)
