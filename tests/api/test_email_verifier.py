"""POST email-verifier."""

from collections.abc import Iterator
from threading import BoundedSemaphore

import pytest

from crm import suppression
from enrichment.api import waiting
from enrichment.models import EnrichmentJob, JobItem, Usage
from tests.factories import ContactFactory
from tests.kit.providers import Providers, providers

VERIFIER = "/api/enrichment/email-verifier"


def verify(api, headers=None, **body):
    return api.post(VERIFIER, body, format="json", headers=headers)


def used() -> list[int]:
    return list(Usage.objects.values_list("amount", flat=True))


def test_one_address_has_one_verdict(api, dns) -> None:
    answer = verify(api, email=" ada.example@acme.example ")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"success", "result"}
    result = body["result"]
    assert set(result) == {
        "email", "verificationStatus", "verificationScore", "verificationMethod", "probability", "syntaxValid", "mx",
        "smtp", "api", "disposable", "role", "free", "didYouMean", "scoreBreakdown", "checkedAt", "retryAt",
    }  # fmt: skip
    assert (result["email"], result["syntaxValid"]) == ("ada.example@acme.example", True)
    assert (result["verificationStatus"], result["verificationScore"]) == ("verified", 100)
    assert result["mx"] == {"found": True, "hosts": ["mx.acme.example"], "null": False, "implicit": False}
    assert result["smtp"] == {"result": None, "code": None, "reason": None}
    assert used() == [1]
    assert '"addresses";r=499;' in answer["RateLimit"]


def test_many_addresses_have_their_verdicts_in_order_bad_ones_too(api, dns) -> None:
    given = ["ada@acme.example", "", "no address", "a\u0000b@acme.example", "x" * 2000, "info@null.example"]
    body = verify(api, emails=given).json()
    assert set(body) == {"success", "results"}
    assert [result["email"] for result in body["results"]] == given
    assert [result["syntaxValid"] for result in body["results"]] == [True, False, False, False, False, True]
    assert body["results"][5]["mx"]["null"] is True
    assert used() == [len(given)]


def test_what_is_given_twice_is_counted_once_and_asked_once(api, mail) -> None:
    body = verify(api, emails=["aexample@acme.example", "AExample@ACME.example", "aexample@acme.example"]).json()
    assert [result["email"] for result in body["results"]] == [
        "aexample@acme.example", "AExample@ACME.example", "aexample@acme.example",
    ]  # fmt: skip
    assert {result["smtp"]["result"] for result in body["results"]} == {"deliverable"}
    assert mail.asked.count("aexample@acme.example") == 1
    assert used() == [1]


def test_the_mail_server_says_yes_and_no(api, mail) -> None:
    yes, no = verify(api, emails=["aexample@acme.example", "nobody@acme.example"], smtp=True).json()["results"]
    assert (yes["smtp"]["result"], yes["verificationMethod"], yes["verificationStatus"]) == (
        "deliverable", "smtp_ping", "verified",
    )  # fmt: skip
    assert (no["smtp"]["result"], no["smtp"]["code"], no["verificationStatus"]) == ("undeliverable", 550, "risky")
    assert no["verificationScore"] <= 10


def test_nobody_is_asked_about_an_address_on_the_suppression_list(api, mail) -> None:
    suppression.add(["aexample@acme.example"], "objection")
    result = verify(api, email="aexample@acme.example").json()["result"]
    assert result["smtp"]["result"] is None
    assert mail.asked == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "invalid_input"),
        ({"email": "a@acme.example", "emails": ["b@acme.example"]}, "invalid_input"),
        ({"emails": []}, "invalid_input"),
        ({"emails": "a@acme.example"}, "invalid_input"),
        ({"emails": [7]}, "invalid_input"),
        ({"emails": [None]}, "invalid_input"),
        ({"email": None}, "invalid_input"),
        ({"email": ["a@acme.example"]}, "invalid_input"),
        ({"emails": ["a@acme.example"] * 10_001}, "invalid_input"),
        ({"email": "a@acme.example", "async": "yes"}, "invalid_input"),
        ({"email": "a@acme.example", "smtp": 1}, "invalid_input"),
        ({"email": "a@acme.example", "smtp": True}, "smtp_probe_off"),
        ({"email": "a@acme.example", "providers": True}, "no_provider"),
        ({"contactIds": []}, "invalid_input"),
        ({"contactIds": ["x"]}, "unknown_contact"),
        ({"contactIds": ["00000000-0000-7000-8000-000000000000"]}, "unknown_contact"),
        ([], "invalid_input"),
        ("text", "invalid_input"),
    ],
)
def test_what_cannot_be_used_is_400_says_what_to_do_and_counts_nothing(api, dns, body, error) -> None:
    answer = api.post(VERIFIER, body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["message"]
    assert used() == []
    assert not EnrichmentJob.objects.exists()


def test_beyond_the_limit_it_is_429_and_nothing_is_counted(api, dns, settings) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 2
    answer = verify(api, emails=[f"ada{number}@acme.example" for number in range(3)])
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limit_exceeded")
    assert "0 of 2" in answer.json()["message"]
    assert int(answer["Retry-After"]) > 0
    assert used() == []
    assert verify(api, emails=["ada@acme.example", "bo@acme.example"]).status_code == 200


def test_more_than_a_thousand_become_a_job(api, dns, settings) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 10_000
    addresses = [f"ada{number}@acme.example" for number in range(1001)]
    answer = verify(api, emails=addresses)
    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == {"success", "job", "message"}
    job = body["job"]
    assert (job["jobType"], job["status"], job["progress"]) == (
        "email_enrichment", "pending", {"processed": 0, "total": 1001},
    )  # fmt: skip
    assert body["message"].startswith("Verification of 1001 addresses started.")
    items = JobItem.objects.filter(job=job["jobId"])
    assert [item.email for item in items] == addresses
    assert used() == [1001]
    assert verify(api, emails=addresses[:1000]).status_code == 200


def test_few_become_a_job_when_asked_for(api, dns) -> None:
    answer = verify(api, email="ada@acme.example", **{"async": True}, fresh=True)
    assert answer.status_code == 202
    job = EnrichmentJob.objects.get(pk=answer.json()["job"]["jobId"])
    assert job.options == {"smtp": False, "providers": False, "fresh": True}
    assert verify(api, email="ada@acme.example", **{"async": False}).status_code == 200


def test_a_request_does_not_wait_for_mail_servers_for_minutes(api, mail) -> None:
    addresses = [f"ada{number}@acme.example" for number in range(26)]
    answer = verify(api, emails=addresses)
    assert answer.status_code == 202
    assert EnrichmentJob.objects.get().options["smtp"] is True
    assert mail.asked == []
    assert verify(api, emails=addresses, smtp=False).status_code == 200
    assert verify(api, emails=addresses[:25]).status_code == 200


@pytest.fixture
def hunter(dns, settings) -> Iterator[Providers]:
    """Hunter on this machine, which knows everybody's address to be right."""
    with providers("hunter") as running:
        settings.ENRICHMENT_PROVIDER_ACCESS = running.access
        yield running


def test_providers_are_asked_when_it_says_so_and_only_then(api, hunter) -> None:
    unasked = verify(api, email="ines.fontana@acme.example").json()["result"]
    assert (unasked["api"]["by"], hunter.asked("hunter")) == (None, [])
    asked = verify(api, email="ines.fontana@acme.example", providers=True).json()["result"]
    assert (asked["api"]["by"], asked["api"]["result"], asked["verificationMethod"]) == ("hunter", "deliverable", "api")
    assert len(hunter.asked("hunter")) == 1


def test_a_request_does_not_wait_for_providers_for_minutes(api, hunter) -> None:
    addresses = [f"ada{number}@acme.example" for number in range(6)]
    assert verify(api, emails=addresses, providers=True).status_code == 202
    assert hunter.asked("hunter") == []
    assert EnrichmentJob.objects.get().options["providers"] is True


def test_contacts_are_verified_in_a_job(api, dns, admin) -> None:
    contacts = [ContactFactory(), ContactFactory()]
    answer = verify(api, contactIds=[str(contact.pk) for contact in contacts])
    assert answer.status_code == 202
    assert answer.json()["message"].startswith("Verification of 2 contacts started.")
    job = EnrichmentJob.objects.get(pk=answer.json()["job"]["jobId"])
    assert (job.created_by, [item.contact_id for item in job.items.all()]) == (
        admin, [contact.pk for contact in contacts],
    )  # fmt: skip


def test_a_repeated_key_starts_no_second_job(api, dns) -> None:
    body = {"emails": ["ada@acme.example"], "async": True}
    first, second = (verify(api, {"Idempotency-Key": "one"}, **body) for _ in range(2))
    assert first.json() == second.json()
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert EnrichmentJob.objects.count() == 1
    assert used() == [1]
    other = verify(api, {"Idempotency-Key": "one"}, emails=["bo@acme.example"], **{"async": True})
    assert (other.status_code, other.json()["error"]) == (400, "idempotency_key_reused")


def test_too_many_requests_that_take_long_are_turned_away_and_cost_nothing(api, mail, monkeypatch) -> None:
    monkeypatch.setattr(waiting, "_places", BoundedSemaphore(1))
    with waiting.long_place():
        refused = verify(api, email="ada@acme.example", smtp=True)
        assert (refused.status_code, refused.json()["error"]) == (503, "busy")
        assert refused["Retry-After"] == "30"
        assert used() == []
        assert verify(api, email="ada@acme.example", smtp=False).status_code == 200
    assert verify(api, email="ada@acme.example", smtp=True).status_code == 200
