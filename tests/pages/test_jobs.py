"""Jobs on their pages: the list, and one of them in each of its states."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from core.roles import REVIEWERS
from enrichment import jobs
from enrichment.models import EnrichmentJob, JobContact, JobItem, JobProgress
from tests.factories import ContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now
VERDICT = {
    "verificationStatus": "risky",
    "verificationScore": 10,
    "probability": None,
    "syntaxValid": True,
    "smtp": {"reason": "no such mailbox"},
    "api": {"by": None, "reason": None},
    "disposable": False,
    "role": False,
    "free": True,
    "didYouMean": "ada@acme.example",
}


@pytest.fixture
def looker(db: None) -> Client:
    user = User.objects.create_user("looker")
    user.groups.add(Group.objects.get(name=REVIEWERS))
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, job: EnrichmentJob, query: str = "") -> str:
    answer = client.get(reverse("review:job", args=[job.pk]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def poll(client: Client, job: EnrichmentJob, **headers: str) -> HttpResponse:
    url = reverse("review:job-progress", args=[job.pk])
    answer: HttpResponse = client.get(url, headers={"HX-Request": "true", **headers})
    assert answer.status_code == 200
    return answer


def at_work(since: datetime | None = None, **fields: Any) -> EnrichmentJob:
    """A discovery whose worker asks two sources, one of which has ended."""
    began = since or NOW()
    job: EnrichmentJob = JobFactory(
        status="processing",
        started_at=began,
        claim_token=uuid.uuid4(),
        lease_expires_at=NOW() + timedelta(minutes=1),
        **fields,
    )
    steps = [
        {"name": "sources", "state": "running", "startedAt": began.isoformat(), "endedAt": None},
        *({"name": name, "state": "waiting", "startedAt": None, "endedAt": None} for name in ("people", "storing")),
    ]
    sources = [
        {"name": "website", "state": "asking", "people": 0, "seconds": 0.0, "note": ""},
        {"name": "wikidata", "state": "done", "people": 2, "seconds": 1.3, "note": ""},
    ]
    found = [{"name": "Ada <b>Example", "title": "CEO", "source": "wikidata"}]
    JobProgress.objects.create(job=job, steps=steps, sources=sources, found=found)
    return job


def test_a_running_job_shows_its_steps_its_sources_and_whom_they_found(staff: Client) -> None:
    text = page(staff, at_work(NOW() - timedelta(seconds=5)))
    assert "1 of 2 sources has answered. 2 findings so far." in text or "1 of 2 sources have answered" in text
    assert "Ada &lt;b&gt;Example" in text
    assert "not yet put together, screened or stored" in text
    assert 'hx-trigger="every 1s"' in text
    assert "2 found, 1.3 s" in text
    assert "Cancel the job" in text
    assert '<noscript><meta http-equiv="refresh"' in text


def test_what_changes_is_sent_and_the_rest_stays(staff: Client) -> None:
    job = at_work(NOW() - timedelta(seconds=30))
    first = poll(staff, job, **{"Job-Phase": "running"}).content.decode()
    assert 'hx-trigger="every 2s"' in first
    assert 'id="job-said"' in first
    assert 'id="job"' not in first
    key = first.partition('"Job-Said": "')[2][:8]
    assert 'id="job-said"' not in poll(staff, job, **{"Job-Phase": "running", "Job-Said": key}).content.decode()


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_asking_ends_with_the_job_and_the_whole_page_is_brought_up_to_date(staff: Client, status: str) -> None:
    job = at_work()
    EnrichmentJob.objects.update(status=status, completed_at=NOW(), lease_expires_at=None, claim_token=None)
    answer = poll(staff, job, **{"Job-Phase": "running"})
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#job", "outerHTML")
    for text in (answer.content.decode(), page(staff, job)):
        assert "hx-trigger" not in text
        assert "Ada &lt;b&gt;Example" not in text, "what a killed worker left is nobody's business"
        assert "http-equiv" not in text
        assert "Cancel the job" not in text
    assert staff.get(reverse("review:job-progress", args=[job.pk])).status_code == 302


def ended(**fields: Any) -> Callable[[], EnrichmentJob]:
    return lambda: JobFactory(**{"started_at": NOW(), "completed_at": NOW(), **fields})


@pytest.mark.parametrize(
    ("make", "sentences"),
    [
        (JobFactory, ["Waiting for a worker."]),
        (lambda: JobFactory(created_at=NOW() - timedelta(seconds=20)), ["make run", "/readyz"]),
        (
            lambda: at_work(brand_name="Other") and JobFactory(created_at=NOW() - timedelta(seconds=20)),
            ["The workers are busy with 1 other job."],
        ),
        (lambda: JobFactory(status="processing", lease_expires_at=NOW()), ["does not answer any more"]),
        (
            lambda: JobFactory(
                status="retrying",
                retry_count=1,
                next_attempt_at=NOW() + timedelta(seconds=5),
                error_message="It was <slow>.",
            ),
            ["Attempt 1 of 3 failed. The next one is at", "It was &lt;slow&gt;.", "Cancel the job"],
        ),
        (
            ended(status="failed", retry_count=3, error_message="It was too slow."),
            ["Failed after 3 attempts.", "It was too slow.", ">Retry</button>", "new round of 3 attempts"],
        ),
        (ended(status="cancelled"), ["Cancelled. Nothing was stored."]),
        (
            ended(
                status="completed",
                diagnostics=[
                    {"code": "quota", "sentence": "Its quota is used up.", "source": "brave"},
                    {"code": "no_mail_domain", "sentence": "No domain is known.", "source": "emails"},
                ],
            ),
            [
                "Done: nobody found.",
                "Nobody was found.",
                "Its quota is used up.",
                "Wait until the quota",
                "Addresses</dt>",
            ],
        ),
        (ended(status="completed", contacts_discovered=4), ["have been deleted since"]),
    ],
)
def test_each_state_says_what_happened_and_what_to_do(
    staff: Client, make: Callable[[], EnrichmentJob], sentences: list[str]
) -> None:
    text = page(staff, make())
    for sentence in sentences:
        assert sentence in text


def completed(people: int) -> EnrichmentJob:
    job: EnrichmentJob = JobFactory(
        status="completed", completed_at=NOW(), contacts_discovered=people, contacts_enriched=1, volume_limited=True
    )
    for _ in range(people):
        email = EmailFactory(enriched_contact__linked_brand=job.brand)
        JobContact.objects.create(job=job, contact=email.enriched_contact)
    return job


def test_a_discovery_that_has_ended_shows_whom_it_found_and_leads_to_the_review(staff: Client) -> None:
    job = completed(2)
    ContactFactory()
    text = page(staff, job)
    assert text.count("data-row") == 2
    assert job.contacts.all()[0].emails.all()[0].email in text
    assert ">42%</td>" in text
    assert f'href="{reverse("review:contacts")}?job={job.pk}">Review these</a>' in text
    assert "your limit of addresses in 24 hours" in text


def test_a_page_takes_as_many_queries_for_many_contacts_as_for_one(staff: Client) -> None:
    few, many = completed(1), completed(30)
    counts = []
    for job in (few, few, many):
        with CaptureQueriesContext(connection) as captured:
            page(staff, job)
        counts.append(len(captured))
    assert counts[1] == counts[2] <= 10
    running = at_work()
    with CaptureQueriesContext(connection) as captured:
        poll(staff, running, **{"Job-Phase": "running"})
    assert len(captured) <= 4


@pytest.fixture
def emails() -> EnrichmentJob:
    job: EnrichmentJob = JobFactory(
        job_type="email_enrichment", brand=None, brand_name=None, items_total=53, items_processed=2, woken_at=NOW()
    )
    contact = EmailFactory(enriched_contact__last_name="Known").enriched_contact
    JobItem.objects.create(job=job, position=0, email="<ada>@acmee.example", state="done", result=VERDICT)
    JobItem.objects.create(job=job, position=1, contact=contact, state="done")
    for position in range(2, 53):
        JobItem.objects.create(job=job, position=position, email=f"p{position}@acme.example")
    return job


def test_an_e_mail_enrichment_shows_how_far_it_is_and_what_was_verified(staff: Client, emails: EnrichmentJob) -> None:
    text = page(staff, emails)
    assert "Verified 2 of 53." in text, "between two batches it is not waiting"
    assert '<progress value="2" max="53"' in text
    assert "&lt;ada&gt;@acmee.example" in text
    for part in ("no such mailbox", "Did you mean ada@acme.example?", "free address", "Known", "p49@acme.example"):
        assert part in text
    assert "p52@acme.example" not in text
    assert "p52@acme.example" in page(staff, emails, "?page=2")
    EnrichmentJob.objects.update(next_attempt_at=NOW() + timedelta(minutes=5))
    assert "Mail servers asked for patience." in page(staff, emails)
    EnrichmentJob.objects.update(status="completed", completed_at=NOW(), items_processed=53, contacts_enriched=7)
    assert "Done: 7 of 53 can be used." in page(staff, emails)
    JobItem.objects.all().delete()
    assert "kept for 30 days" in page(staff, emails)


def test_a_failed_job_is_retried_and_a_running_one_cancelled(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "wake", lambda *_arguments, **_options: True)
    job = ended(status="failed", retry_count=3)()

    def post(name: str) -> str:
        answer = staff.post(reverse(f"review:{name}", args=[job.pk]), follow=True)
        assert answer.redirect_chain == [(reverse("review:job", args=[job.pk]), 302)]
        return answer.content.decode()

    assert "Only a job that has not ended can be cancelled." in post("job-cancel")
    assert "A new round of attempts has begun." in post("job-retry")
    job.refresh_from_db()
    assert (job.status, job.retry_count) == ("retrying", 0)
    assert "Only a failed job can be retried." in post("job-retry")
    assert "The job is cancelled." in post("job-cancel")
    job.refresh_from_db()
    assert job.status == "cancelled"


@pytest.mark.parametrize("why", ["redis", "limit", "region"])
def test_a_retry_that_is_refused_says_why_and_changes_nothing(
    staff: Client, boss: User, settings: Any, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    job = ended(status="failed", retry_count=3, region_code="DE", created_by=boss)()
    sentence = {"redis": "Redis does not answer", "limit": "jobs of one user", "region": "restricted in region: DE"}
    if why == "redis":

        def gone(_key: str) -> None:
            raise RedisError

        monkeypatch.setattr(cache, "get", gone)
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 0 if why == "limit" else 10
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"] if why == "region" else []
    answer = staff.post(reverse("review:job-retry", args=[job.pk]), follow=True)
    assert sentence[why] in answer.content.decode()
    job.refresh_from_db()
    assert job.status == "failed"


def test_a_reviewer_looks_and_changes_nothing(looker: Client) -> None:
    failed = ended(status="failed", retry_count=3, error_message="It was too slow.")()
    for job in (failed, at_work()):
        text = page(looker, job)
        assert "Retry</button>" not in text
        assert "Cancel the job" not in text
        for name in ("job-retry", "job-cancel"):
            assert looker.post(reverse(f"review:{name}", args=[job.pk])).status_code == 403
    assert "Somebody who may start discoveries can retry it." in page(looker, failed)
    assert "Discover a brand" not in looker.get(reverse("review:jobs")).content.decode()


def test_a_job_that_is_not_there_is_not_found(staff: Client) -> None:
    for name in ("job", "job-progress"):
        assert (
            staff.get(reverse(f"review:{name}", args=[uuid.uuid4()]), headers={"HX-Request": "true"}).status_code == 404
        )
    for name in ("job-retry", "job-cancel"):
        assert staff.post(reverse(f"review:{name}", args=[uuid.uuid4()])).status_code == 404


# The list ---------------------------------------------------------------------------------------


def names(client: Client, **query: str) -> set[str]:
    text = client.get(reverse("review:jobs"), query).content.decode()
    return {name for name in ("Kestrel", "Zürich Re", "53 addresses") if name in text}


def test_jobs_are_found_by_brand_status_and_kind(staff: Client, emails: EnrichmentJob) -> None:
    JobFactory(brand__name="Kestrel", status="failed", completed_at=NOW())
    JobFactory(brand__name="Zürich Re", brand__name_key="zurich re", status="processing")
    assert names(staff) == {"Kestrel", "Zürich Re", "53 addresses"}
    assert names(staff, q="zurich") == {"Zürich Re"}
    assert names(staff, status="running") == {"Zürich Re", "53 addresses"}
    assert names(staff, status="failed") == {"Kestrel"}
    assert names(staff, kind="email_enrichment") == {"53 addresses"}
    assert names(staff, status="nonsense") == {"Kestrel", "Zürich Re", "53 addresses"}
    assert "No job fits these filters." in staff.get(reverse("review:jobs"), {"q": "nobody"}).content.decode()


def test_the_list_is_brought_up_to_date_while_a_job_runs(staff: Client) -> None:
    url = reverse("review:jobs")
    assert "Nothing was discovered yet." in staff.get(url).content.decode()
    job = JobFactory(status="processing")
    text = staff.get(url).content.decode()
    assert 'hx-trigger="every 5s"' in text
    headers = {"HX-Request": "true", "Jobs-Mark": text.partition('"Jobs-Mark": "')[2][:8]}
    assert staff.get(url, headers=headers).status_code == 204
    EnrichmentJob.objects.filter(pk=job.pk).update(status="completed")
    text = staff.get(url, headers=headers).content.decode()
    assert "<html" not in text
    assert "Completed" in text
    assert "hx-trigger" not in text


def test_the_list_takes_as_many_queries_for_many_jobs_as_for_one(staff: Client, boss: User) -> None:
    counts = []
    for number in (1, 0, 51):
        for _ in range(number):
            JobFactory(created_by=boss)
        with CaptureQueriesContext(connection) as captured:
            text = staff.get(reverse("review:jobs")).content.decode()
        counts.append(len(captured))
    assert counts[1] == counts[2] <= 8
    assert "1–50 of 52" in text
