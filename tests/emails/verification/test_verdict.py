from collections.abc import Iterator

import pytest

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails.checks import Check
from enrichment.emails.reliability import Outcome, fit
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.syntax import InvalidAddress
from enrichment.emails.verification.verdict import Verdict, verify, vouched
from tests.emails.evidence import NOW, accepted, catch_all, outcome, refused, unclear
from tests.kit.dns import Behaviour, DnsServer, Zone

MAIL = {"MX": ["10 mx.example.com"]}
ZONE: Zone = {
    "example.com": MAIL,
    "mx.example.com": {"A": ["192.0.2.1"]},
    "null.test": {"MX": ["0 ."]},
    "servfail.test": Behaviour(rcode="SERVFAIL"),
    "implicit.test": {"A": ["192.0.2.1"]},
    "mailinator.com": MAIL,
    "gmail.com": MAIL,
    "gmali.com": MAIL,
    "xn--mller-kva.test": MAIL,
}


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


def judge(server: DnsServer, *addresses: str) -> list[Verdict]:
    return verify(addresses, Resolver([server.address], timeout=0.5, lifetime=1), Allowed())


def test_the_worked_example_is_verified(server: DnsServer) -> None:
    (verdict,) = judge(server, "sarah.johnson@example.com")
    assert (verdict.score, verdict.status, verdict.method) == (100, "verified", "mx_check")
    assert sum(row.points for row in verdict.breakdown) == 100
    assert 0.4 <= verdict.probability <= 0.6  # nobody knows whether the mailbox exists
    assert verdict.mx is not None
    assert verdict.mx.hosts == ("mx.example.com",)


@pytest.mark.parametrize(
    ("address", "score", "status", "method"),
    [
        ("jroe@example.com", 75, "unknown", "mx_check"),
        ("info@example.com", 65, "unknown", "mx_check"),
        ("jane.roe@implicit.test", 100, "verified", "mx_check"),
        ("jane.roe@servfail.test", 79, "unknown", None),
        ("x4711@servfail.test", 50, "unknown", None),
        ("jane.roe@null.test", 10, "risky", "mx_check"),
        ("jane.roe@missing.test", 10, "risky", "mx_check"),
        ("jane.roe@mailinator.com", 10, "risky", "mx_check"),
        ("jane.roe@müller.test", 100, "verified", "mx_check"),
        ("jane.roe", 0, "risky", None),
    ],
)
def test_each_kind_of_address_has_its_verdict(
    server: DnsServer, address: str, score: int, status: str, method: str | None
) -> None:
    (verdict,) = judge(server, address)
    assert (verdict.email, verdict.score, verdict.status, verdict.method) == (address, score, status, method)
    assert sum(row.points for row in verdict.breakdown) == score


def test_the_lists_are_consulted(server: DnsServer) -> None:
    role, free, disposable, slip = judge(
        server, "info@example.com", "jane@gmail.com", "jane@mailinator.com", "jane@gmali.com"
    )
    assert (role.role, role.free, role.disposable, role.did_you_mean) == (True, False, False, None)
    assert (free.role, free.free, free.disposable) == (False, True, False)
    assert (disposable.free, disposable.disposable) == (False, True)
    assert slip.did_you_mean == "jane@gmail.com"


def test_every_text_has_a_verdict_in_its_place(server: DnsServer) -> None:
    texts = ["jane@example.com", "", "no address", " jane@example.com ", "jane@example.com", "\x00", "j" * 2000]
    verdicts = judge(server, *texts)
    assert [verdict.email for verdict in verdicts] == [text.strip() for text in texts]
    assert [verdict.syntax_valid for verdict in verdicts] == [True, False, False, True, True, False, False]
    invalid = verdicts[1]
    assert (invalid.probability, invalid.mx, invalid.breakdown[0].label) == (0.0, None, "Format")


def test_each_domain_is_looked_up_once(server: DnsServer) -> None:
    server.questions.clear()
    judge(server, "jane@example.com", "john@example.com", "JANE@EXAMPLE.COM", "jane@gmail.com")
    assert sorted(server.questions) == [("example.com", "MX"), ("gmail.com", "MX"), ("mx.example.com", "A")]


def test_nothing_at_all_is_no_trouble(server: DnsServer) -> None:
    assert judge(server) == []


JANE = "jane.roe@example.com"


def judge_with(server: DnsServer, checks: list[Check], address: str = JANE, **fields) -> Verdict:
    resolver = Resolver([server.address], timeout=0.5, lifetime=1)
    filed = {check.email: [one for one in checks if one.email == check.email] for check in checks}
    (verdict,) = verify([address], resolver, Allowed(), checks=filed, now=NOW, **fields)
    assert sum(row.points for row in verdict.breakdown) == verdict.score
    return verdict


@pytest.mark.parametrize(
    ("checks", "score", "status", "method", "least", "most"),
    [
        ([accepted(JANE)], 100, "verified", "smtp_ping", 0.9, 1),
        ([refused(JANE)], 10, "risky", "smtp_ping", 0, 0.05),
        ([catch_all(JANE)], 79, "unknown", "mx_check", 0.5, 0.5),
        ([unclear(JANE, "directory_hidden")], 79, "unknown", "mx_check", 0.5, 0.5),
        ([unclear(JANE, "greylisted")], 100, "verified", "mx_check", 0.5, 0.5),
        ([unclear(JANE, "blocked")], 100, "verified", "mx_check", 0.5, 0.5),
        ([unclear(JANE, "mailbox_full")], 49, "risky", "mx_check", 0.5, 0.5),
        ([accepted(JANE, "reacher")], 100, "verified", "api", 0.8, 0.95),
        ([refused(JANE, "hunter")], 10, "risky", "api", 0.05, 0.2),
        ([outcome(JANE, "replied")], 100, "verified", "smtp_ping", 0.98, 0.99),
        ([outcome(JANE, "bounced"), accepted(JANE, days=30)], 10, "risky", "smtp_ping", 0.05, 0.5),
        ([refused(JANE), accepted(JANE, "hunter")], 10, "risky", "smtp_ping", 0.03, 0.3),
    ],
    ids=lambda value: " ".join(one.reason for one in value) if isinstance(value, list) else None,
)
def test_answers_move_score_and_chance(
    server: DnsServer, checks: list[Check], score: int, status: str, method: str, least: float, most: float
) -> None:
    verdict = judge_with(server, checks)
    assert (verdict.score, verdict.status, verdict.method) == (score, status, method)
    assert least <= verdict.probability <= most


def test_the_strongest_answer_of_each_kind_is_shown(server: DnsServer) -> None:
    valid, silent = accepted(JANE, "hunter", days=3), unclear(JANE, "timeout", "snov")
    verdict = judge_with(server, [silent, catch_all(JANE), valid])
    assert (verdict.smtp, verdict.api, verdict.smtp_passed) == (catch_all(JANE), valid, None)
    assert judge_with(server, [refused(JANE)]).smtp_passed is False
    nobody = judge_with(server, [])
    assert (nobody.smtp, nobody.api, nobody.smtp_passed) == (None, None, None)


def test_the_mail_servers_sentence_stands_in_the_breakdown(server: DnsServer) -> None:
    verdict = judge_with(server, [refused(JANE, sentence="mx.example.com: 550 5.1.1, no such user")])
    assert verdict.breakdown[-1].evidence.startswith("mx.example.com: 550 5.1.1, no such user")


def test_checks_are_found_however_the_address_is_written(server: DnsServer) -> None:
    assert judge_with(server, [accepted(JANE)], " Jane.Roe@EXAMPLE.com ").method == "smtp_ping"
    elsewhere = accepted("jane.roe@xn--mller-kva.test")
    assert judge_with(server, [elsewhere], "jane.roe@müller.test").method == "smtp_ping"


def test_a_throw_away_mailbox_stays_worthless_though_it_exists(server: DnsServer) -> None:
    verdict = judge_with(server, [accepted("jane.roe@mailinator.com")], "jane.roe@mailinator.com")
    assert (verdict.score, verdict.status) == (10, "risky")
    assert verdict.probability < 0.05


def test_known_look_ups_are_not_repeated(server: DnsServer) -> None:
    server.questions.clear()
    known = {"example.com": Mx("null"), "unused.test": Mx("none")}
    verdicts = verify(
        [JANE, "jane@gmail.com"], Resolver([server.address], timeout=0.5, lifetime=1), Allowed(), mx=known
    )
    assert [verdict.mx.status for verdict in verdicts if verdict.mx] == ["null", "found"]
    assert ("example.com", "MX") not in server.questions
    assert known == {"example.com": Mx("null"), "unused.test": Mx("none")}


def test_outcomes_correct_the_chance(server: DnsServer) -> None:
    calibrator = fit([Outcome(0.5, False)] * 500)
    corrected = judge_with(server, [], calibrator=calibrator)
    assert corrected.probability < 0.3
    assert corrected.score == judge_with(server, []).score


def test_an_old_answer_counts_less(server: DnsServer) -> None:
    fresh, old = (judge_with(server, [refused(JANE, days=days)]).probability for days in (0, 700))
    assert fresh < old < 0.5


def test_what_somebody_entered_by_hand_is_believed_until_it_is_refused() -> None:
    found = Mx("found", ("mx.example.com",))
    plain = vouched(JANE, found)
    assert (plain.score, plain.status, plain.method, plain.probability) == (100, "verified", "manual", 0.95)
    assert vouched(JANE, None).score == 90
    assert vouched(JANE, found, [catch_all(JANE)], now=NOW).score == 90
    confirmed = vouched(JANE, found, [accepted(JANE)], now=NOW)
    assert (confirmed.method, confirmed.smtp_passed) == ("manual", True)
    assert confirmed.probability > 0.95
    gone = vouched(JANE, found, [refused(JANE)], now=NOW)
    assert (gone.score, gone.status, gone.method, gone.smtp_passed) == (10, "risky", "manual", False)
    assert gone.probability < 0.05
    assert vouched(JANE, Mx("null")).score == 10
    with pytest.raises(InvalidAddress):
        vouched("jane", found)
