"""A change of rules from the command line: edit, guard, save, journal."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from epm.cases import Case
from epm.cli.app import App, rule_warnings
from epm.cli.clock import local_now, to_local
from epm.cli.output import talk, warn
from epm.cli.resolve import resolve
from epm.engine import host_names
from epm.errors import EditConflictError, GuardRefusalError, JournalError
from epm.events import Job
from epm.guard import objections
from epm.model import RuleSet, Server
from epm.soundness import check_ruleset

if TYPE_CHECKING:
    from db.history import Actor, Change
    from db.snapshots import Snapshot
    from journal.sink import JournalSink


def actor() -> Actor:
    """Return who makes the change: login name and host."""
    from db.history import Actor

    return Actor(login_name(), socket.gethostname())


def login_name() -> str:
    """Return the user's name by the real user id: an environment variable proves nothing."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def change(
    app: App,
    edit: Callable[[RuleSet], RuleSet],
    *,
    action: str,
    subject: str,
    reason: str | None = None,
    force: bool = False,
    tests: Sequence[Case] | None = None,
    added_tests: Sequence[Case] = (),
    whole: bool = False,
    touched: Mapping[Server, Collection[int]] | None = None,
) -> int:
    """Apply ``edit`` to the store's rules and return the revision that it made.

    Args:
        app: the command's app.
        edit: from the rules as they are to the rules as they shall be.
        action: what is done, for the history, such as ``add``.
        subject: to what, such as ``QSOACCEPT rule 10``.
        reason: why, or ``None``.
        force: save although the lock-out guard objects.
        tests: the rule tests that go with it; ``None`` keeps those there are.
        added_tests: further ones, beside those; the rules are read whole for them.
        whole: ``edit`` replaces the rule set whole, whatever is there: never made again.
        touched: the rules that ``edit`` looks at, by sequence; the others need not be read,
            unless rule tests are kept that all rules together must pass.

    Raises:
        RuleError: the edit is not sound.
        EditConflictError: someone else changed the same objects in between.
        GuardRefusalError: the guard objects and ``force`` is not given.
    """
    while True:
        reach = None if whole or added_tests or tests is not None else touched
        before, complete = _read(app, reach)
        after = edit(before.ruleset)
        kept = with_tests(cases_of(before) if tests is None else tests, added_tests)
        pass_guard(after, kept, force=force)
        try:
            write = _save if complete else _apply
            revision = write(app, before, after, kept, (action, subject, reason))
            break
        except EditConflictError:
            # Somebody was faster. If they changed other objects, ours is made again on theirs.
            if whole or not _apart(before, after, _read(app, None if complete else touched)[0]):
                raise
    publish_changes(app)
    for line in sorted(set(rule_warnings(after)) - set(rule_warnings(before.ruleset))):
        warn(line)
    return revision


#: What is done, to what, and why: for the history.
Said = tuple[str, str, str | None]


def _read(app: App, touched: Mapping[Server, Collection[int]] | None) -> tuple[Snapshot, bool]:
    """Return what an edit looks at, and whether that is the whole rule set.

    It need not be when no rule test is kept: only those ask for all rules together.
    """
    if touched is not None:
        part = app.store().part(app.system, touched)
        if not part.tests:
            return part, False
    return app.store().load(app.system), True


def _save(app: App, before: Snapshot, after: RuleSet, kept: Sequence[Case], said: Said) -> int:
    from epm.rulefile.dump import dump_tests

    action, subject, reason = said
    return app.store().save(
        app.system,
        after,
        dump_tests(kept),
        seen=before.revision,
        who=actor(),
        action=action,
        object=subject,
        reason=reason,
    )


def _apply(app: App, before: Snapshot, after: RuleSet, _: Sequence[Case], said: Said) -> int:
    from db.snapshots import edits_between

    action, subject, reason = said
    return app.store().apply(
        app.system,
        edits_between(before.ruleset, after),
        seen=before.revision,
        who=actor(),
        action=action,
        object=subject,
        reason=reason,
    )


def cases_of(snapshot: Snapshot) -> tuple[Case, ...]:
    """Return the rule tests that the store keeps with the rules."""
    from epm.rulefile.cases import load_cases

    return load_cases(snapshot.tests, "rule tests of the store") if snapshot.tests else ()


def with_tests(kept: Sequence[Case], added: Sequence[Case]) -> tuple[Case, ...]:
    """Return the rule tests with further ones; one that is there already is not doubled."""
    return (*kept, *(case for case in added if case not in kept))


def pass_guard(after: RuleSet, tests: Sequence[Case], *, force: bool) -> None:
    """Check a rule set and let the lock-out guard look at it.

    Raises:
        RuleError: it is not sound.
        GuardRefusalError: the guard objects, and ``force`` is not given.
    """
    check_ruleset(after)
    lines = objections(
        after, tests, now=local_now(), localize=to_local, resolved=resolve(host_names(after))
    )
    for line in lines:
        talk(f"epm: lock-out guard: {line}")
    if lines and not force:
        raise GuardRefusalError("the lock-out guard refused the change; --force overrides")


def guard_going_live(snapshot: Snapshot, *, force: bool) -> None:
    """Let the lock-out guard look at stored rules before a machine is told to decide by them.

    Raises:
        RuleError: they are not sound.
        GuardRefusalError: the guard objects, and ``force`` is not given.
    """
    pass_guard(snapshot.ruleset, cases_of(snapshot), force=force)


def _apart(before: Snapshot, ours: RuleSet, theirs: Snapshot) -> bool:
    """Whether two changes of the same rules, or part of them, touch no object in common."""
    from db.values import differences

    mine = {delta.key for delta in differences(before.ruleset, ours, "", "")}
    others = {delta.key for delta in differences(before.ruleset, theirs.ruleset, "", "")}
    return theirs.revision > before.revision and not mine & others


def publish_changes(app: App) -> None:
    """Write the changes that the journal does not have yet as its U/NC entries.

    The store is where a change is kept; what could not be journaled now is by the next
    command. An entry carries the change's number, so that one written twice shows.
    """
    from journal.sink import JournalSink

    store = app.store()
    while pending := store.unjournaled():
        try:
            for item in pending:
                _publish(JournalSink(app.journal(item.system)), item)
        except JournalError as error:
            warn(f"the change is saved, but not journaled yet: {error}")
            return
        store.mark_journaled(pending)


def _publish(sink: JournalSink, item: Change) -> None:
    made = item.revision
    sink.changed(
        who=made.who.user,
        what=made.action,
        subject=str(item.key),
        before=item.before,
        after=item.after,
        job=Job("EPM", made.who.user, os.getpid()),
        number=item.number,
        revision=made.number,
    )


def done(text: str, revision: int) -> None:
    """Say what was done, and the revision that holds it."""
    talk(f"{text} (revision {revision})")
