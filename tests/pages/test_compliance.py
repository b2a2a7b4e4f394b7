"""The pages of compliance: overview, retention, register, assessments."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from crm import assessments
from crm.models import Assessment
from enrichment import retention
from enrichment.models import EnrichedContact, SubjectRequest
from tests.factories import ContactFactory, CrmContactFactory

pytestmark = pytest.mark.django_db

PAGES = ["home", "retention", "register", "register-markdown", "register-json", "assessments"]
TEXTS = dict.fromkeys(assessments.FIELDS, "It is so.")


def get(client: Client, name: str, *args) -> str:
    answer = client.get(reverse(f"oversight:{name}", args=args))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    return answer.content.decode()


def test_they_are_for_admins_alone(client: Client, staff: Client, reviewer: Client) -> None:
    urls = [reverse(f"oversight:{name}") for name in PAGES]
    urls.append(reverse("oversight:assessment-new", args=["outreach"]))
    for url in urls:
        assert staff.get(url).status_code == 200
        assert reviewer.get(url).status_code == 403
        assert Client().get(url).status_code == 302
    assert "Compliance" not in reviewer.get(reverse("review:home")).content.decode()
    menu = staff.get(reverse("review:home")).content.decode()
    assert all(reverse(f"oversight:{name}") in menu for name in ("home", "retention", "register", "assessments"))


def test_the_overview_says_what_there_is_to_do(staff: Client) -> None:
    for days, kind in ((-1, "access"), (20, "erasure")):
        due = timezone.now() + timedelta(days=days)
        SubjectRequest.objects.create(kind=kind, state="open", origin="page", email_index="x", due_at=due)
    ContactFactory(discovered_at=timezone.now() - timedelta(days=31))
    CrmContactFactory(obtained_at=timezone.now() - timedelta(days=28))
    text = get(staff, "home")
    assert "1 person must be told within a week" in text
    assert '<a href="/compliance/requests/">Requests of people</a>' in text
    assert "2 requests are open" in text
    assert "1 of them is overdue" in text
    assert text.count("There is none yet.") == 2
    assert "1 row has had its time" in text


def test_the_overview_of_a_house_in_order(staff: Client, boss) -> None:
    for purpose in Assessment.Purpose.values:
        assessments.save(purpose, TEXTS | {"holds": True}, boss)
    ContactFactory(discovered_at=timezone.now() - timedelta(days=31))
    retention.purge()
    text = get(staff, "home")
    assert "No request is open." in text
    assert "Nobody must be told within a week." in text
    assert "There is none yet." not in text
    assert "Nothing has had its time." in text
    assert "The encryption keys are those that the database was written with." in text
    assert "1 row went" in text


def test_a_dry_run_says_what_would_go_and_changes_nothing(staff: Client) -> None:
    ContactFactory(discovered_at=timezone.now() - timedelta(days=31))
    assert "A run now would" not in get(staff, "retention")
    text = staff.post(reverse("oversight:retention")).content.decode()
    assert "A run now would touch 1 row" in text
    assert "Nothing was changed." in text
    assert EnrichedContact.objects.count() == 1
    retention.purge()
    text = get(staff, "retention")
    assert "<b>1</b> × Found contacts without proof of an address, deleted: Nobody approved them" in text


def test_the_register_is_a_page_and_two_files(staff: Client, settings) -> None:
    settings.CONTROLLER_NAME = "Sender & Sons Ltd"
    assert "Sender &amp; Sons Ltd" in get(staff, "register")
    assert "- Name: Sender & Sons Ltd" in get(staff, "register-markdown")
    answer = staff.get(reverse("oversight:register-json"))
    assert answer["Content-Disposition"] == 'attachment; filename="register-of-processing.json"'
    assert json.loads(answer.content)["controller"]["name"] == "Sender & Sons Ltd"
    assert AuditEntry.objects.filter(action="register.exported").count() == 2


def test_an_assessment_is_drafted_confirmed_and_kept_in_versions(staff: Client, settings) -> None:
    settings.CONTROLLER_NAME = "Sender Ltd"
    new = reverse("oversight:assessment-new", args=["discovery"])
    assert "Sender Ltd wants to know who at a company decides" in staff.get(new).content.decode()
    data = TEXTS | {"holds": "yes", "review_on": ""}
    answer = staff.post(new, data)  # not confirmed
    assert answer.status_code == 400
    assert "This field is required" in answer.content.decode()
    assert not Assessment.objects.exists()
    for interest in ("First.", "Second."):
        staff.post(new, data | {"interest": interest, "confirmed": "on"})
    text = get(staff, "assessments")
    assert "Version 2" in text
    assert "Version 1" in text
    assert "which a later one has replaced" in get(staff, "assessment", "discovery", 1)
    assert "Second." in get(staff, "assessment", "discovery", 2)
    assert "Second." in staff.get(new, {"from": "current"}).content.decode()
    made = AuditEntry.objects.filter(action="assessment.made")
    assert {entry.actor for entry in made} == {"boss"}
    assert [entry.facts["version"] for entry in made.order_by("id")] == [1, 2]


def test_what_is_no_purpose_or_version_is_not_found(staff: Client) -> None:
    assert staff.get(reverse("oversight:assessment-new", args=["nothing"])).status_code == 404
    assert staff.get(reverse("oversight:assessment", args=["outreach", 9])).status_code == 404
