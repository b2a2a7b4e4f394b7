"""The life of a job, at the database."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.ids import new_id
from core.refusals import InputError
from enrichment import jobs
from enrichment.intake import DiscoveryRequest, RegionRestricted
from enrichment.limits import LimitReached
from enrichment.models import EnrichmentJob, JobItem, JobStatus, JobType, Usage
from tests.factories import ContactFactory
from tests.racing import race

REQUEST = DiscoveryRequest("Acme", website="https://acme.example/", domain="acme.example", region="DE")


@pytest.fixture
def woken(monkeypatch) -> list[tuple[str, float]]:
    """The wake-up calls that would go to the broker."""
    calls: list[tuple[str, float]] = []

    def wake(job_id, countdown=0) -> bool:
        calls.append((str(job_id), countdown))
        return True

    monkeypatch.setattr(jobs, "wake", wake)
    return calls


def make_job(**fields) -> EnrichmentJob:
    return EnrichmentJob.objects.create(job_type=JobType.BRAND_CONTACT_DISCOVERY, brand_name="Acme", **fields)


@pytest.mark.django_db
def test_a_new_job_has_its_brand_and_wakes_a_worker_after_the_commit(woken, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.create(REQUEST)
        assert woken == []
    assert woken == [(str(job.pk), 0)]
    assert (job.status, job.brand.domain, job.region_code) == ("pending", "acme.example", "DE")


@pytest.mark.django_db
def test_a_job_without_a_website_takes_the_brands(woken) -> None:
    jobs.create(REQUEST)
    assert jobs.create(DiscoveryRequest("Acme")).brand_website == "https://acme.example/"


@pytest.mark.django_db
def test_a_claim_holds_the_job_and_a_second_one_gets_nothing() -> None:
    job = make_job()
    held = jobs.claim(job.pk)
    assert held is not None
    assert jobs.claim(job.pk) is None
    job.refresh_from_db()
    assert (job.status, job.claim_token) == ("processing", held.token)
    assert job.started_at is not None
    assert job.lease_expires_at > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_the_job() -> None:
    job = make_job()
    assert len([held for held in race(8, lambda _index: jobs.claim(job.pk)) if held]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", sorted(jobs.ENDED))
def test_an_ended_job_is_never_claimed(status) -> None:
    assert jobs.claim(make_job(status=status).pk) is None


@pytest.mark.django_db
def test_attempts_follow_after_5_and_15_seconds_then_the_job_fails(woken, django_capture_on_commit_callbacks) -> None:
    job = make_job()
    for failed, delay in ((1, 5), (2, 15)):
        held = jobs.claim(job.pk)
        with django_capture_on_commit_callbacks(execute=True):
            jobs.fail(held, "The moon is in the way. Try again.")
        job.refresh_from_db()
        assert (job.status, job.retry_count, woken[-1]) == ("retrying", failed, (str(job.pk), delay))
        assert jobs.claim(job.pk) is None, "not due yet"
        EnrichmentJob.objects.filter(pk=job.pk).update(next_attempt_at=timezone.now())
    jobs.fail(jobs.claim(job.pk), "The moon is in the way. Try again.")
    job.refresh_from_db()
    assert (job.status, job.retry_count, job.error_message) == ("failed", 3, "The moon is in the way. Try again.")
    assert job.completed_at is not None


@pytest.mark.django_db
def test_a_heartbeat_renews_the_lease_of_the_holder_only(settings) -> None:
    job = make_job()
    held = jobs.claim(job.pk)
    EnrichmentJob.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now())
    jobs.heartbeat(held)
    job.refresh_from_db()
    assert job.lease_expires_at > timezone.now() + timedelta(seconds=settings.ENRICHMENT_JOB_LEASE_SECONDS / 2)
    EnrichmentJob.objects.filter(pk=job.pk).update(status=JobStatus.CANCELLED)
    with pytest.raises(jobs.ClaimLost):
        jobs.heartbeat(held)


@pytest.mark.django_db
def test_a_job_whose_worker_vanished_is_taken_over_and_the_old_worker_writes_nothing() -> None:
    job = make_job()
    old = jobs.claim(job.pk)
    EnrichmentJob.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    new = jobs.claim(job.pk)
    assert new is not None
    assert new.job.retry_count == 1
    for late_write in (
        lambda: jobs.heartbeat(old),
        lambda: jobs.fail(old, "late"),
        lambda: jobs.fenced(old).__enter__(),
    ):
        with pytest.raises(jobs.ClaimLost):
            late_write()
    with jobs.fenced(new) as row:
        jobs.complete(row, discovered=2, enriched=1, diagnostics=[])
    job.refresh_from_db()
    assert (job.status, job.contacts_discovered, job.contacts_enriched) == ("completed", 2, 1)


@pytest.mark.django_db
def test_an_error_inside_the_fence_leaves_nothing_half_written() -> None:
    held = jobs.claim(make_job().pk)

    def write_and_break() -> None:
        with jobs.fenced(held) as row:
            jobs.complete(row, discovered=2, enriched=1, diagnostics=[])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_break()
    held.job.refresh_from_db()
    assert (held.job.status, held.job.contacts_discovered) == ("processing", 0)


@pytest.mark.django_db
def test_the_sweep_wakes_what_should_run_and_leaves_the_rest(woken) -> None:
    now = timezone.now()
    long_ago = now - timedelta(hours=1)
    missed = make_job(woken_at=long_ago)
    due = make_job(status="retrying", next_attempt_at=long_ago, woken_at=long_ago)
    orphan = make_job(status="processing", lease_expires_at=long_ago, woken_at=long_ago)
    make_job(woken_at=now)  # just announced
    make_job(status="retrying", next_attempt_at=now + timedelta(minutes=1), woken_at=long_ago)
    make_job(status="processing", lease_expires_at=now + timedelta(minutes=1), woken_at=long_ago)
    make_job(status="completed", woken_at=long_ago)
    assert jobs.sweep() == jobs.Swept(woken=3)
    assert {job_id for job_id, _ in woken} == {str(job.pk) for job in (missed, due, orphan)}
    assert jobs.sweep() == jobs.Swept(), "a job is not announced again at once"


@pytest.mark.django_db
def test_a_job_that_loses_its_worker_on_the_last_attempt_fails_with_a_reason(woken) -> None:
    job = make_job(status="processing", retry_count=2, lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert jobs.claim(job.pk) is None
    jobs.sweep()
    job.refresh_from_db()
    assert (job.status, job.retry_count) == ("failed", 3)
    assert "lost 3 times" in job.error_message


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_costs_nothing(settings, monkeypatch) -> None:
    from celery import current_app
    from kombu.exceptions import OperationalError

    def refuse(*args, **kwargs):
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app, "send_task", refuse)
    job = make_job()
    assert jobs.wake(job.pk) is False
    for _ in range(2):
        assert jobs.sweep() == jobs.Swept(unannounced=1), "it is tried again at the next sweep"
    job.refresh_from_db()
    assert job.status == "pending"


@pytest.mark.django_db
def test_the_database_refuses_a_status_of_no_meaning() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_job(status="sleeping")
    for status in JobStatus.values:
        make_job(status=status)


def test_every_status_is_in_the_table_and_ended_ones_lead_nowhere_but_retry() -> None:
    assert set(jobs.TRANSITIONS) == set(JobStatus)
    assert all(jobs.TRANSITIONS[status] <= {JobStatus.RETRYING} for status in jobs.ENDED)


@pytest.mark.django_db
def test_a_job_in_the_brands_restricted_region_is_refused_and_leaves_nothing(woken, settings) -> None:
    jobs.create(REQUEST)
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    with pytest.raises(RegionRestricted, match="Enrichment restricted in region: DE"):
        jobs.create(DiscoveryRequest("Acme"))
    assert EnrichmentJob.objects.count() == 1
    assert jobs.create(DiscoveryRequest("Acme", region="FR")).region_code == "FR", "the request's own comes first"


@pytest.mark.django_db
def test_a_retry_starts_a_new_round_and_wakes_a_worker_after_the_commit(
    woken, django_capture_on_commit_callbacks
) -> None:
    notes = [{"code": "robots", "sentence": "robots.txt forbids it.", "source": "website"}]
    ended = timezone.now()
    job = make_job(status="failed", retry_count=3, error_message="Oops.", diagnostics=notes, completed_at=ended)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.retry(job.pk)
        assert woken == []
    assert woken == [(str(job.pk), 0)]
    job.refresh_from_db()
    assert (job.status, job.retry_count, job.completed_at) == ("retrying", 0, None)
    assert (job.error_message, job.diagnostics) == ("Oops.", notes), "kept until the round ends"
    held = jobs.claim(job.pk)
    assert held is not None
    jobs.fail(held, "Again.")
    job.refresh_from_db()
    assert (job.status, job.retry_count, job.error_message) == ("retrying", 1, "Again.")


@pytest.mark.django_db
def test_a_retry_that_cannot_be_says_why(woken, settings) -> None:
    job = make_job(status="completed")
    with pytest.raises(jobs.NotInState, match="completed"):
        jobs.retry(job.pk)
    EnrichmentJob.objects.update(status="failed", region_code="DE")
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    with pytest.raises(RegionRestricted):
        jobs.retry(job.pk)
    with pytest.raises(EnrichmentJob.DoesNotExist):
        jobs.retry(new_id())


@pytest.mark.django_db(transaction=True)
def test_of_twenty_retries_at_once_one_starts_the_round(woken) -> None:
    job = make_job(status="failed", retry_count=3)

    def work(_index: int) -> bool:
        try:
            return bool(jobs.retry(job.pk))
        except jobs.NotInState:
            return False

    assert sorted(race(20, work)) == [False] * 19 + [True]
    assert len(woken) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status for status in JobStatus if status not in jobs.ENDED])
def test_a_cancelled_job_is_out_of_its_workers_hands(status) -> None:
    job = make_job()
    held = jobs.claim(job.pk)
    EnrichmentJob.objects.update(status=status)
    cancelled = jobs.cancel(job.pk)
    assert (cancelled.status, cancelled.claim_token, cancelled.next_attempt_at) == ("cancelled", None, None)
    assert cancelled.completed_at is not None
    for late_write in (
        lambda: jobs.heartbeat(held),
        lambda: jobs.fail(held, "late"),
        lambda: jobs.fenced(held).__enter__(),
    ):
        with pytest.raises(jobs.ClaimLost):
            late_write()
    assert jobs.claim(job.pk) is None
    assert jobs.sweep() == jobs.Swept()


@pytest.mark.django_db
@pytest.mark.parametrize("status", sorted(jobs.ENDED))
def test_an_ended_job_is_not_cancelled(status) -> None:
    job = make_job(status=status)
    with pytest.raises(jobs.NotInState, match=status):
        jobs.cancel(job.pk)
    job.refresh_from_db()
    assert (job.status, job.completed_at) == (status, None)
    with pytest.raises(EnrichmentJob.DoesNotExist):
        jobs.cancel(new_id())


# E-mail enrichment ------------------------------------------------------------------------------


def verify_addresses(number: int = 3, user: User | None = None, **fields) -> EnrichmentJob:
    addresses = [f"ada.example{n}@acme.example" for n in range(number)]
    return jobs.create_email_enrichment(user, addresses=addresses, smtp=False, providers=False, **fields)


@pytest.mark.django_db
def test_an_email_enrichment_is_written_down_with_its_items_in_order(woken, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.create_email_enrichment(
            addresses=["b@acme.example", "no address", "b@acme.example"], smtp=True, providers=False, fresh=True
        )
        assert woken == []
    assert woken == [(str(job.pk), 0)]
    assert (job.job_type, job.brand, job.items_total, job.items_processed) == ("email_enrichment", None, 3, 0)
    assert job.options == {"smtp": True, "providers": False, "fresh": True}
    assert [(item.position, item.email, item.state) for item in job.items.all()] == [
        (0, "b@acme.example", "waiting"),
        (1, "no address", "waiting"),
        (2, "b@acme.example", "waiting"),
    ]


@pytest.mark.django_db
def test_an_email_enrichment_of_contacts_takes_each_once_and_shows_them(woken) -> None:
    first, second = ContactFactory(), ContactFactory()
    ids = [second.pk, first.pk, second.pk]
    job = jobs.create_email_enrichment(contact_ids=ids, smtp=False, providers=False)
    assert [(item.position, item.contact, item.email) for item in job.items.all()] == [
        (0, second, None),
        (1, first, None),
    ]
    assert set(job.contacts.all()) == {first, second}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("nothing_to_verify", {}),
        ("addresses_or_contacts", {"addresses": ["a@acme.example"], "contact_ids": [new_id()]}),
        ("unknown_contact", {"contact_ids": [new_id()]}),
        ("too_many_items", {"addresses": ["a@acme.example"] * 10_001}),
    ],
)
def test_an_email_enrichment_that_cannot_be_is_refused_and_leaves_nothing(woken, code, asked) -> None:
    with pytest.raises(InputError) as refused:
        jobs.create_email_enrichment(**asked, smtp=False, providers=False)
    assert refused.value.error == code
    assert not EnrichmentJob.objects.exists()


@pytest.mark.django_db
def test_each_item_takes_one_of_the_users_addresses_and_what_does_not_fit_is_refused(woken, settings) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 5
    user = User.objects.create_user("boss")
    verify_addresses(3, user)
    with pytest.raises(LimitReached) as refused:
        verify_addresses(3, user)
    assert (refused.value.limit, refused.value.retry_after > 0) == ("addresses", True)
    assert refused.value.message == (
        "3 of 5 addresses were worked out or verified in the last 24 hours, so that 3 more do not fit: send fewer, or "
        "wait until places become free."
    )
    assert (EnrichmentJob.objects.count(), JobItem.objects.count()) == (1, 3)
    verify_addresses(2, user)
    verify_addresses(30)  # without a user, without limits
    assert sum(entry.amount for entry in Usage.objects.all()) == 5


@pytest.mark.django_db
def test_email_enrichments_count_among_the_jobs_at_once(woken, settings) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 1
    user = User.objects.create_user("boss")
    job = verify_addresses(1, user)
    with pytest.raises(LimitReached) as refused:
        verify_addresses(1, user)
    assert refused.value.limit == "parallel"
    jobs.cancel(job.pk)
    verify_addresses(1, user)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_reach_for_the_last_addresses_one_gets_them(woken, settings) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 5
    user = User.objects.create_user("boss")

    def work(_index: int) -> bool:
        try:
            return bool(verify_addresses(3, user))
        except LimitReached:
            return False

    assert sorted(race(8, work)) == [False] * 7 + [True]
    assert JobItem.objects.count() == 3


@pytest.mark.django_db
def test_a_job_handed_on_is_due_at_once_without_a_failed_attempt(woken, django_capture_on_commit_callbacks) -> None:
    job = make_job(retry_count=1, error_message="Oops.")
    old = jobs.claim(job.pk)
    with django_capture_on_commit_callbacks(execute=True), jobs.fenced(old) as row:
        jobs.hand_on(row)
        assert woken == []
    assert woken == [(str(job.pk), 0)]
    job.refresh_from_db()
    assert (job.status, job.retry_count, job.error_message, job.claim_token) == ("pending", 0, None, None)
    with pytest.raises(jobs.ClaimLost):
        jobs.heartbeat(old)
    assert jobs.sweep() == jobs.Swept(), "just announced"
    new = jobs.claim(job.pk)
    assert new is not None
    assert new.job.started_at == old.job.started_at


@pytest.mark.django_db
def test_a_job_that_has_to_wait_is_left_alone_until_its_time(woken, django_capture_on_commit_callbacks) -> None:
    job = make_job()
    at = timezone.now() + timedelta(minutes=10)
    with django_capture_on_commit_callbacks(execute=True), jobs.fenced(jobs.claim(job.pk)) as row:
        jobs.hand_on(row, at)
    assert woken == []
    assert jobs.claim(job.pk) is None
    assert jobs.sweep() == jobs.Swept()
    with time_machine.travel(at, tick=False):
        assert jobs.sweep() == jobs.Swept(woken=1)
        held = jobs.claim(job.pk)
    assert held is not None
    assert held.job.next_attempt_at is None


@pytest.mark.django_db
def test_a_job_handed_on_can_be_cancelled(woken) -> None:
    job = make_job()
    with jobs.fenced(jobs.claim(job.pk)) as row:
        jobs.hand_on(row, timezone.now() + timedelta(minutes=10))
    assert jobs.cancel(job.pk).status == "cancelled"
    assert jobs.claim(job.pk) is None
