"""RTVOBJD: retrieve an object's description into variables."""

from __future__ import annotations

from datetime import datetime

from simulators.ibmi.cl.definition import Call, Command, Param
from simulators.ibmi.cl.texts import returned
from simulators.ibmi.rights import USE

_RETURNS = (
    *("RTNLIB", "USRPRF", "OBJATR", "USRDFNATR", "TEXT", "OWNER", "OBJDMN", "CRTDATE", "CHGDATE"),
    *("SAVDATE", "RSTDATE", "CRTUSER", "CRTSYSTEM", "ASP", "OVFASP", "USEUPD", "USEDATE"),
    *("USECOUNT", "RESETDATE", "SIZE", "AUTLIB", "STG", "SYSLVL", "COMPILER", "OBJLVL"),
    *("ALWAPICHG", "USRCHG", "LICPGM", "PTF", "APAR", "OBJAUD", "ASPNUM"),
)
"""What RTVOBJD returns; what the simulated system does not keep is blank or 0."""


def _moment(at: datetime) -> str:
    """CYYMMDDHHMMSS."""
    return f"{at.year // 100 - 19}{at:%y%m%d%H%M%S}"


def _rtvobjd(call: Call) -> None:
    job, name, kind = call.job, call.qualified("OBJ"), call.word("OBJTYPE")
    if kind == "*LIB":
        library, item = "QSYS", job.lib(name.name).header
    else:
        home, item = job.need(name.lib, name.name, kind, USE)
        library = home.name
    known = {
        "RTNLIB": library,
        "OBJATR": item.attribute,
        "TEXT": item.text,
        "OWNER": item.owner,
        "OBJDMN": "*S" if library == "QSYS" else "*U",
        "CRTDATE": _moment(item.created),
        "CHGDATE": _moment(item.changed or item.created),
        "CRTUSER": item.owner,
        "CRTSYSTEM": job.system.name,
        "ASP": "1",
        "USEUPD": "N",
        "USECOUNT": "0",
        "SIZE": str(item.size),
        "STG": "*KEEP",
    }
    returned(call, {keyword: known.get(keyword, "") for keyword in _RETURNS})


COMMANDS = (
    Command(
        "RTVOBJD",
        (Param("OBJ"), Param("OBJTYPE"), *(Param(k, "", returns=True) for k in _RETURNS)),
        _rtvobjd,
        "Retrieve Object Description",
        positional=2,
    ),
)
