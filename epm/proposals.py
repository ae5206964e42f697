"""A rule proposed from a call that was seen: from a captured transaction to a new socket rule.

The proposal is for a person to look at: inactive and marked for test, its authority undecided.
It names what stays the same when the call is made again - who calls, with which program, which
address, which service port - and leaves out what does not: an ephemeral port, the time, the
backlog, group profiles, and the bound end, which the local end says already.
"""

from __future__ import annotations

from collections.abc import Sequence

from epm.addresses import format_address
from epm.condition_parser import parse_test
from epm.errors import RuleError
from epm.fields import CALL_ATTRIBUTES, FIELD_TYPES, FieldType
from epm.model import (
    DEFAULT_SEQUENCE,
    MAX_NAME,
    Call,
    Condition,
    Connector,
    Field,
    Flag,
    Groups,
    Operator,
    Rule,
    Server,
)

_STEP = 10
_ENDS = {
    Server.LISTEN: (Field.LCLADDR, Field.LCLPORT),
    Server.CONNECT: (Field.RMTADDR, Field.RMTPORT),
    Server.ACCEPT: (Field.RMTADDR, Field.LCLPORT),
}


def propose_rule(call: Call, rules: Sequence[Rule], decided_by: int) -> Rule:
    """Return a rule whose conditions hold for ``call``, at a sequence that is free.

    Args:
        call: what was seen.
        rules: the rules of its server, ascending.
        decided_by: sequence of the rule that decides the call now; the proposal is tried
            before it, because behind it the call would never reach it.

    Raises:
        RuleError: the call carries nothing that a condition could hold, or no sequence is free.
    """
    conditions = conditions_from(call)
    if not conditions:
        raise RuleError(f"the {call.server} call has no field that a rule could name")
    seq = free_sequence([rule.seq for rule in rules], decided_by)
    return Rule(seq, _description(call), Flag.INHERIT, conditions=conditions)


def conditions_from(call: Call) -> tuple[Condition, ...]:
    """Return conditions that all hold for ``call``, joined by AND.

    A field is left out when the call lacks it, or when no condition can hold its value: a name
    with a control character, or with blanks at its ends.
    """
    # The job's name stands for the program where that is not known.
    program = Field.JOB if call.pgm is None else Field.PGM
    made: list[Condition] = []
    for field in (*_ENDS[call.server], Field.USER, program):
        value = getattr(call, CALL_ATTRIBUTES[field])
        if value is None:
            continue
        text = format_address(value) if FIELD_TYPES[field] is FieldType.ADDRESS else str(value)
        seq = _STEP * (len(made) + 1)
        condition = Condition(seq, Connector.AND, field, Operator.EQ, text)
        if _holds(condition, call):
            made.append(condition)
    return tuple(made)


def _holds(condition: Condition, call: Call) -> bool:
    try:
        return parse_test(condition, call.server, Groups()).holds(call)
    except RuleError:
        return False


def free_sequence(taken: Sequence[int], before: int) -> int:
    """Return a sequence that no rule has, before the rule of sequence ``before``.

    In the gap right below that rule, or the next one down that has room: the next ten after the
    rule below it, or where there is none the middle, so that more rules fit on either side.

    Args:
        taken: the sequences that there are, ascending.
        before: 1 to 99999.

    Raises:
        RuleError: every sequence below ``before`` is taken.
    """
    below = [0, *(seq for seq in taken if seq < before)]
    high = min(before, DEFAULT_SEQUENCE)
    for low in reversed(below):
        if high - low > 1:
            ten = low - low % _STEP + _STEP
            return ten if ten < high else (low + high) // 2
        high = low
    raise RuleError(f"no sequence below {before} is free: renumber the rules first")


def _description(call: Call) -> str:
    address, port = (getattr(call, CALL_ATTRIBUTES[field]) for field in _ENDS[call.server])
    words = {Server.LISTEN: "Listen on", Server.CONNECT: "To", Server.ACCEPT: "From"}
    where = "any address" if address is None else format_address(address)
    text = f"{words[call.server]} {where}"
    at = "" if port is None else f" {'to ' if call.server is Server.ACCEPT else ''}port {port}"
    # The longest IPv6 address leaves no room for a port; its condition has it anyway.
    return text + at if len(text + at) <= MAX_NAME else text
