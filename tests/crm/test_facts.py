"""What sources say of a company."""

import uuid

import pytest

from crm import facts
from crm.models import Brand

pytestmark = pytest.mark.django_db


def claim(source: str, field: str, value: str) -> dict[str, str]:
    return {
        "field": field,
        "value": value,
        "url": "https://example.org/",
        "snippet": "",
        "source": source,
        "seenAt": "",
    }


def test_a_source_replaces_what_it_said_of_a_field_and_leaves_the_others_alone() -> None:
    brand = Brand.objects.create(name="Acme")
    facts.record(brand.pk, [claim("wikidata", "industry", "Anvils"), claim("wikidata", "employees", "12")])
    facts.record(brand.pk, [claim("brreg", "industry", "Smithing")])
    facts.record(brand.pk, [claim("wikidata", "employees", "14")])
    brand.refresh_from_db()
    assert {(one["source"], one["field"], one["value"]) for one in brand.facts} == {
        ("wikidata", "industry", "Anvils"),
        ("brreg", "industry", "Smithing"),
        ("wikidata", "employees", "14"),
    }


def test_there_is_an_end_to_what_is_kept() -> None:
    brand = Brand.objects.create(name="Acme")
    facts.record(brand.pk, [claim("wikidata", "subsidiary", f"Acme {number}") for number in range(200)])
    brand.refresh_from_db()
    assert len(brand.facts) == facts.MAX_FACTS


def test_a_brand_that_is_gone_or_never_was_is_no_error() -> None:
    facts.record(None, [claim("wikidata", "industry", "Anvils")])
    facts.record(uuid.uuid4(), [claim("wikidata", "industry", "Anvils")])
    assert not Brand.objects.exists()
