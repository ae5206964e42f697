"""Commands about user profiles: displayed, retrieved, made, changed, deleted."""

from __future__ import annotations

from simulators.ibmi.cl.definition import Call, Command, Param
from simulators.ibmi.cl.texts import returned
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import MessageQueue, SystemObject
from simulators.ibmi.profiles import UserProfile
from simulators.ibmi.rights import CHANGE, EXCLUDE

_RETURNS = (
    *("RTNUSRPRF", "SPCAUT", "MAXSTG", "STGUSED", "PTYLMT", "INLPGM", "INLPGMLIB", "JOBD"),
    *("JOBDLIB", "GRPPRF", "OWNER", "GRPAUT", "ACGCDE", "MSGQ", "MSGQLIB", "OUTQ", "OUTQLIB"),
    *("TEXT", "PWDCHGDAT", "USRCLS", "ASTLVL", "SPCENV", "CURLIB", "INLMNU", "INLMNULIB"),
    *("LMTCPB", "DLVRY", "SEV", "PRTDEV", "ATNPGM", "ATNPGMLIB", "USROPT", "DSPSGNINF"),
    *("PWDEXPITV", "PWDEXP", "STATUS", "PRVSIGN", "NOTVLDSIGN", "LMTDEVSSN", "KBDBUF"),
    *("LANGID", "CNTRYID", "CCSID", "SRTSEQ", "SRTSEQLIB", "OBJAUD", "AUDLVL", "GRPAUTTYP"),
    *("SUPGRPPRF", "UID", "GID", "SETJOBATR", "CHRIDCTL", "LOCALE", "HOMEDIR"),
)
"""What RTVUSRPRF returns; what a profile does not keep here has its default, or is blank."""


def _profile(call: Call) -> UserProfile:
    """Return the profile that USRPRF names; CPF2217 for another's without *SECADM."""
    job, name = call.job, call.word("USRPRF")
    profile = job.system.profiles.known(job.user if name == "*CURRENT" else name)
    if profile is not job.profile and not job.has_special("*SECADM"):
        raise EscapeError("CPF2217", profile.name)
    return profile


def _dspusrprf(call: Call) -> None:
    profile = _profile(call)
    call.output += [
        f"User profile  . . . . . . . :   {profile.name}",
        f"Status  . . . . . . . . . . :   {_status(profile)}",
        f"Set password to expired . . :   {'*YES' if profile.expired else '*NO'}",
        f"Special authority . . . . . :   {' '.join(sorted(profile.special)) or '*NONE'}",
        f"Group profile . . . . . . . :   {profile.groups[0] if profile.groups else '*NONE'}",
    ]


def _status(profile: UserProfile) -> str:
    return "*ENABLED" if profile.enabled else "*DISABLED"


def _rtvusrprf(call: Call) -> None:
    profile, values = _profile(call), call.job.system.values
    library, _, description = profile.job_description.partition("/")
    home = f"/home/{profile.name}"
    returned(
        call,
        {
            **dict.fromkeys(_RETURNS, ""),
            **dict.fromkeys(("GRPAUT", "ATNPGM", "INLPGM", "OBJAUD", "AUDLVL", "LOCALE"), "*NONE"),
            **dict.fromkeys(("KBDBUF", "ASTLVL", "DSPSGNINF", "PWDEXPITV", "SRTSEQ"), "*SYSVAL"),
            **{"RTNUSRPRF": profile.name, "TEXT": profile.text, "STATUS": _status(profile)},
            "SPCAUT": "".join(f"{a:<10}" for a in sorted(profile.special)) or "*NONE",
            "MAXSTG": str(-1 if profile.max_storage is None else profile.max_storage),
            **{"STGUSED": "0", "PTYLMT": "3", "JOBD": description, "JOBDLIB": library},
            "GRPPRF": profile.groups[0] if profile.groups else "*NONE",
            "SUPGRPPRF": "".join(f"{g:<10}" for g in profile.groups[1:]) or "*NONE",
            **{"OWNER": "*USRPRF", "MSGQ": profile.name, "MSGQLIB": "QUSRSYS"},
            **{"OUTQ": "*WRKSTN", "USRCLS": "*USER", "SPCENV": "*NONE", "LMTCPB": "*NO"},
            **{"CURLIB": profile.current_library, "INLMNU": "MAIN", "INLMNULIB": "*LIBL"},
            **{"DLVRY": "*NOTIFY", "SEV": "0", "PRTDEV": "*WRKSTN", "USROPT": "*NONE"},
            "PWDEXP": "*YES" if profile.expired else "*NO",
            **{"NOTVLDSIGN": str(profile.failures), "LMTDEVSSN": "*SYSVAL"},
            **{"LANGID": values.get("QLANGID"), "CNTRYID": values.get("QCNTRYID")},
            **{"CCSID": "-2", "GRPAUTTYP": "*PRIVATE", "UID": "0", "GID": "0"},
            **{"SETJOBATR": "*SYSVAL", "CHRIDCTL": "*SYSVAL", "HOMEDIR": home},
        },
    )


def _chgusrprf(call: Call) -> None:
    job = call.job
    job.require_special("*SECADM")
    profile = job.system.profiles.known(call.name("USRPRF"))
    status = call.choice("STATUS", ("*SAME", "*ENABLED", "*DISABLED"))
    expired = call.choice("PWDEXP", ("*SAME", "*YES", "*NO"))
    if status != "*SAME":
        profile.enabled, profile.failures = status == "*ENABLED", 0
    if expired != "*SAME":
        profile.expired = expired == "*YES"
    call.send("CPC2205", profile.name)


def _crtusrprf(call: Call) -> None:
    """CRTUSRPRF: a profile without password; one with a password is not made here.

    Ids of its refusals are from memory (assumption).
    """
    job, name = call.job, call.name("USRPRF")
    job.require_special("*SECADM")
    if call.choice("PASSWORD", ("*NONE",)) != "*NONE" or job.system.profiles.get(name):
        raise EscapeError("CPF2214", name)
    words = [w for w in call.words("SPCAUT") if w not in ("*NONE", "*USRCLS")]
    for word in words:
        job.require_special(word)
    enabled = call.choice("STATUS", ("*ENABLED", "*DISABLED")) == "*ENABLED"
    profile = UserProfile(name, None, frozenset(words), (), enabled, text=call.text("TEXT"))
    job.system.profiles.add(profile)
    now, text = job.system.now(), profile.text
    for library, type_, data, public in (
        ("QSYS", "*USRPRF", None, EXCLUDE),
        ("QUSRSYS", "*MSGQ", MessageQueue(), CHANGE),
    ):
        home = job.system.libraries.get(library)
        if home is not None and home.get(name, type_) is None:
            home.add(SystemObject(name, type_, job.user, now, data, text=text, public=public))
    call.send("CPC2204", name)


def _dltusrprf(call: Call) -> None:
    """DLTUSRPRF OWNOBJOPT(*NODLT): a profile that owns nothing."""
    job, name = call.job, call.name("USRPRF")
    job.require_special("*SECADM")
    job.system.profiles.known(name)
    call.choice("OWNOBJOPT", ("*NODLT",))
    owned = (
        item
        for library in job.system.libraries
        for item in (library.header, *library.objects.values())
        if item.owner == name
    )
    if next(owned, None) is not None:
        raise EscapeError("CPF2215", name)
    job.system.profiles.remove(name)
    for library, type_ in (("QSYS", "*USRPRF"), ("QUSRSYS", "*MSGQ")):
        home = job.system.libraries.get(library)
        item = home.get(name, type_) if home is not None else None
        if home is not None and item is not None:
            home.remove(item)
    call.send("CPC2191", name, "QSYS", "*USRPRF")


COMMANDS = (
    Command(
        "RTVUSRPRF",
        (Param("USRPRF", "*CURRENT"), *(Param(k, "", returns=True) for k in _RETURNS)),
        _rtvusrprf,
        "Retrieve User Profile",
        positional=1,
    ),
    Command(
        "DSPUSRPRF", (Param("USRPRF"), Param("TYPE", "*BASIC")), _dspusrprf, "Display User Profile"
    ),
    Command(
        "CRTUSRPRF",
        (
            Param("USRPRF"),
            Param("PASSWORD", "*USRPRF"),
            Param("STATUS", "*ENABLED"),
            Param("INLMNU", "MAIN"),
            Param("LMTCPB", "*NO"),
            Param("SPCAUT", "*USRCLS"),
            Param("TEXT", ""),
            Param("AUT", "*EXCLUDE"),
        ),
        _crtusrprf,
        "Create User Profile",
    ),
    Command(
        "DLTUSRPRF",
        (Param("USRPRF"), Param("OWNOBJOPT", "*NODLT")),
        _dltusrprf,
        "Delete User Profile",
    ),
    Command(
        "CHGUSRPRF",
        (Param("USRPRF"), Param("STATUS", "*SAME"), Param("PWDEXP", "*SAME")),
        _chgusrprf,
        "Change User Profile",
    ),
)
