"""Building and calling the programs: private, by whatever compiler is here, as CRTPGM would."""

from __future__ import annotations

import stat
import threading
from datetime import datetime
from pathlib import Path

import pytest

from epm.errors import FileUnavailableError, FormatError, UnsupportedError
from epm.events import Job
from exitprograms.formats import FORMATS, block_of
from exitprograms.ile import building
from exitprograms.ile.captures import decode_capture
from exitprograms.ile.compiled import CompiledProgram, JobView, build_program
from exitprograms.ile.image import Target, compile_image
from exitprograms.ile.native import Effect, EffectKind, is_available
from exitprograms.ile.space import space_of
from journal.layouts.u_entries import decode_u
from tests.support.builders import call, default_rule, rule, rule_set

AT = datetime(2026, 11, 21, 10)
JOB = Job("SSHD", "QTCP", 1, "QSYS/SSHD", ("QPGMR",))
CALL = call(
    rmtaddr="10.1.2.3", rmtport=5, lcladdr="10.0.0.1", lclport=22, bndaddr="0.0.0.0", bndport=22
)
SPACE = space_of(
    compile_image(
        rule_set(
            rule(10, "USER EQ QTCP", authority="Y", capture="Y", audit="Y"),
            default=default_rule("N"),
        ),
        target=Target(37),
    )
)
ALLOW, REJECT = b"\xf0", b"\xf1"
#: Sources that compile at once, where it is not about what they do.
LITTLE = {building.HOST_PLATFORM: "int answer(void) { return 1; }\n"}


@pytest.fixture(scope="module")
def accept(cache: Path) -> CompiledProgram:
    return build_program(building.deployed_sources(), "accept")


def answer(program: CompiledProgram, job: Job = JOB, space: bytes | None = SPACE, recorder=None):
    indicator = bytearray(b"\x40")
    counted = program.call(block_of(CALL), indicator, JobView(job, AT, space), recorder)
    return bytes(indicator), counted


def test_a_compiled_program_answers_in_ebcdic(accept: CompiledProgram) -> None:
    assert answer(accept)[0] == ALLOW
    assert answer(accept, Job("X", "OTHER", 2, None, None))[0] == REJECT


def test_a_compiled_program_records_through_the_system(accept: CompiledProgram) -> None:
    taken: list[Effect] = []
    _, counted = answer(accept, recorder=taken.append)
    assert [e.kind for e in taken] == [EffectKind.JOURNAL, EffectKind.CAPTURE]
    assert taken[0].type.decode("cp037") == "NA"
    assert decode_capture(taken[1].data).job == JOB
    assert (counted["calls"], counted["allowed"]) == (1, 1)


def test_a_program_called_with_too_little_reads_nothing_that_is_not_its_own(
    accept: CompiledProgram,
) -> None:
    taken: list[Effect] = []
    for block in (b"", block_of(CALL)[:60]):
        indicator = bytearray(b"\x40")
        accept.call(block, indicator, JobView(JOB, AT, SPACE), taken.append)
        assert bytes(indicator) == REJECT
    errors = [decode_u("NR", effect.data)[1]["error"] for effect in taken]
    assert errors == [f"ACPT0100 malformed block at offset {n}" for n in (0, 64)]


def test_parameters_that_are_not_there_reject(accept: CompiledProgram) -> None:
    indicator = bytearray(b"\x40")
    accept.call(None, indicator, JobView(JOB, AT, SPACE))
    assert bytes(indicator) == REJECT
    for missing in (None, bytearray()):
        assert accept.call(block_of(CALL), missing, JobView(JOB, AT, SPACE))["calls"] == 0
        assert not missing


def test_a_space_that_may_change_is_read_where_it_lies(accept: CompiledProgram) -> None:
    space = bytearray(SPACE)
    view = JobView(JOB, AT, space)
    indicator = bytearray(1)
    accept.call(block_of(CALL), indicator, view)
    space[:] = bytes(len(space))
    second = bytearray(1)
    accept.call(block_of(CALL), second, view)
    assert (bytes(indicator), bytes(second)) == (ALLOW, REJECT)


@pytest.mark.parametrize("space", [None, b"", bytes(5000)])
def test_a_compiled_program_without_rules_rejects(accept: CompiledProgram, space) -> None:
    assert answer(accept, space=space)[0] == REJECT


def test_a_system_that_cannot_record_rejects(accept: CompiledProgram) -> None:
    def full(effect: Effect) -> None:
        raise OSError("full")

    assert answer(accept, recorder=full)[0] == REJECT


@pytest.mark.parametrize("entry", ["connect", "listen"])
def test_the_other_entries_read_their_own_format(entry: str, cache: Path) -> None:
    program = build_program(building.deployed_sources(), entry)
    size = {"connect": 64, "listen": 36}[entry]
    assert size in {form.size for form in FORMATS.values()}
    indicator = bytearray(1)
    counted = program.call(bytes(size), indicator, JobView(JOB, AT, SPACE))
    assert bytes(indicator) == REJECT  # all zero is no address
    assert counted["errors"] == 1


def test_threads_answer_for_their_own_jobs(accept: CompiledProgram) -> None:
    wrong: list[str] = []

    def work(user: str, wanted: bytes) -> None:
        got = {answer(accept, Job("J", user, 1, None, ()))[0] for _ in range(300)}
        wrong.extend(user for one in got if one != wanted)

    threads = [
        threading.Thread(target=work, args=a) for a in (("QTCP", ALLOW), ("EVE", REJECT)) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert wrong == []


# ------------------------------------------------------------------------------------ building


def test_what_is_built_is_private_and_built_once(cache: Path) -> None:
    first = building.build(building.sources())
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    made = first.stat().st_mtime_ns
    assert building.build(building.sources()).stat().st_mtime_ns == made


def test_a_library_that_others_could_write_is_built_anew(tmp_path: Path) -> None:
    # In a folder of its own: a library that is loaded must not be written over.
    built = building.build(LITTLE, folder=tmp_path)
    sound = built.read_bytes()
    built.write_bytes(b"planted")
    built.chmod(0o777)
    again = building.build(LITTLE, folder=tmp_path)
    assert (again, again.read_bytes()) == (built, sound)


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "epm" / "native").mkdir(parents=True, mode=0o755)
    with pytest.raises(FileUnavailableError, match="only this user"):
        building.cache_folder()


def test_without_a_compiler_there_is_one_clear_reason(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnsupportedError, match="no C compiler here"):
        building.find_compiler()


def test_sources_that_do_not_compile_are_refused_in_one_line(tmp_path: Path) -> None:
    texts = {**LITTLE, "epm_call.c": "int broken(void) { return }"}
    with pytest.raises(UnsupportedError, match=r"epm_call\.c:1") as caught:
        building.build(texts, folder=tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil.c", "/etc/x.c", "..", "a/b.c", "x.sh"])
def test_a_source_cannot_be_written_elsewhere(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="not the name of a C source"):
        building.build({**LITTLE, name: ""}, folder=tmp_path)


def test_an_entry_that_is_none_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="'bind' is none of accept"):
        build_program(building.sources(), "bind")


def test_a_compiler_is_at_hand_here() -> None:
    assert is_available()


# ------------------------------------------------------------------------------------- mutants

MUTANTS = {
    "first box": ("epm_bits.c", "0x80u >> bit", "0x01u << bit"),
    "and": ("epm_bits.c", "alive->bits[i][w] & other[w]", "alive->bits[i][w] | other[w]"),
    "interval": ("epm_decide.c", "<= value) {", "< value) {"),
    "missing": ("epm_decide.c", "return one->bytes == 0 ? 0 : one;", "return one;"),
    "negated": ("epm_trial.c", "met != (test[EPM_Q_NEGATED] != 0)", "met"),
    "fold": ("epm_trial.c", "if (!fold ||", "if (fold ||"),
    "prefix": ("epm_names.c", "if (length > key->length) {", "if (length >= key->length) {"),
    "denied": ("epm_names.c", "EPM_N_DENIED_ROW), 1,", "EPM_N_DENIED_ROW), 0,"),
    "backlog": ("epm_decide.c", "^ 0x80000000u", "^ 0u"),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", MUTANTS)
def test_a_changed_evaluator_is_caught(name: str, tmp_path: Path) -> None:
    from hypothesis import HealthCheck, Phase, find, settings

    from epm.engine import Engine
    from epm.evaluate import Mode
    from exitprograms.ile.abi import NativeLibrary
    from exitprograms.ile.evaluator import NativeEngine
    from tests.support.strategies import Scene, scenes

    file, right, wrong = MUTANTS[name]
    texts = building.sources()
    assert texts[file].count(right) >= 1
    texts[file] = texts[file].replace(right, wrong, 1)
    flags = [f for f in building.FLAGS if f != "-Werror"]
    library = NativeLibrary(building.build(texts, folder=tmp_path, flags=flags))

    def differs(scene: Scene) -> bool:
        python = Engine(scene.ruleset, Mode.TEST, resolved=scene.resolved)
        native = NativeEngine(
            scene.ruleset, Mode.TEST, resolved=scene.resolved, library=library, ccsid=37
        )
        for one in scene.calls:
            try:
                if native.decide(one) != python.decide(one):
                    return True
            except FormatError:
                return True
        return False

    hunt = settings(
        max_examples=3000, phases=[Phase.generate], deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    only = ("USER", "JOB", "GRPPRF") if file in ("epm_names.c", "epm_trial.c") else ()
    assert find(scenes(only=only), differs, settings=hunt)
