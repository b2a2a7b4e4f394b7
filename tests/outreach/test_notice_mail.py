"""Telling people by a mail of its own before the month is over: once, whatever happens, and not whom we must not."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest import mock

import orjson
import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Q
from pytest_django import DjangoAssertNumQueries

from core.models import AuditEntry
from crm import merging, suppression
from crm.models import Contact, ContactAddress, HistoryEntry, Suppression
from outreach import composing, enrolments, inbound, notice_mail, notices, notices_due, sending, tasks
from outreach.models import Event, Mailbox, Notice
from outreach.notice_mail import Report, send_notices
from tests.factories import BrandFactory
from tests.kit.outbox import HANG_UP, Outbox, switch_on
from tests.outreach import ready
from tests.outreach.coming_back import bounce
from tests.outreach.factories import AddressFactory, MailboxFactory, MessageFactory, StepFactory
from tests.outreach.ready import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[Outbox]:
    with Outbox() as running:
        switch_on(settings, running)
        MailboxFactory(address="grace@sender.example")
        yield running


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def person(days: int = 25, **fields: Any) -> ContactAddress:
    """Return the address of somebody whose data was found so many days ago; they must be told after a month."""
    known = {"contact__obtained_at": NOW - timedelta(days=days), "contact__brand": BrandFactory()}
    return AddressFactory(**(known | fields))


def test_who_was_not_written_to_is_told_once(server: Outbox) -> None:
    address = person(contact__region_code="DE", email="jane@acme.example")
    person(days=10)
    AddressFactory()  # entered by hand: no month counts
    assert send_notices() == Report(sent=1)
    assert send_notices() == Report()
    tasks.send_notices()
    (mail,) = server.accepted
    text = str(mail.message.get_body(("plain",)).get_content())
    assert (mail.recipient, mail.message["Subject"]) == (
        "jane@acme.example",
        "Information über Ihre Daten (Art. 14 DSGVO)",
    )
    assert "https://www.acme.example/team" in text
    assert notices.privacy_url("jane@acme.example") in text
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "/unsubscribe/" in mail.message["List-Unsubscribe"]
    (row,) = Notice.objects.all()
    assert (row.how, row.state, row.told_at, row.contact_id) == ("mail", "sent", NOW, address.contact_id)
    assert row.text is not None
    assert row.text.split() == text.split()
    assert HistoryEntry.objects.filter(contact=address.contact, kind="told").count() == 1
    assert AuditEntry.objects.filter(action="notice.sent").count() == 1
    address.contact.refresh_from_db()
    assert address.contact.relationship_status == Contact.Relationship.NEW


def test_others_read_the_essence_in_their_own_language(server: Outbox) -> None:
    person(contact__region_code="FR")
    send_notices()
    text = str(server.accepted[0].message.get_body(("plain",)).get_content())
    assert text.startswith("Ce message a été envoyé par Sender Ltd")
    assert "Your right to object" in text


def test_after_it_the_first_message_need_not_tell_again(server: Outbox) -> None:
    address = person()
    send_notices()
    message = MessageFactory(enrolment__address=address)
    assert composing.compose(message, message.mailbox).notice == ""


def test_killed_between_claim_and_record_it_is_never_sent_again(server: Outbox) -> None:
    person()
    with mock.patch.object(notice_mail, "_ended", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        send_notices()
    assert Notice.objects.get().state == "sending"
    assert send_notices() == Report()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert send_notices() == Report(unknown=1)
        assert send_notices() == Report()
    assert Notice.objects.get().state == "unknown"
    assert len(server.accepted) == 1


def test_without_an_answer_it_was_perhaps_sent(server: Outbox) -> None:
    person(days=26)
    person(days=25)
    server.say["text"] = HANG_UP
    assert send_notices() == Report(unknown=1, waiting=1)


def test_a_refusal_for_good_is_not_tried_there_again_and_one_for_now_is(server: Outbox) -> None:
    address = person()
    server.say["RCPT"] = "450 4.2.0 Greylisted"
    assert send_notices() == Report(postponed=1)
    server.say["RCPT"] = f"550 5.1.1 {address.email} is not known here"
    assert send_notices() == Report(failed=1)
    row = Notice.objects.get()
    assert (row.state, address.email in row.error) == ("failed", False)
    server.say.clear()
    assert send_notices() == Report(by_hand=1)
    other = AddressFactory(contact=address.contact, is_primary=False, probability=0.6)
    assert send_notices() == Report(sent=1)
    assert server.recipients == [other.email]


def test_a_mail_that_came_back_told_nobody(server: Outbox) -> None:
    address, written = person(), person()
    MessageFactory(enrolment__address=written, state="sent", email=written.email)
    assert send_notices() == Report(sent=1)
    assert not notices.due(NOW).exists()
    for gone in (address.email, written.email):
        raw = bounce(address=gone, about="<strange@elsewhere.example>" if gone == address.email else "")
        inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    row = Notice.objects.get()
    assert (row.state, row.told_at, row.error) == ("failed", None, notices.CAME_BACK)
    assert not Event.objects.filter(needs_human=True).exists()
    assert {one.problem for one in notices.plan(list(notices.due(NOW)))} == {notices_due.SUPPRESSED}
    assert notices.due(NOW).count() == 2
    assert notices.came_back(address.email, NOW) == 0


def test_a_server_that_is_down_stops_the_run(server: Outbox) -> None:
    person()
    person()
    server.say["connect"] = "554 Not now"
    assert send_notices() == Report(postponed=1, waiting=1)
    server.say.clear()
    assert send_notices() == Report(sent=2)


@pytest.mark.parametrize("reason", ["objection", "unsubscribed", "erasure", "restriction"])
def test_who_told_us_not_to_write_is_not_told_either(server: Outbox, reason: str) -> None:
    address = person()
    AddressFactory(contact=address.contact, is_primary=False, email="other@acme.example")
    suppression.add([address.email], reason)
    assert send_notices() == Report()
    assert not server.accepted


def test_a_suppressed_or_doubtful_address_gets_none_and_somebody_has_to_see_to_it(server: Outbox) -> None:
    suppressed, company = person(), person(contact__brand=BrandFactory(domain="closed.example"))
    suppression.add([suppressed.email], Suppression.Reason.MANUAL)
    suppression.add(["@closed.example"], Suppression.Reason.MANUAL)
    doubtful, unknown, none = person(probability=0.3), person(probability=None, origin="guessed"), person()
    none.delete()
    assert send_notices() == Report(by_hand=5)
    rows = notices.plan(list(notices.due(NOW).select_related("brand")))
    said = {row.contact.pk: row.problem for row in rows}
    assert said[suppressed.contact_id] == said[company.contact_id] == notices_due.SUPPRESSED
    assert said[doubtful.contact_id] == said[unknown.contact_id] == notices_due.LOW_CHANCE
    assert said[none.contact_id] == notices_due.NO_ADDRESS


def test_the_likeliest_address_is_used_and_a_published_one_without_a_number(server: Outbox) -> None:
    first = person(probability=0.55)
    best = AddressFactory(contact=first.contact, is_primary=False, probability=0.9)
    published = person(probability=None)
    assert send_notices() == Report(sent=2)
    assert set(server.recipients) == {best.email, published.email}


def test_who_was_written_to_or_told_is_not_due_and_who_was_only_asked_on_linkedin_is(server: Outbox) -> None:
    mailed, by_hand, asked = person(), person(), person()
    MessageFactory(enrolment__address=mailed, state="sent")
    notices.tell_by_hand(by_hand.contact, "By letter.", None)
    MessageFactory(enrolment__address=asked, state="sent", step=StepFactory(channel="linkedin"))
    assert list(notices.due(NOW)) == [asked.contact]
    later = NOW + timedelta(days=30)
    assert not list(notices.overdue(later))
    person()
    assert len(notices.overdue(later)) == 1


def test_whom_a_first_message_tells_in_time_is_left_to_it(server: Outbox) -> None:
    soon, later, urgent = person(days=26), person(days=26), person(days=29)
    for address, days in ((soon, 3), (later, 6), (urgent, 1)):
        MessageFactory(enrolment__address=address, due_at=NOW + timedelta(days=days))
    assert send_notices() == Report(sent=2)
    assert soon.email not in server.recipients
    enrolments.pause(Q(contact=soon.contact), "Wait.")
    assert send_notices() == Report(sent=1)


def test_the_days_cap_counts_notices_and_messages_together(server: Outbox) -> None:
    Mailbox.objects.update(daily_cap=2)
    for _ in range(3):
        person()
    assert send_notices() == Report(sent=2, waiting=1)
    assert "daily cap" in notice_mail.obstacle(Mailbox.objects.get(), NOW)
    message = ready.message(mailbox=Mailbox.objects.get())
    enrolments.rejudge()
    assert sending.send_due().postponed == 1
    message.refresh_from_db()
    assert "daily cap is reached (2 of 2)" in message.reasons[0]


def test_nothing_goes_while_sending_is_off_or_the_sender_is_not_ready(server: Outbox, settings: Any) -> None:
    person()
    Mailbox.objects.update(paused_at=NOW, pause_reason="Look.")
    assert send_notices() == Report(waiting=1)
    Mailbox.objects.update(paused_at=None, postal_address="")
    assert send_notices() == Report(waiting=1)
    settings.OUTREACH_SEND_ENABLED = False
    assert send_notices() == Report(waiting=1)
    Mailbox.objects.all().delete()
    settings.OUTREACH_SEND_ENABLED = True
    assert send_notices() == Report(waiting=1)
    assert not server.accepted


def test_the_command_counts_and_says_what_is_in_the_way(server: Outbox, settings: Any) -> None:
    person()
    said = StringIO()
    call_command("send_notices", "--dry-run", stdout=said)
    assert "0 told" in said.getvalue()
    assert "1 to be told by mail, 0 only by other means." in said.getvalue()
    assert not server.accepted
    settings.OUTREACH_SEND_ENABLED = False
    call_command("send_notices", stdout=said)
    assert "OUTREACH_SEND_ENABLED=true" in said.getvalue()
    settings.OUTREACH_SEND_ENABLED = True
    said = StringIO()
    call_command("send_notices", "--json", stdout=said)
    assert orjson.loads(said.getvalue()) == {
        "sent": 1, "failed": 0, "postponed": 0, "unknown": 0, "waiting": 0, "by_hand": 0, "obstacle": ""
    }  # fmt: skip


def test_two_who_were_told_can_become_one(server: Outbox) -> None:
    one, two = person(), person()
    assert send_notices() == Report(sent=2)
    merging.merge(one.contact, two.contact, {}, None)
    assert one.contact.notices.count() == 2


def test_planning_takes_the_same_queries_for_any_number(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(2):
        person()
    few = list(notices.due(NOW).select_related("brand"))
    with django_assert_num_queries(5):
        notices.plan(few)
    for _ in range(4):
        person()
    many = list(notices.due(NOW).select_related("brand"))
    with django_assert_num_queries(5):
        notices.plan(many)
