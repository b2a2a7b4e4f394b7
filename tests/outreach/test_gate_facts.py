"""What the gate's facts are read from: the CRM, the suppression list, consents, what went out before, the mailbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from crm import suppression
from crm.models import Consent, Contact, ContactAddress, LawfulBasis
from outreach import gate, mailboxes
from outreach.gate_facts import day_of
from outreach.models import Enrolment, Mailbox, Message
from tests.factories import BrandFactory
from tests.outreach.factories import (
    AddressFactory,
    EnrolmentFactory,
    MailboxFactory,
    MessageFactory,
    ReachableFactory,
    StepFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _settings(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://crm.sender.example"
    settings.OUTREACH_FROM = ""
    settings.OUTREACH_DEFAULT_ZONE = "UTC"


def message(channel: str = "email", **enrolment: Any) -> Message:
    """Return a planned message that nothing stands in the way of."""
    if "address" not in enrolment:
        contact = ReachableFactory(lawful_basis=LawfulBasis.B2B_LEGITIMATE_INTEREST)
        enrolment["address"] = AddressFactory(contact=contact, probability=0.95)
    made = EnrolmentFactory(**enrolment)
    return MessageFactory(enrolment=made, step=StepFactory(version=made.version, channel=channel))


def test_other_countries_count_where_nobody_said_which_it_is() -> None:
    one = message()
    contact = one.enrolment.contact
    also = [{"how": "tld", "region": "DE"}, {"how": "phone", "region": "US"}]
    contact.region_code = "US"
    for how, doubts in (("address", (("DE", "tld"),)), ("hand", ()), ("given", ())):
        contact.region_basis = {"how": how, "also": also}
        contact.save()
        assert facts(one).doubts == doubts
    contact.region_code, contact.region_basis = "", None
    contact.brand.region_code, contact.brand.region_basis = "FR", {"how": "phone", "also": also}
    contact.save()
    contact.brand.save()
    assert facts(one).doubts == (("DE", "tld"), ("US", "phone"))


def facts(one: Message) -> gate.Facts:
    return gate.facts_for(Message.objects.get(pk=one.pk), now=NOW)


def test_a_message_that_nothing_stands_in_the_way_of_is_allowed() -> None:
    one = message()
    found = facts(one)
    assert (found.channel, found.region, found.origin, found.probability) == ("email", "US", "published", 0.95)
    assert (found.relevant, found.lawful_basis, found.min_probability) == (True, "b2b_legitimate_interest", 0.8)
    assert found.sender == gate.Sender(id=one.enrolment.mailbox.pk)
    assert gate.judge(found).action == "allow"


def test_a_message_that_is_not_saved_yet_has_facts_too() -> None:
    enrolment = EnrolmentFactory()
    planned = Message(enrolment=enrolment, step=StepFactory(version=enrolment.version), due_at=NOW)
    found = gate.facts_for(planned, now=NOW)
    assert found.sender is not None
    assert found.sender.id == enrolment.mailbox.pk


def test_without_an_address_there_is_no_origin() -> None:
    contact = ReachableFactory()
    found = facts(message(address=None, contact=contact))
    assert (found.origin, found.probability, found.suppressed) == ("", None, False)


# Who must not be written to


@pytest.mark.parametrize("channel", ["email", "linkedin"])
@pytest.mark.parametrize("listed", ["address", "domain"])
def test_an_address_is_suppressed_itself_or_by_its_domain(channel: str, listed: str) -> None:
    one, other = message(channel), message(channel, address=AddressFactory(email="bob@other.example"))
    email = one.enrolment.address.email
    suppression.add([email if listed == "address" else email.partition("@")[2]], "bounced")
    assert facts(one).suppressed
    assert not facts(other).suppressed
    assert gate.judge(facts(one)).action == "block"


def test_without_an_address_the_companys_domain_counts() -> None:
    contact = ReachableFactory(brand__domain="company.example")
    one = message("linkedin", address=None, contact=contact)
    suppression.add(["company.example"], "manual")
    assert facts(one).suppressed


@pytest.mark.parametrize(
    ("reason", "refused"),
    [("objection", True), ("unsubscribed", True), ("complaint", True), ("erasure", True), ("bounced", False)],
)
def test_whoever_objected_at_another_address_is_not_written_to_and_one_that_bounced_says_nothing(
    reason: str, refused: bool
) -> None:
    one = message()
    contact = one.enrolment.contact
    AddressFactory(contact=contact, email="ada@home.example", is_primary=False)
    suppression.add(["ADA@home.example"], reason)
    assert (facts(one).suppressed, facts(one).refused) == (False, refused)


def test_consent_counts_while_one_holds_and_a_withdrawal_is_a_refusal() -> None:
    one = message()
    contact = one.enrolment.contact
    earlier = Consent.objects.create(contact=contact, given_at=NOW - timedelta(days=9), source="A form")
    assert (facts(one).consent, facts(one).consent_withdrawn) == (True, False)
    earlier.withdrawn_at = NOW
    earlier.save()
    assert (facts(one).consent, facts(one).consent_withdrawn) == (False, True)
    Consent.objects.create(contact=contact, given_at=NOW, source="A talk")
    assert (facts(one).consent, facts(one).consent_withdrawn) == (True, False)
    assert not facts(message()).consent


# What went out before


def repeat(one: Message, **address: Any) -> Message:
    """Return a message of another contact and enrolment in the same sequence, at the same address."""
    email = one.enrolment.address.email.upper()
    again = AddressFactory(**({"email": email, "probability": 0.95} | address))
    return message(address=again, version=one.enrolment.version)


@pytest.mark.parametrize(
    ("state", "had"),
    [("sent", True), ("sending", True), ("unknown", True), ("planned", False), ("failed", False), ("cancelled", False)],
)
def test_an_address_gets_a_sequence_once_whoever_it_belongs_to(state: str, had: bool) -> None:
    first = message()
    second = repeat(first)
    Message.objects.filter(pk=first.pk).update(state=state)
    assert facts(second).had_sequence == had
    assert not facts(first).had_sequence
    assert not facts(message(address=AddressFactory(email=first.enrolment.address.email))).had_sequence
    assert not facts(repeat(first, email="eve@acme.example")).had_sequence


def test_what_went_to_an_address_counts_after_the_address_was_deleted() -> None:
    first = message()
    second = repeat(first)
    first.state, first.email = "sent", first.enrolment.address.email
    first.save()
    ContactAddress.objects.filter(pk=first.enrolment.address.pk).delete()
    assert facts(second).had_sequence


def test_a_task_on_linkedin_is_no_message_to_the_address() -> None:
    first = message("linkedin")
    second = repeat(first)
    Message.objects.filter(pk=first.pk).update(state="sent")
    assert not facts(second).had_sequence


# The sender


def test_the_sender_is_the_messages_own_then_the_enrolments_then_the_default() -> None:
    default, own = MailboxFactory(), MailboxFactory()
    one = message()
    assert facts(one).sender.id == one.enrolment.mailbox.pk  # type: ignore[union-attr]
    Message.objects.filter(pk=one.pk).update(mailbox=own)
    assert facts(one).sender.id == own.pk  # type: ignore[union-attr]
    assert facts(message(mailbox=None)).sender.id == default.pk  # type: ignore[union-attr]
    assert facts(message("linkedin")).sender is None


def test_without_a_mailbox_there_is_no_sender() -> None:
    found = facts(message(mailbox=None))
    assert found.sender is None
    assert gate.judge(found).action == "hold"


def test_what_a_mailbox_lacks_and_its_pause_are_seen(user: User) -> None:
    bad = {"spf": {"result": False, "sentence": "SPF: no record."}, "mx": {"result": None, "sentence": "MX: ?"}}
    mailbox = MailboxFactory(company=" ", postal_address="", active=False, preflight=bad, daily_cap=7)
    mailboxes.pause(mailbox, "Bounces.")
    sender = facts(message(mailbox=mailbox)).sender
    assert sender == gate.Sender(mailbox.pk, False, False, False, True, "Bounces.", ("SPF: no record.",), 0, 7)


@pytest.fixture
def enrolment() -> Enrolment:
    return message().enrolment


def claim(enrolment: Enrolment, state: str, at: datetime | None, mailbox: Mailbox | None = None) -> None:
    step = StepFactory(version=enrolment.version)
    box = mailbox or enrolment.mailbox
    MessageFactory(enrolment=enrolment, step=step, mailbox=box, state=state, claimed_at=at)


def used(enrolment: Enrolment) -> int:
    sender = facts(enrolment.messages.order_by("created_at").first()).sender  # type: ignore[arg-type]
    assert sender is not None
    return sender.used


def test_what_was_claimed_on_the_day_counts_also_what_failed(enrolment: Enrolment) -> None:
    for state in ("sending", "sent", "unknown", "failed"):
        claim(enrolment, state, NOW)
    claim(enrolment, "failed", None)
    claim(enrolment, "planned", NOW)  # given back
    claim(enrolment, "sent", NOW, MailboxFactory())
    assert used(enrolment) == 4


@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("UTC", datetime(2026, 11, 24, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 24, 10, tzinfo=UTC)),  # UTC+14
        ("America/Los_Angeles", datetime(2026, 11, 24, 8, tzinfo=UTC)),
    ],
)
def test_the_day_is_that_of_the_default_zone(enrolment: Enrolment, settings: Any, zone: str, begins: datetime) -> None:
    settings.OUTREACH_DEFAULT_ZONE = zone
    claim(enrolment, "sent", begins - timedelta(seconds=1))
    assert used(enrolment) == 0
    claim(enrolment, "sent", begins)
    assert used(enrolment) == 1


def test_a_day_with_a_clock_change_has_the_hours_it_has(settings: Any) -> None:
    settings.OUTREACH_DEFAULT_ZONE = "Europe/Berlin"
    begins, ends = day_of(datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=25)


# Many at once


def test_the_facts_of_many_take_the_same_queries_as_those_of_one(django_assert_max_num_queries: Any) -> None:
    for number in (1, 30):
        for _ in range(number):
            message()
        rows = list(Message.objects.all())
        with django_assert_max_num_queries(16):
            found = gate.facts_for_many(rows, now=NOW)
        assert found.keys() == {row.pk for row in rows}
        assert all(gate.judge(one).action == "allow" for one in found.values())


def test_more_than_a_batch_are_read_in_batches() -> None:
    version = message().enrolment.version
    addresses = AddressFactory.build_batch(1100, contact=None)
    contacts = Contact.objects.bulk_create(
        ReachableFactory.build_batch(1100, brand=BrandFactory(), lawful_basis=LawfulBasis.B2B_LEGITIMATE_INTEREST)
    )
    for address, contact in zip(addresses, contacts, strict=True):
        address.contact, address.probability = contact, 0.95
    ContactAddress.objects.bulk_create(addresses)
    box, step = MailboxFactory(), StepFactory(version=version)
    rows = [
        Message(
            step=step,
            due_at=NOW,
            enrolment=Enrolment(
                contact=address.contact, address=address, sequence=version.sequence, version=version, mailbox=box
            ),
        )
        for address in addresses
    ]
    Enrolment.objects.bulk_create([row.enrolment for row in rows])
    Message.objects.bulk_create(rows)
    found = gate.facts_for_many(Message.objects.all(), now=NOW)
    assert len(found) == 1101
    assert all(gate.judge(one).action == "allow" for one in found.values())
    assert gate.facts_for_many([], now=NOW) == {}
