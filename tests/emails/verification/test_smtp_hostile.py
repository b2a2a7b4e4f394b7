"""Servers that break the rules cost a bounded time and memory, and prove nothing."""

import tracemalloc

import pytest

from enrichment.emails.checks import Result
from enrichment.emails.verification.pacing import Pacing
from tests.kit.probing import ask
from tests.kit.smtp_script import SILENCE, Say, ScriptedSmtpServer

JANE = "jane.doe@acme.example"
STAGES = ["connect", "EHLO", "MAIL", "RCPT"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (Say(b"250-and so on\r\n", endless=True), "malformed"),
        (Say(b"250-and so on\r\n" * 101 + b"250 done\r\n"), "malformed"),
        (Say(b"2" * 65_536, endless=True), "malformed"),
        (Say(b"250 " + b"x" * 10_000_000 + b"\r\n"), "malformed"),
        (Say(b"\x00\xff\xfe garbage \x80\r\n"), "malformed"),
        (Say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "malformed"),
        (Say(b"99 bottles\r\n"), "malformed"),
        (Say(b"999 bottles\r\n"), "malformed"),
        (Say(b"\r\n"), "malformed"),
        (Say(b"250-first\r\n550 second\r\n"), "malformed"),
        (Say(b"250-half a re", close=True), "dropped"),
        (Say(b"250-half a reply\r\n", close=True), "dropped"),
        (SILENCE, "timeout"),
        (Say(b"250 " + b"z" * 1000, piece=1, pause=0.05), "timeout"),
        (Say(b"250-one line and another\r\n" * 50, piece=20, pause=0.05), "timeout"),
    ],
    ids=range(15),
)
def test_a_hostile_reply_proves_nothing(stage: str, say: Say, reason: str) -> None:
    with ScriptedSmtpServer({stage: say}) as server:
        probed = ask(server.port, [JANE, "jdoe@acme.example"], timeout=0.3)
    assert {(check.result, check.reason) for check in probed.checks.values()} == {(Result.UNKNOWN, reason)}
    assert len(server.sessions) <= 2
    assert probed.catch_all == {}


def test_a_flood_is_not_kept() -> None:
    flood = Say(b"250-" + b"x" * 60_000, endless=True)
    with ScriptedSmtpServer({"RCPT": flood}) as server:
        tracemalloc.start()
        try:
            ask(server.port, [JANE])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000


def test_a_flood_between_two_recipients_is_not_kept_either() -> None:
    class Slow(Pacing):
        def delay(self, operator: str) -> float:
            return 0.2

    with ScriptedSmtpServer({"RCPT": Say(b"550 5.1.1 No such user\r\n" * 1000, endless=True)}) as server:
        tracemalloc.start()
        try:
            probed = ask(server.port, [JANE, "jdoe@acme.example"], pacing=Slow(0))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert probed.checks["jdoe@acme.example"].result is Result.UNKNOWN
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "say",
    [
        Say(b"550-5.1.1 This mailbox\r\n550-5.1.1 does not\r\n550 5.1.1 exist\r\n"),
        Say(b"550-5.1.1 No such user\r\n550 5.1.1 here\r\n", piece=1, pause=0.001),
        Say(b"550-5.1.1 No such user\n550 5.1.1 here\n"),
        Say(b"550 5.1.1 Bo\xeete inconnue\r\n"),
        Say("550 5.1.1 Boîte inconnue, Пользователь не найден\r\n".encode()),
        Say(b"550 5.1.1\r\n"),
        Say(b"550\r\n"),
        Say(b"550-5.1.1 No such user\r\n550\r\n"),
        Say(b"550-5.1.1 many lines\r\n" * 99 + b"550 5.1.1 No such user\r\n"),
    ],
    ids=range(9),
)
def test_an_odd_reply_is_read_for_what_it_is(say: Say) -> None:
    with ScriptedSmtpServer({"RCPT": say}) as server:
        check = ask(server.port, [JANE]).checks[JANE]
    assert (check.result, check.code) == (Result.UNDELIVERABLE, 550)


def test_a_reply_that_nobody_asked_for_is_not_the_next_ones() -> None:
    twice = Say(b"550 5.1.1 No such user\r\n250 OK\r\n")
    with ScriptedSmtpServer({"RCPT": [twice, b"550 5.1.1 No such user\r\n"]}) as server:
        probed = ask(server.port, [JANE, "jdoe@acme.example"])
    first, second = probed.checks.values()
    assert first.reason == "no_such_user"
    assert (second.result, second.reason) == (Result.UNKNOWN, "malformed")


def test_a_goodbye_between_two_recipients_is_a_dropped_session() -> None:
    farewell = Say(b"550 5.1.1 No such user\r\n421 4.4.2 Bye\r\n", close=True)
    with ScriptedSmtpServer({"RCPT": [farewell, b"550 5.1.1 No such user\r\n"]}) as server:
        probed = ask(server.port, [JANE, "jdoe@acme.example"])
    assert {check.reason for check in probed.checks.values()} == {"no_such_user"}
    assert len(server.sessions) == 2


def test_a_server_that_does_not_take_leave_holds_nobody_up() -> None:
    with ScriptedSmtpServer({"QUIT": SILENCE}) as server:
        assert ask(server.port, [JANE], timeout=0.3).checks[JANE].reason == "no_such_user"
    assert server.verbs[-1] == "QUIT"


def test_the_servers_own_words_are_not_kept() -> None:
    with ScriptedSmtpServer({"RCPT": lambda line: f"550 5.1.1 <{JANE}> unknown: {line}\r\n".encode()}) as server:
        check = ask(server.port, [JANE]).checks[JANE]
    assert check.sentence == "mx1.acme.example answered 550 5.1.1."
    assert "jane" not in str(check.as_json())
