"""Messages that nothing keeps from going out, due at a moment when New York works."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from crm.models import LawfulBasis
from outreach.models import Mailbox, Message
from tests.factories import BrandFactory
from tests.outreach.factories import (
    AddressFactory,
    EnrolmentFactory,
    MailboxFactory,
    MessageFactory,
    ReachableFactory,
    StepFactory,
    VersionFactory,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday, ten o'clock in New York


def message(email: str = "", mailbox: Mailbox | None = None, steps: int = 1, **fields: Any) -> Message:
    """Return the first message of an enrolment of so many steps; it is due, the others a week later each.

    Two addresses are never at the same company.
    """
    contact = ReachableFactory(lawful_basis=LawfulBasis.B2B_LEGITIMATE_INTEREST, brand=BrandFactory())
    known = {"email": email} if email else {}
    address = AddressFactory(contact=contact, probability=0.95, **known)
    version = VersionFactory()
    enrolment = EnrolmentFactory(address=address, version=version, mailbox=mailbox or MailboxFactory())
    messages = [
        MessageFactory(
            enrolment=enrolment,
            step=StepFactory(version=version, position=position, delay_days=5 if position > 1 else 0),
            due_at=NOW - timedelta(hours=1) + timedelta(days=7) * (position - 1),
            mailbox=None,
        )
        for position in range(1, steps + 1)
    ]
    if fields:
        Message.objects.filter(pk=messages[0].pk).update(**fields)
    return messages[0]


def messages(number: int, mailbox: Mailbox) -> list[Message]:
    """Return first messages to `number` different people of one sequence, in as few statements as it takes."""
    version = VersionFactory()
    step, brand = StepFactory(version=version, position=1), BrandFactory()
    people = ReachableFactory.build_batch(number, brand=brand, lawful_basis=LawfulBasis.B2B_LEGITIMATE_INTEREST)
    type(people[0]).objects.bulk_create(people)
    addresses = [AddressFactory.build(contact=person, probability=0.95) for person in people]
    for count, address in enumerate(addresses):
        address.email = f"person{count}@acme.example"
    type(addresses[0]).objects.bulk_create(addresses)
    enrolments = [
        EnrolmentFactory.build(
            address=address, contact=address.contact, version=version, sequence=version.sequence, mailbox=mailbox
        )
        for address in addresses
    ]
    type(enrolments[0]).objects.bulk_create(enrolments)
    rows = [
        Message(enrolment=enrolment, step=step, due_at=NOW - timedelta(seconds=number - count))
        for count, enrolment in enumerate(enrolments)
    ]
    rows = Message.objects.bulk_create(rows)
    if connection.vendor == "postgresql":  # it plans by what it counted, which autovacuum would do in a minute
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return rows
