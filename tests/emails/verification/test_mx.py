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
    "implicit-both.test": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
    "implicit-private.test": {"A": ["10.1.2.3"]},
    "implicit-loopback.test": {"A": ["127.0.0.1"], "AAAA": ["::1"]},
    "parked.test": {"A": ["192.0.2.1"], "TXT": ["v=spf1 -all"]},
    "null-late.test": {"MX": ["10 ."]},
    "nothing.test": {"TXT": ["v=spf1 -all"]},
    "alias.test": {"CNAME": ["normal.test"]},
    "alias-host.test": {"CNAME": ["implicit4.test"]},
    "alias-gone.test": {"CNAME": ["missing.test"]},
    "loop-a.test": {"CNAME": ["loop-b.test"]},
    "loop-b.test": {"CNAME": ["loop-a.test"]},
    "own-zone.test": Behaviour(records={"CNAME": ["normal.test"]}, chase=False),
    "mx-loop.test": {"MX": ["10 loop-a.test"]},
    "mx-alias.test": {"MX": ["10 mail.mx-alias.test"]},
    "mail.mx-alias.test": {"CNAME": ["first.normal.test"]},
    "mx-alias-private.test": {"MX": ["10 mail.mx-alias-private.test"]},
    "mail.mx-alias-private.test": {"CNAME": ["inside.test"]},
    "mx-literal.test": {"MX": ["10 192.0.2.1"]},
    "mx-localhost.test": {"MX": ["10 localhost"]},
    "localhost": {"A": ["127.0.0.1"]},
    "no-address.test": {"MX": ["10 gone.no-address.test"]},
    "half-gone.test": {"MX": ["10 gone.half-gone.test", "20 first.normal.test"]},
    "private.test": {"MX": ["10 loopback.test", "20 inside.test"]},
    "link-local.test": {"MX": ["10 metadata.test"]},
    "metadata.test": {"A": ["169.254.169.254"]},
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
    "flood.test": Behaviour(
        records={"MX": [f"{number} host{number % 29 + 1}.many.test" for number in range(1000)]}, truncated=True
    ),
    "half-servfail.test": Behaviour(records={"A": ["192.0.2.1"]}, rcodes={"AAAA": "SERVFAIL"}),
    "implicit-half-servfail.test": Behaviour(records={"AAAA": ["2001:db8::1"]}, rcodes={"A": "SERVFAIL"}),
    "mx-servfail.test": Behaviour(records={"A": ["192.0.2.1"]}, rcodes={"MX": "SERVFAIL"}),
    "xn--mller-kva.test": {"MX": ["10 first.normal.test"]},
}


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


@pytest.fixture
def resolver(server: DnsServer) -> Resolver:
    return Resolver([server.address], timeout=0.3, lifetime=0.6)


FOUND = Mx("found", ("first.normal.test", "second.normal.test"))
ROWS = [
    ("the preferred host comes first", "normal.test", FOUND),
    ("hosts of one preference", "equal.test", Mx("found", ("a.equal.test", "b.equal.test"))),
    ("capital letters", "Normal.Test", FOUND),
    ("null MX (RFC 7505)", "null.test", Mx("null")),
    ("null MX of another preference", "null-late.test", Mx("null")),
    ("null MX beside a real one", "broken-null.test", Mx("found", ("first.normal.test",))),
    ("no MX but an A record (RFC 5321 section 5.1)", "implicit4.test", Mx("implicit", ("implicit4.test",))),
    ("no MX but an AAAA record", "implicit6.test", Mx("implicit", ("implicit6.test",))),
    ("no MX but both", "implicit-both.test", Mx("implicit", ("implicit-both.test",))),
    ("no MX, a private address", "implicit-private.test", Mx("none")),
    ("no MX, a loopback address", "implicit-loopback.test", Mx("none")),
    ("no MX, an address, and no host may send", "parked.test", Mx("implicit", ("parked.test",))),
    ("no MX and no address", "nothing.test", Mx("none")),
    ("no such domain", "missing.test", Mx("none")),
    ("the domain is an alias", "alias.test", FOUND),
    ("an alias that the server does not follow", "own-zone.test", FOUND),
    ("an alias of a host without MX", "alias-host.test", Mx("implicit", ("alias-host.test",))),
    ("an alias of nothing", "alias-gone.test", Mx("none")),
    ("aliases in a circle", "loop-a.test", Mx("unknown")),
    ("the MX is an alias", "mx-alias.test", Mx("found", ("mail.mx-alias.test",))),
    ("the MX is an alias of a private host", "mx-alias-private.test", Mx("none")),
    ("the MX is an alias in a circle", "mx-loop.test", Mx("unknown")),
    ("the MX has no address", "no-address.test", Mx("none")),
    ("one MX of two has an address", "half-gone.test", Mx("found", ("first.normal.test",))),
    ("the MX is an address", "mx-literal.test", Mx("none")),
    ("the MX is localhost", "mx-localhost.test", Mx("none")),
    ("the MX are private", "private.test", Mx("none")),
    ("one MX of two is private", "half-private.test", Mx("found", ("first.normal.test",))),
    ("the MX is link-local", "link-local.test", Mx("none")),
    ("the MX is loopback, written as IPv6", "mapped.test", Mx("none")),
    ("SERVFAIL", "servfail.test", Mx("unknown")),
    ("SERVFAIL for MX, though there is an address", "mx-servfail.test", Mx("unknown")),
    ("REFUSED", "refused.test", Mx("unknown")),
    ("no DNS message", "garbage.test", Mx("unknown")),
    ("no answer", "silent.test", Mx("unknown")),
    ("SERVFAIL for the host", "host-servfail.test", Mx("unknown")),
    ("SERVFAIL for one host of two", "host-half-servfail.test", Mx("found", ("first.normal.test",))),
    ("no MX, SERVFAIL for the addresses", "implicit-servfail.test", Mx("unknown")),
    ("no MX, SERVFAIL for AAAA", "half-servfail.test", Mx("implicit", ("half-servfail.test",))),
    ("no MX, SERVFAIL for A", "implicit-half-servfail.test", Mx("implicit", ("implicit-half-servfail.test",))),
    (
        "a thousand MX",
        "flood.test",
        Mx("found", tuple(f"host{number}.many.test" for number in range(1, MAX_HOSTS + 1))),
    ),
    ("U-labels", "müller.test", Mx("found", ("first.normal.test",))),
    ("A-labels", "xn--mller-kva.test", Mx("found", ("first.normal.test",))),
    ("a domain literal", "[192.0.2.1]", Mx("none")),
    ("an empty label", "a..b", Mx("none")),
    ("nothing", "", Mx("none")),
]


@pytest.mark.parametrize(("domain", "expected"), [pytest.param(*row, id=name) for name, *row in ROWS])
def test_what_the_dns_says_of_a_domains_mail(resolver: Resolver, domain: str, expected: Mx) -> None:
    assert look_up([domain], resolver, NOTHING) == {domain: expected}


def test_all_of_them_together_are_judged_alike(resolver: Resolver) -> None:
    assert look_up([domain for _, domain, _ in ROWS], resolver, NOTHING) == {domain: mx for _, domain, mx in ROWS}


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
