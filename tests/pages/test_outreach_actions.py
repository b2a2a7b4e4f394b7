"""What staff do on the pages of outreach: each action by its form, and what came of it."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import suppression
from crm.models import ContactAddress
from outreach import preflight
from outreach.models import Enrolment, Event, Experiment, Mailbox, Message, Sequence
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MailboxFactory, MessageFactory

from .asking import get, post
from .conftest import World

pytestmark = pytest.mark.django_db


def test_the_banner_says_why_nothing_goes_out(staff: Client, world: World, settings: Any) -> None:
    assert "Sending is off: messages stay in the outbox. Set OUTREACH_SEND_ENABLED=true" in get(staff, "outbox")
    settings.OUTREACH_SEND_ENABLED = True
    settings.EMAIL_URL, settings.ANYMAIL_ESP = "", ""
    assert "but there is no mail server" in get(staff, "outbox")
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    assert "Sending is off" not in get(staff, "outbox")
    MailboxFactory(paused_at=timezone.now(), pause_reason="Too much <b>bounced</b>.")
    assert "The sender is paused. Too much &lt;b&gt;bounced&lt;/b&gt;." in get(staff, "sequences")


def test_enrolments_are_found_by_state_sequence_company_and_person(staff: Client, world: World) -> None:
    other = EnrolmentFactory(address__contact__last_name="Müller", address__contact__brand__name="Elsewhere")
    found, missing = "Ada Müller", str(world.contact)
    for query in (
        {"q": "muller"},
        {"q": "elsewhere"},
        {"q": other.address.email.upper()},
        {"sequence": other.sequence_id},
        {"company": other.contact.brand_id},
    ):
        text = get(staff, "enrolments", **query)
        assert found in text
        assert missing not in text
    assert found not in get(staff, "enrolments", state="stopped")
    assert "Nobody fits these filters" in get(staff, "enrolments", q="nobody at all")
    assert found in get(staff, "enrolments", sequence="nonsense", state="nonsense", page="x")


@pytest.mark.parametrize(("scope", "stopped"), [("", 1), ("person", 2), ("company", 3)])
def test_an_enrolment_is_paused_resumed_and_stopped_with_its_person_or_company(
    staff: Client, scope: str, stopped: int
) -> None:
    one = EnrolmentFactory()
    EnrolmentFactory(address=one.address)
    EnrolmentFactory(address__contact__brand=one.contact.brand)
    EnrolmentFactory()
    count = Enrolment.objects.filter
    post(staff, "enrolment-change", one.pk, "pause", scope=scope)
    assert count(state="paused").count() == stopped
    assert "Paused by boss." in get(staff, "enrolment", one.pk)
    post(staff, "enrolment-change", one.pk, "resume", scope=scope)
    assert count(state="active").count() == 4
    post(staff, "enrolment-change", one.pk, "stop", scope=scope)
    assert count(state="stopped").count() == stopped
    assert "Nothing was there to change" in post(staff, "enrolment-change", one.pk, "stop", scope=scope)


def test_a_contact_is_enrolled_once(staff: Client, sequence: Sequence) -> None:
    address = AddressFactory()
    data = {"sequence": sequence.pk, "address": address.pk}
    assert "is enrolled" in post(staff, "enrol", address.contact_id, **data)
    assert "nobody gets it twice" in post(staff, "enrol", address.contact_id, **data)
    assert Enrolment.objects.get().messages.count() == 4
    foreign = post(staff, "enrol", address.contact_id, sequence=sequence.pk, address=AddressFactory().pk)
    assert "Select a valid choice" in foreign


def test_a_held_message_is_cancelled_and_an_uncertain_one_settled(staff: Client, world: World) -> None:
    assert "The address was formed from the name." in get(staff, "outbox", state="held")
    assert "is cancelled" in post(staff, "message-change", world.held.pk, "cancel")
    assert "cannot be cancelled any more" in post(staff, "message-change", world.sent.pk, "cancel")
    unknown = MessageFactory(state="unknown", claimed_at=timezone.now())
    assert "1 message was perhaps sent" in get(staff, "outbox")
    assert "Noted as sent" in post(staff, "message-change", unknown.pk, "was-sent")
    unknown.refresh_from_db()
    assert unknown.state == Message.State.SENT
    failed = MessageFactory(state="unknown", claimed_at=timezone.now())
    assert "Noted as not sent" in post(staff, "message-change", failed.pk, "not-sent")
    failed.refresh_from_db()
    assert failed.state == Message.State.FAILED


def test_a_held_message_is_released_or_it_says_why_not(staff: Client, settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://out.sender.example"
    enrolment = EnrolmentFactory(address__probability=0.5, address__origin=ContactAddress.Origin.GUESSED)
    message = MessageFactory(enrolment=enrolment, state="held", reasons=["Look."])
    assert "is released" in post(staff, "message-change", message.pk, "release")
    message.refresh_from_db()
    assert message.state == Message.State.PLANNED
    assert message.released_by.username == "boss"
    assert "Only a held message can be released" in post(staff, "message-change", message.pk, "release")


def test_a_receipt_is_readable(staff: Client, world: World) -> None:
    text = get(staff, "message", world.sent.pk)
    assert "As it went out." in text
    assert "<dt>Cap, used</dt><dd>1</dd>" in text
    assert "<dt>Consent</dt><dd>not known</dd>" in text


def test_a_task_has_its_text_and_is_done_once(staff: Client, world: World) -> None:
    text = get(staff, "tasks")
    assert "A question for" in text
    assert "readonly" in text
    assert "Done." in post(staff, "task-change", world.task.pk, "done")
    world.by_hand.refresh_from_db()
    assert world.by_hand.state == Message.State.SENT
    post(staff, "task-change", world.task.pk, "skip")
    world.task.refresh_from_db()
    assert world.task.state == "done"


def test_a_reply_is_marked_and_handled(staff: Client, world: World) -> None:
    assert "Gladly, on Monday." in get(staff, "event", world.reply.pk)
    assert "Re: Hello Ada" in get(staff, "events", open="1", kind="reply")
    post(staff, "event-change", world.reply.pk, "positive")
    post(staff, "event-change", world.reply.pk, "handled")
    world.reply.refresh_from_db()
    assert world.reply.sentiment == "positive"
    assert world.reply.handled_by.username == "boss"
    assert "Nothing fits these filters" in get(staff, "events", open="1")


def test_a_reply_of_nobody_is_assigned_to_a_contact(staff: Client, world: World) -> None:
    lost = Event.objects.create(
        kind="reply",
        source="mailbox",
        key="lost",
        brand=world.contact.brand,
        happened_at=timezone.now(),
        needs_human=True,
    )
    assert str(world.contact) in get(staff, "event", lost.pk)
    assert f"It belongs to {world.contact} now." in post(staff, "event-assign", lost.pk, contact=world.contact.pk)
    lost.refresh_from_db()
    assert lost.contact == world.contact
    assert "not there any more" in post(staff, "event-assign", lost.pk, contact="nonsense")


def test_after_a_bounce_the_sequence_goes_on_at_the_next_address(staff: Client, world: World) -> None:
    enrolment = world.enrolment
    bounce = Event.objects.create(
        kind="hard",
        source="smtp",
        key="b",
        contact=world.contact,
        enrolment=enrolment,
        message=world.held,
        email=enrolment.address.email,
        happened_at=timezone.now(),
        needs_human=True,
    )
    suppression.add([enrolment.address.email], "bounced")
    text = post(staff, "event-change", bounce.pk, "next-address")
    assert 'class="message error"' in text  # there is none
    post(staff, "enrolment-change", enrolment.pk, "stop")
    AddressFactory(contact=world.contact, is_primary=False)
    assert "begins again" in post(staff, "event-change", bounce.pk, "next-address")
    assert world.contact.enrolments.count() == 2


def test_an_experiment_is_made_started_and_ended(staff: Client, world: World) -> None:
    data = {"name": "Two", "variant": world.variant.pk, "planned_per_arm": 20}
    assert "Start it when you are ready" in post(staff, "experiment-new", **data)
    assert "already: choose another name" in post(staff, "experiment-new", **data)
    made = Experiment.objects.get(name="Two")
    assert "is running" in post(staff, "experiment-change", made.pk, "start")
    assert "end it first" in post(staff, "experiment-change", world.experiment.pk, "start")
    assert "Not enough data: 20 more per arm." in get(staff, "experiment", made.pk)
    assert "is ended" in post(staff, "experiment-change", made.pk, "end")


def test_a_sender_is_added_paused_resumed_and_checked(
    staff: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {"address": "new@sender.example", "sender_name": "New", "daily_cap": 10, "active": "on"}
    assert "Check it now" in post(staff, "sender-new", **data)
    made = Mailbox.objects.get(address="new@sender.example")
    post(staff, "sender-change", made.pk, "pause")
    made.refresh_from_db()
    assert made.pause_reason == "Paused by boss."
    assert "sends again" in post(staff, "sender-change", made.pk, "resume")
    finding = {"result": False, "sentence": "There is no SPF record."}

    def found(mailbox: Mailbox) -> None:
        mailbox.preflight, mailbox.preflight_at = {"spf": finding}, timezone.now()
        mailbox.save()

    monkeypatch.setattr(preflight, "run", found)
    assert "There is no SPF record." in post(staff, "sender-change", made.pk, "check")
    assert "Enter a valid email address" in post(staff, "sender", made.pk, **data | {"address": "nonsense"})


def test_whoever_may_only_look_changes_nothing(reader: Client, world: World) -> None:
    for name, args in [
        ("sequence", [world.enrolment.sequence_id]),
        ("sequence-change", [world.enrolment.sequence_id, "stop"]),
        ("template", [world.step.template_id]),
        ("enrolment-change", [world.enrolment.pk, "stop"]),
        ("enrol", [world.contact.pk]),
        ("message-change", [world.held.pk, "release"]),
        ("task-change", [world.task.pk, "done"]),
        ("event-change", [world.reply.pk, "handled"]),
        ("event-assign", [world.reply.pk]),
        ("experiment-change", [world.experiment.pk, "start"]),
        ("sender", [world.mailbox.pk]),
        ("sender-change", [world.mailbox.pk, "pause"]),
    ]:
        assert reader.post(reverse(f"outreach:{name}", args=args)).status_code == 403, name


def test_the_way_back_leads_to_our_own_pages_only(staff: Client, world: World) -> None:
    url = reverse("outreach:enrolment-change", args=[world.enrolment.pk, "pause"])
    assert staff.post(url, {"next": "/outreach/enrolments/?q=ada"})["Location"] == "/outreach/enrolments/?q=ada"
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = staff.post(url, {"next": elsewhere})
        assert answer["Location"] == reverse("outreach:enrolment", args=[world.enrolment.pk])


def test_a_form_without_its_token_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="boss"))
    assert client.post(reverse("outreach:enrolment-change", args=[world.enrolment.pk, "stop"])).status_code == 403


def test_outreach_begins_with_the_first_page_that_one_may_see(client: Client) -> None:
    user = User.objects.create_user("half", is_staff=True)
    client.force_login(user)
    assert client.get("/outreach/")["Location"] == "/admin/"
    user.user_permissions.set(Permission.objects.filter(codename="view_event"))
    client.force_login(User.objects.get(pk=user.pk))
    assert client.get("/outreach/")["Location"] == "/outreach/events/"


def test_the_admin_leads_to_the_pages(staff: Client) -> None:
    text = staff.get("/admin/").content.decode()
    assert 'href="/outreach/enrolments/"' in text
    assert 'href="/crm/contacts/"' in text


def test_a_held_message_says_why_and_what_can_be_done(staff: Client, world: World) -> None:
    release = reverse("outreach:message-change", args=[world.held.pk, "release"])
    contact = reverse("crm:contact", args=[world.contact.pk])
    pages = [("outbox", []), ("message", [world.held.pk]), ("enrolment", [world.enrolment.pk])]
    for name, args in pages:
        text = get(staff, name, *args)
        assert "The address was formed from the name." in text
        assert contact in text
        assert release in text
    assert reverse("outreach:message", args=[world.held.pk]) in get(staff, "calendar")
    world.held.receipt = {"action": "block"}
    world.held.save()
    for name, args in pages:
        text = get(staff, name, *args)
        assert "Nobody can release it" in text
        assert release not in text


def test_the_planned_size_of_an_experiment_is_worked_out_and_nothing_typed_is_lost(staff: Client, world: World) -> None:
    text = get(staff, "experiment-new")
    assert "became 8%, each arm needs <b>602 companies</b>: 1204 in all." in text
    assert 'value="602"' in text
    text = post(staff, "experiment-new", do="size", name="Kept", variant=world.variant.pk, share="10", better="20")
    assert "each arm needs <b>219 companies</b>" in text
    assert 'value="219"' in text
    assert 'value="Kept"' in text
    assert f'value="{world.variant.pk}" selected' in text
    assert "Write another share" in post(staff, "experiment-new", do="size", share="5", better="5")
    assert "greater than or equal to 0.1" in post(staff, "experiment-new", do="size", share="0", better="5")
    assert Experiment.objects.count() == 1
