"""Reports: what to report and in which format, the report on the screen, and saving it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from epm.errors import FileUnavailableError, SettingsError
from tui.display import PINK, WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.drawing import continue_line, output_line
from tui.kit.entry import Entry, EntryPanel
from tui.kit.values import Choice
from tui.kit.viewer import Line, Viewer
from tui.outcomes import FieldRefusedError, Result
from tui.panels.journal_subset import FILTER_ENTRIES, filter_choices, filter_of, filter_values
from tui.services import Desk, JournalFilter, ReportFormat, ReportLines
from tui.services.journal import FilterRefusedError
from tui.services.reports import FileExistsRefusedError
from tui.session import FunctionKey, Session

#: What a file name field holds: the rest of its row and all of the next.
_PATH_LENGTH = 52 + 80
_NOT_WHOLE = "The journal is not whole: the end of the report says what is wrong."
_FILE = Entry("file", "File", _PATH_LENGTH, Kind.TEXT)
_REPLACE = Entry("replace", "Replace file", 1, Kind.UPPER, "Y, N")


class Reports(EntryPanel):
    """What to report. Without a file the report is displayed."""

    name = "reports"
    title = "Reports"
    first_row = 5
    prompts = True

    def __init__(self) -> None:
        """Begin with a text report of everything."""
        super().__init__({"format": "TEXT", "replace": "N", "file": ""})
        self.values |= filter_values(JournalFilter())

    def entries(self) -> Sequence[Entry]:
        """Return the format, the filter, and the file."""
        return (
            Entry("format", "Format", 8, Kind.UPPER, "Name, F4 for list"),
            *FILTER_ENTRIES,
            _FILE,
            _REPLACE,
        )

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return the formats there are, and what a filter may be."""
        if name == "format":
            return [Choice(f.name.upper(), _described(f)) for f in desk.reports.formats()]
        if name == "replace":
            return [Choice("N", "refuse when the file is there"), Choice("Y", "replace it")]
        return filter_choices(name)

    def enter(self, session: Session) -> None:
        """Make the report: onto the screen, or into its file."""
        chosen = self._format(session.desk)
        replace = self.one_of("replace", "YN") == "Y"
        wanted, path = filter_of(self.values, ""), self.values["file"]
        if not path and not chosen.shown:
            text = f"A report in {chosen.name} cannot be displayed: name a file."
            raise FieldRefusedError(text, "file")
        try:
            if not path:
                made = session.desk.reports.make(wanted, chosen.name)
                session.push(ReportView(made, chosen, wanted))
                session.say("" if made.whole else _NOT_WHOLE)
                return
            with _file_refused():
                written = session.desk.reports.write(wanted, chosen.name, path, replace=replace)
        except FilterRefusedError as error:
            raise FieldRefusedError(str(error), error.field) from None
        except FileExistsRefusedError as error:
            raise FieldRefusedError(f"{error} Y replaces it.", "replace") from None
        session.redraw()
        session.say(f"Report saved in {written.path}", "" if written.whole else _NOT_WHOLE)

    def _format(self, desk: Desk) -> ReportFormat:
        typed = self.values.get("format", "").lower()
        for known in desk.reports.formats():
            if known.name == typed:
                return known
        names = " ".join(f.name.upper() for f in desk.reports.formats())
        raise FieldRefusedError(f"Format must be one of {names}.", "format")


@contextmanager
def _file_refused() -> Iterator[None]:
    """Have a file that cannot be written refused where it was named."""
    try:
        yield
    except (FileUnavailableError, SettingsError) as error:
        raise FieldRefusedError(str(error), "file") from None


def _described(known: ReportFormat) -> str:
    return known.text if known.shown else f"{known.text}; into a file"


class ReportView(Viewer):
    """A report on the screen."""

    name = "report"
    title = "Display Report"
    heads_row = 5

    def __init__(self, made: ReportLines, form: ReportFormat, wanted: JournalFilter) -> None:
        """Show a report that was made."""
        super().__init__()
        self._made = made
        self._form = form
        self._wanted = wanted

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[Line]:
        """Return lines of the report."""
        if backward:
            end = max(0, min(start, self._made.count))
            start, count = max(1, end - count + 1), min(count, end)
        found = self._made.lines(start, count)
        return [Line(number, text) for number, text in enumerate(found, start)]

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write what the report is."""
        whole = self._made.whole
        output_line(display, 2, "Format", self._form.name.upper())
        output_line(display, 3, "Lines", str(self._made.count))
        chain = "whole" if whole else "NOT WHOLE"
        output_line(display, 4, "Chain of the journal", chain, WHITE if whole else PINK)

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page."""
        super().draw(display, desk)
        continue_line(display)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of a viewer, with F9."""
        leave, *rest = super().function_keys()
        save = FunctionKey(Aid.F9, "Save", lambda session: session.push(SaveReport(self._made)))
        return (leave, save, *rest)


class SaveReport(EntryPanel):
    """F9: the report into a private file of its own."""

    name = "save"
    title = "Save Report"
    prompts = True

    def __init__(self, made: ReportLines) -> None:
        """Begin without a name."""
        super().__init__({"file": "", "replace": "N"})
        self._made = made

    def entries(self) -> Sequence[Entry]:
        """Return the file and whether it may be there already."""
        return (_FILE, _REPLACE)

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return whether a file may be replaced."""
        if name == "replace":
            return [Choice("N", "refuse when the file is there"), Choice("Y", "replace it")]
        return ()

    def enter(self, session: Session) -> None:
        """Save it."""
        replace = self.one_of("replace", "YN") == "Y"
        if not self.values["file"]:
            raise FieldRefusedError("Type the name of a file.", "file")
        try:
            with _file_refused():
                path = self._made.save(self.values["file"], replace=replace)
        except FileExistsRefusedError as error:
            raise FieldRefusedError(f"{error} Y replaces it.", "replace") from None
        session.leave(Result(done=True, messages=(f"Report saved in {path}",)))
