"""Socket calls: the registered exit programs are asked, their answers honoured, entries written."""

import pytest

from epm.events import Endpoint
from exitprograms.formats import acpt0100, conn0100, lstn0100
from journal.layouts.esd import decode_esd
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import ProgramData

HERE, PEER = Endpoint(0xC0A8010A, 22), Endpoint(0x0A010203, 50000)
ACCEPT = acpt0100.encode(acpt0100.Accept(Endpoint(0, 22), HERE, PEER))
CONNECT = conn0100.encode(conn0100.Connect(HERE, PEER))
LISTEN = lstn0100.encode(lstn0100.Listen(128, HERE))


class Exit:
    """An exit program that answers as it is told and keeps what it was given."""

    def __init__(self, answer):
        self.answer = answer
        self.blocks = []

    def __call__(self, context, parameters):
        self.blocks.append(bytes(parameters[0]))
        parameters[0][:] = b"\xff" * len(parameters[0])
        if isinstance(self.answer, Exception):
            raise self.answer
        parameters[1][:1] = self.answer.encode("cp037")
        return b""


def attach(world, answer, number=1, name="EXITPGM", point="QIBM_QSO_ACCEPT ACPT0100"):
    program = Exit(answer)
    world.job.state.create("QGPL", name, "*PGM", ProgramData(program), public="*USE")
    world.ok(f"ADDEXITPGM {point} {number} QGPL/{name}")
    return program


def sk_entries(world):
    journal = world.system.state.audit_journal
    return [decode_esd(e.data) for e in journal.read(types=frozenset({"SK"}))]


def test_without_a_program_a_call_goes_on_and_is_audited(world):
    answer = world.system.socket_call("ACPT0100", ACCEPT, world.job)
    assert (answer.allowed, answer.indicators, answer.sequence) == (True, (), 2)
    (entry,) = sk_entries(world)
    assert (entry.type, entry.local_address, entry.local_port) == ("A", "192.168.1.10", 22)
    assert (entry.remote_address, entry.remote_port, entry.address_family) == (
        "10.1.2.3",
        50000,
        "*IPV4",
    )


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [("0", True), ("1", False), ("9", True), ("2", False), (" ", False), (ValueError("x"), False)],
)
def test_the_indicator_is_honoured(world, answer, allowed):
    program = attach(world, answer)
    result = world.system.socket_call("ACPT0100", ACCEPT, world.job)
    assert result.allowed is allowed
    assert program.blocks == [ACCEPT]
    assert len(sk_entries(world)) == allowed
    assert (result.problem is not None) == isinstance(answer, Exception)


def test_nine_is_not_asked_again_for_the_process(world):
    program = attach(world, "9")
    for _ in range(3):
        assert world.system.socket_call("ACPT0100", ACCEPT, world.job).allowed
    assert len(program.blocks) == 1
    world.system.socket_call("ACPT0100", ACCEPT, world.system.job("EPMUSER"))
    assert len(program.blocks) == 2


def test_an_indicator_that_no_program_set_rejects(world):
    program = ProgramData(lambda context, parameters: b"")
    world.job.state.create("QGPL", "IDLE", "*PGM", program, public="*USE")
    world.ok("ADDEXITPGM QIBM_QSO_ACCEPT ACPT0100 1 QGPL/IDLE")
    assert not world.system.socket_call("ACPT0100", ACCEPT, world.job).allowed


def test_programs_are_asked_in_order_until_one_rejects(world):
    last = attach(world, "0", 30, "C")
    attach(world, "1", 20, "B")
    first = attach(world, "0", 10, "A")
    answer = world.system.socket_call("ACPT0100", ACCEPT, world.job)
    assert answer.indicators == ("0", "1")
    assert (len(first.blocks), len(last.blocks)) == (1, 0)


def test_a_registered_program_that_is_missing_rejects(world):
    world.ok("ADDEXITPGM QIBM_QSO_ACCEPT ACPT0100 1 QGPL/NOSUCH")
    answer = world.system.socket_call("ACPT0100", ACCEPT, world.job)
    assert not answer.allowed
    assert "NOSUCH" in answer.problem


def test_connect_and_listen_have_their_own_programs_and_entries(world):
    attach(world, "1", name="CONNPGM", point="QIBM_QSO_CONNECT CONN0100")
    assert not world.system.socket_call("CONN0100", CONNECT, world.job).allowed
    assert world.system.socket_call("LSTN0100", LISTEN, world.job).sequence is None
    world.ok("RMVEXITPGM QIBM_QSO_CONNECT CONN0100 1")
    world.system.socket_call("CONN0100", CONNECT, world.job)
    assert [e.type for e in sk_entries(world)] == ["C"]


def test_a_block_or_format_that_is_none(world):
    with pytest.raises(EscapeError):
        world.system.socket_call("NOPE0100", ACCEPT, world.job)
    with pytest.raises(EscapeError, match="ACPT0100"):
        world.system.socket_call("ACPT0100", ACCEPT[:50], world.job)
