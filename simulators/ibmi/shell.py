"""The shell of the simulated system: a few commands over its own files; nothing real is reached.

Knows quotes, ``;``, ``&&``, ``||``, pipes, ``>`` and ``>>``, and the utilities of ``_UTILITIES``,
among them PASE's ``system``. Anything else is not found, status 127.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence

from simulators.ibmi.ifs import normal
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError, text_of
from simulators.xmlservice.host import ShellOutcome

#: Bytes that one command may write.
MAX_OUTPUT = 8 * 1024 * 1024
_SEPARATORS = frozenset({";", "&&", "||", "\n"})

_Result = tuple[str, str, int]
_Utility = Callable[[JobState, Sequence[str], str], _Result]


def run_shell(job: JobState, text: str, *, qsh: bool = False) -> ShellOutcome:
    """Run a shell command line; standard output and standard error together, as XMLSERVICE reads.

    Args:
        job: the job whose working directory and library list it uses.
        text: the command line.
        qsh: QShell instead of the PASE shell; the utilities are the same here.
    """
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|><")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        words = list(lexer)
    except ValueError as error:
        name = "qsh" if qsh else "sh"
        return ShellOutcome(f"{name}: syntax error: {error}\n".encode(), 2)
    output, status = "", 0
    for operator, pipeline in _split(words, _SEPARATORS):
        if (operator == "&&" and status) or (operator == "||" and not status):
            continue
        made, status = _pipeline(job, pipeline)
        output += made
        if len(output) > MAX_OUTPUT:
            return ShellOutcome(output[:MAX_OUTPUT].encode(), 1)
    return ShellOutcome(output.encode(), status)


def _split(words: Sequence[str], operators: frozenset[str]) -> list[tuple[str, list[str]]]:
    """Return parts with the operator before each; empty parts are left out."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for word in words:
        if word in operators:
            parts.append((word, []))
        else:
            parts[-1][1].append(word)
    return [part for part in parts if part[1]]


def _pipeline(job: JobState, words: Sequence[str]) -> tuple[str, int]:
    given, errors, status = "", "", 0
    for _, command in _split(words, frozenset({"|"})):
        given, error, status = _command(job, command, given)
        errors += error
    return errors + given, status


def _command(job: JobState, words: list[str], given: str) -> _Result:
    arguments, target, appends = _redirected(words)
    if not arguments:
        return "", "sh: syntax error\n", 2
    name = arguments[0].rpartition("/")[2]
    utility = _UTILITIES.get(name)
    if utility is None:
        return "", f"{arguments[0]}: not found\n", 127
    try:
        output, error, status = utility(job, arguments[1:], given)
        if target is not None:
            _write(job, target, output, appends=appends)
            output = ""
    except EscapeError as problem:
        return "", f"{name}: {problem}\n", 1
    return output, error, status


def _redirected(words: Sequence[str]) -> tuple[list[str], str | None, bool]:
    arguments: list[str] = []
    target, appends = None, False
    position = iter(words)
    for word in position:
        if word in (">", ">>"):
            target, appends = next(position, ""), word == ">>"
        elif word == ">&":
            next(position, None)
            if arguments and arguments[-1] == "2":
                arguments.pop()
        else:
            arguments.append(word)
    return arguments, target, appends


def _write(job: JobState, target: str, text: str, *, appends: bool) -> None:
    path = normal(target, job.working_directory)
    if path == "/dev/null":
        return
    old = job.system.files.files.get(path)
    before = old.data if old is not None and appends else b""
    job.system.files.write(path, before + text.encode(), owner=job.user)


def _files(job: JobState, arguments: Sequence[str], given: str) -> str:
    """Return the texts of the files that are named, or what was piped in."""
    names = [a for a in arguments if not a.startswith("-")]
    if not names:
        return given
    paths = [normal(name, job.working_directory) for name in names]
    return "".join(job.system.files.read(p).data.decode("utf-8", "replace") for p in paths)


def _echo(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    bare = list(arguments[1:]) if arguments[:1] == ["-n"] else list(arguments)
    variables = {"$USER": job.user, "$PWD": job.working_directory, "$LOGNAME": job.user}
    text = " ".join(variables.get(a, a) for a in bare)
    return (text if arguments[:1] == ["-n"] else text + "\n"), "", 0


def _ls(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    names = [a for a in arguments if not a.startswith("-")] or ["."]
    output = ""
    for name in names:
        path = normal(name, job.working_directory)
        if path in job.system.files.files:
            output += f"{name}\n"
        else:
            output += "".join(f"{entry}\n" for entry in job.system.files.entries(path))
    return output, "", 0


def _system(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    """PASE's system utility: runs a CL command; messages go to standard error."""
    options = [a for a in arguments if a.startswith("-")]
    command = " ".join(a for a in arguments if not a.startswith("-"))
    if not command:
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


def _cd(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    path = normal(arguments[0] if arguments else "/", job.working_directory)
    job.system.files.entries(path)
    job.working_directory = path
    return "", "", 0


def _rm(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    for name in arguments:
        if not name.startswith("-"):
            path = normal(name, job.working_directory)
            found = job.system.files.files.get(path)
            if found is None and "-f" in arguments:
                continue
            if job.system.files.read(path).owner != job.user and not job.has_special("*ALLOBJ"):
                raise EscapeError("CPFA09C", path)
            job.system.files.remove(path)
    return "", "", 0


def _mkdir(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    for name in arguments:
        if not name.startswith("-"):
            job.system.files.make_directory(normal(name, job.working_directory))
    return "", "", 0


def _touch(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    for name in arguments:
        _write(job, name, "", appends=True)
    return "", "", 0


def _grep(job: JobState, arguments: Sequence[str], given: str) -> _Result:
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
        if digits.isdigit():
            count = int(digits)
        elif word != "-n":
            rest.append(word)
    return count, rest


def _head(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    count, names = _count(arguments)
    lines = _files(job, names, given).splitlines()[:count]
    return "".join(f"{line}\n" for line in lines), "", 0


def _tail(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    count, names = _count(arguments)
    lines = _files(job, names, given).splitlines()
    return "".join(f"{line}\n" for line in lines[max(len(lines) - count, 0) :]), "", 0


def _wc(job: JobState, arguments: Sequence[str], given: str) -> _Result:
    text = _files(job, arguments, given)
    counts = {"-l": text.count("\n"), "-w": len(text.split()), "-c": len(text.encode())}
    chosen = [a for a in arguments if a in counts] or list(counts)
    return " ".join(str(counts[c]) for c in chosen) + "\n", "", 0


def _said(make: Callable[[JobState], str]) -> _Utility:
    """Return a utility that prints one line."""
    return lambda job, arguments, given: (make(job) + "\n", "", 0)


_UTILITIES: Mapping[str, _Utility] = {
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
    "uname": _said(lambda job: "OS400"),
    "date": _said(lambda job: f"{job.system.now():%a %b %d %H:%M:%S %Y}"),
}
