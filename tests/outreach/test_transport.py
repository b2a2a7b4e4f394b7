"""What surely did not go and what may have, told apart with a real mail server, and mail services' answers."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.core.mail import EmailMessage
from requests.adapters import HTTPAdapter

from outreach.transport import NotSent, Sent, Transport, Uncertain
from tests.kit.outbox import HANG_UP, Outbox, switch_on
from tests.kit.smtp_script import Say, ScriptedSmtpServer

OK = b"250 2.0.0 OK\r\n"


@pytest.fixture
def server(settings: Any) -> Iterator[Outbox]:
    with Outbox() as running:
        switch_on(settings, running)
        yield running


def mail(to: str = "ada@acme.example", subject: str = "Hello") -> EmailMessage:
    headers = {"Message-ID": "<1@sender.example>"}
    return EmailMessage(subject, "A question.\n.\nQUIT", "Grace Sender <grace@sender.example>", [to], headers=headers)


def send(*mails: EmailMessage) -> list[Sent]:
    with Transport() as transport:
        return [transport.send(one) for one in mails or (mail(),)]


def failure() -> NotSent:
    with pytest.raises(NotSent) as raised:
        send()
    return raised.value


def test_messages_go_over_one_connection(server: Outbox) -> None:
    assert send(mail("ada@acme.example"), mail("joan@acme.example")) == [Sent(), Sent()]
    assert server.recipients == ["ada@acme.example", "joan@acme.example"]
    assert server.connections == 1
    first = server.accepted[0]
    assert (first.sender, first.message_id) == ("grace@sender.example", "<1@sender.example>")
    assert first.message["From"] == "Grace Sender <grace@sender.example>"
    assert first.message.get_content().splitlines() == ["A question.", ".", "QUIT"]


def test_nothing_opens_a_connection_but_a_message(server: Outbox) -> None:
    with Transport():
        pass
    assert server.connections == 0


def test_a_refused_recipient_does_not_end_the_connection(server: Outbox) -> None:
    with Transport() as transport:
        server.say["RCPT"] = "550 5.1.1 No such user"
        with pytest.raises(NotSent) as raised:
            transport.send(mail())
        del server.say["RCPT"]
        transport.send(mail("joan@acme.example"))
    assert (raised.value.retry, raised.value.code, raised.value.ours) == (False, 550, False)
    assert raised.value.text == "5.1.1 No such user"
    assert not raised.value.at_data
    assert server.recipients == ["joan@acme.example"]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("stage", "answer", "retry", "ours", "at_data"),
    [
        ("connect", "421 4.3.2 Going down", True, True, False),
        ("connect", "554 5.7.1 Not you", True, True, False),
        ("connect", HANG_UP, True, True, False),
        ("MAIL", "451 4.7.1 Slow down", True, True, False),
        ("MAIL", "550 5.7.1 Sender refused", True, True, False),
        ("MAIL", "421 4.7.0 Closing", True, True, False),
        ("MAIL", HANG_UP, True, True, False),
        ("RCPT", "450 4.2.1 Greylisted", True, False, False),
        ("RCPT", "421 4.7.0 Too many", True, True, False),
        ("RCPT", "550 5.1.1 No such user", False, False, False),
        ("RCPT", HANG_UP, True, True, False),
        ("DATA", "451 4.3.0 Not now", True, False, True),
        ("DATA", "554 5.5.1 No valid recipients", False, False, True),
        ("text", "451 4.3.0 Later", True, False, True),
        ("text", "421 4.3.2 Closing", True, True, True),
        ("text", "554 5.7.1 Spam", False, False, True),
    ],
)
def test_what_surely_did_not_go(
    server: Outbox, stage: str, answer: str, retry: bool, ours: bool, at_data: bool
) -> None:
    server.say[stage] = answer
    raised = failure()
    assert (raised.retry, raised.ours, raised.at_data) == (retry, ours, at_data)
    if answer != HANG_UP:
        assert f"{raised.code} {raised.text}" == answer
    assert server.accepted == []


def test_a_server_that_is_not_there_is_our_failure(server: Outbox, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.EMAIL_PORT = taken.getsockname()[1]
    raised = failure()
    assert (raised.retry, raised.ours, raised.code) == (True, True, 0)
    assert raised.text.startswith("The mail server cannot be used:")


def test_a_refused_password_is_our_failure(settings: Any, server: Outbox) -> None:
    script = {"EHLO": b"250-mx.example\r\n250 AUTH PLAIN\r\n", "AUTH": b"535 5.7.8 Wrong password\r\n"}
    with ScriptedSmtpServer(script) as strict:
        settings.EMAIL_PORT = strict.port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "grace", "secret"
        raised = failure()
    assert (raised.retry, raised.ours, raised.code) == (True, True, 535)
    assert "secret" not in str(raised)


def test_after_the_text_was_under_way_silence_is_uncertain(server: Outbox) -> None:
    server.say["text"] = HANG_UP
    with pytest.raises(Uncertain):
        send()
    assert len(server.accepted) == 1


def test_no_answer_in_time_is_uncertain_after_the_text_and_a_failure_before(server: Outbox, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    server.wait["text"] = 1.0
    with pytest.raises(Uncertain):
        send()
    del server.wait["text"]
    server.wait["RCPT"] = 1.0
    assert failure().ours


@pytest.mark.parametrize("answer", [b"what?\r\n", b"354 Go on\r\n", b"2" * 70_000 + b"\r\n"])
def test_an_answer_to_the_text_that_is_none_is_uncertain(settings: Any, server: Outbox, answer: bytes) -> None:
    script = {"RCPT": OK, "DATA": Say(b"354 Go ahead\r\n" + answer)}
    with ScriptedSmtpServer(script) as rude:
        settings.EMAIL_PORT = rude.port
        with pytest.raises(Uncertain):
            send()


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_an_answer_before_the_text_that_is_none_is_our_failure(settings: Any, server: Outbox, verb: str) -> None:
    with ScriptedSmtpServer({"RCPT": OK, verb: b"what?\r\n"}) as rude:
        settings.EMAIL_PORT = rude.port
        assert failure().ours


def test_a_connection_that_went_idle_is_opened_again(settings: Any, server: Outbox) -> None:
    with ScriptedSmtpServer({"RCPT": OK, ".": OK, "RSET": Say(b"421 4.4.2 Idle\r\n", close=True)}) as short:
        settings.EMAIL_PORT = short.port
        with Transport() as transport:
            transport._open()
            settings.EMAIL_PORT = server.port
            assert transport.send(mail()) == Sent()
    assert len(server.accepted) == 1


def test_after_an_uncertain_message_the_next_has_a_connection_of_its_own(server: Outbox) -> None:
    with Transport() as transport:
        server.say["text"] = HANG_UP
        with pytest.raises(Uncertain):
            transport.send(mail())
        server.say.clear()
        transport.send(mail("joan@acme.example"))
    assert server.connections == 2


@pytest.mark.parametrize("broken", [mail("ädä@acme.example"), mail(subject="Hello\nBcc: joan@acme.example")])
def test_a_message_that_cannot_be_written_down_fails_without_a_word(server: Outbox, broken: EmailMessage) -> None:
    with pytest.raises(NotSent) as raised:
        send(broken)
    assert (raised.value.retry, raised.value.ours) == (False, False)
    assert server.accepted == []


# Mail services ----------------------------------------------------------------------------------


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that says what the service answers: status and body, or an exception of the network."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token"}

    def answering(status: int = 200, body: bytes = b"{}", error: Exception | None = None) -> None:
        def answer(_adapter: HTTPAdapter, request: requests.PreparedRequest, **_options: Any) -> requests.Response:
            if error:
                raise error
            response = requests.Response()
            response.status_code, response._content, response.request = status, body, request
            response.headers["Content-Type"] = "application/json"
            response.url = request.url or ""
            return response

        monkeypatch.setattr(HTTPAdapter, "send", answer)

    return answering


TAKEN = b'{"ErrorCode": 0, "Message": "OK", "MessageID": "id-1", "To": "ada@acme.example", "SubmittedAt": "now"}'
STRANGE = b'{"ErrorCode": 406, "Message": "Something else"}'
INACTIVE = b'{"ErrorCode": 406, "Message": "Found inactive addresses: ada@acme.example. Inactive recipients bounced."}'


def test_a_service_gives_its_name_for_the_message(service: Any) -> None:
    service(body=TAKEN)
    assert send() == [Sent("id-1")]


def test_a_service_that_rejects_the_address_is_final(service: Any) -> None:
    service(422, INACTIVE)
    raised = failure()
    assert (raised.retry, raised.ours, raised.at_data, raised.code) == (False, False, False, 550)


@pytest.mark.parametrize(
    ("status", "retry", "ours"), [(401, True, True), (429, True, True), (503, True, True), (413, False, False)]
)
def test_an_answer_that_says_no_means_not_sent(service: Any, status: int, retry: bool, ours: bool) -> None:
    service(status, b"{}")
    raised = failure()
    assert (raised.retry, raised.ours, raised.code) == (retry, ours, status)


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (502, b""), (504, b""), (200, b"no JSON"), (422, STRANGE)])
def test_an_answer_that_says_nothing_of_the_message_is_uncertain(service: Any, status: int, body: bytes) -> None:
    service(status, body)
    with pytest.raises(Uncertain):
        send()


@pytest.mark.parametrize("error", [requests.ReadTimeout(), requests.ConnectionError(ConnectionResetError())])
def test_no_answer_of_a_service_is_uncertain(service: Any, error: Exception) -> None:
    service(error=error)
    with pytest.raises(Uncertain):
        send()


def test_a_service_that_cannot_be_reached_took_nothing(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": f"http://127.0.0.1:{port}/"}
    raised = failure()
    assert (raised.retry, raised.ours) == (True, True)
    assert raised.text == "The mail service cannot be reached."


def test_a_service_without_its_key_is_our_failure(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = "anymail.backends.postmark.EmailBackend", {}
    assert failure().ours


def test_what_a_service_cannot_express_was_not_sent(service: Any) -> None:
    service(body=TAKEN)
    email = mail()
    email.send_at = "tomorrow"  # type: ignore[attr-defined]
    with pytest.raises(NotSent) as raised:
        send(email)
    assert raised.value.ours
