"""What a mail server does -> what is said of the mailbox."""

from datetime import timedelta

import pytest

from enrichment.emails.checks import SMTP, Check, Result
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.smtp import Probed
from tests.kit.probing import NOW, ask
from tests.kit.smtp import SmtpServer
from tests.kit.smtp_script import Say, ScriptedSmtpServer

JANE = "jane.doe@acme.example"
DELIVERABLE, UNDELIVERABLE, CATCH_ALL, UNKNOWN = Result


def one(port: int, email: str = JANE, **options: object) -> Check:
    return ask(port, [email], **options).checks[email]


@pytest.mark.parametrize(
    ("reply", "result", "reason", "enhanced"),
    [
        ("250 2.1.5 OK", DELIVERABLE, "accepted", "2.1.5"),
        ("550 5.1.1 user unknown", UNDELIVERABLE, "no_such_user", "5.1.1"),
        ("550 Utilisateur inconnu", UNDELIVERABLE, "no_such_user", ""),
        ("550 5.2.1 The account is inactive", UNDELIVERABLE, "disabled", "5.2.1"),
        ("550 5.7.1 Client host rejected, see Spamhaus", UNKNOWN, "blocked", "5.7.1"),
        ("550 5.7.606 Access denied, banned sending IP", UNKNOWN, "blocked", "5.7.606"),
        ("450 4.7.1 Greylisted, come back later", UNKNOWN, "greylisted", "4.7.1"),
        ("451 4.3.0 Temporary lookup failure", UNKNOWN, "temporary", "4.3.0"),
        ("452 4.2.2 Mailbox over quota", UNKNOWN, "mailbox_full", "4.2.2"),
        ("552 5.2.2 Mailbox full", UNKNOWN, "mailbox_full", "5.2.2"),
        ("550 5.7.1 Relaying denied", UNKNOWN, "relay_denied", "5.7.1"),
        (
            "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery",
            DELIVERABLE,
            "receiving_too_fast",
            "4.2.1",
        ),
    ],
)
def test_the_reply_to_a_recipient(reply: str, result: Result, reason: str, enhanced: str) -> None:
    with SmtpServer({JANE: reply}) as server:
        check = one(server.port)
    retry_at = NOW + timedelta(minutes=10) if reason in {"greylisted", "temporary"} else None
    code = reply[:3]
    sentence = f"mx1.acme.example answered {f'{code} {enhanced}'.strip()}."
    assert check == Check(JANE, SMTP, result, reason, sentence, NOW, int(code), enhanced, retry_at)
    assert not server.messages
    assert "DATA" not in server.verbs


def test_a_server_that_accepts_a_made_up_address_too_proves_nothing() -> None:
    others = ["jdoe@acme.example", "doe@acme.example"]
    with SmtpServer({}, otherwise="250 OK") as server:
        probed = ask(server.port, [JANE, others[0]], [others[1]])
    assert [(check.result, check.reason) for check in probed.checks.values()] == [(CATCH_ALL, "catch_all")] * 3
    assert probed.checks[JANE].sentence == "mx1.acme.example takes mail for any name."
    assert probed.catch_all == {"acme.example": True}
    assert len(server.asked) == 2  # Jane and the made-up one; the others were not worth a question
    made_up = server.asked[1]
    assert made_up.endswith("@acme.example")
    assert made_up not in {JANE, *others}


def test_an_operator_that_hides_its_directory_only_looks_like_a_catch_all() -> None:
    mx = {"acme.example": Mx("found", ("acme-example.mail.protection.outlook.com",))}
    with SmtpServer({}, otherwise="250 OK") as server:
        check = one(server.port, mx=mx)
    assert (check.result, check.reason) == (UNKNOWN, "directory_hidden")


def test_the_made_up_address_is_asked_about_once_a_domain_and_never_the_same() -> None:
    people = [f"person{number}@acme.example" for number in range(4)]
    made_up = []
    with SmtpServer(dict.fromkeys(people, "250 OK")) as server:
        for _ in range(2):
            asked_before = len(server.asked)
            probed = ask(server.port, *([person] for person in people))
            made_up.append([address for address in server.asked[asked_before:] if address not in people])
            assert {check.result for check in probed.checks.values()} == {DELIVERABLE}
            assert probed.catch_all == {"acme.example": False}
    assert [len(addresses) for addresses in made_up] == [1, 1]
    assert made_up[0] != made_up[1]


def test_what_is_known_of_a_domain_is_not_asked_again() -> None:
    with SmtpServer({"jane@a.example": "250 OK"}) as server:
        probed = ask(
            server.port, ["jane@a.example"], ["jane@b.example"], catch_all={"a.example": False, "b.example": True}
        )
    assert probed.checks["jane@a.example"].result is DELIVERABLE
    assert probed.checks["jane@b.example"].result is CATCH_ALL
    assert server.asked == ["jane@a.example"]
    assert probed.catch_all == {}


@pytest.mark.parametrize("made_up", ["451 4.3.0 Try later", "552 5.2.2 Full", "252 Cannot verify"])
def test_an_unclear_answer_about_the_made_up_address_leaves_the_real_one_open(made_up: str) -> None:
    with SmtpServer({JANE: "250 OK", "j@acme.example": "250 OK"}, otherwise=made_up) as server:
        probed = ask(server.port, [JANE, "j@acme.example"])
    check = probed.checks[JANE]
    assert (check.result, check.reason, check.code) == (UNKNOWN, "catch_all_unclear", 250)
    assert check.retry_at == (NOW + timedelta(minutes=10) if made_up.startswith("451") else None)
    assert probed.checks["j@acme.example"].reason == "catch_all_unclear"
    assert probed.catch_all == {}
    assert len(server.asked) == 3


def test_a_group_ends_with_its_first_deliverable_address() -> None:
    group = ["jane@acme.example", "jdoe@acme.example", "doe@acme.example"]
    with SmtpServer({"jdoe@acme.example": "250 OK"}) as server:
        probed = ask(server.port, group, ["mia@acme.example"])
    assert {email: check.result for email, check in probed.checks.items()} == {
        "jane@acme.example": UNDELIVERABLE,
        "jdoe@acme.example": DELIVERABLE,
        "mia@acme.example": UNDELIVERABLE,
    }
    assert "doe@acme.example" not in server.asked


def test_an_address_in_two_groups_is_asked_about_once() -> None:
    with SmtpServer({JANE: "250 OK"}) as server:
        probed = ask(server.port, [JANE, "a@acme.example"], [JANE, "b@acme.example"])
    assert list(probed.checks) == [JANE]
    assert server.asked.count(JANE) == 1


def test_a_blocked_client_asks_nothing_more_of_the_operator() -> None:
    mx = {domain: Mx("found", (f"mx1.{domain.replace('.', '-')}.mail.example",)) for domain in ("a.test", "b.test")}
    with SmtpServer({}, otherwise="550 5.7.1 Your address is listed by Spamhaus") as server:
        probed = ask(
            server.port,
            ["jane@a.test", "doe@a.test"],
            ["mia@a.test"],
            ["jane@b.test"],
            mx=mx,
            connections_per_operator=1,
        )
    assert [check.reason for check in probed.checks.values()] == ["blocked", "paused", "paused", "paused"]
    assert {check.result for check in probed.checks.values()} == {UNKNOWN}
    assert len(server.asked) == 1


def test_a_block_met_by_the_made_up_address_leaves_the_real_one_open() -> None:
    with SmtpServer({JANE: "250 OK"}, otherwise="554 5.7.1 Blocked using Spamhaus") as server:
        probed = ask(server.port, [JANE], ["mia@acme.example"])
    assert [check.reason for check in probed.checks.values()] == ["catch_all_unclear", "paused"]
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("stage", "reply", "reason"),
    [
        ("connect", b"554 5.3.2 No SMTP service here\r\n", "early_refusal"),
        ("connect", b"554 5.7.1 Blocked by Spamhaus\r\n", "blocked"),
        ("connect", b"421 4.3.2 Too busy\r\n", "temporary"),
        ("EHLO", b"421 Later\r\n", "temporary"),
        ("MAIL", b"550 5.1.8 Sender domain does not exist\r\n", "early_refusal"),
        ("MAIL", b"451 4.3.0 Later\r\n", "temporary"),
    ],
)
def test_a_refusal_before_the_recipient_says_nothing_of_it(stage: str, reply: bytes, reason: str) -> None:
    with ScriptedSmtpServer({stage: reply}) as server:
        probed = ask(server.port, [JANE, "jdoe@acme.example"])
    first, second = probed.checks.values()
    assert (first.result, first.reason, first.code) == (UNKNOWN, reason, int(reply[:3]))
    assert (second.result, second.reason) == (UNKNOWN, "paused" if reason == "blocked" else reason)
    assert (first.retry_at is not None) == (reason == "temporary")
    assert "RCPT" not in server.verbs
    assert len(server.sessions) == 1


def test_too_many_recipients_is_an_end_of_the_session_not_of_the_mailbox() -> None:
    limit = {"RCPT": [b"550 5.1.1 No\r\n", b"452 4.5.3 Too many recipients\r\n", *[b"550 5.1.1 No\r\n"] * 4]}
    emails = [f"jane{number}@acme.example" for number in range(4)]
    with ScriptedSmtpServer(limit) as server:
        probed = ask(server.port, emails)
    assert {check.reason for check in probed.checks.values()} == {"no_such_user"}
    # The refused one again in the next session, and from then on no more than the server takes.
    assert [sum(line.startswith("RCPT") for line in session) for session in server.sessions] == [2, 1, 1, 1]


def test_a_server_that_never_takes_a_recipient_is_asked_twice() -> None:
    with ScriptedSmtpServer({"RCPT": b"452 4.5.3 Too many recipients\r\n"}) as server:
        check = one(server.port)
    assert (check.result, check.reason) == (UNKNOWN, "too_many_recipients")
    assert server.verbs.count("RCPT") == 2


@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT"])
def test_a_dropped_connection_is_tried_once_more(verb: str) -> None:
    ordinary = {"connect": b"220 hi\r\n", "RCPT": b"550 5.1.1 No\r\n"}.get(verb, b"250 OK\r\n")
    with ScriptedSmtpServer({verb: [Say(close=True), ordinary]}) as server:
        assert one(server.port).reason == "no_such_user"
    assert len(server.sessions) == 2
    with ScriptedSmtpServer({verb: Say(close=True)}) as server:
        probed = ask(server.port, [JANE, "jdoe@acme.example"])
    assert {(check.result, check.reason) for check in probed.checks.values()} == {(UNKNOWN, "dropped")}
    assert len(server.sessions) == 2


def test_a_server_that_ends_the_session_after_a_reply_is_called_again() -> None:
    with ScriptedSmtpServer({"RCPT": Say(b"550 5.1.1 No\r\n", close=True)}) as server:
        probed = ask(server.port, [JANE, "jdoe@acme.example"])
    assert {check.reason for check in probed.checks.values()} == {"no_such_user"}
    assert len(server.sessions) == 2


def test_a_server_that_says_goodbye_at_a_recipient_is_asked_nothing_more_about_the_domain() -> None:
    mx = {domain: Mx("found", ("mx.mail.example",)) for domain in ("a.example", "b.example")}
    with ScriptedSmtpServer({"RCPT": [b"421 4.3.2 Shutting down\r\n", b"550 5.1.1 No\r\n"]}) as server:
        probed = ask(server.port, ["jane@a.example", "doe@a.example"], ["jane@b.example"], mx=mx)
    assert [check.reason for check in probed.checks.values()] == ["temporary", "temporary", "no_such_user"]
    assert [check.retry_at is not None for check in probed.checks.values()] == [True, True, False]
    assert [sum(line.startswith("RCPT") for line in session) for session in server.sessions] == [1, 1]


def test_a_slow_server_gets_its_time() -> None:
    with ScriptedSmtpServer({"RCPT": Say(b"550 5.1.1 No such user\r\n", piece=1, pause=0.01)}) as server:
        assert one(server.port).reason == "no_such_user"


def test_a_server_without_ehlo_is_greeted_with_helo() -> None:
    with ScriptedSmtpServer({"EHLO": b"502 5.5.1 What?\r\n"}) as server:
        assert one(server.port).reason == "no_such_user"
    assert server.lines[:2] == ["EHLO probe.example", "HELO probe.example"]


def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it() -> None:
    wide = "jörg@acme.example"
    with SmtpServer({}) as server:
        probed = ask(server.port, [wide, "joerg@acme.example"])
    assert [check.reason for check in probed.checks.values()] == ["unsupported", "no_such_user"]
    assert server.asked == ["joerg@acme.example"]
    with SmtpServer({}, smtputf8=True) as server:
        assert one(server.port, wide).reason == "no_such_user"
    assert server.asked == [wide]
    assert [command.argument for command in server.commands if command.verb == "MAIL"] == [
        "FROM:<verify@probe.example> SMTPUTF8"
    ]


@pytest.mark.parametrize(
    ("mx", "reason"),
    [
        (Mx("null"), "no_mail_server"),
        (Mx("none"), "no_mail_server"),
        (Mx("unknown"), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_domain_without_mail_server_is_not_asked(mx: Mx | None, reason: str) -> None:
    with SmtpServer({}) as server:
        check = one(server.port, mx={"acme.example": mx} if mx else {})
    assert (check.result, check.reason) == (UNKNOWN, reason)
    assert server.connections == 0


@pytest.mark.parametrize(
    "text",
    ["jane@acme.example>\r\nDATA", '"jane doe"@acme.example', "jane doe@acme.example", "jane\n@acme.example", "", "@"],
)
def test_what_is_no_address_never_reaches_the_wire(text: str) -> None:
    with ScriptedSmtpServer({}) as server:
        probed = ask(server.port, [text, JANE], mx={"acme.example": Mx("found", ("mx1.acme.example",))})
    assert probed.checks[text].reason == "unsupported"
    assert [line for line in server.lines if line.startswith(("RCPT", "DATA"))] == [f"RCPT TO:<{JANE}>"]


def test_nobody_to_ask_is_no_work() -> None:
    assert ask(25) == Probed({}, {})
