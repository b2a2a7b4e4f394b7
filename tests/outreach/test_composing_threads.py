"""Follow-ups stand below the e-mails before them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from outreach import composing
from outreach.composing import compose
from outreach.models import Enrolment, Message
from tests.kit.received import wire
from tests.outreach.factories import EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db


def sent(enrolment: Enrolment, position: int, **changes: Any) -> Message:
    when = timezone.now() - timedelta(days=30 - position)
    known = {"state": Message.State.SENT, "sent_at": when, "message_id": f"<{position}@sender.example>"}
    known["subject"] = f"Subject {position}"
    return MessageFactory(enrolment=enrolment, step__position=position, **known | changes)


def test_a_follow_up_stands_below_what_was_sent_before() -> None:
    enrolment = EnrolmentFactory()
    for position in (2, 1):
        sent(enrolment, position)
    sent(enrolment, 3, state=Message.State.UNKNOWN)
    sent(EnrolmentFactory(), 4)
    received = wire(MessageFactory(enrolment=enrolment, step__position=5, step__template__subject="Its own"))
    assert received["Subject"] == "Its own"
    assert received["In-Reply-To"] == "<2@sender.example>"
    assert received["References"] == "<1@sender.example> <2@sender.example>"
    received = wire(MessageFactory(enrolment=enrolment, step__position=6, step__template__subject=""))
    assert received["Subject"] == "Re: Subject 1"


def test_a_long_thread_keeps_its_first_and_its_last() -> None:
    enrolment = EnrolmentFactory()
    for position in range(1, 26):
        sent(enrolment, position)
    ids = wire(MessageFactory(enrolment=enrolment, step__position=26))["References"].split()
    assert len(ids) == 20
    assert (ids[0], ids[1], ids[-1]) == ("<1@sender.example>", "<7@sender.example>", "<25@sender.example>")


def test_a_follow_up_without_subject_shows_the_one_that_is_planned() -> None:
    enrolment = EnrolmentFactory()
    MessageFactory(enrolment=enrolment, step__position=1, step__template__subject="For {{ first_name }}")
    follow_up = MessageFactory(enrolment=enrolment, step__position=2, step__template__subject="")
    assert compose(follow_up, enrolment.mailbox).subject == "Re: For Ada"
    enrolment.messages.filter(step__position=1).update(state=Message.State.CANCELLED)
    assert compose(follow_up, enrolment.mailbox).problem == composing.NO_SUBJECT
