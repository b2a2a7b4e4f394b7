"""What the pages of a decision show: before it is confirmed, while it is carried out, and what came of it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from core.ids import parse_id
from core.pages import paginated, user_of
from enrichment import approval, batches, carrying_out, disclosure, previewing, taking_back
from enrichment.models import BatchKind, BatchState, EnrichedContact, Outcome, ReviewBatch, ReviewItem, ReviewStatus
from enrichment.outlook import GONE, SKIPPED, Fate, Outlook, outlook
from outreach import readiness
from outreach.enrolments import NoSequence
from outreach.models import Message

from . import batch_choice
from .filters import in_words

PREVIEWED = 100  # contacts to choose from

PERMISSIONS = {
    BatchKind.APPROVE: "enrichment.change_enrichedcontact",
    BatchKind.REJECT: "enrichment.reject_enrichedcontact",
    BatchKind.DELETE: "enrichment.delete_enrichedcontact",
}
REASONS = {
    approval.NOT_FOUND: "It was deleted before its turn.",
    approval.ALREADY_APPROVED: "It was approved already. To take that back, undo the approval.",
    approval.NO_ADDRESS: "No address is known. Add one, then approve it again.",
    approval.SUPPRESSED: "The person or the company is on the suppression list.",
    carrying_out.ALREADY_REJECTED: "It was rejected already.",
    carrying_out.IN_SEQUENCE: "It was in the sequence already, so it was not enrolled again.",
    batches.SEQUENCE_OFF: "The sequence was switched off, or a text of it changed, before its turn: approve it again.",
    taking_back.GONE: "Not undone: the contact was deleted since. What the CRM has of it stays.",
    taking_back.CHANGED: "Not undone: somebody decided about the contact again since.",
    taking_back.BEGUN: "Not undone: outreach has begun, or was stopped. Stop the enrolment to end it.",
    taking_back.CRM_KEPT: "The CRM contact stays, since it was worked with.",
}
FATES = {
    Fate.PLANNED: ("good", "will be enrolled, with all messages planned"),
    Fate.HELD: ("wait", "will be enrolled, with messages held"),
    Fate.THERE: ("info", "will not be enrolled again"),
    Fate.SKIPPED: ("off", "will be skipped"),
}
GONE_OUTLOOK = Outlook(Fate.SKIPPED, (GONE,))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the summary: how many, what becomes of them, and for which reasons, each with its number."""

    number: int
    tone: str
    words: str
    reasons: list[tuple[str, int]]


def filter_words(batch: ReviewBatch) -> list[str]:
    """Return by which filter the contacts were chosen, in words; one word of all when there was none."""
    return (in_words(QueryDict(batch.filters)) or ["All contacts"]) if batch.filters is not None else []


def draft(request: HttpRequest, batch: ReviewBatch) -> dict[str, Any]:
    """Return what the page of an approval shows that is to be confirmed."""
    choice, page = batch_choice.read(request.GET), _people(request, batch)
    context: dict[str, Any] = {"choice": choice, "page": page, "previewed": None}
    if choice.sequence is None:
        return context
    keys = list(batch.items.order_by("position").values_list("contact_id", flat=True))
    looks = outlook([key for key in keys if key], choice.sequence, choice.templates, user_of(request))
    for item in page:
        item.outlook = looks.get(item.contact_id, GONE_OUTLOOK)
    in_order = [(key, looks.get(key, GONE_OUTLOOK)) for key in keys]
    context |= {
        "summary": _summary([look for _, look in in_order]),
        "approvable": sum(look.fate != Fate.SKIPPED for _, look in in_order),
        "problems": readiness.problems(),
    }
    if request.user.has_perm(PERMISSIONS[BatchKind.APPROVE]):
        context |= _preview(request, choice, [key for key, look in in_order if look.fate != Fate.SKIPPED])
    return context


def _summary(looks: list[Outlook]) -> list[Line]:
    lines = []
    for fate, (tone, words) in FATES.items():
        these = [look for look in looks if look.fate == fate]
        groups = Counter(group for look in these for group in {one.group for one in look.findings if one.group})
        if these:
            lines.append(Line(len(these), tone, words, groups.most_common()))
    return lines


def _preview(request: HttpRequest, choice: batch_choice.Choice, keys: list[Any]) -> dict[str, Any]:
    """Return the first messages to the contact that is asked for, else to the first that will be approved."""
    wanted = parse_id(request.GET.get("contact", ""))
    shown = wanted if wanted in keys else next(iter(keys), None)
    if shown is None or choice.sequence is None:
        return {}
    try:
        preview = previewing.preview(shown, choice.sequence, choice.template_ids, user_of(request))
    except NoSequence as error:
        return {"preview_problem": str(error)}
    chosen = [shown, *(key for key in keys[:PREVIEWED] if key != shown)]
    names = EnrichedContact.objects.only("first_name", "last_name", "company").in_bulk(chosen)
    return {
        "preview": preview,
        "skipped": SKIPPED.get(preview.skipped),
        "previewed": shown,
        "people": [names[key] for key in chosen if key in names],
    }


def result(request: HttpRequest, batch: ReviewBatch) -> dict[str, Any]:
    """Return what came of a decision, contact by contact, and whether it can be undone."""
    free = batches.undoable(timezone.now()).filter(batch=batch)
    page = _people(request, batch, free.filter(pk=OuterRef("pk")))
    for item in page:
        item.words = REASONS.get(item.reason, item.reason)
    due = Message.objects.filter(enrolment__in=free.values("enrolment"))
    return {
        "page": page,
        "counts": counts([batch]).get(batch.pk, {}),
        "undoable": free.count(),
        "until": due.aggregate(first=Min("due_at"))["first"] if batch.kind == BatchKind.APPROVE else None,
    }


def progress(batch: ReviewBatch) -> dict[str, Any]:
    """Return how far a decision is that is being carried out."""
    done = batch.items.exclude(outcome=Outcome.WAITING).count()
    return {"done": done, "stuck": batches.is_stuck(batch)}


def _people(request: HttpRequest, batch: ReviewBatch, free: QuerySet[ReviewItem] | None = None) -> Any:
    """Return a page of the batch's items with what their rows show."""
    rows = batch.items.select_related("contact").order_by("position")
    if free is not None:
        rows = rows.annotate(can_be_undone=Exists(free))
    hidden = ("linkedin_url", "linkedin_id", "evidence", "activity")
    page = paginated(request, rows.defer("before", *(f"contact__{name}" for name in hidden)))
    disclosure.listed_ids([item.contact_id for item in page if item.contact_id], batch=batch.pk)
    return page


def counts(rows: list[ReviewBatch]) -> dict[Any, dict[str, int]]:
    """Return how many items of each batch have which outcome. One query."""
    found: dict[Any, dict[str, int]] = {}
    items = ReviewItem.objects.filter(batch__in=rows).order_by().values_list("batch", "outcome")
    for batch, outcome, number in items.annotate(Count("pk")):
        found.setdefault(batch, {})[outcome] = number
    return found


def listed(rows: Any, user: Any) -> None:
    """Give batches of a list what it shows of them: `counts`, and whether this user may undo them now."""
    numbers = counts(rows)
    free = set(batches.undoable(timezone.now()).filter(batch__in=rows).values_list("batch_id", flat=True).distinct())
    for batch in rows:
        batch.counts = numbers.get(batch.pk, {})
        batch.can_undo = batch.pk in free and user.has_perm(PERMISSIONS[BatchKind(batch.kind)])
        batch.is_draft = batch.state == BatchState.DRAFT


def plain_draft(request: HttpRequest, batch: ReviewBatch) -> dict[str, Any]:
    """Return what the page of a rejection or deletion shows that is to be confirmed."""
    people = EnrichedContact.objects.filter(pk__in=batch.items.values("contact"))
    approved = Q(review_status=ReviewStatus.APPROVED)
    numbers = people.aggregate(
        there=Count("pk"),
        approved=Count("pk", filter=approved),
        rejected=Count("pk", filter=Q(review_status=ReviewStatus.REJECTED)),
        linked=Count("pk", filter=Q(linked_contact__isnull=False)),
    )
    return {"page": _people(request, batch), "numbers": numbers}
