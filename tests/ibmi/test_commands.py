"""Every CL command that is sent has the keywords and sizes that IBM documents for it.

Source: IBM documentation of each command, its table of parameters. A simulator that knows one
keyword too many would not notice: on IBM i such a command is refused whole (CPD0043).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from epm.model import Server
from exitprograms.ibmi import detaching, registering
from exitprograms.ibmi.asking import REGISTERING, Registered, person, registrations
from exitprograms.ibmi.holding import Hold, held
from exitprograms.ibmi.objects import Names, objects_of
from exitprograms.ibmi.steps import run_steps
from tests.ibmi.conftest import NAMES
from tests.ibmi.machine import Faulty, allows, client_of, machine
from tests.ibmi.test_attach import attach, attach_failure, detach

DOCUMENTED = {
    "ADDEXITPGM": "EXITPNT FORMAT PGMNBR PGM THDSAFE MLTTHDACN TEXT MSGID MSGF REPLACE CRTEXITPNT "
    "PGMDTA",
    "CHGOBJOWN": "OBJ OBJTYPE ASPDEV NEWOWN CUROWNAUT",
    "CRTCMOD": "MODULE SRCFILE SRCMBR SRCSTMF TEXT OUTPUT OPTION CHECKOUT OPTIMIZE DBGVIEW DEFINE "
    "LANGLVL SYSIFCOPT REPLACE AUT TGTRLS TERASPACE STGMDL DTAMDL TGTCCSID INCDIR",
    "CRTDTAARA": "DTAARA TYPE LEN VALUE RMTDTAARA RMTLOCNAME RDB DEV LCLLOCNAME MODE RMTNETID "
    "TEXT AUT",
    "CRTDTAQ": "DTAQ TYPE MAXLEN FORCE SEQ KEYLEN SENDERID SIZE AUTORCL RMTDTAQ TEXT AUT",
    "CRTJRN": "JRN JRNRCV ASP MSGQ MNGRCV DLTRCV RCVSIZOPT FIXLENDTA TEXT AUT",
    "CRTJRNRCV": "JRNRCV ASP THRESHOLD TEXT UNIT AUT",
    "CRTLIB": "LIB TYPE TEXT AUT ASP ASPDEV CRTAUT CRTOBJAUD",
    "CRTMSGQ": "MSGQ TEXT FORCE SIZE AUT ALWALR CCSID MSGQFULL",
    "CRTPGM": "PGM MODULE TEXT ENTMOD BNDSRVPGM BNDDIR ACTGRP OPTION DETAIL ALWUPD ALWLIBUPD "
    "USRPRF REPLACE AUT TGTRLS ALWRINZ STGMDL ARGOPT IPA IPACTLFILE IPARPLIL",
    "CRTUSRPRF": "USRPRF PASSWORD PWDEXP STATUS USRCLS INLMNU LMTCPB TEXT SPCAUT AUT",
    "DLTDTAARA": "DTAARA",
    "DLTDTAQ": "DTAQ",
    "DLTJRN": "JRN",
    "DLTJRNRCV": "JRNRCV DLTOPT",
    "DLTLIB": "LIB ASPDEV",
    "DLTMOD": "MODULE",
    "DLTMSGQ": "MSGQ",
    "DLTPGM": "PGM",
    "DLTUSRPRF": "USRPRF OWNOBJOPT PGPOPT EIMASSOC",
    "DLTUSRSPC": "USRSPC",
    "MKDIR": "DIR DTAAUT OBJAUT CRTOBJAUD CRTOBJSCAN RSTDRNMUNL",
    "RMVDIR": "DIR SUBTREE RMVLNK",
    "RMVEXITPGM": "EXITPNT FORMAT PGMNBR RMVEXITPNT",
    "RNMOBJ": "OBJ OBJTYPE NEWOBJ ASPDEV",
}

#: Commands that the manual shows, and epm does not send.
SHOWN = {
    "CPYAUDJRNE": "ENTTYP OUTFILE OUTMBR USRPRF JRNRCV FROMTIME TOTIME",
    "DSPJRN": "JRN FILE OBJ RCVRNG FROMENTLRG FROMTIME TOENTLRG TOTIME NBRENT JRNCDE ENTTYP JOB "
    "PGM USRPRF OUTPUT OUTFILFMT OUTFILE OUTMBR ENTDTALEN NULLINDLEN INCHIDENT",
}


def keywords(command: str) -> list[str]:
    """The keywords of a command: the words before a bracket that stands in no other."""
    found, depth = [], 0
    for word, bracket in re.findall(r"(\w*)([()])", re.sub(r"'(?:[^']|'')*'", "", command)):
        if bracket == "(":
            found += [word] if depth == 0 else []
            depth += 1
        else:
            depth -= 1
    return found


@pytest.fixture(scope="module")
def sent(tiny, image):
    """Every command of an attach over another's program, upgrades, a failure, and the way back."""
    system = machine(foreign_exit_programs={"QIBM_QSO_ACCEPT": allows})
    client = client_of(system)
    through = Faulty(client, at=0, after=False)
    newer = [
        replace(tiny, files={**tiny.files, "epm_core.c": f"int core = {n};\n"}, version=f"{n:016d}")
        for n in range(3)
    ]
    with held(through, Hold("mark", "/epm-EPM-0123456789ab", "the test")):
        for sources in (tiny, *newer):
            attach(client, sources, image, through=through)
        detach(client, through=through)
        run_steps(through, detaching.purge(client, NAMES), lambda _: None)
    failing = Faulty(client_of(machine()), at=20, after=False)
    assert attach_failure(failing.remote, tiny, image, failing) is not None
    return [c for c in (*through.changes, *failing.changes) if not c.startswith("CALL ")]


def test_every_keyword_is_one_that_the_command_has(sent):
    wrong = {
        (verb, keyword)
        for verb, _, rest in (command.partition(" ") for command in sent)
        for keyword in keywords(rest)
        if keyword not in DOCUMENTED[verb].split()
    }
    assert wrong == set()
    assert {command.partition(" ")[0] for command in sent} == set(DOCUMENTED)


def test_every_keyword_of_a_command_that_the_manual_shows_is_one_that_it_has():
    manual = (Path(__file__).parents[2] / "docs" / "ibmi.md").read_text("utf-8")
    shown = re.findall(r"^(CPYAUDJRNE|DSPJRN) ((?:.|\n +)*)$", manual, re.MULTILINE)
    assert [verb for verb, _ in shown] == ["CPYAUDJRNE", "DSPJRN"]
    wrong = [k for verb, rest in shown for k in keywords(rest) if k not in SHOWN[verb].split()]
    assert wrong == []


def test_the_keywords_of_a_command_are_those_outside_of_values():
    text = "PGM(A/B) MODULE(A/C A/D) SIZE(*X (1 2)) TEXT('NO(T) it''s') AUT(*USE)"
    assert keywords(text) == ["PGM", "MODULE", "SIZE", "TEXT", "AUT"]


def test_a_full_message_queue_loses_its_oldest_message_and_no_new_one():
    (queue,) = [item for item in objects_of(Names("EPM"), 0) if item.type == "*MSGQ"]
    assert "MSGQFULL(*WRAP)" in queue.create


def vendor(**more) -> Registered:
    plain = Registered(Server.ACCEPT, 7, "VENDOR", "P", "text", "", "NO", "*RUN")
    return replace(plain, **more)


def test_a_text_longer_than_the_command_takes_is_cut():
    """A text that comes from a message file has up to 132 characters; TEXT takes 50."""
    assert f"TEXT('{'x' * 50}')" in registering.add_command(vendor(text="x" * 51), replacing=True)


@pytest.mark.parametrize(("said", "sent"), [("RUN", "*RUN"), ("*NORUN", "*NORUN"), ("", "*SYSVAL")])
def test_an_action_is_sent_as_a_special_value_however_the_system_spells_it(said, sent):
    class System:
        """Answers as EXIT_PROGRAM_INFO does, but for the spelling."""

        where = "there"

        def query(self, statement):
            points = [{"EXIT_POINT_NAME": server.exit_point} for server in Server]
            if "EXIT_POINT_INFO" in statement:
                return points
            program = {"EXIT_PROGRAM_NUMBER": "7", "EXIT_PROGRAM": "P", "THREADSAFE": "NO"}
            return [points[0] | program | {"MULTITHREADED_JOB_ACTION": said}]

    (found,) = registrations(System())
    assert f"MLTTHDACN({sent})" in registering.add_command(found, replacing=False)


class Grouped:
    """A real way to a system, and the view of groups that the simulator lacks."""

    def __init__(self, client, *groups: str) -> None:
        self.client, self.groups, self.asked = client, groups, 0
        self.where = client.where

    def query(self, statement):
        if "GROUP_PROFILE_ENTRIES" not in statement:
            return self.client.query(statement)
        assert "USER_PROFILE_NAME = 'EPMUSER'" in statement
        self.asked += 1
        return [{"GROUP_PROFILE_NAME": group} for group in self.groups]


def test_special_authority_may_come_from_a_supplemental_group(system):
    profiles = system.state.profiles
    profiles.add(replace(profiles.known("EPMUSER"), groups=("EPMNOIO", "EPMADM")))
    client = client_of(system, "EPMUSER")
    assert "*IOSYSCFG" not in person(client).special
    assert person(Grouped(client, "EPMNOIO", "EPMADM")).special.issuperset(REGISTERING)


def test_groups_are_asked_only_of_a_user_who_lacks_something(client):
    grouped = Grouped(client)
    assert person(grouped).special.issuperset(REGISTERING)
    assert grouped.asked == 0
