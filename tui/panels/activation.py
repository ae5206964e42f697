"""Exit Point Manager Activation: which servers are decided by their rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from epm.model import Server
from tui.display import GREEN, TURQUOISE, WHITE, Display
from tui.kit.confirm import Confirm
from tui.kit.drawing import instruction
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.services import Desk
from tui.session import Panel, Session

_WORDS = {"1": "Activate", "4": "Deactivate"}


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server, whether it is activated, and how many rules it has."""

    number: int
    server: Server
    activated: bool
    rules: int


class Activation(ListPanel[ServerState]):
    """The three servers; 1 activates, 4 deactivates, each after it was confirmed."""

    name = "activation"
    title = "Exit Point Manager Activation"
    options = tuple(_WORDS.items())

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[ServerState]:
        """Return the servers with their state."""
        outline = desk.rules.outline()
        states = [
            ServerState(number, server, outline.activated[server], outline.counts[server])
            for number, server in enumerate(Server, 1)
        ]
        if backward:
            return [s for s in states if s.number <= start][-count:]
        return [s for s in states if s.number >= start][:count]

    def key_of(self, row: ServerState) -> int:
        """Return its number."""
        return row.number

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write what activation means, and the heads."""
        instruction(display, 3, "The rules of a server decide only while it is activated;")
        instruction(display, 4, "calls of the others are allowed without evaluation.")
        heads = f"{'Server':<12}{'Exit point':<19}{'Format':<11}{'Activated':<12}Rules"
        display.put(HEADS_ROW, 7, heads, WHITE)

    def draw_row(self, display: Display, at: int, row: ServerState) -> None:
        """Write one server."""
        server = row.server
        display.put(at, 7, f"{server:<12}{server.exit_point:<19}{server.format_name:<11}")
        state = ("*YES", WHITE) if row.activated else ("*NO", TURQUOISE)
        display.put(at, 49, *state)
        display.put(at, 61, f"{row.rules:>5}", GREEN)

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the list that confirms all servers of one option."""
        keys = tuple(sorted(k for k, chosen in self.chosen.items() if chosen == option))
        servers = [server for n, server in enumerate(Server, 1) if n in keys]
        word = _WORDS[option]
        activation = session.desk.activation

        def act() -> tuple[str, ...]:
            saved = activation.set_activated(servers, option == "1")
            return (f"{' '.join(servers)} {word.lower()}d.", *saved.warnings)

        rows = [f"{server:<12}{server.exit_point}" for server in servers]
        title = "Confirm Activation" if option == "1" else "Confirm Deactivation"
        return Confirm(title, (option, word), f"{'Server':<12}Exit point", rows, act), keys
