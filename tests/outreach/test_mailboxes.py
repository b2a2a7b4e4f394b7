"""Which mailbox writes, and that a pause lasts until a person ends it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from outreach import mailboxes
from outreach.models import Mailbox
from tests.outreach.factories import EnrolmentFactory, MailboxFactory

pytestmark = pytest.mark.django_db


def test_the_default_is_the_active_mailbox_that_is_the_oldest(settings: Any) -> None:
    settings.OUTREACH_FROM = "Ada Sender <ada@acme.example>"
    MailboxFactory(active=False)
    oldest = MailboxFactory()
    MailboxFactory()
    assert mailboxes.default() == oldest
    assert Mailbox.objects.count() == 3


def test_without_one_it_is_made_of_the_setting_once(settings: Any) -> None:
    settings.OUTREACH_FROM = "Ada Sender <ada@acme.example>"
    made = mailboxes.default()
    assert made is not None
    assert (made.address, made.sender_name) == ("ada@acme.example", "Ada Sender")
    assert mailboxes.default() == made
    assert Mailbox.objects.count() == 1


def test_a_bare_address_is_enough_and_its_local_part_the_name(settings: Any) -> None:
    settings.OUTREACH_FROM = "ada@acme.example"
    made = mailboxes.default()
    assert made is not None
    assert made.sender_name == "ada"


def test_one_that_was_switched_off_is_not_made_again(settings: Any) -> None:
    MailboxFactory(address="Ada@acme.example", active=False)
    settings.OUTREACH_FROM = "ada@acme.example"
    assert mailboxes.default() is None
    assert Mailbox.objects.count() == 1


def test_without_either_there_is_none(settings: Any) -> None:
    settings.OUTREACH_FROM = " "
    assert mailboxes.default() is None


@pytest.mark.parametrize("text", ["Ada Sender", "Ada <ada@>", "ada@localhost", "<>"])
def test_a_setting_without_an_address_says_what_to_write(settings: Any, text: str) -> None:
    settings.OUTREACH_FROM = text
    with pytest.raises(ImproperlyConfigured, match=r"such as Ada Sender <ada@acme\.example>"):
        mailboxes.default()


def test_an_enrolments_own_mailbox_comes_before_its_sequences_and_that_before_the_default() -> None:
    default, of_sequence, own = MailboxFactory.create_batch(3)
    enrolment = EnrolmentFactory(mailbox=own, version__sequence__mailbox=of_sequence)
    assert mailboxes.for_enrolment(enrolment) == own
    enrolment.mailbox = None
    assert mailboxes.for_enrolment(enrolment) == of_sequence
    enrolment.sequence.mailbox = None
    assert mailboxes.for_enrolment(enrolment) == default


def test_a_chosen_mailbox_that_is_switched_off_is_not_replaced_by_another() -> None:
    MailboxFactory()
    off = MailboxFactory(active=False)
    assert mailboxes.for_enrolment(EnrolmentFactory(mailbox=off)) == off


def test_a_pause_keeps_its_first_reason_until_a_person_ends_it(user: User) -> None:
    mailbox, before = MailboxFactory(), timezone.now()
    mailboxes.pause(mailbox, "4 of 50 messages bounced." + "x" * 400)
    mailboxes.pause(Mailbox.objects.get(), "Another reason.")
    kept = Mailbox.objects.get()
    assert kept.paused_at == mailbox.paused_at
    assert kept.paused_at >= before
    assert kept.pause_reason.startswith("4 of 50 messages bounced.")
    assert len(kept.pause_reason) == 300
    mailboxes.resume(mailbox, user)
    kept = Mailbox.objects.get()
    assert (kept.paused_at, kept.pause_reason, mailbox.paused_at) == (None, "", None)
    assert kept.resumed_at == mailbox.resumed_at
    assert kept.resumed_at >= before


def test_resuming_one_that_is_not_paused_forgets_no_bounces(user: User) -> None:
    resumed_at = timezone.now() - timedelta(days=3)
    mailbox = MailboxFactory(resumed_at=resumed_at)
    mailboxes.resume(mailbox, user)
    assert Mailbox.objects.get().resumed_at == resumed_at


def test_what_was_found_of_another_domain_or_selector_counts_no_more() -> None:
    mailbox = MailboxFactory(dkim_selector="one")
    for change in ({"address": "grace@other.example"}, {"dkim_selector": "two"}):
        mailbox.preflight = {"spf": {"result": True, "sentence": "in order"}}
        mailbox.save()
        mailbox.signature = "Grace"
        mailboxes.save(mailbox)
        assert mailbox.preflight != {}
        for name, value in change.items():
            setattr(mailbox, name, value)
        mailboxes.save(mailbox)
        mailbox.refresh_from_db()
        assert (mailbox.preflight, mailbox.preflight_at) == ({}, None)


def test_the_same_address_in_other_letters_is_the_same_mailbox() -> None:
    mailbox = MailboxFactory(address="grace@sender.example")
    assert mailboxes.clean_address(" Grace@sender.example", mailbox) == "Grace@sender.example"
    with pytest.raises(ValueError, match="already"):
        mailboxes.clean_address("GRACE@sender.example", Mailbox())
    with pytest.raises(ValueError, match="is not an e-mail address"):
        mailboxes.clean_address("grace@", Mailbox())
