"""Statements that an injection adds: recognised by their verb and what it must govern.

``drop`` begins a statement where a kind of object and its name follow, and nothing that only a
sentence would go on with; and so each verb has its own check.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from epm.sanitize.sql_grammar import Place, condition, ends, is_mark, select_list, union
from epm.sanitize.sql_tokens import Tokens
from epm.sanitize.values import Evidence
from epm.sanitize.wordlists import word_set

_SYSTEM_PROCEDURE = re.compile(r"(?:.*\.)?(?:xp|sp)_?\w*")


def statement(t: Tokens, at: int) -> bool:
    """Whether a statement begins here, by more than its verb."""
    kind = t.kind(at)
    if kind == "E":
        return select_list(t, at + 1)
    if kind == "U":
        return union(t, at) is Evidence.STRONG
    if kind == "f" and t.texts[at] in ("if", "iif"):
        return _if(t, at + 1)
    if kind in ("d",):
        return True
    if kind != "D":
        return False
    check = _VERBS.get(t.texts[at])
    return check is not None and check(t, at + 1)


def _is(*words: str) -> Callable[[Tokens, int], bool]:
    return lambda t, at: at < len(t.texts) and t.texts[at] in words


def _kind_in(kinds: str) -> Callable[[Tokens, int], bool]:
    return lambda t, at: bool(t.kind(at)) and t.kind(at) in kinds


def _dropped(t: Tokens, at: int) -> bool:
    if not _object(t, at):  # "drop members --": what kind of object is left to the reader
        return t.kind(at) == "n" and t.kind(at + 1) == "c" and is_mark(t.texts[at + 1])
    end = at + 2
    while t.kind(end) in ("f", "n", "s", ",") and t.texts[end - 1] in ("if", "exists", ","):
        end += 1
    return ends(t, end) or t.kind(end) == "," or t.texts[end] in ("cascade", "exists", "purge")


_PRIVILEGES = word_set(
    "all select insert update delete create drop alter execute dba connect resource sysdba "
    "usage super file process shutdown administer exempt"
)


def _granted(t: Tokens, at: int) -> bool:
    follows = t.texts[at + 1 : at + 8]
    return bool(t.kind(at)) and t.texts[at] in _PRIVILEGES and (
        follows[:1] in ((",",), ("(",), ("to",), ("on",), ("from",), ("privileges",), ("any",))
        and not {"to", "on", "from"}.isdisjoint(follows)
    )  # fmt: skip


_MODIFIERS = word_set(
    "or replace unique temporary temp global local materialized public clustered fulltext"
)


def _object(t: Tokens, at: int) -> bool:
    while t.kind(at) and t.texts[at] in _MODIFIERS:
        at += 1
    named = t.kind(at) in ("T", "P")
    return named and t.kind(at + 1) in ("n", "s", "v", "f", "g", "T", "=", "1", "D", "x")


def _execute(t: Tokens, at: int) -> bool:
    kind = t.kind(at)
    if kind and kind in "svd(":
        return t.kind(at + 1) != ")"
    if kind in ("n", "g"):
        word = t.texts[at]
        return kind == "g" or word == "immediate" or _SYSTEM_PROCEDURE.fullmatch(word) is not None
    return False


def _insert(t: Tokens, at: int) -> bool:
    return t.kind(at) == "I" and bool(t.kind(at + 1)) and t.kind(at + 1) in "ngTf" and (
        t.kind(at + 2) in ("(", "E", "D", "") or t.texts[at + 2] == "values"
    )  # fmt: skip


def _update(t: Tokens, at: int) -> bool:
    return t.kind(at) in ("n", "T") and t.texts[at + 1 : at + 2] == ("set",) and (
        t.kind(at + 3) == "="
    )  # fmt: skip


def _delete(t: Tokens, at: int) -> bool:
    return t.kind(at) == "F" and t.kind(at + 1) in ("n", "T") and ends(t, at + 2)


def _set(t: Tokens, at: int) -> bool:
    return t.kind(at) == "v" and t.kind(at + 1) in ("=", "x")


def _shutdown(t: Tokens, at: int) -> bool:
    return ends(t, at) or t.texts[at] in ("nowait", "with", "immediate", "abort", "end")


def _block(t: Tokens, at: int) -> bool:
    nested = t.kind(at) == "D" and t.texts[at] != "begin" and statement(t, at)
    return t.kind(at) == "d" or nested or ends(t, at + 1)


def _if(t: Tokens, at: int) -> bool:
    """Whether a condition stands here that SQL goes on from: with a choice, or another statement.

    Programs write ``if (x == NULL) return`` behind a semicolon too.
    """
    if condition(t, at + (t.kind(at) == "("), Place.QUOTE) is not Evidence.STRONG:
        return False
    closed = t.closing.get(at)
    if closed is not None and "," in t.kinds[at:closed]:
        return "1=1" in t.kinds[at:closed] or "d" in t.kinds[at:closed]
    first = at + 3 if closed is None else closed + 1
    return any(_then(t, end) for end in range(first, min(first + 6, len(t.kinds))))


def _then(t: Tokens, at: int) -> bool:
    """Whether another statement begins here; not one that would look for a further one."""
    kind, word = t.kind(at), t.texts[at]
    if word in ("begin", "if", "while") or kind == "f":
        return False
    selects = kind == "E" and t.kind(at + 1) == "1"
    return word == "then" or selects or (kind in "EDd" and statement(t, at))


def _pragma(t: Tokens, at: int) -> bool:
    return t.kind(at) == "g" or (t.kind(at) == "n" and ends(t, at + 1))


_VERBS: dict[str, Callable[[Tokens, int], bool]] = {
    "drop": _dropped, "create": _object, "alter": _object, "truncate": _is("table"),
    "insert": _insert, "replace": _insert, "merge": _insert, "update": _update,
    "delete": _delete, "exec": _execute, "execute": _execute,
    "call": lambda t, at: t.kind(at) in ("d", "g", "f"),
    "declare": _kind_in("v"), "set": _set, "waitfor": _is("delay", "time"),
    "shutdown": _shutdown, "begin": _block, "if": _if, "while": _if,
    "grant": _granted, "revoke": _granted,
    "backup": _is("database", "log"), "restore": _is("database"), "bulk": _is("insert"),
    "load": _is("data", "extension"), "attach": _is("database"), "print": _kind_in("vs"),
    "copy": lambda t, at: t.kind(at) in ("n", "T", "(", "g") and bool(
        set(t.texts[at + 1 : at + 6]) & {"to", "from"}),
    "handler": lambda t, at: t.texts[at + 1 : at + 2] == ("open",),
    "do": _kind_in("df"),
    "pragma": lambda t, at: t.kind(at) == "g" or (t.kind(at) == "n" and ends(t, at + 1)),
    "kill": lambda t, at: t.kind(at) == "1" and ends(t, at + 1), "reconfigure": _shutdown,
    "dbcc": _kind_in("ng"), "vacuum": _is("into"), "rename": _is("table"),
    "prepare": lambda t, at: t.kind(at) == "n" and t.kind(at + 1) in ("F", "a"),
}  # fmt: skip
