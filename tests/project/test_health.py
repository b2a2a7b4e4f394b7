"""/healthz, /readyz, /metrics."""

import re
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from kombu import Connection

from core import counts
from crm.outcomes import Kind, record
from enrichment.models import EnrichmentJob, JobStatus, JobType, VerificationStatus
from enrichment_project import celery_app, health
from tests.factories import ContactFactory, EmailFactory

PARTS = {"database", "cache", "broker", "worker"}


@pytest.fixture
def no_redis(settings, monkeypatch) -> None:
    """Cache and broker on a port where nothing listens."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/1"}}
    monkeypatch.setattr(celery_app, "connection_for_write", lambda: Connection("redis://127.0.0.1:9/0"))


def test_healthz_asks_neither_database_nor_redis(client: Client, no_redis: None) -> None:
    response = client.get("/healthz")  # pytest-django refuses the database to this test
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/admin/", 301)])
def test_monitoring_asks_in_clear_also_where_https_only_is_served(settings, path: str, status: int) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path).status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_only_reading_is_allowed(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_ready_when_everything_answers(client: Client, worker: object) -> None:
    response = client.get("/readyz")
    assert response.json() == {"status": "ok", **dict.fromkeys(PARTS, "ok")}
    assert response.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_a_worker_and_the_answer_says_so(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "failed", **dict.fromkeys(PARTS, "ok"), "worker": "failed"}


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_redis_and_no_secret_is_told(client: Client, no_redis: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "failed",
        "database": "ok",
        "cache": "failed",
        "broker": "failed",
        "worker": "failed",
    }
    assert "127.0.0.1" not in response.content.decode()


def test_a_check_that_hangs_is_cut_off(client: Client, monkeypatch) -> None:
    released = []

    def hang() -> str:
        while not released:
            time.sleep(0.01)
        return "ok"

    monkeypatch.setattr(health, "READY_SECONDS", 0.1)
    monkeypatch.setattr(health, "CHECKS", {"database": hang, "cache": lambda: "ok"})
    try:
        response = client.get("/readyz")
        assert (response.status_code, response.json()) == (
            503,
            {"status": "failed", "database": "timeout", "cache": "ok"},
        )
    finally:
        released.append(True)


@pytest.mark.django_db
def test_metrics_count_jobs_contacts_and_addresses(client: Client) -> None:
    now = timezone.now()
    for status, age in [(JobStatus.PENDING, 90), (JobStatus.PENDING, 30), (JobStatus.FAILED, 900)]:
        EnrichmentJob.objects.create(
            job_type=JobType.BRAND_CONTACT_DISCOVERY, status=status, created_at=now - timedelta(seconds=age)
        )
    for score in (100, 80, 79, 50, 49, 0, 0):
        contact = ContactFactory(confidence_score=score)
    EmailFactory(enriched_contact=contact, verification_status=VerificationStatus.RISKY)

    response = client.get("/metrics")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    values = metric_values(response.content.decode())
    assert values['enrichment_jobs{status="pending"}'] == 2
    assert values['enrichment_jobs{status="failed"}'] == 1
    assert values['enrichment_jobs{status="completed"}'] == 0
    assert values['enrichment_contacts{band="green"}'] == 2
    assert values['enrichment_contacts{band="yellow"}'] == 2
    assert values['enrichment_contacts{band="red"}'] == 3
    assert values['enrichment_addresses{verification_status="risky"}'] == 1
    assert values['enrichment_addresses{verification_status="verified"}'] == 0
    assert 90 <= values["enrichment_oldest_pending_job_age_seconds"] < 3600
    assert contact.last_name not in response.content.decode()


@pytest.mark.django_db
def test_metrics_tell_how_jobs_ended_what_bounced_and_which_limits_were_met(client: Client) -> None:
    now = timezone.now()
    for status, days in [("completed", 0), ("completed", 0), ("completed", 0), ("failed", 0), ("failed", 2)]:
        ended = {"status": status, "completed_at": now - timedelta(days=days)}
        EnrichmentJob.objects.create(job_type=JobType.BRAND_CONTACT_DISCOVERY, **ended)
    for local, kind in [("a", "delivered"), ("a", "bounced"), ("b", "delivered"), ("c", "replied"), ("d", "bounced")]:
        record(f"{local}@umbrella.example", kind, now)
    counts.add(counts.LIMIT_HIT, "discoveries", 3)
    counts.add(counts.REGION_BLOCKED, "IT")
    values = metric_values(client.get("/metrics").content.decode())
    assert values['enrichment_jobs_ended_day{status="completed"}'] == 3
    assert values["enrichment_job_failure_rate"] == 0.25
    assert values["enrichment_bounce_rate"] == 0.5
    assert values['enrichment_limit_hits_total{limit="discoveries"}'] == 3
    assert values['enrichment_region_violations_total{kind="blocked",region="IT"}'] == 1


@pytest.mark.django_db
def test_without_pending_jobs_nothing_waits(client: Client) -> None:
    values = metric_values(client.get("/metrics").content.decode())
    assert values["enrichment_oldest_pending_job_age_seconds"] == 0


@pytest.mark.django_db
def test_metrics_hold_chances_against_what_came_of_messages(client: Client) -> None:
    rows = [("delivered", 0.92)] * 3 + [("replied", 0.92), ("bounced", 0.92), ("bounced", 0.02), ("complained", None)]
    for number, (kind, chance) in enumerate(rows):
        record(f"lovelace{number}@umbrella.example", kind, timezone.now(), probability=chance)
    text = client.get("/metrics").content.decode()
    values = metric_values(text)
    assert {kind: values[f'enrichment_address_outcomes{{kind="{kind}"}}'] for kind in Kind.values} == {
        "delivered": 3, "bounced": 2, "replied": 1, "complained": 1,
    }  # fmt: skip
    assert values['enrichment_calibration_predicted{bin="0.9-0.95"}'] == pytest.approx(0.92)
    assert values['enrichment_calibration_observed{bin="0.9-0.95"}'] == pytest.approx(0.8)
    assert values['enrichment_calibration_count{bin="0.9-0.95"}'] == 5
    assert values['enrichment_calibration_observed{bin="0-0.05"}'] == 0
    assert values["enrichment_calibration_error"] == pytest.approx((5 * 0.12 + 0.02) / 6)
    assert values["enrichment_brier_score"] == pytest.approx((4 * 0.08**2 + 0.92**2 + 0.02**2) / 6)
    assert "umbrella" not in text


@pytest.mark.django_db
def test_without_outcomes_metrics_claim_no_calibration(client: Client) -> None:
    values = metric_values(client.get("/metrics").content.decode())
    assert values['enrichment_address_outcomes{kind="bounced"}'] == 0
    assert not [name for name in values if "calibration" in name or "brier" in name]


def metric_values(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", text, re.MULTILINE)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("", {}, 403),
        ("192.0.2.7", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer right"}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7", "Authorization": "bearer right"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer wrong"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer"}, 403),
        ("192.0.2.7", {"Authorization": "Basic right"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer rïght"}, 403),
    ],
)
def test_metrics_are_for_the_token_and_the_allowed_networks(
    client: Client, settings, address: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


@pytest.mark.django_db
def test_without_a_token_in_the_settings_no_token_opens_metrics(client: Client, settings) -> None:
    settings.METRICS_TOKEN = ""
    for value in ("Bearer ", "Bearer x", "Bearer"):
        response = client.get("/metrics", headers={"Authorization": value}, REMOTE_ADDR="192.0.2.7")
        assert response.status_code == 403


@pytest.mark.django_db
def test_other_networks_can_be_allowed(client: Client, settings) -> None:
    settings.METRICS_ALLOWED_NETWORKS = ["192.0.2.0/24", "2001:db8::/32"]
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.200").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="2001:db8::1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403


def test_the_readiness_check_of_the_cache_leaves_the_limits_alone() -> None:
    cache.set("limit", 5)
    assert health.CHECKS["cache"]() == "ok"
    assert cache.get("limit") == 5
