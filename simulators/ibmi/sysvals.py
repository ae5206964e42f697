"""System values and network attributes: what they are shipped as, and what CHGSYSVAL takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from simulators.ibmi.messages import EscapeError

#: QAUDLVL and QAUDLVL2 (IBM documentation of CHGSECAUD), as far as network auditing and the
#: usual levels go.
AUDIT_LEVELS = frozenset(
    {
        *("*NONE", "*ATNEVT", "*AUDLVL2", "*AUTFAIL", "*CREATE", "*DELETE", "*JOBBAS", "*JOBDTA"),
        *("*JOBCHGUSR", "*NETBAS", "*NETCLU", "*NETCMN", "*NETFAIL", "*NETSCK", "*NETSECURE"),
        *("*NETTELSVR", "*NETUDP", "*OBJMGT", "*OFCSRV", "*OPTICAL", "*PGMADP", "*PGMFAIL"),
        *("*PRTDTA", "*SAVRST", "*SECCFG", "*SECDIRSRV", "*SECIPC", "*SECNAS", "*SECRUN"),
        *("*SECSCKD", "*SECURITY", "*SECVFY", "*SECVLDL", "*SERVICE", "*SPLFDTA", "*SYSMGT"),
        "*PTFOPR",
        "*PTFOBJ",
    }
)
_AUDIT_CONTROLS = frozenset({"*NONE", "*AUDLVL", "*OBJAUD", "*NOQTEMP", "*NOTAVL"})
#: QAUDLVL holds at most this many values (IBM documentation).
MAX_AUDIT_LEVELS = 16


@dataclass(slots=True)
class SystemValue:
    """One system value.

    Attributes:
        kind: ``*SEC``, ``*SYSCTL``, ``*DATTIM``, ``*EDT``, ``*LIBL`` or ``*STG``.
        pattern: what a value must look like; None where it cannot be changed.
    """

    name: str
    value: str
    kind: str
    pattern: str | None = r".{0,1600}"


_SHIPPED = (
    ("QAUDCTL", "*AUDLVL", "*SEC", r".*"),
    ("QAUDLVL", "*NETSCK", "*SEC", r".*"),
    ("QAUDLVL2", "*NONE", "*SEC", r".*"),
    ("QAUDENDACN", "*NOTIFY", "*SEC", r"\*NOTIFY|\*PWRDWNSYS"),
    ("QSECURITY", "40", "*SEC", r"20|30|40|50"),
    ("QPWDLVL", "3", "*SEC", r"[0-4]"),
    ("QMAXSIGN", "*NOMAX", "*SEC", r"\*NOMAX|[1-9]\d{0,4}"),
    ("QMLTTHDACN", "2", "*SYSCTL", r"[1-3]"),
    ("QCCSID", "37", "*SYSCTL", r"\d{1,5}"),
    ("QLANGID", "ENU", "*SYSCTL", r"[A-Z]{3}"),
    ("QCNTRYID", "US", "*SYSCTL", r"[A-Z]{2}"),
    ("QCRTAUT", "*CHANGE", "*SEC", r"\*CHANGE|\*ALL|\*USE|\*EXCLUDE"),
    ("QDATFMT", "MDY", "*EDT", r"MDY|YMD|DMY|JUL"),
    ("QTIMSEP", ":", "*EDT", r"."),
    ("QDATSEP", "/", "*EDT", r"."),
    ("QSYSLIBL", "QSYS       QSYS2      QHLPSYS    QUSRSYS", "*LIBL", r"[A-Z0-9#$@_ ]+"),
    ("QUSRLIBL", "QGPL       QTEMP", "*LIBL", r"[A-Z0-9#$@_ ]+"),
    ("QSRLNBR", "7812340", "*SYSCTL", None),
    ("QMODEL", "41A", "*SYSCTL", None),
    ("QUTCOFFSET", "+0000", "*DATTIM", r"[+-]\d{4}"),
    # As shipped (IBM documentation of the system values).
    ("QTIMZON", "Q0000UTC", "*DATTIM", r"[A-Z0-9]{1,10}"),
    ("QDECFMT", " ", "*EDT", r"[ IJ]"),
    ("QCURSYM", "$", "*EDT", r"."),
    ("QKBDTYPE", "USB", "*SYSCTL", r"[A-Z]{3}"),
    ("QCHRID", "697        37", "*SYSCTL", r"[0-9 ]+"),
    ("QPRTDEV", "PRT01", "*SYSCTL", r"[A-Z0-9#$@_]{1,10}"),
    ("QCTLSBSD", "QBASE      QSYS", "*SYSCTL", r"[A-Z0-9#$@_ ]+"),
    ("QABNORMSW", "0", "*SYSCTL", None),
    ("QALWOBJRST", "*ALL", "*SEC", r"[*A-Z ]+"),
    ("QALWUSRDMN", "*ALL", "*SEC", r"[*A-Z0-9 ]+"),
    ("QINACTITV", "*NONE", "*SEC", r"\*NONE|[1-9]\d{0,2}"),
    ("QINACTMSGQ", "*ENDJOB", "*SEC", r"[*A-Z0-9 ]+"),
    ("QLMTSECOFR", "0", "*SEC", r"[01]"),
    ("QDSPSGNINF", "0", "*SEC", r"[01]"),
    ("QMAXSGNACN", "3", "*SEC", r"[1-3]"),
    ("QRMTSIGN", "*FRCSIGNON", "*SEC", r"[*A-Z0-9 ]+"),
    ("QPWDEXPITV", "*NOMAX", "*SEC", r"\*NOMAX|[1-9]\d{0,2}"),
    ("QPWDMINLEN", "6", "*SEC", r"[1-9]\d{0,2}"),
    ("QPWDMAXLEN", "8", "*SEC", r"[1-9]\d{0,2}"),
)


def of_the_clock(now: datetime) -> Mapping[str, str]:
    """Return the system values that the clock makes, as RTVSYSVAL returns them (QDATFMT MDY)."""
    return {
        "QDATE": f"{now:%m%d%y}",
        "QTIME": f"{now:%H%M%S}",
        "QDATETIME": f"{now:%Y%m%d%H%M%S%f}",
        "QDAYOFWEEK": f"*{now:%a}".upper(),
        "QCENTURY": str(now.year // 100 - 19),
        "QYEAR": f"{now:%y}",
        "QMONTH": f"{now:%m}",
        "QDAY": f"{now:%d}",
        "QHOUR": f"{now:%H}",
        "QMINUTE": f"{now:%M}",
        "QSECOND": f"{now:%S}",
    }


_COMPUTED = frozenset(of_the_clock(datetime(2000, 1, 1)))


class SystemValues:
    """The system values, and the network attributes that DSPNETA shows."""

    def __init__(self, name: str) -> None:
        """Start as shipped; ``name`` is the system's, up to 8 characters."""
        self._values = {n: SystemValue(n, v, k, p) for n, v, k, p in _SHIPPED}
        self.network = {
            "SYSNAME": name,
            "LCLNETID": "APPN",
            "LCLCPNAME": name,
            "DDMACC": "*OBJAUT",
            "JOBACN": "*FILE",
            "PCSACC": "*OBJAUT",
        }

    def __iter__(self) -> Iterator[SystemValue]:
        """Every stored value, by name."""
        return iter([self._values[name] for name in sorted(self._values)])

    def get(self, name: str) -> str:
        """Return a value as text.

        Raises:
            EscapeError: CPF1028, there is none of that name.
        """
        found = self._values.get(name)
        if found is None:
            raise EscapeError("CPF1028", name)
        return found.value

    def words(self, name: str) -> tuple[str, ...]:
        """Return a value that is a list."""
        return tuple(self.get(name).split())

    def change(self, name: str, value: str) -> None:
        """Change a value.

        Raises:
            EscapeError: CPF1028 no such value, CPF1078 not to be changed, CPF1074 not valid.
        """
        found = self._values.get(name)
        if found is None:
            raise EscapeError("CPF1078" if name in _COMPUTED else "CPF1028", name)
        if found.pattern is None:
            raise EscapeError("CPF1078", name)
        if re.fullmatch(found.pattern, value) is None or not _is_sound(name, value):
            raise EscapeError("CPF1074", name, value)
        found.value = value

    @property
    def most_sign_on_failures(self) -> int | None:
        """QMAXSIGN; None is *NOMAX."""
        value = self.get("QMAXSIGN")
        return None if value == "*NOMAX" else int(value)

    @property
    def audits_sockets(self) -> bool:
        """Whether accepts and connects are audited: *AUDLVL, and *NETSCK in either level."""
        if "*AUDLVL" not in self.words("QAUDCTL"):
            return False
        levels = self.words("QAUDLVL")
        extended = self.words("QAUDLVL2") if "*AUDLVL2" in levels else ()
        return "*NETSCK" in levels or "*NETSCK" in extended


def _is_sound(name: str, value: str) -> bool:
    words = value.split()
    if name == "QAUDCTL":
        return bool(words) and set(words) <= _AUDIT_CONTROLS
    if name in ("QAUDLVL", "QAUDLVL2"):
        most = MAX_AUDIT_LEVELS if name == "QAUDLVL" else 99
        return bool(words) and set(words) <= AUDIT_LEVELS and len(words) <= most
    return True
