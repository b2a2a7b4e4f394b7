"""Somebody is erased while others write about them: nobody ends in a deadlock, and nothing of them comes back."""

import io
from collections.abc import Callable
from threading import Event as Signal
from typing import Any

import pytest

from crm import imports, suppression
from crm.models import Contact, ContactAddress
from enrichment import approval, jobs, pipeline, screening, subject_rights
from enrichment.discovery.base import Person
from enrichment.models import ContactEmail, EnrichedContact
from outreach import claiming, enrolments
from outreach.models import Enrolment, Message
from tests.factories import ContactFactory, EmailFactory, JobFactory
from tests.outreach import ready
from tests.outreach.factories import SequenceFactory
from tests.racing import race
from tests.test_store import candidate

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "zoe.quist@acme.example"
PATIENCE = 0.3  # seconds that somebody is given to come in between


def test_an_import_that_looked_at_the_list_before(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, erasing = Signal(), Signal()
    suppressed, settle = suppression.suppressed, suppression.settle

    def looks(addresses: Any) -> set[str]:
        listed = suppressed(addresses)
        looked.set()
        erasing.wait(PATIENCE)
        return listed

    def settles() -> None:
        erasing.set()
        settle()

    monkeypatch.setattr(imports.suppression, "suppressed", looks)
    monkeypatch.setattr(suppression, "settle", settles)

    def work(number: int) -> Any:
        if number == 0:
            lines = f"email,first name,last name,company\n{ADDRESS},Zoe,Quist,Acme"
            return imports.import_contacts(io.BytesIO(lines.encode()))
        looked.wait()
        return subject_rights.erase(ADDRESS)

    race(2, work)
    assert not ContactAddress.objects.exists()
    assert not Contact.objects.exists()


def test_a_discovery_an_approval_and_a_message_at_the_same_moment(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL, settings.EMAIL_URL = "https://crm.sender.example", "smtp://mail.sender.example"
    settings.OUTREACH_SEND_ENABLED = True
    message = ready.message(ADDRESS)
    contact = message.enrolment.contact
    names, brand = {"first_name": contact.first_name, "last_name": contact.last_name}, contact.brand
    SequenceFactory()
    found = ContactFactory(linked_brand=brand, **names)
    EmailFactory(enriched_contact=found, email=ADDRESS, verification_method="smtp_ping")
    held = jobs.claim(JobFactory(brand=brand).pk)
    screened = screening.screen_people([(Person(**names, title="CEO", email=ADDRESS), [candidate("zoe.quist")])])
    mailbox = message.enrolment.mailbox
    acts: list[Callable[[], Any]] = [
        lambda: subject_rights.erase(ADDRESS),
        lambda: pipeline._store(held, pipeline._Result([], screened)),
        lambda: approval.approve([str(found.pk)], user=None),
        lambda: claiming.claim(message, claiming.source(mailbox, None), mailbox, ready.NOW),
        lambda: enrolments.stop([message.enrolment.contact_id], "unsubscribed"),
        lambda: subject_rights.erase(ADDRESS),
    ]
    race(len(acts), lambda number: acts[number]())
    for model in (EnrichedContact, ContactEmail, ContactAddress, Enrolment, Message):
        assert not model.objects.exists()
