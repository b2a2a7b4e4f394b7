"""Contacts who may be one person."""

import pytest

from crm import duplicates
from tests.factories import BrandFactory, CrmAddressFactory, CrmContactFactory

pytestmark = pytest.mark.django_db


def person(brand, first: str, last: str):
    return CrmContactFactory(brand=brand, first_name=first, last_name=last)


def test_the_likeliest_come_first() -> None:
    brand = BrandFactory()
    ada = person(brand, "Ada", "Müller-Example")
    swapped = person(brand, "Müller-Example", "Ada")
    same = person(brand, "ADA", "Muller Example")
    shared = CrmAddressFactory(contact__first_name="Al", email="ada@acme.example").contact
    CrmAddressFactory(contact=ada, email="Ada@ACME.example")
    person(brand, "Grace", "Sample")
    person(BrandFactory(), "Ada", "Müller-Example")
    found = duplicates.duplicates_of(ada)
    assert [({pair.first, pair.second} - {ada}, pair.reason) for pair in found] == [
        ({shared}, duplicates.ADDRESS),
        ({same}, duplicates.NAME),
        ({swapped}, duplicates.SIMILAR),
    ]
    assert len(duplicates.duplicates_of(ada, limit=1)) == 1


def test_all_pairs_are_found_once_in_a_few_queries(django_assert_num_queries) -> None:
    brand = BrandFactory()
    one, other, third = (person(brand, "Ada", "Example") for _ in range(3))
    CrmAddressFactory(contact=one, email="ada@acme.example")
    CrmAddressFactory(contact=other, email="ada@acme.example")
    elsewhere = CrmAddressFactory(email="ADA@acme.example").contact
    for n in range(20):
        person(BrandFactory(), "Grace", f"Sample{n}")
    with django_assert_num_queries(5):
        found = duplicates.all_pairs()
    assert [(pair.first, pair.second, pair.reason) for pair in found] == [
        (one, other, duplicates.ADDRESS),
        (one, elsewhere, duplicates.ADDRESS),
        (other, elsewhere, duplicates.ADDRESS),
        (one, third, duplicates.NAME),
        (other, third, duplicates.NAME),
    ]
    assert len(duplicates.all_pairs(limit=2)) == 2
