"""The integrated file system: stream files and directories of the simulated system, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.ibmi.messages import EscapeError

#: Directories that are there from the start.
SHIPPED_DIRECTORIES = frozenset(
    {
        *("/", "/tmp", "/home", "/QOpenSys"),  # noqa: S108 - paths of the simulated system
        *("/QOpenSys/usr", "/QOpenSys/usr/bin", "/usr", "/usr/bin"),
    }
)
#: No file grows beyond this; the system is in memory.
MAX_FILE = 16 * 1024 * 1024


@dataclass(slots=True)
class StreamFile:
    """A stream file: bytes and the CCSID they are in."""

    data: bytes = b""
    ccsid: int = 1208
    owner: str = "QSYS"


@dataclass(slots=True)
class FileTree:
    """Stream files by absolute path. Directories exist where a file or a mkdir put them."""

    files: dict[str, StreamFile] = field(default_factory=dict)
    directories: set[str] = field(default_factory=lambda: set(SHIPPED_DIRECTORIES))

    def read(self, path: str) -> StreamFile:
        """Return a stream file.

        Raises:
            EscapeError: CPFA0A9, there is none.
        """
        found = self.files.get(normal(path))
        if found is None:
            raise EscapeError("CPFA0A9", path)
        return found

    def write(self, path: str, data: bytes, *, ccsid: int = 1208, owner: str = "QSYS") -> None:
        """Make a stream file, or replace what is in it.

        Raises:
            EscapeError: CPFA0A9, its directory does not exist; CPF0907, it is too large.
        """
        path = normal(path)
        if parent(path) not in self.directories:
            raise EscapeError("CPFA0A9", parent(path))
        if len(data) > MAX_FILE:
            raise EscapeError("CPF0907", "1")
        self.files[path] = StreamFile(data, ccsid, owner)

    def make_directory(self, path: str) -> None:
        """Make a directory.

        Raises:
            EscapeError: CPFA0A9, the one above it does not exist; CPFA0A0, it exists.
        """
        path = normal(path)
        if path in self.directories or path in self.files:
            raise EscapeError("CPFA0A0", path)
        if parent(path) not in self.directories:
            raise EscapeError("CPFA0A9", parent(path))
        self.directories.add(path)

    def remove(self, path: str) -> None:
        """Remove a stream file.

        Raises:
            EscapeError: CPFA0A9, there is none.
        """
        self.read(path)
        del self.files[normal(path)]

    def entries(self, path: str) -> list[str]:
        """Return the names in a directory, sorted.

        Raises:
            EscapeError: CPFA0A9, there is no such directory.
        """
        path = normal(path)
        if path not in self.directories:
            raise EscapeError("CPFA0A9", path)
        known = [*self.files, *self.directories]
        return sorted(p.rpartition("/")[2] for p in known if p != "/" and parent(p) == path)


def normal(path: str, working: str = "/") -> str:
    """Return a path from the root, without ``.``, ``..`` and doubled slashes."""
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{working}/{path}").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def parent(path: str) -> str:
    """Return the directory of a path."""
    return path.rpartition("/")[0] or "/"


def object_of(path: str) -> tuple[str, str, str] | None:
    """Return library, name and type of ``/QSYS.LIB/LIB.LIB/NAME.TYPE``; None for another path."""
    parts = [p for p in normal(path).upper().split("/") if p]
    if not parts or parts[0] != "QSYS.LIB" or not all("." in p for p in parts):
        return None
    if len(parts) == 1:
        return ("QSYS", "QSYS", "*LIB")
    split = [p.rpartition(".") for p in parts[1:]]
    name, _, kind = split[-1]
    library = split[0][0] if len(split) > 1 else "QSYS"
    return (library, name, f"*{kind}")
