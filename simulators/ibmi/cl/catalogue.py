"""Every command of the simulated system, by name."""

from __future__ import annotations

from simulators.ibmi.cl import (
    authority,
    compilers,
    data,
    describe,
    jobs,
    journals,
    libraries,
    objects,
    registration,
    sources,
)
from simulators.ibmi.cl.definition import Command

COMMANDS: dict[str, Command] = {
    command.name: command
    for group in (
        libraries.COMMANDS,
        jobs.COMMANDS,
        data.COMMANDS,
        objects.COMMANDS,
        describe.COMMANDS,
        authority.COMMANDS,
        registration.COMMANDS,
        journals.COMMANDS,
        sources.COMMANDS,
        compilers.COMMANDS,
    )
    for command in group
}
