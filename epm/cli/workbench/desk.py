"""Where the panels' services are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.changes import actor
from epm.cli.clock import local_now
from epm.cli.workbench.activity import StoreCaptures, StoreMessages
from epm.cli.workbench.groups import StoreConfiguration, StoreGroups
from epm.cli.workbench.history import StoreHistory
from epm.cli.workbench.journal import StoreJournal
from epm.cli.workbench.policies import FolderPolicies
from epm.cli.workbench.policy_events import EventLog
from epm.cli.workbench.printing import SpoolPrinting
from epm.cli.workbench.registration import Registrations
from epm.cli.workbench.reports import StoreReports
from epm.cli.workbench.rules import StoreRules, StoreTests
from epm.cli.workbench.systems import SettingsSystems

if TYPE_CHECKING:
    from tui.services import Desk


def desk_for(app: App) -> Desk:
    """Return the services that the panels work with."""
    from tui.services import Desk

    rules = StoreRules(app)
    testing = StoreTests(app, {})
    journal = StoreJournal(app, lambda: rules.outline().config.journal)
    return Desk(
        rules=rules,
        activation=rules,
        testing=testing,
        captures=StoreCaptures(app, testing),
        messages=StoreMessages(app),
        groups=StoreGroups(app, rules),
        configuration=StoreConfiguration(app, rules),
        history=StoreHistory(app),
        printing=SpoolPrinting(),
        journal=journal,
        reports=StoreReports(journal),
        registration=Registrations(app, rules),
        systems=SettingsSystems(app),
        policies=FolderPolicies(app.settings.armr_dir),
        policy_events=EventLog(app.settings.armr_log),
        user=actor().user.upper(),
        system=app.system,
        clock=local_now,
    )
