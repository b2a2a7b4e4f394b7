"""/api/crm/contacts: the list, entering and changing people by hand, their addresses."""

import pytest

from crm import suppression
from crm.models import Contact, ContactAddress
from tests.factories import BrandFactory, CrmAddressFactory, CrmContactFactory
from tests.outreach.factories import EnrolmentFactory

CONTACTS = "/api/crm/contacts"
NOBODY = "00000000-0000-7000-8000-000000000000"


def entered(**changed) -> dict[str, object]:
    given = {"brandName": "Acme", "firstName": "Ada", "lastName": "Example", "addresses": ["ada@acme.example"]}
    return {name: value for name, value in {**given, **changed}.items() if value is not None}


def found(api, **query) -> list[str]:
    answer = api.get(CONTACTS, query)
    assert answer.status_code == 200, answer.json()
    return [contact["id"] for contact in answer.json()["contacts"]]


def test_a_contact_shows_addresses_consents_and_open_enrolments(api, admin) -> None:
    enrolment = EnrolmentFactory()
    EnrolmentFactory(address=enrolment.address, state="stopped")
    contact = enrolment.contact
    suppression.add([enrolment.address.email], "objection")
    body = api.get(f"{CONTACTS}/{contact.pk}").json()["contact"]
    assert body == body | {
        "id": str(contact.pk),
        "brandId": str(contact.brand_id),
        "company": contact.brand.name,
        "firstName": "Ada",
        "region": "US",
        "relationship": "New",
        "consents": [],
        "merges": [],
        "suppressed": [str(enrolment.address.pk)],
        "openEnrolmentIds": [str(enrolment.pk)],
    }
    assert [(row["email"], row["primary"]) for row in body["addresses"]] == [(enrolment.address.email, True)]


def test_the_list_is_searched_filtered_and_ordered(api, admin) -> None:
    ada = CrmContactFactory(first_name="Ada", last_name="Moss", region_code="DE", relationship_status="Replied")
    bo = CrmContactFactory(first_name="Bo", last_name="Roe", job_title="Buyer", owner=admin)
    CrmAddressFactory(contact=bo, email="bo@bolt.example")
    assert found(api) == [str(bo.pk), str(ada.pk)]
    assert found(api, ordering="lastName") == [str(ada.pk), str(bo.pk)]
    assert found(api, search="buyer roe") == found(api, search="BO@bolt.example") == [str(bo.pk)]
    assert found(api, search=ada.brand.name) == found(api, brandId=str(ada.brand_id)) == [str(ada.pk)]
    assert found(api, relationship="Replied") == found(api, region="de") == [str(ada.pk)]
    assert found(api, ownerId=admin.pk) == [str(bo.pk)]
    assert found(api, search="nobody") == found(api, brandId="x") == found(api, search="bo@bolt") == []


@pytest.mark.parametrize(
    ("query", "named"),
    [({"relationship": "Friend"}, "New, Contacted"), ({"ordering": "email"}, "lastName"), ({"ownerId": "me"}, "ntege")],
)
def test_a_value_that_there_is_not_is_400_and_names_those_there_are(api, query, named) -> None:
    answer = api.get(CONTACTS, query)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    assert named in answer.json()["message"]


def test_a_page_takes_no_query_for_each_row(api, django_assert_max_num_queries) -> None:
    for _ in range(20):
        CrmAddressFactory(contact=CrmContactFactory())
    with django_assert_max_num_queries(1 + 5):
        body = api.get(CONTACTS, {"limit": 15}).json()
    assert [len(contact["addresses"]) for contact in body["contacts"]] == [1] * 15
    with django_assert_max_num_queries(1 + 4):
        assert len(found(api, limit=15, cursor=body["pagination"]["nextCursor"])) == 5


def test_a_contact_is_entered_by_hand_once(api, admin) -> None:
    body = entered(addresses=["ada@acme.example", "a@acme.example"], region="uk", jobTitle="Buyer")
    first = api.post(CONTACTS, body, format="json").json()["contact"]
    assert first == first | {"company": "Acme", "region": "GB", "jobTitle": "Buyer", "lawfulBasis": "manual"}
    assert [(row["email"], row["primary"], row["origin"]) for row in first["addresses"]] == [
        ("ada@acme.example", True, "manual"),
        ("a@acme.example", False, "manual"),
    ]
    assert Contact.objects.get().created_by == admin
    again = api.post(CONTACTS, entered(brandName=None, brandId=first["brandId"]), format="json").json()["contact"]
    assert again["id"] == first["id"]


@pytest.mark.parametrize("listed", ["ada@acme.example", "acme.example"])
def test_nobody_on_the_suppression_list_is_entered(api, listed) -> None:
    suppression.add([listed], "objection")
    answer = api.post(CONTACTS, entered(), format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "suppressed")
    assert not Contact.objects.exists()
    colleague = CrmContactFactory(brand=BrandFactory(domain="acme.example"))
    added = api.post(f"{CONTACTS}/{colleague.pk}/addresses", {"email": "ada@acme.example"}, format="json")
    assert (added.status_code, added.json()["error"]) == (400, "suppressed")
    assert not ContactAddress.objects.exists()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"brandName": None}, "exactly one"),
        ({"brandId": NOBODY}, "exactly one"),
        ({"firstName": " "}, "firstName"),
        ({"lastName": 5}, "lastName"),
        ({"addresses": ["ada"]}, "e-mail address"),
        ({"addresses": None}, "addresses"),
        ({"region": "XX"}, "two-letter"),
        ({"linkedInUrl": "nowhere"}, "address on the web"),
        ({"lawfulBasis": "none"}, "lawfulBasis"),
    ],
)
def test_what_cannot_be_entered_is_400_and_nothing_is_kept(api, changed, named) -> None:
    answer = api.post(CONTACTS, entered(**changed), format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    assert named in answer.json()["message"]
    assert not Contact.objects.exists()


def test_an_unknown_brand_is_404(api) -> None:
    assert api.post(CONTACTS, entered(brandName=None, brandId=NOBODY), format="json").status_code == 404


def test_changes_are_kept_and_those_that_matter_stand_in_the_history(api, admin) -> None:
    contact = CrmContactFactory()
    changes = {
        "firstName": "Eda",
        "jobTitle": "",
        "linkedInUrl": "www.linkedin.com/in/eda",
        "region": "uk",
        "relationship": "Customer",
        "ownerId": admin.pk,
        "lawfulBasis": None,
    }
    body = api.patch(f"{CONTACTS}/{contact.pk}", changes, format="json").json()["contact"]
    assert body == body | changes | {"linkedInUrl": "https://www.linkedin.com/in/eda", "region": "GB"}
    lines = api.get(f"{CONTACTS}/{contact.pk}/history").json()["history"]
    assert {(line["kind"], line["actor"]) for line in lines} == {
        ("owner_changed", "boss"),
        ("relationship_changed", "boss"),
    }


@pytest.mark.parametrize(
    "body",
    [{}, [], {"unknown": 1}, {"relationship": "Friend"}, {"ownerId": 10_000}, {"region": "XX"}, {"linkedInUrl": "x"}],
)
def test_what_cannot_be_changed_is_400(api, body) -> None:
    answer = api.patch(f"{CONTACTS}/{CrmContactFactory().pk}", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")


def test_only_staff_may_own_a_contact(api, visitor) -> None:
    answer = api.patch(f"{CONTACTS}/{CrmContactFactory().pk}", {"ownerId": visitor.pk}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")


def test_an_address_is_added_once_and_made_the_primary_one(api) -> None:
    contact = CrmAddressFactory(email="old@acme.example").contact
    path = f"{CONTACTS}/{contact.pk}"
    first, second = (
        api.post(f"{path}/addresses", {"email": email}, format="json").json()["address"]
        for email in ("ada@acme.example", " Ada@ACME.example")
    )
    assert first == second == first | {"email": "ada@acme.example", "primary": False, "origin": "manual"}
    body = api.post(f"{path}/primary", {"addressId": first["id"]}, format="json").json()["contact"]
    assert [(row["email"], row["primary"]) for row in body["addresses"]] == [
        ("ada@acme.example", True),
        ("old@acme.example", False),
    ]
    lines = api.get(f"{path}/history").json()["history"]
    assert [line["kind"] for line in lines] == ["primary_changed", "address_added"]


def test_an_address_must_be_one_and_the_contacts_own_to_be_primary(api) -> None:
    contact, other = CrmContactFactory(), CrmAddressFactory()
    for body in ({"email": "ada"}, {}, {"email": None}):
        answer = api.post(f"{CONTACTS}/{contact.pk}/addresses", body, format="json")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    answer = api.post(f"{CONTACTS}/{contact.pk}/primary", {"addressId": str(other.pk)}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    unknown = api.post(f"{CONTACTS}/{contact.pk}/primary", {"addressId": NOBODY}, format="json")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "not_found")


def test_a_contact_is_deleted_with_all_that_is_planned(api) -> None:
    enrolment = EnrolmentFactory()
    answer = api.delete(f"{CONTACTS}/{enrolment.contact_id}")
    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "Contact deleted"})
    assert not Contact.objects.exists()
    assert not type(enrolment).objects.exists()
    assert api.delete(f"{CONTACTS}/{enrolment.contact_id}").status_code == 404
