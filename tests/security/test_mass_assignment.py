"""Fields that a form or the API does not offer are sent along: none of them changes anything."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from core import roles
from core.models import ApiToken
from crm.models import Contact, ContactAddress
from enrichment.models import EnrichedContact, EnrichmentJob
from outreach.models import Enrolment, Mailbox, Message, Sequence
from tests.factories import EmailFactory
from tests.security import every_page
from tests.security.every_page import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

EXTRA: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-00000000dead",
    "pk": "00000000-0000-0000-0000-00000000dead",
    "created_by": "1", "createdBy": "1", "user": "1", "userId": "1", "owner": "1",
    "is_staff": True, "isStaff": True, "is_superuser": True, "is_active": True, "groups": ["1"], "role": "admin",
    "review_status": "approved", "reviewStatus": "approved", "reviewed_by": "1", "approved": True,
    "verified_at": "2020-01-01T00:00:00Z", "verifiedAt": "2020-01-01T00:00:00Z", "verification_status": "verified",
    "verificationStatus": "verified", "confidence_score": 100, "confidenceScore": 100, "probability": 1.0,
    "linked_contact": "00000000-0000-0000-0000-00000000dead", "linkedContact": "00000000-0000-0000-0000-00000000dead",
    "created_at": "2001-01-01T00:00:00Z", "createdAt": "2001-01-01T00:00:00Z", "state": "sent", "status": "completed",
    "sent_at": "2001-01-01T00:00:00Z", "discovered_at": "2001-01-01T00:00:00Z", "token_hash": "x", "job_type": "x",
    "evidence": [{"field": "name", "value": "forged", "url": "https://evil.example"}], "_state": "x", "__class__": "x",
}  # fmt: skip
OURS = {  # what no body may set, wherever it goes
    EnrichedContact: ("review_status", "reviewed_by", "linked_contact", "confidence_score", "created_by", "evidence"),
    Contact: ("created_by", "created_at", "discovered_at", "evidence"),
    ContactAddress: ("verification_status", "probability", "verified_at"),
    EnrichmentJob: ("status", "created_by", "created_at", "job_type"),
    Message: ("state", "sent_at"),
    Enrolment: ("enrolled_by",),
    Sequence: ("created_at",),
    Mailbox: ("created_at",),
    ApiToken: ("user", "token_hash"),
    User: ("is_staff", "is_superuser", "is_active", "password"),
}  # fmt: skip


def kept() -> dict[str, Any]:
    """Return every value that is ours alone, by row."""
    found = {}
    for model, names in OURS.items():
        columns = [name for name in names if any(column.name == name for column in model._meta.fields)]
        for row in model._default_manager.all():
            found[f"{model.__name__} {row.pk}"] = [
                getattr(row, model._meta.get_field(name).attname) for name in columns
            ]
    return found


def assert_kept(before: dict[str, Any], what: str) -> None:
    after = kept()
    for key, values in before.items():
        assert after.get(key, values) == values, (what, key)
    for key in after:
        assert "dead" not in key, (what, key)


WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("post", "/api/enrichment/discover", {"brandName": "Acme"}),
    ("patch", "/api/enrichment/contacts/{enriched}", {"jobTitle": "Head of Sales"}),
    ("post", "/api/enrichment/verify-emails", {"emails": ["ada@acme.example"], "smtp": False}),
    ("post", "/api/crm/contacts", {"firstName": "Ada", "lastName": "New", "company": "Acme"}),
    ("patch", "/api/crm/contacts/{contact}", {"jobTitle": "Head of Sales"}),
    ("post", "/api/crm/contacts/{contact}/notes", {"text": "Met."}),
    ("post", "/api/crm/brands", {"name": "Bolt"}),
    ("patch", "/api/crm/brands/{brand}", {"name": "Bolt 2"}),
    ("post", "/api/outreach/templates", {"name": "T", "subject": "S", "body": "B"}),
    ("post", "/api/outreach/sequences", {"name": "S"}),
    ("post", "/api/outreach/mailboxes", {"address": "ada@us.example", "senderName": "Ada", "company": "Us"}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[f"{method} {path}" for method, path, _ in WRITES])
def test_the_api_heeds_no_field_that_it_does_not_offer(
    boss: User, settings: Any, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: dict[str, Any]
) -> None:
    settings.ENRICHMENT_DNS_SERVERS = ["127.0.0.1:9"]
    monkeypatch.setattr("core.dns.Resolver.lookup_many", lambda *_, **__: {})
    everything = Everything.make(boss)
    rows = apps.get_model("crm", "Brand"), Contact, EnrichedContact
    brand, contact, enriched = (everything.rows[model].pk for model in rows)
    api = APIClient()
    api.force_authenticate(boss)
    before = kept()
    where = path.format(brand=brand, contact=contact, enriched=enriched)
    for extra in (EXTRA, dict.fromkeys(EXTRA), {name: {"a": [1]} for name in EXTRA}):
        answer = getattr(api, method)(where, extra | body, format="json")
        assert answer.status_code < 500, answer.content
        assert_kept(before, where)
        if answer.status_code < 300:
            assert "00000000dead" not in json.dumps(answer.json(), default=str)


def test_no_form_of_any_page_heeds_one(boss: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is posted is nothing but what the form does not have; a reviewer may not even post most of them."""
    settings.ENRICHMENT_DNS_SERVERS = ["127.0.0.1:9"]
    monkeypatch.setattr("core.dns.Resolver.lookup_many", lambda *_, **__: {})
    everything = Everything.make(boss)
    user = User.objects.create_user("reviewer")
    roles.give(user, roles.REVIEWER)
    reviewer = Client()
    reviewer.force_login(user)
    before = kept()
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in EXTRA.items()}
    del data["state"], data["status"]
    for name, url in every_page.pages(everything).items():
        if not name.startswith("privacy:"):
            assert reviewer.post(url, data).status_code < 500, name
    assert_kept(before, "pages")
    assert roles.role_of(User.objects.get(pk=user.pk)) == roles.REVIEWER


def test_an_account_gives_itself_no_rights(client: Client) -> None:
    user = User.objects.create_user("ada", password="correct horse battery")
    client.force_login(user)
    for path in ("/account/", "/account/password/", "/account/time-zone/", "/account/second-factor/change/"):
        client.post(path, {"is_staff": "on", "is_superuser": "1", "role": "admin", "groups": "1", "zone": "UTC"})
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.is_superuser
    assert not user.groups.exists()


def test_an_edit_changes_what_it_is_of(staff: Client) -> None:
    row = EmailFactory().enriched_contact
    form = {"first_name": "Ada", "last_name": "Changed", "job_title": "Head", "company": "Acme"}
    staff.post(
        f"/contacts/{row.pk}/edit/", {**form, "review_status": "approved", "confidence_score": "100", "source": "hand"}
    )
    row.refresh_from_db()
    assert (row.review_status, row.confidence_score, row.source) == ("new", 75, "website")
