"""Help about rules, conditions, tests, activation and what every panel has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FLAG = "Y, N, or * to take the value of the default rule 99999"

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "main": (
            "Type the number of a choice or a command behind ===> and press Enter. F4 prompts for "
            "the values of a command, F9 brings earlier ones back. F3 ends the workbench."
        ),
        "rules": (
            "The rules of one server, in the order in which they are tried: the first that is "
            "enforced and whose conditions hold decides. Aut is the verdict (Y allows, N rejects, "
            "* as the default rule), Aud, Msg and Cap say what is recorded, Act whether the live "
            "exit program evaluates the rule, Tst whether the test facility does. A rule marked ! "
            "has no valid conditions and is never enforced. Try a new rule with Act N and Tst Y; "
            "try the removal of one with Act Y and Tst N."
        ),
        "rules.opt": (
            "2 changes the rule, 3 makes a copy, 4 deletes it after you confirmed, 5 displays it, "
            "6 shows who changed it when, 7 gives it another sequence, 8 works with its "
            "conditions, 9 tests a call. Options run from top to bottom; those typed before a roll "
            "stay."
        ),
        "rules.position": "The list begins at this sequence, or at the next one that exists.",
        "rules.subset": "Only rules whose description contains this text, whatever the case.",
        "rule": "The six flags of a rule and its description. Option 8 has its conditions.",
        "rule.seq": "Where the rule is tried: 1 to 99998, lowest first; each sequence once.",
        "rule.name": "What the rule is for, up to 50 characters.",
        "rule.authority": "Y allows the call, N rejects it, * does as the default rule does.",
        "rule.audit": f"{_FLAG}. Y logs every call that the rule decides, N only rejections.",
        "rule.message": f"{_FLAG}. Y sends a message to the message queue.",
        "rule.capture": f"{_FLAG}. Y records the call as a captured transaction.",
        "rule.active": "Y: the live exit program evaluates the rule, once its server is activated.",
        "rule.test": "Y: the rule test facility evaluates the rule, whatever Active says.",
        "move": "Gives the rule another place in the order in which rules are tried.",
        "move.to": "A sequence from 1 to 99998 that no other rule has.",
        "display": "The rule as it is stored. Without valid conditions it is never enforced.",
        "confirm": "Nothing is done until you press Enter. F12 returns to your options.",
        "conditions": (
            "The conditions of one rule. They combine in sequence; the first one's connector is "
            "ignored; AND binds tighter than OR. A condition on a field that a call does not carry "
            "is false."
        ),
        "conditions.opt": "2 changes the condition, 4 deletes it after you confirmed.",
        "conditions.position": "The list begins at this sequence, or at the next one that exists.",
        "condition": "A field of the call, an operator, and the value that it is compared with.",
        "condition.seq": "Where the condition stands: 1 to 99999, lowest first; each once.",
        "condition.connector": "AND or OR, to the condition before. AND binds tighter than OR.",
        "condition.field": "What is compared; F4 lists the fields that this server has.",
        "condition.op": "How it is compared; F4 lists the operators that the field takes.",
        "condition.value": (
            "Addresses: IPv4 or IPv6, CIDR 10.0.0.0/8, range a-b, host name, or a group. Numbers: "
            "a number or lo-hi. Times: HH:MM-HH:MM. Days: MON to SUN. Lists: separated by commas. "
            "LIKE knows * and ?. F4 lists the groups for GRP and NGRP."
        ),
        "values": "Type 1 beside a value and press Enter to take it into the field.",
        "values.opt": "1 selects the value.",
        "test": (
            "Shows how the rules would decide a call; nothing is enforced or recorded. A field "
            "left blank is missing: a condition on it is false."
        ),
        "test.server": "QSOACCEPT, QSOCONNECT or QSOLISTEN; Enter shows the fields of its calls.",
        "test.rmtaddr": "Accept: the origin. Connect: the destination.",
        "test.rmtport": "Port of the other end.",
        "test.lcladdr": "Local address of the call; for listen, the address listened on.",
        "test.lclport": "Local port; 0 before a connect.",
        "test.bndaddr": "Address that the listener is bound to.",
        "test.bndport": "Port that the listener is bound to.",
        "test.backlog": "The backlog given to listen(); Field- makes it negative.",
        "test.user": "The user profile that makes the call.",
        "test.groups": "Its group profiles, separated by blanks.",
        "test.job": "The job that makes the call.",
        "test.pgm": "The program that makes the call.",
        "test.at": "When the call is made, as 2026-11-21T10:00:00; blank is now.",
        "test.live": "N decides by the Test flags; Y by Active flags and activation, as live now.",
        "trace": (
            "Each rule in order: matched, not-matched, not-reached, or why it is not enforced; "
            "below it each of its conditions with its result for this call."
        ),
        "activation": (
            "The rules of a server decide only while it is activated. Activation passes the "
            "lock-out guard: if a call that must stay allowed would be rejected, it refuses."
        ),
        "activation.opt": "1 activates the server, 4 deactivates it; both after you confirmed.",
    }
)
