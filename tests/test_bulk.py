"""Jobs of many addresses or contacts, a batch at a time. With a worker process: tests/flows/test_bulk.py."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.urls import reverse
from django.utils import timezone

from enrichment import bulk, jobs, tasks, verifying
from enrichment.models import EnrichedContact, EnrichmentJob, ItemState, JobItem
from tests.factories import ContactFactory, EmailFactory
from tests.kit.dns import DnsServer
from tests.kit.smtp import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("best_addresses_noted")]

ZONE = {
    "acme.example": {"MX": ["10 mx.acme.example"]},
    "mx.acme.example": {"A": ["127.0.0.1"]},
    "nowhere.example": {"MX": ["0 ."]},
}


@pytest.fixture(autouse=True)
def dns(settings) -> Iterator[DnsServer]:
    with DnsServer(ZONE) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
        yield server


@pytest.fixture
def small(monkeypatch) -> None:
    """Batches of two."""
    monkeypatch.setattr(bulk, "BATCH", 2)


def make(*addresses: str, smtp: bool = False, **fields) -> EnrichmentJob:
    fields = {"addresses": addresses} if addresses else fields
    return jobs.create_email_enrichment(**fields, smtp=smtp, providers=False, enqueue=False)


def run(job: EnrichmentJob) -> EnrichmentJob:
    assert bulk.run(job.pk)
    job.refresh_from_db()
    return job


def results(job: EnrichmentJob) -> list[dict]:
    return [item.result for item in job.items.all()]


def test_each_address_gets_the_verdict_that_the_command_prints() -> None:
    job = run(make("ada.example@acme.example", "no address", "info@nowhere.example", "ada.example@acme.example"))
    assert (job.status, job.items_processed, job.contacts_discovered, job.contacts_enriched) == ("completed", 4, 4, 2)
    ada, bad, info, again = results(job)
    assert ada == again
    assert ada["email"] == "ada.example@acme.example"
    assert (ada["syntaxValid"], ada["mx"]["hosts"], ada["smtp"]["result"]) == (True, ["mx.acme.example"], None)
    assert ada["verificationScore"] == sum(row["points"] for row in ada["scoreBreakdown"]) >= 50
    assert (bad["syntaxValid"], bad["verificationScore"], bad["mx"]["found"]) == (False, 0, None)
    assert (info["mx"]["null"], info["role"], info["verificationStatus"]) == (True, True, "risky")
    assert set(job.items.values_list("state", flat=True)) == {"done"}
    (note,) = job.diagnostics
    assert note["code"] == "statuses"
    assert "2 risky." in note["sentence"]


def test_a_job_goes_on_in_batches_and_says_how_far_it_is(small) -> None:
    said: list[str] = []
    job = make(*(f"ada{n}@acme.example" for n in range(5)))
    for processed in (2, 4):
        assert bulk.run(job.pk, said.append)
        job.refresh_from_db()
        assert (job.status, job.items_processed, job.retry_count) == ("pending", processed, 0)
        assert job.items.filter(state=ItemState.DONE).count() == processed
    run(job)
    assert (job.status, job.items_processed) == ("completed", 5)
    assert said == ["Verified 0 of 5", "Verified 2 of 5"]
    assert [result["email"] for result in results(job)] == [f"ada{n}@acme.example" for n in range(5)]
    assert bulk.run(job.pk) is False


def test_the_task_runs_a_job_by_its_type() -> None:
    job = make("ada@acme.example")
    key = str(job.pk)
    tasks.run_job(key)
    job.refresh_from_db()
    assert job.status == "completed"
    job.delete()
    tasks.run_job(key)


def test_contacts_get_their_addresses_verified_and_those_deleted_meanwhile_are_named() -> None:
    kept, gone = (EmailFactory(last_checked_at=None).enriched_contact for _ in range(2))
    job = make(contact_ids=[gone.pk, kept.pk])
    EnrichedContact.objects.filter(pk=gone.pk).delete()
    run(job)
    assert [(item.state, item.result) for item in job.items.all()] == [("failed", None), ("done", None)]
    assert (job.status, job.items_processed, job.contacts_discovered, job.contacts_enriched) == ("completed", 2, 1, 1)
    assert list(job.contacts.all()) == [kept]
    assert kept.emails.first().last_checked_at is not None
    assert job.diagnostics[-1]["sentence"] == "Contacts that do not exist any more: 1."


def test_a_contact_without_any_address_is_done_too() -> None:
    job = run(make(contact_ids=[ContactFactory(linked_brand=None).pk]))
    assert (job.status, job.items_processed, job.contacts_enriched) == ("completed", 1, 0)


def test_an_attempt_that_breaks_is_tried_again_and_keeps_what_was_done(small, monkeypatch) -> None:
    job = make(*(f"ada{n}@acme.example" for n in range(3)))
    run(job)

    def stop(*_args, **_kwargs):
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patch:
        patch.setattr(verifying, "verify", stop)
        run(job)
    assert (job.status, job.retry_count, job.items_processed) == ("retrying", 1, 2)
    assert "was stopped; what was verified before is kept" in job.error_message
    EnrichmentJob.objects.update(next_attempt_at=timezone.now())
    run(job)
    assert (job.status, job.retry_count, job.error_message, job.items_processed) == ("completed", 1, None, 3)


def test_whoever_lost_the_job_meanwhile_writes_nothing(monkeypatch) -> None:
    job = make("ada@acme.example")
    verify = verifying.verify

    def lose(*args, **kwargs):
        jobs.cancel(job.pk)
        return verify(*args, **kwargs)

    monkeypatch.setattr(verifying, "verify", lose)
    run(job)
    assert (job.status, job.items_processed) == ("cancelled", 0)
    assert job.items.get().state == "waiting"


# Patience ---------------------------------------------------------------------------------------


@pytest.fixture
def impatient(settings) -> Iterator[list[str]]:
    """A mail server that greylists Ada as often as the list has entries, and then knows her."""
    replies: list[str] = []

    def reply(address: str) -> str:
        if address == "ada@acme.example":
            return replies.pop() if replies else "250 2.1.5 OK"
        return "250 2.1.5 OK" if address == "bo@acme.example" else "550 5.1.1 No such user here"

    with SmtpServer(reply) as server:
        settings.ENRICHMENT_SMTP_PORT = server.port
        settings.ENRICHMENT_SMTP_HELO = "probe.example"
        settings.ENRICHMENT_SMTP_RATE = 1000.0
        yield replies


GREYLISTED = "450 4.2.0 Greylisted, please try again later"


def wait(job: EnrichmentJob, clock: time_machine.Traveller) -> timedelta:
    """Move the clock to when the job goes on; return how far that was."""
    job.refresh_from_db()
    assert (job.status, bulk.run(job.pk)) == ("pending", False), "not before its time"
    delay = job.next_attempt_at - timezone.now()
    clock.move_to(job.next_attempt_at + timedelta(seconds=1))
    return delay


def test_a_server_that_asks_for_patience_gets_it_and_the_others_do_not_wait(impatient) -> None:
    impatient[:] = [GREYLISTED]
    job = make("ada@acme.example", "bo@acme.example", "cy@acme.example", smtp=True)
    with time_machine.travel(timezone.now(), tick=True) as clock:
        run(job)
        assert (job.status, job.items_processed) == ("pending", 2)
        assert [item.state for item in job.items.all()] == ["waiting", "done", "done"]
        assert timedelta(minutes=5) < wait(job, clock) < timedelta(minutes=20)
        run(job)
    assert (job.status, job.items_processed) == ("completed", 3)
    assert [result["smtp"]["result"] for result in results(job)] == ["deliverable", "deliverable", "undeliverable"]
    assert job.items.first().due_at is None


def test_patience_ends_and_the_job_says_so(impatient) -> None:
    impatient[:] = [GREYLISTED] * 100
    job = make("ada@acme.example", smtp=True)
    with time_machine.travel(timezone.now(), tick=True) as clock:
        for _ in range(3):
            run(job)
            assert results(job)[0]["smtp"]["reason"] == "greylisted", "what is known so far is there to see"
            wait(job, clock)
        run(job)
    assert (job.status, job.items_processed) == ("completed", 1)
    (result,) = results(job)
    assert (result["smtp"]["result"], result["smtp"]["reason"], result["smtp"]["code"]) == (
        "unknown",
        "greylisted",
        450,
    )
    assert result["retryAt"] is not None
    assert [note["code"] for note in job.diagnostics] == ["statuses", "temporary"]


def test_items_whose_patience_is_over_come_first() -> None:
    job, now = make(*(f"ada{n}@acme.example" for n in range(5))), timezone.now()
    JobItem.objects.filter(position=0).update(state=ItemState.DONE)
    JobItem.objects.filter(position=3).update(due_at=now - timedelta(minutes=1))
    JobItem.objects.filter(position=4).update(due_at=now - timedelta(minutes=2))
    JobItem.objects.filter(position=1).update(due_at=now + timedelta(minutes=1))
    assert [item.position for item in bulk.next_items(job, now)] == [4, 3, 2]


# In the admin -----------------------------------------------------------------------------------


def test_the_admin_says_how_far_a_job_is_and_leads_to_its_contacts(admin_client, small) -> None:
    job = make(*(f"ada{n}@acme.example" for n in range(3)), smtp=False)
    contacts = make(contact_ids=[ContactFactory().pk])
    run(job)
    listed = admin_client.get(reverse("admin:enrichment_enrichmentjob_changelist")).content.decode()
    assert "2 of 3" in listed
    assert ">E-mail enrichment</a>" in listed
    assert f"jobs__id__exact={contacts.pk}" in listed
    assert f"jobs__id__exact={job.pk}" not in listed, "addresses lead to no contact"
    page = admin_client.get(reverse("admin:enrichment_enrichmentjob_change", args=[job.pk])).content.decode()
    assert "2 of 3" in page


def test_the_admin_says_whom_a_job_may_ask(admin_client) -> None:
    job = make("ada@acme.example", smtp=True)
    page = admin_client.get(reverse("admin:enrichment_enrichmentjob_change", args=[job.pk])).content.decode()
    assert "mail servers" in page
    assert "providers" not in page
