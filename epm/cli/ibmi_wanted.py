"""What the store says that an IBM i should have: its rule image, names and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.output import warn
from epm.cli.resolve import resolve
from epm.engine import host_names, warnings
from epm.errors import NotFoundError
from epm.model import Server

if TYPE_CHECKING:
    from db.snapshots import Snapshot
    from exitprograms.ibmi.connection import Connection
    from exitprograms.ibmi.objects import Names
    from exitprograms.ibmi.status import Wanted


@dataclass(frozen=True, slots=True)
class Desired:
    """What one system should have.

    Attributes:
        image: the rule image, host names as they resolve now.
        names: where its objects are.
    """

    snapshot: Snapshot
    image: bytes
    names: Names
    wanted: Wanted


def desired(app: App, connection: Connection, *, tell: bool = False) -> Desired:
    """Return what a system should have.

    Args:
        app: the command's app.
        connection: of the system.
        tell: warn of rules that are not enforced as they look, unresolved names among them.

    Raises:
        NotFoundError: the store has no such system.
        RuleError: the rules do not fit an image.
    """
    from exitprograms.ibmi.objects import Names
    from exitprograms.ibmi.sources import sources_for
    from exitprograms.ibmi.status import Wanted
    from exitprograms.ile.image import Target, compile_image
    from exitprograms.ile.seal import describe

    try:
        snapshot = app.store().load(connection.system)
    except NotFoundError:
        system = connection.system
        raise NotFoundError(
            f"the store has no system {system}: epm --system {system} init makes it"
        ) from None
    ruleset = snapshot.ruleset
    resolved = resolve(host_names(ruleset))
    if tell:
        for line in warnings(ruleset, resolved):
            warn(line)
    image = compile_image(
        ruleset,
        resolved=resolved,
        revision=snapshot.revision,
        target=Target(system=connection.system, lib=connection.lib),
    )
    names = Names(connection.lib, ruleset.config.journal, ruleset.config.message_queue)
    activated = frozenset(s for s in Server if ruleset.servers[s].activated)
    wanted = Wanted(describe(image), activated, sources_for(names))
    return Desired(snapshot, image, names, wanted)
