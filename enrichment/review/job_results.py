"""What came of a job: the contacts of a discovery, or the verdicts of an e-mail enrichment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from core.pages import paginated
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob, ItemState, JobItem, ReviewStatus

SHOWN = 50  # contacts on the job's page; the list of contacts has them all

GONE = "The contact does not exist any more."
NO_ADDRESS = "No address was found."
PATIENCE = "The mail server asked for patience; it is asked again at {at}."
DID_YOU_MEAN = "Did you mean {address}?"

_CONTACT = ("first_name", "last_name", "job_title", "decision_maker", "best_score", "best_status", "best_probability")
_LIKELIEST_FIRST = ContactEmail.objects.only(
    "email", "enriched_contact_id", "verification_score", "verification_status", "probability"
)


@dataclass(slots=True)
class Found:
    """The contacts that a discovery stored: the first of them, and how many there are of which kind."""

    contacts: list[EnrichedContact] = field(default_factory=list)
    total: int = 0
    proved: int = 0
    to_review: int = 0

    @property
    def more(self) -> int:
        return self.total - len(self.contacts)


def contacts(job: EnrichmentJob, with_addresses: bool) -> Found:
    """Return what a discovery found, decision-makers first; `addresses` are loaded if the viewer may see them."""
    rows = job.contacts.only(*_CONTACT, "review_status").order_by(
        "-decision_maker", "-confidence_score", "last_name", "pk"
    )
    if with_addresses:
        rows = rows.prefetch_related(Prefetch("emails", _LIKELIEST_FIRST, to_attr="addresses"))
    proved, new = Q(verified_at__isnull=False), Q(review_status=ReviewStatus.NEW)
    counts = job.contacts.order_by().aggregate(
        total=Count("pk"), proved=Count("pk", filter=proved), to_review=Count("pk", filter=new)
    )
    return Found(list(rows[:SHOWN]), **counts)


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one item. `contact`: whom it is about, where it is one of ours."""

    email: str = ""
    contact: EnrichedContact | None = None
    state: str = ItemState.WAITING
    status: str = ""
    score: int | None = None
    probability: float | None = None
    notes: Sequence[str] = ()


def items(request: HttpRequest, job: EnrichmentJob) -> tuple[Page[JobItem], list[Row]]:
    """Return the page of the job's items that the request asks for, and what came of each."""
    addresses = Prefetch("contact__emails", _LIKELIEST_FIRST, to_attr="addresses")
    rows = job.items.select_related("contact").only(
        "position", "state", "email", "result", "due_at", "job_id", *(f"contact__{name}" for name in _CONTACT)
    )
    page = paginated(request, rows.order_by("position").prefetch_related(addresses))
    return page, [_of_contact(item) if item.email is None else _of_address(item) for item in page]


def _of_address(item: JobItem) -> Row:
    email, verdict = item.email or "", item.result
    if not verdict:
        return Row(email, state=item.state)
    return Row(
        email,
        None,
        item.state,
        verdict["verificationStatus"],
        verdict["verificationScore"],
        verdict["probability"],
        _notes(item, verdict),
    )


def _notes(item: JobItem, verdict: Mapping[str, Any]) -> list[str]:
    """Return what is worth saying of an address beside its score."""
    server, provider = verdict["smtp"]["reason"], verdict["api"]["reason"]
    kinds = [word for word in ("disposable", "role", "free") if verdict[word]]
    said = [
        "It is not an address." if not verdict["syntaxValid"] else "",
        f"The mail server: {server}." if server else "",
        f"{verdict['api']['by']}: {provider}." if provider else "",
        f"It is a {' and '.join(kinds)} address." if kinds else "",
        DID_YOU_MEAN.format(address=verdict["didYouMean"]) if verdict["didYouMean"] else "",
        PATIENCE.format(at=_clock(item.due_at)) if item.due_at else "",
    ]
    return [note for note in said if note]


def _of_contact(item: JobItem) -> Row:
    contact = item.contact
    if contact is None:
        return Row(state=ItemState.FAILED, notes=[GONE])
    best = next(iter(contact.addresses), None)  # type: ignore[attr-defined]  # prefetched
    if best is None:
        return Row("", contact, item.state, notes=[NO_ADDRESS] if item.state == ItemState.DONE else [])
    if item.state == ItemState.WAITING:  # what is known from before
        return Row(best.email, contact, item.state)
    return Row(best.email, contact, item.state, best.verification_status, best.verification_score, best.probability)


def _clock(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i")
