"""What stands behind a request is gone or full: 503 and a sentence, by page and API alike, and nothing is lost."""

import errno
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from kombu import Connection, pools

from core import api_tokens, counts, dns, faults, patience
from enrichment import jobs, pipeline
from enrichment.intake import DiscoveryRequest
from enrichment.models import EnrichedContact, EnrichmentJob, JobStatus
from tests.factories import ContactFactory
from tests.kit.own_servers import OwnRedis, free_port

DISCOVERY = {"brandName": "Acme", "website": "https://acme.example/"}
PAGES = ["/", "/contacts/", "/crm/contacts/", "/outreach/outbox/", "/admin/", "/admin/crm/brand/"]
API = ["/api/enrichment/contacts", "/api/crm/contacts", "/api/outreach/messages"]


@pytest.fixture
def boss(transactional_db: None) -> User:
    return User.objects.create_superuser("boss", password="correct horse battery")


@pytest.fixture
def client(boss: User) -> Client:
    """A signed-in browser that gets the answer, whatever was raised."""
    client = Client(raise_request_exception=False)
    client.force_login(boss)
    return client


@pytest.fixture
def script(boss: User) -> Client:
    """A script with a personal token."""
    token = api_tokens.create(boss, "script")[1]
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def no_database(boss: User) -> Iterator[None]:
    """The database does not answer."""
    connection.close()
    name, port = connection.settings_dict["NAME"], connection.settings_dict["PORT"]
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = "/nowhere/db.sqlite3"
    else:
        connection.settings_dict["PORT"] = free_port()
    yield
    connection.close()
    connection.settings_dict |= {"NAME": name, "PORT": port}


@pytest.fixture
def full_redis(settings) -> Iterator[OwnRedis]:
    """A Redis that takes nothing any more."""
    server = OwnRedis("--maxmemory", "1", "--maxmemory-policy", "noeviction")
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{server.port}/1"}}
    yield server
    server.remove()


def test_without_the_database_pages_and_api_say_so(client: Client, script: Client, no_database: None) -> None:
    for path in [*PAGES, "/account/sign-in/"]:
        answer = client.get(path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5"), path
        assert faults.DATABASE in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
    for path in API:
        answer = script.get(path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5"), path
        assert answer.json() == {"error": "unavailable", "message": faults.DATABASE}
    answer = script.post("/api/enrichment/discover", DISCOVERY, content_type="application/json")
    assert answer.status_code == 503
    for path in ("/healthz", "/offline/"):
        assert Client().get(path).status_code == 200, path


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_under_the_database_is_said_and_nothing_is_half_written(script: Client, settings) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = settings.ENRICHMENT_LIMIT_DISCOVERIES = 1000
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")  # no pages are left over from earlier tests
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        else:
            cursor.execute(
                "CREATE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON crm_brand FOR EACH ROW EXECUTE FUNCTION pg_temp.full()"
            )
    try:
        body = {**DISCOVERY, "brandName": "Acme " + "x" * 100}
        answers = [
            script.post("/api/enrichment/discover", body | {"website": f"https://a{n}.example/"}, "application/json")
            for n in range(60 if connection.vendor == "sqlite" else 1)
        ]
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA max_page_count = 1000000000")
            else:
                cursor.execute("DROP TRIGGER full_disk ON crm_brand")
    taken = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(taken) + len(refused) == len(answers)
    assert refused
    assert {answer.json()["message"] for answer in refused} == {faults.DATABASE_FULL}
    assert EnrichmentJob.objects.count() == len(taken)
    assert script.post("/api/enrichment/discover", DISCOVERY, content_type="application/json").status_code == 200


def test_a_full_redis_refuses_what_must_be_counted_and_lets_the_rest_through(
    client: Client, script: Client, full_redis: OwnRedis
) -> None:
    answer = script.post("/api/enrichment/discover", DISCOVERY, content_type="application/json")
    assert (answer.status_code, answer.json()["message"]) == (503, faults.REDIS_FULL)
    assert not EnrichmentJob.objects.exists()
    for path in PAGES:
        assert client.get(path).status_code == 200, path
    for path in API:
        assert script.get(path).status_code == 200, path


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_from_other_errors(number: int) -> None:
    assert faults.sentence(OSError(number, "full")) == faults.DISK_FULL
    assert faults.sentence(OSError(errno.ENOENT, "missing")) is None


def test_a_value_that_no_key_reads_is_503_without_a_word_of_it(client: Client, script: Client, settings) -> None:
    contact = ContactFactory(evidence=[{"field": "name", "value": "Ada"}])
    settings.FIELD_ENCRYPTION_KEYS = ["b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItISE="]
    assert faults.KEYS in client.get(f"/contacts/{contact.pk}/").content.decode().replace("&#x27;", "'")
    assert script.get(f"/api/enrichment/contacts/{contact.pk}").json()["message"] == faults.KEYS


@pytest.mark.django_db
def test_a_broker_that_is_full_costs_a_wake_up_call_and_no_job(
    full_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.create(DiscoveryRequest("Acme"), enqueue=False)
    with Connection(full_redis.url) as broker, monkeypatch.context() as patched:
        patched.setattr(current_app.amqp, "_producer_pool", pools.producers[broker])
        assert jobs.wake(job.pk) is False
        assert jobs.sweep(patience=timedelta()).unannounced == 1
    pools.reset()
    assert EnrichmentJob.objects.get().status == JobStatus.PENDING
    assert jobs.sweep(patience=timedelta()).woken == 1


@pytest.mark.django_db
def test_a_job_held_by_a_clock_that_was_ahead_is_free_a_lease_after_the_clock_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "wake", lambda *_a, **_k: True)
    job, now = jobs.create(DiscoveryRequest("Acme")), timezone.now()
    with time_machine.travel(now + timedelta(days=400), tick=False):
        assert jobs.claim(job.pk)
    with time_machine.travel(now + timedelta(seconds=10), tick=False):
        jobs.sweep()
        assert jobs.claim(job.pk) is None, "its worker may be well"
    with time_machine.travel(now + jobs.lease() + timedelta(seconds=11), tick=False):
        assert jobs.sweep().woken == 1
        assert jobs.claim(job.pk)


@pytest.mark.django_db
def test_a_job_that_a_clock_put_off_for_a_year_is_woken_when_the_clock_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "wake", lambda *_a, **_k: True)
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=365), tick=False):
        waiting = jobs.create(DiscoveryRequest("Acme"))
        failed = jobs.create(DiscoveryRequest("Other"))
        held = jobs.claim(failed.pk)
        assert held
        jobs.fail(held, "The site does not answer.")
    with time_machine.travel(now, tick=False):
        assert jobs.sweep().woken == 2
        assert jobs.claim(waiting.pk)
        assert jobs.claim(failed.pk)


@pytest.mark.django_db
def test_what_is_counted_is_counted_by_day_and_label() -> None:
    counts.add(counts.LIMIT_HIT, "discoveries")
    counts.add(counts.LIMIT_HIT, "discoveries", 2)
    counts.add(counts.LIMIT_HIT, "addresses")
    assert counts.totals(counts.LIMIT_HIT) == {"discoveries": 3, "addresses": 1}


@pytest.mark.django_db
def test_without_dns_a_job_ends_with_a_sentence_and_nobody_is_called_undeliverable(
    settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns.Resolver.__init__, "__defaults__", ((), 0.1, 0.2))  # so long does the silence last
    settings.ENRICHMENT_DNS_SERVERS = [f"127.0.0.1:{free_port()}"]
    known = ContactFactory()
    job = jobs.create(DiscoveryRequest("Acme", website="https://acme.example/", domain="acme.example"), enqueue=False)
    pipeline.run(job.pk)
    job.refresh_from_db()
    assert job.status in {JobStatus.COMPLETED, JobStatus.RETRYING}
    assert job.diagnostics or job.error_message
    assert EnrichedContact.objects.get() == known


def test_behind_a_long_write_nobody_is_shown_people_without_an_entry_and_soon_told(
    client: Client, script: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ContactFactory()
    other = connection.copy()
    monkeypatch.setattr(patience, "READERS_SECONDS", 0.01)
    monkeypatch.setattr(api_tokens, "NOTE_SECONDS", 0.01)
    other.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with other.cursor() as cursor:
        cursor.execute("UPDATE auth_user SET first_name = 'Held'")
    expected = 503 if connection.vendor == "sqlite" else 200
    assert client.get("/contacts/").status_code == expected
    assert script.get("/api/enrichment/contacts").status_code == expected
    assert script.get("/api/enrichment/jobs").status_code == 200, "a token's use is no reason to refuse it"
    other.rollback()
    other.close()
    assert client.get("/contacts/").status_code == 200
