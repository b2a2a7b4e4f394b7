"""The page of who was told what is held of them, and where else it stands: the contact, the tasks, the home page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core.models import AuditEntry
from outreach.models import Notice
from tests.factories import BrandFactory, JobFactory
from tests.outreach.factories import AddressFactory
from tests.pages.asking import get as outreach_page
from tests.pages.asking import post as outreach_post
from tests.pages.conftest import World

pytestmark = pytest.mark.django_db
URL = "/compliance/notices/"


def person(name: str, days: int = 25, **fields: Any) -> Any:
    obtained = timezone.now() - timedelta(days=days)
    known = {"contact__obtained_at": obtained, "contact__last_name": name, "contact__brand": BrandFactory()}
    return AddressFactory(**(known | fields)).contact


def page(client: Client, status: int = 200, **query: str) -> str:
    answer = client.get(URL, query)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_who_must_be_told_stands_there_the_soonest_first_with_what_is_in_the_way(staff: Client) -> None:
    late, doubtful = person("Late", 40), person("Doubt", 28, probability=0.2)
    person("Calm", 2)
    text = page(staff)
    assert text.index("Late") < text.index("Doubt") < text.index("Calm")
    assert "1 should have been told by now." in text
    assert "2 must be told within seven days, and no mail goes out: Sending is switched off" in text
    assert "exists with a chance below 50%" in text
    (entry,) = AuditEntry.objects.filter(action="notices.listed")
    assert str(doubtful.pk) in entry.details
    JobFactory()  # before the first one, the home page only says how to begin
    home = staff.get("/").content.decode()
    assert "people to tell what you hold" in home
    assert "Must be told by" in staff.get(reverse("crm:contact", args=[late.pk])).content.decode()


def test_that_somebody_was_told_by_other_means_is_noted_with_how(staff: Client) -> None:
    contact = person("Letter")
    url = reverse("oversight:notice-told", args=[contact.pk])
    answer = staff.post(url, {"how": " "})
    assert answer.status_code == 400
    assert "This field is required." in answer.content.decode()
    answer = staff.post(url, {"how": "By letter of 24 November."}, follow=True)
    assert f"Noted: {contact} was told." in answer.content.decode()
    assert "Nobody waits to be told." in page(staff)
    assert "By letter of 24 November." in page(staff, show="told")
    assert "by hand, such as by letter" in staff.get(reverse("crm:contact", args=[contact.pk])).content.decode()
    assert AuditEntry.objects.get(action="notice.sent").actor == "boss"


def test_what_was_perhaps_told_or_failed_has_a_list_of_its_own(staff: Client) -> None:
    contact = person("Perhaps")
    Notice.objects.create(contact=contact, how="mail", state="unknown", claimed_at=timezone.now())
    Notice.objects.create(contact=contact, how="mail", state="failed", error="550 …")
    assert "Perhaps" in page(staff, show="perhaps")
    assert "550 …" in page(staff, show="failed")
    assert "None." in page(staff, show="told")
    assert "To be told" in page(staff, show="nonsense")


def test_others_may_not_see_it_or_say_it(client: Client, reviewer: Client, reader: Client) -> None:
    contact = person("Closed")
    assert client.get(URL).status_code == 302
    page(reviewer, status=403)
    assert "Closed" in page(reader)
    assert "They were told" not in page(reader)
    assert reader.post(reverse("oversight:notice-told", args=[contact.pk]), {"how": "x"}).status_code == 403
    assert not Notice.objects.exists()


def test_the_page_takes_the_same_queries_for_any_number(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person("One")
    page(staff)
    for number in range(8):
        person(f"Person {number}")
    with django_assert_max_num_queries(24):
        page(staff)


def test_a_task_says_that_the_person_must_be_told_and_done_counts_only_with_the_box(
    staff: Client, world: World
) -> None:
    text = outreach_page(staff, "tasks")
    assert "Nobody has told" in text
    assert "I told them" in text
    assert "legitimate interest" in text
    outreach_post(staff, "task-change", world.task.pk, "done", told="1")
    assert Notice.objects.get(contact=world.by_hand.enrolment.contact).how == "hand"
    assert AuditEntry.objects.filter(action="task.done", actor="boss").count() == 1


def test_lists_of_outreach_leave_an_entry_with_whom_they_showed(staff: Client, world: World) -> None:
    for name, action, row in (
        ("enrolments", "enrolments.listed", world.enrolment),
        ("outbox", "messages.listed", world.held),
        ("sent", "messages.listed", world.sent),
        ("events", "events.listed", world.reply),
        ("tasks", "tasks.listed", world.task),
    ):
        outreach_page(staff, name, q="", page="1")
        entry = AuditEntry.objects.filter(action=action).order_by("at", "id").last()
        assert entry is not None
        assert str(row.pk) in entry.details
        assert entry.actor == "boss"
