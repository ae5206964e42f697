"""Systems and their registration in memory, over the same table as the product's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from epm.cli.workbench.registration import point_lines, program_lines
from epm.errors import EditConflictError, NotFoundError, RemoteError
from epm.model import Server
from exitprograms.registry import ExitPoint, Registry, add_exit_program, remove_exit_program
from tui.services import SystemAction, SystemLine, SystemState

FIXED = "Exit programs of *LOCAL are the product's own; menu 5 activates them."
_FTP = ExitPoint("QIBM_QTMF_SERVER_REQ", "VLRQ0100", "FTP Server Request Validation", maximum=1)
_OLD = ExitPoint("ACME_OLD_POINT", "ACME0100", "", registered=False)


def _table(attached):
    table = Registry()
    points = {**table.points, (_FTP.name, _FTP.format_name): _FTP,
              (_OLD.name, _OLD.format_name): _OLD}  # fmt: skip
    table = Registry(points)
    for point, name in (("QIBM_QSO_ACCEPT", "ACPT0100"), ("QIBM_QSO_CONNECT", "CONN0100")):
        if attached:
            table = add_exit_program(table, point, name, 1, f"EPM/EPM{point[9:]}", text="epm 1.0")
    return add_exit_program(table, _FTP.name, _FTP.format_name, 1, "ACME/FTPCHECK")


LINES = MappingProxyType(
    {
        "WEST": SystemLine("WEST", "ssh", "ssh://west.example:22", "eve", "EPM"),
        "PROD": SystemLine("PROD", "http", "https://prod.example", "EPMADM", "EPM"),
        "TEST": SystemLine("TEST", "odbc", "odbc source TEST", "", "EPMTEST"),
    }
)


_POINT = "EXITPNT(QIBM_QSO_ACCEPT) FORMAT(ACPT0100) PGMNBR(1)"
PLANS = MappingProxyType(
    {
        SystemAction.DEPLOY: ["PGM: CALL PGM(QSYS/QUSCHGUS) PARM('EPM/EPMRULES' ...): revision 7"],
        SystemAction.ATTACH: [
            "CL:  CRTLIB LIB(EPM)",
            f"CL:  ADDEXITPGM {_POINT} PGM(EPM/EPMACCEPT) THDSAFE(*YES) MLTTHDACN(*SYSVAL) "
            "REPLACE(*NO) TEXT('epm 1.0')",
        ],
        SystemAction.DETACH: [f"CL:  RMVEXITPGM {_POINT}"],
        SystemAction.FETCH: ["Reads the audit entries that are new since the last fetch."],
    }
)


@dataclass
class MemorySystems:
    """Three systems, of which one does not answer; ``done`` is what was done to them."""

    done: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    tables: dict = field(default_factory=lambda: {"PROD": _table(True), "TEST": _table(False)})
    refuse: str = ""

    lines = LINES
    unreachable = "ssh://west.example:22: no answer in 30 s"

    def names(self):
        return sorted(self.lines)

    def system(self, name):
        if name not in self.lines:
            raise NotFoundError(f"system {name} is not in the settings")
        return self.lines[name]

    def states(self, names):
        self.asked.append(list(names))
        return {name: self._state(name) for name in names}

    def _state(self, name):
        if name == "WEST":
            return SystemState(problem=self.unreachable)
        count = sum(any(p.lib == "EPM" for p in self.tables[name].programs_of(s))
                    for s in Server)  # fmt: skip
        drift = "*YES" if name == "PROD" else "*NO"
        lines = (("Exit program", "EPM/EPMACCEPT at QIBM_QSO_ACCEPT"),
                 ("Store", "revision 7; deployed is revision 5"))  # fmt: skip
        return SystemState(
            f"{count} of 3", "5" if count else "", drift, lines=lines if count else ()
        )

    def plan(self, name, action):
        self._reach(name)
        if action is SystemAction.DETACH and name == "TEST":
            return []
        return PLANS[action]

    def do(self, name, action):
        self._reach(name)
        if self.refuse:
            raise RemoteError(self.refuse)
        self.done.append((name, str(action)))
        return (f"{name}: {str(action).lower()} done.",)

    def _reach(self, name):
        if name == "WEST":
            raise RemoteError(self.unreachable)


class MemoryRegistration:
    """The tables of those systems, and the product's own for any other name."""

    def __init__(self, systems):
        self.systems = systems
        self.asked = 0

    def _table(self, system):
        self.systems._reach(system)
        return self.systems.tables.get(system, Registry())

    def where(self, system):
        known = self.systems.lines.get(system)
        return known.where if known else "the product's own table"

    def fixed(self, system):
        return "" if system in self.systems.lines else FIXED

    def exit_points(self, system):
        self.asked += 1
        return point_lines(self._table(system))

    def programs(self, system, exit_point, format_name):
        return program_lines(self._table(system).point(exit_point, format_name).programs)

    def add(self, system, point, program, replacing=None):
        there = {p.number: p for p in self.programs(system, point.name, point.format_name)}
        if there.get(program.number) != replacing:
            raise EditConflictError(f"{point.name} number {program.number} changed; nothing done")
        self.systems.tables[system] = add_exit_program(
            self._table(system), point.name, point.format_name, program.number,
            program.qualified, text=program.text, replace_existing=replacing is not None,
        )  # fmt: skip

    def remove(self, system, point, seen):
        there = {p.number: p for p in self.programs(system, point.name, point.format_name)}
        for program in seen:
            if there.get(program.number) != program:
                raise EditConflictError(f"{point.name} number {program.number} changed")
            self.systems.tables[system] = remove_exit_program(
                self._table(system), point.name, point.format_name, program.number
            )
