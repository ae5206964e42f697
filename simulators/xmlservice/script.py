"""Runs a document: known elements one after another, everything else echoed where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulators.xmlservice.commands import run_command, run_diagnostics, run_shell
from simulators.xmlservice.context import Context
from simulators.xmlservice.document import Element, Part, Text, Verbatim
from simulators.xmlservice.failures import Code
from simulators.xmlservice.programs import run_program
from simulators.xmlservice.sqlscript import run_sql

_RUN: Mapping[str, Callable[[Context, Element], bool]] = {
    "cmd": run_command,
    "sh": run_shell,
    "qsh": run_shell,
    "diag": run_diagnostics,
    "pgm": run_program,
    "sql": run_sql,
}


def run_document(context: Context, parts: Sequence[Part]) -> bool:
    """Run a whole document and return whether it came to its end.

    Text outside its elements is no part of it: form fields behind ``xmlin`` arrive there, and no
    reader takes it in an answer.
    """
    inner = [part for part in parts if not isinstance(part, Text) or not part.raw.strip()]
    while inner and isinstance(inner[0], Text):
        del inner[0]
    while inner and isinstance(inner[-1], Text):
        del inner[-1]
    return run_script(context, inner)


def run_script(context: Context, parts: Sequence[Part]) -> bool:
    """Run parts of a document and return whether they came to their end.

    An element that is not known is echoed and looked into, so a root of any name will do. Text
    behind a known element is dropped, as clients join their commands with commas.
    """
    known = False
    for part in parts:
        match part:
            case Element() if part.name in _RUN:
                if not _RUN[part.name](context, part):
                    hint = f"p({part.offset}) {part.start[:-1]}"
                    context.failures.add_code(Code.RUN_FAILED, hint)
                    return False
                known = True
            case Element():
                if not _look_into(context, part):
                    return False
                known = False
            case Text():
                if not known:
                    context.out.write(part.echo)
            case Verbatim():
                context.out.write(part.echo)
    return True


def _look_into(context: Context, element: Element) -> bool:
    if element.closed:
        context.out.write(element.echo)
        return True
    context.out.write(element.start)
    if not run_script(context, element.children):
        return False
    context.out.write(element.end)
    return True


def find_all(parts: Sequence[Part], names: frozenset[str]) -> list[Element]:
    """Return the elements of some names, outside what is run, in document order."""
    found: list[Element] = []
    for part in parts:
        if isinstance(part, Element) and part.name not in _RUN:
            if part.name in names:
                found.append(part)
            found += find_all(part.children, names)
    return found
