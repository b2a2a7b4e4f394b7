"""GET contacts, GET and DELETE contacts/:id."""

import uuid

import pytest

from enrichment.models import ContactEmail, EnrichedContact
from tests.factories import BrandFactory, ContactFactory, EmailFactory

LIST = "/api/enrichment/contacts"


def test_the_list_has_the_printed_shape(api) -> None:
    email = EmailFactory()
    answer = api.get(LIST)
    assert answer.status_code == 200
    body = answer.json()
    assert body["success"] is True
    assert body["pagination"] == {"total": 1, "limit": 50, "offset": 0, "nextCursor": None}
    (contact,) = body["contacts"]
    assert contact["id"] == str(email.enriched_contact_id)
    assert {
        "id", "firstName", "lastName", "jobTitle", "company", "linkedInUrl", "confidenceScore", "source",
        "discoveredAt", "verifiedAt", "addedToCrmAt", "emails",
    } <= set(contact)  # fmt: skip
    assert contact["discoveredAt"].endswith("Z")
    assert contact["emails"][0] == contact["emails"][0] | {
        "email": email.email, "verificationStatus": "verified", "verificationScore": 100,
    }  # fmt: skip


def test_newest_first_and_pages_do_not_overlap(api) -> None:
    made = [ContactFactory() for _ in range(5)]
    pages = [api.get(LIST, {"limit": 2, "offset": offset}).json()["contacts"] for offset in (0, 2, 4)]
    assert [contact["id"] for page in pages for contact in page] == [str(contact.pk) for contact in reversed(made)]


def test_only_the_contacts_of_a_brand(api) -> None:
    mine = ContactFactory()
    ContactFactory()
    answer = api.get(LIST, {"brandId": str(mine.linked_brand_id)}).json()
    assert [contact["id"] for contact in answer["contacts"]] == [str(mine.pk)]
    for nobody in (str(uuid.uuid4()), "x"):
        assert api.get(LIST, {"brandId": nobody}).json()["pagination"]["total"] == 0


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 201}, {"limit": -1}, {"limit": "many"}, {"offset": -1}, {"offset": 2**40}],
)
def test_a_page_out_of_range_is_400_with_a_sentence(api, query) -> None:
    answer = api.get(LIST, query)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_input"
    assert next(iter(query)) in answer.json()["message"]


def test_the_list_asks_the_database_the_same_number_of_times_however_long_it_is(
    api, django_assert_max_num_queries
) -> None:
    for _ in range(10):
        EmailFactory()
    with django_assert_max_num_queries(5):  # one in the audit trail
        assert len(api.get(LIST).json()["contacts"]) == 10


def test_a_contact_has_evidence_activity_and_addresses_that_add_up(api) -> None:
    email = EmailFactory()
    email.enriched_contact.record("Discovered via website")
    email.enriched_contact.save()
    contact = api.get(f"{LIST}/{email.enriched_contact_id}").json()["contact"]
    assert contact["evidence"][0]["url"] == "https://acme.example/team"
    assert contact["activity"][0]["label"] == "Discovered via website"
    (address,) = contact["emails"]
    assert sum(row["points"] for row in address["scoreBreakdown"]) == address["verificationScore"]
    assert address["namePermutations"] == ["first.last", "flast"]
    assert address["mxCheckPassed"] is True


def test_a_trailing_slash_makes_no_difference(api) -> None:
    contact = ContactFactory()
    assert api.get(f"{LIST}/").status_code == 200
    assert api.get(f"{LIST}/{contact.pk}/").status_code == 200


@pytest.mark.parametrize(
    "odd", ["00000000-0000-7000-8000-000000000000", "1", "x", "%00", "a" * 400, "null", "-1", "🙂", "..", "a.b"]
)
def test_an_unknown_or_odd_id_is_404_with_a_sentence(api, odd) -> None:
    for answer in (api.get(f"{LIST}/{odd}"), api.delete(f"{LIST}/{odd}")):
        assert answer.status_code == 404, odd
        assert answer.json()["error"] == "not_found"
        assert answer.json()["message"].endswith(".")


def test_deleting_takes_the_addresses_along(api) -> None:
    email = EmailFactory()
    ContactFactory(linked_brand=BrandFactory())
    answer = api.delete(f"{LIST}/{email.enriched_contact_id}")
    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "Contact deleted"})
    assert EnrichedContact.objects.count() == 1
    assert ContactEmail.objects.count() == 0
    assert api.delete(f"{LIST}/{email.enriched_contact_id}").status_code == 404
