"""What XMLSERVICE answers, with everything it says about a failure. Pure.

itoolkit's own dictionaries drop message ids, SQL states and the job log, so the document is read
here. Shapes: XMLSERVICE 2.0 source (its error records and job log scan).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from epm.errors import RemoteError

MAX_ANSWER = 64 << 20
#: A thousand rows of fifty columns are a tenth of this; a tag costs a hundred times its bytes.
MAX_TAGS = 1_000_000
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"[A-Z][A-Z0-9]{2}[0-9A-F]{4}")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
#: What a bad user profile or password gives (XMLSERVICE: XMLCGI internal error).
_NO_SIGN_ON = "1480001"
#: Informational messages of a job log that explain nothing.
_NOISE = frozenset({"CPC2198", "CPF9898", "SQL7967"})
#: Messages that only say that there was another one before them.
_VAGUE = frozenset({"CPF0001", "CPF0006", "CPF9899", "CPF9999", "CPF2227", "CZM0613", "CPF5D12"})
#: One message of the job log's text: its id, and the first line of what it says.
_LOGGED = re.compile(
    r"^\s*([A-Z][A-Z0-9]{2}[0-9A-F]{4})\b[^\n]*\n\s*Message[ .]*:\s*([^\n]+)", re.MULTILINE
)
_NO_ROWS = "100"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A message of the job log."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an action failed.

    Attributes:
        message_id: such as ``CPF2103``; empty where none was given.
        code: XMLSERVICE's own number, such as ``1100012``.
        text: what it says of itself.
        sqlcode, sqlstate: of a failed statement; empty for others.
        log: the job log that came with it, oldest first.
    """

    message_id: str
    code: str
    text: str
    sqlcode: str
    sqlstate: str
    log: tuple[LogLine, ...]

    def line(self) -> str:
        """Return one line: the message id and the most telling text there is."""
        if self.sqlstate or self.sqlcode:
            return f"SQL{self.sqlcode}, SQLSTATE {self.sqlstate}: {self.text}"
        told = [m for m in self.log if m.id and m.id not in _NOISE]
        if self.message_id in _VAGUE:
            told = [m for m in told if m.id not in _VAGUE] or told
        wanted = [m for m in told if m.id == self.message_id] or told[-1:]
        if wanted:
            own = f" ({self.message_id})" if wanted[-1].id != self.message_id else ""
            return f"{wanted[-1].id}: {wanted[-1].text}{own if self.message_id else ''}"
        return f"{self.message_id}: {self.text}" if self.message_id else self.text


class ActionFailedError(RemoteError):
    """An action was refused by the system.

    Attributes:
        failure: everything that it said.
    """

    def __init__(self, what: str, failure: Failure) -> None:
        """Take what was asked and why it failed."""
        super().__init__(f"{what}: {failure.line()}")
        self.failure = failure

    @property
    def message_id(self) -> str:
        """The message id; of the job log's last one where the answer itself has none."""
        if self.failure.message_id or not self.failure.log:
            return self.failure.message_id
        return self.failure.log[-1].id


class SignOnRefusedError(RemoteError):
    """User profile or password were refused."""


def read_answer(answer: bytes | str, where: str, user: str = "") -> ElementTree.Element:
    """Return the root of an answer.

    Args:
        answer: the document as it came.
        where: the system's address, for messages.
        user: the user profile that asked, likewise.

    Raises:
        SignOnRefusedError: the system did not let the user in.
        RemoteError: it is no XML, holds a document type, or is too large.
    """
    data = refuse_hostile(answer, where)
    try:
        # What it declares may not be what it is; all transports give UTF-8.
        text = _DECLARATION.sub(b"", data, count=1)
        root = ElementTree.fromstring(text)  # noqa: S314 - a document type was refused above
    except ElementTree.ParseError as error:
        raise RemoteError(f"{where}: the answer is not XML: {error}") from None
    _refuse_report(root, where, user)
    return root


def refuse_hostile(answer: bytes | str, where: str) -> bytes:
    """Return an answer as bytes, before any parser sees it.

    Raises:
        RemoteError: it is empty, too large, has too many tags, or holds a document type or entity.
    """
    data = answer.encode() if isinstance(answer, str) else answer
    if not data.strip():
        raise RemoteError(f"{where}: the answer is empty: is that address XMLSERVICE?")
    if len(data) > MAX_ANSWER:
        raise RemoteError(f"{where}: the answer is larger than {MAX_ANSWER >> 20} MB")
    if data.count(b"<") > MAX_TAGS:
        raise RemoteError(f"{where}: the answer holds more than {MAX_TAGS} tags")
    if _FORBIDDEN.search(data):
        raise RemoteError(f"{where}: the answer holds a document type: XMLSERVICE sends none")
    return data


def _refuse_report(root: ElementTree.Element, where: str, user: str) -> None:
    records = list(_records(root))
    if not any(record.get("errnoxml") == _NO_SIGN_ON for record in records):
        return
    hints = [record["xmlhint"] for record in records if record.get("xmlhint")]
    said = hints[-1] if hints else "no reason given"
    why = next((text for word, text in _REASONS.items() if word in said.upper()), _ANY_REASON)
    raise SignOnRefusedError(f"{where}: sign-on refused for {user or 'the user'}: {why} ({said})")


#: XMLSERVICE mostly cuts the database's text off before its reason.
_REASONS = {
    "EXPIRED": "its password has expired",
    "REVOKED": "the profile is disabled",
    "INVALID": "its password is wrong",
}
_ANY_REASON = "its password is wrong or expired, or the profile is disabled"


def failure_of(element: ElementTree.Element) -> Failure | None:
    """Return why an action failed, or ``None`` when it did not."""
    if element.find(".//error") is None and element.tag != "report":
        return None
    record: Mapping[str, str] = next(iter(_records(element)), {})
    lines = [e.text or "" for e in element.iter("error") if not len(e)]
    ids = [m for line in lines if (m := _MESSAGE_ID.fullmatch(line.strip()) and line.strip())]
    text = ": ".join(x for x in (record.get("xmlerrmsg"), record.get("xmlhint")) if x)
    return Failure(
        record.get("cpf", "") or (ids[0] if ids else ""),
        record.get("errnoxml", ""),
        text or next((line.strip("* ") for line in lines if line.strip()), "no reason given"),
        record.get("sqlcode", ""),
        record.get("sqlstate", ""),
        tuple(_log(element)),
    )


def is_empty_result(failure: Failure) -> bool:
    """Whether a failed fetch only says that there are no rows: XMLSERVICE calls that an error."""
    return failure.sqlcode == _NO_ROWS or failure.sqlstate == "02000"


def _records(element: ElementTree.Element) -> Iterator[Mapping[str, str]]:
    for error in element.iter("error"):
        if len(error):
            yield {child.tag: (child.text or "").strip() for child in error}


def _log(element: ElementTree.Element) -> Iterator[LogLine]:
    """Yield the job log: its text, which has every message, or else the scan, which has some."""
    whole = [m for log in element.iter("joblog") for m in _LOGGED.finditer(log.text or "")]
    if whole:
        yield from (LogLine(m[1], " ".join(m[2].split())) for m in whole)
        return
    for record in element.iter("joblogrec"):
        message_id = (record.findtext("jobcpf") or "").strip()
        text = " ".join((record.findtext("jobtext") or "").split())
        if message_id or text:
            yield LogLine(message_id, text)


def rows_of(element: ElementTree.Element) -> list[dict[str, str | None]]:
    """Return the rows of a result, each by column name; SQL null is ``None``."""
    return [
        {
            data.get("desc", ""): None if data.get("null") == "on" else (data.text or "")
            for data in row.iter("data")
        }
        for row in element.iter("row")
    ]
