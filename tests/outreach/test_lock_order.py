"""Several who work on the same people at once wait for each other, and none of them is turned away."""

from collections.abc import Callable
from threading import Event as Signal
from typing import Any

import pytest
from django.db.models import Q

from crm import merging
from crm.models import Contact
from outreach import claiming, enrolments, gate, inbound, judging, unsubscribing
from outreach.models import Enrolment, Event, Message
from tests.crm.at_once import meeting
from tests.outreach import ready
from tests.racing import race

from .coming_back import ADA, answer, colleague_of, sent_to
from .factories import AddressFactory, EnrolmentFactory, MailboxFactory, MessageFactory, ReachableFactory, StepFactory

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 1.0  # seconds that one lets the other come to where it must wait

ACTIONS: dict[str, Callable[[], object]] = {
    "pause": lambda: enrolments.pause(Q(), "A reason."),
    "stop": lambda: enrolments.stop_where(Q(), "replied"),
    "unsubscribe": lambda: unsubscribing.unsubscribe(unsubscribing.read(unsubscribing.token(ADA))),
    "reply": lambda: inbound.receive(answer(), source=Event.Source.MAILBOX, key="mail:1"),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_merging_contacts_and_what_happens_to_their_enrolments(action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = sent_to().enrolment.contact
    kept = ReachableFactory(brand=gone.brand)
    merging_now, tried = Signal(), Signal()

    def let_the_other_try(*_contacts: Contact) -> None:
        merging_now.set()
        tried.wait(PATIENCE)

    monkeypatch.setattr(merging, "BEFORE", [let_the_other_try, *merging.BEFORE])

    def work(number: int) -> None:
        if number == 0:
            merging.merge(kept, gone, {}, None)
        else:
            merging_now.wait()
            ACTIONS[action]()
            tried.set()

    race(2, work)
    assert Enrolment.objects.get().contact == kept


def test_an_answer_and_what_concerns_everybody_take_enrolments_in_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    colleague = colleague_of(sent_to(message_id="<other@sender.example>", email="other@acme.example"))
    MessageFactory(enrolment=colleague, step=StepFactory(version=colleague.version))
    message = sent_to(brand=colleague.contact.brand)
    assert colleague.pk < message.enrolment_id
    answered, tried = Signal(), Signal()
    pause = enrolments.pause

    def let_the_other_try(which: Q, reason: str) -> int:
        answered.set()
        tried.wait(PATIENCE)
        return pause(which, reason)

    monkeypatch.setattr(enrolments, "pause", let_the_other_try)

    def work(number: int) -> Any:
        if number == 0:
            return inbound.receive(answer(), source=Event.Source.MAILBOX, key="mail:1")
        answered.wait()
        judging.rejudge()
        return tried.set()

    race(2, work)
    states = dict(Enrolment.objects.values_list("pk", "state"))
    assert (states[message.enrolment_id], states[colleague.pk]) == ("stopped", "paused")


def test_two_contacts_with_one_address_get_a_sequence_once_from_two_mailboxes(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.OUTREACH_PUBLIC_URL, settings.EMAIL_URL = "https://crm.sender.example", "smtp://mail.sender.example"
    settings.OUTREACH_SEND_ENABLED = True
    first = ready.message(ADA)
    other = EnrolmentFactory(
        address=AddressFactory(email=ADA), version=first.enrolment.version, mailbox=MailboxFactory()
    )
    second = MessageFactory(enrolment=other, step=first.step, mailbox=None, due_at=first.due_at)
    monkeypatch.setattr(gate, "judge", meeting(gate.judge))

    def work(number: int) -> Any:
        message = Message.objects.get(pk=(first, second)[number].pk)
        mailbox = message.enrolment.mailbox
        return claiming.claim(message, claiming.source(mailbox, None), mailbox, ready.NOW)

    fates = {looked.fate for looked in race(2, work)}
    assert fates == {claiming.Fate.CLAIMED, claiming.Fate.HELD}
