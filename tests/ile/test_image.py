"""The rule image: what is in it, what it says of itself, and how damage to it is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epm.addresses import parse_address
from epm.errors import FormatError, RuleError, SettingsError
from epm.evaluate import Mode
from epm.model import Config, FailMode, Server
from exitprograms.ile import arena
from exitprograms.ile.charset import CCSIDS, charset
from exitprograms.ile.image import Target, compile_image, describe, verify, with_sequence
from exitprograms.ile.layout import HEADER
from exitprograms.ile.native import load
from tests.support.builders import default_rule, groups, rule, rule_set
from tests.support.strategies import Scene, named_rule_sets, scenes

RULES = rule_set(
    rule(10, "RMTADDR EQ 10.0.0.0/8", "USER EQ ALICE"),
    rule(20, "RMTADDR EQ db.example"),
    rule(30),
    rule(40, "RMTPORT EQ 99999"),
    rule(50, "RMTPORT EQ 1", active=False),
    config=Config(message_queue="MYQ", journal="MYJRN", fail=FailMode.OPEN),
)
HOST = {"db.example": frozenset({parse_address("10.9.9.9")})}


def test_an_image_describes_itself() -> None:
    image = compile_image(RULES, revision=77, sequence=5, target=Target(500, 'P"1', "LIB"))
    info = describe(image)
    assert (info.length, info.sequence, info.revision) == (len(image), 5, 77)
    assert (info.ccsid, info.mode, info.fail, info.system) == (500, Mode.LIVE, FailMode.OPEN, 'P"1')
    assert (info.message_queue, info.journal, info.lib) == ("MYQ", "MYJRN", "LIB")
    assert [(s.server, s.activated) for s in info.servers] == [
        (Server.LISTEN, False), (Server.CONNECT, False), (Server.ACCEPT, True),
    ]  # fmt: skip


def test_only_enforced_rules_are_in_it() -> None:
    # 30 has no condition, 40 is invalid, 50 is not active; 20 never resolved has no alternative.
    accept = describe(compile_image(RULES)).servers[2]
    assert (accept.rules, accept.boxes) == (3, 1)
    assert describe(compile_image(RULES, resolved=HOST)).servers[2].boxes == 2
    assert describe(compile_image(RULES, mode=Mode.TEST)).servers[2].rules == 4


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(scenes())
def test_equal_rules_give_equal_bytes(scene: Scene) -> None:
    image = compile_image(scene.ruleset, resolved=scene.resolved)
    assert compile_image(scene.ruleset, resolved=dict(reversed(scene.resolved.items()))) == image
    verify(image)


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(named_rule_sets())
def test_names_of_any_kind_make_an_image_that_c_takes(ruleset) -> None:
    for ccsid in (37, 1208):
        image = compile_image(ruleset, target=Target(ccsid))
        verify(image)
        assert load().verify(image, len(image)) == 0


def test_the_digest_is_of_the_rules_not_of_their_publication() -> None:
    one = describe(compile_image(RULES, revision=1, sequence=1))
    other = describe(compile_image(RULES, revision=2, sequence=9))
    assert one.digest == other.digest
    changed = replace(RULES, config=Config())
    assert describe(compile_image(changed)).digest != one.digest
    assert describe(compile_image(RULES, resolved=HOST)).digest != one.digest


def test_another_sequence_changes_the_header_only() -> None:
    image = compile_image(RULES)
    moved = with_sequence(image, 2**40)
    assert describe(moved).sequence == 2**40
    assert moved[HEADER.size :] == image[HEADER.size :]
    for number in (0, 2**64):
        with pytest.raises(FormatError, match=f"{number} is not the number of a publication"):
            with_sequence(image, number)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_every_flipped_bit_is_found_by_both_readers(data: st.DataObject) -> None:
    image = bytearray(compile_image(RULES))
    at = data.draw(st.integers(0, len(image) - 1))
    image[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(FormatError):
        describe(bytes(image))
    assert load().verify(bytes(image), len(image)) == 1


@pytest.mark.parametrize("length", [0, 1, 127, 128, 1000])
def test_a_cut_image_is_found_by_both_readers(length: int) -> None:
    image = compile_image(RULES)[:length]
    with pytest.raises(FormatError):
        verify(image)
    assert load().verify(image, len(image)) == 1


def test_rules_that_do_not_fit_are_refused_with_one_line(monkeypatch) -> None:
    monkeypatch.setattr(arena, "MAX_IMAGE", 3000)
    rules = [rule(n, f"RMTADDR EQ 10.0.{n}.0/24", f"USER EQ U{n}") for n in range(1, 50)]
    with pytest.raises(RuleError, match="do not fit a rule image: more than 3000 bytes"):
        compile_image(rule_set(*rules))


@pytest.mark.parametrize("text", ["USER EQ {}", "PGM NE {}", "PGM LIKE {}*", "JOB LIKE ?{}"])
def test_a_name_longer_than_an_image_can_say_is_refused_not_forgotten(text: str) -> None:
    # Forgotten, PGM NE would hold for the very program that it names.
    longest = 65_535 - text.count("?")
    sound = compile_image(rule_set(rule(10, text.format("A" * longest))))
    assert describe(sound).servers[2].boxes == 1
    with pytest.raises(RuleError, match="a rule image takes 65535"):
        compile_image(rule_set(rule(10, text.format("A" * (longest + 1)))))


def test_a_group_that_many_rules_name_is_in_the_image_once() -> None:
    many = groups(
        addresses={"A": ([f"10.0.{n}.0/24" for n in range(200)], ())},
        names={"N": [f"USER{n}" for n in range(200)]},
    )
    texts = ("RMTADDR GRP A", "USER GRP N", "USER NE X{}")
    sizes = []
    for count in (1, 100):
        rules = [rule(n, *(t.format(n) for t in texts)) for n in range(1, count + 1)]
        sizes.append(len(compile_image(rule_set(*rules, groups=many))))
    assert sizes[1] - sizes[0] < 100 * 200


@pytest.mark.parametrize("config", [Config(journal=""), Config(journal="LONGERTHAN10"),
                                    Config(message_queue="QÜÜ Ж")])  # fmt: skip
def test_an_object_that_ibm_i_cannot_name_is_refused(config: Config) -> None:
    with pytest.raises(SettingsError, match="is not the name of an object"):
        compile_image(rule_set(default=default_rule(), config=config))


def test_an_unknown_ccsid_is_refused() -> None:
    with pytest.raises(SettingsError, match="CCSID 930"):
        compile_image(RULES, target=Target(930))


@pytest.mark.parametrize("ccsid", CCSIDS)
def test_the_stand_in_of_a_letter_is_no_folded_letter_itself(ccsid: int) -> None:
    names = charset(ccsid)
    characters = bytes(range(256)).decode(names.codec)
    folded = {names.folded(c.upper()) for c in characters}
    for stand_in in names._upper.values():
        letter = stand_in.decode(names.codec)
        assert letter != letter.upper()
        assert sum(stand_in == f for f in folded) == 1
