"""QCDRCMDI, QCLRPGMI and QBNRSPGM: what is known of a command, a program, a service program.

Source: IBM documentation of each API; offsets 0-based. Of an object the simulated system keeps
owner, attribute, text, creation and whether it adopts authority; the rest is as a program or a
command has it that was created with the defaults, and 0 or blank where there is no default.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.libraries import Library
from simulators.ibmi.names import from_char20
from simulators.ibmi.objects import (
    Code,
    Parameters,
    ProgramData,
    ServiceProgramData,
    SystemObject,
)
from simulators.ibmi.programs.context import ProgramContext, faults
from simulators.ibmi.programs.errorcode import api, deliver
from simulators.ibmi.programs.image import image
from simulators.ibmi.rights import USE
from simulators.ibmi.storage import binary_at, fault, text_at

#: Release of the simulated system.
RELEASE = "V7R5M0"


def _found(
    context: ProgramContext, p: Parameters, form: str, kind: str
) -> tuple[Library, SystemObject]:
    """Return the object that the fourth parameter names, with the format checked."""
    given = text_at(p[2], 0, 8)
    if given != form:
        raise fault("CPF3C21", given)
    name = from_char20(text_at(p[3], 0, 20))
    with faults():
        return context.job.need(name.lib, name.name, kind, USE)


def _created(item: SystemObject) -> str:
    return f"{item.created.year // 100 - 19}{item.created:%y%m%d%H%M%S}"


def _qcdrcmdi(context: ProgramContext, p: Parameters) -> bytes:
    """QCDRCMDI(receiver, length, format, command 20, error code): CMDI0100.

    8 command, 28 its program, 48 source, 78 validity checker, 98 mode, 108 where allowed,
    123 limited user, 124 positional parameters, 128 and 148 message files, 168 help, 208 search
    index, 218 current and product library, 258 release, 264 text, 314 states, 320 bookshelf,
    328 CCSID, 332 five indicators.
    """
    home, item = _found(context, p, "CMDI0100", "*CMD")
    none = ("10a", "*NONE")
    data = image(
        *(("8h", ""), ("10a", item.name), ("10a", home.name), *[("10a", "")] * 5),
        *(none, ("10a", ""), ("10a", "1110000000"), ("15a", "111111111000000"), ("1a", "0")),
        *(("10i0", 99), none, ("10a", ""), ("10a", "QCPFMSG"), ("10a", "*LIBL")),
        *(none, ("10a", ""), none, none, ("10a", ""), ("10a", "*NOCHG"), ("10a", "*NOCHG")),
        *(none, ("10a", ""), ("6a", ""), ("50a", item.text), ("2a", "*S"), ("2a", "*U")),
        *(("2a", "*U"), ("10i0", 0), ("10i0", 0), ("10i0", 37), ("1a", "0"), ("1a", "0")),
        *(("1a", "0"), ("1a", "0"), ("1a", "0"), ("13h", "")),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _qclrpgmi(context: ProgramContext, p: Parameters) -> bytes:
    """QCLRPGMI(receiver, length, format, program 20, error code): PGMI0100.

    8 name, 28 owner, 38 attribute, 48 created, 61 source, 104 options, 110 text, 160 type,
    220 eight numbers, 252 state, 267 release, 273 sort sequence, 303 domain, 325 storage options,
    348 entry module, 368 activation group, 404 CCSID, 408 counts, 424 release created for.
    """
    home, item = _found(context, p, "PGMI0100", "*PGM")
    assert isinstance(item.data, ProgramData)
    data = image(
        *(("8h", ""), ("10a", item.name), ("10a", home.name), ("10a", item.owner)),
        *(("10a", item.attribute), ("13a", _created(item)), *[("10a", "")] * 3, ("13a", "")),
        *(("1a", "A"), ("1a", "UO"[item.data.adopts]), ("1a", "Y"), ("1a", ""), ("1a", "")),
        *(("1a", ""), ("50a", item.text), ("1a", "B"), ("1a", "N"), ("58h", ""), ("10i0", 0)),
        *(("10i0", 255), ("10i0", item.size), *[("10i0", 0)] * 5, ("1a", "U"), ("14a", "")),
        *(("6a", RELEASE), ("10a", "*HEX"), ("10a", ""), ("10a", ""), ("1a", "U"), ("1a", "N")),
        *(("1a", ""), ("19h", ""), ("1a", "N"), ("1a", ""), ("1a", "N"), ("1a", "N")),
        *(("1a", ""), ("18h", ""), ("10a", item.name), ("10a", home.name)),
        *(("30a", "*DFTACTGRP"), ("1a", "N"), ("1a", "N"), ("6a", RELEASE), ("1a", "N")),
        *(("1a", "Y"), ("10i0", 65535), ("10i0", 1), *[("10i0", 0)] * 3, ("6a", RELEASE)),
        *(("1a", "N"), ("1a", "Y"), ("1a", "N"), ("10a", "*NCOL"), ("1a", "N"), ("1a", "0")),
        *(("10a", "*NO"), ("77h", "")),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _qbnrspgm(context: ProgramContext, p: Parameters) -> bytes:
    """QBNRSPGM(receiver, length, format, service program 20, error code): SPGI0100.

    8 name, 28 owner, 38 attribute, 48 created, 61 export source, 91 activation group,
    121 signature, 137 user profile, 140 CCSID, 144 counts, 156 text, 206 options, 208 unresolved,
    212 options, 306 state, 308 sizes, 320 releases.
    """
    home, item = _found(context, p, "SPGI0100", "*SRVPGM")
    assert isinstance(item.data, ServiceProgramData)
    data = image(
        *(("8h", ""), ("10a", item.name), ("10a", home.name), ("10a", item.owner)),
        *(("10a", item.attribute), ("13a", _created(item)), *[("10a", "")] * 3),
        *(("30a", "*CALLER"), ("16b", ""), ("1a", "UO"[item.data.adopts]), ("1a", "N")),
        *(("1a", "N"), ("10i0", 65535), ("10i0", 1), ("10i0", 0), ("10i0", 0)),
        *(("50a", item.text), ("1a", "N"), ("1a", "Y"), ("10i0", 0), ("1a", "Y"), ("1a", "N")),
        *(("10a", "*NCOL"), ("1a", "N"), ("1a", "0"), ("10a", "*NO"), ("70h", ""), ("1a", "U")),
        *(("1a", "U"), ("10i0", 0), ("10i0", 0), ("10i0", item.size), *[("6a", RELEASE)] * 3),
        *(("1a", "N"), ("1a", "N"), ("1a", "Y"), ("1a", ""), ("90h", ""), ("1a", "0")),
        ("1a", "0"),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


PROGRAMS: Mapping[str, Code] = {
    "QCDRCMDI": api(5, 6, 4, _qcdrcmdi),
    "QCLRPGMI": api(5, 5, 4, _qclrpgmi),
    "QBNRSPGM": api(5, 5, 4, _qbnrspgm),
}
