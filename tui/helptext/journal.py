"""Help about the journal, one entry, and reports."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FILTER = {
    "start": "From this time on, UTC: a date, or a date and a time. Blank: from the beginning.",
    "end": "Before this time, UTC; a date alone is the end of that day. Blank: to the end.",
    "server": "Only calls of QSOACCEPT, QSOCONNECT or QSOLISTEN. Blank: of all.",
    "user": "Only entries of this user profile, or of a generic name such as QPG*.",
    "type": (
        "Only entries of a type: SK socket call, NA allowed, NR rejected, NC changed, NG gap; a "
        "type of SK entry, A to X; or a journal code, T or U."
    ),
    "verdict": "Only what the exit program allowed, or only what it rejected.",
    "address": "Only entries with an address in this one: an address, CIDR or range a-b.",
    "port": "Only entries with this port, whichever end has it.",
}
_FILE = (
    "A file to write the report to; it is private to you. Blank on the panel Reports: display it."
)
_REPLACE = "N refuses when the file is there already; Y replaces it."

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "journal": (
            "The entries of the journal, the newest first. T is the audit trail of the operating "
            "system (SK entries), U what the exit point manager wrote: NA allowed, NR rejected, "
            "NC changed, NG gap. LOGGED is a rejection that was not enforced. Times are UTC. F11 "
            "shows the addresses, F17 asks which entries are wanted. Each page looks at a bounded "
            "number of entries; when few are wanted, it says how far it has searched, and a roll "
            "goes on. Damaged places are left out and counted; epm journal verify names them."
        ),
        "journal.opt": "5 displays the entire entry, with its entry-specific data.",
        "journal.position": (
            "A sequence number; a time in UTC, such as 2026-11-21 10:00, to begin with the newest "
            "entry before it (a date is its end); *LAST for the newest, *FIRST for the oldest."
        ),
        "journal.key.F5": "Goes to the newest entries; options not processed are forgotten.",
        "journal.key.F11": "Shows server and addresses in place of job, user, verdict and time.",
        "journal.key.F17": "Asks which entries are listed: by time, server, user and so on.",
        "journal.key.F18": "Goes to the oldest entries.",
        "subset": "Which entries are listed. A field left blank asks nothing.",
        **{f"subset.{name}": text for name, text in _FILTER.items()},
        "entry": (
            "One entry: the fields that every entry has, those of its kind, and its "
            "entry-specific data, 50 columns a line. F6 shows only the data, F10 only the fields "
            "of its kind, F11 changes between characters (EBCDIC of CCSID 37) and hexadecimal, the "
            "first digit of each byte above the second."
        ),
        "entry.key.F6": "Shows only the entry-specific data, or the entire entry again.",
        "entry.key.F11": "Shows the data as characters or as hexadecimal digits.",
        "reports": (
            "A report has the wanted entries, totals, top talkers, rejections over time, the rule "
            "behind each, and the proof that the journal is whole. Without a file it is displayed, "
            "in a format that is text. It is the report of epm journal report."
        ),
        "reports.format": "The format; F4 lists those there are. Some can only go to a file.",
        **{f"reports.{name}": text for name, text in _FILTER.items()},
        "reports.file": _FILE,
        "reports.replace": _REPLACE,
        "report": (
            "The report. F19 and F20 shift it left and right; < and > mark lines that go on. F9 "
            "saves it as a file, F21 prints it into a spooled file."
        ),
        "report.key.F9": "Saves the report as a file; asks for its name.",
        "report.key.F21": "Prints the whole report into a spooled file, long lines in pieces.",
        "save": "Saves the report that is displayed, whole, as a file that is private to you.",
        "save.file": _FILE,
        "save.replace": _REPLACE,
    }
)
