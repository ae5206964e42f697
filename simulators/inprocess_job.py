"""Who this process is, as an exit program sees it: job, user, program, groups."""

from __future__ import annotations

import getpass
import os
import sys
from functools import lru_cache
from pathlib import Path

from epm.events import Job

try:
    import grp
    import pwd
except ImportError:  # Windows has neither
    HAS_POSIX_USERS = False
else:
    HAS_POSIX_USERS = True


def current_job() -> Job:
    """Return the job of this process; its names are looked up once a process and user.

    The job name is the command name, the user the effective one, the number the process id.
    Groups are ``None`` where the operating system does not know them.
    """
    return _job(os.getpid(), os.geteuid() if HAS_POSIX_USERS else 0)


@lru_cache(maxsize=16)
def _job(process: int, user_number: int) -> Job:
    program = str(Path(sys.executable).resolve()) if sys.executable else None
    if not HAS_POSIX_USERS:
        return Job(_command(program), getpass.getuser(), process, program)
    try:
        entry = pwd.getpwuid(user_number)
    except KeyError:
        return Job(_command(program), str(user_number), process, program)
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Job(_command(program), entry.pw_name, process, program, tuple(map(_group, groups)))


def _command(program: str | None) -> str:
    try:
        return Path("/proc/self/comm").read_text().rstrip("\n")
    except OSError:
        return Path(program).name if program else "python"


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
