"""Deploying and drift: what a system decides by, held against the store; damage is seen."""

from __future__ import annotations

import pytest

from epm.addresses import parse_address
from epm.errors import RemoteError
from epm.model import Server
from exitprograms.ibmi import remotespace, status
from exitprograms.ibmi.deploying import deploy_step, require_deployer
from exitprograms.ibmi.objects import RULES
from exitprograms.ibmi.programs import PIECE
from exitprograms.ibmi.remotespace import SlotState
from exitprograms.ibmi.sources import Sources
from exitprograms.ibmi.status import Wanted
from exitprograms.ibmi.steps import StepFailedError, run_steps
from exitprograms.ile.layout import CONTROL_ROOM, HEADER
from exitprograms.ile.seal import describe
from tests.ibmi.conftest import BOTH, NAMES, image_of
from tests.ibmi.conftest import RULES as TEXT
from tests.ibmi.machine import Faulty, client_of
from tests.ibmi.test_attach import attach


def deploy(client, image, *, through=None):
    return run_steps(through or client, (deploy_step("EPM", image),), lambda _: None)


def asked(client, tiny, image, servers=BOTH):
    return status.ask(client, NAMES, Wanted(describe(image), frozenset(servers), tiny))


def spoil(system, offset, data=b"\xff"):
    """Write bytes into the user space behind everybody's back."""
    space = system.state.object("EPM", RULES, "*USRSPC").data.data
    space[offset : offset + len(data)] = data


@pytest.fixture
def attached(client, tiny, image):
    attach(client, tiny, image)
    return client


# ---------------------------------------------------------------------------------- deploy


def test_a_deployment_switches_to_the_other_slot_and_keeps_the_version_before(attached, image):
    newer = image_of(revision=2)
    deploy(attached, newer)
    state = remotespace.state_of(attached, "EPM")
    assert [slot.image.revision for slot in state.slots] == [1, 2]
    assert state.in_force.revision == 2
    deploy(attached, image_of(revision=3))
    assert [s.image.revision for s in remotespace.state_of(attached, "EPM").slots] == [3, 2]


def test_a_second_deployment_of_the_same_rules_does_nothing(attached, image):
    through = Faulty(attached, at=0, after=False)
    assert deploy(attached, image, through=through).done == []
    assert through.changes == []


def test_a_large_image_arrives_whole_in_many_pieces(attached):
    addresses = ",".join(f"10.{n}.{m}.1" for n in range(99) for m in range(25))
    image = image_of(TEXT.replace("op: EQ, value: 10.0.0.0/8", f'op: LIST, value: "{addresses}"'))
    assert len(image) > 2 * PIECE
    deploy(attached, image)
    assert remotespace.state_of(attached, "EPM").in_force.digest == describe(image).digest


@pytest.mark.parametrize("at", range(1, 4))
@pytest.mark.parametrize("after", [False, True])
def test_after_a_failed_deployment_the_version_before_decides_and_nothing_is_half(
    attached, image, at, after
):
    with pytest.raises(StepFailedError) as failed:
        deploy(attached, image_of(revision=2), through=Faulty(attached, at, after))
    state = remotespace.state_of(attached, "EPM")
    assert failed.value.not_undone == ()
    assert (state.in_force.revision, state.problems()) == (1, ())


def test_what_a_killed_deployment_left_is_seen_and_finished(attached, tiny, image):
    newer = image_of(revision=2)

    class Killed(Faulty):
        def _change(self, text, make):
            try:
                super()._change(text, make)
            except RemoteError:
                raise SystemExit from None

    with pytest.raises(SystemExit):
        deploy(attached, newer, through=Killed(attached, 2, after=True))
    state = remotespace.state_of(attached, "EPM")
    assert [slot.state for slot in state.slots] == [SlotState.SOUND, SlotState.UNFINISHED]
    assert state.in_force.revision == 1
    assert any("slot 2 was not finished" in line for line in asked(attached, tiny, image).drift)
    deploy(attached, newer)
    assert remotespace.state_of(attached, "EPM").problems() == ()
    assert remotespace.state_of(attached, "EPM").in_force.revision == 2


def test_bytes_that_change_on_the_way_are_never_put_in_force(attached, system):
    class Garbling(Faulty):
        def change(self, calls):
            super().change(calls)
            spoil(system, CONTROL_ROOM + remotespace.MAX_IMAGE + HEADER.size + 5)

    with pytest.raises(StepFailedError, match="arrived changed; they are not in force"):
        deploy(attached, image_of(revision=2), through=Garbling(attached, 0, after=False))
    assert remotespace.state_of(attached, "EPM").in_force.revision == 1


def test_a_damaged_older_slot_is_mended_by_the_next_deployment(attached, system, tiny):
    newer = image_of(revision=2)
    deploy(attached, newer)
    spoil(system, CONTROL_ROOM + HEADER.size + 3)
    assert remotespace.state_of(attached, "EPM").slots[0].state is SlotState.DAMAGED
    deploy(attached, newer)
    assert remotespace.state_of(attached, "EPM").problems() == ()


def test_who_may_not_write_the_rules_is_told_what_is_missing(attached, system):
    with pytest.raises(RemoteError, match=r"lacks special authority .ALLOBJ, which deploying"):
        require_deployer(client_of(system, "EPMUSER"), NAMES)


# ------------------------------------------------------------------------------------ drift


def test_a_system_in_step_has_no_drift(attached, tiny, image):
    found = asked(attached, tiny, image)
    assert found.drift == ()
    assert found.warnings == ()
    assert found.counters["calls"] == 0
    assert found.deployed.revision == 1


def test_nothing_attached_and_nothing_activated_is_no_drift(client, tiny, image):
    assert asked(client, tiny, image, ()).drift == ()


def test_changed_rules_are_drift(attached, tiny):
    newer = image_of(TEXT.replace("10.0.0.0/8", "10.0.0.0/9"), revision=2)
    assert asked(attached, tiny, newer).drift == (
        "revision 1 is deployed, the store has revision 2",
    )


def test_a_new_revision_of_the_same_rules_is_none(attached, tiny):
    assert asked(attached, tiny, image_of(revision=2)).drift == ()


def test_a_host_name_that_resolves_otherwise_is_drift(client, tiny):
    rules = TEXT.replace("10.0.0.0/8", "db.example")

    def resolving(address):
        return image_of(rules, resolved={"db.example": frozenset({parse_address(address)})})

    attach(client, tiny, resolving("10.0.0.1"))
    assert asked(client, tiny, resolving("10.0.0.1")).drift == ()
    (line,) = asked(client, tiny, resolving("10.0.0.2")).drift
    assert "revision 1 is deployed, but its host names" in line


@pytest.mark.parametrize(
    ("offset", "line"),
    [
        (0, "length is not possible"),
        (20, "header is damaged"),
        (HEADER.size + 40, "body is damaged"),
    ],
)
def test_a_damaged_image_is_drift_and_says_what(attached, system, tiny, image, offset, line):
    spoil(system, CONTROL_ROOM + offset, bytes([0xFF] * 16))
    drift = asked(attached, tiny, image).drift
    assert "slot 1 is damaged" in drift[0]
    assert any(line in text or "no rule image" in text for text in drift)
    assert "no sound image is in force: every call is rejected" in drift


def test_a_damaged_control_record_is_one_line(attached, system, tiny, image):
    spoil(system, 20, b"\x01\x02\x03")
    with pytest.raises(RemoteError, match=r"EPM/EPMRULES: .*control record is damaged"):
        asked(attached, tiny, image)


def test_a_program_of_another_version_is_drift(attached, tiny, image):
    newer = Sources(tiny.files, "f" * 16)
    lines = asked(attached, newer, image).drift
    assert lines == (
        "EPM/EPMACCEPT is another version than this product's: attach again",
        "EPM/EPMCONNECT is another version than this product's: attach again",
    )


def test_a_registered_program_that_is_gone_is_drift(attached, tiny, image):
    attached.command("DLTPGM PGM(EPM/EPMACCEPT)")
    assert asked(attached, tiny, image).drift == (
        "EPM/EPMACCEPT is registered and not there: its calls are rejected",
    )


def test_an_activated_server_without_our_program_is_drift(attached, tiny, image):
    drift = asked(attached, tiny, image, tuple(Server)).drift
    assert drift == ("QSOLISTEN is activated in the store, our exit program is not attached",)


def test_what_is_not_audited_is_a_warning(attached, system, tiny, image):
    system.state.values.change("QAUDLVL", "*AUTFAIL")
    assert asked(attached, tiny, image).warnings == (
        "QAUDLVL lacks *NETSCK: accept and connect leave no SK entry",
    )
    system.state.values.change("QAUDLVL", "*AUTFAIL *AUDLVL2")
    system.state.values.change("QAUDLVL2", "*NETSCK")
    assert asked(attached, tiny, image).warnings == ()


def test_failures_that_the_programs_counted_are_warnings(attached, system, tiny, image):
    counters = system.state.object("EPM", "EPMCOUNT", "*USRSPC").data.data
    counters[20:24] = (3).to_bytes(4, "big")
    found = asked(attached, tiny, image)
    assert found.warnings == ("3 times: journal failed",)
    assert found.counters["journal_failed"] == 3


def test_an_object_that_is_gone_is_a_warning(attached, tiny, image):
    attached.command("DLTDTAQ DTAQ(EPM/EPMCAPTURE)")
    assert asked(attached, tiny, image).warnings == (
        "EPM/EPMCAPTURE *DTAQ is not there: attach again",
    )
