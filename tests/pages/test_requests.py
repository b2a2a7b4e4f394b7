"""The admin's pages about requests: what is due, what is known, what is done; nobody else sees them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from crm import suppression
from enrichment import request_links, requests, tasks
from enrichment.models import ContactEmail, EnrichedContact, SubjectRequest
from tests.factories import ContactFactory, EmailFactory

pytestmark = pytest.mark.django_db

ADDRESS = "ada@acme.example"


@pytest.fixture
def contact(db: None) -> EnrichedContact:
    return EmailFactory(email=ADDRESS, enriched_contact=ContactFactory(last_name="<b>Wished</b>")).enriched_contact


def entered(boss: User, kind: str) -> SubjectRequest:
    return requests.enter(kind, ADDRESS, "My title is wrong.", "called back", boss)


def post(staff: Client, name: str, row: SubjectRequest, **fields: str):
    return staff.post(reverse(f"oversight:request-{name}", args=[row.pk]), fields, follow=True)


def test_what_is_open_is_listed_with_its_due_date_and_on_the_home_page(staff, boss, contact) -> None:
    row = entered(boss, "access")
    SubjectRequest.objects.update(due_at=timezone.now() - timedelta(days=1))
    page = staff.get(reverse("oversight:requests"))
    assert "overdue" in page.text
    assert reverse("oversight:request", args=[row.pk]) in page.text
    assert "1 should have been answered." in staff.get("/").text


def test_a_letter_is_written_down(staff, boss) -> None:
    form = {"address": ADDRESS, "kind": "erasure", "text": "Please.", "how": "passport shown"}
    answer = staff.post(reverse("oversight:request-new"), form)
    row = SubjectRequest.objects.get()
    assert (answer.url, row.state) == (reverse("oversight:request", args=[row.pk]), "open")
    for broken in ({"address": "nobody"}, {"how": " "}, {"kind": "everything"}):
        assert staff.post(reverse("oversight:request-new"), form | broken).status_code == 400


def test_the_page_tells_what_is_held_and_that_it_was_looked_at(staff, boss, contact) -> None:
    page = staff.get(reverse("oversight:request", args=[entered(boss, "correction").pk]))
    assert "My title is wrong." in page.text
    assert "&lt;b&gt;Wished&lt;/b&gt;" in page.text
    assert "<b>Wished" not in page.text
    assert reverse("review:contact", args=[contact.pk]) in page.text
    assert AuditEntry.objects.filter(action="subject.accessed", actor="boss").exists()


def test_the_data_as_files(staff, boss, contact) -> None:
    row = entered(boss, "access")
    assert post(staff, "file", row).json()["enrichment"]["contacts"][0]["lastName"] == "<b>Wished</b>"
    page = post(staff, "file", row, form="html")
    assert (page["Content-Type"], "<b>Wished" in page.text) == ("text/html; charset=utf-8", False)
    assert page["Content-Disposition"].startswith("attachment")


def test_a_link_is_mailed_and_opening_it_does_the_request(staff, boss, settings, monkeypatch, mailoutbox) -> None:
    row = entered(boss, "access")
    assert "No mail can be sent here" in post(staff, "send", row).text
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL = "smtp://127.0.0.1", "accounts@acme.example"
    monkeypatch.setattr(tasks.mail_privacy_link, "delay", tasks.mail_privacy_link)
    assert "on its way" in post(staff, "send", row).text
    request_links.prove(mailoutbox[0].body.partition("/confirm/")[2].split()[0])
    row.refresh_from_db()
    assert row.state == "done"


def test_erasing_asks_for_the_address(staff, boss, contact) -> None:
    row = entered(boss, "erasure")
    assert post(staff, "do", row).status_code == 404
    assert "type it again" in post(staff, "erase", row, address="bo@acme.example").text
    assert EnrichedContact.objects.exists()
    assert "erased" in post(staff, "erase", row, address=ADDRESS.upper()).text
    assert not EnrichedContact.objects.exists()
    row.refresh_from_db()
    assert (row.state, row.email, row.handled_by) == ("done", None, boss)
    assert post(staff, "erase", row, address=ADDRESS).status_code == 404


def test_a_restriction_is_set_and_lifted(staff, boss, contact) -> None:
    row = entered(boss, "restriction")
    assert "Lift the restriction" in post(staff, "do", row).text
    assert suppression.suppressed([ADDRESS])
    assert "is lifted" in post(staff, "lift", row).text
    assert not suppression.suppressed([ADDRESS])


def test_a_correction_is_noted_and_a_request_refused(staff, boss, contact) -> None:
    row, other = entered(boss, "correction"), entered(boss, "objection")
    assert "Your title is right now." in post(staff, "do", row, answer="Your title is right now.").text
    assert "Write why it is refused" in post(staff, "refuse", other, reason=" ").text
    assert "You asked last week." in post(staff, "refuse", other, reason="You asked last week.").text
    assert not suppression.suppressed([ADDRESS])
    assert set(SubjectRequest.objects.values_list("state", flat=True)) == {"done", "refused"}


def test_of_a_shared_address_nobody_is_erased_and_an_answer_is_noted(staff, boss, contact) -> None:
    ContactEmail.objects.update(verification_method="smtp_ping")
    twin = EmailFactory(email=ADDRESS, verification_method="smtp_ping").enriched_contact
    row = entered(boss, "erasure")
    page = staff.get(reverse("oversight:request", args=[row.pk])).text
    assert "Several people are known by this address" in page
    assert all(reverse("review:contact", args=[one.pk]) in page for one in (contact, twin))
    assert "Erase everything" not in page
    assert post(staff, "erase", row, address=ADDRESS).status_code == 400
    assert post(staff, "do", row).status_code == 404
    assert EnrichedContact.objects.count() == 2
    assert "We wrote to you." in post(staff, "do", row, answer="We wrote to you.").text
    row.refresh_from_db()
    assert row.state == "done"


def test_a_reviewer_has_no_access_and_a_reader_changes_nothing(reviewer, reader, boss, contact) -> None:
    row = entered(boss, "restriction")
    pages = [
        reverse("oversight:requests"),
        reverse("oversight:request", args=[row.pk]),
        reverse("oversight:request-new"),
    ]
    assert [reviewer.get(page).status_code for page in pages] == [403, 403, 403]
    assert [reader.get(page).status_code for page in pages] == [200, 200, 403]
    for name in ("send", "do", "erase", "lift", "refuse"):
        for client in (reviewer, reader):
            assert client.post(reverse(f"oversight:request-{name}", args=[row.pk])).status_code == 403
    assert reviewer.post(reverse("oversight:request-file", args=[row.pk])).status_code == 403
    assert Client().get(pages[0]).status_code == 302
    assert not suppression.suppressed([ADDRESS])


def test_the_admin_site_shows_it_and_changes_nothing(staff, boss) -> None:
    row = entered(boss, "access")
    assert staff.get(reverse("admin:enrichment_subjectrequest_changelist"), {"q": ADDRESS}).status_code == 200
    assert ADDRESS in staff.get(reverse("admin:enrichment_subjectrequest_change", args=[row.pk])).text
    assert (
        staff.post(reverse("admin:enrichment_subjectrequest_change", args=[row.pk]), {"state": "done"}).status_code
        == 403
    )
