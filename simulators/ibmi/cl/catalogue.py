"""Every command of the simulated system, by name."""

from __future__ import annotations

from simulators.ibmi.cl import (
    authority,
    compilers,
    data,
    describe,
    jobattributes,
    jobs,
    journalentries,
    journals,
    libraries,
    objects,
    registration,
    sources,
    users,
)
from simulators.ibmi.cl.definition import Command

COMMANDS: dict[str, Command] = {
    command.name: command
    for group in (
        libraries.COMMANDS,
        jobs.COMMANDS,
        jobattributes.COMMANDS,
        data.COMMANDS,
        objects.COMMANDS,
        describe.COMMANDS,
        authority.COMMANDS,
        users.COMMANDS,
        registration.COMMANDS,
        journals.COMMANDS,
        journalentries.COMMANDS,
        sources.COMMANDS,
        compilers.COMMANDS,
    )
    for command in group
}
