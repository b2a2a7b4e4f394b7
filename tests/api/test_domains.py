"""GET domains/:domain."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm import suppression
from enrichment.models import DomainProfile, MailOperator
from tests.factories import ContactFactory, EmailFactory

PATH = "/api/enrichment/domains/"


def known(name: str, email: str, **more: object) -> dict[str, object]:
    return {"name": name, "email": email, "source": "website", "seenAt": "2026-11-24T10:00:00Z", **more}


def test_a_new_domain_is_looked_up(api, dns) -> None:
    answer = api.get(f"{PATH}acme.example")
    assert answer.status_code == 200
    domain = answer.json()["domain"]
    assert set(domain) == {
        "domain", "mx", "operator", "catchAll", "catchAllCheckedAt", "disposable", "free", "patterns",
        "knownAddresses", "evidence", "paused",
    }  # fmt: skip
    checked_at = domain["mx"].pop("checkedAt")
    assert checked_at.endswith("Z")
    assert domain["mx"] == {"found": True, "hosts": ["mx.acme.example"], "null": False, "implicit": False}
    assert (domain["operator"], domain["catchAll"], domain["paused"]) == ("acme.example", None, None)
    assert (domain["knownAddresses"], domain["evidence"]) == (0, [])
    assert domain["patterns"][0]["pattern"] == "first.last"


def test_one_that_does_not_exist_is_shown_too(api, dns) -> None:
    domain = api.get(f"{PATH}missing.example").json()["domain"]
    assert (domain["mx"]["found"], domain["operator"]) == (False, None)


@pytest.mark.parametrize("name", ["x", "no%20domain", "a@acme.example", "127.0.0.1", "a" * 300 + ".example", "%00"])
def test_what_is_no_domain_is_400(api, dns, name) -> None:
    answer = api.get(f"{PATH}{name}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_domain")


def test_any_spelling_of_a_domain_is_read(api, dns) -> None:
    assert api.get(f"{PATH}ACME.Example.").json()["domain"]["domain"] == "acme.example"
    assert api.get(f"{PATH}m%C3%BCller.example").json()["domain"]["domain"] == "xn--mller-kva.example"


def test_known_addresses_show_the_pattern_and_nobody_is_named(api, dns) -> None:
    pairs = [
        known("Bo Roe", "b.roe@acme.example"),
        known("Cy Poe", "c.poe@acme.example", seenAt="2026-11-25T10:00:00Z"),
        known("Di Foe", "di.foe@acme.example", right=False, source="smtp", seenAt="2026-11-23T10:00:00Z"),
    ]
    DomainProfile.objects.create(domain="acme.example", known_addresses=pairs)
    answer = api.get(f"{PATH}acme.example")
    domain = answer.json()["domain"]
    chances = [entry["probability"] for entry in domain["patterns"]]
    assert chances == sorted(chances, reverse=True)
    assert domain["patterns"][0]["pattern"] == "f.last"
    assert domain["patterns"][0]["known"] > 1
    assert domain["knownAddresses"] == 3
    assert domain["evidence"] == [
        {"pattern": "f.last", "source": "website", "seenAt": "2026-11-25T10:00:00Z", "right": True},
        {"pattern": "f.last", "source": "website", "seenAt": "2026-11-24T10:00:00Z", "right": True},
        {"pattern": "first.last", "source": "smtp", "seenAt": "2026-11-23T10:00:00Z", "right": False},
    ]
    for word in (b"b.roe", b"Bo Roe", b"Cy", b"di.foe"):
        assert word not in answer.content


def test_the_addresses_of_contacts_count_too(api, dns) -> None:
    contact = ContactFactory(last_name="Example")
    EmailFactory(enriched_contact=contact, email="aexample@acme.example", verification_method="smtp_ping")
    domain = api.get(f"{PATH}acme.example").json()["domain"]
    assert [(entry["pattern"], entry["source"]) for entry in domain["evidence"]] == [("flast", "smtp")]


def test_what_a_mail_server_showed_and_asked_for_is_said(api, dns) -> None:
    told_at = timezone.now() - timedelta(hours=1)
    DomainProfile.objects.create(domain="acme.example", catch_all=True, catch_all_checked_at=told_at)
    until = datetime(2126, 11, 24, 10, tzinfo=UTC)
    MailOperator.objects.create(name="acme.example", paused_until=until, reason="blocked")
    domain = api.get(f"{PATH}acme.example").json()["domain"]
    assert (domain["catchAll"], domain["catchAllCheckedAt"] is None) == (True, False)
    assert domain["paused"] == {"until": "2126-11-24T10:00:00Z", "reason": "blocked"}
    MailOperator.objects.update(paused_until=told_at)
    assert api.get(f"{PATH}acme.example").json()["domain"]["paused"] is None


def test_a_domain_on_the_suppression_list_is_shown_for_it_names_nobody(api, dns) -> None:
    suppression.add(["acme.example"], "objection")
    assert api.get(f"{PATH}acme.example").status_code == 200
