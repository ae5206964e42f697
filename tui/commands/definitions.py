"""The commands there are, each once.

Names and keywords of PNSTSTQSO are the vendor's (Powertech documentation: Test Socket Rules,
its keywords); the digit of a keyword is the place of the address in IBM's block layout. Those of
DSPJRN, WRKREGINF and GO are IBM's where IBM has them (IBM documentation: CL commands); what a
socket call has beyond that (SERVER, VERDICT, ADDR, PORT) is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from epm.model import Server
from tui.commands.table import (
    Definition,
    Keyword,
    anything,
    is_address,
    is_generic,
    is_port,
)

_SERVERS = tuple((str(server), server.exit_point) for server in Server)
_ALL = ("*ALL", "all entries")
_SERVER_HELP = "QSOACCEPT, QSOCONNECT or QSOLISTEN."


def _port(name: str, prompt: str, server: Server, field: str) -> Keyword:
    text = f"{prompt} of the call: 0 to 65535; left out, a condition on it is false."
    return Keyword(name, prompt, 5, text, "0-65535", check=is_port, server=server, field=field)


def _address(name: str, prompt: str, server: Server) -> Keyword:
    text = f"{prompt} of the call, IPv4 or IPv6; left out, a condition on it is false."
    hint = "IPv4 or IPv6 address"
    return Keyword(name, prompt, 45, text, hint, check=is_address, server=server, field="rmtaddr")


_WRKSKTRUL = Definition(
    "WRKSKTRUL",
    "Work with Socket Rules",
    "Lists the rules of one server, to change, copy, move, delete, display and test them.",
    (
        Keyword(
            "SERVER",
            "Server",
            10,
            f"Whose rules: {_SERVER_HELP}",
            values=_SERVERS,
            default=str(Server.ACCEPT),
        ),
    ),
    positional=1,
)

_PNSTSTQSO = Definition(
    "PNSTSTQSO",
    "Test Socket Rules",
    "Shows how the rules would decide a call, by their Test flags; nothing is enforced.",
    (
        Keyword(
            "SYSTEM",
            "System",
            8,
            "The system whose rules decide; it must be the one that epm --system names.",
            "Name, *LOCAL",
            check=anything,
        ),
        Keyword(
            "SERVER",
            "Server",
            10,
            f"Which server is called: {_SERVER_HELP} Enter shows the parameters of its calls.",
            values=_SERVERS,
            required=True,
        ),
        _port("LPORT1", "Local port", Server.LISTEN, "lclport"),
        _port("CPORT1", "Local port", Server.CONNECT, "lclport"),
        _address("CADDR2", "Remote address", Server.CONNECT),
        _port("CPORT2", "Remote port", Server.CONNECT, "rmtport"),
        _port("APORT1", "Bound port", Server.ACCEPT, "bndport"),
        _port("APORT2", "Incoming port", Server.ACCEPT, "lclport"),
        _address("AADDR3", "Remote address", Server.ACCEPT),
        _port("APORT3", "Remote port", Server.ACCEPT, "rmtport"),
        Keyword(
            "USER",
            "User profile",
            10,
            "The user profile that makes the call.",
            "Name",
            check=anything,
            field="user",
        ),
        Keyword(
            "OUTPUT",
            "Output",
            6,
            "* displays the result, *TRACE with every rule and condition, *PRINT prints both.",
            values=(
                ("*TRACE", "the decision and every rule"),
                ("*", "the decision"),
                ("*PRINT", "both, into a spooled file"),
            ),
            default="*TRACE",
        ),
    ),
)

_DSPJRN = Definition(
    "DSPJRN",
    "Display Journal",
    "Displays the entries of a journal, the newest first.",
    (
        Keyword(
            "JRN",
            "Journal",
            10,
            "A journal of this system; *CURRENT is the one that the configuration names.",
            "Name, *CURRENT",
            values=(("*CURRENT", "as the configuration says"),),
            check=anything,
            default="*CURRENT",
            field="journal",
        ),
        Keyword(
            "FROMTIME",
            "From time",
            26,
            "From this time on, UTC: a date, or a date and a time.",
            "2026-11-21 10:00, UTC",
            check=anything,
            field="start",
        ),
        Keyword(
            "TOTIME",
            "To time",
            26,
            "Before this time, UTC; a date alone is the end of that day.",
            "Before; date is its end",
            check=anything,
            field="end",
        ),
        Keyword(
            "ENTTYP",
            "Entry type",
            4,
            "*ALL; SK socket call; NA allowed, NR rejected, NC changed, NG gap; or the type of "
            "an SK entry, A to X.",
            "*ALL, SK, NA, NR, NC, NG",
            values=(
                _ALL,
                ("SK", "socket calls"),
                ("NA", "allowed by an exit program"),
                ("NR", "rejected by an exit program"),
                ("NC", "rules or configuration changed"),
                ("NG", "gaps"),
            ),
            check=anything,
            default="*ALL",
            field="type",
        ),
        Keyword(
            "JRNCDE",
            "Journal code",
            4,
            "*ALL, T for audit trail entries or U for entries of the exit point manager; only "
            "when ENTTYP is *ALL, for each entry type has one code.",
            values=(_ALL, ("T", "audit trail"), ("U", "user-defined")),
            default="*ALL",
        ),
        Keyword(
            "SERVER",
            "Server",
            10,
            "*ALL, QSOACCEPT, QSOCONNECT or QSOLISTEN.",
            "*ALL, QSOACCEPT, QSOCONNECT ...",
            values=(_ALL, *_SERVERS),
            default="*ALL",
            field="server",
        ),
        Keyword(
            "VERDICT",
            "Verdict",
            6,
            "*ALL, ALLOW or REJECT: what the exit program answered.",
            values=(_ALL, ("ALLOW", "allowed"), ("REJECT", "rejected")),
            default="*ALL",
            field="verdict",
        ),
        Keyword(
            "USRPRF",
            "User profile",
            10,
            "*ALL, a user profile, or a generic name such as QPG*.",
            "*ALL, name, generic*",
            values=(_ALL,),
            check=anything,
            default="*ALL",
            field="user",
        ),
        Keyword(
            "ADDR",
            "Address",
            45,
            "Only entries with an address in this one: an address, CIDR 10.0.0.0/8 or range a-b.",
            "Address, CIDR or range",
            check=anything,
            field="address",
        ),
        Keyword(
            "PORT",
            "Port",
            5,
            "Only entries with this port, whichever end has it.",
            "0-65535",
            check=is_port,
            field="port",
        ),
        Keyword(
            "OUTPUT",
            "Output",
            6,
            "* displays the entries, *PRINT prints them into a spooled file.",
            values=(("*", "display"), ("*PRINT", "into a spooled file")),
            default="*",
        ),
    ),
    positional=1,
)

_WRKREGINF = Definition(
    "WRKREGINF",
    "Work with Registration Information",
    "Lists exit points, to work with the exit programs that are registered there.",
    (
        Keyword(
            "EXITPNT",
            "Exit point",
            20,
            "*REGISTERED, *UNREGISTERED, *ALL, an exit point, or a generic name such as QIBM_QSO*.",
            "*REGISTERED, name, generic*",
            values=(
                ("*REGISTERED", "those that are registered"),
                ("*UNREGISTERED", "those that ADDEXITPGM made"),
                ("*ALL", "all exit points"),
            ),
            check=is_generic,
            default="*REGISTERED",
        ),
        Keyword(
            "FORMAT",
            "Exit point format",
            8,
            "*ALL, a format such as ACPT0100, or a generic name.",
            "*ALL, name, generic*",
            values=(("*ALL", "all formats"),),
            check=is_generic,
            default="*ALL",
        ),
        Keyword(
            "OUTPUT",
            "Output",
            6,
            "* displays the exit points, *PRINT prints them into a spooled file.",
            values=(("*", "display"), ("*PRINT", "into a spooled file")),
            default="*",
        ),
    ),
    positional=1,
)

_GO = Definition(
    "GO",
    "Go to Menu",
    "Shows a menu; the one there is, is MAIN.",
    (
        Keyword(
            "MENU",
            "Menu",
            10,
            "The menu to show: MAIN.",
            values=(("MAIN", "Exit Point Manager Main Menu"),),
            required=True,
        ),
    ),
    positional=1,
)

#: Every command by its name.
DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {d.name: d for d in (_WRKSKTRUL, _PNSTSTQSO, _DSPJRN, _WRKREGINF, _GO)}
)
