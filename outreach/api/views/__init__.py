"""The endpoints of outreach, a module for each subject."""

from .enrolments import EnrolmentViewSet
from .events import EventViewSet
from .experiments import ExperimentViewSet
from .mailboxes import MailboxViewSet
from .messages import MessageViewSet
from .overview import CalendarView, StatusView
from .sequences import SequenceViewSet
from .suppressions import SuppressionViewSet
from .tasks import TaskViewSet
from .templates import TemplateViewSet, VariantViewSet

__all__ = [
    "CalendarView",
    "EnrolmentViewSet",
    "EventViewSet",
    "ExperimentViewSet",
    "MailboxViewSet",
    "MessageViewSet",
    "SequenceViewSet",
    "StatusView",
    "SuppressionViewSet",
    "TaskViewSet",
    "TemplateViewSet",
    "VariantViewSet",
]
