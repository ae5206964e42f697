"""Steps: made in order, checked, undone in reverse where one fails, and nothing said untrue."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epm.errors import RemoteError
from exitprograms.ibmi.answers import ActionFailedError, Failure
from exitprograms.ibmi.client import DryRun, Remembering
from exitprograms.ibmi.steps import Step, StepFailedError, run_steps


class World:
    """A system that is a set of words."""

    where = "there"

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.did: list[str] = []

    def step(self, word, *, breaks="", undo=True, temporary=False, partial=False, lies=False):
        def do(_):
            self.did.append(f"+{word}")
            if breaks == "before":
                raise RemoteError("there: refused")
            if not lies:
                self.words.add(word)
            if breaks == "after":
                raise RemoteError("there: no answer in time")
            if breaks == "key":
                raise KeyboardInterrupt

        def take_back(_):
            self.did.append(f"-{word}")
            if undo == "breaks":
                raise RemoteError("there: still gone")
            self.words.discard(word)

        return Step(
            f"make {word}", do, lambda _: word in self.words, take_back if undo else None,
            temporary=temporary, partial=partial,
        )  # fmt: skip


@pytest.fixture
def world():
    return World()


def run(world, *steps):
    said = []
    return run_steps(world, steps, said.append), said


def test_steps_are_made_in_order_and_said_before(world):
    made, said = run(world, world.step("a"), world.step("b"))
    assert world.did == ["+a", "+b"]
    assert made.done == said == ["make a", "make b"]


def test_a_step_that_holds_already_is_passed_over(world):
    world.words.add("a")
    made, said = run(world, world.step("a"), world.step("b"))
    assert (world.did, made.done, said) == (["+b"], ["make b"], ["make b"])


def test_a_failure_undoes_what_was_made_in_reverse_order_and_says_both(world):
    with pytest.raises(StepFailedError) as failed:
        run(world, world.step("a"), world.step("b"), world.step("c", breaks="before"))
    assert world.did == ["+a", "+b", "+c", "-b", "-a"]
    assert not world.words
    assert str(failed.value) == "there: make c: refused; undone: make b, make a"


def test_a_step_whose_answer_was_lost_is_undone_too(world):
    with pytest.raises(StepFailedError):
        run(world, world.step("a"), world.step("b", breaks="after"))
    assert not world.words


def test_what_was_there_before_is_never_undone(world):
    world.words.add("a")
    with pytest.raises(StepFailedError) as failed:
        run(world, world.step("a"), world.step("b", breaks="before"))
    assert world.words == {"a"}
    assert str(failed.value).endswith("; nothing was changed")


def test_what_cannot_be_undone_is_said(world):
    steps = world.step("a", undo="breaks"), world.step("b"), world.step("c", breaks="before")
    with pytest.raises(StepFailedError) as failed:
        run(world, *steps)
    assert "NOT undone: make a: there: still gone" in str(failed.value)
    assert failed.value.not_undone == ("make a: there: still gone",)
    assert world.words == {"a"}


def test_a_step_that_took_no_effect_fails(world):
    with pytest.raises(StepFailedError, match="make b: it did not take effect"):
        run(world, world.step("a"), world.step("b", lies=True))
    assert not world.words


def test_a_step_that_may_leave_a_part_is_undone_whatever_holds(world):
    with pytest.raises(StepFailedError):
        run(world, world.step("a", breaks="before", partial=True))
    assert world.did == ["+a", "-a"]


def test_temporary_things_go_at_the_end_and_a_leftover_of_an_earlier_run_with_them(world):
    world.words.add("old")
    made, _ = run(world, world.step("old", temporary=True), world.step("t", temporary=True),
                  world.step("a"))  # fmt: skip
    assert world.words == {"a"}
    assert world.did == ["+t", "+a", "-t", "-old"]
    assert made.done == ["make a"]


def test_a_temporary_thing_that_stays_is_a_leftover_and_no_failure(world):
    made, _ = run(world, world.step("t", temporary=True, undo="breaks"), world.step("a"))
    assert made.leftovers == ["make t: there: still gone"]
    assert world.words == {"t", "a"}


def test_an_ending_comes_after_success_only(world):
    ending = Step(
        "end",
        lambda _: world.did.append("+e"),
        lambda _: "+e" in world.did,
        lambda _: world.did.append("-e"),
        ending=lambda _: world.did.append("!e"),
    )
    run(world, ending, world.step("a"))
    assert world.did == ["+e", "+a", "!e"]
    world.did.clear()
    with pytest.raises(StepFailedError):
        run(world, ending, world.step("b", breaks="before"))
    assert world.did == ["+e", "+b", "-e"]


def test_an_interrupt_undoes_as_a_failure_does_and_stays_an_interrupt(world):
    said = []
    with pytest.raises(KeyboardInterrupt):
        run_steps(world, (world.step("a"), world.step("b", breaks="key")), said.append)
    assert not world.words
    assert said[-1] == "there: make b: interrupted; undone: make b, make a"


def test_answers_are_remembered_between_changes_and_never_over_one(world):
    asked = []

    class Asked:
        where = "there"

        def query(self, statement):
            asked.append(statement)
            return []

        def command(self, text):
            if text == "BREAKS":
                raise RemoteError("there: broke")

    remote = Remembering(Asked())
    for _ in range(3):
        remote.query("a")
    remote.command("X")
    remote.query("a")
    with pytest.raises(RemoteError):
        remote.command("BREAKS")
    remote.query("a")
    assert asked == ["a", "a", "a"]


def test_a_dry_run_checks_nothing_after_a_step_that_was_only_said(world):
    said = []
    dry = DryRun(world, said.append)
    step = Step("make a", lambda r: r.command("CRTLIB LIB(A)"), lambda _: False)
    assert run_steps(dry, (step,), lambda _: None).done == ["make a"]
    assert said == ["CL:  CRTLIB LIB(A)"]


def test_what_the_system_refused_is_not_undone_though_it_is_there(world):
    """Somebody else made it in the same moment: it is theirs."""
    ours = world.step("b")

    def refused(_):
        world.words.add("b")
        raise ActionFailedError("there: CRTLIB", Failure("CPF2111", "", "exists", "", "", ()))

    with pytest.raises(StepFailedError) as failed:
        run(world, world.step("a"), replace(ours, do=refused))
    assert world.words == {"b"}
    assert str(failed.value).endswith("; undone: make a")


def test_a_step_whose_check_was_refused_is_undone(world):
    step, asked = world.step("a"), []

    def holds(_):
        asked.append(1)
        if len(asked) == 2:
            raise ActionFailedError("there: SELECT", Failure("", "", "no", "-551", "42501", ()))
        return "a" in world.words

    with pytest.raises(StepFailedError):
        run(world, replace(step, holds=holds))
    assert not world.words
