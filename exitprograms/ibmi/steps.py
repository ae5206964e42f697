"""Changes of a system, one after the other: each is checked, and a failure undoes those before.

INVARIANT: after a failure the system is as it was before the first step, or the error says what
could not be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from epm.errors import RemoteError
from exitprograms.ibmi.answers import ActionFailedError
from exitprograms.ibmi.client import DryRun, Remembering, Remote

Action = Callable[[Remote], None]
Check = Callable[[Remote], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One change.

    Attributes:
        what: in words, such as ``create library EPM``.
        do: makes the change.
        holds: asks the system whether it is as the change makes it.
        undo: makes it unmade; ``None`` where undoing another step undoes it as well.
        temporary: it is undone after success, too.
        ending: what is done about it after success, when nothing can be undone any more.
        partial: a failure inside it may leave a part: it is undone then, whatever holds.
    """

    what: str
    do: Action
    holds: Check
    undo: Action | None = None
    temporary: bool = False
    partial: bool = False
    ending: Action | None = None


class StepFailedError(RemoteError):
    """A step failed, and those before it were undone, or not.

    Attributes:
        step: what failed.
        not_undone: what could not be undone; empty where all is as it was.
    """

    def __init__(self, message: str, step: str, not_undone: tuple[str, ...]) -> None:
        """Take the line, the step, and what is left over."""
        super().__init__(message)
        self.step = step
        self.not_undone = not_undone


@dataclass(slots=True)
class Run:
    """What a run did.

    Attributes:
        done: steps that were made, in order, without the temporary ones.
        leftovers: temporary things that could not be removed: lines for a warning.
    """

    done: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)


def cl(*commands: str) -> Action:
    """Return the action that runs CL commands in order."""

    def run(remote: Remote) -> None:
        for command in commands:
            remote.command(command)

    return run


def run_steps(remote: Remote, steps: Sequence[Step], say: Callable[[str], None]) -> Run:
    """Make the steps in order; a failure undoes, in reverse order, what was made.

    Args:
        remote: the system; with :class:`DryRun` every change is only said.
        steps: one that holds already is passed over.
        say: told of each step before it is made.

    Raises:
        StepFailedError: a step failed; the text says what was undone.
    """
    run, made = Run(), []
    dry = isinstance(remote, DryRun)
    remote = remote if dry else Remembering(remote)
    for step in steps:
        try:
            if step.holds(remote):
                # What an interrupted run left of its temporary things goes with this one's.
                made += [step] if step.temporary else []
                continue
            say(step.what)
            made.append(step)
            _do(remote, step, made)
            if not dry and not step.holds(remote):
                raise RemoteError(f"{remote.where}: {step.what}: it did not take effect")
        except KeyboardInterrupt:
            say(str(_failed(remote, step, "interrupted", _undone(remote, made, step))))
            raise
        except RemoteError as error:
            raise _failed(remote, step, str(error), _undone(remote, made, step)) from error
        if not step.temporary:
            run.done.append(step.what)
    for step in reversed(made):
        problem = _ended(remote, step)
        run.leftovers += [problem] if problem else []
    return run


def _do(remote: Remote, step: Step, made: list[Step]) -> None:
    """Make a step; one that the system refused was not made, whoever else may have made it."""
    try:
        step.do(remote)
    except ActionFailedError:
        if not step.partial:
            made.pop()
        raise


def _ended(remote: Remote, step: Step) -> str:
    """Do what is left to do about a step after success; return why it could not be, or nothing."""
    if step.temporary and step.undo is not None:
        return _undo(remote, step)
    try:
        if step.ending is not None:
            step.ending(remote)
    except RemoteError as error:
        return f"{step.what}: {error}"
    return ""


def _undone(remote: Remote, made: Sequence[Step], failed: Step) -> tuple[list[str], list[str]]:
    """Undo in reverse order; return (what was undone, what was not).

    The step that failed is among those made unless it is known to have left nothing.
    """
    undone, left = [], []
    for step in reversed(made):
        if step.undo is None:
            continue
        if step is failed and not step.partial and not _may_hold(remote, step):
            continue
        problem = _undo(remote, step)
        if problem:
            left.append(problem)
        else:
            undone.append(step.what)
    return undone, left


def _may_hold(remote: Remote, step: Step) -> bool:
    """Whether a failed step may have happened all the same: its answer was lost, for example."""
    try:
        return step.holds(remote)
    except RemoteError:
        return True


def _undo(remote: Remote, step: Step) -> str:
    """Undo a step; return why it could not be, or nothing."""
    assert step.undo is not None
    try:
        step.undo(remote)
        if not isinstance(remote, DryRun) and step.holds(remote):
            return f"{step.what}: undoing it did not take effect"
    except RemoteError as error:
        return f"{step.what}: {error}"
    return ""


def _failed(
    remote: Remote, step: Step, why: str, ended: tuple[list[str], list[str]]
) -> StepFailedError:
    undone, left = ended
    why = why.removeprefix(f"{remote.where}: ")
    text = f"{remote.where}: {step.what}: {why}"
    if undone:
        text += f"; undone: {', '.join(undone)}"
    if left:
        text += f"; NOT undone: {'; '.join(left)}"
    elif not undone:
        text += "; nothing was changed"
    return StepFailedError(text, step.what, tuple(left))
