import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from imapclient import IMAPClient

from outreach import inbound, mailbox_poll, mailbox_url
from outreach.mailbox_url import Refused
from outreach.models import Enrolment, Event, MailboxPosition
from tests.kit.imap import ImapServer
from tests.kit.tls import Authority
from tests.racing import race

from .coming_back import answer, away, bounce, complaint, sent_to

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def server(settings: Any) -> Iterator[ImapServer]:
    with ImapServer() as running:
        settings.OUTREACH_IMAP_URL = running.url
        yield running


def position() -> MailboxPosition:
    return MailboxPosition.objects.get()


def test_what_came_back_is_read_and_acted_upon(server: ImapServer) -> None:
    message = sent_to()
    server.append(away("I am out of the office."), answer(), bounce(), complaint())
    polled = mailbox_poll.poll()
    assert (polled.seen, polled.errors, polled.problem) == (4, 0, "")
    assert polled.events == {"auto_reply": 1, "reply": 1, "hard": 1, "complaint": 1}
    assert set(Event.objects.values_list("source", flat=True)) == {"mailbox"}
    assert Enrolment.objects.get(pk=message.enrolment_id).stop_reason == "replied"
    assert (position().last_uid, position().uid_validity) == (polled.last_uid, polled.uid_validity)
    assert position().polled_at is not None


def test_only_what_is_new_is_read_the_next_time(server: ImapServer) -> None:
    server.append(answer())
    assert mailbox_poll.poll().seen == 1
    assert mailbox_poll.poll().seen == 0
    server.append(answer())
    assert mailbox_poll.poll().seen == 1
    assert Event.objects.count() == 2


def test_nothing_in_the_mailbox_changes(server: ImapServer) -> None:
    sent_to()
    server.append(answer())
    with server.client() as client:
        client.select_folder("INBOX")
        client.add_flags(client.search("ALL"), [b"\\Flagged"])
    server.append(bounce())
    before = server.flags()
    assert len(before) == 2
    mailbox_poll.poll()
    assert server.flags() == before


def test_an_empty_mailbox_is_read_from_its_end(server: ImapServer) -> None:
    assert mailbox_poll.poll().seen == 0
    server.append(answer())
    assert mailbox_poll.poll().seen == 1


def test_the_first_poll_leaves_the_archive_alone(server: ImapServer) -> None:
    for days in (400, 30, 10):
        server.append(answer(), at=datetime.now(UTC) - timedelta(days=days))
    server.append(answer(), at=datetime.now(UTC) - timedelta(days=1))
    assert mailbox_poll.poll().seen == 1
    assert mailbox_poll.poll().seen == 0


def test_an_archive_without_anything_new_is_left_alone(server: ImapServer) -> None:
    server.append(answer(), at=datetime.now(UTC) - timedelta(days=10))
    assert mailbox_poll.poll().seen == 0
    assert mailbox_poll.poll().seen == 0
    server.append(answer())
    assert mailbox_poll.poll().seen == 1


def test_a_limit_leaves_the_rest_for_the_next_time(server: ImapServer) -> None:
    server.append(*(answer() for _ in range(25)))
    assert [mailbox_poll.poll(limit).seen for limit in (2, 21, 10, 10)] == [2, 21, 2, 0]
    assert Event.objects.count() == 25


def test_new_numbers_make_no_mail_count_twice(server: ImapServer, settings: Any) -> None:
    sent_to()
    settings.OUTREACH_IMAP_URL = server.url_of("Back & forth")
    first, second = answer(), bounce()
    with server.client() as client:
        client.create_folder("Back & forth")
    server.append(first, folder="Back & forth")
    before = mailbox_poll.poll()
    with server.client() as client:
        client.delete_folder("Back & forth")
        client.create_folder("Back & forth")
    server.append(first, second, folder="Back & forth")
    after = mailbox_poll.poll()
    assert before.uid_validity != after.uid_validity
    assert (after.seen, after.events) == (2, {"hard": 1})
    assert Event.objects.count() == 2


def test_a_mail_that_is_gone_when_it_is_asked_for_is_passed_over(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.append(answer(), answer())
    real = IMAPClient.fetch

    def without_the_first(client: IMAPClient, uids: list[int], data: list[str]) -> dict[int, Any]:
        return {uid: parts for uid, parts in real(client, uids, data).items() if uid != uids[0]}

    monkeypatch.setattr(IMAPClient, "fetch", without_the_first)
    polled = mailbox_poll.poll()
    assert (polled.seen, polled.errors, polled.problem, sum(polled.events.values())) == (2, 0, "", 1)
    assert position().last_uid == polled.last_uid


def test_a_mail_that_cannot_be_dealt_with_stops_none_after_it(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = answer("Bad"), answer("Good")
    server.append(bad)
    server.append(good)
    _break(monkeypatch, KeyError("surprise"))
    polled = mailbox_poll.poll()
    assert (polled.seen, polled.errors, polled.events) == (2, 1, {"unknown": 1, "reply": 1})
    event = Event.objects.get(reason="unreadable")
    assert event.needs_human
    assert mailbox_poll.poll().seen == 0


def test_while_the_database_fails_nothing_is_skipped(server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.append(answer("Bad"))
    with monkeypatch.context() as broken:
        _break(broken, OperationalError("the server closed the connection"))
        with pytest.raises(OperationalError):
            mailbox_poll.poll()
    assert mailbox_poll.poll().events == {"reply": 1}


def _break(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = inbound.receive

    def receive(raw: bytes, **options: Any) -> list[Event]:
        if b"Bad" in raw:
            raise error
        return real(raw, **options)

    monkeypatch.setattr(inbound, "receive", receive)


def test_a_huge_mail_is_read_as_far_as_it_matters(server: ImapServer) -> None:
    sent_to()
    server.append(answer("Yes, please.") + b"\n" + b"x" * 80 * 30_000)
    assert mailbox_poll.poll().events == {"reply": 1}


@pytest.mark.django_db(transaction=True)
def test_two_polls_at_once_deal_with_each_mail_once(server: ImapServer) -> None:
    sent_to()
    server.append(*(answer() for _ in range(12)))
    results = race(3, lambda _: mailbox_poll.poll())
    assert [polled.problem for polled in results] == ["", "", ""]
    assert sum(polled.seen for polled in results) == 12
    assert Event.objects.count() == 12


def test_without_a_mailbox_it_says_what_to_set(settings: Any) -> None:
    settings.OUTREACH_IMAP_URL = ""
    assert "OUTREACH_IMAP_URL" in mailbox_poll.poll().problem
    assert not MailboxPosition.objects.exists()


def test_a_wrong_password_is_a_sentence_without_it(server: ImapServer, settings: Any) -> None:
    settings.OUTREACH_IMAP_URL = server.url_of("INBOX", password="wrong-Pässword")
    problem = mailbox_poll.poll().problem
    assert "did not accept the user and password" in problem
    assert "wrong" not in problem
    assert position().error == problem
    assert position().polled_at is None
    settings.OUTREACH_IMAP_URL = server.url
    assert mailbox_poll.poll().problem == position().error == ""


def test_a_folder_that_is_not_there_is_a_sentence(server: ImapServer, settings: Any) -> None:
    settings.OUTREACH_IMAP_URL = server.url_of("Nowhere")
    assert "Nowhere" in mailbox_poll.poll().problem


def test_a_server_that_is_away_or_talks_nonsense_is_a_sentence(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings.OUTREACH_IMAP_URL = f"imap://u:p@127.0.0.1:{port}/INBOX"
        nonsense = threading.Thread(target=_talk, args=(listener, b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        nonsense.start()
        assert "127.0.0.1" in mailbox_poll.poll().problem
        nonsense.join()
    assert "could not be reached" in mailbox_poll.poll().problem


def _talk(listener: socket.socket, text: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(text)


def test_an_encrypted_server_is_read_when_its_certificate_is_known(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with ImapServer(tls=authority.server_context("localhost")) as server:
        settings.OUTREACH_IMAP_URL = server.url.replace("127.0.0.1", "localhost")
        assert "certificate" in mailbox_poll.poll().problem.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
        assert mailbox_poll.poll().problem == ""
        settings.OUTREACH_IMAP_URL = server.url
        assert mailbox_poll.poll().problem != ""  # the certificate is for another name


def test_a_password_is_not_sent_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    account = mailbox_url.read("imap://u:p@imap.acme.example/INBOX")
    with ImapServer() as server:
        real = mailbox_url.IMAPClient
        monkeypatch.setattr(
            mailbox_url, "IMAPClient", lambda _host, _port, **options: real("127.0.0.1", server.port, **options)
        )
        with pytest.raises(Refused, match="offers no encryption, so the password was not sent"):
            mailbox_url.connect(account)


@pytest.mark.parametrize(
    "url",
    [
        "imaps://host/INBOX",
        "imaps://user@host/INBOX",
        "https://u:hush-hush@host/",
        "imaps://u:hush-hush@host:port/INBOX",
        "imaps://u:hush-hush@/INBOX",
        "imaps://u:hush-hush@[::1/INBOX",
        "nonsense",
    ],
)
def test_an_address_that_cannot_be_read_is_a_sentence_without_the_password(url: str, settings: Any) -> None:
    settings.OUTREACH_IMAP_URL = url
    problem = mailbox_poll.poll().problem
    assert "OUTREACH_IMAP_URL" in problem
    assert "hush" not in problem


def test_an_address_is_percent_decoded() -> None:
    account = mailbox_url.read("imaps://grace%40a.example:p%40s%2Fs@imap.a.example:1993/Back%20%26%20forth")
    assert (account.user, account.password, account.folder) == ("grace@a.example", "p@s/s", "Back & forth")
    assert (account.host, account.port, account.encrypted) == ("imap.a.example", 1993, True)
    assert mailbox_url.read("imap://u:p@h").folder == "INBOX"
    assert "p@s/s" not in f"{account!r} {account.name}"


def test_the_sender_whose_mailbox_it_is_is_noted(server: ImapServer) -> None:
    from .factories import MailboxFactory

    mailbox = MailboxFactory(address=server.user)
    server.append(answer(answers="<gone@x.example>", sender="bob@elsewhere.example"))
    mailbox_poll.poll()
    assert Event.objects.get().mailbox == mailbox
    assert timezone.now() - Event.objects.get().happened_at < timedelta(hours=1)


def test_what_fails_over_a_mail_is_logged_without_the_address_in_it(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object, **_options: object) -> list[Event]:
        raise ValueError("“ada@acme.example” is not an e-mail address")

    server.append(answer())
    monkeypatch.setattr(mailbox_poll.inbound, "receive", fail)
    assert mailbox_poll.poll().errors == 1
    (entry,) = [one for one in caplog.records if one.name == "outreach.mailbox_poll"]
    assert "test_mailbox_poll.py" in str(vars(entry)["at"])
    assert "ada@" not in caplog.text + str([vars(one) for one in caplog.records])
