"""Settings: option > environment > ./epm.toml > user configuration file > default."""

from __future__ import annotations

import difflib
import errno
import hashlib
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from epm.errors import SettingsError
from epm.model import LOCAL_SYSTEM
from epm.soundness import is_object_name

KEYS = ("db", "system", "journal_dir", "sync", "armr_dir", "armr_log")
#: Tables ``[ibmi.NAME]``: one for each real IBM i (docs/ibmi.md has their keys).
IBMI = "ibmi"
SYNC_MODES = ("group", "always")
MAX_BYTES = 1 << 20
_TRUSTED = "it must be a plain file of yours or root's that no one else may write"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where it came from."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class IbmiTable:
    """One ``[ibmi.NAME]`` table as it stands, and the file it is in."""

    values: Mapping[str, object]
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command runs with.

    Attributes:
        db: SQLAlchemy URL of the rule store.
        is_default_db: the store is the user's own, which is made on first use.
        system: the system that rules, groups and configuration belong to.
        journal_dir: the folder that holds the journals.
        sync: ``group`` flushes within 50 ms, ``always`` before each answer.
        armr_dir: the folder whose ARMR policies the workbench shows.
        armr_log: the file whose events it shows, that of ``epm run --armr-log``.
        sources: where each value came from.
        ibmi: the ``[ibmi.NAME]`` tables by name, in upper case; read when one is asked for.
        passed_over: a line for each file that is there and does not count.
    """

    db: str
    is_default_db: bool
    system: str
    journal_dir: Path
    sync: str
    armr_dir: Path
    armr_log: Path
    sources: Mapping[str, str]
    ibmi: Mapping[str, IbmiTable] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()


def load_settings(options: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Return the settings in force.

    Raises:
        SettingsError: a file is malformed or holds an unknown key, or a value is not usable.
    """
    layers: list[tuple[str, Mapping[str, str]]] = [
        ("option", {k: v for k, v in options.items() if v}),
        ("environment", {k: environ[f"EPM_{k.upper()}"] for k in KEYS if environ.get(_env(k))}),
    ]
    ibmi: dict[str, IbmiTable] = {}
    passed_over: list[str] = []
    for path, local in ((Path("epm.toml"), True), (config_file(), False)):
        values = _read_file(path, local=local)
        if values is None:
            passed_over.append(f"./{path} does not count: {_TRUSTED}")
            continue
        ibmi = _ibmi_tables(path, values.pop(IBMI, {})) | ibmi
        if values:
            layers.append((str(path), {k: str(v) for k, v in values.items()}))
    found = {
        key: Setting(layer[key], source)
        for key in KEYS
        for source, layer in reversed(layers)
        if key in layer
    }
    return replace(_settings(found), ibmi=ibmi, passed_over=tuple(passed_over))


def _env(key: str) -> str:
    return f"EPM_{key.upper()}"


def config_file() -> Path:
    """Return the path of the user's configuration file."""
    return platformdirs.user_config_path("epm") / "config.toml"


def data_folder() -> Path:
    """Return the user's data folder."""
    return platformdirs.user_data_path("epm")


def _settings(found: Mapping[str, Setting]) -> Settings:
    def value(key: str, default: str) -> str:
        return found[key].value if key in found else default

    db = value("db", f"sqlite:///{data_folder() / 'epm.db'}")
    system = value("system", LOCAL_SYSTEM).upper()
    if system != LOCAL_SYSTEM and not is_object_name(system, longest=8):
        raise SettingsError(f"system {system!r} is not a name of 1 to 8 characters")
    sync = value("sync", "group")
    if sync not in SYNC_MODES:
        raise SettingsError(f"sync {sync!r} is not one of {' '.join(SYNC_MODES)}")
    folder = found["journal_dir"].value if "journal_dir" in found else None
    armr_dir = Path(value("armr_dir", str(data_folder() / "armr")))
    return Settings(
        db=db,
        is_default_db="db" not in found,
        system=system,
        journal_dir=Path(folder) if folder else journal_folder(db),
        sync=sync,
        armr_dir=armr_dir,
        armr_log=Path(value("armr_log", str(armr_dir / "events.cef"))),
        sources={key: found[key].source if key in found else "default" for key in KEYS},
    )


def journal_folder(db: str) -> Path:
    """Return where the journals of a store are kept: beside an SQLite file, else with the data.

    Another database's journals go under a name made of where it is; nothing secret is in it.
    """
    path = sqlite_path(db)
    if path is not None:
        return path.with_name(path.name + ".journal")
    shown = shown_url(db)
    name = "".join(c if c.isalnum() else "_" for c in shown.partition("://")[2])[:40]
    return data_folder() / "journal" / f"{name}-{hashlib.sha256(shown.encode()).hexdigest()[:16]}"


def shown_url(url: str) -> str:
    """Return a store's address without what may be secret: its password and its options."""
    if sqlite_path(url) is not None:
        return url.partition("?")[0]
    try:
        parts = urlsplit(url)
        user = f"{parts.username}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(an address that cannot be read)"
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


def sqlite_path(db: str) -> Path | None:
    """Return the file of an SQLite URL, or ``None`` for another database or one in memory."""
    scheme, mark, rest = db.partition(":///")
    if not mark or not scheme.startswith("sqlite"):
        return None
    name = rest.partition("?")[0]
    return None if name in ("", ":memory:") else Path(name)


def _read_file(path: Path, *, local: bool) -> dict[str, object] | None:
    """Return the values of a configuration file: none where absent, ``None`` if not trusted.

    Raises:
        SettingsError: not TOML, an unknown key, or a value that is not what its key takes.
    """
    try:
        content = _content(path, local=local)
        values = None if content is None else tomllib.loads(content.decode())
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from None
    for key, value in (values or {}).items():
        if key == IBMI:
            _check_tables(path, value)
            continue
        if key not in KEYS:
            known = (*KEYS, IBMI)
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {' '.join(known)}"
            raise SettingsError(f"{path}: unknown key {key!r}{hint}")
        if not isinstance(value, str):
            raise SettingsError(f"{path}: {key} must be a text")
    return values


def _ibmi_tables(path: Path, value: object) -> dict[str, IbmiTable]:
    """Return the tables by name, in upper case.

    Raises:
        SettingsError: two names are the same one.
    """
    assert isinstance(value, dict)
    found: dict[str, IbmiTable] = {}
    for name, table in value.items():
        if name.upper() in found:
            raise SettingsError(f"{path}: [ibmi.{name}] names a system twice: {name.upper()}")
        found[name.upper()] = IbmiTable(table, str(path))
    return found


def _check_tables(path: Path, value: object) -> None:
    """Make sure that ``ibmi`` holds tables only; what is in them is read when it is needed."""
    if not isinstance(value, dict) or not all(isinstance(t, dict) for t in value.values()):
        raise SettingsError(f"{path}: ibmi holds a table for each system, such as [ibmi.PROD1]")


def _content(path: Path, *, local: bool) -> bytes | None:
    """Return a file's bytes; of ./epm.toml only when it counts, else ``None``.

    It counts when it is a plain file, owned by the user or root, that no one else may write: a
    folder one happens to stand in must not be able to name another store. What is checked is
    the very file that is read, and no link leads to another.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if local else 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if local and error.errno == errno.ELOOP:
            return None
        raise
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        owned = status.st_uid in (0, os.geteuid())
        private = not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if local and not (owned and private and stat.S_ISREG(status.st_mode)):
            return None
        return stream.read(MAX_BYTES)
