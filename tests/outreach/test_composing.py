"""The whole mail, as a mail server would get it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from pytest_django import DjangoAssertNumQueries

from crm.models import ContactAddress
from outreach import composing, notices, unsubscribing
from outreach.composing import compose, preview
from outreach.models import Channel, Experiment, Message, Variant
from tests.kit.received import Reader, body, wire
from tests.outreach.factories import (
    AddressFactory,
    MailboxFactory,
    MessageFactory,
    ReachableFactory,
    TemplateFactory,
)

pytestmark = pytest.mark.django_db

PUBLIC = "https://outreach.sender.example"


@pytest.fixture(autouse=True)
def _public_url(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = PUBLIC


def test_the_whole_mail_in_the_recipients_language() -> None:
    address = AddressFactory(contact__region_code="DE", contact__brand__name="Acme")
    message = MessageFactory(
        enrolment__address=address,
        enrolment__mailbox=MailboxFactory(address="grace@sender.example", signature="Grace Sender\nSales"),
        step__template=TemplateFactory(
            subject="For {{ first_name }}", body="Hello.\n\nKind regards\n{{ sender_name }}"
        ),
    )
    received = wire(message)
    link = unsubscribing.url(address.email)
    text = body(received).replace("\r\n", "\n")
    assert text == (
        "Hello.\n\nKind regards\nGrace Sender\nSales\n\n"
        "Diese Nachricht wurde gesendet von Sender Ltd, 1 Sample Street, 12345 Sampletown.\n"
        "Wir nutzen Ihre geschäftlichen Kontaktdaten, um Ihrem Unternehmen unsere Leistungen anzubieten, auf Grundlage "
        "unseres berechtigten Interesses an Kontakten zwischen Unternehmen (Art. 6 Abs. 1 lit. f DSGVO).\n"
        "Quelle Ihrer Kontaktdaten: https://www.acme.example/team.\n"
        "Sie können von uns (grace@sender.example) Auskunft über Ihre Daten, deren Berichtigung, Löschung oder "
        "Einschränkung verlangen und sich bei einer Datenschutzaufsichtsbehörde beschweren.\n\n"
        "Sie haben das Recht, dieser Nutzung Ihrer Daten jederzeit zu widersprechen. Antworten Sie auf diese Nachricht "
        f"oder öffnen Sie diesen Link, und wir schreiben Ihnen nicht wieder: {link}\n"
        f"Was wir über Sie wissen, woher, und Ihre Rechte: {notices.privacy_url(address.email)}\n"
    )
    assert received["From"] == "Grace Sender <grace@sender.example>"
    assert received["To"] == address.email
    assert received["Subject"] == "For Ada"
    assert received["List-Unsubscribe"].strip() == f"<{link}>, <mailto:grace@sender.example?subject=unsubscribe>"
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<[0-9a-f-]{36}@sender\.example>", received["Message-ID"])
    for name in ("In-Reply-To", "References", "Auto-Submitted", "X-Mailer", "Reply-To"):
        assert name not in received
    html = body(received, "html")
    assert '<div lang="de">' in html
    assert Reader(html).links == ["https://www.acme.example/team", link, notices.privacy_url(address.email)]
    assert " ".join(Reader(html).text.split()) == " ".join(text.split())


def test_a_mail_service_gets_the_messages_id_to_report_with() -> None:
    message = MessageFactory()
    assert composing.as_email(compose(message, message.mailbox)).metadata == {"message": str(message.pk)}


def test_a_message_keeps_its_message_id() -> None:
    message = MessageFactory(message_id="<kept@sender.example>")
    assert wire(message)["Message-ID"] == "<kept@sender.example>"
    other = MessageFactory()
    assert compose(other, other.mailbox).message_id != compose(other, other.mailbox).message_id


@pytest.mark.parametrize(
    ("public", "link", "one_click"),
    [
        ("https://outreach.sender.example", True, True),
        ("http://127.0.0.1:8000", True, True),
        ("http://localhost:8000", True, True),
        ("http://outreach.sender.example", True, False),
        ("outreach.sender.example", False, False),
        ("", False, False),
    ],
)
def test_one_click_is_offered_only_over_https(settings: Any, public: str, link: bool, one_click: bool) -> None:
    settings.OUTREACH_PUBLIC_URL = public
    received = wire(MessageFactory())
    assert (f"<{public}/unsubscribe/" in received["List-Unsubscribe"]) == link
    assert "<mailto:" in received["List-Unsubscribe"]
    assert ("List-Unsubscribe-Post" in received) == one_click
    assert ("/unsubscribe/" in body(received)) == link


def test_what_keeps_a_mail_from_being_made_is_said() -> None:
    message = MessageFactory()
    assert compose(message, None).problem == composing.NO_SENDER
    assert compose(message, MailboxFactory(address="grâce@sender.example")).problem == composing.BAD_SENDER
    for address in ("ada lovelace@acme.example", "ädä@acme.example", "ada@", "ada@acme.example\r\nBcc: e@acme.example"):
        message = MessageFactory(enrolment__address__email=address)
        assert compose(message, message.mailbox) == composing.Composed(
            problem=composing.BAD_ADDRESS, message=str(message.pk)
        )
    message = MessageFactory(enrolment__address=None, enrolment__contact=ReachableFactory())
    assert compose(message, message.mailbox).problem == composing.NO_ADDRESS
    message = MessageFactory(step__template__subject=" ")
    assert compose(message, message.mailbox).problem == composing.NO_SUBJECT
    message = MessageFactory(step__template__body="{{ first_name | }} {{ job_title }}", step__template__subject="Hello")
    message.enrolment.contact.job_title = ""
    assert "There is no value for job_title" in compose(message, message.mailbox).problem
    message = MessageFactory(step__template__body="\n")
    assert compose(message, message.mailbox).problem == composing.NO_BODY


def test_arm_b_is_written_from_the_variant() -> None:
    template = TemplateFactory(subject="A", body="The template.")
    variant = Variant.objects.create(template=template, name="B", subject="B for {{ first_name }}", body="The variant.")
    experiment = Experiment.objects.create(name="Which", template=template, variant=variant, planned_per_arm=10)
    subjects = []
    for arm in ("A", "B"):
        message = MessageFactory(step__template=template, experiment=experiment, arm=arm)
        subjects.append(compose(message, message.mailbox).subject)
    assert subjects == ["A", "B for Ada"]


def test_a_linkedin_message_is_its_text_and_needs_no_sender() -> None:
    message = MessageFactory(step__channel=Channel.LINKEDIN, step__template__body="Hello {{ first_name }}")
    assert compose(message, None) == composing.Composed(text="Hello Ada", message=str(message.pk))


def test_an_email_sent_by_hand_has_subject_and_footer() -> None:
    message = MessageFactory(step__channel=Channel.MANUAL_EMAIL, step__template__subject="By hand")
    composed = compose(message, message.mailbox)
    assert composed.subject == "By hand"
    assert "Source of your contact details" in composed.text


@pytest.mark.parametrize(
    ("text", "signature", "signed"),
    [
        ("Hello.\n", "", "Hello."),
        ("Hello.", "Grace\nSales", "Hello.\n\nGrace\nSales"),
        ("Hello.\n\nGrace\nSales\n", "Grace\nSales\n", "Hello.\n\nGrace\nSales"),
        ("Hello.\n\nGrace", "Grace\nSales", "Hello.\n\nGrace\nSales"),
    ],
)
def test_the_signature_stands_below_the_text_once(text: str, signature: str, signed: str) -> None:
    message = MessageFactory(enrolment__mailbox__signature=signature, step__template__body=text)
    assert compose(message, message.mailbox).text.startswith(f"{signed}\n\nThis message was sent by")


def test_the_footer_names_the_provider_of_an_address() -> None:
    message = MessageFactory(enrolment__address__origin=ContactAddress.Origin.PROVIDER)
    assert "www.acme.example/team; a provider of business contact data" in compose(message, message.mailbox).text


def test_composing_takes_a_few_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pk = MessageFactory().pk
    related = ("enrolment__contact__brand", "enrolment__address", "enrolment__enrolled_by", "experiment__variant")
    message = Message.objects.select_related(*related, "step__template", "mailbox").get(pk=pk)
    with django_assert_num_queries(2):
        compose(message, message.mailbox)


def test_a_preview_is_the_mail_with_a_link_that_leads_nowhere(user: User) -> None:
    address = AddressFactory(contact__region_code="FR")
    mailbox = MailboxFactory(signature="Sales")
    template = TemplateFactory(subject="For {{ first_name }}", body="Hello from {{ sender_name }}.")
    seen = preview(template, address.contact, mailbox, user)
    assert (seen.subject, seen.to, seen.problem) == ("For Ada", address.email, "")
    assert seen.text.startswith("Hello from Grace Sender.\n\nSales\n\nCe message a été envoyé par Sender Ltd")
    assert f" : {PUBLIC}/unsubscribe/…\n" in seen.text.replace("\xa0", " ")
    assert seen.text.endswith(f"{PUBLIC}/privacy/…\n")
    variant = Variant(template=template, name="B", subject="", body="Hi {{ job_title }}")
    assert preview(variant, address.contact, mailbox, user).subject == ""
    assert "There is no variable" in preview(Variant(body="{{ x }}"), address.contact, mailbox, user).problem
    assert preview(template, ReachableFactory(), None, user).text == "Hello from Grace Sender."
    assert preview(template, ReachableFactory(), mailbox, user).to == ""
    assert not Message.objects.exists()


def test_django_sends_it() -> None:
    message = MessageFactory()
    composing.as_email(compose(message, message.mailbox)).send()
    assert mail.outbox[0].to == [message.enrolment.address.email]
