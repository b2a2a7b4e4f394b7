"""/api/crm: brands, the suppression list, CSV in and out, outcomes; and who may."""

import pytest
from rest_framework.test import APIClient

from crm import outcomes, suppression
from crm.models import Brand, Contact, Suppression
from tests.factories import BrandFactory, CrmAddressFactory
from tests.outreach.factories import EnrolmentFactory, MessageFactory

CRM = "/api/crm"
NOBODY = "00000000-0000-7000-8000-000000000000"
FILE = "email,first name,last name,company\nada@acme.example,Ada,Moss,Acme\nno address,Bo,Roe,Acme\n"

ENDPOINTS = [
    ("get", "brands"),
    ("get", "brands/x"),
    ("patch", "brands/x"),
    ("get", "contacts"),
    ("post", "contacts"),
    ("get", "contacts/x"),
    ("patch", "contacts/x"),
    ("delete", "contacts/x"),
    ("post", "contacts/x/addresses"),
    ("post", "contacts/x/primary"),
    ("get", "contacts/x/notes"),
    ("post", "contacts/x/notes"),
    ("get", "contacts/x/history"),
    ("post", "contacts/x/consents"),
    ("get", "contacts/x/duplicates"),
    ("post", "contacts/x/merge"),
    ("post", "consents/x/withdraw"),
    ("post", "merges/x/undo"),
    ("get", "suppressions"),
    ("post", "suppressions"),
    ("post", "suppressions/check"),
    ("post", "suppressions/remove"),
    ("post", "imports"),
    ("get", "exports/contacts.csv"),
    ("get", "exports/brands.csv"),
    ("get", "exports/suppressions.csv"),
    ("get", "outcomes"),
]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_only_staff_may(db, visitor, method, path) -> None:
    client = APIClient()
    answer = getattr(client, method)(f"{CRM}/{path}")
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authenticated")
    client.force_authenticate(visitor)
    answer = getattr(client, method)(f"{CRM}/{path}")
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden: Admin access required")


@pytest.mark.parametrize(("method", "path"), [pair for pair in ENDPOINTS if "/x" in pair[1]])
@pytest.mark.parametrize("key", ["x", NOBODY])
def test_an_unknown_id_is_404(api, method, path, key) -> None:
    answer = getattr(api, method)(f"{CRM}/{path.replace('/x', f'/{key}')}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_brands_are_listed_searched_and_changed(api, django_assert_max_num_queries) -> None:
    bolt, acme = BrandFactory(name="Bolt", domain="bolt.example"), BrandFactory(name="Acme")
    with django_assert_max_num_queries(1 + 3):
        body = api.get(f"{CRM}/brands").json()
    assert [brand["name"] for brand in body["brands"]] == ["Acme", "Bolt"]
    assert [brand["name"] for brand in api.get(f"{CRM}/brands", {"search": "bolt.ex"}).json()["brands"]] == ["Bolt"]
    assert [b["id"] for b in api.get(f"{CRM}/brands", {"ordering": "-createdAt"}).json()["brands"]] == [
        str(acme.pk),
        str(bolt.pk),
    ]
    changes = {
        "name": "Bolt GmbH",
        "website": "bolt.example/de",
        "region": "de",
        "linkedInCompanyUrl": "https://www.linkedin.com/company/bolt",
    }
    changed = api.patch(f"{CRM}/brands/{bolt.pk}", changes, format="json").json()["brand"]
    assert changed == changed | changes | {"website": "https://bolt.example/de", "region": "DE"}
    assert api.get(f"{CRM}/brands/{bolt.pk}").json()["brand"] == changed
    assert Brand.objects.get(pk=bolt.pk).name_key == "bolt"


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"website": "not a url"}, {"region": "XX"}, {"domain": "x.example"}]
)
def test_what_cannot_be_changed_of_a_brand_is_400(api, body) -> None:
    answer = api.patch(f"{CRM}/brands/{BrandFactory().pk}", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")


def test_two_brands_without_a_domain_have_two_names(api) -> None:
    BrandFactory(name="Acme", name_key="acme", domain=None)
    other = BrandFactory(name="Bolt", name_key="bolt", domain=None)
    answer = api.patch(f"{CRM}/brands/{other.pk}", {"name": "ACME"}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    assert "Another brand" in answer.json()["message"]


def test_adding_to_the_suppression_list_stops_what_is_planned(api, admin) -> None:
    message = MessageFactory()
    address = message.enrolment.address.email
    body = {"values": [address, "bolt.example"], "reason": "objection"}
    answer = api.post(f"{CRM}/suppressions", body, format="json").json()
    assert answer == {"success": True, "added": 2, "known": 0, "stopped": 1}
    message = type(message).objects.get()
    assert (message.state, message.enrolment.stop_reason) == ("cancelled", "suppressed")
    assert api.post(f"{CRM}/suppressions", body, format="json").json()["known"] == 2
    assert {row.created_by for row in Suppression.objects.all()} == {admin}


def test_the_suppression_list_shows_no_values_and_says_who_is_on_it(api, django_assert_max_num_queries) -> None:
    suppression.add(["ada@acme.example"], "objection")
    suppression.add(["bolt.example"], "manual")
    body = api.get(f"{CRM}/suppressions").json()
    assert [(row["kind"], row["reason"]) for row in body["suppressions"]] == [
        ("domain", "manual"),
        ("address", "objection"),
    ]
    assert "acme" not in str(body)
    assert api.get(f"{CRM}/suppressions", {"kind": "domain", "reason": "objection"}).json()["suppressions"] == []
    values = ["Ada@acme.example", "bo@mail.bolt.example", "bolt.example", "@bolt.example", "acme.example"]
    with django_assert_max_num_queries(1 + 1 + 1):  # the last in the audit trail
        results = api.post(f"{CRM}/suppressions/check", {"values": values}, format="json").json()["results"]
    assert results == [
        {"value": value, "suppressed": suppressed}
        for value, suppressed in zip(values, [True, True, True, True, False], strict=True)
    ]
    removed = api.post(f"{CRM}/suppressions/remove", {"values": values}, format="json").json()
    assert removed == {"success": True, "removed": 2}
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("path", ["", "/check", "/remove"])
@pytest.mark.parametrize(
    "body", [{}, {"values": []}, {"values": ["no address"]}, {"values": [5]}, {"values": "a@b.example"}]
)
def test_what_is_neither_address_nor_domain_is_400(api, path, body) -> None:
    answer = api.post(f"{CRM}/suppressions{path}", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")


def sent(api, text: str | bytes, query: str = "", content_type: str = "text/csv"):
    return api.generic("POST", f"{CRM}/imports{query}", text, content_type=content_type)


def test_a_file_is_tried_then_imported(api) -> None:
    tried = sent(api, FILE, "?dryRun=true").json()["report"]
    assert (tried["dryRun"], tried["created"], Contact.objects.count()) == (True, 1, 0)
    report = sent(api, FILE, content_type="text/csv; charset=utf-8").json()["report"]
    assert report == tried | {"dryRun": False}
    assert [(error["line"], error["column"]) for error in report["errors"]] == [(3, "email")]
    assert Contact.objects.get().last_name == "Moss"


def test_what_is_no_file_is_400(api, settings) -> None:
    for text in ("", "what,is,this\n1,2,3\n"):
        answer = sent(api, text)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_file"), text
    answer = sent(api, "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_content_type")
    assert "text/csv" in answer.json()["message"]
    assert sent(api, FILE, "?dryRun=perhaps").json()["error"] == "invalid_input"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50
    answer = sent(api, FILE)
    assert (answer.status_code, answer.json()["error"]) == (400, "body_too_large")


@pytest.mark.parametrize("accept", ["*/*", "text/csv", "text/html"])
def test_what_is_exported_is_read_back(api, accept) -> None:
    address = CrmAddressFactory(contact__first_name="=Ada", contact__lawful_basis="manual", email="ada@acme.example")
    answer = api.get(f"{CRM}/exports/contacts.csv", HTTP_ACCEPT=accept)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="contacts.csv"' in answer.headers["Content-Disposition"]
    text = b"".join(answer.streaming_content)
    assert b"'=Ada" in text
    Contact.objects.all().delete()
    assert sent(api, text).json()["report"]["created"] == 1
    contact = Contact.objects.get()
    assert (contact.first_name, contact.brand) == ("=Ada", address.contact.brand)
    again = b"".join(api.get(f"{CRM}/exports/contacts.csv").streaming_content)
    assert again == text


def test_brands_and_the_suppression_list_are_exported(api) -> None:
    BrandFactory(name="Acme")
    suppression.add(["ada@acme.example"], "objection")
    brands = b"".join(api.get(f"{CRM}/exports/brands.csv").streaming_content).decode()
    assert brands.splitlines()[0].startswith("company,domain")
    assert "Acme" in brands
    listed = b"".join(api.get(f"{CRM}/exports/suppressions.csv").streaming_content).decode()
    assert "objection" in listed
    assert "ada@" not in listed


def test_outcomes_are_counted(api) -> None:
    outcomes.record("ada@acme.example", "bounced", None)
    body = api.get(f"{CRM}/outcomes").json()
    assert body["outcomes"] == {"delivered": 0, "bounced": 1, "replied": 0, "complained": 0}


def test_the_enrolment_of_somebody_else_goes_on(api) -> None:
    other = EnrolmentFactory()
    assert api.post(f"{CRM}/suppressions", {"values": ["bolt.example"]}, format="json").json()["stopped"] == 0
    other.refresh_from_db()
    assert other.state == "active"
