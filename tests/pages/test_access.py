"""Every page of outreach and CRM: who may see it, that it is whole, and how many queries it takes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Suppression
from tests.factories import CrmAddressFactory
from tests.outreach.factories import EnrolmentFactory, MailboxFactory, MessageFactory, SequenceFactory, TemplateFactory

from .conftest import World

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PAGES: dict[str, Callable[[World], list[Any]]] = {
    "crm:contacts": lambda w: [],
    "crm:contact": lambda w: [w.contact.pk],
    "crm:brands": lambda w: [],
    "crm:brand": lambda w: [w.contact.brand_id],
    "crm:suppression": lambda w: [],
    "outreach:sequences": lambda w: [],
    "outreach:sequence": lambda w: [w.step.version.sequence_id],
    "outreach:templates": lambda w: [],
    "outreach:template": lambda w: [w.step.template_id],
    "outreach:variant": lambda w: [w.step.template_id, w.variant.pk],
    "outreach:enrolments": lambda w: [],
    "outreach:enrolment": lambda w: [w.enrolment.pk],
    "outreach:tasks": lambda w: [],
    "outreach:outbox": lambda w: [],
    "outreach:sent": lambda w: [],
    "outreach:message": lambda w: [w.sent.pk],
    "outreach:calendar": lambda w: [],
    "outreach:events": lambda w: [],
    "outreach:event": lambda w: [w.reply.pk],
    "outreach:experiments": lambda w: [],
    "outreach:experiment": lambda w: [w.experiment.pk],
    "outreach:senders": lambda w: [],
    "outreach:sender": lambda w: [w.mailbox.pk],
}
FORMS: dict[str, Callable[[World], list[Any]]] = {
    "crm:merge-choose": lambda w: [w.contact.pk],
    "crm:merge": lambda w: [w.contact.pk, w.sent.enrolment.contact_id],
    "outreach:sequence-new": lambda w: [],
    "outreach:template-new": lambda w: [],
    "outreach:variant-new": lambda w: [w.step.template_id],
    "outreach:enrol": lambda w: [w.contact.pk],
    "outreach:experiment-new": lambda w: [],
    "outreach:sender-new": lambda w: [],
}


@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_a_page_opens_for_an_admin_and_has_no_style_or_script_of_its_own(
    staff: Client, world: World, name: str
) -> None:
    answer = staff.get(reverse(name, args=(PAGES | FORMS)[name](world)))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<h1>" in text
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", text)
    assert 'href="#main"' in text
    assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("name", PAGES)
def test_whoever_may_only_look_sees_the_page_without_anything_that_changes(
    reader: Client, world: World, name: str
) -> None:
    answer = reader.get(reverse(name, args=PAGES[name](world)))
    assert answer.status_code == 200
    posts = answer.content.decode().count('method="post"')
    allowed = {"crm:suppression": 2, "outreach:template": 2, "outreach:variant": 2}  # asking, and the preview
    readers_forms = {"outreach:sequence": 2, "outreach:sender": 2}  # shown, and disabled
    assert posts == (allowed | readers_forms).get(name, 1)  # signing out


@pytest.mark.parametrize("name", FORMS)
def test_whoever_may_only_look_cannot_open_the_forms(reader: Client, world: World, name: str) -> None:
    answer = reader.get(reverse(name, args=FORMS[name](world)))
    assert answer.status_code == 403
    assert "lacks the permission" in answer.content.decode()


@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_nobody_else_sees_a_page(client: Client, world: World, name: str) -> None:
    url = reverse(name, args=(PAGES | FORMS)[name](world))
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in/?next=")
    client.force_login(User.objects.create_user("nobody"))
    assert client.get(url).status_code == 403


def test_without_the_permission_addresses_are_not_shown(client: Client, world: World) -> None:
    user = User.objects.create_user("half", is_staff=True)
    codenames = ["view_contact", "view_enrolment", "view_message", "view_task", "view_event"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    for name, args in [
        ("crm:contacts", []),
        ("crm:contact", [world.contact.pk]),
        ("outreach:enrolment", [world.enrolment.pk]),
        ("outreach:message", [world.sent.pk]),
    ]:
        text = client.get(reverse(name, args=args)).content.decode()
        assert world.enrolment.address.email not in text
        assert "ada@acme.example" not in text


@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_the_menu_marks_the_section_of_each_page(staff: Client, world: World, name: str) -> None:
    text = staff.get(reverse(name, args=(PAGES | FORMS)[name](world))).content.decode()
    assert text.count('aria-current="') == 2  # the menu stands there twice, for wide and for narrow screens
    assert ('aria-current="page"' in text) == (name in LISTS)


LISTS = [
    "crm:contacts",
    "crm:brands",
    "crm:suppression",
    "outreach:sequences",
    "outreach:templates",
    "outreach:enrolments",
    "outreach:tasks",
    "outreach:outbox",
    "outreach:sent",
    "outreach:calendar",
    "outreach:events",
    "outreach:experiments",
    "outreach:senders",
]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(staff: Client, world: World, name: str) -> None:
    url = reverse(name)
    staff.get(url)
    with CaptureQueriesContext(connection) as few:
        staff.get(url)
    _more(world)
    with CaptureQueriesContext(connection) as many:
        assert staff.get(url).status_code == 200
    assert len(many) == len(few)
    assert len(many) <= 20


def _more(world: World) -> None:
    for number in range(5):
        CrmAddressFactory()
        SequenceFactory()
        TemplateFactory()
        MailboxFactory()
        enrolment = EnrolmentFactory(mailbox=world.mailbox)
        MessageFactory(enrolment=enrolment, state="held", reasons=["No."])
        sent = MessageFactory(enrolment=enrolment, state="sent", sent_at=world.sent.sent_at, subject="Hi", body="Hi.")
        waiting = MessageFactory(enrolment=enrolment)
        type(world.task).objects.create(message=waiting, expires_at=world.task.expires_at)
        type(world.reply).objects.create(
            kind="hard",
            source="smtp",
            key=f"k{number}",
            contact=enrolment.contact,
            message=sent,
            happened_at=world.sent.sent_at,
        )
        Suppression.objects.create(kind="address", value_index=str(number))
        type(world.experiment).objects.create(
            name=f"E{number}", template=world.variant.template, variant=world.variant, planned_per_arm=20
        )


def test_an_empty_installation_says_on_each_page_what_to_do(staff: Client) -> None:
    for name in LISTS:
        text = staff.get(reverse(name)).content.decode()
        assert 'class="empty"' in text or name in ("outreach:sequences", "outreach:templates")


def test_a_list_has_pages_of_fifty_and_keeps_its_filters(staff: Client) -> None:
    brand = CrmAddressFactory().contact.brand
    for _ in range(51):
        CrmAddressFactory(contact__brand=brand)
    text = staff.get(reverse("crm:contacts"), {"q": "example", "page": "2"}).content.decode()
    assert "51–52 of 52" in text
    assert "?q=example&amp;page=1" in text
    assert "51–52 of 52" in staff.get(reverse("crm:contacts"), {"page": "99"}).content.decode()
