"""Many records in, one decision a record out: what the commands that decide in bulk share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from epm.cli.callfiles import Reader, Record, Writer, reader_for, writer_for
from epm.cli.exits import ExitCode
from epm.cli.files import open_input
from epm.cli.output import out_bytes, progress, talk
from epm.errors import CallError

_JSON_LINES = ".jsonl"


def decide_each(
    path: str,
    output: str | None,
    decide: Callable[[Mapping[str, object]], Mapping[str, object]],
    *,
    reader: Reader | None = None,
    writer: Writer | None = None,
) -> int:
    """Decide each record of a file, in order. One that cannot be read is told of and left out.

    Args:
        path: of the records; ``-`` is standard input.
        output: of the decisions; ``None`` is standard output.
        decide: gives the decision of a record; raises CallError where the record is malformed.
        reader: takes the records apart; JSON Lines by default.
        writer: puts the decisions together; JSON Lines by default.

    Raises:
        CallError: the file as a whole cannot be read: which, and why.

    Returns:
        The exit code: 4 where a record could not be read, whatever the decisions.
    """
    bad: list[int] = []

    def decided(records: Iterator[Record]) -> Iterator[Mapping[str, object]]:
        for number, record in progress(records, "Deciding"):
            try:
                if isinstance(record, CallError):
                    raise record
                decision = decide(record)
            except CallError as error:
                bad.append(number)
                talk(f"{path}:{number}: {error}")
                continue
            yield decision

    read, write = reader or reader_for(_JSON_LINES), writer or writer_for(_JSON_LINES)
    with open_input(path) as stream, out_bytes(output) as out:
        try:
            write(out, decided(read(stream)))
        except CallError as error:  # of the file as a whole: its heads, its form
            raise CallError(f"{path}: {error}") from None
    if bad:
        talk(f"epm: lines that could not be read: {len(bad)}")
    return ExitCode.INVALID if bad else ExitCode.OK
