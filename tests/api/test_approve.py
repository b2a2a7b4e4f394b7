"""POST approve, POST contacts/:id/link-to-crm, GET contacts/:id/messages."""

import uuid

import pytest

from crm.models import Contact as CrmContact
from enrichment.models import JobContact
from outreach.default_sequence import create
from outreach.models import Sequence
from tests.factories import BrandFactory, ContactFactory, EmailFactory, JobFactory

APPROVE = "/api/enrichment/approve"
CONTACTS = "/api/enrichment/contacts"
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def job(db):
    if not Sequence.objects.exists():
        create()
    return JobFactory()


@pytest.fixture
def contact(job):
    email = EmailFactory(
        enriched_contact=ContactFactory(linked_brand=job.brand, region_code="GB", seniority="vp", decision_maker=True),
        generation_method="published",
        probability=0.95,
    )
    JobContact.objects.create(job=job, contact=email.enriched_contact)
    return email.enriched_contact


def test_the_answer_is_as_printed_and_says_what_came_of_it(api, job, contact) -> None:
    answer = api.post(APPROVE, {"jobId": str(job.pk), "contactIds": [str(contact.pk), NOBODY]}, format="json")
    assert answer.status_code == 200
    contact.refresh_from_db()
    crm_contact = contact.linked_contact
    assert answer.json() == {
        "success": True,
        "result": {
            "jobId": str(job.pk),
            "approvedCount": 1,
            "message": "Contacts approved and ready for outreach sequences",
            "approved": [
                {
                    "contactId": str(contact.pk),
                    "crmContactId": str(crm_contact.pk),
                    "enrolmentId": str(crm_contact.enrolments.get().pk),
                }
            ],
            "skipped": [{"contactId": NOBODY, "reason": "not_found"}],
        },
    }


def test_approving_again_counts_nothing_and_names_the_reason(api, job, contact) -> None:
    body = {"jobId": str(job.pk), "contactIds": [str(contact.pk)]}
    api.post(APPROVE, body, format="json")
    again = api.post(APPROVE, body, format="json").json()["result"]
    assert (again["approvedCount"], again["approved"]) == (0, [])
    assert again["skipped"] == [{"contactId": str(contact.pk), "reason": "already_approved"}]


def test_a_repeated_idempotency_key_gets_the_first_answer(api, job, contact) -> None:
    body = {"jobId": str(job.pk), "contactIds": [str(contact.pk)]}
    first = api.post(APPROVE, body, format="json", HTTP_IDEMPOTENCY_KEY="again")
    second = api.post(APPROVE, body, format="json", HTTP_IDEMPOTENCY_KEY="again")
    assert first.json() == second.json()
    assert first.json()["result"]["approvedCount"] == 1
    assert "Idempotency-Replayed" not in first.headers
    assert second["Idempotency-Replayed"] == "true"
    other = api.post(APPROVE, body | {"contactIds": [NOBODY]}, format="json", HTTP_IDEMPOTENCY_KEY="again")
    assert (other.status_code, other.json()["error"]) == (400, "idempotency_key_reused")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"jobId": NOBODY},
        {"jobId": NOBODY, "contactIds": []},
        {"jobId": NOBODY, "contactIds": "x"},
        {"jobId": NOBODY, "contactIds": [None]},
        {"jobId": NOBODY, "contactIds": [["x"]]},
        {"jobId": NOBODY, "contactIds": ["x"] * 201},
        {"jobId": None, "contactIds": ["x"]},
        {"contactIds": ["x"]},
        [],
    ],
)
def test_malformed_input_is_400_and_says_what_to_do(api, body) -> None:
    answer = api.post(APPROVE, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_input"
    assert answer.json()["message"]


@pytest.mark.parametrize("odd", [{}, ["x"], 7, 1.5, True, {"a": "b"}])
def test_an_entry_of_another_type_is_named_with_its_place(api, odd) -> None:
    answer = api.post(APPROVE, {"jobId": NOBODY, "contactIds": ["x", odd]}, format="json")
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_input", "message": "contactIds[1]: Not a valid string."}


def test_unknown_ids_are_404(api, job, contact) -> None:
    for job_id in (NOBODY, "x"):
        answer = api.post(APPROVE, {"jobId": job_id, "contactIds": [str(contact.pk)]}, format="json")
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
        assert "job" in answer.json()["message"]
    answer = api.post(APPROVE, {"jobId": str(job.pk), "contactIds": [NOBODY, "x"]}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert "contact" in answer.json()["message"]


def test_without_an_active_sequence_it_is_400_and_nothing_is_approved(api, job, contact) -> None:
    Sequence.objects.update(active=False)
    answer = api.post(APPROVE, {"jobId": str(job.pk), "contactIds": [str(contact.pk)]}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "no_sequence")
    contact.refresh_from_db()
    assert contact.review_status == "new"


def test_the_plan_of_an_approved_contact_can_be_read(api, job, contact) -> None:
    path = f"{CONTACTS}/{contact.pk}/messages"
    assert api.get(path).json() == {"success": True, "messages": []}
    api.post(APPROVE, {"jobId": str(job.pk), "contactIds": [str(contact.pk)]}, format="json")
    messages = api.get(path).json()["messages"]
    assert [(message["step"], message["channel"]) for message in messages] == [
        (1, "email"),
        (2, "email"),
        (3, "linkedin"),
        (4, "email"),
    ]
    assert all(message["state"] == "planned" for message in messages)
    assert messages == sorted(messages, key=lambda message: message["dueAt"])
    assert "Ada" in messages[0]["body"]
    assert "{{" not in messages[0]["body"] + messages[0]["subject"]
    assert messages[0]["address"] == contact.emails.get().email
    assert api.get(f"{CONTACTS}/{NOBODY}/messages").status_code == 404


def test_linking_answers_as_printed(api, contact) -> None:
    crm_contact = CrmContact.objects.create(brand=BrandFactory(), first_name="Ada", last_name="Known")
    answer = api.post(f"{CONTACTS}/{contact.pk}/link-to-crm", {"crmContactId": str(crm_contact.pk)}, format="json")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["message"]) == (True, "Contact linked to CRM")
    assert body["contact"] | {
        "id": str(contact.pk),
        "firstName": "Ada",
        "lastName": contact.last_name,
        "linkedContactId": str(crm_contact.pk),
    } == body["contact"]  # fmt: skip
    assert body["contact"]["addedToCrmAt"].endswith("Z")
    again = api.post(f"{CONTACTS}/{contact.pk}/link-to-crm", {"crmContactId": str(crm_contact.pk)}, format="json")
    assert again.json()["contact"]["addedToCrmAt"] == body["contact"]["addedToCrmAt"]


def test_linking_says_which_id_is_unknown(api, contact) -> None:
    crm_contact = CrmContact.objects.create(brand=BrandFactory(), first_name="Ada", last_name="Known")
    for path_id, crm_id, what in [
        (NOBODY, str(crm_contact.pk), "no contact"),
        ("x", str(crm_contact.pk), "no contact"),
        (contact.pk, str(uuid.uuid4()), "no CRM contact"),
        (contact.pk, "x", "no CRM contact"),
    ]:
        answer = api.post(f"{CONTACTS}/{path_id}/link-to-crm", {"crmContactId": crm_id}, format="json")
        assert (answer.status_code, what in answer.json()["message"]) == (404, True)
    for body in ({}, {"crmContactId": None}, {"crmContactId": ""}, {"crmContactId": [1]}):
        answer = api.post(f"{CONTACTS}/{contact.pk}/link-to-crm", body, format="json")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
