"""Two slots and a sequence: a reader meets the old version or the new one, never half of one."""

from __future__ import annotations

import random
import threading
import time
from ctypes import addressof, memmove
from datetime import datetime

import pytest

from epm.errors import FormatError
from epm.events import Job
from epm.model import RuleSet
from exitprograms.formats import block_of
from exitprograms.ile.image import compile_image
from exitprograms.ile.layout import (
    CONTROL_ROOM,
    HEADER,
    MAX_BOXES,
    MAX_IMAGE,
    MAX_SPACE,
    SERVER,
)
from exitprograms.ile.native import EffectKind, NativeProgram, Status, effects_of
from exitprograms.ile.seal import sealed
from exitprograms.ile.space import (
    Write,
    empty_space,
    images_of,
    in_force,
    publication,
    space_of,
    written,
)
from journal.layouts.u_entries import decode_u
from tests.support.builders import call, default_rule, rule, rule_set

AT = datetime(2026, 11, 21, 10)
JOB = Job("SSHD", "QTCP", 1, "/usr/sbin/sshd", ())
SLOW_JOB = Job("SSHD", "QTCP", 1, "b" + "a" * 8000, ())
CALL = call(
    rmtaddr="10.1.2.3", rmtport=5, lcladdr="10.0.0.1", lclport=22, bndaddr="0.0.0.0", bndport=22
)
CAPACITY = 16_384


def rules(sequence: int) -> RuleSet:
    """Rules whose deciding rule tells which version it is."""
    return rule_set(rule(sequence, "RMTPORT EQ 5", authority="Y"), default=default_rule("N"))


def publish(space: bytes, sequence: int) -> bytes:
    image = compile_image(rules(sequence), revision=sequence)
    return written(space, publication(space, image))


def decided(space: bytes, program: NativeProgram | None = None) -> int | None:
    """The rule that decides by a space; ``None`` where it holds no sound rules."""
    one = program or NativeProgram(space, ccsid=37)
    one.replace(space)
    answer = one.answer("ACPT0100", block_of(CALL), JOB, AT)
    assert (answer.indicator == "0") == (answer.status is Status.OK)
    return answer.rule


def revisions(space: bytes) -> tuple[int | None, ...]:
    return tuple(None if i is None else i.revision for i in images_of(space))


def test_versions_take_turns_and_the_latest_decides() -> None:
    space = empty_space(CAPACITY)
    assert (decided(space), in_force(space)) == (None, None)
    for version in range(1, 6):
        space = publish(space, version)
        assert decided(space) == version
        info = in_force(space)
        assert info is not None
        assert (info.revision, info.sequence) == (version, version)
    assert set(revisions(space)) == {4, 5}


@pytest.mark.parametrize("before", [0, 1, 2])
def test_writing_that_stops_anywhere_leaves_the_old_or_the_new(before: int) -> None:
    space = empty_space(CAPACITY)
    for version in range(1, before + 1):
        space = publish(space, version)
    old = before or None
    image = compile_image(rules(9), revision=9)
    writes = publication(space, image, write_size=257)
    assert len(writes) > 8
    program = NativeProgram(space, ccsid=37)
    seen = [decided(written(space, writes[:n]), program) for n in range(len(writes) + 1)]
    assert seen == [old] * len(writes) + [9]


def test_a_header_that_is_written_in_part_is_passed_over() -> None:
    space = publish(publish(empty_space(CAPACITY), 1), 2)
    image = compile_image(rules(9), revision=9)
    *before, last = publication(space, image)
    half = bytearray(written(space, before))
    for end in range(HEADER.size - 12):  # the last twelve bytes are zero anyhow
        half[last.offset : last.offset + end] = last.data[:end]
        assert decided(bytes(half)) == 2, end


ORDERS = {
    "from the front": lambda n: list(range(n)),
    "from the back": lambda n: list(range(n))[::-1],
    "shuffled": lambda n: random.Random(n).sample(range(n), n),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("piece", [1, 8])
def test_half_a_header_is_never_believed_by_a_job_that_knew_the_whole(
    piece: int, order: str
) -> None:
    # A copy may store its bytes in any order, and may stop. The job has checked every header, so
    # it might take one for checked whose checksum is in its place and whose offsets are not.
    space = empty_space(CAPACITY)
    program = NativeProgram(space, ccsid=37)
    for version in (1, 2):
        image = compile_image(rule_set(rule(version, "RMTPORT EQ 5"), default=default_rule("N")))
        space = written(space, publication(space, image))
        assert rejected_by(space, program) == version
    begin = CONTROL_ROOM + CAPACITY  # the newest, in force
    header = space[begin : begin + HEADER.size]
    half = bytearray(space)
    for content, at_last in ((bytes(HEADER.size), 1), (header, 2)):
        for number in ORDERS[order](HEADER.size // piece):
            for at in range(number * piece, (number + 1) * piece):
                half[begin + at] = content[at]
            assert rejected_by(bytes(half), program) in (1, 2)
        assert rejected_by(bytes(half), program) == at_last


def rejected_by(space: bytes, program: NativeProgram) -> int | None:
    """The rule that rejects by a space; every one of it does."""
    program.replace(space)
    answer = program.answer("ACPT0100", block_of(CALL), JOB, AT)
    assert answer.indicator == "1"
    return answer.rule


def test_a_job_checks_the_body_of_every_version() -> None:
    space = publish(empty_space(CAPACITY), 1)
    program = NativeProgram(space, ccsid=37)
    for version in (2, 3, 4):
        assert decided(space, program) == version - 1
        space = publish(space, version)
    damaged = bytearray(space)
    damaged[CONTROL_ROOM + CAPACITY + 2000] ^= 1
    assert decided(bytes(damaged), program) == 3


def slow_rules(version: int) -> RuleSet:
    """Rules that take milliseconds to decide by, and then tell their version."""
    slow = [rule(n, f"PGM LIKE *a*a*a*a{n}", "PGM LIKE *b*") for n in range(1, 40)]
    tells = rule(1000 + version, "RMTPORT EQ 5", name=f"V{version}", authority="Y", audit="Y")
    return rule_set(*slow, tells, default=default_rule("N"))


def publications(count: int, capacity: int) -> tuple[bytes, list[list[Write]]]:
    """A space with version 1, and the writes of so many versions after it."""
    space, made = empty_space(capacity), []
    for version in range(1, count + 2):
        image = compile_image(slow_rules(version), revision=version)
        made.append(publication(space, image, 700))
        space = written(space, made[-1])
    return written(empty_space(capacity), made[0]), made[1:]


class Writer(threading.Thread):
    """Publishes into the space that a program reads, the bytes of each write in any order."""

    def __init__(self, program: NativeProgram, made: list[list[Write]]) -> None:
        super().__init__()
        self.version = 1
        self._space = program._space  # it must outlive this thread
        self._made = made

    def run(self) -> None:
        """Write everything, with time to decide between two versions."""
        randomness = random.Random(5)
        for writes in self._made:
            for write in writes:
                starts = range(0, len(write.data), 16)
                for n in randomness.sample(starts, len(starts)):
                    piece = write.data[n : n + 16]
                    memmove(addressof(self._space) + write.offset + n, piece, len(piece))
            self.version += 1
            time.sleep(0.002)


def test_no_decision_and_no_entry_mixes_versions_that_are_written_meanwhile() -> None:
    space, made = publications(80, 32_768)
    program = NativeProgram(space, ccsid=37)
    writer = Writer(program, made)
    writer.start()
    seen: list[int] = []
    given_up = 0
    while writer.is_alive():
        first = writer.version
        one = program.answer("ACPT0100", block_of(CALL), SLOW_JOB, AT)
        last = writer.version + 1  # it may be in force before the writer has counted it
        if one.status is not Status.OK:
            # Overtaken at every try: rejected, and said so.
            assert (one.indicator, one.status) == ("1", Status.DAMAGED)
            given_up += 1
            continue
        fixed, full = decode_u("NA", effects_of(one.effects, EffectKind.JOURNAL)[0].data)
        version = fixed["revision"]
        assert (one.indicator, one.rule, fixed["rule"]) == ("0", 1000 + version, 1000 + version)
        assert (fixed["rule_name"], full["revision"]) == (f"V{version}", version)
        assert first <= version <= last
        seen.append(version)
    writer.join(timeout=30)
    assert seen == sorted(seen)
    assert len(set(seen)) > 10
    assert given_up < len(seen)


@pytest.mark.parametrize("where", [0, 9, 30, 60, 100, 127, 128, 500, -1])
def test_a_damaged_image_gives_way_to_the_last_good_one_and_is_counted(where: int) -> None:
    space = bytearray(publish(publish(empty_space(CAPACITY), 1), 2))
    image = compile_image(rules(2), revision=2)
    begin = CONTROL_ROOM + CAPACITY
    space[begin + (where if where >= 0 else len(image) - 1)] ^= 1
    program = NativeProgram(bytes(space))
    assert decided(bytes(space), program) == 1
    assert program.counters["fell_back"] == 1
    space[CONTROL_ROOM + 200] ^= 1
    assert decided(bytes(space)) is None


def test_an_image_that_was_sealed_over_nonsense_gives_way_too() -> None:
    # Its checksums are right, so it is found out only while it decides.
    space = publish(empty_space(CAPACITY), 1)
    body = compile_image(rules(2))[HEADER.size :]
    header = HEADER.unpack(compile_image(rules(2))[: HEADER.size])
    sections = list(header[11:])
    sections[8] = 1  # one row only: every other row number is none
    nonsense = sealed(body, 5, None, tuple(sections))
    begin = CONTROL_ROOM + CAPACITY
    space = space[:begin] + nonsense + space[begin + len(nonsense) :]
    assert in_force(space) is not None
    assert decided(space) == 1


def test_more_boxes_than_a_reader_takes_are_refused_and_do_not_hang_it() -> None:
    image = compile_image(rules(1))
    header = HEADER.unpack_from(image)
    body = bytearray(image[HEADER.size :]) + bytes(4 * (MAX_BOXES + 1))
    record = header[13] + 2 * SERVER.size - HEADER.size
    values = list(SERVER.unpack_from(body, record))
    values[4] = MAX_BOXES + 1
    values[5] = len(image)  # room for as many, all of them zero
    body[record : record + SERVER.size] = SERVER.pack(*values)
    assert decided(space_of(sealed(bytes(body), 1, None, header[11:]))) is None


def test_a_job_that_has_checked_an_image_notices_the_next() -> None:
    space = publish(empty_space(CAPACITY), 1)
    program = NativeProgram(space)
    for version in range(2, 8):
        assert decided(space, program) == version - 1
        space = publish(space, version)
    assert decided(space, program) == 7


def test_two_slots_fit_the_largest_user_space() -> None:
    assert CONTROL_ROOM + 2 * MAX_IMAGE <= MAX_SPACE < CONTROL_ROOM + 2 * (MAX_IMAGE + 4096)
    with pytest.raises(ValueError, match="slot of"):
        empty_space(MAX_IMAGE + 1)


def test_an_image_larger_than_a_slot_is_refused_before_a_byte_is_written() -> None:
    with pytest.raises(FormatError, match="a slot 1024"):
        publication(empty_space(1024), compile_image(rules(1)))


@pytest.mark.parametrize("at", [0, 9, 12, 16, 20, 24, 27])
def test_a_damaged_control_record_rejects_and_refuses_publication(at: int) -> None:
    space = bytearray(publish(empty_space(CAPACITY), 1))
    space[at] ^= 0xFF
    assert decided(bytes(space)) is None
    with pytest.raises(FormatError):
        publication(bytes(space), compile_image(rules(2)))


def test_a_space_of_one_image_is_no_larger_than_it_must_be() -> None:
    image = compile_image(rules(1))
    space = space_of(image)
    assert len(space) == CONTROL_ROOM + 2 * len(image)
    assert decided(space) == 1
