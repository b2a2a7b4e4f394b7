"""What is kept of a CRM contact: notes, history, consents, duplicates, merging and undoing it."""

import pytest

from crm.models import Contact
from outreach.models import Enrolment
from tests.factories import CrmAddressFactory, CrmContactFactory
from tests.outreach.factories import EnrolmentFactory

CONTACTS = "/api/crm/contacts"
NOBODY = "00000000-0000-7000-8000-000000000000"
ERRORS = (400, "invalid_input")


def refused(answer) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "message"}
    return answer.status_code, answer.json()["error"]


def test_notes_are_kept_listed_and_stand_in_the_history(api, django_assert_max_num_queries) -> None:
    path = f"{CONTACTS}/{CrmContactFactory().pk}"
    for text in ("First", " Second "):
        note = api.post(f"{path}/notes", {"text": text}, format="json").json()["note"]
        assert (note["text"], note["author"]) == (text.strip(), "boss")
    with django_assert_max_num_queries(1 + 4):
        body = api.get(f"{path}/notes").json()
    assert [note["text"] for note in body["notes"]] == ["Second", "First"]
    assert body["pagination"]["total"] == 2
    lines = api.get(f"{path}/history", {"limit": 1}).json()["history"]
    assert [(line["kind"], line["text"], line["actor"]) for line in lines] == [("note", "Second", "boss")]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "  "}, {"text": "x" * 10_001}, {"text": 5}])
def test_an_empty_or_endless_note_is_400(api, body) -> None:
    answer = api.post(f"{CONTACTS}/{CrmContactFactory().pk}/notes", body, format="json")
    assert refused(answer) == ERRORS


def test_a_consent_is_recorded_and_withdrawn(api) -> None:
    contact = CrmContactFactory()
    given = {"givenAt": "2026-01-14T10:00:00Z", "source": "Form on the fair"}
    consent = api.post(f"{CONTACTS}/{contact.pk}/consents", given, format="json").json()["consent"]
    assert consent == given | {"id": consent["id"], "contactId": str(contact.pk), "wording": "", "withdrawnAt": None}
    withdrawn = api.post(f"/api/crm/consents/{consent['id']}/withdraw").json()["consent"]
    assert withdrawn["withdrawnAt"]
    assert api.get(f"{CONTACTS}/{contact.pk}").json()["contact"]["consents"] == [withdrawn]
    kinds = [line["kind"] for line in api.get(f"{CONTACTS}/{contact.pk}/history").json()["history"]]
    assert kinds == ["consent_withdrawn", "consent_recorded"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"givenAt": "2026-01-14T10:00:00Z"},
        {"givenAt": "yesterday", "source": "Form"},
        {"givenAt": "2999-01-14T10:00:00Z", "source": "Form"},
        {"givenAt": "2026-01-14T10:00:00Z", "source": " "},
    ],
)
def test_a_consent_without_a_past_date_or_a_source_is_400(api, body) -> None:
    assert refused(api.post(f"{CONTACTS}/{CrmContactFactory().pk}/consents", body, format="json")) == ERRORS


def test_who_may_be_the_same_person_is_listed_with_why(api, django_assert_max_num_queries) -> None:
    contact = CrmAddressFactory(email="ada@acme.example", contact__last_name="Moss").contact
    same = CrmAddressFactory(email="ada@acme.example", contact__last_name="Roe").contact
    namesake = CrmContactFactory(brand=contact.brand, first_name="Ada", last_name="Moss")
    CrmContactFactory()
    with django_assert_max_num_queries(1 + 6):
        body = api.get(f"{CONTACTS}/{contact.pk}/duplicates").json()
    assert [(row["contactId"], row["reason"]) for row in body["duplicates"]] == [
        (str(same.pk), "the same address"),
        (str(namesake.pk), "the same name at the same company"),
    ]


def test_two_contacts_are_merged_and_made_two_again(api) -> None:
    kept = CrmAddressFactory(email="ada@acme.example", contact__job_title="Buyer").contact
    enrolment = EnrolmentFactory()
    gone = enrolment.contact
    choices = {"jobTitle": "gone", "linkedInUrl": "kept"}
    body = api.post(f"{CONTACTS}/{kept.pk}/merge", {"goneId": str(gone.pk), "choices": choices}, format="json").json()
    merge, contact = body["merge"], body["contact"]
    assert (merge["keptId"], merge["goneId"], merge["undoneAt"]) == (str(kept.pk), str(gone.pk), None)
    assert contact["jobTitle"] == gone.job_title
    assert contact["merges"] == [merge]
    assert contact["openEnrolmentIds"] == [str(enrolment.pk)]
    assert len(contact["addresses"]) == 2
    assert api.get(f"{CONTACTS}/{gone.pk}").status_code == 404

    undone = api.post(f"/api/crm/merges/{merge['id']}/undo").json()
    assert undone["merge"]["undoneAt"]
    assert undone["contact"]["id"] == str(gone.pk)
    assert undone["contact"]["openEnrolmentIds"] == [str(enrolment.pk)]
    assert api.get(f"{CONTACTS}/{kept.pk}").json()["contact"]["jobTitle"] == "Buyer"
    assert refused(api.post(f"/api/crm/merges/{merge['id']}/undo")) == (400, "not_possible")


def test_nobody_is_in_a_sequence_twice_after_a_merge(api) -> None:
    one = EnrolmentFactory()
    other = EnrolmentFactory(version=one.version)
    answer = api.post(f"{CONTACTS}/{one.contact_id}/merge", {"goneId": str(other.contact_id)}, format="json")
    assert answer.status_code == 200, answer.json()
    assert [row.state for row in Enrolment.objects.filter(contact=one.contact).order_by("state")] == [
        "active",
        "stopped",
    ]


def test_what_cannot_be_merged_changes_nothing(api) -> None:
    kept, gone = CrmContactFactory(), CrmContactFactory()
    path = f"{CONTACTS}/{kept.pk}/merge"
    assert refused(api.post(path, {"goneId": str(kept.pk)}, format="json")) == (400, "not_possible")
    assert refused(api.post(path, {"goneId": NOBODY}, format="json")) == (404, "not_found")
    for choices in ({"name": "kept"}, {"firstName": "mine"}, "kept", {"first_name": "gone"}):
        answer = api.post(path, {"goneId": str(gone.pk), "choices": choices}, format="json")
        assert refused(answer) == ERRORS, choices
    assert Contact.objects.count() == 2
