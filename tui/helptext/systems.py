"""Help about IBM i systems, exit points and exit programs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PROGRAM = "The name of the program: up to 10 characters."
_LIBRARY = "The library that it is in: up to 10 characters."
_NUMBER = (
    "The sequence in which exit programs are called, 1 to 2147483647, the lowest first; one "
    "program for each number."
)

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "systems": (
            "The IBM i systems of the settings: a table [ibmi.NAME] in epm.toml for each. A system "
            "is asked only when you say so, and all of a page at once; a call of a remote system "
            "takes the time that it takes, and keys typed meanwhile wait."
        ),
        "systems.opt": (
            "5 asks the system and displays its status, 8 works with its registration information, "
            "10 deploys the rules, 11 attaches the exit programs, 12 detaches them, 13 fetches its "
            "audit journal entries. 10 to 13 show first what would be run."
        ),
        "systems.column.System": "The name that the system's rules have here, too.",
        "systems.column.Transport": "How it is reached: http, odbc, ssh or direct.",
        "systems.column.Registration": (
            "At how many of the three socket exit points epm's exit programs are registered; "
            "or why the system cannot be asked."
        ),
        "systems.column.Revision": "Which revision of the rules is deployed there.",
        "systems.column.Drift": (
            "*YES: what is deployed or attached is not what the store says; 5 shows what."
        ),
        "systems.column.Address": "Where it is; it holds no secret.",
        "systems.option.5": "Asks the system how it is, and displays all it says.",
        "systems.option.8": "Lists the exit points of the system and their exit programs.",
        "systems.option.10": "Deploys the rules of the store, past the lock-out guard.",
        "systems.option.11": "Compiles and registers the exit programs, past the lock-out guard.",
        "systems.option.12": "Takes the exit programs out and puts back what was there before.",
        "systems.option.13": "Fetches new audit journal entries of the system into the journal.",
        "systems.key.F5": (
            "Asks the systems of this page how they are, all at once; options that were typed and "
            "not processed are forgotten."
        ),
        "system": "What the system said of itself when it was asked, and where it is.",
        "system-confirm": (
            "The commands and statements that would be run on the system. Enter runs them; each is "
            "checked, and a failure half-way undoes what was done. F12 goes back."
        ),
        "system-confirm.column.What would be run": (
            "CL commands and SQL statements, in order; a long one goes on below, indented."
        ),
        "registration": (
            "The exit points of a system, as WRKREGINF lists them there. The table of a system "
            "that no [ibmi.NAME] table says how to reach is the product's own: the three socket "
            "exit points, with its exit program where the server is activated."
        ),
        "registration.opt": "5 displays the exit point, 8 works with its exit programs.",
        "registration.position": "The list begins at this exit point, or at the next one.",
        "registration.column.Point": "The exit point.",
        "registration.column.Format": "The format of the block that its exit programs get.",
        "registration.column.Registered": (
            "*YES: the operating system or an application registered it. *NO: it came into being "
            "when an exit program was added, and nothing may ever call it."
        ),
        "registration.column.Text": "What it is for.",
        "registration.option.5": "Displays the exit point.",
        "registration.option.8": "Works with the exit programs that are registered there.",
        "registration.key.F5": (
            "Asks the system again; options that were typed and not processed are forgotten."
        ),
        "exit-point": "An exit point: its format, and how many exit programs it takes and has.",
        "exit-programs": (
            "The exit programs of an exit point, in the order in which they are called. An error "
            "inside one, or one that is not there, rejects the call (assumption of what IBM i does "
            "with an unhandled exception)."
        ),
        "exit-programs.opt": (
            "1 in the first row adds an exit program; beside one, 4 removes it after you "
            "confirmed, 5 displays it, 10 registers another one in its place."
        ),
        "exit-programs.column.Number": _NUMBER,
        "exit-programs.column.Program": _PROGRAM,
        "exit-programs.column.Library": _LIBRARY,
        "exit-programs.column.Text": "What it is for.",
        "exit-programs.option.1": "Adds an exit program; type it in the first row of the list.",
        "exit-programs.option.4": "Removes the exit program, after you confirmed.",
        "exit-programs.option.5": "Displays the registration.",
        "exit-programs.option.10": "Registers another program under the same number.",
        "exit-programs.key.F5": (
            "Asks the system again; options that were typed and not processed are forgotten."
        ),
        "exit-program-add": (
            "The exit program to register. Whether it exists is not asked, as the system does not "
            "ask; one that cannot be called rejects every call."
        ),
        "exit-program-add.number": _NUMBER,
        "exit-program-add.program": _PROGRAM,
        "exit-program-add.lib": _LIBRARY,
        "exit-program-add.text": "What it is for: up to 50 characters.",
        "exit-program": "One registration of an exit program.",
    }
)
