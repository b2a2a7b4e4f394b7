"""How long everything is kept, and why: the one table that the purge, its page and the register of processing read.

docs/adr/0006-retention.md has the reasons.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm import retention as crm_retention
from enrichment import address_checks, batches, idempotency, jobs, kept_answers, limits, progress
from enrichment.kept_kinds import EMPTIED, Kind, Rows, delete_in_batches, in_words
from enrichment.models import (
    AddressCheck,
    BatchState,
    ContactEmail,
    EnrichedContact,
    EnrichmentJob,
    IdempotencyKey,
    JobItem,
    JobProgress,
    KeptAnswer,
    ProviderUsage,
    PurgeReport,
    RequestState,
    ReviewBatch,
    ReviewStatus,
    SubjectRequest,
    Usage,
)
from outreach import retention as outreach_retention

USAGE_KEPT = 2 * limits.WINDOW  # limits look back one window
ITEMS_KEPT = timedelta(days=30)  # after the job ended: long enough to fetch its results
PROVIDER_USAGE_KEPT = timedelta(days=400)  # budgets are monthly, and a year can be compared
MERGES_KEPT = timedelta(days=90)  # after a merge was undone
LAPSED_KEPT = timedelta(days=30)  # nobody proved to be the person: enough to see that somebody tries
THREE_YEARS = timedelta(days=1095)  # claims lapse in about that time

NO_PROOF = Q(verified_at__isnull=True)


def _days(setting: str) -> Callable[[], timedelta]:
    return lambda: timedelta(days=getattr(settings, setting))


def _always(period: timedelta) -> Callable[[], timedelta]:
    return lambda: period


def left_alone() -> Rows:
    """Return the found contacts one of whose addresses is restricted (GDPR art. 18), to be used in `pk__in`."""
    emails = ContactEmail.objects.filter(email_index__in=crm_retention.restricted())
    return emails.order_by().values("enriched_contact")


def unlinked() -> QuerySet[EnrichedContact]:
    """Return the found contacts that no contact of the CRM stands for, and that may be purged one day."""
    return EnrichedContact.objects.filter(linked_contact__isnull=True).exclude(pk__in=left_alone())


def undecided() -> QuerySet[EnrichedContact]:
    """Return those of the `unlinked` that nobody approved."""
    return unlinked().exclude(review_status=ReviewStatus.APPROVED)


def left_crm() -> QuerySet[EnrichedContact]:
    """Return those of the `unlinked` that were approved: their contact of the CRM was deleted since."""
    return unlinked().filter(review_status=ReviewStatus.APPROVED, reviewed_at__isnull=False)


def _decisions() -> Rows:
    """Return the decisions of which nothing can be undone any more."""
    some = batches.undoable(timezone.now()).filter(batch=OuterRef("pk"))
    over = ReviewBatch.objects.filter(~Exists(some), state__in=[BatchState.DONE, BatchState.UNDONE])
    return over.annotate(age=Coalesce("undone_at", "finished_at", "confirmed_at", "created_at"))


def _jobs() -> Rows:
    ended = EnrichmentJob.objects.filter(status__in=jobs.ENDED)
    return ended.annotate(age=Coalesce("completed_at", "updated_at", "created_at"))


_retention = _days("ENRICHMENT_RETENTION_DAYS")
_jobs_kept = _days("ENRICHMENT_JOBS_KEPT_DAYS")
_outreach_kept = _days("OUTREACH_KEPT_DAYS")

PEOPLE = (
    Kind(
        "unverified",
        "Found contacts without proof of an address",
        "Nobody approved them, and no address of theirs has proof.",
        _retention,
        lambda: undecided().filter(NO_PROOF),
        "discovered_at",
        "ENRICHMENT_RETENTION_DAYS",
        clean=None,
    ),
    Kind(
        "not_told",
        "Found contacts with proof of an address",
        "Nobody approved them or told them that we have their data (GDPR, article 14).",
        _retention,
        lambda: undecided().exclude(NO_PROOF),
        "discovered_at",
        "ENRICHMENT_RETENTION_DAYS",
        clean=None,
    ),
    Kind(
        "left_crm",
        "Approved contacts that left the CRM",
        "They were approved, and their contact in the CRM was deleted since.",
        _retention,
        left_crm,
        "reviewed_at",
        "ENRICHMENT_RETENTION_DAYS",
        clean=None,
    ),
    Kind(
        "never_told",
        "CRM contacts never written to",
        "Approved, but nobody wrote to them or told them that we have their data (GDPR, article 14).",
        _retention,
        outreach_retention.never_told,
        "obtained_at",
        "ENRICHMENT_RETENTION_DAYS",
        clean=None,
    ),
)

OTHERS = (
    Kind(
        "messages",
        "Text and address of messages",
        "They were sent long ago; the row stays, to be counted.",
        _outreach_kept,
        outreach_retention.messages,
        outreach_retention.AGE,
        "OUTREACH_KEPT_DAYS",
        EMPTIED,
        outreach_retention.empty,
    ),
    Kind(
        "events",
        "Text and address of answers and bounces",
        "They came long ago; the row stays, to be counted.",
        _outreach_kept,
        outreach_retention.events,
        outreach_retention.AGE,
        "OUTREACH_KEPT_DAYS",
        EMPTIED,
        outreach_retention.empty,
    ),
    Kind(
        "notices",
        "Text and address of notices to people (GDPR, article 14)",
        "They were given long ago; that and when they were given stays.",
        _outreach_kept,
        outreach_retention.notices,
        outreach_retention.AGE,
        "OUTREACH_KEPT_DAYS",
        EMPTIED,
        outreach_retention.empty,
    ),
    Kind(
        "items",
        "Addresses given to e-mail enrichment, with the verdicts",
        "Their job ended long ago: the results were fetched, or nobody wants them.",
        _always(ITEMS_KEPT),
        lambda: JobItem.objects.filter(job__status__in=jobs.ENDED),
        "job__completed_at",
    ),
    Kind(
        "progress",
        "How far a job was",
        "The job ended long ago.",
        _always(progress.KEPT),
        lambda: JobProgress.objects.filter(job__status__in=jobs.ENDED),
        "job__completed_at",
    ),
    # After what goes with them, which is counted for itself.
    Kind(
        "jobs",
        "Jobs that have ended",
        "They are the record of who had whom looked for; nothing needs them any more.",
        _jobs_kept,
        _jobs,
        "age",
        "ENRICHMENT_JOBS_KEPT_DAYS",
        clean=delete_in_batches,
    ),
    Kind(
        "decisions",
        "Decisions about found contacts",
        "Nothing of them can be undone any more; the audit trail says who took them.",
        _jobs_kept,
        _decisions,
        "age",
        "ENRICHMENT_JOBS_KEPT_DAYS",
        clean=delete_in_batches,
    ),
    Kind(
        "drafts",
        "Decisions that nobody confirmed",
        "Nobody came back to confirm them.",
        _always(batches.DRAFTS_KEPT),
        lambda: ReviewBatch.objects.filter(state=BatchState.DRAFT),
        "created_at",
        clean=lambda _rows: batches.purge(timezone.now()),  # under their locks
    ),
    Kind(
        "merges",
        "What merging CRM contacts took, of merges that were undone",
        "It was undone: the two are contacts of their own again.",
        _always(MERGES_KEPT),
        crm_retention.undone_merges,
        "undone_at",
    ),
    Kind(
        "answers",
        "Pages and services' data about companies",
        "Older than a week they are fetched anew.",
        _always(kept_answers.KEPT),
        KeptAnswer.objects.all,
        "fetched_at",
    ),
    Kind(
        "checks",
        "What mail servers and providers said of addresses",
        "No answer counts for longer.",
        _always(address_checks.PROVIDER_KEPT),
        AddressCheck.objects.all,
        "checked_at",
    ),
    Kind(
        "lapsed_requests",
        "Requests of people whose link was never opened",
        "Nobody proved to be the person.",
        _always(LAPSED_KEPT),
        lambda: SubjectRequest.objects.filter(state=RequestState.LAPSED),
        "created_at",
    ),
    Kind(
        "requests",
        "Requests of people that were answered",
        "The answer was given, and no claim about it can be expected any more.",
        _always(THREE_YEARS),
        lambda: SubjectRequest.objects.filter(state__in=[RequestState.DONE, RequestState.REFUSED]).annotate(
            age=Coalesce("handled_at", "created_at")
        ),
        "age",
    ),
    Kind(
        "usage",
        "What users and brands used of their limits",
        "The limits look back a day.",
        _always(USAGE_KEPT),
        Usage.objects.all,
        "at",
    ),
    Kind(
        "idempotency_keys",
        "Keys of repeated requests",
        "A client repeats a request soon or never.",
        _always(idempotency.KEPT),
        IdempotencyKey.objects.all,
        "created_at",
    ),
    Kind(
        "provider_usage",
        "Counts of requests to providers of addresses",
        "A year can be compared; no personal data.",
        _always(PROVIDER_USAGE_KEPT),
        ProviderUsage.objects.all,
        "day",
    ),
    Kind(
        "reports",
        "Reports of the purge",
        "Long enough to show that it works; no personal data.",
        _always(THREE_YEARS),
        PurgeReport.objects.all,
        "at",
    ),
)
KINDS = (*PEOPLE, *OTHERS)
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Data that the purge does not look at: how long it is kept, and what ends it."""

    title: str
    period: str
    why: str
    setting: str = ""


def elsewhere() -> list[Elsewhere]:
    """Return what is kept for a time of its own, or for as long as there is a reason."""
    audit = f"{settings.AUDIT_DAYS} days" if settings.AUDIT_DAYS else "for ever"
    tokens: Any = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    session = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return [
        Elsewhere(
            "The audit trail",
            audit,
            "Who did what. What it holds of a person cannot be read any more once that person is erased or purged.",
            "AUDIT_DAYS",
        ),
        Elsewhere("Who signed in, and failed to", f"{settings.SIGN_IN_LOG_DAYS} days", "", "SIGN_IN_LOG_DAYS"),
        Elsewhere("Sessions", f"{in_words(session)} without doing anything", "", "SESSION_HOURS"),
        Elsewhere("Refresh tokens of the API", in_words(tokens), "", "REFRESH_TOKEN_DAYS"),
        Elsewhere(
            "CRM contacts who were written to or told",
            "until they object or ask for erasure, or an admin deletes them",
            "They know of it; notes, history and consents go with them.",
        ),
        Elsewhere(
            "The suppression list",
            "for ever",
            "Fingerprints only: without them, whoever objected would be found again.",
        ),
        Elsewhere(
            "What came of messages, by fingerprint of the address",
            "for ever",
            "So that nobody's bounced address is tried again; the address itself is not kept.",
        ),
        Elsewhere("Requests that are open", "until they are answered", "The law gives a month (article 12)."),
        Elsewhere("Daily counts", "for ever", "No personal data."),
        Elsewhere("Assessments", "for ever", "Proof of why processing was thought lawful; about no person."),
        Elsewhere("Log files and back-ups", "as you set them up", "Not the product's own; give them a short life."),
    ]
