"""The system APIs that are implemented, by name; any other is missing here."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.objects import Code
from simulators.ibmi.programs import (
    authorities,
    changes,
    commands,
    dataqueues,
    descriptions,
    products,
    retrieve,
    spaces,
    sysstatus,
    sysvalues,
)
from simulators.ibmi.programs.mathematics import QC2UTIL2
from simulators.ibmi.programs.network import QTOCNETSTS

#: Programs of QSYS by name.
API_PROGRAMS: Mapping[str, Code] = {
    **commands.PROGRAMS,
    **spaces.PROGRAMS,
    **dataqueues.PROGRAMS,
    **retrieve.PROGRAMS,
    **sysvalues.PROGRAMS,
    **sysstatus.PROGRAMS,
    **authorities.PROGRAMS,
    **descriptions.PROGRAMS,
    **products.PROGRAMS,
    **changes.PROGRAMS,
}

#: Service programs of QSYS by name: their exported procedures.
API_SERVICE_PROGRAMS: Mapping[str, Mapping[str, Code]] = {
    "QTOCNETSTS": QTOCNETSTS,
    "QC2UTIL2": QC2UTIL2,
}
