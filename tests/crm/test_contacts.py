"""One person is one CRM contact with one primary address, however often and from however many sides they come."""

import pytest
from django.contrib.auth import get_user_model

from crm import contacts
from crm.contacts import Address, Facts
from crm.models import Contact
from tests.crm import at_once
from tests.factories import BrandFactory, CrmAddressFactory

pytestmark = pytest.mark.django_db

PROFILE = "https://linkedin.com/in/ada"
ADA = Facts("Ada", "Müller", "CMO", "c_level", "marketing", PROFILE, "GB", "manual", [{"url": "u"}])


def address(email: str = "ada@acme.example", **fields) -> Address:
    return Address(email, **{"origin": "guessed", "probability": 0.4} | fields)


@pytest.fixture
def brand():
    return BrandFactory()


def test_a_new_contact_has_all_facts_and_addresses_and_the_first_is_primary(brand) -> None:
    user = get_user_model().objects.create_user("boss")
    best = address(verification_status="verified", verification_score=100)
    contact = contacts.find_or_create(brand, ADA, [best, address("am@acme.example", origin="provider")], user)
    contact.refresh_from_db()
    assert (contact.brand, contact.created_by, str(contact)) == (brand, user, "Ada Müller")
    assert (contact.job_title, contact.seniority, contact.department) == ("CMO", "c_level", "marketing")
    assert (contact.region_code, contact.lawful_basis, contact.evidence) == ("GB", "manual", [{"url": "u"}])
    assert contact.linkedin_url == PROFILE
    rows = contact.addresses.all()
    assert [(row.email, row.is_primary, row.origin) for row in rows] == [
        ("ada@acme.example", True, "guessed"),
        ("am@acme.example", False, "provider"),
    ]
    assert (rows[0].probability, rows[0].verification_status, rows[0].verification_score) == (0.4, "verified", 100)


def test_the_same_name_and_a_shared_address_is_the_same_contact(brand) -> None:
    first = contacts.find_or_create(brand, ADA, [address()], None)
    again = contacts.find_or_create(
        brand, Facts("ADA", "Muller"), [address("am@acme.example"), address("Ada@ACME.example")], None
    )
    assert again == first
    assert sorted(row.email for row in first.addresses.all()) == ["ada@acme.example", "am@acme.example"]
    assert first.addresses.get(is_primary=True).email == "ada@acme.example", "what was primary stays so"


@pytest.mark.parametrize(
    ("facts", "given"),
    [
        (ADA, [address("other@acme.example")]),
        (ADA, []),
        (Facts("Grace", "Example"), [address()]),
    ],
)
def test_without_the_same_name_and_a_shared_address_it_is_somebody_else(brand, facts, given) -> None:
    first = contacts.find_or_create(brand, ADA, [address()], None)
    assert contacts.find_or_create(brand, facts, given, None) != first


def test_the_same_person_at_another_brand_is_another_contact(brand) -> None:
    first = contacts.find_or_create(brand, ADA, [address()], None)
    assert contacts.find_or_create(BrandFactory(), ADA, [address()], None) != first


def test_facts_fill_what_is_missing_and_overwrite_nothing(brand) -> None:
    contacts.find_or_create(brand, Facts("Ada", "Müller", job_title="Founder"), [address()], None)
    contact = contacts.find_or_create(brand, ADA, [address()], None)
    contact.refresh_from_db()
    assert contact.job_title == "Founder"
    assert (contact.seniority, contact.department, contact.region_code) == ("c_level", "marketing", "GB")
    assert (contact.lawful_basis, contact.evidence) == ("manual", [{"url": "u"}])
    contacts.find_or_create(brand, Facts("Ada", "Müller", "X", "staff", "legal", None, "US"), [address()], None)
    contact.refresh_from_db()
    assert (contact.job_title, contact.seniority, contact.department, contact.region_code) == (
        "Founder", "c_level", "marketing", "GB",
    )  # fmt: skip


def test_an_address_given_twice_is_one_row(brand) -> None:
    contact = contacts.find_or_create(brand, ADA, [address(), address("ADA@acme.example", origin="manual")], None)
    assert contact.addresses.get().origin == "guessed"


def test_a_second_address_does_not_become_primary_and_the_first_of_none_does() -> None:
    there = CrmAddressFactory()
    contacts.add_addresses(there.contact, [address("new@acme.example"), address("newer@acme.example")])
    assert there.contact.addresses.get(is_primary=True) == there
    there.contact.addresses.all().delete()
    contacts.add_addresses(there.contact, [address("new@acme.example"), address("newer@acme.example")])
    assert there.contact.addresses.get(is_primary=True).email == "new@acme.example"


def test_the_primary_address_moves_and_there_is_never_a_second() -> None:
    first = CrmAddressFactory()
    contact = first.contact
    second = CrmAddressFactory(contact=contact, is_primary=False, probability=0.9)
    contacts.make_primary(contact, second)
    assert contact.addresses.get(is_primary=True) == second
    contacts.make_primary(contact)
    assert contact.addresses.get(is_primary=True) == second, "without a choice it stays"
    second.delete()
    contacts.make_primary(contact)
    assert contact.addresses.get(is_primary=True) == first


def test_what_is_known_of_addresses_is_brought_up_to_date_and_nothing_else() -> None:
    first = CrmAddressFactory(email="Ada@acme.example", origin="manual")
    contact = first.contact
    other = CrmAddressFactory(contact=contact, email="am@acme.example", is_primary=False)
    elsewhere = CrmAddressFactory(email="ada@acme.example")
    told = {"probability": 0.98, "model_probability": 0.9, "verification_status": "risky", "verification_score": 7}
    contacts.update_addresses(
        contact, [address("ada@ACME.example", origin="provider", **told), address("new@acme.example")]
    )
    for row in (first, other, elsewhere):
        row.refresh_from_db()
    assert {name: getattr(first, name) for name in told} == told
    assert (first.email, first.origin, first.is_primary) == ("Ada@acme.example", "manual", True)
    assert (other.probability, elsewhere.probability) == (0.42, 0.42)
    assert contact.addresses.count() == 2, "one that the contact does not have is left out"


def test_of_an_address_without_prediction_nothing_is_left_of_the_old_one() -> None:
    row = CrmAddressFactory()
    contacts.update_addresses(row.contact, [Address(row.email, "manual")])
    row.refresh_from_db()
    assert (row.probability, row.verification_status, row.verification_score) == (None, "", None)


def test_many_addresses_take_no_query_each(brand, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(10):
        contacts.find_or_create(brand, ADA, [address(f"ada{n}@acme.example") for n in range(50)], None)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_contact(brand, monkeypatch) -> None:
    monkeypatch.setattr(contacts, "_find", at_once.meeting(contacts._find))
    assert at_once.run(lambda: contacts.find_or_create(brand, ADA, [address()], None)) == []
    assert Contact.objects.get().addresses.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_address_at_once_make_one_row_and_no_error(monkeypatch) -> None:
    contact = CrmAddressFactory().contact
    monkeypatch.setattr(contacts, "_index", at_once.meeting(contacts._index))
    assert at_once.run(lambda: contacts.add_addresses(contact, [address("new@acme.example")])) == []
    assert contact.addresses.count() == 2
