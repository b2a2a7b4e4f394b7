"""What outreach writes into the audit trail: who did what to whom, without an address in clear."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import audit
from core.models import AuditEntry
from crm.models import HistoryEntry
from outreach import audited, enrolments, going_out, handling, inbound, judging, mailboxes, sequences
from outreach.models import Channel, Event, Sequence
from outreach.sequences import StepData
from outreach.transport import Sent
from tests.outreach import coming_back
from tests.outreach.factories import (
    EnrolmentFactory,
    MailboxFactory,
    MessageFactory,
    TemplateFactory,
)

pytestmark = pytest.mark.django_db


def entries(*actions: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__in=actions).order_by("at", "id"))


def test_who_paused_resumed_and_stopped_somebody_is_known(user: User) -> None:
    enrolment = EnrolmentFactory()
    enrolments.pause(Q(pk=enrolment.pk), "Paused by grace.", user)
    enrolments.resume(Q(pk=enrolment.pk), user)
    enrolments.stop_where(Q(pk=enrolment.pk), "by hand", user)
    found = entries("enrolment.paused", "enrolment.resumed", "enrolment.stopped")
    assert [entry.action for entry in found] == ["enrolment.paused", "enrolment.resumed", "enrolment.stopped"]
    assert {entry.actor for entry in found} == {"grace"}
    assert {entry.subject for entry in found} == {audit.person(enrolment.contact)}
    history = HistoryEntry.objects.filter(contact=enrolment.contact, kind__in=["paused", "resumed", "stopped"])
    assert set(history.values_list("actor", flat=True)) == {user.pk}


def test_many_at_once_take_no_more_queries(user: User) -> None:
    counts = []
    for number in (2, 8):
        EnrolmentFactory.create_batch(number, state="active")
        with CaptureQueriesContext(connection) as queries:
            assert enrolments.pause(Q(), "Holidays.", user) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(entries("enrolment.paused")) == 10


def test_a_message_that_went_names_its_address_under_the_persons_key_alone(user: User) -> None:
    message = MessageFactory(state="sending", claimed_at=timezone.now(), email="jane@acme.example")
    going_out.sent(message.pk, Sent(), timezone.now())
    (entry,) = entries("message.sent")
    assert (entry.object_id, entry.subject) == (str(message.pk), audit.person(message.enrolment.contact))
    assert "jane" not in entry.details + entry.values
    assert audit.values_of([entry])[entry.pk] == {"before": {}, "after": {"email": "jane@acme.example"}}
    audit.forget([entry.subject])
    assert audit.values_of([entry])[entry.pk] is None


def test_what_comes_back_and_who_dealt_with_it(user: User) -> None:
    message = coming_back.sent_to()
    raw = coming_back.answer()
    for _ in range(2):
        inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    (entry,) = entries("event.received")
    assert entry.subject == audit.person(message.enrolment.contact)
    assert '"kind": "reply"' in entry.details
    event = Event.objects.get()
    handling.set_sentiment(event, "positive", user)
    handling.mark_handled(event, user)
    handling.mark_handled(event, user)
    assert [(row.action, row.actor) for row in entries("event.judged", "event.handled")] == [
        ("event.judged", "grace"),
        ("event.handled", "grace"),
    ]


def test_mail_that_has_nothing_to_do_with_us_leaves_no_entry() -> None:
    raw = coming_back.answer(answers="", subject="Lunch", sender="Eve <eve@elsewhere.example>")
    inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    assert not entries("event.received")


def test_releasing_and_cancelling_is_known_with_what_stood_in_the_way(user: User) -> None:
    message = MessageFactory(state="held", reasons=["Look."])
    judging.cancel(message, user)
    (entry,) = entries("message.cancelled")
    assert entry.actor == "grace"
    assert "Look." in entry.details


def test_what_is_ours_is_kept_in_clear_and_only_when_it_changed(user: User) -> None:
    mailbox = MailboxFactory(daily_cap=50)
    mailbox.daily_cap, mailbox.signature = 60, "x" * 1000
    mailboxes.save(mailbox, user)
    mailboxes.save(mailbox, user)
    mailboxes.pause(mailbox, "Paused by grace.", user)
    mailboxes.resume(mailbox, user)
    changed, paused, resumed = entries("mailbox.changed", "mailbox.paused", "mailbox.resumed")
    assert '"after": {"daily_cap": 60, "signature": "1000 characters"}' in changed.details
    assert (paused.actor, resumed.actor) == ("grace", "grace")

    template = TemplateFactory.build()
    audited.save(template, "template", ("name", "subject", "body"), user)
    template.subject = "Other"
    audited.save(template, "template", ("name", "subject", "body"), user)
    assert [row.action for row in entries("template.created", "template.changed")] == [
        "template.created",
        "template.changed",
    ]


def test_sequences_their_steps_and_switches(user: User) -> None:
    sequence: Sequence = sequences.create("New", user)
    steps = [StepData(Channel.EMAIL, 0, TemplateFactory().pk)]
    for _ in range(2):
        sequences.save_steps(sequence, steps, user)
        sequences.activate(sequence, user=user)
    sequences.rename(sequence, "Newer", user)
    enrolments.pause_sequence(sequence, user)
    said: list[Any] = [(row.action, row.actor) for row in entries("sequence.created", "sequence.changed")]
    assert said == [("sequence.created", "grace"), *[("sequence.changed", "grace")] * 4]
