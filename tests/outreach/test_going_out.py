"""What comes back of a message that was perhaps sent shows that it was: nobody has to look for it any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, EventType
from django.contrib.auth.models import User

from crm import merging
from crm.models import Contact, HistoryEntry
from outreach import going_out, inbound, recording, webhooks
from outreach.models import Enrolment, Event, Message
from outreach.transport import NotSent, Sent

from .coming_back import ADA, OURS, answer, away, bounce, sent_to
from .factories import ReachableFactory

pytestmark = pytest.mark.django_db
State = Message.State
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


def perhaps_sent(state: str = State.UNKNOWN) -> Message:
    """Return a message of which nobody knows whether it went, with the question about it."""
    message = sent_to(state=State.SENDING, sent_at=None)
    Enrolment.objects.filter(pk=message.enrolment_id).update(state="active")
    if state == State.UNKNOWN:
        assert recording.uncertain(message.pk, NOW)
    message.refresh_from_db()
    return message


def receive(raw: bytes) -> Event:
    (event,) = inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    return event


def settled(message: Message) -> Message:
    row = Message.objects.select_related("enrolment__contact").get(pk=message.pk)
    assert (row.state, row.sent_at) == (State.SENT, message.claimed_at)
    assert not Event.objects.filter(kind=Event.Kind.UNCERTAIN, needs_human=True).exists()
    assert HistoryEntry.objects.filter(kind="sent").count() == 1
    return row


@pytest.mark.parametrize("state", [State.UNKNOWN, State.SENDING])
def test_a_reply_to_it_settles_it_and_stops_the_enrolment(state: str) -> None:
    message = perhaps_sent(state)
    event = receive(answer(sender="other@elsewhere.example"))
    assert (event.kind, event.message) == (Event.Kind.REPLY, message)
    assert settled(message).enrolment.state == Enrolment.State.STOPPED


def test_an_automatic_answer_settles_it_and_what_follows_is_planned_and_postponed() -> None:
    message = perhaps_sent()
    following = message.enrolment.messages.get(state=State.PLANNED)
    receive(away("I am out of the office."))
    row = settled(message)
    assert row.enrolment.state == Enrolment.State.ACTIVE
    assert row.enrolment.contact.relationship_status == Contact.Relationship.CONTACTED
    assert following.enrolment.messages.get(pk=following.pk).due_at > following.due_at


def test_a_bounce_that_names_it_settles_it_too() -> None:
    message = perhaps_sent()
    receive(bounce())
    assert settled(message).enrolment.stop_reason == "bounced"


@pytest.mark.parametrize("kind", [EventType.DELIVERED, EventType.BOUNCED, EventType.COMPLAINED])
def test_a_service_that_reports_of_it_settles_it(kind: str) -> None:
    message = perhaps_sent()
    webhooks.on_tracking(_reported(message, kind), "Example")
    settled(message)


def test_a_service_that_could_not_send_it_settles_nothing() -> None:
    message = perhaps_sent()
    webhooks.on_tracking(_reported(message, EventType.FAILED), "Example")
    message.refresh_from_db()
    assert message.state == State.UNKNOWN


def _reported(message: Message, kind: str) -> AnymailTrackingEvent:
    about: dict[str, Any] = {"metadata": {"message": str(message.pk)}, "recipient": ADA, "esp_event": {}}
    return AnymailTrackingEvent(event_type=kind, timestamp=NOW, message_id="s-1", description="550 5.1.1 No", **about)


def test_what_belongs_to_it_by_the_address_alone_proves_nothing() -> None:
    message = perhaps_sent()
    receive(answer(answers=""))
    message.refresh_from_db()
    assert message.state == State.UNKNOWN


def test_its_sender_who_wakes_up_later_changes_nothing_but_the_services_name() -> None:
    message = perhaps_sent(State.SENDING)
    receive(answer())
    assert recording.refused(message.pk, NotSent(True, 421, "Later", ours=True), NOW) is False
    assert recording.uncertain(message.pk, NOW) is False
    recording.sent(message.pk, Sent("service-1"), NOW + timedelta(hours=1))
    assert settled(message).provider_id == "service-1"


def test_a_contact_who_is_merged_while_the_message_is_recorded_is_found_again(
    monkeypatch: pytest.MonkeyPatch, user: User
) -> None:
    message = perhaps_sent(State.SENDING)
    kept = ReachableFactory(brand=message.enrolment.contact.brand)
    lock, done = going_out._for_update, []

    def merge_first(rows: Any) -> Any:
        if not done:
            done.append(merging.merge(kept, message.enrolment.contact, {}, user))
        return lock(rows)

    monkeypatch.setattr(going_out, "_for_update", merge_first)
    recording.sent(message.pk, Sent(), message.claimed_at or NOW)
    assert settled(message).enrolment.contact == kept


def test_a_contact_who_is_merged_while_a_reply_is_read_is_found_again(
    monkeypatch: pytest.MonkeyPatch, user: User
) -> None:
    message = sent_to()
    kept = ReachableFactory(brand=message.enrolment.contact.brand)
    lock, done = inbound._lock, []

    def merge_first(*arguments: Any, **options: Any) -> None:
        if not done:
            done.append(merging.merge(kept, message.enrolment.contact, {}, user))
        lock(*arguments, **options)

    monkeypatch.setattr(inbound, "_lock", merge_first)
    event = receive(answer(answers=OURS))
    assert (event.contact, event.message) == (kept, message)
