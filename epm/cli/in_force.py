"""What decides under ``epm run``: rules of a file or of the store, or an ARMR policy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm.cli.app import App, load_rule_file
from epm.cli.clock import utc_now
from epm.cli.files import read_text
from epm.cli.live import LiveRules, file_stamp
from epm.cli.output import warn
from epm.errors import EpmError, SettingsError
from epm.model import Config, FailMode, RuleSet

if TYPE_CHECKING:
    from epm.ports import Decider, DecisionSink


@dataclass(frozen=True, slots=True)
class InForce:
    """What decides, and what it needs around it.

    Attributes:
        current, fail: for the exit program.
        begin: first of what is started after the fork.
        follow: last of it: who looks for changes.
        journal: name of the journal to write to.
        has_store: whether the rules came from the store, so that it must be there.
        sinks: who else is told of decisions.
    """

    current: Callable[[], Decider]
    fail: Callable[[], FailMode]
    begin: Callable[[], None]
    follow: tuple[Callable[[], None], ...]
    close: Callable[[], None]
    journal: str
    has_store: bool = False
    sinks: tuple[DecisionSink, ...] = ()


def sequenced_rules(app: App, rules: str | None, *, log_only: bool) -> InForce:
    """Return the rules of a file, or of the store where none is named.

    Raises:
        RuleFileError: the file's rules are invalid.
        SettingsError: no server is activated in them, so that nothing would be decided.
        StoreUnavailableError: the store is missing, locked or unreachable.
    """
    if rules is not None:
        seen, stamp = None, file_stamp(rules)
        ruleset = load_rule_file(rules).ruleset
    else:
        seen = app.snapshot()
        ruleset = seen.ruleset
    _refuse_idle(ruleset, rules or f"the store's system {app.system}", log_only)
    live = LiveRules(ruleset, seen.revision if seen else None, warn)
    follow: list[Callable[[], None]] = []
    if rules is not None and rules != "-":
        follow.append(live.follow_file(rules, stamp))
    if seen is not None:
        watcher = live.follow_store(app.store(), seen)
        app.on_close(watcher.close)
        follow.append(watcher.start)
    return InForce(
        live.current,
        live.fail_mode,
        live.begin,
        (*follow, live.follow_names),
        live.close,
        _journal_name(app, ruleset),
        has_store=seen is not None,
    )


def armr_rules(app: App, file: str, log_file: str | None) -> InForce:
    """Return the policy of an ARMR file; its events go to ``log_file``, where one is named.

    Raises:
        ArmrError: the policy is invalid; what is wrong has been told.
        FileUnavailableError: it cannot be read, or the log cannot be written.
    """
    from epm.armr.findings import ArmrError
    from epm.cli.armr import tell_errors
    from epm.cli.armr_live import ArmrLog, ArmrRules

    stamp = file_stamp(file)
    text = read_text(file)
    log = ArmrLog(log_file, utc_now)
    app.on_close(log.close)
    try:
        live = ArmrRules(text, file, log, warn)
    except ArmrError as error:
        tell_errors(error, file)
        raise
    follow = () if file == "-" else (live.follow_file(file, stamp),)
    return InForce(
        live.current,
        live.fail_mode,
        live.begin,
        (*follow, live.follow_names),
        live.close,
        _journal_name(app, RuleSet()),
        sinks=(log,),
    )


def _refuse_idle(ruleset: RuleSet, where: str, log_only: bool) -> None:
    if not log_only and not any(s.activated for s in ruleset.servers.values()):
        raise SettingsError(
            f"no server is activated in {where}: nothing would be decided "
            "(epm activate, or --log-only)"
        )


def _journal_name(app: App, ruleset: RuleSet) -> str:
    """Return the journal to write to: a rule file that names none leaves it to the store."""
    named = ruleset.config.journal
    if named == Config().journal:
        with suppress(EpmError):
            return app.snapshot().ruleset.config.journal
    return named
