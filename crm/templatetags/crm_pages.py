"""Badges of the CRM: how far we are with a person, and what the law of their country says to a first e-mail."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.templatetags.pages import badge
from crm import lawful_basis as bases
from crm import region_inference, regions
from crm.models import Contact

register = template.Library()

RELATIONSHIPS = {
    Contact.Relationship.NEW: "info",
    Contact.Relationship.CONTACTED: "wait",
    Contact.Relationship.REPLIED: "good",
    Contact.Relationship.CUSTOMER: "good",
    Contact.Relationship.CLOSED: "off",
}
RULES = {
    regions.Action.ALLOW: ("opt-out", "good"),
    regions.Action.HOLD: ("held", "wait"),
    regions.Action.BLOCK: ("needs consent", "bad"),
}


@register.simple_tag
def relationship(contact: Contact) -> SafeString:
    """Return how far we are with a contact as a badge."""
    status = Contact.Relationship(contact.relationship_status)
    return badge(status.label, RELATIONSHIPS[status])


@register.simple_tag
def region(code: str) -> SafeString:
    """Return a region with the rule for a first e-mail as a badge."""
    word, tone = RULES[regions.policy(code).default_action]
    return badge(f"{code or 'unknown'} · {word}", tone)


@register.inclusion_tag("crm/lawful_basis.html")
def lawful_basis(value: str | None) -> dict[str, object]:
    """Return a lawful basis with where it stands in the law and what it asks of us."""
    return {"basis": bases.of(value)}


@register.inclusion_tag("crm/region_known.html")
def region_known(basis: dict[str, Any] | None) -> dict[str, object]:
    """Return how a region is known, with a link to where that stands (region_inference.py)."""
    if not basis:
        return {"basis": None}
    also = [{**sign, "said": region_inference.WORDS.get(sign["how"], sign["how"])} for sign in basis.get("also", ())]
    return {"basis": {**basis, "also": also}, "said": region_inference.sentence(basis)}
