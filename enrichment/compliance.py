"""What the rules of a contact's country say to writing to it: enrichment's words put into those of crm/regions.py."""

from crm import regions
from crm.models import ContactAddress
from enrichment.models import ContactEmail, EnrichedContact, GenerationMethod

Origin = ContactAddress.Origin

ORIGINS = {
    GenerationMethod.PUBLISHED: Origin.PUBLISHED,
    GenerationMethod.PATTERN_DETECTION: Origin.GUESSED,
    GenerationMethod.API_ENRICHMENT: Origin.PROVIDER,
    GenerationMethod.MANUAL: Origin.MANUAL,
}


def origin_of(generation_method: str | None) -> str:
    """Return how an address came to us, as the CRM calls it. One that does not say is no better than a guess."""
    return ORIGINS[GenerationMethod(generation_method)] if generation_method else Origin.GUESSED


def decision(contact: EnrichedContact, best_email: ContactEmail | None) -> regions.Decision | None:
    """Return what the contact's country says to a first message to its best address; None without an address."""
    if best_email is None:
        return None
    origin = origin_of(best_email.generation_method)
    return regions.decide(contact.region_code, origin=origin, relevant=regions.concerns_role(contact.seniority))


def passes(contact: EnrichedContact, best_email: ContactEmail | None) -> bool:
    """Return whether a first message to the best address may go without a human decision (`complianceCheckPassed`)."""
    answer = decision(contact, best_email)
    return answer is not None and answer.action == regions.Action.ALLOW
