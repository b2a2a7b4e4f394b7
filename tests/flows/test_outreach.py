"""From a discovered person to what comes back of a message, with real servers all the way; and opting out for good."""

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from crm import suppression
from crm.models import AddressOutcome, Contact
from enrichment import approval, sources, store
from enrichment.discovery.breakers import Breakers
from enrichment.models import ContactEmail, EnrichedContact
from enrichment.tasks import verify_due
from outreach import handling, tasks
from outreach.default_sequence import create
from outreach.models import Enrolment, Event, Message, Sequence
from tests.kit.company import WEBSITE, company
from tests.kit.imap import ImapServer
from tests.kit.outbox import Outbox, switch_on
from tests.outreach.coming_back import answer, bounce
from tests.outreach.factories import MailboxFactory

pytestmark = pytest.mark.django_db(transaction=True)

MARTA, JONAS = "marta.lindqvist@kestrel.example", "jonas.okafor@kestrel.example"


@pytest.fixture
def world(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Kestrel's site and DNS, a mail server that takes what we send, a mailbox in which answers arrive."""
    monkeypatch.setattr(sources, "BREAKERS", Breakers())
    if not Sequence.objects.exists():
        create()
    MailboxFactory(address="grace@sender.example")
    settings.OUTREACH_MIN_PROBABILITY = 0.5
    with company() as kestrel, Outbox() as outbox, ImapServer() as imap:
        settings.ENRICHMENT_SOURCES = ["website"]
        settings.ENRICHMENT_DNS_SERVERS = [kestrel.settings["ENRICHMENT_DNS_SERVERS"]]
        settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [kestrel.settings["ENRICHMENT_HTTP_HOSTS_OVERRIDE"]]
        switch_on(settings, outbox)
        settings.OUTREACH_IMAP_URL = imap.url
        yield SimpleNamespace(outbox=outbox, imap=imap)


def discover() -> dict[str, EnrichedContact]:
    call_command("discover", "Kestrel Kites", website=WEBSITE, region="GB", json=True, stdout=io.StringIO())
    return {person.first_name: person for person in EnrichedContact.objects.prefetch_related("emails")}


def approve(*people: EnrichedContact) -> approval.Approval:
    return approval.approve([str(person.pk) for person in people], user=None)


def send_first_messages() -> datetime:
    """Let the time come at which all first messages are due, and the scheduler do its work."""
    last = max(Message.objects.filter(step__position=1).values_list("due_at", flat=True))
    with time_machine.travel(last + timedelta(minutes=1), tick=False):
        tasks.send_due()
    return last + timedelta(minutes=1)


def message_to(email: str) -> Message:
    return next(row for row in Message.objects.select_related("enrolment__contact") if row.email == email)


def test_a_bounce_condemns_the_address_and_offers_the_next_and_a_reply_ends_the_sequence(world: Any) -> None:
    people = discover()
    result = approve(people["Marta"], people["Jonas"])
    assert len(result.approved) == 2
    sent_at = send_first_messages()
    assert sorted(world.outbox.recipients) == [JONAS, MARTA]
    to_marta, to_jonas = message_to(MARTA), message_to(JONAS)
    assert {to_marta.state, to_jonas.state} == {"sent"}

    with time_machine.travel(sent_at + timedelta(hours=1), tick=False):
        world.imap.append(bounce(address=JONAS, about=str(to_jonas.message_id)))
        tasks.poll_mailbox()
        bounced = Event.objects.get(kind="hard")
        assert (bounced.message_id, bounced.needs_human) == (to_jonas.pk, True)
        assert Enrolment.objects.get(pk=to_jonas.enrolment_id).stop_reason == "bounced"
        assert suppression.suppressed([JONAS, MARTA]) == {JONAS}

        # Enrichment hears of it within a minute: the address is risky, and another one is the best by now.
        verify_due()
        emails = EnrichedContact.objects.get(pk=people["Jonas"].pk).emails.all()
        assert next(row for row in emails if row.email == JONAS).verification_status == "risky"
        assert emails[0].email != JONAS

        primary = to_jonas.enrolment.contact.addresses.get(is_primary=True)
        assert primary.email != JONAS
        again = handling.continue_with_next(bounced, None)
        assert (again.address, again.state) == (primary, "active")

    with time_machine.travel(sent_at + timedelta(hours=2), tick=False):
        world.imap.append(answer(sender=f"Marta Lindqvist <{MARTA}>", answers=str(to_marta.message_id)))
        tasks.poll_mailbox()
        assert Enrolment.objects.get(pk=to_marta.enrolment_id).stop_reason == "replied"
        assert Contact.objects.get(pk=to_marta.enrolment.contact_id).relationship_status == "Replied"
        again.refresh_from_db()
        assert (again.state, again.pause_reason) == ("paused", "a colleague replied")

    kinds = AddressOutcome.objects.order_by("happened_at").values_list("kind", "method")
    assert list(kinds) == [("bounced", "published"), ("replied", "published")]
    assert len(world.outbox.recipients) == 2, "nobody got anything else"


def test_who_opted_out_is_never_found_imported_approved_or_mailed_again_not_even_after_erasure(world: Any) -> None:
    people = discover()
    approve(people["Marta"])
    send_first_messages()
    (sent,) = world.outbox.accepted
    link = str(sent.message["List-Unsubscribe"]).partition(">")[0].strip().removeprefix("<")
    assert Client().post(urlsplit(link).path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Enrolment.objects.get().state == "stopped"

    # Erased: nothing of the person is left but the suppression list's fingerprint.
    linked = people["Marta"].pk
    Contact.objects.all().delete()
    assert store.delete(linked)
    assert not ContactEmail.objects.filter(enriched_contact=linked).exists()

    people = discover()
    assert set(people) == {"Jonas", "Zoë", "Pavel"}

    file = f"email,name,company,website\n{MARTA},Marta Lindqvist,Kestrel Kites,{WEBSITE}\n".encode()
    report = json.loads(_import(file))
    assert (report["suppressed"], report["created"]) == (1, 0)

    jonas = people["Jonas"]
    jonas.emails.all().delete()
    ContactEmail.objects.create(
        enriched_contact=jonas, email=MARTA, domain="kestrel.example", generation_method="published", probability=0.95
    )
    assert [skip.reason for skip in approve(EnrichedContact.objects.get(pk=jonas.pk)).skipped] == ["suppressed"]

    # Planned before she opted out, as if the stop had been missed.
    zoe = people["Zoë"]
    zoe.emails.all().delete()
    other = "zoe.brandt@kestrel.example"
    ContactEmail.objects.create(
        enriched_contact=zoe, email=other, domain="kestrel.example", generation_method="published", probability=0.95
    )
    approve(EnrichedContact.objects.get(pk=zoe.pk))
    suppression.add([other], "objection")
    assert Enrolment.objects.get().state == "active"
    send_first_messages()
    assert len(world.outbox.recipients) == 1
    message = Message.objects.get(step__position=1)
    assert message.state == "held"
    assert "suppression list" in message.reasons[0]


def _import(content: bytes) -> str:
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        call_command("import_contacts", "-", json=True, stdout=output)
    return output.getvalue()


def test_who_is_away_gets_the_next_message_when_they_are_back(world: Any) -> None:
    people = discover()
    approve(people["Marta"])
    sent_at = send_first_messages()
    message = message_to(MARTA)
    before = message.enrolment.messages.get(step__position=2).due_at
    back = (before + timedelta(days=20)).date()
    with time_machine.travel(sent_at + timedelta(hours=1), tick=False):
        text = f"I am out of the office until {back:%d %B %Y}."
        note = answer(text, sender=f"Marta <{MARTA}>", answers=str(message.message_id), Auto_Submitted="auto-replied")
        world.imap.append(note)
        tasks.poll_mailbox()
    follow_up = message.enrolment.messages.get(step__position=2)
    assert follow_up.due_at.date() > before.date()
    assert follow_up.due_at.date() >= back
    assert Enrolment.objects.get().state == "active"
    assert timezone.now() < follow_up.due_at
