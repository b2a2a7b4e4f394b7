"""Found contacts who may be one person."""

import pytest

from enrichment import duplicates
from enrichment.models import EnrichedContact
from tests.factories import BrandFactory, ContactFactory, CrmContactFactory, EmailFactory

pytestmark = pytest.mark.django_db


def person(brand: object, first: str, last: str, **fields: object) -> EnrichedContact:
    return ContactFactory(linked_brand=brand, first_name=first, last_name=last, **fields)


def test_the_likeliest_come_first(django_assert_num_queries) -> None:
    brand, crm_contact = BrandFactory(), CrmContactFactory()
    ada = person(brand, "Ada", "Müller-Example", linkedin_id="ada", linked_contact=crm_contact)
    swapped = person(brand, "Müller-Example", "Ada")
    same = person(brand, "ADA", "Muller Example")
    profile = person(BrandFactory(), "Adelheid", "Sample", linkedin_id="ADA")
    shared = EmailFactory(email="ada@acme.example", generation_method="published").enriched_contact
    linked = ContactFactory(linked_contact=crm_contact)
    EmailFactory(enriched_contact=ada, email="Ada@ACME.example")
    EmailFactory(enriched_contact=same, email="ada@acme.example", generation_method="published")
    person(brand, "Grace", "Sample")
    person(BrandFactory(), "Ada", "Müller-Example")
    with django_assert_num_queries(6):
        found = duplicates.duplicates_of(ada)
        assert [str(row.other.linked_brand) for row in found]
    assert {(row.other, row.reason) for row in found[1:3]} == {(same, duplicates.ADDRESS), (shared, duplicates.ADDRESS)}
    assert [(row.other, row.reason) for row in (found[0], *found[3:])] == [
        (linked, duplicates.LINKED),
        (profile, duplicates.PROFILE),
        (swapped, duplicates.SIMILAR),
    ]
    assert [row.other for row in duplicates.duplicates_of(ada, limit=1)] == [linked]


@pytest.mark.parametrize(("mine", "theirs", "one"), [
    ("pattern_detection", "pattern_detection", False),
    ("published", "pattern_detection", True),
    ("pattern_detection", None, True),
])  # fmt: skip
def test_an_address_that_is_a_guess_at_both_says_nothing(mine: str | None, theirs: str | None, one: bool) -> None:
    john = EmailFactory(email="j.sample@acme.example", generation_method=mine).enriched_contact
    EmailFactory(email="j.sample@acme.example", generation_method=theirs)
    assert bool(duplicates.duplicates_of(john)) is one


def test_nobody_is_a_duplicate_for_want_of_facts() -> None:
    bare = [ContactFactory(linked_brand=None, first_name="!", last_name="?", name_key="") for _ in range(2)]
    assert duplicates.duplicates_of(bare[0]) == []
    brand = BrandFactory()
    twins = [person(brand, "!", "?", name_key="") for _ in range(2)]
    assert duplicates.duplicates_of(twins[0]) == []
