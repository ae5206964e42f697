"""What the tests of the C exit programs share: where a compiler is, images, the two evaluators."""

from __future__ import annotations

from epm.engine import Engine
from epm.errors import EpmError
from epm.evaluate import Mode
from epm.model import Call, RuleSet
from exitprograms.ile import building
from exitprograms.ile.evaluator import NativeEngine
from tests.support.oracle import Resolved
from tests.support.real import unavailable
from tests.support.strategies import Scene

#: A character set that has every name of generated calls, and the one of IBM i.
UTF8, EBCDIC = 1208, 37


def need_compiler() -> str:
    """Return the compiler; skip, or fail where real parts are required, if there is none."""
    try:
        return building.find_compiler()
    except EpmError as error:
        unavailable(str(error))


def disagreements(
    ruleset: RuleSet, calls: tuple[Call, ...], resolved: Resolved, ccsid: int = UTF8
) -> list[str]:
    """Return a line for each call, in both modes, that C and Python decide differently."""
    found = []
    for mode in Mode:
        python = Engine(ruleset, mode, resolved=resolved)
        native = NativeEngine(ruleset, mode, resolved=resolved, ccsid=ccsid)
        for call, got in zip(calls, native.decide_many(calls), strict=True):
            wanted = python.decide(call)
            if got != wanted:
                found.append(f"{mode} {call}: wanted {wanted}, got {got}")
    return found


def scene_disagreements(scene: Scene, ccsid: int = UTF8) -> list[str]:
    """Return :func:`disagreements` of a generated scene."""
    return disagreements(scene.ruleset, scene.calls, scene.resolved, ccsid)
