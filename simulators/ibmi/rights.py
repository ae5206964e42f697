"""Authorities: what a profile may do with an object, and the special authorities of a profile."""

from __future__ import annotations

Rights = frozenset[str]

#: Each authority as GRTOBJAUT names it.
_OBJECT_RIGHTS = frozenset({"*OBJOPR", "*OBJMGT", "*OBJEXIST", "*OBJALTER", "*OBJREF"})
_DATA_RIGHTS = frozenset({"*READ", "*ADD", "*UPD", "*DLT", "*EXECUTE"})

USE: Rights = frozenset({"*OBJOPR", "*READ", "*EXECUTE"})
CHANGE: Rights = frozenset({"*OBJOPR"}) | _DATA_RIGHTS
ALL: Rights = _OBJECT_RIGHTS | _DATA_RIGHTS
EXCLUDE: Rights = frozenset()

SPECIAL_AUTHORITIES = frozenset(
    {
        *("*ALLOBJ", "*SECADM", "*JOBCTL", "*SPLCTL", "*SAVSYS", "*SERVICE", "*AUDIT"),
        "*IOSYSCFG",
    }
)

_NAMED = {"*ALL": ALL, "*CHANGE": CHANGE, "*USE": USE, "*EXCLUDE": EXCLUDE}
#: CHGAUT's data authorities of the file system interface.
_DATA_NAMED = {
    "*RWX": CHANGE,
    "*RX": USE,
    "*RW": CHANGE - {"*EXECUTE"},
    "*WX": frozenset({"*OBJOPR", "*ADD", "*UPD", "*DLT", "*EXECUTE"}),
    "*R": frozenset({"*OBJOPR", "*READ"}),
    "*W": frozenset({"*OBJOPR", "*ADD", "*UPD", "*DLT"}),
    "*X": frozenset({"*OBJOPR", "*EXECUTE"}),
    "*NONE": EXCLUDE,
    "*EXCLUDE": EXCLUDE,
}


def rights_of(words: tuple[str, ...]) -> Rights | None:
    """Return the rights of AUT's values, such as ``*USE`` or ``*OBJOPR *READ``; None if not."""
    found: Rights = frozenset()
    for word in words:
        if word in _NAMED:
            found |= _NAMED[word]
        elif word in ALL:
            found |= {word}
        else:
            return None
    return found


def data_rights_of(word: str) -> Rights | None:
    """Return the rights of DTAAUT's value, such as ``*RX``; None if it is none."""
    return _DATA_NAMED.get(word)


def name_of(rights: Rights) -> str:
    """Return the name that a display shows, ``USER DEF`` where there is none."""
    return next((name for name, named in _NAMED.items() if named == rights), "USER DEF")
