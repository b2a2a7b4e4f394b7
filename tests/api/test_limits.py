"""429: what is refused, how the answer says so, and that the last place goes to one request only."""

import re
from time import sleep

import pytest
import time_machine
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from core import api_tokens
from core.models import DailyCount
from crm.models import Brand
from enrichment import jobs, limits
from enrichment.models import EnrichmentJob, Usage
from tests.factories import EmailFactory, JobFactory
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


# A personal token's own limits ---------------------------------------------------------------------


def client_with(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def discover(client: APIClient, brand: str = "Acme"):
    return client.post(DISCOVER, {"brandName": brand}, format="json")


def test_a_token_has_limits_of_its_own_beside_its_users(admin, api) -> None:
    row, token = api_tokens.create(admin, "Script", discoveries_per_day=2)
    _, other = api_tokens.create(admin, "Another script", discoveries_per_day=50)
    script = client_with(token)
    used(admin, number=3)
    answer = discover(script)
    assert answer["RateLimit-Policy"].endswith('"parallel";q=10, "token_discoveries";q=2;w=86400')
    assert '"discoveries";r=96;' in answer["RateLimit"]
    assert '"token_discoveries";r=1;' in answer["RateLimit"]
    assert (answer["X-RateLimit-Limit"], answer["X-RateLimit-Remaining"]) == ("2", "1"), "of which less is left"
    assert discover(script).status_code == 200
    refused = discover(script)
    assert (refused.status_code, refused.json()["limit"]) == (429, "token_discoveries")
    assert refused.json()["message"].startswith("2 of 2 discoveries were started with this API token in the last 24")
    assert 86300 <= int(refused["Retry-After"]) <= 86400
    assert refused["X-RateLimit-Remaining"] == "0"
    assert Usage.objects.filter(token=row).count() == 2
    assert [discover(client).status_code for client in (client_with(other), api)] == [200, 200]
    assert DailyCount.objects.get(name="limit_hit").label == "token_discoveries"


def test_with_a_token_the_users_limit_holds_all_the_same(admin, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    _, token = api_tokens.create(admin, "Script", discoveries_per_day=5)
    script = client_with(token)
    assert discover(script)["X-RateLimit-Limit"] == "1"
    refused = discover(script)
    assert (refused.status_code, refused.json()["limit"]) == (429, "discoveries")


def test_a_token_that_may_discover_nothing_is_refused_at_once(admin) -> None:
    _, token = api_tokens.create(admin, "Script", discoveries_per_day=0)
    refused = discover(client_with(token))
    assert (refused.status_code, refused["Retry-After"]) == (429, "86400")


def test_addresses_of_a_token_are_counted_wherever_they_are_verified(admin, dns) -> None:
    row, token = api_tokens.create(admin, "Script", addresses_per_day=4)
    script, mails = client_with(token), ["a@null.example", "b@null.example"]
    at_once = script.post("/api/enrichment/email-verifier", {"emails": mails}, format="json")
    assert '"token_addresses";r=2;' in at_once["RateLimit"]
    job = script.post("/api/enrichment/email-verifier", {"emails": mails[:1], "async": True}, format="json")
    assert job.status_code == 202
    refused = script.post("/api/enrichment/email-verifier", {"emails": mails}, format="json")
    assert (refused.status_code, refused.json()["limit"]) == (429, "token_addresses")
    assert "with this API token" in refused.json()["message"]
    finder = {"firstName": "Ada", "lastName": "Example", "domain": "null.example"}
    assert script.post("/api/enrichment/email-finder", finder, format="json").status_code == 200
    contact = EmailFactory().enriched_contact
    verify = script.post(f"/api/enrichment/contacts/{contact.pk}/verify", {}, format="json")
    assert (verify.status_code, verify.json()["limit"]) == (429, "token_addresses")
    assert sum(Usage.objects.filter(token=row).values_list("amount", flat=True)) == 4


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_with_one_token_one_gets_its_last_discovery(admin) -> None:
    row, token = api_tokens.create(admin, "Script", discoveries_per_day=3)
    for _ in range(2):
        Usage.objects.create(user=admin, token=row, kind="discovery")
    answers = race(20, lambda n: discover(client_with(token), f"Brand {n}"))
    assert sorted(answer.status_code for answer in answers) == [200] + [429] * 19
    assert Usage.objects.filter(token=row).count() == 3


# All requests --------------------------------------------------------------------------------------


def test_requests_are_limited_for_each_token_and_for_each_user(admin, api, settings) -> None:
    settings.API_RATE = "2/h"
    scripts = [client_with(api_tokens.create(admin, name)[1]) for name in ("One", "Another")]
    for client in (*scripts, api):
        answers = [client.get("/api/enrichment/stats") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused = answers[-1]
    assert (refused.json()["error"], refused.json()["limit"]) == ("throttled", "requests")
    wait = int(refused["Retry-After"])
    assert 0 < wait <= 3600
    assert (refused["RateLimit-Policy"], refused["RateLimit"]) == ('"requests";q=2', f'"requests";r=0;t={wait}')
    assert DailyCount.objects.get(name="limit_hit", label="requests").number == 3
    assert api.get("/api/crm/brands").status_code == 429, "everywhere"
    client = APIClient()
    client.force_login(admin)
    assert client.get("/api/enrichment/stats").status_code == 429, "a user is one, however signed in"
    assert client.get("/api/schema").status_code == 200


@pytest.mark.parametrize(("rate", "caches"), [("", None), ("1/h", GONE)])
def test_without_a_rate_or_without_redis_requests_are_let_through(api, settings, rate, caches) -> None:
    settings.API_RATE = rate
    if caches:
        settings.CACHES = caches
    assert [api.get("/api/enrichment/stats").status_code for _ in range(3)] == [200] * 3


def test_a_region_that_is_refused_is_counted(api, settings, client) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    for _ in range(2):
        assert api.post(DISCOVER, {"brandName": "Acme", "region": "DE"}, format="json").status_code == 400
    text = client.get("/metrics").content.decode()
    assert 'enrichment_region_violations_total{kind="refused",region="DE"} 2.0' in text
