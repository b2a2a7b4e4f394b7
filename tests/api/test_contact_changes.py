"""PATCH contacts/:id and POST contacts/:id/reject. The rules are in tests/test_editing.py."""

import pytest

from tests.factories import ContactFactory

CONTACTS = "/api/enrichment/contacts"
NOBODY = "00000000-0000-7000-8000-000000000000"


def test_a_correction_answers_with_the_whole_contact(api) -> None:
    contact = ContactFactory()
    answer = api.patch(f"{CONTACTS}/{contact.pk}", {"jobTitle": "Managing Director", "region": "uk"}, format="json")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["message"]) == (True, "Contact changed")
    changed = body["contact"]
    assert (changed["jobTitle"], changed["source"], changed["regionCode"]) == ("Managing Director", "manual", "GB")
    assert changed["decisionMaker"] is True
    assert changed["activity"][-1]["label"].startswith("Edited by boss")
    assert api.get(f"{CONTACTS}/{contact.pk}").json()["contact"] == changed


@pytest.mark.parametrize("body", [{}, [], "text", {"id": NOBODY}, {"verifiedAt": None}, {"email": 5}])
def test_what_cannot_be_changed_is_400(api, body) -> None:
    answer = api.patch(f"{CONTACTS}/{ContactFactory().pk}", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "invalid_email" if body == {"email": 5} else "invalid_input",
    )


@pytest.mark.parametrize("body", [{}, {"reason": "no longer there"}, {"reason": None}, None])
def test_rejecting_with_and_without_a_reason(api, body) -> None:
    contact = ContactFactory()
    answer = api.post(f"{CONTACTS}/{contact.pk}/reject", body, format="json")
    assert (answer.status_code, answer.json()["message"]) == (200, "Contact rejected")
    assert answer.json()["contact"]["reviewStatus"] == "rejected"
    assert api.get(CONTACTS, {"status": "rejected"}).json()["pagination"]["total"] == 1


def test_an_approved_contact_is_not_rejected(api) -> None:
    answer = api.post(f"{CONTACTS}/{ContactFactory(review_status='approved').pk}/reject", {}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "already_approved")


@pytest.mark.parametrize("odd", [NOBODY, "x"])
def test_unknown_contacts_are_404(api, odd) -> None:
    assert api.patch(f"{CONTACTS}/{odd}", {"company": "Acme"}, format="json").status_code == 404
    assert api.post(f"{CONTACTS}/{odd}/reject", {}, format="json").status_code == 404
