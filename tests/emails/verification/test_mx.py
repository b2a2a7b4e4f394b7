from collections.abc import Iterator

import pytest

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails.verification.mx import MAX_HOSTS, Mx, look_up
from tests.kit.dns import Behaviour, DnsServer, Zone

NOTHING = Allowed()
ZONE: Zone = {
    "normal.test": {"MX": ["20 second.normal.test", "10 first.normal.test"]},
    "first.normal.test": {"A": ["192.0.2.1"]},
    "second.normal.test": {"AAAA": ["2001:db8::2"]},
    "equal.test": {"MX": ["10 b.equal.test", "10 a.equal.test"]},
    "a.equal.test": {"A": ["192.0.2.1"]},
    "b.equal.test": {"A": ["192.0.2.2"]},
    "null.test": {"MX": ["0 ."], "A": ["192.0.2.1"]},
    "broken-null.test": {"MX": ["0 .", "10 first.normal.test"]},
    "implicit4.test": {"A": ["192.0.2.1"]},
    "implicit6.test": {"AAAA": ["2001:db8::1"]},
    "implicit-private.test": {"A": ["127.0.0.1"]},
    "nothing.test": {"TXT": ["v=spf1 -all"]},
    "alias.test": {"CNAME": ["normal.test"]},
    "mx-alias.test": {"MX": ["10 mail.mx-alias.test"]},
    "mail.mx-alias.test": {"CNAME": ["first.normal.test"]},
    "no-address.test": {"MX": ["10 gone.no-address.test"]},
    "half-gone.test": {"MX": ["10 gone.half-gone.test", "20 first.normal.test"]},
    "private.test": {"MX": ["10 loopback.test", "20 inside.test"]},
    "loopback.test": {"A": ["127.0.0.1"], "AAAA": ["::1"]},
    "inside.test": {"A": ["10.1.2.3"]},
    "half-private.test": {"MX": ["10 loopback.test", "20 first.normal.test"]},
    "mapped.test": {"MX": ["10 host.mapped.test"]},
    "host.mapped.test": {"AAAA": ["::ffff:127.0.0.1"]},
    "servfail.test": Behaviour(rcode="SERVFAIL"),
    "refused.test": Behaviour(rcode="REFUSED"),
    "garbage.test": Behaviour(garbage=True),
    "silent.test": Behaviour(silent=True),
    "host-servfail.test": {"MX": ["10 servfail.test"]},
    "host-half-servfail.test": {"MX": ["10 servfail.test", "20 first.normal.test"]},
    "implicit-servfail.test": Behaviour(rcodes={"A": "SERVFAIL", "AAAA": "SERVFAIL"}),
    "many.test": {"MX": [f"{number} host{number}.many.test" for number in range(1, 30)]},
    **{f"host{number}.many.test": {"A": ["192.0.2.1"]} for number in range(1, 30)},
    "xn--mller-kva.test": {"MX": ["10 first.normal.test"]},
}


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


@pytest.fixture
def resolver(server: DnsServer) -> Resolver:
    return Resolver([server.address], timeout=0.3, lifetime=0.6)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("normal.test", Mx("found", ("first.normal.test", "second.normal.test"))),
        ("equal.test", Mx("found", ("a.equal.test", "b.equal.test"))),
        ("null.test", Mx("null")),
        ("broken-null.test", Mx("found", ("first.normal.test",))),
        ("implicit4.test", Mx("implicit", ("implicit4.test",))),
        ("implicit6.test", Mx("implicit", ("implicit6.test",))),
        ("implicit-private.test", Mx("none")),
        ("nothing.test", Mx("none")),
        ("missing.test", Mx("none")),
        ("alias.test", Mx("found", ("first.normal.test", "second.normal.test"))),
        ("mx-alias.test", Mx("found", ("mail.mx-alias.test",))),
        ("no-address.test", Mx("none")),
        ("half-gone.test", Mx("found", ("first.normal.test",))),
        ("private.test", Mx("none")),
        ("half-private.test", Mx("found", ("first.normal.test",))),
        ("mapped.test", Mx("none")),
        ("servfail.test", Mx("unknown")),
        ("refused.test", Mx("unknown")),
        ("garbage.test", Mx("unknown")),
        ("silent.test", Mx("unknown")),
        ("host-servfail.test", Mx("unknown")),
        ("host-half-servfail.test", Mx("found", ("first.normal.test",))),
        ("implicit-servfail.test", Mx("unknown")),
        ("müller.test", Mx("found", ("first.normal.test",))),
        ("Normal.Test", Mx("found", ("first.normal.test", "second.normal.test"))),
        ("a..b", Mx("none")),
        ("", Mx("none")),
    ],
)
def test_what_the_dns_says_of_a_domains_mail(resolver: Resolver, domain: str, expected: Mx) -> None:
    assert look_up([domain], resolver, NOTHING) == {domain: expected}


def test_private_hosts_that_the_operator_lists_count(resolver: Resolver) -> None:
    by_address = Allowed.parse(["127.0.0.0/8"])
    by_name = Allowed.parse(["inside.test"])
    assert look_up(["private.test"], resolver, by_address)["private.test"] == Mx("found", ("loopback.test",))
    assert look_up(["private.test"], resolver, by_name)["private.test"] == Mx("found", ("inside.test",))


def test_of_a_flood_of_hosts_the_preferred_ones_are_kept(resolver: Resolver) -> None:
    assert look_up(["many.test"], resolver, NOTHING)["many.test"].hosts == tuple(
        f"host{number}.many.test" for number in range(1, MAX_HOSTS + 1)
    )


def test_a_domain_named_twice_is_asked_for_once(server: DnsServer, resolver: Resolver) -> None:
    server.questions.clear()
    look_up(["normal.test", "normal.test"], resolver, NOTHING)
    assert server.questions.count(("normal.test", "MX")) == 1


def test_a_thousand_domains_are_looked_up_together() -> None:
    domains = [f"company{number}.test" for number in range(1000)]

    def zone(name: str) -> dict[str, list[str]]:
        return {"A": ["192.0.2.1"]} if name.startswith("mx.") else {"MX": [f"10 mx.{name}"]}

    with DnsServer(zone) as server:
        found = look_up(domains, Resolver([server.address], timeout=5, lifetime=20), NOTHING)
    assert found == {domain: Mx("found", (f"mx.{domain}",)) for domain in domains}


def test_a_server_that_nobody_answers_from_leaves_it_open() -> None:
    with DnsServer({}) as server:
        address = server.address
    assert look_up(["example.com"], Resolver([address], timeout=0.2, lifetime=0.4), NOTHING) == {
        "example.com": Mx("unknown")
    }


@pytest.mark.parametrize(
    ("status", "passed"),
    [("found", True), ("implicit", True), ("null", False), ("none", False), ("unknown", None)],
)
def test_whether_a_domain_takes_mail_has_three_answers(status: str, passed: bool | None) -> None:
    assert Mx(status).passed is passed
