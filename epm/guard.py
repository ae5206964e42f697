"""The lock-out guard: what must hold before rules go live.

So far it keeps the ``always:`` and ``never:`` lines of the rule tests; the replay of recent
calls joins it here. Every change to an activated server and every activation passes through
:func:`objections`, so that there is one place to strengthen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from epm.calls import Localize, call_from_mapping
from epm.cases import Case, run_case
from epm.conditions import Resolved
from epm.engine import Engine
from epm.errors import CallError
from epm.evaluate import Mode
from epm.model import RuleSet

KEPT = ("always", "never")


def objections(
    ruleset: RuleSet,
    cases: Sequence[Case],
    *,
    now: datetime,
    localize: Localize,
    resolved: Resolved | None = None,
) -> tuple[str, ...]:
    """Return a line for each ``always:`` or ``never:`` line that the live rules would break.

    A server that is not activated allows everything, so it breaks no ``always:`` line; its
    ``never:`` lines wait for its activation.
    """
    kept = [c for c in cases if c.keyword in KEPT]
    if not kept:
        return ()
    engine = Engine(ruleset, Mode.LIVE, resolved=resolved)
    lines = []
    for case in kept:
        try:
            call = call_from_mapping(case.call, now=now, localize=localize, strict=True)
        except CallError as error:
            lines.append(f"{case.keyword} line {case.name!r} cannot be read: {error}")
            continue
        if call.server not in engine.activated:
            continue
        # The verdict alone counts here: another rule than the line names may give it.
        result = run_case(engine, replace(case, rule=None), call)
        if result.failure is not None:
            lines.append(f"{case.keyword} line {case.name!r}: {result.failure}")
    return tuple(lines)
