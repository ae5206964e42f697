"""The C decision core as an evaluator in this process: fast for many calls at once.

A single call costs mostly what ctypes costs; ``benchmarks/ile.py`` has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref, c_uint8

from epm.conditions import Resolved
from epm.errors import FormatError
from epm.evaluate import Mode, make_plan
from epm.model import Call, Decision, FailMode, RuleSet, Server
from exitprograms.ile.abi import NativeCall, NativeDecision, NativeLibrary
from exitprograms.ile.charset import charset
from exitprograms.ile.image import Target, compile_image
from exitprograms.ile.layout import UTF8_CCSID
from exitprograms.ile.marshal import Marshal, decision_of
from exitprograms.ile.native import Status, load


class NativeEngine:
    """Decides calls in C by one rule set, as :class:`epm.engine.Engine` does in Python."""

    def __init__(
        self,
        ruleset: RuleSet,
        mode: Mode,
        *,
        revision: int | None = None,
        resolved: Resolved | None = None,
        library: NativeLibrary | None = None,
        ccsid: int = UTF8_CCSID,
    ) -> None:
        """Compile ``ruleset`` to an image and keep it; arguments as the engine's.

        Raises:
            UnsupportedError: there is no compiler here.
            RuleError: the rules do not fit an image.
        """
        self._library = library or load()
        self.revision = revision
        self.fail: FailMode = ruleset.config.fail
        self.image = compile_image(
            ruleset, mode=mode, resolved=resolved, revision=revision, target=Target(ccsid)
        )
        self._names = {
            server: {p.rule.seq: p.rule.name for p in make_plan(ruleset, server, mode).rules}
            for server in Server
        }
        self._marshal = Marshal(charset(ccsid))

    def decide(self, call: Call) -> Decision:
        """Decide one call.

        Raises:
            FormatError: the image or the call is not what the C code takes.
        """
        native = NativeDecision()
        given = self._marshal.call(call)
        status = self._library.decide(self.image, len(self.image), byref(given), byref(native))
        if status != Status.OK:
            raise FormatError(f"the C evaluator says {Status(status).name.lower()}", 0)
        return decision_of(native, call.server, self._names[call.server])

    def decide_many(self, calls: Sequence[Call]) -> list[Decision]:
        """Decide many calls at once. Shapes: n calls, n decisions.

        Raises:
            FormatError: the image or a call is not what the C code takes.
        """
        given = (NativeCall * len(calls))(*map(self._marshal.call, calls))
        made, statuses = (NativeDecision * len(calls))(), (c_uint8 * len(calls))()
        failed = self._library.decide_many(
            self.image, len(self.image), given, len(calls), made, statuses
        )
        if failed:
            worst = Status(max(statuses))
            raise FormatError(f"the C evaluator says {worst.name.lower()} of {failed} calls", 0)
        return [
            decision_of(native, call.server, self._names[call.server])
            for native, call in zip(made, calls, strict=True)
        ]
