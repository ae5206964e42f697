"""F4 on a command: its keywords, one a line, with what each may be on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tui.commands import Command, CommandError, Definition, Keyword, format_command
from tui.display import Kind
from tui.keys import Aid
from tui.kit.entry import Entry, EntryPanel
from tui.kit.values import Choice
from tui.outcomes import FieldRefusedError, Result
from tui.services import Desk
from tui.session import EXIT, FunctionKey, Session

#: Left as it was typed behind ``===>``.
BACK = Result(done=False, keep=True)
Run = Callable[[Session, Command], tuple[str, ...] | None]


class CommandPrompt(EntryPanel):
    """The keywords of a command; which there are may depend on the server."""

    prompts = True

    def __init__(self, definition: Definition, given: Mapping[str, str], run: Run) -> None:
        """Prompt for what is missing.

        Args:
            definition: of the command.
            given: keywords that were typed.
            run: runs the command: what to say when it is done, or ``None`` when it has opened
                a panel.
        """
        self.definition = definition
        self.name = definition.name.lower()
        self.title = f"{definition.text} ({definition.name})"
        self._given = dict(given)
        self._run = run
        self._names = False
        self._line: str | None = None
        super().__init__(self._begun())
        self._shown = self._keywords()

    def _begun(self) -> dict[str, str]:
        values = {k.name.lower(): k.default for k in self.definition.keywords}
        return values | {name.lower(): value for name, value in self._given.items()}

    def _typed(self) -> dict[str, str]:
        typed = {k.name: self.values.get(k.name.lower(), "") for k in self.definition.keywords}
        return {name: value for name, value in typed.items() if value}

    def _keywords(self) -> list[Keyword]:
        return self.definition.applicable(self._typed())

    def entries(self) -> Sequence[Entry]:
        """Return a field for each keyword that counts."""
        return [
            Entry(
                keyword.name.lower(),
                keyword.name if self._names else keyword.prompt,
                keyword.length,
                Kind.UPPER,
                keyword.shown_hint(),
            )
            for keyword in self._shown
        ]

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return the values of a keyword."""
        keyword = self.definition.keyword(name.upper())
        return [Choice(*value) for value in keyword.values] if keyword else ()

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of a prompt panel."""
        _, prompt, *_ = super().function_keys()
        return (
            EXIT,
            prompt,
            FunctionKey(Aid.F5, "Refresh", self._refresh),
            FunctionKey(Aid.F11, "Prompts" if self._names else "Keywords", self._turn),
            FunctionKey(Aid.F12, "Cancel", lambda session: session.leave(BACK)),
        )

    def _refresh(self, session: Session) -> None:
        self.values = self._begun()
        self._shown = self._keywords()
        session.redraw()

    def _turn(self, session: Session) -> None:
        self._names = not self._names
        session.redraw()

    def enter(self, session: Session) -> None:
        """Show the keywords that another server has, or run the command."""
        server = self.definition.keyword("SERVER")
        value = self.values.get("server", "")
        try:
            if server is not None and value:
                server.refuse(value)
            shown = self._keywords()
            if shown != self._shown:
                self._shown = shown
                session.redraw()
                session.say(f"Parameters for {value} shown; press Enter to run the command.")
                return
            given = {k.name: v for k in shown if (v := self.values.get(k.name.lower(), ""))}
            command = self.definition.complete(given)
            self._line = format_command(self.definition, given)
            said = self._run(session, command)
        except CommandError as error:
            raise FieldRefusedError(str(error), error.keyword.lower()) from None
        if said is not None:
            session.leave(Result(done=True, messages=said, value=self._line))

    def resumed(self, session: Session, result: Result) -> None:
        """Take a value that F4 chose, or go on when the command's own panel was left."""
        if self._line is None:
            super().resumed(session, result)
            return
        session.leave(Result(done=True, messages=result.messages, value=self._line))
