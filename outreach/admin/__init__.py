"""Senders, texts, sequences, enrolments, messages, tasks and what came back in the admin."""

from .enrolments import EnrolmentAdmin
from .events import EventAdmin
from .experiments import ExperimentAdmin
from .mailboxes import MailboxAdmin, MailboxPositionAdmin
from .messages import MessageAdmin
from .notices import NoticeAdmin
from .sequences import SequenceAdmin, SequenceVersionAdmin
from .tasks import TaskAdmin
from .templates import TemplateAdmin

__all__ = [
    "EnrolmentAdmin",
    "EventAdmin",
    "ExperimentAdmin",
    "MailboxAdmin",
    "MailboxPositionAdmin",
    "MessageAdmin",
    "NoticeAdmin",
    "SequenceAdmin",
    "SequenceVersionAdmin",
    "TaskAdmin",
    "TemplateAdmin",
]
