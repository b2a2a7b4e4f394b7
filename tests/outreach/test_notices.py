"""Telling people what is held of them with the first message: once, with every source, if the message went."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from core.models import AuditEntry
from crm.models import ContactAddress, LawfulBasis
from crm.telling import deadline, month_after, month_before
from outreach import footers, manual_steps, notice_sources, notices, sending, unsubscribing
from outreach.models import Message, Notice, Task
from tests.kit.outbox import HANG_UP, Outbox, switch_on
from tests.outreach import ready
from tests.outreach.factories import AddressFactory, MailboxFactory, MessageFactory, ReachableFactory, StepFactory
from tests.outreach.ready import NOW

pytestmark = pytest.mark.django_db

EVIDENCE = [
    {"field": "name", "value": "Ada", "url": "https://www.acme.example/team", "seenAt": "2026-11-20T10:00:00Z"},
    {"field": "role", "value": "Head", "url": "https://news.example/ada", "seenAt": "2026-11-21T10:00:00Z"},
    {"field": "role", "value": "Head", "url": "https://www.acme.example/team", "seenAt": "2026-11-22T10:00:00Z"},
    {"field": "email", "value": "…", "url": "", "source": "hunter", "seenAt": "2026-11-22T10:00:00Z"},
]


@pytest.fixture
def server(settings: Any) -> Iterator[Outbox]:
    with Outbox() as running:
        switch_on(settings, running)
        yield running


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def first_message(steps: int = 1) -> Message:
    message = ready.message("jane@acme.example", steps=steps)
    contact = message.enrolment.contact
    contact.evidence = EVIDENCE
    contact.save()
    ContactAddress.objects.update(origin=ContactAddress.Origin.GUESSED)
    return message


def body(server: Outbox, number: int = -1) -> str:
    part = server.accepted[number].message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_first_message_tells_who_why_from_where_and_what_rights_there_are(server: Outbox) -> None:
    message = first_message(steps=2)
    sending.send_due()
    text = body(server)
    assert "This message was sent by Sender Ltd, 1 Sample Street, 12345 Sampletown." in text
    assert "legitimate interest in contacts between businesses (GDPR art. 6(1)(f))" in text
    for source in (
        "https://www.acme.example/team (2026-11-22)",
        "https://news.example/ada (2026-11-21)",
        "a provider of business contact data (Hunter)",
        "your e-mail address was formed from your name and your company's pattern",
    ):
        assert source in text
    assert "corrected, erased or restricted, and you may complain" in text
    assert text.index("/unsubscribe/") < text.index(notices.privacy_url("jane@acme.example"))
    (row,) = Notice.objects.all()
    assert (row.how, row.state, row.told_at, row.message_id) == ("first", "sent", NOW, message.pk)
    assert row.text
    assert row.text in text
    assert row.email == "jane@acme.example"
    assert AuditEntry.objects.filter(action="notice.sent", object_id=str(row.pk)).count() == 1

    Message.objects.filter(state="planned").update(due_at=NOW)
    sending.send_due()
    assert len(server.accepted) == 2
    assert "legitimate interest" not in body(server)
    assert body(server).endswith(f"{notices.privacy_url('jane@acme.example')}\n")
    assert Notice.objects.count() == 1


def test_a_message_that_perhaps_went_perhaps_told_and_is_settled_with_it(server: Outbox, user: User) -> None:
    went, stayed = first_message(), ready.message("joan@acme.example", mailbox=MailboxFactory())
    server.say["text"] = HANG_UP
    sending.send_due()
    assert set(Notice.objects.values_list("state", flat=True)) == {"unknown"}
    assert notices.told([went.enrolment.contact_id]) == {went.enrolment.contact_id}
    sending.settle_unknown(went, True, user)
    sending.settle_unknown(stayed, False, user)
    (row,) = Notice.objects.all()
    assert (row.state, row.message_id, row.told_at) == ("sent", went.pk, NOW)
    assert AuditEntry.objects.filter(action="message.settled", actor="grace").count() == 2


def test_a_message_that_was_refused_told_nobody(server: Outbox) -> None:
    first_message()
    server.say["RCPT"] = "450 4.2.0 Try again"
    sending.send_due()
    assert not Notice.objects.exists()
    server.say.clear()
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        sending.send_due()
    assert Notice.objects.get().state == "sent"


@pytest.mark.parametrize("language", footers.WORDINGS)
def test_every_language_tells_it(language: str) -> None:
    region = {"en": "US", "pt": "PT", "sv": "SE", "da": "DK"}.get(language, language.upper())
    address = AddressFactory(contact__region_code=region)
    text = notices.short_text(address.contact, address, MailboxFactory(address="grace@sender.example"))
    words = footers.WORDINGS[language]
    assert words["basis_interest"] in text
    assert words["rights"].format(email="grace@sender.example") in text
    assert "https://www.acme.example/team" in text


def test_what_a_hostile_page_is_called_does_no_harm_and_the_newest_pages_are_named() -> None:
    urls = [
        "javascript:alert(1)",
        "https://a.example/<b>\n\u202ex",
        "https://bank.example@b.example:99/#x",
        "https://[x",
    ]
    urls += [f"https://c.example/{'y' * 3000}", "https://\u200f.example/", "https://d.example/?q=\u200f&r=1"]
    evidence = [{"url": url, "seenAt": f"2026-11-{day}T"} for day, url in enumerate(urls, 10)]
    contact = ReachableFactory(region_code="US", evidence=evidence)
    words = footers.WORDINGS["en"]
    every = notice_sources.sources(contact, "published", words)
    assert every[0] == "https://a.example/%3Cb%3E%20x (2026-11-11)"
    assert "https://b.example:99/ (2026-11-12)" in every
    assert "https://c.example/… (2026-11-14)" in every
    assert "https://d.example/?q=%E2%80%8F&r=1 (2026-11-16)" in every
    assert "".join(every).replace("…", "").isascii()
    assert "javascript" not in "".join(every)
    first = notice_sources.sources(contact, "published", words, 3)
    assert len(first) == 4
    assert first[0].startswith("https://d.example/")
    assert first[-1] == "2 more pages"


def test_who_asked_to_be_contacted_is_told_so() -> None:
    address = AddressFactory(contact__lawful_basis=LawfulBasis.CONTACT_REQUEST)
    text = notices.short_text(address.contact, address, None)
    assert "because you asked" in text
    assert "You may ask us what we hold" in text, "without anybody's address"


def test_the_link_holds_the_blind_index_and_is_no_unsubscribe_link(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://out.sender.example"
    link = notices.privacy_url("Jane@Acme.example")
    assert link == notices.privacy_url("jane@acme.example")
    token = link.removeprefix("https://out.sender.example/privacy/")
    address = AddressFactory(email="jane@acme.example")
    assert notices.read(token) == address.email_index
    for wrong in (f"{token}x", "", unsubscribing.token("jane@acme.example")):
        with pytest.raises(unsubscribing.BadToken):
            notices.read(wrong)
    with pytest.raises(unsubscribing.BadToken):
        unsubscribing.read(token)
    settings.OUTREACH_PUBLIC_URL = ""
    assert notices.privacy_url("jane@acme.example") == ""


@pytest.mark.parametrize("region", ["US", "DE"])
def test_the_whole_notice_says_all_that_article_14_asks_for(settings: Any, region: str) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://out.sender.example"
    settings.CONTROLLER_NAME, settings.CONTROLLER_ADDRESS = "Sender Holding", "2 Other Street"
    settings.CONTROLLER_EMAIL, settings.CONTROLLER_DPO = "privacy@sender.example", "Dana Example, dpo@sender.example"
    settings.CONTROLLER_REPRESENTATIVE, settings.SUPERVISORY_AUTHORITY = "Rep Ltd, Dublin", "The Authority, Sampletown"
    settings.ANYMAIL_ESP = "mailgun"
    contact = ReachableFactory(region_code=region, evidence=EVIDENCE, job_title="Head of Trade")
    address = AddressFactory(contact=contact, email="jane@acme.example", origin=ContactAddress.Origin.GUESSED)
    notice = notices.text_for(contact, address, MailboxFactory())
    text = notice.as_text()
    for said in (
        *("Sender Holding, 2 Other Street", "privacy@sender.example", "Dana Example", "Rep Ltd", "The Authority"),
        *("https://www.acme.example/team (2026-11-22)", "https://news.example/ada", "(Hunter)", "LinkedIn", "Mailgun"),
        *("Mailgun (US), Hunter (US)", "730", "30", notices.privacy_url("jane@acme.example"), "/unsubscribe/"),
    ):
        assert said in text
    assert notice.language == {"US": "en", "DE": "de"}[region]
    (apart,) = [section for section in notice.sections if section.apart]
    assert {"US": "right to object at any time", "DE": "Widerspruch"}[region] in " ".join(apart.lines)
    assert len(notice.sections) == 12


def test_a_language_without_a_notice_of_its_own_has_it_in_english(sender: Any) -> None:
    address = AddressFactory(contact__region_code="FR")
    assert notices.text_for(address.contact, address).language == "en"


@pytest.mark.parametrize(
    ("obtained", "until"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 12, 24, 9, tzinfo=UTC)),
        (datetime(2026, 12, 31, 9, tzinfo=UTC), datetime(2027, 1, 31, 9, tzinfo=UTC)),
        (datetime(2027, 1, 31, 9, tzinfo=UTC), datetime(2027, 2, 28, 9, tzinfo=UTC)),
        (datetime(2027, 2, 28, 9, tzinfo=UTC), datetime(2027, 3, 28, 9, tzinfo=UTC)),
    ],
)
def test_the_month_is_a_calendar_month(obtained: datetime, until: datetime) -> None:
    assert month_after(obtained) == until
    assert deadline(ReachableFactory.build(obtained_at=obtained)) == until
    assert month_before(until) >= obtained
    assert month_before(until - timedelta(days=1)) < obtained


def test_a_step_by_hand_counts_as_telling_only_when_the_person_says_so(user: User) -> None:
    for told in ("", "With the message."):
        message = MessageFactory(step=StepFactory(channel="linkedin"), state="planned")
        task = Task.objects.create(message=message, expires_at=NOW)
        manual_steps.done(task, user, told)
        rows = list(Notice.objects.filter(contact=message.enrolment.contact))
        assert [(row.how, row.state, row.told_by) for row in rows] == ([("hand", "sent", user)] if told else [])


def test_how_somebody_was_told_by_hand_has_to_be_said(user: User) -> None:
    contact = ReachableFactory()
    for how in ("", " \n", "x" * 3000):
        with pytest.raises(ValueError, match="Say "):
            notices.tell_by_hand(contact, how, user)
    row = notices.tell_by_hand(contact, " By letter. ", user)
    assert (row.text, row.told_at, row.told_by) == ("By letter.", NOW, user)
    entry = AuditEntry.objects.get(action="notice.sent")
    assert (entry.actor, entry.details) == ("grace", '{"how": "hand", "message": null}')
    assert "letter" not in entry.values
