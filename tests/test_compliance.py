"""Enrichment's words for an address and a role, put into those of the countries' rules."""

import pytest

from crm import regions
from crm.models import ContactAddress
from enrichment import compliance
from enrichment.models import EnrichedContact, GenerationMethod
from tests.factories import EmailFactory


@pytest.mark.parametrize(
    ("method", "origin"),
    [
        ("published", "published"),
        ("pattern_detection", "guessed"),
        ("api_enrichment", "provider"),
        ("manual", "manual"),
        (None, "guessed"),
    ],
)
def test_how_an_address_was_formed_says_how_it_came_to_us(method, origin) -> None:
    assert compliance.origin_of(method) == origin


def test_every_way_of_forming_an_address_has_an_origin() -> None:
    assert {compliance.origin_of(method) for method in GenerationMethod.values} == set(ContactAddress.Origin.values)


def test_the_decision_is_the_countrys_for_the_best_address() -> None:
    contact = EnrichedContact(region_code="GB", seniority="head")
    email = EmailFactory.build(enriched_contact=contact, generation_method="published")
    assert compliance.decision(contact, email) == regions.decide("GB", origin="published", relevant=True)
    assert compliance.decision(contact, None) is None
