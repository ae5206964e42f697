"""The utilities of the simulated shell: files, text, the system utility, what the system is.

Their output has the form of PASE's; what the simulated system does not keep is left at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulators.ibmi.ifs import normal, object_of
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import text_of
from simulators.ibmi.streams import make_directory, remove_stream, write_stream

#: Standard output, standard error, status.
Result = tuple[str, str, int]
#: A utility: the job, its arguments, and what was piped in.
Utility = Callable[[JobState, Sequence[str], str], Result]

#: Release and version of the operating system as uname says them.
_RELEASE, _VERSION, _MACHINE = "5", "7", "000000000000"
#: Letters of the options of the system utility.
_SYSTEM_OPTIONS = frozenset("biqesvpnEKOkC")


def _files(job: JobState, arguments: Sequence[str], given: str) -> str:
    """Return the texts of the files that are named, or what was piped in."""
    names = [a for a in arguments if not a.startswith("-")]
    if not names:
        return given
    paths = [normal(name, job.working_directory) for name in names]
    return "".join(job.system.files.read(p).data.decode("utf-8", "replace") for p in paths)


def _echo(job: JobState, arguments: Sequence[str], given: str) -> Result:
    bare = list(arguments[1:]) if arguments[:1] == ["-n"] else list(arguments)
    variables = {"$USER": job.user, "$PWD": job.working_directory, "$LOGNAME": job.user}
    text = " ".join(variables.get(a, a) for a in bare)
    return (text if arguments[:1] == ["-n"] else text + "\n"), "", 0


def _entries(job: JobState, path: str) -> list[str]:
    """Return what is in a directory, or in a library: ``NAME.TYPE``; CPFA0A9 for neither."""
    place = object_of(path)
    if place is None:
        return job.system.files.entries(path)
    _, name, kind = place
    if path.upper() == "/QSYS.LIB":
        libraries = [f"{library.name}.LIB" for library in job.system.libraries]
        return sorted([*libraries, *_members(job, "QSYS")])
    if kind not in ("*LIB", "*LIBRARY"):
        return [path.rpartition("/")[2]]
    return _members(job, name)


def _members(job: JobState, library: str) -> list[str]:
    return [f"{item.name}.{item.type[1:]}" for item in job.lib(library).select("*ALL")]


def _ls(job: JobState, arguments: Sequence[str], given: str) -> Result:
    """List files, one on a line; the option -l with owner, size and date."""
    names = [a for a in arguments if not a.startswith("-")] or ["."]
    long = any("l" in a for a in arguments if a.startswith("-"))
    output = ""
    for name in names:
        path = normal(name, job.working_directory)
        if path in job.system.files.files:
            output += _line(job, path, name) if long else f"{name}\n"
            continue
        for entry in _entries(job, path):
            output += _line(job, normal(entry, path), entry) if long else f"{entry}\n"
    return output, "", 0


def _line(job: JobState, path: str, shown: str) -> str:
    found = job.system.files.files.get(path)
    mode, owner, size = (
        ("drwxrwsrwx", "qsys", 0)
        if found is None
        else ("-rw-r--r--", found.owner.lower(), len(found.data))
    )
    return f"{mode}    1 {owner:<8} 0 {size:>14} {job.system.now():%b %d %H:%M} {shown}\n"


def _system(job: JobState, arguments: Sequence[str], given: str) -> Result:
    """PASE's system utility: runs a CL command; messages go to standard error."""
    count = 0
    while count < len(arguments) and arguments[count].startswith("-"):
        count += 1
    options, command = arguments[:count], " ".join(arguments[count:])
    if not _SYSTEM_OPTIONS.issuperset("".join(option[1:] for option in options)):
        return "", f"system: {' '.join(options)}: option is not known\n", 255
    if not command.strip():
        return "", "usage: system [-iqsEKOnpv] command\n", 255
    outcome = job.run(command)
    error = ""
    for message in outcome.messages:
        text, message_id = message.text, message.id
        if message_id == "CPF0006":
            verb = command.split()[0].upper()
            text, message_id = text_of("CPF0001", verb), "CPF0001"
        error += f"{message_id}: {text}\n" if message_id else f"{text}\n"
    quiet = any("q" in option for option in options)
    lines = "".join(f"{line}\n" for line in outcome.output)
    return lines, "" if quiet else error, 0 if outcome.ok else 255


def _cd(job: JobState, arguments: Sequence[str], given: str) -> Result:
    path = normal(arguments[0] if arguments else "/", job.working_directory)
    job.system.files.entries(path)
    job.working_directory = path
    return "", "", 0


def _rm(job: JobState, arguments: Sequence[str], given: str) -> Result:
    for name in arguments:
        if not name.startswith("-"):
            path = normal(name, job.working_directory)
            if path in job.system.files.files or "-f" not in arguments:
                remove_stream(job, path)
    return "", "", 0


def _mkdir(job: JobState, arguments: Sequence[str], given: str) -> Result:
    for name in arguments:
        if not name.startswith("-"):
            make_directory(job, normal(name, job.working_directory))
    return "", "", 0


def _touch(job: JobState, arguments: Sequence[str], given: str) -> Result:
    for name in arguments:
        write_stream(job, normal(name, job.working_directory), b"", appends=True)
    return "", "", 0


def _grep(job: JobState, arguments: Sequence[str], given: str) -> Result:
    """Search for a fixed text; the options -i and -v."""
    options = "".join(a[1:] for a in arguments if a.startswith("-"))
    words = [a for a in arguments if not a.startswith("-")]
    if not words:
        return "", "usage: grep [-iv] text [file ...]\n", 2
    fold = str.lower if "i" in options else str
    wanted = fold(words[0])
    lines = _files(job, words[1:], given).splitlines()
    found = [line for line in lines if (wanted in fold(line)) != ("v" in options)]
    return "".join(f"{line}\n" for line in found), "", 0 if found else 1


def _count(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """Return N of ``-n N`` or ``-N`` (10 if there is none) and the other arguments."""
    count, rest = 10, []
    position = iter(arguments)
    for word in position:
        digits = next(position, "") if word == "-n" else word[1:] if word.startswith("-") else ""
        if digits.isascii() and digits.isdigit():
            count = int(digits)
        elif word != "-n":
            rest.append(word)
    return count, rest


def _head(job: JobState, arguments: Sequence[str], given: str) -> Result:
    count, names = _count(arguments)
    lines = _files(job, names, given).splitlines()[:count]
    return "".join(f"{line}\n" for line in lines), "", 0


def _tail(job: JobState, arguments: Sequence[str], given: str) -> Result:
    count, names = _count(arguments)
    lines = _files(job, names, given).splitlines()
    return "".join(f"{line}\n" for line in lines[max(len(lines) - count, 0) :]), "", 0


def _wc(job: JobState, arguments: Sequence[str], given: str) -> Result:
    text = _files(job, arguments, given)
    counts = {"-l": text.count("\n"), "-w": len(text.split()), "-c": len(text.encode())}
    chosen = [a for a in arguments if a in counts] or list(counts)
    return " ".join(str(counts[c]) for c in chosen) + "\n", "", 0


def _uname(job: JobState, arguments: Sequence[str], given: str) -> Result:
    """Print what -a, or each of -s -n -r -v -m, asks for; the system's name alone without one."""
    options = "".join(a[1:] for a in arguments if a.startswith("-")) or "s"
    if "a" in options:
        options = "snrvm"
    words = {"s": "OS400", "n": job.system.name, "r": _RELEASE, "v": _VERSION, "m": _MACHINE}
    words["p"] = "powerpc"
    if not set(options) <= set(words):
        return "", "usage: uname [-snrvmap]\n", 1
    return " ".join(words[o] for o in "snrvmp" if o in options) + "\n", "", 0


def _ps(job: JobState, arguments: Sequence[str], given: str) -> Result:
    """List jobs: this one, and every other with the option -e."""
    options = "".join(a.lstrip("-") for a in arguments)
    shown = sorted(job.system.jobs.items())
    if not set("eA") & set(options):
        shown = [(number, other) for number, other in shown if number == job.number]
    if "f" in options:
        lines = [f"{'UID':>8} {'PID':>8} {'PPID':>8}   C    STIME    TTY  TIME CMD"]
        lines += [
            f"{other.user.lower():>8} {int(number):>8} {1:>8}   0 {job.started:%H:%M:%S}      -"
            f"  0:00 {other.name}"
            for number, other in shown
        ]
    else:
        lines = [f"{'PID':>10}    TTY  TIME CMD"]
        lines += [f"{int(number):>10}      -  0:00 {other.name}" for number, other in shown]
    return "".join(f"{line}\n" for line in lines), "", 0


def _said(make: Callable[[JobState], str]) -> Utility:
    """Return a utility that prints one line."""
    return lambda job, arguments, given: (make(job) + "\n", "", 0)


UTILITIES: Mapping[str, Utility] = {
    "echo": _echo,
    "ls": _ls,
    "cat": lambda job, arguments, given: (_files(job, arguments, given), "", 0),
    "system": _system,
    "cd": _cd,
    "rm": _rm,
    "mkdir": _mkdir,
    "touch": _touch,
    "grep": _grep,
    "head": _head,
    "tail": _tail,
    "wc": _wc,
    "true": lambda job, arguments, given: ("", "", 0),
    "false": lambda job, arguments, given: ("", "", 1),
    "pwd": _said(lambda job: job.working_directory),
    "whoami": _said(lambda job: job.user.lower()),
    "logname": _said(lambda job: job.user.lower()),
    "hostname": _said(lambda job: job.system.name),
    "uname": _uname,
    "ps": _ps,
    "date": _said(lambda job: f"{job.system.now():%a %b %d %H:%M:%S %Y}"),
}
