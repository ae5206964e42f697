"""What a command is: its parameters, and a call of it with its values checked and named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from simulators.ibmi.cl.parser import Item, Statement, Value
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import Qualified, is_name, qualified
from simulators.xmlservice.host import Message

_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter.

    Attributes:
        default: value where none is given, as it would be written; None where one is required.
        returns: a RTVxxx parameter: it takes a CL variable, ``?`` or ``?N`` here.
    """

    keyword: str
    default: str | None = None
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command: parameters in positional order, and what runs it."""

    name: str
    params: tuple[Param, ...]
    action: Callable[[Call], None]
    text: str = ""
    positional: int = 99


@dataclass(slots=True)
class Call:
    """One call of a command.

    Attributes:
        values: given values by keyword; a keyword that was not given is absent.
        output: lines that it prints.
        returned: what RTVxxx parameters receive, in the order of the command text.
        raw: the text between the parentheses of each keyword.
    """

    job: JobState
    command: Command
    values: Mapping[str, tuple[Value, ...]]
    messages: list[Message] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    returned: dict[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)

    def send(self, message_id: str, *values: object) -> None:
        """Send a message to the job log."""
        self.messages.append(self.job.send(message_id, *values))

    def is_given(self, keyword: str) -> bool:
        """Whether a value was given."""
        return keyword in self.values

    def text(self, keyword: str) -> str:
        """Return a single value as text; its default where none was given."""
        value = self.values.get(keyword)
        if value is None:
            return self._default(keyword)
        if len(value) != 1 or not isinstance(value[0], Item):
            raise EscapeError("CPD0084", shown(value), keyword)
        return value[0].text

    def word(self, keyword: str) -> str:
        """As :meth:`text`, in upper case without blanks around it."""
        return self.text(keyword).strip().upper()

    def words(self, keyword: str) -> tuple[str, ...]:
        """Return a list of single values."""
        value = self.values.get(keyword)
        if value is None:
            return tuple(self._default(keyword).split())
        return tuple(flat(value))

    def elements(self, keyword: str) -> tuple[Value, ...]:
        """Return the elements of a value as they were written; empty where none was given."""
        return self.values.get(keyword, ())

    def name(self, keyword: str, *, most: int = 10) -> str:
        """Return an object name.

        Raises:
            EscapeError: CPD0078, it is none.
        """
        text = self.word(keyword)
        if not is_name(text) or len(text) > most:
            raise EscapeError("CPD0078", text, keyword)
        return text

    def choice(self, keyword: str, choices: Sequence[str]) -> str:
        """Return one of the special values.

        Raises:
            EscapeError: CPD0084, another.
        """
        text = self.word(keyword)
        if text not in choices:
            raise EscapeError("CPD0084", text, keyword)
        return text

    def number(self, keyword: str, low: int, high: int) -> int:
        """Return a whole number.

        Raises:
            EscapeError: CPD0085, not one or out of range.
        """
        return as_number(self.text(keyword), keyword, low, high)

    def qualified(self, keyword: str, default_library: str = "*LIBL") -> Qualified:
        """Return a qualified name; special values such as ``*SAME`` come as names."""
        text = self.word(keyword)
        try:
            return qualified(text, default_library)
        except EscapeError:
            raise EscapeError("CPD0078", text, keyword) from None

    def _default(self, keyword: str) -> str:
        found = next(p for p in self.command.params if p.keyword == keyword)
        if found.default is None:
            raise EscapeError("CPD0031", keyword)
        return found.default


def as_number(text: str, keyword: str, low: int, high: int) -> int:
    """Read a whole number of a parameter.

    Raises:
        EscapeError: CPD0085.
    """
    if _WHOLE.fullmatch(text) is None:
        raise EscapeError("CPD0085", text, keyword)
    value = int(text)
    if not low <= value <= high:
        raise EscapeError("CPD0085", text, keyword)
    return value


def as_decimal(text: str) -> Decimal | None:
    """Read a number: digits of ASCII, a sign, a point; None if it is none, or not finite."""
    if not text.isascii() or "_" in text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def flat(values: Sequence[Value]) -> list[str]:
    """Return every single value of a list, nested ones included, in order."""
    found: list[str] = []
    for value in values:
        if isinstance(value, Item):
            found.append(value.text)
        else:
            found.extend(flat(value))
    return found


def shown(values: Sequence[Value]) -> str:
    """Return values as a message shows them."""
    return " ".join(v.text if isinstance(v, Item) else f"({shown(v)})" for v in values)


def bind(job: JobState, command: Command, statement: Statement) -> Call:
    """Give the values of a statement the keywords of its command.

    Raises:
        EscapeError: CPD0017, CPD0031 or CPD0043.
    """
    order = [p.keyword for p in command.params if not p.returns][: command.positional]
    if len(statement.positional) > len(order):
        raise EscapeError("CPD0017", command.name)
    values = dict(zip(order, statement.positional, strict=False))
    known = {p.keyword for p in command.params}
    for keyword, value in statement.keywords.items():
        if keyword not in known:
            raise EscapeError("CPD0043", keyword)
        values[keyword] = value
    values = {k: v for k, v in values.items() if v}
    for param in command.params:
        if param.default is None and param.keyword not in values:
            raise EscapeError("CPD0031", param.keyword)
    return Call(job, command, values, raw=statement.raw)
