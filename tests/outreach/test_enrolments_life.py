"""What happens to an enrolment on its way: late sends, absences, pauses, stops, and what a person decides."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db.models import Q

from crm import suppression
from crm.models import Contact, HistoryEntry
from outreach import enrolments, planning
from outreach.hours import hours_for
from outreach.models import Enrolment, Mailbox, Message, Sequence, Task, Template
from outreach.schedule import is_open, next_due
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MessageFactory, StepFactory

pytestmark = pytest.mark.usefixtures("sender")
MONDAY = datetime(2026, 11, 2, 11, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def enrolment(clock: Any, sequence: Sequence, user: User) -> Enrolment:
    """Somebody in Great Britain, where the clock shows UTC in winter and no holiday comes before Christmas."""
    return enrolled(user)


def enrolled(user: User, **fields: Any) -> Enrolment:
    fields = {"contact__region_code": "GB"} | fields
    return enrolments.enrol(AddressFactory(**fields).contact, user=user)


def days(enrolment: Enrolment) -> list[str]:
    rows = enrolment.messages.order_by("step__position").values_list("due_at", flat=True)
    return [f"{due:%a %d %b}" for due in rows]


def states(enrolment: Enrolment) -> list[str]:
    return list(enrolment.messages.order_by("step__position").values_list("state", flat=True))


def step(enrolment: Enrolment, position: int) -> Message:
    return enrolment.messages.select_related("enrolment").get(step__position=position)


def sent(enrolment: Enrolment, position: int, at: datetime) -> None:
    enrolment.messages.filter(step__position=position).update(state="sent", sent_at=at)
    enrolments.replan(enrolment, at)


def history(contact: Contact) -> list[str]:
    return list(HistoryEntry.objects.filter(contact=contact).order_by("id").values_list("kind", flat=True))


def test_what_follows_a_late_message_counts_from_the_day_it_really_went(enrolment: Enrolment, clock: Any) -> None:
    assert days(enrolment) == ["Tue 03 Nov", "Tue 10 Nov", "Tue 17 Nov", "Tue 24 Nov"]
    times = {due.time() for due in enrolment.messages.values_list("due_at", flat=True)}
    clock.move_to(datetime(2026, 11, 5, 15, 30, tzinfo=UTC))
    sent(enrolment, 1, datetime(2026, 11, 5, 15, 20, tzinfo=UTC))
    assert days(enrolment)[1:] == ["Thu 12 Nov", "Thu 19 Nov", "Thu 26 Nov"]
    later = enrolment.messages.filter(step__position__gt=1).values_list("due_at", flat=True)
    assert {due.time() for due in later} == times


def test_replanning_moves_nothing_before_what_went_out_last_and_nothing_into_the_past(
    enrolment: Enrolment, clock: Any
) -> None:
    sent(enrolment, 2, MONDAY)  # the first is held, say
    assert days(enrolment) == ["Tue 03 Nov", "Tue 10 Nov", "Mon 09 Nov", "Mon 16 Nov"]
    clock.move_to(datetime(2026, 11, 20, 22, tzinfo=UTC))
    enrolments.replan(enrolment, MONDAY)
    assert days(enrolment)[2:] == ["Mon 23 Nov", "Mon 30 Nov"]


def test_an_absence_postpones_and_shifts_what_follows_but_brings_nothing_forward(enrolment: Enrolment) -> None:
    assert enrolments.postpone(enrolment, date(2026, 11, 2)) == 0
    assert enrolments.postpone(enrolment, date(2026, 11, 7)) == 4  # a Saturday
    assert days(enrolment) == ["Mon 09 Nov", "Mon 16 Nov", "Mon 23 Nov", "Mon 30 Nov"]


def test_an_absence_that_ends_before_the_next_message_changes_nothing(enrolment: Enrolment) -> None:
    sent(enrolment, 1, MONDAY)
    before = days(enrolment)
    assert enrolments.postpone(enrolment, date(2026, 11, 6)) == 0
    assert days(enrolment) == before


def test_resuming_plans_what_is_overdue_from_now_on_within_the_hours(
    enrolment: Enrolment, user: User, clock: Any
) -> None:
    others = [enrolled(user) for _ in range(5)]
    everybody = Q(sequence=enrolment.sequence)
    assert enrolments.pause(everybody, "Holidays. " * 20) == 6
    assert enrolments.pause(everybody, "Again.") == 0
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.pause_reason[:9], states(enrolment)) == ("paused", "Holidays.", ["planned"] * 4)
    clock.move_to(datetime(2026, 11, 28, 3, tzinfo=UTC))  # a Saturday, by night, after all four dates
    assert enrolments.resume(Q(contact=enrolment.contact), user) == 1
    assert days(enrolment) == ["Mon 30 Nov", "Mon 07 Dec", "Mon 14 Dec", "Mon 21 Dec"]
    assert enrolments.resume(everybody) == 5
    first = [step(other, 1).due_at for other in [enrolment, *others]]
    assert len(set(first)) == 6
    assert all(is_open(due, hours_for(enrolment)) for due in first)
    assert history(enrolment.contact) == ["enrolled", "paused", "resumed"]
    assert Enrolment.objects.filter(state="active", pause_reason="").count() == 6


def test_resuming_leaves_what_is_not_due_yet(enrolment: Enrolment) -> None:
    before = days(enrolment)
    enrolments.pause(Q(pk=enrolment.pk), "Wait.")
    enrolments.resume(Q(pk=enrolment.pk))
    assert days(enrolment) == before


def test_a_paused_sequence_is_planned_anew_when_it_goes_on(enrolment: Enrolment, clock: Any) -> None:
    sequence = enrolment.sequence
    enrolments.pause_sequence(sequence)
    clock.move_to(datetime(2026, 11, 6, 18, tzinfo=UTC))
    assert not planning.due_messages(datetime.now(UTC)).exists()
    assert enrolments.resume_sequence(sequence) == 4
    sequence.refresh_from_db()
    assert (sequence.paused, days(enrolment)[0]) == (False, "Mon 09 Nov")


def test_resuming_many_takes_no_query_for_each(
    enrolment: Enrolment, user: User, clock: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        enrolled(user)
    enrolments.pause(Q(), "Wait.")
    clock.shift(timedelta(days=60))
    with django_assert_max_num_queries(14):
        assert enrolments.resume(Q()) == 11


@pytest.mark.parametrize("scope", ["contact_id", "contact__brand_id", "sequence_id"])
def test_a_person_a_company_or_a_sequence_is_stopped_with_its_tasks(
    enrolment: Enrolment, user: User, scope: str
) -> None:
    task = Task.objects.create(message=step(enrolment, 3), expires_at=MONDAY + timedelta(days=9))
    enrolments.pause(Q(pk=enrolment.pk), "Wait.")
    value = {
        "contact_id": enrolment.contact_id,
        "contact__brand_id": enrolment.contact.brand_id,
        "sequence_id": enrolment.sequence_id,
    }[scope]
    assert enrolments.stop_where(Q(**{scope: value}), "by hand") == 1
    enrolment.refresh_from_db()
    task.refresh_from_db()
    assert (enrolment.state, enrolment.stop_reason, states(enrolment)) == ("stopped", "by hand", ["cancelled"] * 4)
    assert (task.state, task.closed_at) == ("skipped", MONDAY)
    assert history(enrolment.contact) == ["enrolled", "paused", "stopped"]


def test_it_is_finished_when_nothing_is_left(enrolment: Enrolment) -> None:
    for state in ("planned", "held", "sending", "unknown"):
        enrolment.messages.filter(step__position=4).update(state=state)
        enrolment.messages.filter(step__position__lt=4).update(state="sent")
        assert not enrolments.finish(enrolment)
    enrolment.messages.filter(step__position=4).update(state="failed")
    assert enrolments.finish(enrolment)
    assert not enrolments.finish(enrolment)
    enrolment.refresh_from_db()
    assert enrolment.state == "finished"


def hold_all(enrolment: Enrolment) -> None:
    """Let a person have to decide: nobody knows why we may use the contact's data."""
    Contact.objects.filter(pk=enrolment.contact_id).update(lawful_basis=None)
    enrolments.rejudge()


def test_facts_that_change_hold_what_is_planned_and_free_what_is_held(enrolment: Enrolment, clock: Any) -> None:
    assert enrolments.rejudge() == 0
    Contact.objects.filter(pk=enrolment.contact_id).update(lawful_basis=None)
    assert enrolments.rejudge(Q(step__position=1)) == 1
    assert states(enrolment) == ["held", "planned", "planned", "planned"]
    assert enrolments.rejudge() == 3
    assert "lawful basis" in step(enrolment, 4).reasons[0]
    clock.move_to(datetime(2026, 11, 12, 20, tzinfo=UTC))
    Contact.objects.filter(pk=enrolment.contact_id).update(lawful_basis="b2b_legitimate_interest")
    assert enrolments.rejudge() == 4
    assert states(enrolment) == ["planned"] * 4
    assert days(enrolment) == ["Fri 13 Nov", "Fri 20 Nov", "Fri 27 Nov", "Fri 04 Dec"]


def test_judging_anew_leaves_alone_what_sending_said_and_whoever_is_at_a_task(enrolment: Enrolment) -> None:
    enrolment.messages.filter(step__position=1).update(reasons=["Sending is switched off."])
    Task.objects.create(message=step(enrolment, 3), expires_at=MONDAY)
    Contact.objects.filter(pk=enrolment.contact_id).update(lawful_basis=None)
    assert enrolments.rejudge(Q(step__position__in=[3])) == 0
    Contact.objects.filter(pk=enrolment.contact_id).update(lawful_basis="b2b_legitimate_interest")
    assert enrolments.rejudge() == 0
    assert step(enrolment, 1).reasons == ["Sending is switched off."]


def test_judging_many_anew_takes_no_query_for_each(
    enrolment: Enrolment, user: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        enrolled(user)
    Contact.objects.update(lawful_basis=None)
    with django_assert_max_num_queries(25):
        assert enrolments.rejudge() == 64


def test_a_released_message_goes_when_it_is_due_or_the_hours_open_next(
    enrolment: Enrolment, user: User, clock: Any
) -> None:
    hold_all(enrolment)
    due = step(enrolment, 1).due_at
    released = enrolments.release(step(enrolment, 1), user)
    assert (released.state, released.due_at, released.released_by) == ("planned", due, user)
    assert "Released" in " ".join(released.reasons)
    assert enrolments.rejudge() == 0, "it stays released"
    clock.move_to(datetime(2026, 11, 13, 23, tzinfo=UTC))
    assert f"{enrolments.release(step(enrolment, 2), user).due_at:%a %d %b}" == "Mon 16 Nov"
    assert days(enrolment)[2:] == ["Mon 23 Nov", "Mon 30 Nov"]
    clock.move_to(datetime(2026, 12, 1, 10, tzinfo=UTC))
    assert enrolments.release(step(enrolment, 3), user).due_at == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert history(enrolment.contact) == ["enrolled", "released", "released", "released"]


def test_what_is_blocked_or_lacks_something_cannot_be_released(
    enrolment: Enrolment, user: User, sender: Mailbox
) -> None:
    with pytest.raises(ValueError, match="planned"):
        enrolments.release(step(enrolment, 1), user)
    suppression.add([enrolment.address.email], "objection")
    enrolments.rejudge()
    with pytest.raises(ValueError, match="suppression list"):
        enrolments.release(step(enrolment, 1), user)
    suppression.remove([enrolment.address.email])
    hold_all(enrolment)
    Template.objects.filter(steps__position=2).update(body="{{ job_titel }}")
    with pytest.raises(ValueError, match="no variable"):
        enrolments.release(step(enrolment, 2), user)
    row = step(enrolment, 2)
    assert (row.state, row.released_at, row.released_by) == ("held", None, None)
    enrolments.stop([enrolment.contact_id], "by hand")
    with pytest.raises(ValueError, match="over"):
        enrolments.release(row, user)


def test_what_follows_a_cancelled_message_counts_from_the_one_before_it(enrolment: Enrolment, user: User) -> None:
    sent(enrolment, 1, MONDAY)
    enrolments.cancel(step(enrolment, 2), user)
    assert states(enrolment) == ["sent", "cancelled", "planned", "planned"]
    assert days(enrolment)[2:] == ["Mon 09 Nov", "Mon 16 Nov"]
    enrolments.cancel(step(enrolment, 3), user)
    with pytest.raises(ValueError, match="cancelled"):
        enrolments.cancel(step(enrolment, 3), user)
    enrolments.cancel(step(enrolment, 4), user)
    enrolment.refresh_from_db()
    assert enrolment.state == "finished"


def test_cancelling_closes_the_task(enrolment: Enrolment, user: User) -> None:
    task = Task.objects.create(message=step(enrolment, 3), expires_at=MONDAY + timedelta(days=5))
    enrolments.cancel(step(enrolment, 3), user)
    task.refresh_from_db()
    assert (task.state, task.closed_by) == ("skipped", user)


@pytest.mark.parametrize(
    ("before", "channel", "its_turn"),
    [
        ("planned", "email", False),
        ("sending", "email", False),
        ("unknown", "email", False),
        ("held", "email", False),
        ("planned", "linkedin", False),
        ("held", "linkedin", True),
        ("sent", "email", True),
        ("failed", "email", True),
        ("cancelled", "email", True),
    ],
)
def test_a_message_waits_for_those_before_it(clock: Any, before: str, channel: str, its_turn: bool) -> None:
    first = StepFactory(position=1)
    second = StepFactory(position=2, version=first.version, channel=channel)
    enrolment = EnrolmentFactory(version=first.version)
    MessageFactory(enrolment=enrolment, step=first, state=before, due_at=MONDAY + timedelta(days=1))
    message = MessageFactory(enrolment=enrolment, step=second, due_at=MONDAY)
    assert list(planning.due_messages(MONDAY)) == ([message] if its_turn else [])
    assert not planning.due_messages(MONDAY - timedelta(seconds=1)).exists()


def test_allowed_days_of_the_week_are_kept(clock: Any, sequence: Sequence, user: User) -> None:
    sequence.weekdays = [1, 3]
    sequence.save()
    enrolment = enrolled(user)
    assert days(enrolment) == ["Tue 03 Nov", "Tue 10 Nov", "Tue 17 Nov", "Tue 24 Nov"]
    enrolments.replan(enrolment, datetime(2026, 11, 4, 12, tzinfo=UTC))
    assert days(enrolment)[0] == "Thu 05 Nov"
    assert next_due(MONDAY, 4, hours_for(enrolment), "x").weekday() == 1
