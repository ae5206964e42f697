"""IBM i's own platform, run against interfaces laid out as IBM documents them.

What only a real IBM i can prove is left: whether the documents are right, handlers of exceptions,
adopted authority. What the code makes of the layouts is proved here, under sanitizers.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from epm.events import Job
from epm.model import Config, FailMode
from exitprograms.formats import block_of
from exitprograms.ile import building
from exitprograms.ile.abi import COUNTERS
from exitprograms.ile.captures import decode_capture
from exitprograms.ile.image import Target, compile_image
from exitprograms.ile.space import space_of
from journal.layouts.u_entries import decode_u
from tests.support.builders import call, default_rule, rule, rule_set
from tests.support.native import need_compiler

ALLOW, REJECT = "F0", "F1"
JOB = Job("SSHD", "QTCP", 123456, "MYLIB/MYSERVER", ("QPGMR", "OPS", "DEV"))
CALL = call(
    rmtaddr="10.1.2.3", rmtport=5, lcladdr="10.0.0.1", lclport=22, bndaddr="0.0.0.0", bndport=22
)
FLAGS = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined",
         "-fno-sanitize-recover=all", "-Dmain=exit_program")  # fmt: skip

Run = Callable[..., tuple[list[tuple[str, bytes]], dict[str, int]]]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EPMACCEPT as it is deployed, with the documented interfaces around it."""
    folder = tmp_path_factory.mktemp("ibmi")
    left_out = set(building.ENTRIES.values()) - {building.ENTRIES["accept"]}
    for name, text in building.deployed_sources().items():
        if name not in left_out:
            (folder / name).write_text(text, "utf-8")
    shutil.copy(Path(__file__).parent / "ibmi_apis.c", folder)
    modules = sorted(p.name for p in folder.glob("epm_*.c"))
    compiler = need_compiler()
    for command in (
        [compiler, *FLAGS, "-c", *modules],
        [compiler, *(f for f in FLAGS if "main" not in f), "-o", "program", "ibmi_apis.c",
         *(Path(m).with_suffix(".o").name for m in modules)],
    ):  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
    return folder / "program"


@pytest.fixture
def run(program: Path, tmp_path: Path) -> Run:
    """Call the program so often; what it asked of the system in order, and its counters."""

    def called(failing: str = "", *, times: int = 1, fail: FailMode = FailMode.CLOSED):
        ruleset = rule_set(
            rule(10, "USER EQ QTCP", "GRPPRF EQ DEV", "PGM LIKE MYLIB/*", "TIME GE 10:00",
                 authority="Y", audit="Y", message="Y", capture="Y"),
            default=default_rule("N"), config=Config(fail=fail),
        )  # fmt: skip
        (tmp_path / "space").write_bytes(space_of(compile_image(ruleset, target=Target(37))))
        (tmp_path / "block").write_bytes(block_of(CALL))
        command = [str(program), "space", "block", str(times), failing]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        *lines, last = done.stdout.decode().splitlines()
        said = [(what, bytes.fromhex(raw)) for what, raw in (line.split() for line in lines)]
        return said, dict(zip(COUNTERS, map(int, last.split()[1:]), strict=True))

    return called


def only(said: list[tuple[str, bytes]], what: str) -> bytes:
    (raw,) = [raw for name, raw in said if name == what]
    return raw


def indicators(said: list[tuple[str, bytes]]) -> list[str]:
    return [raw.hex().upper() for name, raw in said if name == "indicator"]


def test_the_job_is_read_from_the_documented_places(run: Run) -> None:
    said, _ = run()
    assert indicators(said) == [ALLOW]
    captured = decode_capture(only(said, "capture"))
    assert captured.job == JOB
    assert captured.call.at == datetime(2026, 11, 21, 10, 0, 0, 120_000)


def test_what_is_left_behind_names_its_objects(run: Run) -> None:
    said, _ = run()
    names = {what: only(said, what).decode("cp037").split() for what in ("journal", "queue")}
    assert names == {"journal": ["EPMJRN", "EPM"], "queue": ["EPMMSGQ", "EPM"]}
    assert only(said, "dataqueue").decode("cp037") == "EPMCAPTURE"
    assert only(said, "library").decode("cp037").split() == ["EPM"]
    assert only(said, "message").decode("cp037").endswith("job SSHD user QTCP by rule 10")
    fixed, full = decode_u("NA", only(said, "entry"))
    assert (fixed["rule"], full["job"]["program"]) == (10, JOB.program)


def test_the_program_is_found_where_the_system_shows_its_own_interface_too(run: Run) -> None:
    assert indicators(run("shown")[0]) == [ALLOW]


def test_entries_of_the_call_stack_that_name_no_program_are_passed_over(run: Run) -> None:
    said, _ = run("nameless")
    assert indicators(said) == [ALLOW]
    assert decode_capture(only(said, "capture")).job.program == JOB.program


def test_calls_are_counted_in_the_shared_space(run: Run) -> None:
    said, counted = run(times=7)
    assert indicators(said) == [ALLOW] * 7
    assert (counted["calls"], counted["allowed"], counted["rejected"]) == (7, 7, 0)


@pytest.mark.parametrize("failing", ["user", "groups", "job", "time"])
def test_a_job_that_cannot_be_asked_is_answered_by_the_fail_mode(run: Run, failing: str) -> None:
    said, counted = run(failing)
    assert indicators(said) == [REJECT]
    assert decode_u("NR", only(said, "entry"))[1]["error"] == "the job could not be asked who calls"
    assert counted["errors"] == 1
    assert indicators(run(failing, fail=FailMode.OPEN)[0]) == [ALLOW]


@pytest.mark.parametrize("failing", ["callers", "stack", "groupless"])
def test_a_program_or_group_that_the_job_does_not_show_is_missing(run: Run, failing: str) -> None:
    said, _ = run(failing)
    assert indicators(said) == [REJECT]
    assert decode_u("NR", only(said, "entry"))[1]["reason"] == "default"


@pytest.mark.parametrize("failing", ["rules", "journal"])
def test_without_rules_or_journal_calls_are_rejected(run: Run, failing: str) -> None:
    assert indicators(run(failing)[0]) == [REJECT]


@pytest.mark.parametrize("failing", ["!user", "!callers", "!rules", "!message"])
def test_an_exception_rejects_and_is_recorded_without_what_may_have_failed(
    run: Run, failing: str
) -> None:
    said, counted = run(failing, fail=FailMode.OPEN)
    assert indicators(said) == [REJECT]
    fixed, full = decode_u("NR", [raw for name, raw in said if name == "entry"][-1])
    assert (full["reason"], full["error"]) == ("error", "the exit program met a fault")
    assert fixed["remote_address"] == "10.1.2.3"
    assert full["job"]["user"] is None
    assert (counted["calls"], counted["errors"], counted["rejected"]) == (1, 1, 1)
    assert counted["journal_failed"] == 0


def test_an_exception_that_meets_its_recording_too_rejects(run: Run) -> None:
    said, counted = run("!journal", fail=FailMode.OPEN, times=2)
    assert indicators(said) == [REJECT, REJECT]
    assert (counted["calls"], counted["errors"]) == (2, 2)


def test_a_lost_message_or_counter_changes_nothing(run: Run) -> None:
    said, counted = run("message")
    assert indicators(said) == [ALLOW]
    assert counted["message_failed"] == 1
    said, counted = run("count")
    assert indicators(said) == [ALLOW]
    assert set(counted.values()) == {0}
