"""What teaches a domain's pattern beside its pages: contacts, the CRM, and what became of messages."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from crm.models import ContactAddress
from enrichment import known_addresses, outcomes
from enrichment.emails.patterns import Known
from enrichment.models import ContactEmail
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, CrmContactFactory, EmailFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def contact(address: str = "ada.example@acme.example", method: str | None = "smtp_ping", **fields) -> ContactEmail:
    return EmailFactory(
        enriched_contact=ContactFactory(first_name="Ada", last_name="Example"),
        email=address,
        domain=address.rpartition("@")[2],
        verification_method=method,
        **fields,
    )


def in_crm(brand, address: str = "ada.example@acme.example", origin: str = "manual") -> ContactAddress:
    person = CrmContactFactory(brand=brand, first_name="Ada", last_name="Example")
    return CrmAddressFactory(contact=person, email=address, origin=origin)


def told(pairs: list[Known]) -> list[tuple[str, str, str, bool]]:
    return [(pair.name, pair.email, pair.source, pair.right) for pair in pairs]


def test_without_a_domain_nothing_is_known() -> None:
    contact()
    assert known_addresses.at(None, ()) == []


@pytest.mark.parametrize(
    ("method", "source"), [("published", "website"), ("manual", "manual"), ("smtp_ping", "smtp"), ("api", "provider")]
)
def test_the_addresses_of_contacts_teach_by_their_proof(method, source) -> None:
    contact("Ada.Example@ACME.example", method, last_checked_at=AT)
    EmailFactory(email="bo@else.example", domain="else.example", verification_method=method)
    ContactEmail.objects.filter(domain="ACME.example").update(domain="acme.example")
    assert known_addresses.at("acme.example", ()) == [
        Known("Ada Example", "ada.example@acme.example", source, AT, right=True)
    ]


@pytest.mark.parametrize("fields", [{"method": "pattern"}, {"method": "mx_check"}, {"method": None}])
def test_a_guess_teaches_nothing(fields) -> None:
    contact(**fields)
    assert known_addresses.at("acme.example", ()) == []


def test_an_address_that_the_mail_server_refused_is_not_taken_for_right() -> None:
    contact(smtp_check_passed=False)
    assert known_addresses.at("acme.example", ()) == []


def test_of_the_crm_only_the_brands_asked_for_count() -> None:
    brand = BrandFactory()
    in_crm(brand)
    in_crm(BrandFactory(), "bo@acme.example")
    assert told(known_addresses.at("acme.example", {brand.pk})) == [
        ("Ada Example", "ada.example@acme.example", "crm", True)
    ]
    assert known_addresses.at("acme.example", ()) == known_addresses.at("else.example", {brand.pk}) == []


def test_a_guess_in_the_crm_teaches_once_somebody_wrote_to_it() -> None:
    brand = BrandFactory()
    in_crm(brand, origin="guessed")
    assert known_addresses.at("acme.example", {brand.pk}) == []
    outcomes.record("ada.example@acme.example", "delivered", AT)
    assert known_addresses.at("acme.example", {brand.pk}) == [
        Known("Ada Example", "ada.example@acme.example", "outcome", AT, right=True)
    ]


@pytest.mark.parametrize(("kind", "right"), [("bounced", False), ("delivered", True), ("replied", True)])
def test_what_became_of_a_message_decides(kind, right) -> None:
    contact(method="published")
    outcomes.record("ada.example@acme.example", kind)
    assert told(known_addresses.at("acme.example", ())) == [
        ("Ada Example", "ada.example@acme.example", "outcome", right)
    ]


def test_a_complaint_decides_nothing() -> None:
    contact()
    outcomes.record("ada.example@acme.example", "complained")
    assert told(known_addresses.at("acme.example", ()))[0][2:] == ("smtp", True)


def test_the_contact_counts_before_the_crm_and_an_address_once() -> None:
    brand = BrandFactory()
    in_crm(brand)
    contact()
    assert [pair.source for pair in known_addresses.at("acme.example", {brand.pk})] == ["smtp"]


def test_of_a_large_domain_the_newest_count(monkeypatch) -> None:
    monkeypatch.setattr(known_addresses, "MAX_KNOWN", 2)
    now = timezone.now()
    for age in (3, 1, 2):
        row = contact(f"ada{age}@acme.example")
        ContactEmail.objects.filter(pk=row.pk).update(created_at=now.replace(year=now.year - age))
    contact("ada@else.example")
    known = known_addresses.at_many({"acme.example": (), "else.example": ()})
    assert [pair.email for pair in known["acme.example"]] == ["ada1@acme.example", "ada2@acme.example"]
    assert [pair.email for pair in known["else.example"]] == ["ada@else.example"]


def test_of_a_large_brand_the_newest_count(monkeypatch) -> None:
    monkeypatch.setattr(known_addresses, "MAX_KNOWN", 2)
    brands = [BrandFactory(), BrandFactory()]
    for number in range(3):
        for brand in brands:
            in_crm(brand, f"ada{number}@acme{brands.index(brand)}.example")
    known = known_addresses.at_many({f"acme{number}.example": {brand.pk} for number, brand in enumerate(brands)})
    assert {domain: sorted(pair.email[:4] for pair in pairs) for domain, pairs in known.items()} == {
        "acme0.example": ["ada1", "ada2"],
        "acme1.example": ["ada1", "ada2"],
    }


def test_many_domains_take_no_query_each(django_assert_max_num_queries) -> None:
    brands = [BrandFactory() for _ in range(30)]
    for number, brand in enumerate(brands):
        contact(f"ada@acme{number}.example")
        in_crm(brand, f"bo@acme{number}.example")
    with django_assert_max_num_queries(3):
        known = known_addresses.at_many({f"acme{n}.example": {brand.pk} for n, brand in enumerate(brands)})
    assert {len(pairs) for pairs in known.values()} == {2}
