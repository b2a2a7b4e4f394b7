"""The services' reports in the shapes that they document, posted to the real addresses."""

import base64
import hashlib
import hmac
import json
from email import message_from_bytes
from typing import Any

import pytest
from django.test import Client

from crm import suppression
from crm.models import AddressOutcome, Suppression
from outreach import inbound
from outreach.models import Enrolment, Event, Mailbox, Message

from .coming_back import ADA, answer, bounce, sent_to

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]

SECRET, KEY = "hook:secret", "signing-key"
NO_SUCH_USER = "550 5.1.1 <ada@acme.example>: Recipient address rejected: User unknown"
LISTED = "554 5.7.1 Service unavailable; client host [192.0.2.1] blocked using Spamhaus"


@pytest.fixture(autouse=True)
def _services(settings: Any) -> None:
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
        "MAILGUN_API_KEY": KEY,
        "BREVO_API_KEY": "x",
    }
    settings.ANYMAIL_WEBHOOKS = True


def post(where: str, body: Any, secret: str = SECRET, **options: Any) -> int:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    authorization = "Basic " + base64.b64encode(secret.encode()).decode()
    options.setdefault("content_type", "application/json")
    client = Client(headers={"Authorization": authorization}, raise_request_exception=False)
    return client.post(f"/webhooks/anymail/{where}/", content, **options).status_code


def state_of(message: Message) -> str:
    return Enrolment.objects.get(pk=message.enrolment_id).state


# What each service posts of one message: (address, body) by what happened.


def postmark(message: Message, kind: str, said: str = NO_SUCH_USER) -> Any:
    common = {"MessageID": message.provider_id, "Metadata": {"message": str(message.pk)}, "ServerID": 23}
    if kind == "delivered":
        return common | {
            "RecordType": "Delivery",
            "Recipient": ADA,
            "DeliveredAt": "2026-11-23T16:33:54-05:00",
            "Details": "Test",
        }
    kinds = {"bounce": ("Bounce", "HardBounce"), "complaint": ("SpamComplaint", "SpamComplaint")}
    record, name = kinds[kind]
    return common | {
        "RecordType": record,
        "Type": name,
        "TypeCode": 1,
        "ID": 42,
        "Name": "Hard bounce",
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": said,
        "Email": ADA,
        "From": "grace@sender.example",
        "BouncedAt": "2026-11-23T21:12:45Z",
        "Inactive": True,
    }


def mailgun(message: Message, kind: str, said: str = NO_SUCH_USER, token: str = "token-1") -> Any:
    names = {"delivered": "delivered", "bounce": "failed", "complaint": "complained"}
    data: dict[str, Any] = {
        "event": names[kind],
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": 1795471234.5,
        "recipient": ADA,
        "user-variables": {"message": str(message.pk)},
        "message": {"headers": {"message-id": message.provider_id, "to": ADA}, "size": 111},
        "tags": [],
    }
    if kind == "bounce":
        data |= {
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {"attempt-no": 1, "code": 550, "description": "", "message": said},
        }
    signature = hmac.new(KEY.encode(), f"1795471234{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": "1795471234", "token": token, "signature": signature},
        "event-data": data,
    }


def sendgrid(message: Message, kind: str, said: str = NO_SUCH_USER) -> Any:
    names = {"delivered": "delivered", "bounce": "bounce", "complaint": "spamreport"}
    event = {
        "email": ADA,
        "timestamp": 1795471234,
        "smtp-id": message.message_id,
        "anymail_id": message.provider_id,
        "event": names[kind],
        "category": [],
        "sg_event_id": f"event-{kind}",
        "sg_message_id": "14c5d75ce93.dfd.64b469",
        "message": str(message.pk),
    }
    if kind == "bounce":
        event |= {"reason": said, "status": "5.1.1", "type": "bounce"}
    if kind == "delivered":
        event |= {"response": "250 OK"}
    return [event]


def brevo(message: Message, kind: str, said: str = NO_SUCH_USER) -> Any:
    names = {"delivered": "delivered", "bounce": "hard_bounce", "complaint": "spam"}
    return {
        "event": names[kind],
        "email": ADA,
        "id": 26224,
        "date": "2026-11-23 21:12:45",
        "ts": 1795471234,
        "message-id": message.provider_id,
        "ts_event": 1795471234,
        "ts_epoch": 1795471234000,
        "subject": "A question",
        "X-Mailin-custom": json.dumps({"message": str(message.pk)}),
        "sending_ip": "192.0.2.1",
        **({"reason": said} if kind == "bounce" else {}),
    }


SERVICES = {"postmark": postmark, "mailgun": mailgun, "sendgrid": sendgrid, "brevo": brevo}
each_service = pytest.mark.parametrize("service", SERVICES)


def ours(**fields: Any) -> Message:
    return sent_to(provider_id="<service-1@mail.example>", **fields)


@each_service
def test_a_bounce_suppresses_the_address_and_stops_the_enrolment(service: str) -> None:
    message = ours()
    assert post(f"{service}/tracking", SERVICES[service](message, "bounce")) == 200
    event = Event.objects.get()
    assert (event.kind, event.source, event.status, event.message) == ("hard", "webhook", "5.1.1", message)
    assert event.matched == "headers"
    assert suppression.suppressed([ADA]) == {ADA}
    assert state_of(message) == "stopped"


@each_service
def test_a_complaint_stops_whoever_complained(service: str) -> None:
    message = ours()
    assert post(f"{service}/tracking", SERVICES[service](message, "complaint")) == 200
    assert Event.objects.get().kind == "complaint"
    assert Suppression.objects.get().reason == "complaint"
    assert state_of(message) == "stopped"


@each_service
def test_a_delivery_is_an_outcome(service: str) -> None:
    message = ours()
    assert post(f"{service}/tracking", SERVICES[service](message, "delivered")) == 200
    assert Event.objects.get().kind == "delivered"
    outcome = AddressOutcome.objects.get()
    assert (outcome.kind, outcome.probability) == ("delivered", 0.91)
    assert state_of(message) == "active"


@each_service
def test_a_report_that_is_delivered_twice_counts_once(service: str) -> None:
    body = SERVICES[service](ours(), "bounce")
    assert [post(f"{service}/tracking", body) for _ in range(3)] == [200, 200, 200]
    assert Event.objects.count() == AddressOutcome.objects.count() == 1


def test_a_second_delivery_with_another_token_counts_once_too() -> None:
    message = ours()
    for token in ("token-1", "token-2"):
        assert post("mailgun/tracking", mailgun(message, "bounce", token=token)) == 200
    assert Event.objects.count() == 1


@each_service
def test_a_block_pauses_the_sender_and_suppresses_nobody(service: str) -> None:
    message = ours()
    assert post(f"{service}/tracking", SERVICES[service](message, "bounce", LISTED)) == 200
    assert Event.objects.get().kind == "blocked"
    assert Mailbox.objects.get(pk=message.mailbox_id).paused_at is not None
    assert not Suppression.objects.exists()


@each_service
def test_a_message_that_is_not_ours_does_nothing(service: str) -> None:
    strange = Message(provider_id="<other@mail.example>", message_id="<other@mail.example>", email="x@y.example")
    for kind in ("bounce", "complaint", "delivered"):
        assert post(f"{service}/tracking", SERVICES[service](strange, kind)) == 200
    assert not Suppression.objects.exists()
    assert not AddressOutcome.objects.exists()
    assert set(Event.objects.values_list("message", flat=True)) <= {None}
    assert not Event.objects.filter(kind="delivered").exists()


def test_a_message_is_found_by_the_services_own_name_and_by_the_address() -> None:
    message = ours()
    body = postmark(message, "bounce")
    body["Metadata"] = {}
    assert post("postmark/tracking", body) == 200
    assert Event.objects.get().matched == "headers"
    body |= {"MessageID": "another", "BouncedAt": "2026-11-23T22:00:00Z"}
    assert post("postmark/tracking", body) == 200
    assert set(Event.objects.values_list("matched", flat=True)) == {"headers", "address"}


def test_a_report_that_comes_before_the_sending_was_written_down_is_matched() -> None:
    message = ours(state="sending", sent_at=None)
    assert post("postmark/tracking", postmark(message, "delivered")) == 200
    assert Event.objects.get().message == message


def test_a_bounce_that_overtakes_the_delivery_stays_one() -> None:
    message = ours()
    for kind in ("bounce", "delivered"):
        assert post("brevo/tracking", brevo(message, kind)) == 200
    assert sorted(Event.objects.values_list("kind", flat=True)) == ["delivered", "hard"]
    assert suppression.suppressed([ADA]) == {ADA}


def test_the_services_report_and_the_mail_servers_own_act_once() -> None:
    post("brevo/tracking", brevo(ours(), "bounce"))
    raw = bounce()
    inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    assert Event.objects.filter(kind="hard").count() == 2
    assert AddressOutcome.objects.count() == 1


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("soft_bounce", "soft"),
        ("hard_bounce", "hard"),
        ("invalid_email", "hard"),
        ("deferred", "soft"),
        ("blocked", "unknown"),
        ("error", "unknown"),
        ("unsubscribe", "unsubscribed"),
    ],
)
def test_the_services_own_word_counts_where_no_mail_servers_answer_is_told(event: str, kind: str) -> None:
    message = ours()
    post("brevo/tracking", brevo(message, "delivered") | {"event": event})
    assert Event.objects.get().kind == kind
    assert bool(suppression.suppressed([ADA])) == (kind in {"hard", "unsubscribed"})
    assert Event.objects.get().needs_human == (kind == "unknown")
    assert Mailbox.objects.get(pk=message.mailbox_id).paused_at is None


def test_a_delay_that_is_told_again_and_again_is_no_bounce() -> None:
    message = ours()
    for hour in range(5):
        post("brevo/tracking", brevo(message, "delivered") | {"event": "deferred", "ts_epoch": 1795471234000 + hour})
    assert Event.objects.count() == 1
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("event", ["opened", "click", "request", "list_addition", "something_new"])
def test_who_opened_or_clicked_is_not_kept(event: str) -> None:
    assert post("brevo/tracking", brevo(ours(), "delivered") | {"event": event}) == 200
    assert not Event.objects.exists()


def test_an_opt_out_of_somebody_else_by_the_same_account_is_heeded() -> None:
    body = brevo(ours(), "delivered") | {"event": "unsubscribe", "email": "bob@elsewhere.example"}
    body |= {"X-Mailin-custom": "{}", "message-id": "<unknown@mail.example>"}
    assert post("brevo/tracking", body) == 200
    assert suppression.suppressed(["bob@elsewhere.example", ADA]) == {"bob@elsewhere.example"}


def test_what_a_service_dropped_by_its_own_list() -> None:
    event = sendgrid(ours(), "bounce")[0] | {"event": "dropped", "reason": "Bounced Address"}
    event.pop("type")
    assert post("sendgrid/tracking", [event]) == 200
    assert (Event.objects.get().kind, Event.objects.get().reason) == ("hard", "bounced_before")


# Mail that a service takes in.


def inbound_of(service: str, raw: bytes) -> tuple[Any, dict[str, Any]]:
    mail = message_from_bytes(raw)
    text = "" if mail.is_multipart() else str(mail.get_payload())
    headers = [(name, str(value)) for name, value in mail.items()]
    if service == "postmark":
        sender = {"Email": ADA, "Name": "Ada Example", "MailboxHash": ""}
        skipped = {"From", "To", "Subject", "Date"}
        rest = [{"Name": name, "Value": value} for name, value in headers if name not in skipped]
        return {
            "FromFull": sender,
            "ToFull": [{"Email": "grace@sender.example", "Name": "", "MailboxHash": ""}],
            "Subject": mail["Subject"],
            "Date": mail["Date"],
            "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
            "TextBody": text,
            "HtmlBody": "",
            "Headers": [{"Name": "Return-Path", "Value": f"<{ADA}>"}, *rest],
            "Attachments": [],
        }, {}
    if service == "brevo":
        return {
            "items": [
                {"Uuid": ["1"], "Headers": dict(headers), "RawTextBody": text, "RawHtmlBody": "", "Attachments": []}
            ]
        }, {}
    if service == "sendgrid":
        return {
            "email": raw.decode(),
            "to": "grace@sender.example",
            "from": ADA,
            "envelope": json.dumps({"from": ADA, "to": ["grace@sender.example"]}),
        }, {}
    signature = hmac.new(KEY.encode(), b"1795471234token", hashlib.sha256).hexdigest()
    return {
        "timestamp": "1795471234",
        "token": "token",
        "signature": signature,
        "sender": ADA,
        "recipient": "grace@sender.example",
        "body-mime": raw.decode(),
    }, {}


def post_inbound(service: str, raw: bytes) -> int:
    body, options = inbound_of(service, raw)
    if service in {"postmark", "brevo"}:
        return post(f"{service}/inbound", body, **options)
    authorization = "Basic " + base64.b64encode(SECRET.encode()).decode()
    client = Client(headers={"Authorization": authorization}, raise_request_exception=False)
    where = "mailgun/inbound_mime" if service == "mailgun" else f"{service}/inbound"
    return client.post(f"/webhooks/anymail/{where}/", body).status_code


@each_service
def test_a_reply_that_a_service_took_in_stops_the_sequence_and_counts_once(service: str) -> None:
    message = ours()
    raw = answer("Yes, please call me.")
    assert post_inbound(service, raw) == 200
    event = Event.objects.get()
    assert (event.kind, event.source, event.message) == ("reply", "webhook", message)
    assert event.text == "Yes, please call me."
    assert state_of(message) == "stopped"
    assert post_inbound(service, raw) == 200
    inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    assert Event.objects.count() == 1


def test_a_bounce_that_a_service_took_in_is_read() -> None:
    ours()
    assert post_inbound("mailgun", bounce()) == 200
    assert Event.objects.get().kind == "hard"


@pytest.mark.parametrize(
    "odd",
    [
        {"Subject": "\ud800\x00 Re"},
        {"FromFull": None, "Headers": []},
        {"Headers": [{"Name": "In-Reply-To", "Value": "<\x00\ud800@x>"}]},
        {"Headers": [{"Name": "X-\u00e9", "Value": "line\nbreak"}]},
        {"TextBody": "\ud800\x00", "HtmlBody": "<p>\x00"},
        {"Date": "yesterday"},
    ],
)
def test_an_odd_mail_is_taken_in_or_refused(odd: dict[str, Any]) -> None:
    ours()
    body, _ = inbound_of("postmark", answer())
    status = post("postmark/inbound", body | odd)
    assert (status, Event.objects.count()) in {(200, 1), (400, 0)}


def test_a_reply_with_a_large_attachment_is_taken_in_from_who_has_the_secret() -> None:
    ours()
    body, _ = inbound_of("postmark", answer("See attached."))
    attachment = base64.b64encode(b"x" * 4_000_000).decode()
    body["Attachments"] = [{"Name": "a.pdf", "Content": attachment, "ContentType": "application/pdf"}]
    assert post("postmark/inbound", body, secret="hook:wrong") == 400
    assert not Event.objects.exists()
    assert post("postmark/inbound", body) == 200
    assert Event.objects.get().text == "See attached."


# Who may report, and what.


@each_service
def test_without_the_secret_nothing_is_taken(service: str) -> None:
    body = SERVICES[service](ours(), "bounce")
    assert post(f"{service}/tracking", body, secret="hook:wrong") in {400, 403}
    assert Client().post(f"/webhooks/anymail/{service}/tracking/", body, "application/json").status_code in {400, 403}
    assert not Event.objects.exists()


def test_a_wrong_signature_is_refused() -> None:
    body = mailgun(ours(), "bounce")
    body["signature"]["signature"] = "0" * 64
    assert post("mailgun/tracking", body) == 400
    assert not Event.objects.exists()


def test_without_a_secret_in_the_settings_there_are_no_webhooks(settings: Any) -> None:
    settings.ANYMAIL_WEBHOOKS = False
    assert post("postmark/tracking", postmark(ours(), "bounce")) == 404
    assert not Event.objects.exists()


@each_service
@pytest.mark.parametrize(
    "garbage",
    ["", "null", "[]", "{}", "[1]", '"text"', "{", b"\xff\xfe", '{"event-data": 5}', '[{"event": 5}]', '{"event": []}'],
)
def test_garbage_is_answered_and_leaves_nothing(service: str, garbage: str | bytes) -> None:
    assert post(f"{service}/tracking", garbage) in {200, 400}
    assert post(f"{service}/inbound", garbage) in {200, 400}
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"email": "\ud800@x"},
        {"email": 5},
        {"email": "x" * 10_000},
        {"X-Mailin-custom": '{"message": ["a"]}'},
        {"X-Mailin-custom": "5"},
        {"message-id": {"a": 1}},
        {"reason": ["550"]},
        {"ts_epoch": 10**15},
    ],
)
def test_odd_values_are_answered(odd: dict[str, Any]) -> None:
    assert post("brevo/tracking", brevo(ours(), "bounce") | odd) in {200, 400}


def test_the_wrong_kind_of_webhook_is_refused() -> None:
    assert post("brevo/inbound", brevo(ours(), "bounce")) == 400
    assert post("brevo/tracking", {"items": []}) == 400


def test_what_cannot_be_written_down_is_to_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    body = brevo(ours(), "bounce")
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "record", _broken)
        assert post("brevo/tracking", body) == 500
    assert post("brevo/tracking", body) == 200
    assert Event.objects.get().kind == "hard"


def _broken(*_args: object, **_options: object) -> None:
    raise ValueError("no room")
