"""SQL procedures: CREATE PROCEDURE and DROP PROCEDURE, and what CALL runs of them.

A procedure is an object of type *PGM, as on the machine. Variables are put into a statement as
constants before it runs. Source: IBM documentation, CREATE PROCEDURE (SQL) and control statements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import ProgramData
from simulators.ibmi.rights import ALL, USE
from simulators.ibmi.sql.cursor import Outcome, Rows
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.naming import Catalogue
from simulators.ibmi.sql.procbody import (
    Assign,
    Branch,
    CursorOf,
    Cursors,
    Declared,
    Leave,
    Loop,
    Run,
    Step,
    parse_body,
)
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.tokens import Kind, Token, made, matching, split
from simulators.ibmi.sql.typenames import read_type
from simulators.ibmi.sql.types import DECIMALS, INTEGERS, SqlType
from simulators.ibmi.storage import fault

#: Steps that one call may take.
MAX_STEPS = 2_000
#: Procedures that call each other (Db2 for i: 200; here the stack of the simulator is the limit).
MAX_DEPTH = 16
#: Runs one statement of tokens.
Runner = Callable[[Session, list[Token]], Outcome]
#: What a body of one statement begins with.
_VERBS = frozenset({"SET", "INSERT", "UPDATE", "DELETE", "CALL", "IF", "WHILE"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``mode`` is IN, OUT or INOUT."""

    mode: str
    name: str
    type: SqlType


def _started_by_sql(*_: object) -> bytes:
    raise fault("CPF9898", "An SQL procedure is called by SQL.")


@dataclass(slots=True)
class SqlProcedure(ProgramData):
    """What the program object of a procedure holds."""

    parameters: tuple[Parameter, ...] = ()
    body: tuple[Step, ...] = ()


def create_procedure(
    session: Session, tokens: list[Token], at: int, library: str, name: str
) -> None:
    """Make a procedure of the tokens from its parameter list on.

    Raises:
        SqlFailedError: it is not well formed, exists, or cannot be made there.
    """
    end = matching(tokens, at) if at < len(tokens) and tokens[at].is_("(") else at - 1
    parameters = tuple(_parameter(part) for part in split(tokens[at + 1 : end]))
    body = parse_body(_body(tokens[end + 1 :]))
    procedure = SqlProcedure(_started_by_sql, False, parameters, body)
    try:
        home, item = session.job.create(library, name, "*PGM", procedure, attribute="CLE")
    except EscapeError as error:
        code, state = (-454, "42723") if error.id == "CPF9870" else (-552, "42502")
        raise failed(code, state, name, library) from error
    session.on_rollback(partial(home.discard, item))


def _body(tokens: list[Token]) -> list[Token]:
    """Return what stands behind the options: from BEGIN on, or one statement."""
    for starts in (frozenset({"BEGIN"}), _VERBS):
        for at, token in enumerate(tokens):
            if token.word in starts:
                return tokens[at:]
    raise failed(-104, "42601", "END-OF-STATEMENT")


def _parameter(part: list[Token]) -> Parameter:
    mode = part[0].word if part and part[0].word in ("IN", "OUT", "INOUT") else ""
    at = 1 if mode else 0
    if len(part) < at + 2:
        raise failed(-104, "42601", part[-1].text if part else ")")
    kind, _ = read_type(part, at + 1)
    return Parameter(mode or "IN", part[at].text, kind)


def drop_procedure(session: Session, schema: str | None, name: str) -> bool:
    """Delete a procedure; return whether there was one."""
    for library in Catalogue(session).schemas(schema):
        home = session.job.system.libraries.get(library)
        item = home.get(name, "*PGM") if home is not None else None
        if home is not None and item is not None and isinstance(item.data, SqlProcedure):
            if not session.job.allows(item, ALL):
                raise failed(-551, "42501", name, library, "PGM")
            home.remove(item)
            session.on_rollback(partial(home.restore, item))
            return True
    return False


def find_procedure(session: Session, schema: str | None, name: str) -> SqlProcedure | None:
    """Return a procedure that the user may call, or None."""
    for library in Catalogue(session).schemas(schema):
        home = session.job.system.libraries.get(library)
        item = home.get(name, "*PGM") if home is not None else None
        if item is not None and isinstance(item.data, SqlProcedure):
            if not session.job.allows(item, USE):
                raise failed(-551, "42501", name, library, "PGM")
            return item.data
    return None


def call_procedure(
    session: Session,
    procedure: SqlProcedure,
    arguments: Sequence[tuple[Token, str | None]],
    run: Runner,
) -> Outcome:
    """Call a procedure.

    Args:
        session: the connection that calls it.
        procedure: what is called.
        arguments: each token with the value of a marker or a constant.
        run: runs one statement.

    Raises:
        SqlFailedError: -313, another number of arguments; -724, too many calls in each other;
            what a statement of it fails with.
    """
    if len(arguments) != len(procedure.parameters):
        raise failed(-313, "07001", len(arguments), len(procedure.parameters))
    frame = _Frame(session, run)
    for parameter, (_, value) in zip(procedure.parameters, arguments, strict=True):
        frame.declare(parameter.name, parameter.type, None if parameter.mode == "OUT" else value)
    if session.depth >= MAX_DEPTH:
        raise failed(-724, "54038")
    session.depth += 1
    try:
        frame.run(procedure.body)
    finally:
        session.depth -= 1
    back = [
        value if parameter.mode == "IN" else frame.values[parameter.name]
        for parameter, (token, value) in zip(procedure.parameters, arguments, strict=True)
        if token.kind is Kind.MARKER
    ]
    return Outcome(frame.result, rowcount=0, parameters=back)


class _Frame:
    """One call: its variables and cursors."""

    def __init__(self, session: Session, run: Runner) -> None:
        self.values: dict[str, str | None] = {}
        self.result: Rows | None = None
        self._types: dict[str, SqlType] = {}
        self._cursors: dict[str, CursorOf] = {}
        self._open: dict[str, Rows] = {}
        self._session = session
        self._execute = run
        self._steps = 0

    def declare(self, name: str, kind: SqlType, value: str | None) -> None:
        self.values[name], self._types[name] = value, kind

    def run(self, steps: Sequence[Step]) -> None:
        """Run a body; the first cursor that returns and is open then gives the result."""
        self._run(steps)
        opened = [self._open[name] for name in self._open if self._cursors[name].returns]
        self.result = opened[0] if opened else None

    def _run(self, steps: Sequence[Step]) -> bool:
        """Run steps; return whether to go on behind them."""
        for step in steps:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise failed(-904, "57011", f"more than {MAX_STEPS} steps")
            if not self._step(step):
                return False
        return True

    def _step(self, step: Step) -> bool:
        match step:
            case Declared():
                value = self._value(step.default) if step.default else None
                for name in step.names:
                    self.declare(name, step.type, value)
            case CursorOf():
                self._cursors[step.name] = step
            case Assign():
                self._assign(step)
            case Cursors():
                self._cursor(step)
            case Branch():
                arm = next((steps for test, steps in step.arms if self._holds(test)), ())
                return self._run(arm)
            case Loop():
                while self._holds(step.condition):
                    if not self._run(step.steps or (Run(()),)):
                        return False
            case Run():
                if step.tokens:
                    self._execute(self._session, self._bound(step.tokens))
            case Leave():
                return False
        return True

    def _assign(self, step: Assign) -> None:
        if step.name in self.values:
            self.values[step.name] = self._value(step.value)
        else:
            setting = [Token(Kind.NAME, "SET"), Token(Kind.NAME, step.name), *step.value]
            self._execute(self._session, setting)

    def _cursor(self, step: Cursors) -> None:
        cursor = self._cursors.get(step.name)
        if cursor is None:
            raise failed(-504, "34000", step.name)
        if step.verb == "OPEN":
            made_rows = self._execute(self._session, self._bound(cursor.query)).rows
            assert made_rows is not None
            self._open[step.name] = made_rows
        elif step.name not in self._open:
            raise failed(-501, "24501", step.name)
        elif step.verb == "CLOSE":
            del self._open[step.name]
        else:
            self._fetch(step)

    def _fetch(self, step: Cursors) -> None:
        rows = self._open[step.name].take(1)
        for target, value in zip(step.targets, rows[0] if rows else (), strict=False):
            if target not in self.values:
                raise failed(-206, "42703", target)
            self.values[target] = value.hex().upper() if isinstance(value, bytes) else value

    def _value(self, tokens: Sequence[Token]) -> str | None:
        rows = self._execute(self._session, [Token(Kind.NAME, "VALUES"), *self._bound(tokens)]).rows
        taken = rows.take(1) if rows is not None else []
        value = taken[0][0] if taken else None
        return value.hex().upper() if isinstance(value, bytes) else value

    def _holds(self, condition: Sequence[Token]) -> bool:
        if not condition:
            return True
        case, when, then, other, end = (
            Token(Kind.NAME, word) for word in ("CASE", "WHEN", "THEN", "ELSE", "END")
        )
        one, zero = Token(Kind.NUMBER, "1"), Token(Kind.NUMBER, "0")
        return self._value([case, when, *condition, then, one, other, zero, end]) == "1"

    def _bound(self, tokens: Sequence[Token]) -> list[Token]:
        """Return tokens with the values of variables in the place of their names."""
        out: list[Token] = []
        for place, token in enumerate(tokens):
            qualified = place and (tokens[place - 1].is_(".") or tokens[place - 1].is_("/"))
            if token.kind is Kind.NAME and token.text in self.values and not qualified:
                out.append(_constant(self.values[token.text], self._types[token.text]))
            else:
                out.append(token)
        return out


def _constant(value: str | None, kind: SqlType) -> Token:
    if value is None:
        return Token(Kind.NAME, "NULL")
    if kind.name in DECIMALS or kind.name in INTEGERS or kind.name in ("DOUBLE", "REAL"):
        try:
            float(value)
        except ValueError:
            raise failed(-420, "22018", value[:20]) from None
        return made(f"({value.strip()})")
    if kind.is_binary and "BIT" not in kind.name:
        return Token(Kind.HEX, value)
    return Token(Kind.STRING, value)
