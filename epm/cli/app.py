"""What every command gets: settings, and the adapters opened when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epm.cli.clock import utc_now
from epm.cli.files import read_text
from epm.cli.resolve import resolve
from epm.cli.settings import Settings
from epm.engine import Engine, host_names, warnings
from epm.errors import JournalError
from epm.evaluate import Mode
from epm.model import Groups, RuleSet

if TYPE_CHECKING:
    from db.snapshots import Snapshot
    from db.store import Store
    from epm.rulefile.load import RuleFile
    from journal.writer import Journal


@dataclass(slots=True)
class App:
    """Hands out the store and the journal; closes what it opened."""

    settings: Settings
    _stack: ExitStack = field(default_factory=ExitStack)
    _store: Store | None = None
    _journals: dict[str, Journal] = field(default_factory=dict)

    @property
    def system(self) -> str:
        """The system that this command is about."""
        return self.settings.system

    def store(self, *, create: bool = False) -> Store:
        """Return the rule store; the user's own is made on first use.

        Raises:
            StoreUnavailableError: it is missing, locked or unreachable.
        """
        from db.store import Store

        if self._store is None:
            made = create or self.settings.is_default_db
            self._store = Store.open(self.settings.db, create=made)
            self._stack.callback(self._store.close)
        return self._store

    def snapshot(self) -> Snapshot:
        """Return the system's published rules."""
        return self.store().load(self.system)

    def journal_folder(self, journal_name: str, system: str | None = None) -> Path:
        """Return the folder of a system's journal."""
        name = (system or self.system).replace("*", "_")
        return self.settings.journal_dir / name / journal_name

    def journal(self, system: str | None = None) -> Journal:
        """Return the journal that a system's configuration names, open for appending.

        Raises:
            JournalError: it cannot be opened.
        """
        owner = system or self.system
        if owner not in self._journals:
            name = self.store().part(owner, {}).ruleset.config.journal
            self._journals[owner] = self.open_journal(name, owner)
        return self._journals[owner]

    def open_journal(self, name: str, system: str | None = None) -> Journal:
        """Return a journal by name, open for appending; it is closed with the command."""
        from journal.writer import Journal, Sync

        folder = self.journal_folder(name, system)
        _make_private(folder.parent)
        journal = Journal.open(
            folder,
            journal_name=name,
            system=system or self.system,
            clock=utc_now,
            sync=Sync(self.settings.sync),
        )
        self._stack.callback(journal.close)
        return journal

    def ruleset(self, rules: str | None) -> tuple[RuleSet, int | None]:
        """Return the rules of a file, or the store's with their revision."""
        if rules is not None:
            return load_rule_file(rules).ruleset, None
        snapshot = self.snapshot()
        return snapshot.ruleset, snapshot.revision

    def engine(self, rules: str | None, mode: Mode) -> Engine:
        """Return an engine over a file's or the store's rules, host names resolved."""
        ruleset, revision = self.ruleset(rules)
        return Engine(ruleset, mode, revision=revision, resolved=resolve(host_names(ruleset)))

    def on_close(self, close: Callable[[], None]) -> None:
        """Have ``close`` called when the command ends, before what was opened earlier."""
        self._stack.callback(close)

    def close(self) -> None:
        """Close what was opened."""
        self._stack.close()


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, for the user alone.

    Raises:
        JournalError: it cannot be made.
    """
    try:
        for part in (*reversed(folder.parents), folder):
            if not part.exists():
                part.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise JournalError(f"journal folder {folder}: {error.strerror}") from None


def load_rule_file(path: str, groups: Groups | None = None) -> RuleFile:
    """Return the rule file at ``path``; ``-`` is standard input.

    Args:
        path: of the file.
        groups: those that its conditions may name beside its own.

    Raises:
        RuleFileError: the first thing wrong in it.
    """
    from epm.rulefile.load import load_rules

    return load_rules(read_text(path), path, groups)


def rule_warnings(ruleset: RuleSet) -> list[str]:
    """Return a line for each rule that is not enforced as it looks."""
    return list(warnings(ruleset, resolve(host_names(ruleset))))


def current() -> App:
    """Return the app of the command that runs."""
    app: Any = click.get_current_context().find_object(App)
    assert isinstance(app, App)
    return app
