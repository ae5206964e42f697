"""Change Product Configuration: what holds for a whole system."""

from __future__ import annotations

from collections.abc import Sequence

from epm.model import Config, FailMode
from epm.soundness import is_object_name
from tui.display import Kind
from tui.kit.entry import Entry, EntryPanel
from tui.kit.values import Choice
from tui.outcomes import FieldRefusedError, Result
from tui.panels.common import yes_no
from tui.services import Desk
from tui.session import Session

_FLAGS = {
    "audit": ("Default Audit", "Y=Log all calls, N=Rejections only"),
    "message": ("Default Message", "Y=Send a message, N=No"),
    "capture": ("Default Capture", "Y=Record the call, N=No"),
}
_FAIL_MEANING = {
    FailMode.CLOSED: "an error inside rejects the call",
    FailMode.OPEN: "an error inside allows the call",
}


class ProductConfiguration(EntryPanel):
    """The configuration of the system, to change."""

    name = "configuration"
    title = "Change Product Configuration"
    instruction = "Change choices, press Enter."
    first_row = 6
    prompts = True
    rereads = True

    def __init__(self, seen: Config) -> None:
        """Begin with the configuration as it was read."""
        super().__init__(_values(seen))
        self.seen = seen

    def reread(self, desk: Desk) -> None:
        """Show the configuration as it is now, whoever changed it."""
        self.seen = desk.configuration.config()
        self.values = _values(self.seen)

    def entries(self) -> Sequence[Entry]:
        """Return the settings."""
        return (
            *(Entry(name, label, 1, Kind.UPPER, hint) for name, (label, hint) in _FLAGS.items()),
            Entry("message_queue", "Message queue", 10, Kind.UPPER, "Name"),
            Entry("journal", "Journal", 10, Kind.UPPER, "Name"),
            Entry("fail", "Fail mode", 6, Kind.UPPER, "CLOSED=Error rejects, OPEN=Error allows"),
        )

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return what a setting may be."""
        if name in _FLAGS:
            texts = dict(part.split("=", 1) for part in _FLAGS[name][1].split(", "))
            return [Choice(value, texts[value]) for value in "YN"]
        if name == "fail":
            return [Choice(mode.upper(), _FAIL_MEANING[mode]) for mode in FailMode]
        return ()

    def config(self) -> Config:
        """Return the configuration that the fields describe.

        Raises:
            FieldRefusedError: one of them is not valid.
        """
        flags = {name: self.one_of(name, "YN") == "Y" for name in _FLAGS}
        queue, journal = self._object_name("message_queue"), self._object_name("journal")
        fail = self.values["fail"].lower()
        if fail not in set(FailMode):
            modes = " or ".join(mode.upper() for mode in FailMode)
            raise FieldRefusedError(f"Fail mode must be {modes}.", "fail")
        return Config(**flags, message_queue=queue, journal=journal, fail=FailMode(fail))

    def _object_name(self, name: str) -> str:
        value = self.values[name]
        if is_object_name(value):
            return value
        text = f"{self.label_of(name)} must be a name of 1 to 10 characters."
        raise FieldRefusedError(text, name)

    def enter(self, session: Session) -> None:
        """Save, unless nothing changed, or someone else changed it in the meantime."""
        config = self.config()
        if config == self.seen:
            text = "Product configuration not changed."
            session.leave(Result(done=True, messages=(text,)))
            return
        saved = session.desk.configuration.change(self.seen, config)
        text = "Product configuration changed."
        session.leave(Result(done=True, messages=(text, *saved.warnings)))


def _values(config: Config) -> dict[str, str]:
    return {
        "audit": yes_no(config.audit),
        "message": yes_no(config.message),
        "capture": yes_no(config.capture),
        "message_queue": config.message_queue,
        "journal": config.journal,
        "fail": str(config.fail).upper(),
    }
