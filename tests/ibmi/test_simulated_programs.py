"""Programs that the simulated CRTPGM makes: the project's C, in the job that calls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from itoolkit import iCmd, iToolKit
from itoolkit.transport import HttpTransport

from exitprograms.ibmi import remotespace
from exitprograms.ibmi.objects import RULES
from exitprograms.ibmi.sources import sources_for
from exitprograms.ile.layout import CONTROL_ROOM, HEADER
from simulators.ibmi.compiler import CompileFailedError, CSource
from simulators.ile_compiler import IleCompiler
from tests.ibmi.conftest import NAMES, image_of
from tests.ibmi.machine import accept_block, client_of, machine
from tests.ibmi.test_attach import attach, detach
from tests.ibmi.test_status import deploy

pytestmark = pytest.mark.real
BLOCK = accept_block("10.1.2.3")
ALLOWED, REJECTED = ("0",), ("1",)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A system with the real programs attached; tests put back what they change."""
    system = machine(IleCompiler(tmp_path_factory.mktemp("built")))
    client = client_of(system)
    attach(client, sources_for(NAMES), image_of())
    return system, client


def call(system, job=None, block=BLOCK):
    return system.socket_call("ACPT0100", block, job or system.job("EPMUSER"))


def test_a_user_without_any_authority_is_decided_by_adopted_authority(made):
    system, _ = made
    job = system.job("EPMUSER", name="SSHD")
    assert not job.state.allows(system.state.object("EPM", RULES, "*USRSPC"), frozenset({"*READ"}))
    assert call(system, job).indicators == ALLOWED
    assert call(system, job, accept_block("8.8.8.8")).indicators == REJECTED
    entry = system.state.journal("EPM", "EPMJRN").attached.entries[-1]
    assert (entry.code, entry.type, entry.job, entry.user) == ("U", "NR", "SSHD", "EPMUSER")
    assert entry.data[:4] == "EPM1".encode("cp037")


def test_each_job_has_static_storage_of_its_own(made):
    """What one job has checked of an image another checks for itself."""
    system, _ = made
    old = system.job("EPMUSER")
    assert call(system, old).indicators == ALLOWED
    space = system.state.object("EPM", RULES, "*USRSPC").data.data
    place = CONTROL_ROOM + HEADER.size + 1600
    kept = bytes(space[place : place + 4])
    space[place : place + 4] = b"\xff\xff\xff\xff"
    try:
        assert call(system, system.job("EPMUSER")).indicators == REJECTED
    finally:
        space[place : place + 4] = kept
    assert call(system, system.job("EPMUSER")).indicators == ALLOWED


def test_a_damaged_newer_image_leaves_the_last_good_rules_in_force_and_is_counted(made):
    system, client = made
    deploy(client, image_of(revision=2))
    state = remotespace.state_of(client, "EPM")
    newest = next(s for s in state.slots if s.image.revision == 2)
    space = system.state.object("EPM", RULES, "*USRSPC").data.data
    space[newest.offset + HEADER.size + 7] ^= 0xFF
    counters = system.state.object("EPM", "EPMCOUNT", "*USRSPC").data.data
    before = int.from_bytes(counters[16:20], "big")
    assert call(system).indicators == ALLOWED
    assert int.from_bytes(counters[16:20], "big") == before + 1
    deploy(client, image_of(revision=3))


def test_without_a_user_space_every_call_is_rejected_and_journaled(made):
    system, _ = made
    home = system.state.libraries.get("EPM")
    item = home.get(RULES, "*USRSPC")
    home.remove(item)
    try:
        assert call(system).indicators == REJECTED
    finally:
        home.add(item)
    assert call(system).indicators == ALLOWED


def test_a_full_data_queue_costs_a_capture_and_not_the_call(made):
    system, _ = made
    queue = system.state.object("EPM", "EPMCAPTURE", "*DTAQ").data
    counters = system.state.object("EPM", "EPMCOUNT", "*USRSPC").data.data
    queue.max_entries, most = len(queue.entries), queue.max_entries
    try:
        before = int.from_bytes(counters[28:32], "big")
        assert call(system).indicators == ALLOWED
        assert int.from_bytes(counters[28:32], "big") == before + 1
    finally:
        queue.max_entries = most


def test_without_a_journal_a_call_that_must_be_logged_is_rejected(made):
    system, _ = made
    home = system.state.libraries.get("EPM")
    item = home.get("EPMJRN", "*JRN")
    home.remove(item)
    try:
        assert call(system).indicators == REJECTED
    finally:
        home.add(item)


def test_a_malformed_block_rejects(made):
    system, _ = made
    job = system.job("EPMUSER")
    assert not call(system, job, b"\x00" * 96).allowed


def test_modules_that_make_no_program_do_not_bind(tmp_path):
    compiler = IleCompiler(tmp_path)
    files = sources_for(NAMES).files

    def module(name):
        headers = {n: t for n, t in files.items() if n.endswith(".h")}
        return compiler.compile(CSource(name, files[name], f"/x/{name}", (), headers))

    with pytest.raises(CompileFailedError, match="one module is to have a program entry"):
        compiler.bind("X", [module("epm_bits.c")], None)
    with pytest.raises(CompileFailedError, match="one module is to have a program entry"):
        compiler.bind("X", [module("epm_accept.c"), module("epm_listen.c")], None)
    with pytest.raises(CompileFailedError, match="service programs of C are not simulated"):
        compiler.export("X", [])


def test_after_detach_nobody_is_asked(made):
    system, client = made
    detach(client)
    assert call(system).indicators == ()


# ---------------------------------------------------------------------- epm simulate xmlservice


def test_simulate_xmlservice_serves_itoolkit_until_it_is_interrupted(epm):
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "epm", "simulate", "xmlservice", "--foreign"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=epm.folder,
    )  # fmt: skip
    try:
        said = process.stderr.readline()
        assert said.startswith("epm: password of EPMADM: ")
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        toolkit = iToolKit()
        toolkit.add(iCmd("c", "WRKREGINF EXITPNT(QIBM_QSO_ACCEPT) OUTPUT(*PRINT)"))
        toolkit.call(HttpTransport(url, "EPMADM", said.split(": ")[2].strip()))
        assert "success" in toolkit.dict_out("c")
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert out == ""


def test_simulate_xmlservice_takes_its_password_from_the_environment_and_never_shows_it(epm):
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "epm", "simulate", "xmlservice", "--user", "ops"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=epm.folder,
        env={**os.environ, "EPM_SIMULATOR_PASSWORD": "Can4ry"},
    )  # fmt: skip
    try:
        url = process.stdout.readline().strip()
        toolkit = iToolKit()
        toolkit.add(iCmd("c", "DSPLIBL"))
        toolkit.call(HttpTransport(url, "OPS", "Can4ry"))
        assert "success" in toolkit.dict_out("c")
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert "Can4ry" not in err
