"""Help about ARMR policies, their rules and their events."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_OPERATION = (
    "accept: a peer is accepted, and address and port are the peer's. connect: those of the "
    "destination. bind-client and bind-server: those of the local end, of a socket that is then "
    "connected, or listens."
)

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "policies": (
            "The ARMR policy files (.armr) of a folder: the setting armr_dir, or the folder armr "
            "of the user's data folder. They are written with any editor and never changed here. "
            "epm run --armr FILE puts one in force for a program."
        ),
        "policies.opt": (
            "5 displays the policy and why it is refused, 7 the events of its mods, 8 works with "
            "its rules, 9 tests an event against it."
        ),
        "policies.column.Policy": "The name of the file. There is no 2=Change: edit the file.",
        "policies.column.State": (
            "VALID; WARNED: taken, with warnings; REFUSED: an error anywhere refuses the whole "
            "file, and the policy in force stays. Overlaps of rules are looked for at 8, then F11."
        ),
        "policies.column.Mods": "How many mods (app blocks) are in force; none where refused.",
        "policies.column.Rules": "How many rules the mods have, of every kind.",
        "policies.column.Level": "The language levels that the mods require at least.",
        "policies.column.Changed": "When the file was changed, in the system's local time.",
        "policies.option.5": "Displays the mods of the policy, and why the file is refused.",
        "policies.option.7": "Displays the events that the log has of the policy's mods.",
        "policies.option.8": "Works with the rules of the policy; F11 there shows the findings.",
        "policies.option.9": "Tests an event against the policy; nothing is enforced or logged.",
        "policies.key.F10": "Displays every line of the log of events, whatever mod it is of.",
        "policy": "A policy file: whether it is taken, its mods, and how many rules are linked.",
        "policy-rules": (
            "The rules of a policy in the order of the file. Rules of a kind that is not applied "
            "here are shown in pink: they are read and loaded, but not linked."
        ),
        "policy-rules.opt": "5 displays everything the rule says, 9 tests an event against it.",
        "policy-rules.column.Kind": (
            "socket and sanitization rules are applied; those of another kind are not linked."
        ),
        "policy-rules.column.Rule": "The name of the rule: once in its mod.",
        "policy-rules.column.Event": (
            "What a socket rule is about: accept, connect or bind; request, for sanitization."
        ),
        "policy-rules.column.Endpoint": (
            "Address and port as written: 0.0.0.0 is any address, 0 any port. For sanitization the "
            "paths. Option 5 shows it whole."
        ),
        "policy-rules.column.Action": (
            "allow lets it happen, protect blocks it, detect only logs it. Of the rules that "
            "match, one without wildcard goes first, then allow, protect, detect."
        ),
        "policy-rules.column.Severity": "How grave its event is: Unknown, Low to Very-High.",
        "policy-rules.option.5": "Displays everything that the rule says.",
        "policy-rules.option.9": (
            "Tests an event against the whole policy; a socket rule's own endpoint is filled in."
        ),
        "policy-rules.key.F11": (
            "Shows errors and warnings by line and column, and where the vendor's sentences on "
            "which rule wins would do different things (W-OVERLAP)."
        ),
        "policy-rule": "Everything that a rule says, and where in the file it stands.",
        "policy-findings": (
            "Errors, which refuse the file, and warnings, in the order of the file. Their codes "
            "are those of epm armr check. Enter goes back to the rules."
        ),
        "policy-findings.opt": "5 displays the finding whole.",
        "policy-findings.column.Line": "The line of the file, from 1.",
        "policy-findings.column.Col": "The column of that line, from 1.",
        "policy-findings.column.Code": "SYNTAX and V0 to V13 refuse the file, W-codes warn.",
        "policy-findings.column.Finding": "The mod and rule that it is about, and what it is.",
        "policy-findings.option.5": "Displays the finding whole.",
        "policy-findings.key.F11": "Goes back to the rules.",
        "policy-finding": "One finding: its place in the file, its code, and what it is.",
        "policy-test": (
            "An event that a policy decides, as epm armr decide does. Nothing is enforced, nothing "
            "is logged; host names of the policy are resolved first."
        ),
        "policy-test.op": _OPERATION,
        "policy-test.address": "IPv4 or IPv6 address. Rules speak of IPv4; any is 0.0.0.0.",
        "policy-test.port": "The port of the same end: 0 to 65535.",
        "policy-test.endpoint": (
            "The path of the API request in the course of which it happens, for rules with api(); "
            "blank: in no request."
        ),
        "policy-test.taint": (
            "Where the address came from, for rules with input(): any of http, database, "
            "deserialization; blank: from nowhere that a rule distrusts."
        ),
        "policy-result": (
            "What becomes of the event, which rule decides it, and the CEF line that would be "
            "logged. No rule that matches permits it, without an event."
        ),
        "policy-events": (
            "The lines of the log that epm run --armr-log adds to, the newest first: the setting "
            "armr_log, or events.cef in the folder of the policies. Each page looks at a bounded "
            "part of it; where few lines are wanted, a roll goes on from there. A line that is no "
            "event is shown as it is, in pink."
        ),
        "policy-events.opt": "5 displays the event, a field a line.",
        "policy-events.column.Logged at": "When it was logged, as the line says it.",
        "policy-events.column.Event": (
            "Execute Rule: a rule decided. Load, Link, Unlink, Unload Rule and Reload Rules: what "
            "befell the policy. Syntax Error: a file was refused."
        ),
        "policy-events.column.Action": "What was done: allow, protect or detect.",
        "policy-events.column.Rule": "The rule that the event is of.",
        "policy-events.column.Address and port": "The end that the rule is about.",
        "policy-events.column.Message": "Address and port, and what the event says.",
        "policy-events.option.5": "Displays every field of the event.",
        "policy-events.key.F5": "Goes to the newest events; options not processed are forgotten.",
        "policy-events.key.F11": "Shows addresses and messages in place of rules, and back.",
        "policy-events.key.F18": "Goes to the oldest events.",
        "policy-event": (
            "One event, a field a line: of the syslog line, of the CEF header, and the pairs of "
            "its extension in order, as they were logged."
        ),
    }
)
