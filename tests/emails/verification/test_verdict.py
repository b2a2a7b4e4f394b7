from collections.abc import Iterator

import pytest

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails.verification.verdict import Verdict, verify
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
