"""The shell of the simulated system: a few commands over its own files; nothing real is reached.

Knows quotes, ``;``, ``&&``, ``||``, pipes, ``>`` and ``>>``, and the utilities of
:mod:`simulators.ibmi.shellutilities`. Anything else is not found, status 127.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from simulators.ibmi.ifs import normal
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.shellutilities import UTILITIES, Result
from simulators.ibmi.streams import write_stream
from simulators.xmlservice.host import ShellOutcome

#: Bytes that one command may write.
MAX_OUTPUT = 8 * 1024 * 1024
_SEPARATORS = frozenset({";", "&&", "||", "\n"})
#: Where the utilities are, for PASE and for QShell.
_FOLDERS = frozenset(
    {"/bin", "/usr/bin", "/QOpenSys/bin", "/QOpenSys/usr/bin", "/QOpenSys/pkgs/bin"}
)


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
    before = job.working_directory
    try:
        return _run(job, words)
    finally:
        job.working_directory = before  # a shell is a process of its own


def _run(job: JobState, words: Sequence[str]) -> ShellOutcome:
    output, status = "", 0
    for operator, pipeline in _split(words, _SEPARATORS):
        if (operator == "&&" and status) or (operator == "||" and not status):
            continue
        made, status = _pipeline(job, pipeline)
        output += made
        if len(output) > MAX_OUTPUT:
            return ShellOutcome(output[:MAX_OUTPUT].encode("utf-8", "replace"), 1)
    return ShellOutcome(output.encode("utf-8", "replace"), status)


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


def _command(job: JobState, words: list[str], given: str) -> Result:
    arguments, target, appends = _redirected(words)
    if not arguments:
        return "", "sh: syntax error\n", 2
    folder, slash, name = arguments[0].rpartition("/")
    utility = UTILITIES.get(name)
    if utility is None or (slash and folder not in _FOLDERS):
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
    write_stream(job, path, text.encode("utf-8", "replace"), appends=appends)
