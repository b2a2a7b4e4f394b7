"""SPF, DKIM, DMARC and MX of a sending domain, asked of a DNS server on loopback that also misbehaves."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from core.dns import Resolver
from outreach import preflight
from outreach.models import Mailbox
from tests.kit.dns import Behaviour, DnsServer
from tests.outreach.factories import MailboxFactory

DOMAIN = "mail.sender.example"
KEY = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + "A" * 400
GOOD: dict[str, Any] = {
    DOMAIN: {"TXT": ["site-verification=1", "v=spf1 include:_spf.service.example -all"], "MX": [f"10 mx.{DOMAIN}"]},
    f"s1._domainkey.{DOMAIN}": {"TXT": [KEY]},
    f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=none; rua=mailto:reports@sender.example"]},
}


def check(zone: dict[str, Any], selector: str = "s1") -> dict[str, dict[str, Any]]:
    with DnsServer(GOOD | zone) as server:
        resolver = Resolver([server.address], timeout=0.2, lifetime=0.5)
        return preflight.check(DOMAIN, selector, resolver).checks


def results(zone: dict[str, Any], selector: str = "s1") -> dict[str, bool | None]:
    return {name: found["result"] for name, found in check(zone, selector).items()}


def txt(*records: str) -> dict[str, Any]:
    return {"TXT": list(records), "MX": [f"10 mx.{DOMAIN}"]}


def test_a_domain_in_order_passes_everything() -> None:
    found = check({})
    assert list(found) == ["spf", "dkim", "dmarc", "mx"]
    assert all(one["result"] is True and one["sentence"] for one in found.values())


def test_a_domain_that_is_not_there_surely_fails() -> None:
    with DnsServer({}) as server:
        found = preflight.check("nowhere.example", "s1", Resolver([server.address])).checks
    assert [one["result"] for one in found.values()] == [False] * 4
    assert all("nowhere.example" in one["sentence"] for one in found.values())


@pytest.mark.parametrize(
    "trouble",
    [Behaviour(rcode="SERVFAIL"), Behaviour(rcode="REFUSED"), Behaviour(silent=True), Behaviour(garbage=True)],
    ids=["servfail", "refused", "silent", "garbage"],
)
def test_a_server_that_does_not_answer_is_never_a_failure(trouble: Behaviour) -> None:
    found = check(dict.fromkeys(GOOD, trouble))
    assert [one["result"] for one in found.values()] == [None] * 4
    assert all("try again later" in one["sentence"] for one in found.values())


@pytest.mark.parametrize(
    ("records", "result", "word"),
    [
        (["V=SPF1 a mx ~ALL"], True, "one record"),
        (["v=spf1"], True, "one record"),
        (["v=spf1 redirect=_spf.service.example"], True, "one record"),
        (["v=spf10 -all"], False, "no record"),
        (["spf2.0/pra -all"], False, "no record"),
        ([], False, "no record"),
        (["v=spf1 -all", "v=spf1 a -all"], False, "2 records"),
        (["v=spf1 a +all"], False, "everybody"),
        (["v=spf1 a ALL"], False, "everybody"),
        (["v=spf1 " + "ip4:192.0.2.1 " * 500 + "-all"], True, "one record"),  # 7 kB in many strings, over TCP
        (["x" * 20_000, "v=spf1 -all"], True, "one record"),
        ([f"token={number}" for number in range(120)], None, "too many"),
    ],
)
def test_spf(records: list[str], result: bool | None, word: str) -> None:
    spf = check({DOMAIN: txt(*records)})["spf"]
    assert spf["result"] is result
    assert word in spf["sentence"]


@pytest.mark.parametrize(
    ("records", "result", "word"),
    [
        ([KEY], True, "there is a key"),
        (["p=MIIB"], True, "there is a key"),
        (["k=ed25519 ;  p = MIIB ;"], True, "there is a key"),
        (["v=DKIM1; p="], False, "revoked"),
        (["v=DKIM2; p=MIIB"], False, "no key"),
        (["v=DKIM1"], False, "no key"),
        ([], False, "no key"),
        (["hello"], False, "no key"),
        (["hello", KEY], True, "there is a key"),
        ([KEY, KEY + "B"], None, "2 keys"),
        ([f"token={number}" for number in range(120)], None, "too many"),
    ],
)
def test_dkim(records: list[str], result: bool | None, word: str) -> None:
    dkim = check({f"s1._domainkey.{DOMAIN}": txt(*records)})["dkim"]
    assert dkim["result"] is result
    assert word in dkim["sentence"]


def test_a_key_may_stand_behind_an_alias() -> None:
    zone = {
        f"s1._domainkey.{DOMAIN}": Behaviour(records={"CNAME": ["s1.service.example"]}),
        "s1.service.example": {"TXT": [KEY]},
    }
    assert results(zone)["dkim"] is True


def test_without_a_selector_nobody_can_tell_and_the_sentence_asks_for_it() -> None:
    dkim = check({}, selector=" ")["dkim"]
    assert dkim["result"] is None
    assert "tell us the selector" in dkim["sentence"]


@pytest.mark.parametrize("selector", ["other", "no such thing", "x" * 64, "a..b"])
def test_a_selector_that_is_not_there_or_cannot_be_has_no_key(selector: str) -> None:
    assert results({}, selector)["dkim"] is False


@pytest.mark.parametrize(
    ("records", "result", "word"),
    [
        (["v=DMARC1;p=REJECT"], True, "policy"),
        (["v = DMARC1 ; p = quarantine ; sp=none"], True, "policy"),
        (["v=DMARC1; rua=mailto:a@sender.example"], False, "no policy"),
        (["v=DMARC1; p=maybe"], False, "no policy"),
        (["v=dmarc1; p=none"], False, "no record"),
        (["p=none; v=DMARC1"], False, "no record"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], False, "2 records"),
        (["v=spf1 -all", "v=DMARC1; p=none"], True, "policy"),
        ([], False, "no record"),
        ([f"token={number}" for number in range(120)], None, "too many"),
    ],
)
def test_dmarc(records: list[str], result: bool | None, word: str) -> None:
    dmarc = check({f"_dmarc.{DOMAIN}": txt(*records)})["dmarc"]
    assert dmarc["result"] is result
    assert word in dmarc["sentence"]


def test_dmarc_is_looked_for_at_the_registrable_domain_too() -> None:
    above = {"_dmarc.sender.example": {"TXT": ["v=DMARC1; p=reject"]}}
    assert results({f"_dmarc.{DOMAIN}": {}} | above)["dmarc"] is True
    failing = {"_dmarc.sender.example": Behaviour(rcode="SERVFAIL")}
    assert results({f"_dmarc.{DOMAIN}": {}} | failing)["dmarc"] is None


@pytest.mark.parametrize(
    ("entry", "result", "word"),
    [
        ({"MX": ["10 mx.sender.example"]}, True, "takes mail"),
        ({"MX": ["0 ."]}, False, "takes no mail"),
        ({"MX": ["0 .", "10 mx.sender.example"]}, True, "takes mail"),
        ({"A": ["192.0.2.1"]}, None, "perhaps its own address"),
        ({"AAAA": ["2001:db8::1"]}, None, "perhaps its own address"),
        ({}, False, "cannot come back"),
        (Behaviour(rcodes={"A": "SERVFAIL"}), None, "perhaps its own address"),
    ],
)
def test_mx(entry: Any, result: bool | None, word: str) -> None:
    mx = check({DOMAIN: entry})["mx"]
    assert mx["result"] is result
    assert word in mx["sentence"]


@pytest.fixture
def asked(settings: Any) -> Iterator[DnsServer]:
    with DnsServer({**GOOD, f"_dmarc.{DOMAIN}": {}}) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        yield server


@pytest.mark.django_db
def test_the_answer_is_kept_with_the_mailbox_and_only_sure_failures_are_problems(asked: DnsServer) -> None:
    mailbox = MailboxFactory(address=f"grace@{DOMAIN}", preflight={}, preflight_at=None)
    assert preflight.problems(mailbox) == []
    before = timezone.now()
    found = preflight.run(mailbox)
    kept = Mailbox.objects.get()
    assert kept.preflight == found.checks
    assert kept.preflight_at >= before
    assert found.checks["dkim"]["result"] is None
    assert preflight.problems(kept) == [found.checks["dmarc"]["sentence"]]
