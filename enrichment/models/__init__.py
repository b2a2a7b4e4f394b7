"""What discovery found: contacts, their addresses, the jobs that found them, and what is known of a domain.

Columns, defaults and indexes are the specification's ("Data Models"), in snake_case; the further ones are
explained where they stand. E-mail addresses, LinkedIn profiles and evidence are encrypted (core/fields.py).
"""

from .choices import (
    ApiSource,
    ContactSource,
    GenerationMethod,
    ItemState,
    JobStatus,
    JobType,
    MxStatus,
    ReviewStatus,
    UsageKind,
    VerificationMethod,
    VerificationStatus,
    acting,
)
from .contacts import ContactEmail, EnrichedContact
from .domains import AddressCheck, DomainProfile, KeptAnswer, MailOperator
from .jobs import EnrichmentJob, JobContact, JobItem, JobProgress
from .review import (
    BatchKind,
    BatchState,
    ContactMerge,
    ContactNote,
    Outcome,
    ReviewBatch,
    ReviewItem,
    SavedView,
)
from .rights import PurgeReport, RequestKind, RequestOrigin, RequestState, SubjectRequest
from .usage import IdempotencyKey, ProviderUsage, Usage

__all__ = [
    "AddressCheck",
    "ApiSource",
    "BatchKind",
    "BatchState",
    "ContactEmail",
    "ContactMerge",
    "ContactNote",
    "ContactSource",
    "DomainProfile",
    "EnrichedContact",
    "EnrichmentJob",
    "GenerationMethod",
    "IdempotencyKey",
    "ItemState",
    "JobContact",
    "JobItem",
    "JobProgress",
    "JobStatus",
    "JobType",
    "KeptAnswer",
    "MailOperator",
    "MxStatus",
    "Outcome",
    "ProviderUsage",
    "PurgeReport",
    "RequestKind",
    "RequestOrigin",
    "RequestState",
    "ReviewBatch",
    "ReviewItem",
    "ReviewStatus",
    "SavedView",
    "SubjectRequest",
    "Usage",
    "UsageKind",
    "VerificationMethod",
    "VerificationStatus",
    "acting",
]
