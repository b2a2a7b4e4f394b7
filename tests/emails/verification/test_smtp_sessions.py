"""Which hosts are connected to, how often, over what, and when no longer."""

import asyncio
import os
import signal
import ssl
import threading

import pytest

from core.guard import Allowed
from enrichment.emails.checks import Result
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.pacing import FAILURES, Pacing
from tests.kit.probing import ask
from tests.kit.smtp import NO_SUCH_USER, SmtpServer
from tests.kit.smtp_script import Say, ScriptedSmtpServer
from tests.kit.tls import Authority

JANE = "jane.doe@acme.example"
SHARED = ("mx1.mail.example", "mx2.mail.example")


def shared(*domains: str) -> dict[str, Mx]:
    return {domain: Mx("found", SHARED) for domain in domains}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's context with a certificate that nobody vouches for, for another name than the host's."""
    return Authority(tmp_path_factory.mktemp("tls")).server_context("other.example")


def test_domains_with_the_same_hosts_share_a_connection() -> None:
    with SmtpServer({}) as server:
        ask(
            server.port,
            ["a@one.example", "b@one.example"],
            ["c@two.example"],
            ["d@one.example"],
            mx=shared("one.example", "two.example"),
        )
    assert server.connections == 1
    assert server.verbs == ["EHLO", "MAIL", "RCPT", "RCPT", "RCPT", "RSET", "MAIL", "RCPT", "QUIT"]


def test_a_session_takes_so_many_recipients_the_made_up_one_among_them() -> None:
    people = [f"person{number}@acme.example" for number in range(7)]
    with SmtpServer({people[3]: "250 OK"}) as server:
        ask(server.port, *([person] for person in people), recipients_per_session=4)
    by_session: dict[object, int] = {}
    for command in server.commands:
        by_session[command.peer] = by_session.get(command.peer, 0) + (command.verb == "RCPT")
    # Three: there would be no room for a made-up address after a fourth.
    assert list(by_session.values()) == [3, 4, 1]
    accepted, made_up = server.asked[3:5]
    assert accepted == people[3]
    assert made_up not in people


def test_one_recipient_a_session_is_enough() -> None:
    with SmtpServer({JANE: "250 OK"}) as server:
        probed = ask(server.port, [JANE], recipients_per_session=1)
    assert probed.checks[JANE].result is Result.DELIVERABLE
    assert server.connections == 2


def test_a_host_has_one_connection_at_a_time_whoever_wants_it() -> None:
    open_now, most = set(), 0
    lock = threading.Lock()

    def heard(line: str) -> Say:
        nonlocal most
        with lock:
            open_now.add(threading.current_thread())
            most = max(most, len(open_now))
        return Say(b"550 5.1.1 No\r\n", pause=0.02)

    def bye(line: str) -> Say:
        with lock:
            open_now.discard(threading.current_thread())
        return Say(b"221 Bye\r\n", close=True)

    mx = {f"{number}.example": Mx("found", ("mx.mail.example", f"mx{number}.mail.example")) for number in range(4)}
    with ScriptedSmtpServer({"RCPT": heard, "QUIT": bye}) as server:
        ask(server.port, *([f"jane@{domain}"] for domain in mx), mx=mx)
    assert len(server.sessions) == 4
    assert most == 1


def test_the_next_host_is_asked_where_the_first_does_not_serve() -> None:
    zone = {"mx1.mail.example": {"A": ["127.0.0.3"]}, "mx2.mail.example": {"A": ["127.0.0.2"]}}
    refusing = {"connect": Say(b"554 5.3.2 Closed\r\n", close=True)}
    with SmtpServer({}, host="127.0.0.2") as second:
        unreachable = ask(second.port, [JANE], ["jane@b.example"], mx=shared("acme.example", "b.example"), zone=zone)
        with ScriptedSmtpServer(refusing, host="127.0.0.3", port=second.port) as first:
            refused = ask(second.port, [JANE], ["jane@b.example"], mx=shared("acme.example", "b.example"), zone=zone)
    for probed in (unreachable, refused):
        assert {check.sentence for check in probed.checks.values()} == {"mx2.mail.example answered 550 5.1.1."}
    assert len(first.sessions) == 1


def test_a_host_is_asked_at_its_next_address_where_the_first_is_dead() -> None:
    zone = {"mx1.acme.example": {"A": ["127.0.0.3", "127.0.0.2"]}}
    with SmtpServer({}, host="127.0.0.2") as server:
        assert ask(server.port, [JANE], zone=zone).checks[JANE].reason == "no_such_user"


def test_hosts_that_nobody_answers_from_are_unreachable() -> None:
    with SmtpServer({}) as server:
        port = server.port
    probed = ask(port, [JANE, "jdoe@acme.example"])
    assert [(check.result, check.reason) for check in probed.checks.values()] == [(Result.UNKNOWN, "unreachable")] * 2


def test_an_address_of_the_inside_is_never_connected_to() -> None:
    zone = {"mx1.acme.example": {"A": ["127.0.0.1"], "AAAA": ["::ffff:127.0.0.1", "::1"]}}
    with SmtpServer({}) as server:
        check = ask(server.port, [JANE], zone=zone, allowed=Allowed()).checks[JANE]
    assert (check.result, check.reason) == (Result.UNKNOWN, "blocked_address")
    assert check.sentence == "mx1.acme.example has no address that may be connected to."
    assert server.connections == 0


def test_of_a_mixture_the_permitted_addresses_alone_are_connected_to() -> None:
    zone = {"mx1.acme.example": {"A": ["127.0.0.1", "10.1.2.3", "169.254.169.254", "127.0.0.2"]}}
    with SmtpServer({}, host="127.0.0.2") as outside, ScriptedSmtpServer({}, port=outside.port) as inside:
        check = ask(outside.port, [JANE], zone=zone, allowed=Allowed.parse(["127.0.0.2"])).checks[JANE]
    assert check.reason == "no_such_user"
    assert inside.sessions == []


def test_a_host_named_by_its_address_passes_the_same_guard() -> None:
    with SmtpServer({}) as server:
        mx = {"acme.example": Mx("found", ("127.0.0.1",))}
        assert ask(server.port, [JANE], mx=mx, allowed=Allowed()).checks[JANE].reason == "blocked_address"
    assert server.connections == 0


def test_tls_is_used_where_it_is_offered_whatever_the_certificate(certificate: ssl.SSLContext) -> None:
    with SmtpServer({JANE: "250 OK"}, tls=certificate) as server:
        assert ask(server.port, [JANE]).checks[JANE].result is Result.DELIVERABLE
    assert server.verbs == ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "RCPT", "QUIT"]


def test_after_starttls_what_was_offered_in_clear_is_forgotten(certificate: ssl.SSLContext) -> None:
    wide = "jörg@acme.example"
    script = {
        "EHLO": [b"250-hi\r\n250-SMTPUTF8\r\n250 STARTTLS\r\n", b"502 5.5.1 What?\r\n"],
        "STARTTLS": Say(b"220 go\r\n", tls=certificate),
    }
    with ScriptedSmtpServer(script) as server:
        assert ask(server.port, [wide]).checks[wide].reason == "unsupported"
    assert server.verbs[:4] == ["EHLO", "STARTTLS", "EHLO", "HELO"]


def test_what_is_said_in_clear_does_not_pass_for_what_is_said_in_tls(certificate: ssl.SSLContext) -> None:
    wide = "jörg@acme.example"
    script = {
        "EHLO": b"250-hi\r\n250 STARTTLS\r\n",
        "STARTTLS": Say(b"220 go\r\n250-hi\r\n250 SMTPUTF8\r\n", tls=certificate),
    }
    with ScriptedSmtpServer(script) as server:
        assert ask(server.port, [wide]).checks[wide].reason == "unsupported"
    assert len(server.sessions) == 2


@pytest.mark.parametrize(
    ("broken", "sessions"),
    [
        (b"454 4.7.0 TLS not available\r\n", 1),
        (Say(b"220 go\r\n", close=True), 3),
        (Say(b"220 go\r\nThis is no TLS at all, and never will be.\r\n"), 3),
        (Say(b"220 go\r\n250 said in clear, meant for TLS\r\n"), 3),
    ],
)
def test_where_tls_fails_the_question_is_asked_in_clear(broken: bytes | Say, sessions: int) -> None:
    script = {"EHLO": b"250-hi\r\n250 STARTTLS\r\n", "STARTTLS": broken, "RCPT": b"550 5.1.1 No\r\n"}
    emails = [f"jane{number}@acme.example" for number in range(2)]
    with ScriptedSmtpServer(script) as server:
        probed = ask(server.port, emails, recipients_per_session=1)
    assert {check.reason for check in probed.checks.values()} == {"no_such_user"}
    # TLS is not tried again for the second recipient's session.
    assert len(server.sessions) == (sessions if sessions > 1 else 2)


def test_a_paused_operator_is_not_connected_to() -> None:
    pacing = Pacing(0)
    pacing.pause("acme.example", 60, "blocked")
    with SmtpServer({}) as server:
        probed = ask(server.port, [JANE], ["jane@b.example"], pacing=pacing)
    assert [check.reason for check in probed.checks.values()] == ["paused", "no_such_user"]
    assert server.connections == 1


def test_a_block_is_remembered_in_the_pacing() -> None:
    pacing = Pacing(0)
    with SmtpServer({}, otherwise="550 5.7.1 Blocked using Spamhaus") as server:
        ask(server.port, [JANE], pacing=pacing)
        again = ask(server.port, [JANE], pacing=pacing)
    assert [pause.reason for pause in pacing.pauses().values()] == ["blocked"]
    assert again.checks[JANE].reason == "paused"
    assert len(server.asked) == 1


def test_an_operator_that_fails_again_and_again_is_left_alone() -> None:
    domains = [f"{number}.example" for number in range(FAILURES + 3)]
    mx = {domain: Mx("found", (f"mx{domain.partition('.')[0]}.mail.example",)) for domain in domains}
    with ScriptedSmtpServer({"RCPT": Say(close=True)}) as server:
        probed = ask(server.port, *([f"jane@{name}"] for name in domains), mx=mx, connections_per_operator=1)
    assert [check.reason for check in probed.checks.values()] == ["dropped"] * FAILURES + ["paused"] * 3
    assert len(server.sessions) == 2 * FAILURES


def test_every_recipient_waits_for_its_turn() -> None:
    turns: list[str] = []

    class Counting(Pacing):
        def delay(self, operator: str) -> float:
            turns.append(operator)
            return super().delay(operator)

    with SmtpServer({JANE: "250 OK"}) as server:
        ask(server.port, ["a@acme.example", JANE], ["b@other.example"], pacing=Counting(0))
    assert sorted(turns) == ["acme.example"] * 3 + ["other.example"]
    assert len(server.asked) == 4


def test_what_the_lifetime_does_not_reach_is_out_of_time() -> None:
    with ScriptedSmtpServer({"RCPT": [NO_SUCH_USER.encode() + b"\r\n", Say()]}) as server:
        probed = ask(server.port, ["a@acme.example", JANE, "b@acme.example"], lifetime=0.5)
    assert [check.reason for check in probed.checks.values()] == ["no_such_user", "out_of_time", "out_of_time"]
    assert {check.result for check in list(probed.checks.values())[1:]} == {Result.UNKNOWN}


class Interrupted(BaseException):
    """What a worker's time limit raises in the thread that waits."""


def test_an_exception_in_the_calling_thread_ends_the_probe() -> None:
    def interrupt(*_: object) -> None:
        raise Interrupted

    def heard(line: str) -> Say:
        os.kill(os.getpid(), signal.SIGUSR1)
        return Say()

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with ScriptedSmtpServer({"RCPT": heard}) as server, pytest.raises(Interrupted):
            ask(server.port, [JANE], timeout=100.0, lifetime=100.0)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(server.sessions) == 1
    assert "smtp_0" not in {thread.name for thread in threading.enumerate()}


def test_it_may_be_called_where_a_loop_is_running() -> None:
    async def call() -> str:
        return ask(server.port, [JANE]).checks[JANE].reason

    with SmtpServer({}) as server:
        assert asyncio.run(call()) == "no_such_user"
