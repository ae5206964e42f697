"""What every panel gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tui.services.activity import CaptureService, MessageService
from tui.services.groups import ConfigurationService, GroupService
from tui.services.history import HistoryService
from tui.services.journal import JournalService
from tui.services.policies import PolicyEventService, PolicyService
from tui.services.printing import PrintService
from tui.services.registration import RegistrationService
from tui.services.reports import ReportService
from tui.services.rules import ActivationService, RuleService, TestService
from tui.services.systems import SystemsService


@dataclass(frozen=True, slots=True)
class Desk:
    """What every panel gets: the services, and who looks at which system when.

    Attributes:
        clock: the system's local time, without zone.
    """

    rules: RuleService
    activation: ActivationService
    testing: TestService
    captures: CaptureService
    messages: MessageService
    groups: GroupService
    configuration: ConfigurationService
    history: HistoryService
    printing: PrintService
    journal: JournalService
    reports: ReportService
    registration: RegistrationService
    systems: SystemsService
    policies: PolicyService
    policy_events: PolicyEventService
    user: str
    system: str
    clock: Callable[[], datetime]
