"""Help about columns, options and keys of the panels about rules, tests and the journal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tui.helptext import rules

_FIELDS = rules.TOPICS

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "rules.column.Seq": _FIELDS["rule.seq"]
        + " A ! behind it marks a rule that is never enforced; F11 shows why.",
        "rules.column.Description": _FIELDS["rule.name"],
        "rules.column.Conditions": (
            "When the rule decides: its conditions in sequence, or why it is never enforced. "
            "Option 8 works with them."
        ),
        "rules.column.Aut": _FIELDS["rule.authority"],
        "rules.column.Aud": _FIELDS["rule.audit"],
        "rules.column.Msg": _FIELDS["rule.message"],
        "rules.column.Cap": _FIELDS["rule.capture"],
        "rules.column.Act": _FIELDS["rule.active"],
        "rules.column.Tst": _FIELDS["rule.test"],
        "rules.option.2": "Changes the flags and the description of the rule.",
        "rules.option.3": (
            "Makes a new rule with the same conditions and another sequence; it is inactive."
        ),
        "rules.option.4": "Deletes the rule, after you confirmed. The default rule stays.",
        "rules.option.5": "Displays the rule, and why it is never enforced if it is not.",
        "rules.option.6": "Shows who changed the rule when, what it was before, and the way back.",
        "rules.option.7": "Gives the rule another sequence, so that it is tried earlier or later.",
        "rules.option.8": "Works with the conditions of the rule.",
        "rules.option.9": "Tests a call of this server; nothing is enforced or recorded.",
        "rules.key.F6": "Creates a rule: inactive and marked for test, without conditions.",
        "rules.key.F11": "Shows the conditions in place of the flags, and the flags again.",
        "conditions.column.Seq": _FIELDS["condition.seq"],
        "conditions.column.Con": _FIELDS["condition.connector"],
        "conditions.column.Field": "What is compared; option 2 and F4 list what there is.",
        "conditions.column.Oper": "How it is compared; option 2 and F4 list what there is.",
        "conditions.column.Value": (
            "What it is compared with; > marks one that is longer than its column."
        ),
        "conditions.option.2": "Changes operator, field, connector or value of the condition.",
        "conditions.option.4": "Deletes the condition, after you confirmed.",
        "conditions.key.F6": "Adds a condition, behind the last one unless you say otherwise.",
        "activation.column.Server": "The operating system's server that calls the exit programs.",
        "activation.column.Exit point": "The exit point at which the exit program is called.",
        "activation.column.Format": "The format of the block that the exit program gets.",
        "activation.column.Activated": "*YES: its rules decide. *NO: all its calls are allowed.",
        "activation.column.Rules": "How many rules the server has, its default rule included.",
        "activation.option.1": (
            "Activates the server, after you confirmed and the lock-out guard agreed."
        ),
        "activation.option.4": "Deactivates the server: all its calls are allowed from then on.",
        "trace.column.Rule": "The sequence of a rule.",
        "trace.column.Result": (
            "Of a rule: matched, not-matched, not-reached, or why it is not enforced. Of a "
            "condition: whether it is true for this call."
        ),
        "trace.column.Cond": "The sequence of a condition of the rule above.",
        "trace.column.Description or condition": "What the rule is for, or what is compared.",
        "journal.column.Sequence": (
            "The number of the entry in the journal: without gap, and the newest first."
        ),
        "journal.column.Code": "T is the audit of the operating system, U that of epm.",
        "journal.column.Type": (
            "SK is a socket call that was made; NA one that was allowed, NR one that was rejected, "
            "NC a change of rules, groups, configuration or activation."
        ),
        "journal.column.Job": "The job that made the call or the change.",
        "journal.column.User": "The user profile that made it.",
        "journal.column.Verdict": "What was decided; a T entry has none.",
        "journal.column.Time (UTC)": "When the entry was written, in UTC.",
        "journal.column.Server": "The server that was called.",
        "journal.column.From -> To": "The two ends of the call, the one that began it first.",
        "entry.key.F10": "Shows what the entry means, field by field.",
        "values.column.Value": "A value that the field takes, and what it means.",
    }
)
