"""Whoever was two contacts in one sequence does not get it twice."""

import pytest

from crm import merging
from outreach.merging import MERGED
from outreach.models import Enrolment, Message
from tests.outreach.factories import EnrolmentFactory, MessageFactory, StepFactory

pytestmark = pytest.mark.django_db

ACTIVE, PAUSED, STOPPED, FINISHED = Enrolment.State.values


def pair(kept_state: str, gone_state: str, kept_sent: int = 0, gone_sent: int = 0) -> tuple[Enrolment, Enrolment]:
    """Return two enrolments in one sequence of three steps, with so many messages sent and the others planned."""
    kept = EnrolmentFactory(state=kept_state)
    gone = EnrolmentFactory(state=gone_state, version=kept.version)
    steps = StepFactory.create_batch(3, version=kept.version)
    for enrolment, sent in ((kept, kept_sent), (gone, gone_sent)):
        for number, step in enumerate(steps):
            MessageFactory(enrolment=enrolment, step=step, state="sent" if number < sent else "planned")
    return kept, gone


@pytest.mark.parametrize(
    ("kept_state", "gone_state", "sent", "after"),
    [
        (ACTIVE, ACTIVE, (0, 0), (ACTIVE, STOPPED)),
        (ACTIVE, ACTIVE, (2, 1), (ACTIVE, STOPPED)),
        (ACTIVE, ACTIVE, (0, 2), (STOPPED, ACTIVE)),
        (FINISHED, ACTIVE, (3, 0), (FINISHED, STOPPED)),
        (STOPPED, ACTIVE, (0, 2), (STOPPED, STOPPED)),
        (ACTIVE, FINISHED, (1, 3), (STOPPED, FINISHED)),
        (ACTIVE, PAUSED, (0, 0), (ACTIVE, STOPPED)),
        (FINISHED, STOPPED, (3, 1), (FINISHED, STOPPED)),
    ],
)
def test_of_two_enrolments_in_one_sequence_one_goes_on_at_most(kept_state, gone_state, sent, after) -> None:
    kept, gone = pair(kept_state, gone_state, *sent)
    merging.merge(kept.contact, gone.contact, {}, None)
    for enrolment, state in zip((kept, gone), after, strict=True):
        was = enrolment.state
        enrolment.refresh_from_db()
        assert enrolment.state == state
        if was != state:
            assert enrolment.stop_reason == MERGED
            assert not enrolment.messages.filter(state__in=Message.WAITING).exists()
    assert gone.contact == kept.contact


def test_enrolments_in_different_sequences_go_on() -> None:
    kept, gone = EnrolmentFactory(), EnrolmentFactory()
    merging.merge(kept.contact, gone.contact, {}, None)
    assert Enrolment.objects.filter(contact=kept.contact, state=ACTIVE).count() == 2


def test_what_was_stopped_stays_stopped_when_the_merge_is_undone() -> None:
    kept, gone = pair(ACTIVE, ACTIVE)
    contact = gone.contact
    merged = merging.merge(kept.contact, contact, {}, None)
    merging.undo(merged, None)
    gone.refresh_from_db()
    assert (gone.contact, gone.state) == (contact, STOPPED)
