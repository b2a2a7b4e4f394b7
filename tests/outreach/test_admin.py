"""Enrolments, messages, tasks and events in the admin, as an admin opens them and decides about them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Contact
from crm.regions import Action, Decision
from outreach import enrolments, gate
from outreach.models import (
    Enrolment,
    Event,
    Experiment,
    Mailbox,
    MailboxPosition,
    Message,
    Sequence,
    Task,
    Template,
    Variant,
)
from tests.outreach.admin_pages import act, page, sign_in_with
from tests.outreach.factories import (
    AddressFactory,
    MailboxFactory,
    MessageFactory,
    SequenceFactory,
    StepFactory,
    TemplateFactory,
    VersionFactory,
)

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"
KEPT = ["enrolment", "message", "task", "event"]


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password="!"))
    return client


@pytest.fixture(autouse=True)
def _anything_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.regions, "decide", lambda *_, **__: Decision(Action.ALLOW, (f"Mind {HOSTILE}.",)))


@pytest.fixture
def everything_held(monkeypatch: pytest.MonkeyPatch) -> Decision:
    held = Decision(Action.HOLD, ("Atlantis: a person has to decide, since " + "the rule is long " * 20,))
    monkeypatch.setattr(gate.regions, "decide", lambda *_, **__: held)
    return held


def enrol(**fields: Any) -> Enrolment:
    user, _ = User.objects.get_or_create(username="grace")
    with transaction.atomic():
        return enrolments.enrol(AddressFactory(**fields).contact, user=user)


def event(enrolment: Enrolment, /, **fields: Any) -> Event:
    message = enrolment.messages.earliest("due_at")
    known = {
        "kind": "reply",
        "source": "mailbox",
        "key": f"key {Event.objects.count()}",
        "message": message,
        "enrolment": enrolment,
        "contact": enrolment.contact,
        "brand": enrolment.contact.brand,
        "mailbox": enrolment.mailbox,
        "happened_at": timezone.now(),
        "email": enrolment.address.email if enrolment.address else None,
        "subject": "Re: Hello",
        "text": f"Tell me more {HOSTILE}",
        "needs_human": True,
        "advice": "Answer it.",
    }
    return Event.objects.create(**known | fields)


def task(enrolment: Enrolment, **fields: Any) -> Task:
    message = enrolment.messages.get(step__channel="linkedin")
    return Task.objects.create(message=message, expires_at=timezone.now() + timedelta(days=5), **fields)


def address_of(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


@pytest.mark.parametrize(
    "model",
    ["mailbox", "mailboxposition", "template", "experiment", "sequence", "sequenceversion", *KEPT],
)
def test_every_list_opens_searches_and_asks_no_query_per_row(
    staff: Client, sequence: Sequence, sender: Mailbox, model: str, django_assert_max_num_queries: Any
) -> None:
    experiment = Experiment.objects.create(
        name="First", template=(text := TemplateFactory()), variant=variant_of(text), planned_per_arm=10
    )
    for n in range(15):
        enrolment = enrol(email=f"ada{n}@acme.example")
        enrolment.messages.update(experiment=experiment, arm="A", sent_at=timezone.now())
        event(enrolment)
        task(enrolment, owner=User.objects.get(username="boss"))
        template = TemplateFactory()
        Experiment.objects.create(name=f"Test {n}", template=template, variant=variant_of(template), planned_per_arm=10)
        VersionFactory(sequence=SequenceFactory(mailbox=MailboxFactory()))
        MailboxPosition.objects.create(account=f"grace{n}@mail.example/INBOX", uid_validity=1)
    with django_assert_max_num_queries(16):
        page(staff, f"{model}_changelist")
    page(staff, f"{model}_changelist", q="ada")


def variant_of(template: Template) -> Variant:
    return Variant.objects.create(template=template, name="Other", body="Hello")


def test_people_are_found_by_name_and_by_their_whole_address(staff: Client, sequence: Sequence) -> None:
    for email, name in (("ada@acme.example", "Sought"), ("joan@acme.example", "Other")):
        enrolment = enrol(email=email, contact__last_name=name)
        event(enrolment)
        task(enrolment)
    for model in KEPT:
        for words in ("sought", "ADA@acme.example"):
            content = page(staff, f"{model}_changelist", q=words)
            assert "Ada Sought" in content
            assert "Ada Other" not in content
        assert "Ada " not in page(staff, f"{model}_changelist", q="nobody@acme.example")


def test_the_enrolments_show_state_address_and_next_message(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol(email="ada@acme.example")
    due = enrolment.messages.earliest("due_at")
    content = page(staff, "enrolment_changelist")
    assert "ada@acme.example" in content
    assert "Active</b>" in content
    assert f"{due.due_at:%Y}" in content.split("field-next_due")[1].split("</td>")[0]
    due.state = "held"
    due.save()
    later = page(staff, "enrolment_changelist").split("field-next_due")[1].split("</td>")[0]
    assert later != content.split("field-next_due")[1].split("</td>")[0]


def test_an_enrolments_page_shows_its_messages_and_leads_to_the_contact_and_where_it_was_found(
    staff: Client, sequence: Sequence, sender: Mailbox
) -> None:
    enrolment = enrol(contact__first_name=HOSTILE, contact__brand__name=f"Acme {HOSTILE}")
    Template.objects.update(body=f"{HOSTILE} {{{{ first_name }}}}")
    content = page(staff, "enrolment_change", enrolment.pk)
    assert HOSTILE not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;script&gt;alert(1)&lt;/script&gt;</div>" in content
    assert "<p>Mind &lt;script&gt;" in content
    assert "LinkedIn message, sent by a person" in content
    found = f"{address_of('enrichment_enrichedcontact_changelist')}?linked_contact__id__exact={enrolment.contact_id}"
    for target in (
        address_of("crm_contact_change", enrolment.contact_id),
        address_of("outreach_sequence_change", sequence.pk),
        address_of("outreach_message_change", enrolment.messages.all()[0].pk),
        f"{address_of('outreach_event_changelist')}?enrolment__id__exact={enrolment.pk}",
        reverse("outreach:enrolment", args=[enrolment.pk]),
        found,
    ):
        assert target in content
        assert staff.get(target).status_code == 200


def test_the_page_of_an_enrolment_asks_no_query_per_message(
    staff: Client, sender: Mailbox, django_assert_max_num_queries: Any
) -> None:
    version = VersionFactory()
    StepFactory.create_batch(12, version=version)
    enrolment = enrol()
    with django_assert_max_num_queries(25):
        page(staff, "enrolment_change", enrolment.pk)


def test_a_text_that_cannot_be_written_says_why_in_its_place(staff: Client, sequence: Sequence) -> None:
    message = enrol().messages.earliest("due_at")
    User.objects.filter(username="grace").delete()
    assert "There is no value for sender_name" in page(staff, "message_change", message.pk)


def test_an_email_that_waits_is_shown_whole_and_one_that_went_as_it_went(
    staff: Client, sequence: Sequence, sender: Mailbox
) -> None:
    message = enrol().messages.earliest("due_at")
    content = page(staff, "message_change", message.pk)
    assert "1 Sample Street, 12345 Sampletown" in content, "the footer"
    message.state, message.sent_at = Message.State.SENT, timezone.now()
    message.subject, message.body, message.email = "As it went", f"Dear {HOSTILE}", "ada@acme.example"
    message.save()
    content = page(staff, "message_change", message.pk)
    assert "<b>As it went</b>" in content
    assert "Dear &lt;script&gt;" in content
    assert "ada@acme.example" in content
    assert "12345 Sampletown" not in content
    assert HOSTILE not in content


def test_a_messages_page_reads_out_its_receipt(staff: Client, sequence: Sequence, sender: Mailbox) -> None:
    message = enrol().messages.earliest("due_at")
    content = page(staff, "message_change", message.pk)
    for line in (
        "<p>decision: <b>allow</b></p>",
        "<p>country: <b>US</b></p>",
        "<p>lawful basis: <b>b2b legitimate interest</b></p>",
        "<p>chance that it exists: <b>95%</b></p>",
        "<p>suppressed: <b>no</b></p>",
        "<p>sent by it that day: <b>0 of 50</b></p>",
    ):
        assert line in content
    assert address_of("outreach_mailbox_change", sender.pk) in content
    bare = MessageFactory()
    assert "Not judged yet." in page(staff, "message_change", bare.pk)


def test_every_state_of_a_message_is_told_by_word(staff: Client) -> None:
    for state in Message.State.values:
        MessageFactory(state=state)
    content = page(staff, "message_changelist")
    for label in Message.State.labels:
        assert f">{label}</b>" in content


def test_the_messages_are_filtered_and_lead_to_the_contact(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol(contact__last_name=HOSTILE)
    content = page(staff, "message_changelist", state__exact="planned", step__channel__exact="linkedin")
    assert content.count("Planned</b>") == 1
    assert address_of("crm_contact_change", enrolment.contact_id) in content
    assert HOSTILE not in content
    assert "Planned</b>" not in page(staff, "message_changelist", state__exact="held")
    year = Message.objects.earliest("due_at").due_at.year
    assert "Planned</b>" in page(staff, "message_changelist", due_at__year=year)


def test_the_list_of_messages_says_why_one_is_held(
    staff: Client, sequence: Sequence, sender: Mailbox, everything_held: Decision
) -> None:
    enrol()
    content = page(staff, "message_changelist")
    assert content.count("Held</b>") == 4
    assert ">Atlantis: a person has to decide, since" in content
    assert f'title="{everything_held.reasons[0]}"' in content, "the whole of it as the tooltip"


def test_releasing_lets_a_held_message_go_and_says_what_cannot(
    staff: Client, sequence: Sequence, sender: Mailbox, everything_held: Decision
) -> None:
    held, other = enrol(email="ada@acme.example").messages.order_by("due_at")[:2]
    other.state = Message.State.SENT
    other.save(update_fields=["state"])
    said = act(staff, "release", held, other)
    assert "1 message released." in said
    assert "1 message left alone: Only a held message can be released; this one is: sent." in said
    held.refresh_from_db()
    assert (held.state, held.released_by) == ("planned", User.objects.get(username="boss"))
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (str(held.pk), "Released.")
    assert entry.object_repr == f"message {held.pk}"


def test_cancelling_leaves_waiting_messages_out(staff: Client, sequence: Sequence, sender: Mailbox) -> None:
    enrolment = enrol()
    first, second = enrolment.messages.order_by("due_at")[:2]
    assert "2 messages cancelled." in act(staff, "cancel", first, second)
    assert [row.state for row in enrolment.messages.order_by("due_at")].count("cancelled") == 2
    assert "2 messages left alone: The message cannot be cancelled any more" in act(staff, "cancel", first, second)


def test_too_many_at_once_are_left_alone(
    staff: Client, sequence: Sequence, sender: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.admin.common.MOST_AT_ONCE", 1)
    first, second = enrol().messages.order_by("due_at")[:2]
    assert "Too many at once: choose up to 1." in act(staff, "cancel", first, second)
    assert not Message.objects.filter(state="cancelled").exists()


def test_nobody_edits_or_deletes_by_hand_what_the_product_writes(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol()
    rows = {"enrolment": enrolment, "message": enrolment.messages.all()[0]}
    rows |= {"event": event(enrolment), "task": task(enrolment)}
    for model, row in rows.items():
        assert staff.get(address_of(f"outreach_{model}_add")).status_code == 403
        change, delete = (address_of(f"outreach_{model}_{what}", row.pk) for what in ("change", "delete"))
        assert staff.post(change, {"state": "finished"}).status_code == 403
        assert staff.post(delete, {"post": "yes"}).status_code == 403
        assert f'href="{delete}"' not in page(staff, f"{model}_change", row.pk)
        assert "delete_selected" not in page(staff, f"{model}_changelist")
        act(staff, "delete_selected", row)
        assert type(row).objects.filter(pk=row.pk).exists()
    assert Enrolment.objects.get().state == "active"


def test_stopping_stops_what_was_selected_and_nothing_else(staff: Client, sequence: Sequence) -> None:
    selected, other = enrol(), enrol()
    assert "1 enrolment stopped, their messages cancelled." in act(staff, "stop", selected)
    selected.refresh_from_db()
    other.refresh_from_db()
    assert (selected.state, selected.stop_reason, other.state) == ("stopped", "by hand", "active")
    assert set(selected.messages.values_list("state", flat=True)) == {"cancelled"}
    assert LogEntry.objects.get().change_message == "Stopped."
    act(staff, "stop", selected)
    assert LogEntry.objects.count() == 1


def test_an_enrolment_is_paused_resumed_and_stopped_while_it_is_paused(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol()
    assert "1 enrolment paused" in act(staff, "pause", enrolment)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.pause_reason) == ("paused", "Paused by boss.")
    assert "Paused by boss." in page(staff, "enrolment_change", enrolment.pk)
    assert "1 enrolment resumed" in act(staff, "resume", enrolment)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.pause_reason) == ("active", "")
    assert "0 enrolments resumed" in act(staff, "resume", enrolment)
    act(staff, "pause", enrolment)
    assert "1 enrolment stopped" in act(staff, "stop", enrolment)
    logged = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(logged) == ["Paused.", "Resumed.", "Paused.", "Stopped."]


def test_the_log_of_what_was_done_names_no_person(staff: Client, sequence: Sequence, sender: Mailbox) -> None:
    enrolment = enrol(email="ada@acme.example", contact__last_name="Secretname")
    act(staff, "mark_handled", event(enrolment))
    act(staff, "done", task(enrolment))
    act(staff, "cancel", enrolment.messages.get(step__position=4))
    act(staff, "stop", enrolment)
    act(staff, "pause", sender)
    entries = list(LogEntry.objects.all())
    assert len(entries) == 5
    for entry in entries:
        assert not [word for word in ("Secretname", "Ada", "@") if word in entry.object_repr + entry.change_message]


def test_who_may_only_look_decides_nothing(client: Client, sequence: Sequence) -> None:
    sign_in_with(client, *(f"view_{model}" for model in KEPT))
    enrolment = enrol()
    chosen = {
        enrolment: ["stop", "pause", "resume"],
        enrolment.messages.all()[0]: ["release", "cancel"],
        task(enrolment): ["done", "skip"],
        event(enrolment): ["mark_handled"],
    }
    for row, actions in chosen.items():
        content = page(client, f"{row._meta.model_name}_changelist")
        for action in actions:
            assert f'value="{action}"' not in content
            act(client, action, row)
    assert Enrolment.objects.get().state == "active"
    assert set(Message.objects.values_list("state", flat=True)) == {"planned"}
    assert (Task.objects.get().state, Event.objects.get().handled_at) == ("open", None)


def test_a_task_shows_its_text_and_is_done_or_skipped_once(staff: Client, sequence: Sequence, sender: Mailbox) -> None:
    one, other = task(enrol(contact__first_name="Ada")), task(enrol())
    content = page(staff, "task_change", one.pk)
    assert "Hello Ada, I would like to find out" in content
    assert 'href="https://www.linkedin.com/in/ada-example"' in content
    assert "1 task done." in act(staff, "done", one)
    assert "1 task left alone: This task is closed already: done." in act(staff, "done", one)
    assert "1 task skipped." in act(staff, "skip", other)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, one.message.state, one.closed_by.username) == ("done", "sent", "boss")
    assert (other.state, other.message.state) == ("skipped", "cancelled")
    assert ">Done</b>" in page(staff, "task_changelist", state__exact="done")


def test_events_are_filtered_read_and_marked_as_handled(staff: Client, sequence: Sequence, sender: Mailbox) -> None:
    enrolment = enrol(email="ada@acme.example")
    reply = event(enrolment)
    bounce = event(enrolment, kind="hard", source="smtp", needs_human=False, text=None)
    bare = event(enrolment, kind="unknown", message=None, enrolment=None, contact=None, brand=None, mailbox=None)
    content = page(staff, "event_changelist", kind__exact="reply", source__exact="mailbox", needs_human__exact="1")
    assert address_of("outreach_event_change", reply.pk) in content
    assert address_of("outreach_event_change", bounce.pk) not in content
    assert address_of("outreach_event_change", reply.pk) not in page(
        staff, "event_changelist", sentiment__exact="positive"
    )
    page(staff, "event_changelist", happened_at__year=timezone.now().year)
    content = page(staff, "event_change", reply.pk)
    assert HOSTILE not in content
    for shown in (
        "Tell me more &lt;script&gt;",
        "ada@acme.example",
        "Answer it.",
        address_of("outreach_message_change", reply.message_id),
        address_of("outreach_enrolment_change", enrolment.pk),
        reverse("outreach:event", args=[reply.pk]),
    ):
        assert shown in content
    page(staff, "event_change", bare.pk)
    assert "1 event marked as handled." in act(staff, "mark_handled", reply)
    reply.refresh_from_db()
    assert (reply.handled_by.username, reply.handled_at is not None) == ("boss", True)
    assert "None of them can be marked as handled." in act(staff, "mark_handled", reply)


def test_a_contact_with_an_enrolment_can_be_deleted(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol()
    event(enrolment)
    task(enrolment)
    staff.post(address_of("crm_contact_delete", enrolment.contact_id), {"post": "yes"})
    assert not Contact.objects.exists()
    for model in (Enrolment, Message, Event, Task):
        assert not model.objects.exists()
