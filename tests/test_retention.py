"""What is purged, what stays, and what happens when somebody approves meanwhile."""

import logging
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connections, transaction

from core.fields import blind_index
from crm.models import Contact as CrmContact
from enrichment import domain_profiles, retention, tasks
from enrichment.models import (
    AddressCheck,
    ContactEmail,
    DomainProfile,
    EnrichedContact,
    IdempotencyKey,
    JobContact,
    JobItem,
    JobType,
    ProviderUsage,
    ReviewStatus,
    Usage,
    UsageKind,
)
from enrichment.retention import Purged
from tests.factories import BrandFactory, ContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=31)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def left() -> list[str]:
    return list(EnrichedContact.objects.order_by("last_name").values_list("last_name", flat=True))


def test_contacts_go_after_thirty_days_with_and_without_proof() -> None:
    ContactFactory(discovered_at=OLD)
    ContactFactory(discovered_at=OLD - timedelta(days=1), verified_at=NOW)
    purged = retention.purge()
    assert purged == Purged(unverified=1, not_told=1, brands=2, oldest=OLD - timedelta(days=1))
    assert left() == []


def test_the_age_counts_to_the_moment_and_from_the_first_discovery() -> None:
    kept_since = NOW - timedelta(days=30)
    ContactFactory(last_name="Edge", discovered_at=kept_since)
    ContactFactory(last_name="Older", discovered_at=kept_since - timedelta(microseconds=1), updated_at=NOW)
    ContactFactory(last_name="Young", discovered_at=NOW, created_at=OLD)
    assert retention.purge().unverified == 1
    assert left() == ["Edge", "Young"]


def test_the_setting_moves_the_boundary(settings) -> None:
    settings.ENRICHMENT_RETENTION_DAYS = 7
    ContactFactory(last_name="Seven", discovered_at=NOW - timedelta(days=7, seconds=1))
    ContactFactory(last_name="Six", discovered_at=NOW - timedelta(days=6))
    retention.purge()
    assert left() == ["Six"]


def test_who_is_approved_or_linked_to_the_crm_stays_and_who_was_rejected_goes() -> None:
    brand = BrandFactory()
    crm_contact = CrmContact.objects.create(brand=brand, first_name="Ada", last_name="Example")
    ContactFactory(last_name="Approved", discovered_at=OLD, review_status=ReviewStatus.APPROVED)
    ContactFactory(last_name="Linked", discovered_at=OLD, linked_contact=crm_contact)
    ContactFactory(last_name="Rejected", discovered_at=OLD, review_status=ReviewStatus.REJECTED)
    retention.purge()
    assert left() == ["Approved", "Linked"]


def test_everything_known_of_a_contact_goes_and_nothing_of_others() -> None:
    pairs = [
        {"name": "Ada Gone", "email": "ada.gone@acme.example", "source": "website", "seenAt": "2026-10-01T00:00:00Z"},
        {"name": "Ada Gone", "email": "ag@acme.example", "source": "website", "seenAt": "2026-10-01T00:00:00Z"},
        {"name": "Bo Stays", "email": "bo.stays@acme.example", "source": "website", "seenAt": "2026-10-01T00:00:00Z"},
    ]
    DomainProfile.objects.create(domain="acme.example", known_addresses=pairs)
    DomainProfile.objects.create(domain="other.example", known_addresses=pairs[:1])
    gone = EmailFactory(
        email="Ada.Gone@acme.example", enriched_contact=ContactFactory(last_name="Gone", discovered_at=OLD)
    )
    stays = EmailFactory(email="bo.stays@acme.example", enriched_contact=ContactFactory(last_name="Stays"))
    job = JobFactory()
    for email in (gone, stays):
        JobContact.objects.create(job=job, contact=email.enriched_contact)
    retention.purge()
    assert list(ContactEmail.objects.all()) == [stays]
    assert list(job.contacts.all()) == [stays.enriched_contact]
    profiles = {row.domain: row.known_addresses for row in DomainProfile.objects.all()}
    assert profiles == {"acme.example": pairs[2:], "other.example": pairs[:1]}


def test_usage_and_idempotency_keys_go_when_nothing_needs_them_any_more() -> None:
    user = get_user_model().objects.create_user("boss")
    for hours in (47, 49):
        Usage.objects.create(user=user, kind=UsageKind.DISCOVERY, at=NOW - timedelta(hours=hours))
    for hours in (23, 25):
        IdempotencyKey.objects.create(
            user=user, operation="discover", key=str(hours), created_at=NOW - timedelta(hours=hours)
        )
    assert retention.purge(dry_run=True) == Purged(usage=1, idempotency_keys=1)
    assert retention.purge() == Purged(usage=1, idempotency_keys=1)
    assert [entry.at for entry in Usage.objects.all()] == [NOW - timedelta(hours=47)]
    assert [entry.key for entry in IdempotencyKey.objects.all()] == ["23"]


def test_checks_results_and_provider_usage_go_when_nothing_needs_them_any_more() -> None:
    for days in (29, 31):
        AddressCheck.objects.create(email_index=f"{days}", checked_at=NOW - timedelta(days=days))
        job = JobFactory(job_type=JobType.EMAIL_ENRICHMENT, status="completed", completed_at=NOW - timedelta(days=days))
        JobItem.objects.create(job=job, position=days, email="ada@acme.example", result={"verificationScore": 50})
    unended = JobFactory(job_type=JobType.EMAIL_ENRICHMENT, created_at=OLD)
    JobItem.objects.create(job=unended, position=1, email="ada@acme.example")
    for days in (399, 401):
        ProviderUsage.objects.create(provider="hunter", operation="find", day=NOW - timedelta(days=days), calls=1)
    gone = Purged(checks=1, items=1, provider_usage=1)
    assert retention.purge(dry_run=True) == gone
    assert retention.purge() == gone
    assert [check.pk for check in AddressCheck.objects.all()] == ["29"]
    assert sorted(item.position for item in JobItem.objects.all()) == [1, 29]
    assert ProviderUsage.objects.get().day == (NOW - timedelta(days=399)).date()


def test_what_was_said_of_a_contacts_addresses_goes_with_it() -> None:
    for address in ("ada.gone@acme.example", "bo.stays@acme.example"):
        AddressCheck.objects.create(email_index=blind_index(address), checked_at=NOW)
    EmailFactory(email="Ada.Gone@acme.example", enriched_contact=ContactFactory(discovered_at=OLD))
    EmailFactory(email="bo.stays@acme.example")
    retention.purge()
    assert [check.pk for check in AddressCheck.objects.all()] == [blind_index("bo.stays@acme.example")]


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    brand = BrandFactory()
    for n in range(3):
        EmailFactory(
            enriched_contact=ContactFactory(discovered_at=OLD, linked_brand=brand, verified_at=NOW if n % 2 else None)
        )
    ContactFactory(discovered_at=OLD, linked_brand=None)
    would = retention.purge(dry_run=True)
    assert would == Purged(unverified=3, not_told=1, brands=1, oldest=OLD)
    assert (EnrichedContact.objects.count(), ContactEmail.objects.count()) == (4, 3)
    assert retention.purge() == would


def test_nothing_to_purge_is_no_error_and_a_second_run_finds_nothing() -> None:
    assert retention.purge() == Purged()
    ContactFactory(discovered_at=OLD)
    retention.purge()
    assert retention.purge() == Purged()


def test_batches_take_no_query_per_contact(monkeypatch, django_assert_max_num_queries) -> None:
    monkeypatch.setattr(retention, "BATCH", 30)
    brand = BrandFactory()
    for n in range(70):
        EmailFactory(
            email=f"ada.example@d{n}.example",
            domain=f"d{n}.example",
            enriched_contact=ContactFactory(discovered_at=OLD, linked_brand=brand),
        )
        pair = {"name": "Ada", "email": f"ada.example@d{n}.example", "source": "website", "seenAt": ""}
        DomainProfile.objects.create(domain=f"d{n}.example", known_addresses=[pair])
    with django_assert_max_num_queries(75):
        assert retention.purge().unverified == 70
    assert all(row.known_addresses == [] for row in DomainProfile.objects.all())


def test_the_log_has_counts_and_no_person(caplog) -> None:
    EmailFactory(email="ada@acme.example", enriched_contact=ContactFactory(last_name="Secret", discovered_at=OLD))
    with caplog.at_level(logging.INFO):
        retention.purge()
    (record,) = [record for record in caplog.records if "purged" in record.getMessage()]
    assert "unverified" in record.getMessage()
    assert not any(word in caplog.text for word in ("Secret", "ada@"))


def test_the_scheduled_task_purges(settings) -> None:
    ContactFactory(discovered_at=OLD)
    assert tasks.purge.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    tasks.purge()
    assert left() == []


def run(function) -> Thread:
    def work() -> None:
        try:
            function()
        finally:
            connections.close_all()

    thread = Thread(target=work)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_who_is_approved_while_the_purge_looks_stays(monkeypatch) -> None:
    contact = EmailFactory(enriched_contact=ContactFactory(last_name="Saved", discovered_at=OLD)).enriched_contact
    EmailFactory(enriched_contact=ContactFactory(last_name="Unwanted", discovered_at=OLD))
    chosen, approved, batch = Event(), Event(), retention._purge_batch

    def hesitate(*arguments):
        chosen.set()
        assert approved.wait(20)
        return batch(*arguments)

    monkeypatch.setattr(retention, "_purge_batch", hesitate)
    purging = run(retention.purge)
    assert chosen.wait(20)
    with transaction.atomic():
        row = EnrichedContact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
        row.review_status = ReviewStatus.APPROVED
        row.save()
    approved.set()
    purging.join(20)
    assert left() == ["Saved"]
    assert contact.emails.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_being_approved_right_now_stays() -> None:
    contact = ContactFactory(last_name="Saved", discovered_at=OLD)
    held, finished = Event(), Event()

    def approve() -> None:
        with transaction.atomic():
            row = EnrichedContact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
            held.set()
            finished.wait(1)  # on SQLite the purge waits for us, on PostgreSQL it passes us by
            row.review_status = ReviewStatus.APPROVED
            row.save()

    approving = run(approve)
    assert held.wait(20)
    assert retention.purge() == Purged()
    finished.set()
    approving.join(20)
    assert left() == ["Saved"]


@pytest.mark.django_db(transaction=True)
def test_two_purges_at_once_count_each_contact_once(monkeypatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 5)
    for _ in range(20):
        EmailFactory(enriched_contact=ContactFactory(discovered_at=OLD))
    counts: list[int] = []
    threads = [run(lambda: counts.append(retention.purge().unverified)) for _ in range(2)]
    for thread in threads:
        thread.join(30)
    retention.purge()  # what each of the two left to the other
    assert left() == []
    assert sum(counts) <= 20


def test_forgetting_many_touches_only_the_profiles_concerned(django_assert_max_num_queries) -> None:
    pair = {"name": "Ada Example", "email": "ada@a.example", "source": "website", "seenAt": ""}
    DomainProfile.objects.create(
        domain="a.example", known_addresses=[pair], mx_status="found", mx_hosts=["mx.a.example"]
    )
    DomainProfile.objects.create(domain="b.example", known_addresses=[pair | {"email": "ada@b.example"}])
    with transaction.atomic(), django_assert_max_num_queries(2):
        domain_profiles.forget_many([("Ada Example", ["ADA@a.example"]), ("Nobody", [])])
    rows = {row.domain: row for row in DomainProfile.objects.all()}
    assert rows["a.example"].known_addresses == []
    assert (rows["a.example"].mx_status, rows["a.example"].mx_hosts) == ("found", ["mx.a.example"])
    assert len(rows["b.example"].known_addresses) == 1
