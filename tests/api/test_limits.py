"""429: what is refused, how the answer says so, and that the last place goes to one request only."""

import re
from time import sleep

import pytest
import time_machine
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from crm.models import Brand
from enrichment import jobs, limits
from enrichment.models import EnrichmentJob, Usage
from tests.factories import JobFactory
from tests.racing import race

DISCOVER = "/api/enrichment/discover"
GONE = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "unix:///nowhere/valkey.sock"}
}


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def statuses(number: int, users, body=lambda index: {"brandName": f"Brand {index}"}) -> list[int]:
    """Return the status of so many discoveries at once, each from a client of its own."""
    answers = race(number, lambda n: client_of(users[n % len(users)]).post(DISCOVER, body(n), format="json"))
    return sorted(answer.status_code for answer in answers)


def used(user, brand=None, number: int = 1) -> None:
    for _ in range(number):
        Usage.objects.create(user=user, brand=brand, kind="discovery")


def test_an_answer_says_what_is_left(api, admin) -> None:
    used(admin, number=2)
    answer = api.post(DISCOVER, {"brandName": "Acme"}, format="json")
    assert answer.status_code == 200
    assert answer["RateLimit-Policy"] == '"discoveries";q=100;w=86400, "addresses";q=500;w=86400, "parallel";q=10'
    assert re.fullmatch(r'"discoveries";r=97;t=8(6400|63\d\d), "addresses";r=500, "parallel";r=9', answer["RateLimit"])
    assert (answer["X-RateLimit-Limit"], answer["X-RateLimit-Remaining"]) == ("100", "97")
    assert 86300 <= int(answer["X-RateLimit-Reset"]) <= 86400


def test_a_limit_that_is_used_up_is_429_with_the_way_back_and_is_not_counted(api, admin, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    used(admin)
    for _ in range(2):
        answer = api.post(DISCOVER, {"brandName": "Acme"}, format="json")
        assert answer.status_code == 429
        body = answer.json()
        assert body["error"] == "rate_limit_exceeded"
        assert body["message"].startswith("You have started 1 of 1 discoveries in the last 24 hours. The next")
        assert 86300 <= int(answer["Retry-After"]) <= 86400
        assert answer["X-RateLimit-Remaining"] == "0"
        assert '"discoveries";r=0;' in answer["RateLimit"]
    assert Usage.objects.count() == 1
    assert not EnrichmentJob.objects.exists()
    assert not Brand.objects.exists()


def test_the_way_back_is_true(admin, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    client = client_of(admin)
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        assert client.post(DISCOVER, {"brandName": "Acme"}, format="json").status_code == 200
        clock.shift(5 * 3600)
        wait = int(client.post(DISCOVER, {"brandName": "Acme"}, format="json")["Retry-After"])
        clock.shift(wait - 1)
        assert client.post(DISCOVER, {"brandName": "Acme"}, format="json").status_code == 429
        clock.shift(1)
        assert client.post(DISCOVER, {"brandName": "Acme"}, format="json").status_code == 200


def test_malformed_and_restricted_requests_cost_no_place(api, settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    for body in ({}, {"brandName": "Acme", "region": "DE"}):
        assert api.post(DISCOVER, body, format="json").status_code == 400
    assert not Usage.objects.exists()


def test_a_superuser_is_limited_too(settings, db) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    client = client_of(get_user_model().objects.create_superuser("root"))
    answers = [client.post(DISCOVER, {"brandName": "Acme"}, format="json").status_code for _ in range(2)]
    assert answers == [200, 429]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_one_gets_the_last_discovery(admin, settings) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 100
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 5
    used(admin, number=4)
    assert statuses(20, [admin]) == [200] + [429] * 19
    assert (EnrichmentJob.objects.count(), Usage.objects.count()) == (1, 5)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_one_gets_the_last_of_the_parallel_jobs(admin) -> None:
    for status in ("pending", "processing", "retrying") * 3:
        JobFactory(created_by=admin, status=status)
    JobFactory(created_by=admin, status="completed")
    assert statuses(20, [admin]) == [200] + [429] * 19
    assert EnrichmentJob.objects.filter(created_by=admin).exclude(status="completed").count() == 10


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_by_several_users_one_gets_the_brands_last_place(admin, settings, monkeypatch) -> None:
    settings.ENRICHMENT_LIMIT_BRAND_JOBS = 3
    count = limits._count

    def count_slowly(*arguments: object, increment: bool) -> object:
        if increment:  # the place is taken and not yet committed
            sleep(0.1)
        return count(*arguments, increment=increment)

    monkeypatch.setattr(limits, "_count", count_slowly)
    users = [admin, *(get_user_model().objects.create_user(f"staff{n}", is_staff=True) for n in range(9))]
    acme = Brand.objects.create(name="Acme", name_key="acme")
    used(admin, acme, 2)
    assert statuses(20, users, lambda _index: {"brandName": "Acme"}) == [200] + [429] * 19
    assert Usage.objects.filter(brand=acme).count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_twenty_retries_and_discoveries_one_gets_the_last_of_the_parallel_jobs(admin, settings) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 2
    JobFactory(created_by=admin)
    failed = [JobFactory(created_by=admin, status="failed") for _ in range(10)]

    def work(index: int) -> int:
        if index < 10:
            return client_of(admin).post(f"/api/enrichment/jobs/{failed[index].pk}/retry").status_code
        return client_of(admin).post(DISCOVER, {"brandName": f"Brand {index}"}, format="json").status_code

    assert sorted(race(20, work)) == [200] + [429] * 19
    assert EnrichmentJob.objects.filter(status__in=["pending", "retrying"]).count() == 2


@pytest.mark.parametrize("path", [DISCOVER, "retry"])
def test_without_redis_it_is_503_and_nothing_is_written(admin, settings, path) -> None:
    job = JobFactory(status="failed")
    settings.CACHES = GONE
    if path == "retry":
        path = f"/api/enrichment/jobs/{job.pk}/retry"
    answer = client_of(admin).post(path, {"brandName": "Acme"}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    job.refresh_from_db()
    assert (job.status, EnrichmentJob.objects.count(), Usage.objects.count()) == ("failed", 1, 0)


def test_a_job_can_be_cancelled_without_redis(admin, settings) -> None:
    job = JobFactory()
    settings.CACHES = GONE
    assert client_of(admin).post(f"/api/enrichment/jobs/{job.pk}/cancel").status_code == 200
    job.refresh_from_db()
    assert job.status in jobs.ENDED


def test_the_schema_documents_429_and_the_headers(client, db) -> None:
    schema = client.get("/api/schema", HTTP_ACCEPT="application/json").json()
    discover = schema["paths"][DISCOVER]["post"]
    limit = {"RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
    assert limit <= set(discover["responses"]["200"]["headers"])
    assert limit | {"Retry-After"} <= set(discover["responses"]["429"]["headers"])
