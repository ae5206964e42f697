"""RTVJOBA and CHGJOB: the attributes of a job.

Source: IBM documentation of both commands. What the simulated system does not keep has the value
that a job of a server has as shipped.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.cl.definition import Call, Command, Param, as_number
from simulators.ibmi.cl.texts import libraries_of, returned
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError

#: Attributes by keyword of RTVJOBA, as a job begins.
_SHIPPED: Mapping[str, str] = {
    **{"LOGLVL": "4", "LOGSEV": "0", "LOGTYPE": "*NOLIST", "LOGCLPGM": "*NO"},
    **{"LOGOUTPUT": "*JOBEND", "JOBMSGQMX": "64", "JOBMSGQFL": "*WRAP", "INQMSGRPY": "*RQD"},
    **{"OUTQ": "QPRINT", "OUTQLIB": "QGPL", "ACGCDE": "", "TYPE": "0", "SUBTYPE": "*"},
    **{"RUNPTY": "20", "TIMESLICE": "2000", "PURGE": "*YES", "DFTWAIT": "30", "RTNCDE": "0"},
    **{"ENDSTS": "0", "SRTSEQ": "*HEX", "SRTSEQLIB": "", "CHRIDCTL": "*DEVD"},
    **{"DEVRCYACN": "*MSG", "BRKMSG": "*NORMAL", "STSMSG": "*NONE", "SWS": "00000000"},
    **{"OUTPTY": "5", "PRTTXT": "", "PRTDEV": "PRT01", "PRTKEYFMT": "*PRTHDR"},
    **{"TSEPOOL": "*NONE", "DATFMT": "*MDY", "DATSEP": "/", "TIMSEP": ":", "DECFMT": ""},
    **{"DDMCNV": "*KEEP", "SBMMSGQ": "", "SBMMSGQLIB": "", "ASPGRP": "*NONE"},
    **{"SPLFACN": "*KEEP", "THDRSCAFN": "*NOGROUP", "THDRSCADJ": "*NO", "TIMOFFSET": "0"},
}
#: Those that the job, the clock or a system value makes.
_MADE = (
    *("JOB", "USER", "NBR", "CURUSER", "USRLIBL", "SYSLIBL", "CURLIB", "CCSID", "DFTCCSID"),
    *("LANGID", "CNTRYID", "DATE", "CYMDDATE", "TIMZON"),
)
#: What CHGJOB changes, with the values that it takes; None is any.
_CHANGES: Mapping[str, tuple[str, ...] | None] = {
    **{"OUTPTY": None, "RUNPTY": None, "TIMESLICE": None, "PURGE": ("*YES", "*NO")},
    **{"DFTWAIT": None, "DATFMT": ("*SYSVAL", "*MDY", "*YMD", "*DMY", "*JUL"), "DATSEP": None},
    **{"TIMSEP": None, "DECFMT": None, "BRKMSG": ("*NORMAL", "*NOTIFY", "*HOLD")},
    **{"STSMSG": ("*NORMAL", "*NONE", "*USRPRF", "*SYSVAL"), "PRTDEV": None, "PRTTXT": None},
    **{"INQMSGRPY": ("*RQD", "*DFT", "*SYSRPYL"), "SWS": None, "LOGCLPGM": ("*YES", "*NO")},
    **{"LANGID": None, "CNTRYID": None, "SRTSEQ": None, "DDMCNV": ("*KEEP", "*DROP")},
}
_NUMBERS = {"RUNPTY": 99, "TIMESLICE": 9_999_999, "OUTPTY": 9, "DFTWAIT": 9_999_999}


def _rtvjoba(call: Call) -> None:
    job = call.job
    now, values = job.system.now(), job.system.values
    made = {
        "JOB": job.name,
        "USER": job.user,
        "NBR": job.number,
        "CURUSER": job.user,
        "USRLIBL": libraries_of(job.user_libraries),
        "SYSLIBL": libraries_of(job.system_libraries),
        "CURLIB": job.current_library or "*NONE",
        "CCSID": str(job.ccsid),
        "DFTCCSID": "37" if job.ccsid == 65535 else str(job.ccsid),
        "LANGID": values.get("QLANGID"),
        "CNTRYID": values.get("QCNTRYID"),
        "DATE": f"{now:%m%d%y}",
        "CYMDDATE": f"{now.year // 100 - 19}{now:%y%m%d}",
        "TIMZON": values.get("QTIMZON"),
    }
    returned(call, {**_SHIPPED, **made, **job.attributes})


def _target(call: Call) -> JobState:
    """Return the job that JOB names: *, a name, USER/NAME or NUMBER/USER/NAME.

    Raises:
        EscapeError: CPF1321, there is none; CPF1344, it is another user's.
    """
    job, word = call.job, call.word("JOB")
    if word == "*":
        return job
    parts = word.split("/")
    wanted = [""] * (3 - len(parts)) + parts
    for other in job.system.jobs.values():
        names = (other.number, other.user, other.name)
        fits = all(want in ("", name) for want, name in zip(wanted, names, strict=False))
        if fits and len(parts) <= 3 and isinstance(other, JobState):
            if other.user != job.user and not job.has_special("*JOBCTL"):
                raise EscapeError("CPF1344", other.name)
            return other
    raise EscapeError("CPF1321", *reversed(wanted[:3]))


def _chgjob(call: Call) -> None:
    target = _target(call)
    changed: dict[str, str] = {}
    for keyword, choices in _CHANGES.items():
        if not call.is_given(keyword) or call.word(keyword) == "*SAME":
            continue
        if keyword in _NUMBERS:
            changed[keyword] = str(call.number(keyword, 1, _NUMBERS[keyword]))
        else:
            changed[keyword] = (
                call.word(keyword) if choices is None else call.choice(keyword, choices)
            )
    if "SWS" in changed and (len(changed["SWS"]) != 8 or not set(changed["SWS"]) <= set("01X")):
        raise EscapeError("CPD0084", changed["SWS"], "SWS")
    words = call.words("LOG")
    if words != ("*SAME",):
        changed |= zip(("LOGLVL", "LOGSEV", "LOGTYPE"), words, strict=False)
    ccsid = call.word("CCSID")
    if ccsid != "*SAME":
        special = {"*HEX": 65535, "*USRPRF": 37, "*SYSVAL": 37}
        target.ccsid = special.get(ccsid) or as_number(ccsid, "CCSID", 1, 65535)
    target.attributes |= changed
    call.send("CPC1100")


COMMANDS = (
    Command(
        "RTVJOBA",
        tuple(Param(k, "", returns=True) for k in (*_MADE, *_SHIPPED)),
        _rtvjoba,
        "Retrieve Job Attributes",
        positional=0,
    ),
    Command(
        "CHGJOB",
        (Param("JOB", "*"), *(Param(k, "*SAME") for k in (*_CHANGES, "LOG", "CCSID"))),
        _chgjob,
        "Change Job",
        positional=1,
    ),
)
