"""Which column says what, found by name. Pure.

The services' common columns are documented, and so are the header fields of an outfile, whose
names begin with two letters of the format's own: ``JOSEQN`` in QADSPJR5. Those that
AUDIT_JOURNAL_SK and QASYSKJ5 have for SK entries are not public (assumption A24): they are looked
for under the names that the documented ones of the same kind suggest, and where the important
ones are not found that is said, with the names that are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from epm.errors import RemoteError

#: What a column says, by the name it goes by in a row: the fields of FetchedEntry and SkData,
#: and ``qualified_job``, ``entry_length``.
Roles = Mapping[str, str]

_SK = {
    "type": r"ENTRY_TYPE|SK_?(E?TYPE?|ETYP)",
    "local_address": r"LOCAL_(IP_)?ADDRESS|SK_?L(CL)?(IP)?ADDR?",
    "local_port": r"LOCAL_PORT(_NUMBER)?|SK_?L(CL)?PORT?",
    "remote_address": r"REMOTE_IP_ADDRESS|SK_?R(MT)?(IP)?ADDR?|REMOTE_ADDRESS",
    "remote_port": r"REMOTE_PORT_NUMBER|SK_?R(MT)?PORT?|REMOTE_PORT",
    "descriptor": r"(SOCKET_)?DESCRIPTOR|SK_?(SCK)?DESC",
    "address_family": r"(IP_)?ADDRESS_FAMILY|SK_?(ADR)?(FAM|FAMILY)",
    "mac_address": r"MAC_ADDRESS|SK_?MAC(ADDR?)?",
    "host_name": r"HOST_NAME|SK_?HOST(NM|NAME)?",
    "filter_description": r"FILTER_DESCRIPTION|SK_?FLTDES",
    "filter_data": r"FILTER_DATA|SK_?FLTDTA",
    "secure_version": r"SECURE_VERSION|SK_?SECVER",
    "secure_properties": r"SECURE_PROPERTIES|SK_?SECPRP",
}
#: IBM documentation: DISPLAY_JOURNAL; the AUDIT_JOURNAL services' common columns; the field names
#: of the *TYPE5 format behind their two letters.
_HEADER = {
    "sequence": r"SEQUENCE_NUMBER|..SEQN",
    "timestamp": r"ENTRY_TIMESTAMP|..TSTP",
    "code": r"JOURNAL_CODE|..CODE",
    "entry_type": r"JOURNAL_ENTRY_TYPE|..ENTT",
    "qualified_job": r"QUALIFIED_JOB_NAME",
    "job": r"JOB_NAME|..JOB",
    "job_user": r"JOB_USER|..USER",
    "job_number": r"JOB_NUMBER|..NBR",
    "program": r"PROGRAM_NAME|PROGRAM|..PGM",
    "program_library": r"PROGRAM_LIBRARY|..PGMLIB",
    "user": r"CURRENT_USER|USER_NAME|..USPF",
    "system": r"SYSTEM_NAME|..SYNM",
    "receiver": r"RECEIVER_NAME|..RCV",
    "receiver_library": r"RECEIVER_LIBRARY|..RCVLIB",
    "remote_address": r"REMOTE_ADDRESS|..RADR",
    "entry_length": r"..ENTL",
    "data": r"ENTRY_DATA|..ESD",
}
#: SK roles stand under names of their own, so that both remote addresses have a place.
SK_PREFIX = "sk_"


def find_roles(names: Iterable[str], what: str) -> Roles:
    """Return the column of each role that ``names`` has.

    Where no column holds the entry data as bytes, those of the SK fields are looked for, first: a
    ``REMOTE_ADDRESS`` is then the entry's own, unless it has a better named one.

    Raises:
        RemoteError: no column for the number, or nothing says what an entry is about.
    """
    left = list(names)
    whole = any(re.fullmatch(_HEADER["data"], name) for name in left)
    roles: dict[str, str] = {}
    if not whole:
        _take(_SK, SK_PREFIX, left, roles)
    _take(_HEADER, "", left, roles)
    told = "data" in roles or f"{SK_PREFIX}type" in roles
    if "sequence" not in roles or not told:
        lacking = "of the sequence number" if "sequence" not in roles else "of the entry's data"
        raise RemoteError(
            f"{what}: no column {lacking} is known among {' '.join(sorted(names))[:400]}; "
            "fetch by DISPLAY_JOURNAL instead"
        )
    return roles


def _take(patterns: Mapping[str, str], prefix: str, left: list[str], roles: dict[str, str]) -> None:
    for role, pattern in patterns.items():
        # The alternatives stand in the order of preference.
        for alternative in _alternatives(pattern):
            found = next((name for name in left if re.fullmatch(alternative, name)), None)
            if found is not None:
                roles[prefix + role] = found
                left.remove(found)
                break


def _alternatives(pattern: str) -> list[str]:
    """Split at the bars that stand in no parentheses."""
    depth, parts = 0, [""]
    for character in pattern:
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
