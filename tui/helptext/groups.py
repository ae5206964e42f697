"""Help about groups and product configuration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "groups": (
            "Groups of addresses, names or ports that a condition names with GRP or NGRP. A change "
            "of a group changes every rule that uses it."
        ),
        "groups.opt": (
            "2 changes the members, 4 deletes the group after you confirmed if no rule uses it, 5 "
            "displays the members, 8 lists the rules that use it."
        ),
        "groups.position": "The list begins at this name, or at the next one that exists.",
        "groups.column.Kind": "Whether it holds addresses, names (users, jobs) or ports.",
        "groups.column.Group": "The name that conditions use; each kind has names of its own.",
        "groups.column.Members": "The first members; ! is before an address that is excluded.",
        "groups.column.Used by": "How many rules name the group. One in use cannot be deleted.",
        "groups.option.2": "Changes the members of the group.",
        "groups.option.4": "Deletes the group, after you confirmed, if no rule uses it.",
        "groups.option.5": "Displays all members of the group.",
        "groups.option.8": "Lists the rules that name the group.",
        "groups.key.F6": "Creates a group: first its kind and name, then its members.",
        "group-new": "The kind and the name of a new group; Enter goes on to its members.",
        "group-new.kind": (
            "ADDRESSES for address conditions, NAMES for USER, JOB and GRPPRF, PORTS for ports."
        ),
        "group-new.name": "What conditions call it: 1 to 50 characters; once for each kind.",
        "group-members": (
            "The members of a group, one a line. Type over a line to change it, blank it to remove "
            "it, and roll, or press F6, for more lines. Enter checks and saves all of them at "
            "once, or none."
        ),
        "group-members.position": "Goes to the next line that begins with this text.",
        "group-members.mark": (
            "I includes the addresses, E excludes them; blank is I. The line with the fewest "
            "addresses wins, on a tie the exclude."
        ),
        "group-members.line": (
            "Addresses: one, a CIDR such as 10.0.0.0/8, or a range a-b. Names: a name, or a "
            "generic one such as QPG*. Ports: a number or a range lo-hi."
        ),
        "group-members.key.F5": (
            "Shows the members as they are stored now; what was typed and not saved is forgotten."
        ),
        "group-members.key.F6": "Goes behind the last line, where there is room for more.",
        "group": "All members of a group as they are stored.",
        "group.column.Typ": "I includes the addresses, E excludes them.",
        "group.column.Member": "An address, CIDR or range; a name or generic name; ports.",
        "group-users": "The rules whose conditions name the group, server by server.",
        "group-users.column.Server": "The server that the rule is of.",
        "group-users.column.Seq": "The sequence of the rule.",
        "group-users.column.Description": "What the rule is for.",
        "configuration": (
            "What holds for the whole system: the values that stand behind * in every default "
            "rule, where messages and journal entries go, and what an error inside answers."
        ),
        "configuration.audit": (
            "What * means for Audit where the default rule says * too: Y logs every call that a "
            "rule decides, N only rejections."
        ),
        "configuration.message": "What * means for Message where the default rule says * too.",
        "configuration.capture": "What * means for Capture where the default rule says * too.",
        "configuration.message_queue": "The message queue: a name of up to 10 characters.",
        "configuration.journal": "The journal: a name of up to 10 characters.",
        "configuration.fail": (
            "What an error inside the decision answers: CLOSED rejects the call, OPEN allows it. "
            "Either is journaled."
        ),
    }
)
