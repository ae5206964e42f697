"""The C sources as they go to a system, and how they are compiled and bound there. Pure.

Parameters: `exitprograms/ile/source/epm_entry.h` says what each is for. The sources are UTF-8
stream files, so the compiler is told the CCSID of the program's own characters (TGTCCSID); they
write every character as an explicit byte, so it has no effect on what they do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from epm.errors import SettingsError
from epm.model import Server
from exitprograms.ibmi.objects import Names, bound, quoted
from exitprograms.ile.building import ENTRIES, deployed_sources

#: Characters of one write: as UTF-16 digits far below the longest constant of Db2 for i.
CHUNK = 2_000
_DEFAULT_LIBRARY = "EPM"
_WORDS = "epm_ibmi_words.h"
_ARRAY = re.compile(
    r"(static const epm_u8 (?P<name>epm_t_i_(?:rules|counters|journal))\[20\] = \{)"
    r"(?P<body>[^}]*)\}"
)
_ENTRY_OF = {Server.ACCEPT: "accept", Server.CONNECT: "connect", Server.LISTEN: "listen"}
_COMPILE = (
    "DBGVIEW(*NONE) OPTIMIZE(40) LANGLVL(*EXTENDED) SYSIFCOPT(*NOIFSIO) STGMDL(*INHERIT) "
    "TERASPACE(*YES) TGTCCSID(37) TGTRLS(*CURRENT) REPLACE(*YES) AUT(*EXCLUDE)"
)
_BIND = (
    "ACTGRP(*CALLER) DETAIL(*NONE) STGMDL(*INHERIT) ALWUPD(*NO) TGTRLS(*CURRENT) REPLACE(*NO) "
    "USRPRF(*OWNER) AUT(*USE)"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of one version.

    Attributes:
        files: name to text; ASCII.
        version: 16 hexadecimal digits of a digest of the sources and of how they are made.
    """

    files: Mapping[str, str]
    version: str

    @property
    def text(self) -> str:
        """The text of modules and programs of this version: it is how they are recognised."""
        return f"EPM exit program {self.version}"

    def modules(self) -> tuple[str, ...]:
        """Return the source of each module, by name."""
        return tuple(sorted(name for name in self.files if name.endswith(".c")))


def sources_for(names: Names, texts: Mapping[str, str] | None = None) -> Sources:
    """Return the sources for a library.

    Args:
        names: of the system; the sources hold those of library and journal as bytes.
        texts: sources by name; the product's own when they are not given.

    Raises:
        SettingsError: a name has characters that CCSID 37 lacks.
    """
    files = dict(texts or deployed_sources())
    files[_WORDS] = _ARRAY.sub(lambda m: _named(m, names), files[_WORDS])
    digest = hashlib.sha256(f"{_COMPILE}\0{_BIND}".encode())
    for name in sorted(files):
        digest.update(f"\0{name}\0{files[name]}".encode())
    return Sources(files, digest.hexdigest()[:16])


def _named(match: re.Match[str], names: Names) -> str:
    """Return an array of 20 bytes, a qualified name, as a system has it.

    The journal's is where an entry goes when there are no rules to say which journal it is.
    """
    found = bytes(int(word, 16) for word in re.findall(r"0x([0-9A-Fa-f]{2})", match["body"]))
    default = _DEFAULT_LIBRARY.ljust(10).encode("cp037")
    if len(found) != 20 or found[10:] != default:
        raise SettingsError(f"{_WORDS}: {match['name']} is no name in library {_DEFAULT_LIBRARY}")
    try:
        raw = names.lib.ljust(10).encode("cp037")
        raw = (_name_of(match, names) or found[:10]) + raw
    except UnicodeEncodeError:
        raise SettingsError(f"{names.lib} or {names.journal} is not a name in CCSID 37") from None
    if raw == found:
        return match[0]
    lines = [
        ", ".join(f"0x{byte:02X}" for byte in raw[at : at + 10]) for at in range(0, len(raw), 10)
    ]
    return f"{match[1]}\n    " + ",\n    ".join(lines) + "}"


def _name_of(match: re.Match[str], names: Names) -> bytes:
    """Return the name that the configuration gives to what an array names; nothing for others."""
    if match["name"] != "epm_t_i_journal":
        return b""
    return names.journal.ljust(10).encode("cp037")


def module_name(source: str) -> str:
    """Return the name of a source's module, such as ``EPMIMAGE``: at most 10 characters."""
    return source.removesuffix(".c").replace("_", "").upper()[:10]


def compile_command(names: Names, sources: Sources, folder: str, source: str) -> str:
    """Return the command that compiles one source."""
    module, path = names.path(module_name(source)), quoted(f"{folder}/{source}")
    return (
        f"CRTCMOD MODULE({module}) SRCSTMF({path}) "
        f"INCDIR({quoted(folder)}) TEXT({quoted(sources.text)}) {_COMPILE}"
    )


def bind_command(names: Names, sources: Sources, server: Server, program: str) -> str:
    """Return the command that binds the program of one server under a name."""
    entries = set(ENTRIES.values())
    entry = ENTRIES[_ENTRY_OF[server]]
    bound = [entry, *(m for m in sources.modules() if m not in entries)]
    modules = " ".join(names.path(module_name(m)) for m in bound)
    return (
        f"CRTPGM PGM({names.path(program)}) MODULE({modules}) "
        f"ENTMOD({names.path(module_name(entry))}) TEXT({quoted(sources.text)}) {_BIND}"
    )


def uploads(path: str, text: str) -> Iterator[str]:
    """Yield the statements that write a stream file, in pieces, UTF-8.

    A piece is a UX constant (UTF-16 digits): it holds line ends and quotes without depending on
    how any part of the way treats them.
    """
    for at in range(0, max(1, len(text)), CHUNK):
        digits = text[at : at + CHUNK].encode("utf-16-be").hex().upper()
        mode = "APPEND" if at else "REPLACE"
        yield (
            f"CALL QSYS2.IFS_WRITE_UTF8(PATH_NAME => {quoted(path)}, LINE => UX'{digits}', "
            f"FILE_CCSID => 1208, OVERWRITE => '{mode}', END_OF_LINE => 'NONE')"
        )


def reading(path: str) -> str:
    """Return the query that reads a stream file's lines back.

    LINE is a large object of 2 GB: as characters it is like any other column to XMLSERVICE.
    """
    return bound(
        "SELECT CAST(LINE AS VARCHAR(1000)) AS LINE "
        "FROM TABLE(QSYS2.IFS_READ_UTF8(PATH_NAME => ?)) ORDER BY LINE_NUMBER",
        path,
    )
