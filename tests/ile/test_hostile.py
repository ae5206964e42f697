"""A hostile image or block never makes a fault, and never an allowed call: under sanitizers."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from epm.events import Job
from exitprograms.formats import block_of
from exitprograms.ile import building
from exitprograms.ile.image import Target, compile_image
from exitprograms.ile.layout import DIMENSION, HEADER, SERVER, TEST, TEST_SET
from exitprograms.ile.native import NativeProgram, Status
from exitprograms.ile.seal import sealed
from exitprograms.ile.space import space_of
from tests.support.builders import call, default_rule, groups, rule, rule_set
from tests.support.native import EBCDIC, UTF8

JOB, AT = Job("SSHD", "QTCP", 1, "/bin/x", ()), datetime(2026, 11, 21, 10)
COMMON = ("-std=gnu99", "-O1", "-Wall", "-Wextra", "-Werror")
#: clang's runtime is often not installed: its checks trap instead, which ends the driver too.
SANITIZERS = {
    "gcc": ("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "clang": ("-fsanitize=undefined", "-fsanitize-trap=all"),
}
GROUPS = groups(
    addresses={"A": (["10.0.0.0/8", "2001:db8::/32"], ["10.9.0.0/16"])},
    names={"N": ["ABC*", "B", "CAGE"]},
    ports={"P": ["1-9", "700"]},
)


def image(ccsid: int) -> bytes:
    """An image in which every kind of record is met."""
    rules = [
        rule(10, "RMTADDR GRP A", "LCLPORT GRP P", "USER GRP N", capture="Y", message="Y"),
        rule(20, "USER LIKE A*B?", "USER NE ABBA", "OR JOB LIKE *C", name="Two"),
        rule(30, "GRPPRF NLIST A,B,C", "GRPPRF LIKE ?A*", "PGM LIKE *A*B*", authority="Y"),
        rule(40, "BNDADDR NE 0.0.0.0", "BNDPORT RANGE 1-99", "TIME RANGE 22:00-06:00"),
        rule(50, "LCLADDR EQ 2001:db8::/64", "DAY LIST MON,SUN", "RMTPORT GT 5", audit="Y"),
        *(rule(100 + n, f"USER EQ A{n:02}", f"RMTPORT EQ {n * 7}") for n in range(40)),
    ]
    ruleset = rule_set(*rules, groups=GROUPS)
    return compile_image(ruleset, revision=3, target=Target(ccsid))


@pytest.fixture(scope="module", params=list(SANITIZERS))
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which(request.param)
    if compiler is None:
        pytest.skip(f"no {request.param} here")
    folder = tmp_path_factory.mktemp("driver")
    left_out = {*building.IBMI_SOURCES, "epm_entry.c", *building.ENTRIES.values()}
    for name, text in building.sources().items():
        if name not in left_out:
            (folder / name).write_text(text, "utf-8")
    shutil.copy(Path(__file__).parent / "hostile.c", folder)
    modules = sorted(path.name for path in folder.glob("*.c"))
    command = [compiler, *COMMON, *SANITIZERS[request.param], "-o", "hostile", *modules]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return folder / "hostile"


def throw(driver: Path, ccsid: int, seed: int, count: int, *more: str) -> list[int]:
    """Run the driver; return how often each status was met."""
    given = driver.parent / f"image-{ccsid}"
    given.write_bytes(image(ccsid))
    command = [str(driver), str(given), str(seed), str(count), *more]
    done = subprocess.run(command, capture_output=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    return [int(word) for word in done.stdout.split()]


@pytest.mark.parametrize("ccsid", [EBCDIC, UTF8])
def test_a_sealed_hostile_image_is_refused_without_a_fault(driver: Path, ccsid: int) -> None:
    ok, damaged, limit, malformed, no_rules, no_facts = throw(driver, ccsid, 7, 1_500)
    assert damaged == 0  # the only slot is refused, so no rules are left
    assert min(ok, no_rules, malformed, no_facts) > 50
    assert limit > 0 or ccsid == UTF8


def test_an_image_whose_checksums_are_wrong_decides_nothing(driver: Path) -> None:
    ok, _, _, _, no_rules, _ = throw(driver, EBCDIC, 11, 500, "unsealed")
    assert no_rules > ok  # those that were changed not at all still decide


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(4))
def test_many_more_hostile_images_make_no_fault(driver: Path, seed: int) -> None:
    assert sum(throw(driver, (EBCDIC, UTF8)[seed % 2], 1000 + seed, 25_000)) == 100_000


@pytest.mark.heavy
def test_an_image_whose_sections_repeat_each_other_is_given_up_in_time() -> None:
    # A quarter of a million sets of as many tests, each of which holds: years, if all were tried.
    many = 250_000
    sound = compile_image(rule_set(rule(10, "USER LIKE A*B"), default=default_rule("N")))
    header = HEADER.unpack_from(sound)
    body = bytearray(sound[HEADER.size :])
    server = SERVER.unpack_from(body, header[13] + 2 * SERVER.size - HEADER.size)
    at = server[3] - HEADER.size
    dimension = list(DIMENSION.unpack_from(body, at))
    body += bytes(-len(body) % 4)
    tests_at = HEADER.size + len(body)
    body += TEST.pack(True, 0, 0) * many
    dimension[-2:] = many, HEADER.size + len(body)
    body += TEST_SET.pack(0, tests_at, many) * many
    body[at : at + DIMENSION.size] = DIMENSION.pack(*dimension)
    program = NativeProgram(space_of(sealed(bytes(body), 1, None, header[11:])))
    one = call(
        rmtaddr="10.1.2.3", rmtport=5, lcladdr="10.0.0.1", lclport=22, bndaddr="::", bndport=22
    )
    answer = program.answer("ACPT0100", block_of(one), JOB, AT)
    assert (answer.indicator, answer.status) == ("1", Status.LIMIT)
