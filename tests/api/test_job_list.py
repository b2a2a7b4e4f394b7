"""GET jobs: the jobs without their contacts."""

import uuid

import pytest

from core.api.renderers import dumps
from enrichment.api import representations
from enrichment.models import EnrichmentJob, JobContact
from tests.factories import BrandFactory, ContactFactory, JobFactory

LIST = "/api/enrichment/jobs"


def ids(body) -> list[str]:
    return [job["jobId"] for job in body["jobs"]]


def test_the_list_shows_what_the_job_itself_does_without_its_contacts(api) -> None:
    job = JobFactory(
        status="failed", error_message="The site is down. Try again.", region_code="DE", brand_website="https://a.example",
        diagnostics=[{"code": "robots", "sentence": "robots.txt forbids it.", "source": "website"}],
    )  # fmt: skip
    JobContact.objects.create(job=job, contact=ContactFactory())
    JobFactory(brand=None, brand_name=None)
    body = api.get(LIST).json()
    assert body["success"] is True
    assert body["pagination"] == {"total": 2, "limit": 50, "offset": 0, "nextCursor": None}
    rows = EnrichmentJob.objects.order_by("-created_at")
    assert dumps(body["jobs"]) == dumps([representations.job_summary(row) for row in rows])
    assert body["jobs"][1].items() <= api.get(f"{LIST}/{job.pk}").json()["job"].items()


def test_newest_first_and_cursors_lead_through_all(api, django_assert_max_num_queries) -> None:
    expected = [str(JobFactory().pk) for _ in range(7)][::-1]
    body = api.get(LIST, {"limit": 3}).json()
    found, total = ids(body), body["pagination"]["total"]
    JobFactory()
    while cursor := body["pagination"]["nextCursor"]:
        with django_assert_max_num_queries(1 + 1):
            body = api.get(LIST, {"limit": 3, "cursor": cursor}).json()
        found += ids(body)
        assert body["pagination"]["total"] == total == 7
    assert found == expected
    assert ids(api.get(LIST, {"limit": 3, "offset": 1}).json()) == expected[:3]


def test_only_those_of_a_brand_and_in_a_state(api) -> None:
    brand = BrandFactory()
    failed = JobFactory(brand=brand, status="failed")
    JobFactory(brand=brand, status="completed")
    JobFactory(status="failed")
    assert ids(api.get(LIST, {"brandId": str(brand.pk), "status": "failed"}).json()) == [str(failed.pk)]
    for nobody in (str(uuid.uuid4()), "x"):
        assert api.get(LIST, {"brandId": nobody}).json()["pagination"]["total"] == 0


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"status": "done"}, "completed"),
        ({"limit": 201}, "200"),
        ({"offset": -1}, "0"),
        ({"cursor": "x"}, "nextCursor"),
    ],
)
def test_a_query_that_cannot_be_answered_is_400_with_a_sentence(api, query, named) -> None:
    answer = api.get(LIST, query)
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_the_list_is_for_admins(client, visitor) -> None:
    assert client.get(LIST).status_code == 401
    client.force_login(visitor)
    assert client.get(LIST).status_code == 403
