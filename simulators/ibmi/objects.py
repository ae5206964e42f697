"""Objects of the simulated system: what every object has, and what each type holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.ibmi.rights import ALL, Rights

if TYPE_CHECKING:
    from collections.abc import MutableMapping

#: Storage of a called program's parameters; ``None`` is one that was omitted.
Parameters = Sequence[bytearray | None]
#: A program: its context and its parameters' storage -> the returned value's storage. The context
#: is a ``simulators.ibmi.programs.context.ProgramContext``, which stands above this module.
Code = Callable[[Any, Parameters], bytes]

#: What an object's description and catalogue entry take, beside what it holds (bytes).
BASE_SIZE = 4096
#: What the entries of a data queue take at most: SIZE(*MAX16MB), as CRTDTAQ makes one.
MAX_QUEUE = 16 * 1024 * 1024


@dataclass(slots=True)
class DataArea:
    """A data area; ``value`` is text of ``length`` characters, a number, or a logical '0'/'1'."""

    type: str
    length: int
    decimals: int
    value: str | Decimal


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One entry of a data queue: its key (empty where the queue has none) and its data."""

    key: bytes
    data: bytes


@dataclass(slots=True)
class DataQueue:
    """A data queue; ``sequence`` is ``*FIFO``, ``*LIFO`` or ``*KEYED``.

    INVARIANT: ``held`` is the bytes of all entries' keys and data; :mod:`simulators.ibmi.queues`
    keeps it.
    """

    max_length: int
    sequence: str = "*FIFO"
    key_length: int = 0
    max_entries: int = 100_000
    max_bytes: int = MAX_QUEUE
    entries: deque[QueueEntry] = field(default_factory=deque)
    held: int = 0

    def is_full(self, more: int) -> bool:
        """Whether an entry of ``more`` bytes has no place left."""
        return len(self.entries) >= self.max_entries or self.held + more > self.max_bytes


@dataclass(slots=True)
class UserSpace:
    """A user space; its bytes are shared by every job that reaches it."""

    data: bytearray
    initial: int = 0
    auto_extend: bool = False


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """One message on a message queue."""

    id: str
    text: str
    type: str
    sender: str
    sent: datetime
    key: int


@dataclass(slots=True)
class MessageQueue:
    """A message queue; bounded, the oldest message goes."""

    messages: deque[QueuedMessage] = field(default_factory=lambda: deque(maxlen=10_000))


@dataclass(slots=True)
class FileData:
    """A file: a source file's members hold lines; the rows of another are in the database.

    Attributes:
        record_length: bytes of a record; 0 where SQL made the table.
        members: source lines by member name.
    """

    record_length: int = 0
    members: MutableMapping[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class ModuleData:
    """A module: what the injected compiler made of a source."""

    compiled: object


@dataclass(slots=True)
class ProgramData:
    """A program.

    Attributes:
        adopts: it runs with its owner's authority as well: USRPRF(*OWNER).
    """

    code: Code
    adopts: bool = False


@dataclass(slots=True)
class ServiceProgramData:
    """A service program: its exported procedures by upper-case name."""

    exports: Mapping[str, Code]
    adopts: bool = False


@dataclass(slots=True)
class JobDescription:
    """A job description: the initial library list of its jobs."""

    libraries: tuple[str, ...] = ("QGPL", "QTEMP")


@dataclass(slots=True)
class SystemObject:
    """One object.

    Attributes:
        type: with its asterisk, such as ``*DTAARA``.
        attribute: such as ``CLE`` or ``PF``; empty for none.
        public: what *PUBLIC may do; ``grants`` what named profiles may, the owner included.
        data: what it holds, by type.
    """

    name: str
    type: str
    owner: str
    created: datetime
    data: object = None
    attribute: str = ""
    text: str = ""
    public: Rights = frozenset()
    grants: dict[str, Rights] = field(default_factory=dict)
    changed: datetime | None = None

    def __post_init__(self) -> None:
        self.grants.setdefault(self.owner, ALL)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return BASE_SIZE + _held(self.data)


def _held(data: object) -> int:
    if isinstance(data, UserSpace):
        return len(data.data)
    if isinstance(data, DataQueue):
        return data.held
    if isinstance(data, FileData):
        return sum(len(line) for lines in data.members.values() for line in lines)
    if isinstance(data, DataArea):
        return data.length
    return 0
