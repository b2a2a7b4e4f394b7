"""The unsubscribe link, as people, mail filters and mail programs open it."""

import http.client
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.fields import blind_index
from crm.models import Contact, HistoryEntry, Suppression
from crm.suppression import suppressed
from outreach import composing, footers, unsubscribing
from outreach.models import Enrolment, Event, Message
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db

ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def path(email: str) -> str:
    return f"/unsubscribe/{unsubscribing.token(email)}"


def test_the_token_holds_the_blind_index_and_nothing_readable() -> None:
    token = unsubscribing.token(" Ada@Acme.example ")
    assert token == unsubscribing.token("ada@acme.example")
    assert re.fullmatch(r"[\w-]{43}\.[0-9a-f]{64}", token)
    assert unsubscribing.read(token) == blind_index("ada@acme.example")


@pytest.mark.parametrize("text", ["", ".", "x", "a" * 5000, "é", "%00", "..", f".{'0' * 64}", f"{'A' * 43}.{'0' * 64}"])
def test_a_token_that_is_not_ours_gets_a_page_that_says_so(client: Client, text: str) -> None:
    for answer in (client.get(f"/unsubscribe/x{text}"), client.post(f"/unsubscribe/x{text}")):
        assert answer.status_code == 404
        assert "This link does not work" in answer.content.decode()
    assert not Suppression.objects.exists()


def test_a_token_of_another_key_or_purpose_or_with_a_letter_changed_is_refused() -> None:
    index = blind_index("ada@acme.example")
    good = unsubscribing.token("ada@acme.example")
    forged = [
        f"{signing.Signer(key='another', salt='outreach.unsubscribing').signature(index)}.{index}",
        f"{signing.Signer(salt='another').signature(index)}.{index}",
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        ("A" if good[0] != "A" else "B") + good[1:],
        good + "0",
        good[:-1],
        good.replace(".", ":"),
    ]
    for token in forged:
        with pytest.raises(unsubscribing.BadToken):
            unsubscribing.read(token)


def test_looking_changes_nothing_and_asks_the_database_nothing(client: Client) -> None:
    address = AddressFactory()
    with CaptureQueriesContext(connection) as queries:
        for answer in (
            client.get(path(address.email)),
            client.head(path(address.email)),
            client.get(path(address.email), headers={"Sec-Purpose": "prefetch"}),
            client.get(path(address.email), {"List-Unsubscribe": "One-Click"}),
        ):
            assert answer.status_code == 200
    assert not queries.captured_queries
    assert not Event.objects.exists()


def test_the_page_keeps_to_itself(client: Client) -> None:
    answer = client.get(path("ada@acme.example"))
    page = answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept-Language"
    assert not answer.cookies
    assert '<form method="post">' in page
    assert "acme" not in page
    for word in ("<script", "style=", "<img", "<nav"):
        assert word not in page
    (css,) = re.findall(r'href="([^"]+)"', page)
    assert finders.find(css.removeprefix("/static/"))


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    assert getattr(client, method)(path("ada@acme.example")).status_code == 405


def test_a_click_stops_everything_for_the_person_and_for_nobody_else(client: Client) -> None:
    message = MessageFactory()
    colleague = MessageFactory(enrolment__address__contact__brand=message.enrolment.contact.brand)
    email = message.enrolment.address.email
    answer = client.post(path(email.upper()), **ONE_CLICK)
    assert (answer.status_code, "You are unsubscribed" in answer.content.decode()) == (200, True)
    assert not answer.cookies
    assert suppressed([email, colleague.enrolment.address.email]) == {email}
    assert Suppression.objects.get().reason == Suppression.Reason.UNSUBSCRIBED
    for row in (message, message.enrolment, colleague, colleague.enrolment):
        row.refresh_from_db()
    assert (message.enrolment.state, message.enrolment.stop_reason) == (Enrolment.State.STOPPED, "unsubscribed")
    assert message.state == Message.State.CANCELLED
    assert colleague.enrolment.state == Enrolment.State.ACTIVE
    assert colleague.state == Message.State.PLANNED
    event = Event.objects.get()
    assert (event.kind, event.source, event.contact) == ("unsubscribed", "link", message.enrolment.contact)
    assert (event.brand, event.email, event.needs_human) == (message.enrolment.contact.brand, email, False)
    assert HistoryEntry.objects.get(kind="unsubscribed").contact == message.enrolment.contact


def test_the_event_belongs_to_the_last_message_that_went_out(client: Client) -> None:
    message = MessageFactory()
    message.state, message.email = Message.State.SENT, message.enrolment.address.email
    message.save()
    client.post(path(message.email))
    event = Event.objects.get()
    assert (event.message, event.enrolment, event.mailbox) == (message, message.enrolment, message.mailbox)


@pytest.mark.parametrize(
    "body",
    [
        ONE_CLICK,
        {"data": "", "content_type": "application/x-www-form-urlencoded"},
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"data": b"\xff\x00" * 100, "content_type": "multipart/form-data; boundary=broken"},
        {"data": "x" * 3_000_000, "content_type": "text/plain"},
    ],
    ids=["one-click", "empty", "multipart", "broken", "long"],
)
def test_any_post_counts_whatever_its_body(client: Client, body: dict[str, object]) -> None:
    assert client.post(path("ada@acme.example"), **body).status_code == 200
    assert suppressed(["ada@acme.example"])


def test_again_is_the_same(client: Client) -> None:
    enrolment = EnrolmentFactory()
    for _ in range(3):
        assert client.post(path(enrolment.address.email), **ONE_CLICK).status_code == 200
    assert Suppression.objects.count() == Event.objects.count() == 1
    assert HistoryEntry.objects.filter(kind="unsubscribed").count() == 1


def test_it_works_after_the_person_was_erased(client: Client) -> None:
    address = AddressFactory()
    email = address.email
    link = path(email)
    Contact.objects.all().delete()
    assert client.post(link, **ONE_CLICK).status_code == 200
    assert suppressed([email])
    event = Event.objects.get()
    assert (event.contact, event.email, event.matched) == (None, None, "")


def test_whoever_was_written_to_there_is_stopped_though_the_address_was_replaced(client: Client) -> None:
    message = MessageFactory(email="old@acme.example", state=Message.State.SENT)
    client.post(path("old@acme.example"), **ONE_CLICK)
    message.enrolment.refresh_from_db()
    assert message.enrolment.state == Enrolment.State.STOPPED


def test_a_paused_enrolment_is_stopped_too(client: Client) -> None:
    enrolment = EnrolmentFactory(state=Enrolment.State.PAUSED)
    client.post(path(enrolment.address.email), **ONE_CLICK)
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.STOPPED


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,en;q=0.5", "de"),
        ("fi, pt-BR;q=0.9", "pt"),
        ("ja", "en"),
        ("", "en"),
        ("en;q=x, \x00", "en"),
        ("*", "en"),
    ],
)
def test_the_page_speaks_the_readers_language(client: Client, accepted: str, language: str) -> None:
    page = client.get(path("ada@acme.example"), headers={"Accept-Language": accepted}).content.decode()
    assert f'<html lang="{language}">' in page
    assert f"<h1>{footers.WORDINGS[language]['page_title']}</h1>" in page


@pytest.mark.django_db(transaction=True)
def test_one_click_from_a_plain_http_client(live_server: Any, settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = live_server.url
    message = MessageFactory()
    headers = composing.compose(message, message.mailbox).headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = urlsplit(headers["List-Unsubscribe"].partition(">")[0].removeprefix("<"))

    def ask(method: str, body: str | None = None) -> int:
        server = http.client.HTTPConnection(link.hostname, link.port, timeout=30)
        try:
            form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
            server.request(method, link.path, body, form)
            answer = server.getresponse()
            answer.read()
            assert "Set-Cookie" not in answer.headers
            return answer.status
        finally:
            server.close()

    email = message.enrolment.address.email
    assert (ask("GET"), ask("HEAD"), suppressed([email])) == (200, 200, set())
    assert (ask("POST", "List-Unsubscribe=One-Click"), suppressed([email])) == (200, {email})
    assert (ask("POST"), ask("PUT")) == (200, 405)
