"""Attaching and detaching: idempotent, undone whole on any failure, and never over others."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from epm.errors import RemoteError
from epm.model import Server
from exitprograms.ibmi import attaching, detaching, remotespace
from exitprograms.ibmi.asking import objects, registrations
from exitprograms.ibmi.client import DryRun
from exitprograms.ibmi.folders import folder_of, remove_folder
from exitprograms.ibmi.objects import OWNER, Names
from exitprograms.ibmi.sources import Sources, sources_for
from exitprograms.ibmi.steps import StepFailedError, run_steps
from exitprograms.ile import building
from tests.ibmi.conftest import BOTH, NAMES, image_of
from tests.ibmi.machine import Faulty, allows, client_of, machine, picture

FOLDER = folder_of("EPM", "0123456789ab")


def steps_of(client, sources, image, servers=BOTH, names=NAMES, folder=FOLDER):
    before = attaching.look(client, names)
    return attaching.plan(before, names, servers, sources, image, folder)


def attach(client, sources, image, servers=BOTH, *, through=None, names=NAMES, folder=FOLDER):
    steps = steps_of(client, sources, image, servers, names, folder)
    return run_steps(through or client, steps, lambda _: None)


def detach(client, servers=tuple(Server), *, through=None):
    return run_steps(through or client, detaching.plan(client, NAMES, servers), lambda _: None)


def failure_of(run):
    """Run, and return the failure there was, or none."""
    try:
        run()
    except StepFailedError as error:
        return error
    return None


def attach_failure(client, sources, image, through):
    """Attach, and return the failure there was, or none."""
    return failure_of(lambda: attach(client, sources, image, through=through))


def detach_failure(client, through):
    """Detach, and return the failure there was, or none."""
    return failure_of(lambda: detach(client, through=through))


def registered(client):
    return [(r.server, r.number, r.qualified) for r in registrations(client)]


# ----------------------------------------------------------------------------------- attach


def test_what_attach_leaves_on_the_system(client, system, tiny, image):
    attach(client, tiny, image)
    assert registered(client) == [
        (Server.ACCEPT, 1, "EPM/EPMACCEPT"),
        (Server.CONNECT, 1, "EPM/EPMCONNECT"),
    ]
    found = objects(client, "EPM")
    assert set(found) == {
        ("EPMACCEPT", "*PGM"), ("EPMCONNECT", "*PGM"), ("EPMRULES", "*USRSPC"),
        ("EPMCOUNT", "*USRSPC"), ("EPMCAPTURE", "*DTAQ"), ("EPMMSGQ", "*MSGQ"),
        ("EPMJRN", "*JRN"), ("EPMRCV0001", "*JRNRCV"),
    }  # fmt: skip
    assert {item.owner for item in found.values()} == {OWNER}
    assert not any(d.startswith("/epm") for d in system.state.files.directories)


def test_only_the_programs_are_open_to_the_public_and_they_adopt_a_plain_owner(
    client, system, tiny, image
):
    attach(client, tiny, image)
    home = system.state.libraries.get("EPM")
    public = {name for (name, _), item in home.objects.items() if item.public}
    assert public == {"EPMACCEPT", "EPMCONNECT"}
    assert "*ADD" not in home.header.public
    programs = [i.data for (_, kind), i in home.objects.items() if kind == "*PGM"]
    assert all(p.adopts for p in programs)
    owner = system.state.profiles.known(OWNER)
    assert (owner.special, owner.without_password, owner.enabled) == (frozenset(), True, False)


def test_a_second_attach_does_nothing(client, system, tiny, image):
    attach(client, tiny, image)
    before = picture(system)
    through = Faulty(client, at=0, after=False)
    assert attach(client, tiny, image, through=through).done == []
    assert through.changes == []
    assert picture(system) == before


def test_another_server_is_added_to_what_is_attached(client, tiny, image):
    attach(client, tiny, image, (Server.ACCEPT,))
    done = attach(client, tiny, image, tuple(Server)).done
    assert [r[2] for r in registered(client)] == [
        "EPM/EPMACCEPT",
        "EPM/EPMCONNECT",
        "EPM/EPMLISTEN",
    ]
    assert "bind program EPM/EPMACCEPT" not in done


def test_a_new_version_is_bound_under_the_other_name_and_the_old_program_stays(client, tiny, image):
    attach(client, tiny, image, (Server.ACCEPT,))
    both = ("EPMACCEPT2", "EPMACCEPT")
    for number, version in enumerate("fedc"):
        attach(client, Sources(tiny.files, version * 16), image, (Server.ACCEPT,))
        assert [r[2] for r in registered(client)] == [f"EPM/{both[number % 2]}"]
        programs = {n: i.text for (n, k), i in objects(client, "EPM").items() if k == "*PGM"}
        assert set(programs) == set(both)
        assert version * 16 in programs[both[number % 2]]


def test_the_rules_are_in_force_before_anything_is_registered(client, tiny, image):
    through = Faulty(client, at=0, after=False)
    attach(client, tiny, image, through=through)
    added = next(n for n, text in enumerate(through.changes) if text.startswith("ADDEXITPGM"))
    written = [n for n, text in enumerate(through.changes) if "QUSCHGUS" in text]
    assert written
    assert max(written) < added


def test_a_library_of_another_name_is_in_the_programs_too(client, tiny, image):
    words = sources_for(Names("MYLIB")).files["epm_ibmi_words.h"]
    for name in ("EPMRULES", "EPMCOUNT", "EPMJRN"):
        raw = (name.ljust(10) + "MYLIB".ljust(10)).encode("cp037")
        digits = ", ".join(f"0x{b:02X}" for b in raw)
        assert digits in " ".join(words.split())
    assert sources_for(Names("MYLIB")).version != sources_for(NAMES).version


def test_a_journal_of_another_name_is_in_the_programs_for_when_there_are_no_rules():
    words = sources_for(Names("EPM", journal="MYJRN")).files["epm_ibmi_words.h"]
    for name in ("MYJRN", "EPMRULES", "EPMCOUNT"):
        raw = (name.ljust(10) + "EPM".ljust(10)).encode("cp037")
        assert ", ".join(f"0x{b:02X}" for b in raw) in " ".join(words.split())
    assert sources_for(NAMES).files == building.deployed_sources()


def test_a_dry_run_says_every_change_and_makes_none(client, system, tiny, image):
    before = picture(system)
    said = []
    run_steps(DryRun(client, said.append), steps_of(client, tiny, image), lambda _: None)
    assert picture(system) == before
    through = Faulty(client, at=0, after=False)
    attach(client, tiny, image, through=through)
    made = [c for c in through.changes if not c.startswith(("CALL PGM(QSYS/QUSCHGUS", "DLTMOD", "RMVDIR"))]  # fmt: skip  # noqa: E501
    only = [" ".join(line[5:].split()) for line in said if "QUSCHGUS" not in line and "DLTMOD" not in line and "RMVDIR" not in line]  # fmt: skip  # noqa: E501
    assert only == [" ".join(c.split()) for c in made]


# ---------------------------------------------------------------------------------- failure

#: At every change, refused or with its answer lost; at some of them where time is short.
every_change = pytest.mark.parametrize(
    ("after", "stride"),
    [
        pytest.param(False, 11, id="refused"),
        pytest.param(True, 9, id="answer-lost"),
        pytest.param(False, 1, id="refused-everywhere", marks=pytest.mark.heavy),
        pytest.param(True, 1, id="answer-lost-everywhere", marks=pytest.mark.heavy),
    ],
)


@every_change
def test_after_a_failure_at_any_change_the_system_is_as_before(tiny, image, after, stride):
    at, failures = stride, 0
    while True:
        system = machine()
        client = client_of(system)
        before = picture(system)
        through = Faulty(client, at, after)
        error = attach_failure(client, tiny, image, through)
        if through.made < at:
            break
        if error is not None:
            assert error.not_undone == (), (at, str(error))
            assert picture(system) == before, (at, through.changes[-1])
            assert "the connection broke" in str(error)
            failures += 1
        at += stride
    # Changes that undo temporary things come after success: a failure there is a leftover.
    assert failures >= 35 // stride


@every_change
def test_after_a_failed_upgrade_the_old_programs_and_rules_are_in_force(tiny, image, after, stride):
    newer, rules = Sources(tiny.files, "f" * 16), image_of(revision=2)
    at, failures = stride, 0
    while True:
        system = machine()
        client = client_of(system)
        attach(client, tiny, image)
        before, there = picture(system), remotespace.state_of(client, "EPM").in_force
        through = Faulty(client, at, after)
        error = attach_failure(client, newer, rules, through)
        if through.made < at:
            break
        if error is not None:
            assert error.not_undone == (), (at, str(error))
            assert picture(system) == before, (at, through.changes[-1])
            assert remotespace.state_of(client, "EPM").in_force == there
            failures += 1
        at += stride
    assert failures >= 20 // stride


class KilledError(BaseException):
    """As SIGKILL: nothing is undone."""


class Killed(Faulty):
    def _change(self, text, make):
        try:
            super()._change(text, make)
        except RemoteError:
            raise KilledError from None


@pytest.mark.parametrize(
    "stride", [pytest.param(4, id="some"), pytest.param(1, id="all", marks=pytest.mark.heavy)]
)
def test_wherever_an_attach_was_killed_the_next_ends_as_if_it_were_the_first(tiny, image, stride):
    client = client_of(machine())
    counted = Faulty(client, at=0, after=False)
    attach(client, tiny, image, through=counted)
    undisturbed = picture(client.carrier.service.host)
    for at in range(counted.made, 0, -stride):
        system = machine()
        client = client_of(system)
        with pytest.raises(KilledError):
            attach(client, tiny, image, through=Killed(client, at, after=True))
        remove_folder(client, FOLDER)  # which the data area of the killed command names
        attach(client, tiny, image, folder=folder_of("EPM", "f" * 12))
        assert picture(system) == undisturbed, (at, counted.changes[at - 1])
        assert attach(client, tiny, image).done == []
        assert not remotespace.state_of(client, "EPM").problems()


def test_attach_after_attach_killed_at_several_places_ends_well(client, tiny, image):
    for number, at in enumerate((9, 21, 25, 26)):
        through = Killed(client, at, after=True)
        with contextlib.suppress(KilledError):
            attach(client, tiny, image, through=through, folder=folder_of("EPM", f"{number:012x}"))
    attach(client, tiny, image)
    assert len(registered(client)) == 2
    assert attach(client, tiny, image).done == []
    assert not remotespace.state_of(client, "EPM").problems()


# ---------------------------------------------------------------------------------- foreign


def foreign_machine():
    return machine(foreign_exit_programs={"QIBM_QSO_ACCEPT": allows})


def test_another_products_program_is_shown_and_nothing_changed(tiny, image):
    system = foreign_machine()
    client = client_of(system)
    before = attaching.look(client, NAMES)
    with pytest.raises(
        RemoteError, match=r"VENDOR/VNDACCEPT .number 1 of QIBM_QSO_ACCEPT"
    ) as error:
        attaching.refuse_foreign(before, NAMES, BOTH, client.where)
    assert "--replace" in str(error.value)
    attaching.refuse_foreign(before, NAMES, (Server.CONNECT,), client.where)


def test_a_replaced_program_is_kept_and_detach_restores_it(tiny, image):
    system = foreign_machine()
    client = client_of(system)
    before = picture(system)[1]
    attach(client, tiny, image)
    assert registered(client)[0] == (Server.ACCEPT, 1, "EPM/EPMACCEPT")
    detach(client)
    assert picture(system)[1] == before
    assert ("EPMKPTACC", "*DTAARA") not in objects(client, "EPM")


def test_the_replacement_is_one_command_so_that_somebody_is_always_asked(tiny, image):
    client = client_of(foreign_machine())
    through = Faulty(client, at=0, after=False)
    attach(client, tiny, image, through=through)
    points = [c for c in through.changes if "EXITPGM EXITPNT(QIBM_QSO_ACCEPT)" in c]
    assert len(points) == 1
    assert "REPLACE(*YES)" in points[0]


def test_several_programs_of_others_come_back_as_they_were(tiny, image):
    system = foreign_machine()
    client = client_of(system)
    client.command(
        "ADDEXITPGM EXITPNT(QIBM_QSO_ACCEPT) FORMAT(ACPT0100) PGMNBR(7) PGM(VENDOR/OTHER) "
        "THDSAFE(*NO) MLTTHDACN(*RUN) TEXT('It''s another') PGMDTA(*JOB 5 'a''b c')"
    )
    before = registrations(client)
    attach(client, tiny, image)
    assert len(registered(client)) == 2
    detach(client)
    assert registrations(client) == before


def test_after_a_failure_the_program_of_others_is_registered_as_before(tiny, image):
    counted = Faulty(client_of(foreign_machine()), at=0, after=False)
    attach(counted.remote, tiny, image, through=counted)
    at, failures = counted.made - 9, 0  # the changes before do not touch the registration
    while True:
        system = foreign_machine()
        client = client_of(system)
        before = picture(system)
        through = Faulty(client, at, after=True)
        error = attach_failure(client, tiny, image, through)
        if through.made < at:
            break
        if error is not None:
            assert error.not_undone == ()
            assert picture(system) == before, (at, through.changes[-1])
            failures += any("EXITPGM" in change for change in through.changes)
        at += 1
    assert failures >= 2


@pytest.mark.parametrize("after", [False, True], ids=["refused", "answer-lost"])
def test_after_a_failed_detach_ours_is_asked_and_theirs_kept_as_before(tiny, image, after):
    at = 1
    while True:
        system = foreign_machine()
        client = client_of(system)
        attach(client, tiny, image)
        before = picture(system)
        through = Faulty(client, at, after)
        error = detach_failure(client, through)
        if error is None:
            break
        assert error.not_undone == ()
        assert picture(system) == before, (at, through.changes[-1])
        at += 1
    assert at == 4, "two exit points and a data area"


def test_a_second_foreign_program_is_not_replaced_over_the_kept_one(tiny, image):
    client = client_of(foreign_machine())
    attach(client, tiny, image)
    client.command(
        "ADDEXITPGM EXITPNT(QIBM_QSO_ACCEPT) FORMAT(ACPT0100) PGMNBR(2) PGM(VENDOR/LATER)"
    )
    before = attaching.look(client, NAMES)
    with pytest.raises(RemoteError, match="detach first; nothing was changed"):
        attaching.refuse_kept_twice(client, before, NAMES, BOTH)


def test_registrations_too_long_to_be_kept_are_not_replaced(tiny, image):
    client = client_of(foreign_machine())
    client.command(
        "ADDEXITPGM EXITPNT(QIBM_QSO_ACCEPT) FORMAT(ACPT0100) PGMNBR(2) PGM(VENDOR/BIG) "
        f"PGMDTA(*JOB 2000 '{'x' * 2000}')"
    )
    with pytest.raises(RemoteError, match="could not be restored, so they are not replaced"):
        steps_of(client, tiny, image)


def test_a_damaged_data_area_of_kept_programs_is_one_line(tiny, image):
    client = client_of(foreign_machine())
    attach(client, tiny, image)
    client.command("CHGDTAARA DTAARA(EPM/EPMKPTACC) VALUE('[not JSON')")
    with pytest.raises(RemoteError, match="EPMKPTACC does not hold the exit programs"):
        detach(client)


# ----------------------------------------------------------------------------------- detach


def test_detach_removes_ours_only_and_a_second_one_does_nothing(client, tiny, image):
    attach(client, tiny, image)
    client.command(
        "ADDEXITPGM EXITPNT(QIBM_QSO_ACCEPT) FORMAT(ACPT0100) PGMNBR(2) PGM(VENDOR/LATER)"
    )
    detach(client)
    assert registered(client) == [(Server.ACCEPT, 2, "VENDOR/LATER")]
    assert detach(client).done == []


def test_a_program_of_the_same_name_elsewhere_is_not_ours(client, tiny, image):
    attach(client, tiny, image, (Server.CONNECT,))
    client.command(
        "ADDEXITPGM EXITPNT(QIBM_QSO_ACCEPT) FORMAT(ACPT0100) PGMNBR(1) PGM(QGPL/EPMACCEPT)"
    )
    detach(client)
    assert registered(client) == [(Server.ACCEPT, 1, "QGPL/EPMACCEPT")]


def test_purge_takes_everything_away(client, system, tiny, image):
    before = picture(system)
    attach(client, tiny, image)
    detach(client)
    run_steps(client, detaching.purge(client, NAMES), lambda _: None)
    assert picture(system) == before
    assert detaching.purge(client, NAMES) == ()


def test_a_library_with_something_of_others_is_not_deleted(client, tiny, image):
    attach(client, tiny, image)
    client.command("CRTDTAARA DTAARA(EPM/PAYROLL) TYPE(*CHAR) LEN(10)")
    detach(client)
    with pytest.raises(RemoteError, match=r"PAYROLL .DTAARA.: delete it by hand"):
        detaching.purge(client, NAMES)
    assert ("EPMRULES", "*USRSPC") in objects(client, "EPM")


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("user", "missing"),
    [
        ("EPMNOIO", "*IOSYSCFG"),
        ("EPMNOSEC", "*SECADM"),
        ("EPMUSER", "*ALLOBJ *SECADM *IOSYSCFG"),
    ],
)
def test_a_missing_special_authority_is_named_before_anything_is_done(
    system, tiny, image, user, missing
):
    client = client_of(system, user)
    before = picture(system)
    with pytest.raises(RemoteError) as error:
        attach(client, tiny, image)
    assert f"user {user} lacks special authority {missing}," in str(error.value)
    assert str(error.value).endswith("nothing was changed")
    with pytest.raises(RemoteError, match="lacks special authority"):
        detach(client)
    assert picture(system) == before


def test_authority_may_come_from_the_group(system, tiny, image):
    profiles = system.state.profiles
    profiles.add(replace(profiles.known("EPMUSER"), groups=("EPMADM",)))
    attach(client_of(system, "EPMUSER"), tiny, image)


def test_an_owner_with_special_authority_is_refused(client, system, tiny, image):
    client.command(f"CRTUSRPRF USRPRF({OWNER}) PASSWORD(*NONE) SPCAUT(*ALLOBJ)")
    with pytest.raises(
        RemoteError, match=r"EPMOWNER has special authority .ALLOBJ, which the exit"
    ):
        attach(client, tiny, image)


def test_a_full_library_fails_with_its_message_and_is_undone(tiny, image):
    system = machine()
    client = client_of(system)
    client.command("CRTLIB LIB(EPM) AUT(*USE)")
    system.state.libraries.get("EPM").max_objects = 5
    before = picture(system)
    with pytest.raises(StepFailedError, match=r"CPF2195.*full.*undone: ") as error:
        attach(client, tiny, image)
    assert error.value.not_undone == ()
    assert picture(system) == before


def test_a_full_disk_fails_with_its_message_and_is_undone(tiny, image):
    system = machine(capacity=8 << 20)
    before = picture(system)
    with pytest.raises(StepFailedError, match="CPF0907"):
        attach(client_of(system), tiny, image)
    assert picture(system) == before


def test_no_room_for_another_exit_program_fails_with_its_message(tiny, image):
    system = machine(maximum_socket_programs=0)
    before = picture(system)
    with pytest.raises(StepFailedError, match="CPF3CD4"):
        attach(client_of(system), tiny, image)
    assert picture(system) == before


class Reading:
    """A real way to a system that reads files back in its own manner."""

    def __init__(self, client, line, more=()):
        self.client, self.line, self.more = client, line, list(more)

    def __getattr__(self, name):
        return getattr(self.client, name)

    def query(self, statement):
        rows = self.client.query(statement)
        if "IFS_READ" not in statement:
            return rows
        return [{"LINE": self.line(row["LINE"] or "")} for row in rows] + self.more


def test_blanks_that_a_result_set_drops_are_no_difference(client, tiny, image):
    files = {**tiny.files, "epm_core.c": "int core(void)\n{\n  return 1;\n}\n"}
    through = Reading(client, str.strip, [{"LINE": None}])
    attach(client, replace(tiny, files=files), image, through=through)
    assert len(registered(client)) == 2


def test_a_source_that_arrived_changed_is_not_compiled(client, system, tiny, image):
    before = picture(system)
    through = Reading(client, lambda line: line.replace("core", "c0re"))
    with pytest.raises(StepFailedError, match=r"upload epm_core.c: it did not take effect"):
        attach(client, tiny, image, through=through)
    assert picture(system) == before


def test_a_folder_of_somebody_else_is_never_compiled_from_nor_deleted(client, system, tiny, image):
    client.command(f"MKDIR DIR('{FOLDER}')")
    system.state.files.write(f"{FOLDER}/epm_core.c", b"int theirs;\n")
    before = picture(system)
    with pytest.raises(StepFailedError, match="CPFA0A0") as error:
        attach(client, tiny, image)
    assert error.value.not_undone == ()
    assert picture(system) == before


def test_a_source_that_does_not_compile_says_what_the_compiler_said():
    from simulators.ile_compiler import IleCompiler
    from tests.ibmi.conftest import TINY

    words = sources_for(NAMES).files["epm_ibmi_words.h"]
    broken = sources_for(NAMES, {**TINY, "epm_core.c": "int x = ;\n", "epm_ibmi_words.h": words})
    system = machine(IleCompiler())
    before = picture(system)
    with pytest.raises(StepFailedError, match=r"compile epm_core\.c: .*CZM0000: .*error: expected"):
        attach(client_of(system), broken, image_of())
    assert picture(system) == before
