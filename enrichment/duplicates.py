"""Found contacts who are likely one person, by address, LinkedIn profile, CRM contact, or name at one brand."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from core.names import alike
from crm.duplicates import ADDRESS, MOST_COLLEAGUES, NAME, SIMILAR
from enrichment.models import ContactEmail, EnrichedContact, GenerationMethod

LINKED, PROFILE = "linked to the same CRM contact", "the same LinkedIn profile"
_ORDER = (LINKED, ADDRESS, PROFILE, NAME, SIMILAR)


@dataclass(frozen=True, slots=True)
class Likely:
    """Another contact who may be the same person, and why: LINKED, ADDRESS, PROFILE, NAME or SIMILAR."""

    other: EnrichedContact
    reason: str


def duplicates_of(contact: EnrichedContact, limit: int = 20) -> list[Likely]:
    """Return the contacts who may be the same person as this one, likeliest first, in six queries at most.

    Their evidence and activity are not loaded.
    """
    found: dict[UUID, str] = {}
    for reason, keys in _same(contact):
        for key in keys[:limit]:
            found.setdefault(key, reason)
    others = EnrichedContact.objects.exclude(pk=contact.pk)
    if contact.linked_brand_id:
        colleagues = others.filter(linked_brand=contact.linked_brand_id).exclude(name_key="").order_by("pk")
        names = dict(colleagues.values_list("pk", "name_key")[:MOST_COLLEAGUES])
        for key in alike(contact.name_key, names, limit):
            found.setdefault(key, NAME if names[key] == contact.name_key else SIMILAR)
    ranked = sorted(found.items(), key=lambda item: (_ORDER.index(item[1]), item[0]))[:limit]
    rows = others.select_related("linked_brand").defer("evidence", "activity").in_bulk([key for key, _ in ranked])
    return [Likely(rows[key], reason) for key, reason in ranked if key in rows]


def _same(contact: EnrichedContact) -> Iterator[tuple[str, "QuerySet[EnrichedContact, UUID]"]]:
    """Yield what the contact may share with others, and the ids of those who do."""
    others = EnrichedContact.objects.exclude(pk=contact.pk).order_by("pk").values_list("pk", flat=True)
    if contact.linked_contact_id:
        yield LINKED, others.filter(linked_contact=contact.linked_contact_id)
    same = _same_addresses(contact)
    if same is not None:
        yield ADDRESS, others.filter(emails__in=same).distinct()
    if contact.linkedin_id_index:
        yield PROFILE, others.filter(linkedin_id_index=contact.linkedin_id_index)


def _same_addresses(contact: EnrichedContact) -> "QuerySet[ContactEmail] | None":
    """Return others' rows of the contact's addresses; None when it has no address.

    Without those that are a guess at both: colleagues of much the same name often get the same one.
    """
    own = list(contact.emails.order_by().values_list("email_index", "generation_method"))
    firm = [index for index, method in own if method != GenerationMethod.PATTERN_DETECTION]
    same = ContactEmail.objects.filter(email_index__in=[index for index, _ in own]).exclude(enriched_contact=contact)
    guessed = Q(generation_method=GenerationMethod.PATTERN_DETECTION) & ~Q(email_index__in=firm)
    return same.exclude(guessed).order_by() if own else None
