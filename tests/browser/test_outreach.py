"""Outreach as an admin works with it, in a real Chromium: on a wide screen, on a phone, and without JavaScript."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from outreach import manual_steps
from outreach.models import Enrolment, Event, Message, Sequence, Task, Template
from tests.outreach.factories import (
    AddressFactory,
    EnrolmentFactory,
    MailboxFactory,
    MessageFactory,
    ReachableFactory,
    StepFactory,
)

from .at_work import PLAIN, Admin, screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@screens(**PLAIN)
def test_from_a_template_to_a_message_that_a_person_releases(admin: Admin) -> None:
    MailboxFactory(address="grace@sender.example")
    address = AddressFactory(contact=ReachableFactory(first_name="Zoë", last_name="Chosen"), probability=0.5)
    _write_template(admin)
    sequence = _build_sequence(admin)

    admin.open(f"/crm/contacts/{address.contact_id}/")
    admin.page.get_by_role("link", name="Enrol in a sequence").click()
    admin.look()
    admin.choose("Sequence", "Two steps")
    admin.press("Enrol", "Zoë Chosen is enrolled.")

    admin.menu("Outbox")
    row = admin.page.get_by_role("row", name="Zoë Chosen").first
    expect(row).to_contain_text("Held")
    expect(row).to_contain_text("The address exists with a chance of 50%, and 80% is the least")
    row.get_by_role("link", name="Zoë Chosen", exact=True).click()
    admin.look()
    expect(admin.page.get_by_text("Why it is held")).to_be_visible()
    expect(admin.page.locator(".mail")).to_contain_text("Hello Zoë, a question.")
    admin.press("Release", "is released and goes when it is due")

    admin.menu("Calendar")
    entry = admin.page.get_by_role("row", name="Zoë Chosen").first
    expect(entry).to_contain_text("Planned")
    expect(entry).to_contain_text(f"{sequence}, step 1")
    _pause_and_resume(admin)


def _write_template(admin: Admin) -> None:
    """Make a template with a variable, look at it for a contact, and save it."""
    admin.menu("Templates")
    admin.page.get_by_role("link", name="New template").click()
    admin.fill("Name", "First")
    admin.fill("Subject", "For {{ company }}")
    admin.fill("Body", "Hello {{ first_nme | there }}, a question.")
    admin.press("Preview")
    expect(admin.page.get_by_text("first_nme").first).to_be_visible()
    admin.fill("Body", "Hello {{ first_name | there }}, a question.")
    admin.press("Preview")
    expect(admin.page.locator(".mail")).to_contain_text("Hello Zoë, a question.")
    assert not Template.objects.filter(name="First").exists()
    admin.press("Save", "is saved")
    Template.objects.create(name="Second", subject="", body="Again.")


def _build_sequence(admin: Admin) -> Sequence:
    """Make a sequence of two steps, added in the wrong order; switch it on."""
    admin.menu("Sequences")
    admin.page.get_by_role("link", name="New sequence").click()
    admin.fill("Name", "Two steps")
    admin.press("Make it", "The sequence is made.")
    for number, (text, delay) in enumerate((("Second", "4"), ("First", "0"))):
        admin.press("Add a step")
        step = admin.page.locator("fieldset.step").nth(number)
        step.get_by_label("Business days later").fill(delay)
        step.get_by_label("Text").select_option(label=text)
    admin.press("Up step 2")
    expect(admin.page.locator("fieldset.step").first.get_by_label("Business days later")).to_have_value("0")
    admin.page.get_by_label("Active").check()
    admin.page.locator("section").get_by_role("button", name="Save").click()
    expect(admin.page.get_by_text("Saved.")).to_be_visible()
    sequence = Sequence.objects.get(name="Two steps")
    steps = sequence.versions.get().steps.order_by("position").values_list("template__name", "delay_days")
    assert (sequence.active, list(steps)) == (True, [("First", 0), ("Second", 4)])
    return sequence


def _pause_and_resume(admin: Admin) -> None:
    admin.menu("Enrolments")
    admin.page.get_by_role("link", name="Zoë Chosen").click()
    admin.look()
    admin.press("Pause", "1 enrolment paused")
    expect(admin.page.get_by_text("Paused: Paused by boss.")).to_be_visible()
    admin.press("Resume", "1 enrolment resumed.")
    assert Enrolment.objects.get().state == Enrolment.State.ACTIVE


@screens()
def test_a_task_a_reply_and_somebody_who_must_not_be_written_to(admin: Admin) -> None:
    step = StepFactory(position=1, channel="linkedin")
    enrolment = EnrolmentFactory(version=step.version, address__contact__last_name="Tasked")
    MessageFactory(enrolment=enrolment, step=step, due_at=timezone.now())
    MessageFactory(enrolment=enrolment, step=StepFactory(version=step.version, position=2))
    assert manual_steps.open_due(timezone.now()) == 1
    reply = Event.objects.create(
        kind="reply",
        source="mailbox",
        key="1",
        contact=enrolment.contact,
        enrolment=enrolment,
        happened_at=timezone.now(),
        subject="Re: " + "a long subject " * 9,
        text="Gladly. " * 200 + "https://acme.example/" + "x" * 300,
        needs_human=True,
        advice="Answer it.",
    )

    admin.menu("Tasks")
    text = admin.page.get_by_label("Text to copy")
    text.select_text()
    expect(text).to_have_value(f"A question for {enrolment.contact.brand}.")
    admin.press("Done", "Done. The steps after it follow from today.")
    assert Task.objects.get().state == Task.State.DONE

    admin.menu("Bounces & replies")
    admin.page.get_by_role("row", name="Answer it.").get_by_role("link").first.click()
    admin.look()
    admin.press("Interested", "Noted: interested.")
    reply.refresh_from_db()
    assert reply.sentiment == Event.Sentiment.POSITIVE

    assert enrolment.address is not None
    admin.menu("Suppression list")
    admin.fill("Addresses and domains", enrolment.address.email)
    admin.press("Add to the list", "1 added")
    admin.open(f"/outreach/enrolments/{enrolment.pk}/")
    expect(admin.page.locator("h1")).to_contain_text("Stopped")
    assert enrolment.messages.get(step__position=2).state == Message.State.CANCELLED


@screens()
def test_a_company_and_all_its_people_are_paused_and_stopped_at_once(admin: Admin) -> None:
    enrolment = EnrolmentFactory()
    other = EnrolmentFactory(address__contact__brand=enrolment.contact.brand)
    admin.menu("Brands")
    admin.page.get_by_role("link", name=str(enrolment.contact.brand), exact=True).click()
    admin.look()
    admin.press("Pause all", "2 enrolments paused")
    expect(admin.page.get_by_text("0 active, 2 paused")).to_be_visible()
    admin.press("Resume all", "2 enrolments resumed")
    admin.press("Stop all", "2 enrolments stopped")
    other.refresh_from_db()
    assert other.state == Enrolment.State.STOPPED
