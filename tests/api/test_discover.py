"""POST discover and GET jobs/:id. The whole run is in tests/flows."""

import time

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from crm.models import Brand
from enrichment import jobs
from enrichment.api import waiting
from enrichment.discovery.base import Diagnostic
from enrichment.models import EnrichmentJob, IdempotencyKey, Usage
from tests.factories import JobFactory
from tests.racing import race

DISCOVER = "/api/enrichment/discover"


def test_a_discovery_answers_at_once_with_a_pending_job(api, admin) -> None:
    answer = api.post(
        DISCOVER,
        {
            "brandName": "Acme",
            "website": "acme.example",
            "linkedInCompanyUrl": "linkedin.com/company/acme",
            "region": "uk",
        },
        format="json",
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["success"] is True
    assert body["message"] == "Discovery started for Acme. 0 contacts found."
    job = body["job"]
    assert (job["status"], job["contacts"], job["contactsDiscovered"], job["contactsEnriched"]) == ("pending", [], 0, 0)
    row = EnrichmentJob.objects.get(pk=job["jobId"])
    assert (row.created_by, row.region_code, row.brand.domain) == (admin, "GB", "acme.example")
    assert row.linkedin_company_url == "https://www.linkedin.com/company/acme"
    assert "Preference-Applied" not in answer.headers


def test_optional_fields_may_be_empty_or_null(api) -> None:
    body = {"brandName": "Acme", "website": "", "linkedInCompanyUrl": None, "region": None, "more": "is ignored"}
    assert api.post(DISCOVER, body, format="json").status_code == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Brand name is required"),
        ({"brandName": ""}, "Brand name is required"),
        ({"brandName": None}, "Brand name is required"),
        ({"brandName": "   "}, "Brand name is required"),
        ({"brandName": "x" * 201}, "invalid_brand_name"),
        ({"brandName": ["Acme"]}, "invalid_input"),
        ({"brandName": {"a": 1}}, "invalid_input"),
        ({"brandName": "A\u0000"}, "invalid_input"),
        ({"brandName": "Acme", "website": "ftp://acme.example"}, "invalid_website"),
        ({"brandName": "Acme", "website": "http://127.0.0.1/"}, "invalid_website"),
        ({"brandName": "Acme", "website": "http://[fe80::1]/"}, "invalid_website"),
        ({"brandName": "Acme", "website": "not a url"}, "invalid_website"),
        ({"brandName": "Acme", "linkedInCompanyUrl": "https://acme.example"}, "invalid_linkedin_url"),
        ({"brandName": "Acme", "region": "Atlantis"}, "invalid_region"),
        ([], "invalid_input"),
        ("text", "invalid_input"),
        (None, "Brand name is required"),
    ],
)
def test_malformed_input_is_400_says_what_to_do_and_writes_nothing(api, body, error) -> None:
    answer = api.post(DISCOVER, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["message"]
    assert not EnrichmentJob.objects.exists()
    assert not Brand.objects.exists()


@pytest.mark.parametrize("field", ["brandName", "website", "linkedInCompanyUrl", "region"])
@pytest.mark.parametrize("odd", [-1, 1.5, 0, True, False, [], ["acme.example"], {}, {"a": 1}])
def test_a_text_of_another_type_is_400_and_names_the_field(api, field, odd) -> None:
    answer = api.post(DISCOVER, {"brandName": "Acme", field: odd}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    assert answer.json()["message"] == f"{field}: Not a valid string."
    assert not EnrichmentJob.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"HTTP_IDEMPOTENCY_KEY": "one"}])
@pytest.mark.parametrize("levels", [254, 1000])
def test_a_body_nested_too_deeply_is_400(api, levels, headers) -> None:
    body = '{"brandName": "Acme", "more": ' + "[" * levels + "]" * levels + "}"
    answer = api.post(DISCOVER, body, content_type="application/json", **headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_json")
    assert answer.json()["message"] == "The body could not be read as JSON: it is nested more than 254 levels deep."
    assert not EnrichmentJob.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"HTTP_IDEMPOTENCY_KEY": "one"}])
def test_the_deepest_body_that_may_be_is_taken_or_refused_as_any_other(api, headers) -> None:
    deep = "[" * 253 + "]" * 253
    extra = api.post(DISCOVER, f'{{"brandName": "Acme", "x": {deep}}}', content_type="application/json", **headers)
    assert extra.status_code == 200
    name = api.post(DISCOVER, f'{{"brandName": {deep}}}', content_type="application/json", **headers)
    assert (name.status_code, name.json()["message"]) == (400, "brandName: Not a valid string.")


@pytest.mark.parametrize(
    ("content", "kind", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"\xff\xfe", "application/json", "invalid_json"),
        (b'{"brandName": NaN}', "application/json", "invalid_json"),
        (rb'{"brandName": "A\ud800"}', "application/json", "invalid_json"),
        (b"[" * 100_000, "application/json", "invalid_json"),
        (b"brandName=Acme", "application/x-www-form-urlencoded", "invalid_content_type"),
        (b"<brandName/>", "application/xml", "invalid_content_type"),
        (b"{}", "nonsense", "invalid_content_type"),
    ],
)
def test_a_body_that_is_not_json_is_400(api, content, kind, error) -> None:
    answer = api.post(DISCOVER, content, content_type=kind)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_restricted_region_is_refused_in_the_settled_form(api, settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    answer = api.post(DISCOVER, {"brandName": "Acme", "region": "DE"}, format="json")
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "region_restricted", "message": "Enrichment restricted in region: DE"},
    )


def test_without_redis_it_is_503_and_nothing_is_written(api, settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "unix:///nowhere/valkey.sock"}
    }
    answer = api.post(DISCOVER, {"brandName": "Acme"}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert not EnrichmentJob.objects.exists()


def test_a_job_tells_how_it_went(api) -> None:
    job = JobFactory()
    with jobs.fenced(jobs.claim(job.pk)) as row:
        jobs.complete(
            row, discovered=0, enriched=0, diagnostics=[Diagnostic("robots", "robots.txt forbids it.", "website")]
        )
    body = api.get(f"/api/enrichment/jobs/{job.pk}").json()["job"]
    assert body["status"] == "completed"
    assert body["diagnostics"] == [{"code": "robots", "sentence": "robots.txt forbids it.", "source": "website"}]
    assert body["startedAt"].endswith("Z")
    assert body["completedAt"].endswith("Z")


@pytest.mark.parametrize("odd", ["00000000-0000-7000-8000-000000000000", "x", "0", "%F0%9F%99%82", "a" * 300])
def test_an_unknown_job_is_404(api, odd) -> None:
    answer = api.get(f"/api/enrichment/jobs/{odd}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=5", 5),
        ("respond-async, wait=10", 10),
        ("wait = 3", 3),
        ('wait="7"', 7),
        ("wait=600", 60),
        ("WAIT=2", 2),
        ("", None),
        ("wait", None),
        ("wait=", None),
        ("wait=-1", None),
        ("wait=x", None),
        ("await=5", None),
        ("wait=99999999999", None),
    ],
)
def test_prefer_headers(header, seconds) -> None:
    assert waiting.preferred_wait(header) == seconds


def test_beyond_a_quarter_of_the_threads_nobody_waits(db, monkeypatch, settings) -> None:
    job = JobFactory(status="completed")
    places = max(1, settings.WEB_THREADS // 4)
    for _ in range(places):
        assert waiting._places.acquire(blocking=False)
    try:
        assert waiting.wait_for(job.pk, 1) is False
    finally:
        for _ in range(places):
            waiting._places.release()


def test_a_restricted_region_is_refused_when_it_is_the_brands_too(api, settings) -> None:
    brand = Brand.objects.create(name="Acme", name_key="acme", region_code="DE")
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    answer = api.post(DISCOVER, {"brandName": "Acme", "website": "acme.example"}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "region_restricted")
    brand.refresh_from_db()
    assert (brand.website, EnrichmentJob.objects.count(), Usage.objects.count()) == ("", 0, 0)


def test_a_repeated_request_gets_the_first_job_as_it_is_now_and_takes_no_place(api, admin, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    first = api.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_IDEMPOTENCY_KEY="one")
    assert first.status_code == 200
    assert "Idempotency-Replayed" not in first.headers
    EnrichmentJob.objects.update(status="completed", contacts_discovered=4)
    again = api.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_IDEMPOTENCY_KEY="one")
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.json()["job"]["jobId"] == first.json()["job"]["jobId"]
    assert again.json()["job"]["status"] == "completed"
    assert (EnrichmentJob.objects.count(), Usage.objects.count()) == (1, 1)
    new = api.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_IDEMPOTENCY_KEY="two")
    assert new.status_code == 429
    assert IdempotencyKey.objects.count() == 1, "what was refused took its key back"


@pytest.mark.parametrize(
    ("key", "body", "error"),
    [
        ("one", {"brandName": "Other"}, "idempotency_key_reused"),
        ("", {"brandName": "Acme"}, "invalid_idempotency_key"),
        ("k" * 256, {"brandName": "Acme"}, "invalid_idempotency_key"),
        ("schl\xfcssel", {"brandName": "Acme"}, "invalid_idempotency_key"),
    ],
)
def test_a_key_that_cannot_be_used_is_400(api, key, body, error) -> None:
    api.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_IDEMPOTENCY_KEY="one")
    answer = api.post(DISCOVER, body, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert EnrichmentJob.objects.count() == 1


def test_a_repetition_for_a_job_deleted_meanwhile_is_404(api) -> None:
    api.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_IDEMPOTENCY_KEY="one")
    EnrichmentJob.objects.all().delete()
    assert api.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_IDEMPOTENCY_KEY="one").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_job_deleted_while_a_client_waits_for_it_is_404(admin) -> None:
    def post() -> Response:
        client = APIClient()
        client.force_authenticate(admin)
        return client.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_PREFER="wait=30")

    def delete() -> None:
        while not EnrichmentJob.objects.all().delete()[0]:
            time.sleep(0.02)

    answer, _ = race(2, lambda index: delete() if index else post())
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_twenty_clients_with_one_key_start_one_job(admin, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1

    def post(_index: int) -> Response:
        client = APIClient()
        client.force_authenticate(admin)
        return client.post(DISCOVER, {"brandName": "Acme"}, format="json", HTTP_IDEMPOTENCY_KEY="one")

    answers = race(20, post)
    job = EnrichmentJob.objects.get()
    assert {(answer.status_code, answer.json()["job"]["jobId"]) for answer in answers} == {(200, str(job.pk))}
    assert sorted(answer.get("Idempotency-Replayed", "") for answer in answers) == [""] + ["true"] * 19
    assert Usage.objects.count() == 1
