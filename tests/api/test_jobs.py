"""POST jobs/:id/retry and jobs/:id/cancel. GET jobs/:id is in test_discover.py."""

import pytest

from enrichment import jobs
from enrichment.models import EnrichmentJob, JobStatus, Usage
from tests.factories import ContactFactory, JobFactory

ODD = ["00000000-0000-7000-8000-000000000000", "x", "0", "%F0%9F%99%82", "a" * 300]


def test_a_failed_job_starts_a_new_round_and_the_answer_is_the_specifications(api) -> None:
    job = JobFactory(status="failed", retry_count=3, error_message="The moon is in the way.")
    answer = api.post(f"/api/enrichment/jobs/{job.pk}/retry")
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "job": {"jobId": str(job.pk), "retryAttempt": 1, "maxRetries": 3, "status": "retrying"},
    }
    assert not Usage.objects.exists(), "a retry is no discovery"
    assert jobs.claim(job.pk) is not None, "due at once"


@pytest.mark.parametrize("status", sorted(set(JobStatus.values) - {"failed"}))
def test_only_a_failed_job_can_be_retried(api, status) -> None:
    job = JobFactory(status=status)
    answer = api.post(f"/api/enrichment/jobs/{job.pk}/retry")
    assert (answer.status_code, answer.json()["error"]) == (400, "job_not_failed")
    assert status in answer.json()["message"]
    job.refresh_from_db()
    assert job.status == status


def test_a_retry_in_a_region_restricted_since_is_refused(api, settings) -> None:
    job = JobFactory(status="failed", region_code="DE")
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    answer = api.post(f"/api/enrichment/jobs/{job.pk}/retry")
    assert (answer.status_code, answer.json()["error"]) == (400, "region_restricted")
    job.refresh_from_db()
    assert job.status == "failed"


@pytest.mark.parametrize("status", ["pending", "processing", "retrying"])
def test_a_job_that_has_not_ended_is_cancelled_and_shown(api, status) -> None:
    job = JobFactory(status=status)
    job.contacts.add(ContactFactory())
    answer = api.post(f"/api/enrichment/jobs/{job.pk}/cancel")
    assert answer.status_code == 200
    body = answer.json()
    assert (set(body), body["success"], body["message"]) == ({"success", "job", "message"}, True, "Job cancelled")
    assert (body["job"]["status"], len(body["job"]["contacts"])) == ("cancelled", 1)
    assert body["job"] == api.get(f"/api/enrichment/jobs/{job.pk}").json()["job"]


@pytest.mark.parametrize("status", sorted(jobs.ENDED))
def test_a_job_that_has_ended_cannot_be_cancelled(api, status) -> None:
    job = JobFactory(status=status)
    answer = api.post(f"/api/enrichment/jobs/{job.pk}/cancel")
    assert (answer.status_code, answer.json()["error"]) == (400, "job_ended")
    assert EnrichmentJob.objects.get().status == status


@pytest.mark.parametrize("verb", ["retry", "cancel"])
@pytest.mark.parametrize("odd", ODD)
def test_an_unknown_job_is_404(api, verb, odd) -> None:
    answer = api.post(f"/api/enrichment/jobs/{odd}/{verb}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize("verb", ["retry", "cancel"])
def test_visitors_may_not(visitor, client, verb) -> None:
    job = JobFactory(status="failed" if verb == "retry" else "pending")
    client.force_login(visitor)
    assert client.post(f"/api/enrichment/jobs/{job.pk}/{verb}").status_code == 403
    job.refresh_from_db()
    assert job.status in {"failed", "pending"}
