"""What scripts do to the CRM is in the audit trail: each act once, with nobody's name or address in clear."""

from typing import Any

import pytest

from core import audit
from core.models import AuditEntry
from crm.models import Contact

pytestmark = pytest.mark.django_db

NAME, ADDRESS, WORDS = "Zebedee", "zebedee@acme.example", "He likes kingfishers"


def actions() -> list[str]:
    """What the trail says was done, the oldest first, but for signing in."""
    rows = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    return [action for action in rows if action != "sign_in.succeeded"]


@pytest.fixture
def contact(api) -> str:
    body = {"brandName": "Acme", "firstName": NAME, "lastName": "Moss", "addresses": [ADDRESS]}
    return str(api.post("/api/crm/contacts", body, format="json").json()["contact"]["id"])


def latest(action: str) -> tuple[AuditEntry, dict[str, Any] | None]:
    entry = AuditEntry.objects.filter(action=action).latest("id")
    return entry, audit.values_of([entry]).get(entry.pk)


def test_each_act_leaves_its_entry_and_no_name_in_clear(api, contact: str) -> None:
    url = f"/api/crm/contacts/{contact}"
    api.patch(url, {"jobTitle": "Head of Sales"}, format="json")
    api.post(f"{url}/notes", {"text": WORDS}, format="json")
    consent = {"givenAt": "2026-01-14T10:00:00Z", "source": WORDS, "wording": WORDS}
    given = api.post(f"{url}/consents", consent, format="json").json()["consent"]["id"]
    api.post(f"/api/crm/consents/{given}/withdraw", format="json")
    api.get("/api/crm/contacts")
    api.get(url)
    api.post("/api/crm/suppressions", {"values": ["no@bolt.example"], "reason": "objection"}, format="json")
    api.post("/api/crm/suppressions/remove", {"values": ["no@bolt.example"]}, format="json")
    api.get("/api/crm/exports/contacts.csv").getvalue()
    api.delete(url)
    done = set(actions())
    assert done >= {
        *("crm_contact.created", "crm_contact.changed", "crm_contact.noted", "consent.recorded", "consent.withdrawn"),
        *("crm_contacts.listed", "crm_contact.viewed", "suppression.added", "suppression.removed"),
        *("contacts.exported", "crm_contact.deleted"),
    }
    kept = " ".join(f"{row.details} {row.object_id} {row.values}" for row in AuditEntry.objects.all()).lower()
    assert not [word for word in (NAME, ADDRESS, WORDS, "no@bolt.example") if word.lower() in kept]
    assert {row.via for row in AuditEntry.objects.all()} == {"api"}
    assert {row.actor for row in AuditEntry.objects.exclude(action__startswith="sign_in")} == {"boss"}


def test_what_changed_can_be_read_before_and_after_until_the_person_is_deleted(api, contact: str) -> None:
    api.patch(f"/api/crm/contacts/{contact}", {"jobTitle": "Head of Sales"}, format="json")
    entry, values = latest("crm_contact.changed")
    assert entry.subject == audit.person(Contact.objects.get())
    assert values
    assert (values["before"], values["after"]) == ({"job_title": ""}, {"job_title": "Head of Sales"})
    api.delete(f"/api/crm/contacts/{contact}")
    assert latest("crm_contact.changed")[1] is None
    assert audit.verify().last == AuditEntry.objects.count()


def test_an_import_is_one_act_for_the_file_and_one_for_each_person(api) -> None:
    file = "email,first name,last name,company\n" + "".join(f"p{n}@acme.example,P{n},Moss,Acme\n" for n in range(5))
    api.post("/api/crm/imports", file, content_type="text/csv")
    assert actions().count("contacts.imported") == 1
    assert actions().count("crm_contact.created") == 5
    assert latest("contacts.imported")[0].facts["created"] == 5
