"""What the panels need of the world, as protocols; the command line hands in what fulfils them.

A panel holds no rule logic: it asks these, and shows the one line of the
:class:`~epm.errors.EpmError` that they raise. Each module holds one concern.
"""

from tui.services.activity import (
    CapturedCall,
    CaptureService,
    MessageService,
    QueuedMessage,
)
from tui.services.conflicts import check_unchanged
from tui.services.desk import Desk
from tui.services.groups import ConfigurationService, Group, GroupService, Members
from tui.services.history import Difference, HistoryService, RevisionLine
from tui.services.journal import (
    EntryText,
    FilterRefusedError,
    JournalFilter,
    JournalPage,
    JournalRow,
    JournalService,
)
from tui.services.policies import (
    AttemptRefusedError,
    PolicyEventLine,
    PolicyEventPage,
    PolicyEventService,
    PolicyFinding,
    PolicyMod,
    PolicyRuleLine,
    PolicyService,
    PolicyState,
    PolicySummary,
    PolicyVerdict,
)
from tui.services.printing import PrintService, Spooled
from tui.services.registration import ExitPointLine, ExitProgramLine, RegistrationService
from tui.services.reports import (
    FileExistsRefusedError,
    ReportFormat,
    ReportLines,
    ReportService,
    Written,
)
from tui.services.rules import (
    ActivationService,
    Outline,
    RuleService,
    Saved,
    Tested,
    TestService,
)
from tui.services.systems import SystemAction, SystemLine, SystemsService, SystemState

__all__ = [
    "ActivationService",
    "AttemptRefusedError",
    "CaptureService",
    "CapturedCall",
    "ConfigurationService",
    "Desk",
    "Difference",
    "EntryText",
    "ExitPointLine",
    "ExitProgramLine",
    "FileExistsRefusedError",
    "FilterRefusedError",
    "Group",
    "GroupService",
    "HistoryService",
    "JournalFilter",
    "JournalPage",
    "JournalRow",
    "JournalService",
    "Members",
    "MessageService",
    "Outline",
    "PolicyEventLine",
    "PolicyEventPage",
    "PolicyEventService",
    "PolicyFinding",
    "PolicyMod",
    "PolicyRuleLine",
    "PolicyService",
    "PolicyState",
    "PolicySummary",
    "PolicyVerdict",
    "PrintService",
    "QueuedMessage",
    "RegistrationService",
    "ReportFormat",
    "ReportLines",
    "ReportService",
    "RevisionLine",
    "RuleService",
    "Saved",
    "Spooled",
    "SystemAction",
    "SystemLine",
    "SystemState",
    "SystemsService",
    "TestService",
    "Tested",
    "Written",
    "check_unchanged",
]
