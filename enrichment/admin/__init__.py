"""What the product found and keeps, and what people decided, in the admin. Modules write it; actions change it."""

from .addresses import AddressCheckAdmin, ContactEmailAdmin
from .contacts import EnrichedContactAdmin
from .domains import DomainProfileAdmin, KeptAnswerAdmin, MailOperatorAdmin
from .jobs import EnrichmentJobAdmin, JobItemAdmin
from .notes import ContactMergeAdmin, ContactNoteAdmin
from .purges import PurgeReportAdmin
from .requests import SubjectRequestAdmin
from .review import ReviewBatchAdmin, ReviewItemAdmin, SavedViewAdmin
from .usage import IdempotencyKeyAdmin, ProviderUsageAdmin, UsageAdmin

__all__ = [
    "AddressCheckAdmin",
    "ContactEmailAdmin",
    "ContactMergeAdmin",
    "ContactNoteAdmin",
    "DomainProfileAdmin",
    "EnrichedContactAdmin",
    "EnrichmentJobAdmin",
    "IdempotencyKeyAdmin",
    "JobItemAdmin",
    "KeptAnswerAdmin",
    "MailOperatorAdmin",
    "ProviderUsageAdmin",
    "PurgeReportAdmin",
    "ReviewBatchAdmin",
    "ReviewItemAdmin",
    "SavedViewAdmin",
    "SubjectRequestAdmin",
    "UsageAdmin",
]
