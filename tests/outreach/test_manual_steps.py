"""A step for a person opens a task once, with its text; done, skipped, answered or expired, the enrolment goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db.models import Q

from crm.models import AddressOutcome, Contact, HistoryEntry
from outreach import enrolments, linkedin, manual_steps
from outreach.models import Enrolment, Event, Mailbox, Message, Sequence, Task
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MessageFactory, StepFactory
from tests.racing import race

pytestmark = pytest.mark.usefixtures("sender")
TUESDAY = datetime(2026, 11, 3, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(db: None) -> Any:
    with time_machine.travel(TUESDAY, tick=False) as traveller:
        yield traveller


def waiting(channel: str = "linkedin", **fields: Any) -> Enrolment:
    """Return somebody in Great Britain for whom a step by hand is due, with an e-mail five business days after it."""
    step = StepFactory(position=1, channel=channel)
    last = StepFactory(position=2, version=step.version, delay_days=5)
    address = AddressFactory(**({"contact__region_code": "GB"} | fields))
    enrolment = EnrolmentFactory(address=address, version=step.version, zone="Europe/London")
    MessageFactory(enrolment=enrolment, step=step, due_at=TUESDAY)
    MessageFactory(enrolment=enrolment, step=last, due_at=TUESDAY + timedelta(days=7))
    return enrolment


def opened(channel: str = "linkedin", **fields: Any) -> Task:
    waiting(channel, **fields)
    assert manual_steps.open_due(TUESDAY) == 1
    return Task.objects.select_related("message__enrolment__contact").get()


def next_date(task: Task) -> str:
    return f"{Message.objects.get(enrolment=task.message.enrolment, step__position=2).due_at:%a %d %b}"


def state(enrolment: Enrolment) -> tuple[str, str]:
    row = Enrolment.objects.get(pk=enrolment.pk)
    return row.state, row.stop_reason


def test_a_task_opens_when_it_is_due_once_with_its_text(user: User) -> None:
    owner = User.objects.create_user("owner")
    waiting(contact__owner=owner, contact__brand__name="Acme")
    assert manual_steps.open_due(TUESDAY - timedelta(seconds=1)) == 0
    assert manual_steps.open_due(TUESDAY) == 1
    assert manual_steps.open_due(TUESDAY) == 0
    task = Task.objects.get()
    assert (task.state, task.owner, task.message.state) == ("open", owner, "planned")
    assert (task.message.subject, task.message.body) == ("", "A question for Acme.")
    assert task.expires_at == datetime(2026, 11, 10, 17, tzinfo=UTC)
    assert task.message.receipt["action"] == "allow"


def test_an_email_by_hand_comes_whole_with_footer(sender: Mailbox, user: User) -> None:
    task = opened("manual_email", contact__first_name="Ada")
    assert task.message.subject == "Hello Ada"
    assert sender.company in task.message.body
    assert "/unsubscribe/" in task.message.body
    manual_steps.done(task, user)
    message = Message.objects.get(pk=task.message_id)
    assert (message.email, message.mailbox) == (message.enrolment.address.email, message.enrolment.mailbox)


def test_time_to_do_it_passes_over_the_recipients_holidays(settings: Any) -> None:
    settings.OUTREACH_TASK_DAYS = 20
    with time_machine.travel(datetime(2026, 12, 1, 11, tzinfo=UTC)):
        waiting()
        manual_steps.open_due(datetime(2026, 12, 1, 11, tzinfo=UTC))
    # Christmas Day, and the Monday for Boxing Day, which is a Saturday
    assert f"{Task.objects.get().expires_at:%a %d %b}" == "Thu 31 Dec"


def test_what_may_not_go_is_held_and_opens_no_task() -> None:
    enrolment = waiting(contact__lawful_basis=None)
    assert manual_steps.open_due(TUESDAY) == 0
    message = enrolment.messages.get(step__position=1)
    assert (message.state, Task.objects.count()) == ("held", 0)
    assert "lawful basis" in " ".join(message.reasons)


def test_without_a_profile_the_task_opens_all_the_same() -> None:
    task = opened(contact__linkedin_url=None)
    contact = task.message.enrolment.contact
    assert "search/results/people/?keywords=" in linkedin.link_for(contact)
    contact.linkedin_url = "https://www.linkedin.com/in/ada"
    assert linkedin.link_for(contact) == "https://www.linkedin.com/in/ada"


def test_an_email_that_cannot_be_composed_is_held() -> None:
    enrolment = waiting("manual_email", email="zoë@acme.example")
    assert manual_steps.open_due(TUESDAY) == 0
    message = enrolment.messages.get(step__position=1)
    assert (message.state, message.body) == ("held", None)
    assert "cannot be written to" in message.reasons[0]


def test_a_paused_sender_lets_an_email_by_hand_wait_but_not_linkedin() -> None:
    by_mail, linkedin = waiting("manual_email"), waiting()
    Mailbox.objects.update(paused_at=TUESDAY)
    assert manual_steps.open_due(TUESDAY) == 1
    assert Task.objects.get().message.enrolment == linkedin
    assert by_mail.messages.get(step__position=1).state == "planned"
    Mailbox.objects.update(paused_at=None)
    assert manual_steps.open_due(TUESDAY) == 1


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_open_one_task_for_each_step() -> None:
    for _ in range(3):
        waiting()
    counts = race(4, lambda _: manual_steps.open_due(TUESDAY))
    assert Task.objects.count() == 3
    assert sum(counts) == 3


def test_done_sends_the_message_and_the_next_follows_from_then(user: User, clock: Any) -> None:
    task = opened()
    clock.move_to(TUESDAY + timedelta(days=2))
    manual_steps.done(task, user)
    message = Message.objects.get(pk=task.message_id)
    assert (message.state, message.sent_at) == ("sent", TUESDAY + timedelta(days=2))
    assert next_date(task) == "Thu 12 Nov"
    contact = Contact.objects.get(pk=task.message.enrolment.contact_id)
    assert contact.relationship_status == "Contacted"
    assert "sent" in HistoryEntry.objects.filter(contact=contact).values_list("kind", flat=True)
    for act in (manual_steps.done, manual_steps.skip, manual_steps.replied):
        with pytest.raises(ValueError, match="closed already: done"):
            act(task, user)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_close_it_once() -> None:
    task = opened()

    def work(index: int) -> bool:
        try:
            manual_steps.done(Task.objects.get(pk=task.pk), None)
        except ValueError:
            return False
        return True

    assert sorted(race(2, work)) == [False, True]


def test_skipped_and_expired_ones_are_left_out_and_the_next_follows_from_then(user: User, clock: Any) -> None:
    task = opened()
    clock.move_to(TUESDAY + timedelta(days=1))
    manual_steps.skip(task, user)
    assert (Task.objects.get().state, Message.objects.get(pk=task.message_id).state) == ("skipped", "cancelled")
    assert next_date(task) == "Wed 11 Nov"
    other = waiting()
    manual_steps.open_due(clock_now())
    clock.move_to(TUESDAY + timedelta(days=7, hours=7))
    assert manual_steps.expire_due(clock_now()) == 0, "it was opened on Wednesday"
    clock.move_to(TUESDAY + timedelta(days=8, hours=7))
    assert manual_steps.expire_due(clock_now()) == 1
    assert manual_steps.expire_due(clock_now()) == 0
    expired = Task.objects.get(message__enrolment=other)
    assert (expired.state, expired.closed_by, next_date(expired)) == ("expired", None, "Wed 18 Nov")


def clock_now() -> datetime:
    return datetime.now(UTC)


def test_a_sequence_that_ends_with_a_task_is_finished_by_it(user: User) -> None:
    task = opened()
    Message.objects.filter(step__position=2).delete()
    manual_steps.skip(task, user)
    assert state(task.message.enrolment) == ("finished", "")


def test_an_answer_stops_the_enrolment_and_lets_colleagues_wait(user: User) -> None:
    task = opened()
    contact = task.message.enrolment.contact
    colleague = EnrolmentFactory(address=AddressFactory(contact__brand=contact.brand))
    stranger = EnrolmentFactory()
    manual_steps.replied(task, user)
    assert state(task.message.enrolment) == ("stopped", "replied")
    assert (state(colleague)[0], state(stranger)[0]) == ("paused", "active")
    assert Contact.objects.get(pk=contact.pk).relationship_status == "Replied"
    event = Event.objects.get()
    assert (event.kind, event.source, event.contact, event.message_id) == ("reply", "hand", contact, task.message_id)
    assert (Task.objects.get().state, Message.objects.get(pk=task.message_id).state) == ("replied", "sent")
    assert not AddressOutcome.objects.exists()


def test_an_answer_to_an_email_by_hand_proves_the_address(user: User) -> None:
    manual_steps.replied(opened("manual_email"), user)
    assert AddressOutcome.objects.get().kind == "replied"


def test_a_task_closes_with_its_enrolment_and_waits_while_that_is_paused(user: User, clock: Any) -> None:
    task = opened()
    enrolment = task.message.enrolment
    enrolments.pause(Q(pk=enrolment.pk), "Wait.")
    clock.move_to(TUESDAY + timedelta(days=30))
    assert manual_steps.expire_due(clock_now()) == 0
    enrolments.resume(Q(pk=enrolment.pk), user)
    task.refresh_from_db()
    assert f"{task.expires_at:%a %d %b %H:%M}" == "Thu 10 Dec 17:00"
    enrolments.stop([enrolment.contact_id], "by hand")
    task.refresh_from_db()
    assert task.state == "skipped"


def test_nothing_opens_for_a_paused_sequence() -> None:
    enrolments.pause_sequence(Sequence.objects.get(pk=waiting().sequence_id))
    assert manual_steps.open_due(TUESDAY) == 0


def test_a_task_of_a_paused_sequence_does_not_expire(user: User, clock: Any) -> None:
    task = opened()
    sequence = task.message.enrolment.sequence
    enrolments.pause_sequence(sequence)
    clock.move_to(TUESDAY + timedelta(days=30))
    assert manual_steps.expire_due(clock_now()) == 0
    enrolments.resume_sequence(sequence)
    assert manual_steps.expire_due(clock_now()) == 0
    task.refresh_from_db()
    assert (task.state, f"{task.expires_at:%a %d %b %H:%M}") == ("open", "Thu 10 Dec 17:00")
