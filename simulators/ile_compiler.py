"""The compiler of the simulated IBM i: C exit programs, built here and run in a simulated job.

CRTCMOD checks a source with the C compiler at hand; CRTPGM binds the modules of one exit program
with the host's platform in place of IBM i's, and the program that comes of it is that C code. Its
static storage is its job's, as in an activation group: each job loads a copy of its own.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from epm.errors import EpmError, UnsupportedError
from epm.events import Job
from epm.model import Server
from exitprograms.ile import building
from exitprograms.ile.abi import NativeLibrary
from exitprograms.ile.compiled import CompiledProgram, JobView
from exitprograms.ile.image import DEFAULT_CCSID
from exitprograms.ile.native import Effect, EffectKind
from simulators.ibmi.compiler import CompileFailedError, CSource
from simulators.xmlservice.host import ProgramFaultError

if TYPE_CHECKING:
    from simulators.ibmi.objects import Code, Parameters
    from simulators.ibmi.programs.context import ProgramContext

RULES, COUNTER_SPACE, CAPTURES = "EPMRULES", "EPMCOUNT", "EPMCAPTURE"
_SERVER_OF = {
    "epm_accept.c": Server.ACCEPT,
    "epm_connect.c": Server.CONNECT,
    "epm_listen.c": Server.LISTEN,
}
_ENTRY_OF = {file: entry for entry, file in building.ENTRIES.items()}
_CODEC = "cp037"
_CHECK_SECONDS = 60.0
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Module:
    """A compiled module: its source, which is what is bound."""

    file: str
    source: CSource


class IleCompiler:
    """Compiles with the C compiler of this machine; see ``simulators.ibmi.compiler.Compiler``."""

    def __init__(self, folder: Path | None = None) -> None:
        """Build in ``folder``, or in the user's cache."""
        self._folder = folder
        self._taken: set[str] = set()

    def compile(self, source: CSource) -> object:
        """Check that a source compiles.

        Raises:
            CompileFailedError: it does not, or there is no compiler here.
        """
        file = source.path.rpartition("/")[2]
        digest = _digest(file, source)
        if digest not in self._taken:  # what compiled once does so again
            self._check(file, source)
            self._taken.add(digest)
        return Module(file, source)

    def _check(self, file: str, source: CSource) -> None:
        try:
            compiler = building.find_compiler()
            with tempfile.TemporaryDirectory() as name:
                for other, text in {**source.files, file: source.text}.items():
                    if "/" not in other:
                        (Path(name) / other).write_text(text, "utf-8")
                done = subprocess.run(  # noqa: S603 - a compiler by its path, our arguments only
                    [compiler, "-std=gnu99", "-fsyntax-only", "-Wall", "-Werror", f"./{file}"],
                    cwd=name, capture_output=True, timeout=_CHECK_SECONDS, check=False,
                    stdin=subprocess.DEVNULL,
                )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired, UnsupportedError) as error:
            raise CompileFailedError(str(error)) from None
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace")[:_SHOWN].splitlines()
            raise CompileFailedError(lines[0] if lines else f"{file} does not compile", lines)

    def bind(self, name: str, modules: Sequence[object], entry: str | None) -> Code:
        """Bind the modules of one exit program.

        Raises:
            CompileFailedError: no module, or more than one, has an entry; or they do not bind.
        """
        bound = [m for m in modules if isinstance(m, Module)]
        entries = [m.file for m in bound if m.file in _SERVER_OF]
        if len(entries) != 1:
            raise CompileFailedError(f"{name}: one module is to have a program entry")
        texts: dict[str, str] = {}
        for module in bound:
            texts |= {f: t for f, t in module.source.files.items() if f.endswith(".h")}
        texts |= {m.file: m.source.text for m in bound}
        try:
            path = building.build(texts, entry=_ENTRY_OF[entries[0]], folder=self._folder)
        except EpmError as error:
            raise CompileFailedError(f"{name}: {error}") from None
        return ExitProgramCode(path.read_bytes(), _SERVER_OF[entries[0]])

    def export(self, name: str, modules: Sequence[object]) -> dict[str, Code]:
        """Refuse: a service program of C is not made here.

        Raises:
            CompileFailedError: always.
        """
        raise CompileFailedError(f"{name}: service programs of C are not simulated")


def _digest(file: str, source: CSource) -> str:
    texts = {**source.files, file: source.text}
    return hashlib.sha256(repr((file, sorted(texts.items()))).encode()).hexdigest()


class ExitProgramCode:
    """An exit program: called in a job with a block and an indicator."""

    def __init__(self, binary: bytes, server: Server) -> None:
        """Take the shared library's bytes, and which server's program it is."""
        self._binary = binary
        self._server = server

    def __call__(self, context: ProgramContext, parameters: Parameters) -> bytes:
        """Answer a call; what it records goes to the objects of its library.

        Raises:
            ProgramFaultError: MCH0802, it was called with other than two parameters.
        """
        if len(parameters) != 2:
            raise ProgramFaultError("Total parameters passed do not match number required.",
                                    "MCH0802")  # fmt: skip
        library = context.static.get("library")
        if not isinstance(library, NativeLibrary):
            library = context.static["library"] = self._load()
        self._run(context, library, parameters)
        return b""

    def _load(self) -> NativeLibrary:
        """Load a copy under a name of its own: its static storage is one job's alone."""
        with tempfile.NamedTemporaryFile(suffix=".so") as file:
            file.write(self._binary)
            file.flush()
            return NativeLibrary(Path(file.name))

    def _run(self, context: ProgramContext, library: NativeLibrary, parameters: Parameters) -> None:
        block, indicator = parameters
        # The names of a job are in its own CCSID, whatever the image was compiled for.
        program = CompiledProgram(library, DEFAULT_CCSID)
        view = JobView(_caller(context), context.now(), _space(context, RULES, change=False))
        counted = program.call(block, indicator, view, lambda effect: _record(context, effect))
        _count(context, counted)


def _caller(context: ProgramContext) -> Job:
    """Return the job that made the call; which program of it did is not simulated."""
    job = context.caller
    return Job(job.name, job.user, job.number, None, job.groups)


def _space(context: ProgramContext, name: str, *, change: bool) -> bytearray | None:
    try:
        return context.user_space(context.lib, name, change=change)
    except ProgramFaultError:
        return None


def _record(context: ProgramContext, effect: Effect) -> None:
    """Put what a decision leaves behind where IBM i's interfaces put it."""
    name = effect.name.decode(_CODEC)
    first, second = name[:10].strip(), name[10:].strip()
    if effect.kind is EffectKind.JOURNAL:
        library, journal = (second, first) if name else (context.lib, "EPMJRN")
        kind = effect.type.decode(_CODEC)
        context.send_journal_entry(library, journal, kind, effect.data)
    elif effect.kind is EffectKind.MESSAGE:
        context.send_message(second, first, effect.data.decode(_CODEC))
    else:
        context.send_data_queue(first, CAPTURES, effect.data)


def _count(context: ProgramContext, counted: Mapping[str, int]) -> None:
    """Add to the counters' user space: u32 each, big-endian."""
    space = _space(context, COUNTER_SPACE, change=True)
    if space is None:
        return
    for place, number in enumerate(counted.values()):
        at = slice(place * 4, place * 4 + 4)
        if number:
            total = int.from_bytes(space[at], "big") + number
            space[at] = (total & 0xFFFFFFFF).to_bytes(4, "big")
