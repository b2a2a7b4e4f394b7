"""GET jobs/:id/results, and the progress that jobs show."""

import pytest
from django.utils import timezone

from core import dns
from core.guard import Allowed
from enrichment import verdict_json
from enrichment.emails.verification import verdict
from enrichment.models import JobItem
from tests.factories import ContactFactory, JobFactory


@pytest.fixture
def job(db):
    return JobFactory(job_type="email_enrichment", brand=None, brand_name=None, items_total=7, items_processed=2)


def results(api, job, **query) -> dict:
    answer = api.get(f"/api/enrichment/jobs/{job.pk}/results", query)
    assert answer.status_code == 200
    return answer.json()


def test_each_address_has_its_verdict_and_its_place(api, job, dns) -> None:
    kept = verdict_of("ada@acme.example")
    JobItem.objects.create(job=job, position=0, email="ada@acme.example", state="done", result=kept)
    JobItem.objects.create(job=job, position=1, email="bo@acme.example")
    body = results(api, job)
    assert body["success"] is True
    assert body["pagination"] == {"total": 2, "limit": 50, "offset": 0, "nextCursor": None}
    done, waiting = body["results"]
    assert done == {"position": 0, "state": "done", **kept}
    assert waiting == {"position": 1, "state": "waiting", "email": "bo@acme.example"}


def verdict_of(address: str) -> dict:
    (found,) = verdict.verify([address], dns.from_settings(), Allowed())
    return verdict_json.as_json(found, timezone.now())


def test_a_contact_is_named_by_its_id_while_it_exists(api, job) -> None:
    contact = ContactFactory()
    JobItem.objects.create(job=job, position=0, contact=contact, state="done")
    assert results(api, job)["results"] == [{"position": 0, "state": "done", "contactId": str(contact.pk)}]
    contact.delete()
    assert results(api, job)["results"] == [{"position": 0, "state": "done", "contactId": None}]


def test_pages_are_in_the_order_given_and_do_not_overlap(api, job) -> None:
    for position in (3, 1, 6, 0, 5, 2, 4):
        JobItem.objects.create(job=job, position=position, email=f"ada{position}@acme.example")
    JobItem.objects.create(job=JobFactory(), position=0, email="other@acme.example")
    first = results(api, job, limit=3)
    second = results(api, job, limit=3, cursor=first["pagination"]["nextCursor"])
    third = results(api, job, limit=3, cursor=second["pagination"]["nextCursor"])
    pages = [first, second, third, results(api, job, limit=3, offset=5)]
    assert [[item["position"] for item in page["results"]] for page in pages] == [[0, 1, 2], [3, 4, 5], [6], [5, 6]]
    assert [page["pagination"]["total"] for page in pages] == [7] * 4


def test_the_cursor_of_another_job_is_refused(api, job) -> None:
    for position in range(2):
        JobItem.objects.create(job=job, position=position, email="ada@acme.example")
    cursor = results(api, job, limit=1)["pagination"]["nextCursor"]
    answer = api.get(f"/api/enrichment/jobs/{JobFactory().pk}/results", {"cursor": cursor})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_cursor")


def test_a_page_takes_the_same_number_of_queries_however_long_it_is(api, job, django_assert_max_num_queries) -> None:
    for position in range(40):
        JobItem.objects.create(job=job, position=position, email=f"ada{position}@acme.example")
    with django_assert_max_num_queries(5):
        assert len(results(api, job)["results"]) == 40


def test_a_discovery_has_no_results(api) -> None:
    assert results(api, JobFactory())["results"] == []


@pytest.mark.parametrize("key", ["00000000-0000-7000-8000-000000000000", "x"])
def test_an_unknown_job_is_404(api, key) -> None:
    answer = api.get(f"/api/enrichment/jobs/{key}/results")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_jobs_show_how_far_they_have_got(api, job) -> None:
    shown = api.get(f"/api/enrichment/jobs/{job.pk}").json()["job"]
    assert (shown["jobType"], shown["progress"]) == ("email_enrichment", {"processed": 2, "total": 7})
    assert api.get("/api/enrichment/jobs").json()["jobs"][0]["progress"] == {"processed": 2, "total": 7}
    discovery = JobFactory()
    assert api.get(f"/api/enrichment/jobs/{discovery.pk}").json()["job"]["progress"] == {"processed": 0, "total": 0}
