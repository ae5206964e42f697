"""Building the C sources with the compiler that happens to be here; none is ever required.

What is built lies in a private folder of the user's cache, named by a digest of everything that
went into it, and is loaded only where nobody else could have changed it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path

from epm.errors import FileUnavailableError, UnsupportedError, one_line

#: The compilers that are looked for, in order.
COMPILERS = ("gcc", "clang", "cc")
FLAGS = ("-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared")
#: The platform that is bound where there is no IBM i.
HOST_PLATFORM = "epm_platform_host.c"
#: What runs on IBM i only.
IBMI_SOURCES = frozenset({"epm_platform_ibmi.c", "epm_job.c"})
ENTRIES = {"accept": "epm_accept.c", "connect": "epm_connect.c", "listen": "epm_listen.c"}
#: No source of ours takes a second; a compiler that takes this long hangs.
BUILD_SECONDS = 120.0
_SHOWN = 500


def sources() -> dict[str, str]:
    """Return every C source and header by name."""
    folder = files("exitprograms.ile") / "source"
    return {
        entry.name: entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith((".c", ".h"))
    }


def deployed_sources() -> dict[str, str]:
    """Return the sources that are compiled on IBM i: all but the host's platform."""
    return {name: text for name, text in sources().items() if name != HOST_PLATFORM}


def find_compiler() -> str:
    """Return the path of a C compiler.

    Raises:
        UnsupportedError: there is none; the product does without.
    """
    for name in COMPILERS:
        path = shutil.which(name)
        if path is not None:
            return path
    raise UnsupportedError(f"no C compiler here: {', '.join(COMPILERS)} were looked for")


def cache_folder() -> Path:
    """Return the private folder of what was built, made on first use.

    Raises:
        FileUnavailableError: it cannot be made, or others may write to it.
    """
    folder = user_cache_path("epm") / "native"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise FileUnavailableError(f"{folder}: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise FileUnavailableError(f"{folder} is not a folder that only this user may use")
    return folder


def build(
    texts: Mapping[str, str],
    *,
    entry: str | None = None,
    compiler: str | None = None,
    flags: Sequence[str] = FLAGS,
    folder: Path | None = None,
) -> Path:
    """Return a shared library made of C sources, building it unless it is there.

    Args:
        texts: sources and headers by name; the host's platform takes the place of IBM i's.
        entry: which of :data:`ENTRIES` is bound as its ``main``; ``None`` for none.
        compiler: path; found when it is not given.
        flags: what the compiler is told beside the files.
        folder: where to build; the cache when it is not given.

    Raises:
        UnsupportedError: there is no compiler, or it does not take the sources; the text has
            what it said first.
        FileUnavailableError: the folder cannot be used.
    """
    where = cache_folder() if folder is None else folder
    used = compiler or find_compiler()
    bound = _bound(texts, entry)
    library = where / f"epm-{_digest(bound, used, flags)}.so"
    if not _is_private(library):
        _compile(bound, used, flags, library)
    return library


def _bound(texts: Mapping[str, str], entry: str | None) -> dict[str, str]:
    """Return the texts of one program: one entry or none, and the host's platform."""
    left_out = {*IBMI_SOURCES, *ENTRIES.values()} - {ENTRIES.get(entry or "")}
    bound = {name: text for name, text in texts.items() if name not in left_out}
    bound.setdefault(HOST_PLATFORM, sources()[HOST_PLATFORM])
    return bound


def _digest(texts: Mapping[str, str], compiler: str, flags: Sequence[str]) -> str:
    digest = hashlib.sha256("\0".join((compiler, *flags)).encode())
    for name in sorted(texts):
        digest.update(f"\0{name}\0{texts[name]}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _is_private(library: Path) -> bool:
    """Whether the file is there and nobody else could have written it."""
    try:
        found = library.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _compile(texts: Mapping[str, str], compiler: str, flags: Sequence[str], library: Path) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=library.parent) as name:
            work = Path(name)
            for file, text in texts.items():
                (work / _plain(file)).write_text(text, "utf-8")
            modules = sorted(file for file in texts if file.endswith(".c"))
            command = [compiler, *flags, "-o", "built.so", *modules]
            done = subprocess.run(  # noqa: S603 - a compiler by its path, our arguments only
                command, cwd=work, capture_output=True, timeout=BUILD_SECONDS, check=False,
                stdin=subprocess.DEVNULL, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            )  # fmt: skip
            if done.returncode != 0:
                said = one_line(done.stderr.decode("utf-8", "replace")[:_SHOWN])
                raise UnsupportedError(f"{compiler} does not take the exit programs: {said}")
            (work / "built.so").chmod(0o700)
            (work / "built.so").replace(library)
    except subprocess.TimeoutExpired:
        raise UnsupportedError(f"{compiler} did not end in {BUILD_SECONDS:.0f} seconds") from None
    except OSError as error:
        raise FileUnavailableError(f"{library.parent}: {error.strerror}") from None


def _plain(name: str) -> str:
    """Return a file's name, or raise: a source comes from a deployment, which may be hostile."""
    if Path(name).name != name or name in ("", ".", "..") or not name.endswith((".c", ".h")):
        raise UnsupportedError(f"{name!r} is not the name of a C source")
    return name
