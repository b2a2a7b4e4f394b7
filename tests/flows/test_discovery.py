"""The main job from outside: over HTTP, by a worker process, on whichever database and Redis the run uses."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from enrichment import jobs
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob
from tests.kit.company import TEAM, WEBSITE, Company, company
from tests.kit.processes import StartWorker, Worker
from tests.kit.web import Page, Request

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(live_server) -> Call:
    """A script's view of the API: method, path and body in, status and JSON out."""
    get_user_model().objects.create_user("boss", password="correct horse battery", is_staff=True)
    token = ""

    def call(method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(f"{live_server.url}/api/{path}", method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in headers.items():
            request.add_header(name, value)
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=70) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    status, pair = call("POST", "auth/token", {"username": "boss", "password": "correct horse battery"})
    assert status == 200
    token = pair["access"]
    return call


@pytest.fixture
def kestrel():
    with company() as running:
        yield running


def until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def test_a_brand_goes_in_and_people_with_addresses_come_out(
    call: Call, start_worker: StartWorker, kestrel: Company
) -> None:
    start_worker(**kestrel.settings)
    wanted = {"brandName": "Kestrel Kites", "website": WEBSITE, "region": "GB"}
    status, answer = call("POST", "enrichment/discover", wanted, Prefer="wait=30")
    assert status == 200
    job = answer["job"]
    assert (job["status"], job["contactsDiscovered"], job["contactsEnriched"]) == ("completed", 4, 4), job
    assert answer["message"] == "Discovery started for Kestrel Kites. 4 contacts found."
    people = {f"{person['firstName']} {person['lastName']}": person for person in job["contacts"]}
    assert {name: person["jobTitle"] for name, person in people.items()} == {
        "Marta Lindqvist": "Chief Executive Officer",
        "Jonas Okafor": "Head of Marketing",
        "Zoë Brandt": "VP Sales",
        "Pavel Novak": "Software Engineer",
    }
    assert [person["decisionMaker"] for person in job["contacts"]] == [True, True, True, False], "deciders first"

    marta = people["Marta Lindqvist"]
    assert marta["emails"][0]["email"] == "marta.lindqvist@kestrel.example"
    assert marta["emails"][0]["verificationMethod"] == "published"
    assert marta["verifiedAt"]
    assert people["Jonas Okafor"]["linkedInUrl"] == "https://www.linkedin.com/in/jonas-okafor-0001"

    zoe = people["Zoë Brandt"]
    best = zoe["emails"][0]
    assert best["email"] == "zoe.brandt@kestrel.example"
    assert best["verificationMethod"] == "pattern", "two colleagues show how addresses are formed here"
    assert best["verificationScore"] == sum(row["points"] for row in best["scoreBreakdown"]) == 100
    assert 0.5 < best["probability"] < 0.9
    assert zoe["verifiedAt"] is None
    assert len(zoe["emails"]) == 3
    assert {item["field"] for item in zoe["evidence"]} >= {"name", "title"}
    assert all(item["url"] == f"{WEBSITE}team" and item["snippet"] for item in zoe["evidence"])

    assert call("GET", f"enrichment/jobs/{job['jobId']}")[1]["job"] == job
    listed = call("GET", f"enrichment/contacts?brandId={job['brandId']}&limit=2")[1]
    assert (len(listed["contacts"]), listed["pagination"]["total"]) == (2, 4)
    contact = call("GET", f"enrichment/contacts/{zoe['id']}")[1]["contact"]
    assert contact["activity"][0]["label"] == "Discovered via website"
    assert call("DELETE", f"enrichment/contacts/{zoe['id']}")[0] == 200
    assert call("GET", f"enrichment/contacts/{zoe['id']}")[0] == 404


def test_a_second_discovery_updates_and_never_doubles(call: Call, start_worker: StartWorker, kestrel: Company) -> None:
    start_worker(**kestrel.settings)
    wanted = {"brandName": "Kestrel Kites", "website": WEBSITE}
    first = call("POST", "enrichment/discover", wanted, Prefer="wait=30")[1]["job"]
    kestrel.web.sites["www.kestrel.example"]["/team"] = TEAM.replace("VP Sales", "Chief Revenue Officer")
    second = call("POST", "enrichment/discover", wanted, Prefer="wait=30")[1]["job"]
    assert {person["id"] for person in first["contacts"]} == {person["id"] for person in second["contacts"]}
    assert EnrichedContact.objects.count() == 4
    assert "Chief Revenue Officer" in {person["jobTitle"] for person in second["contacts"]}
    addresses = [email.email for email in ContactEmail.objects.all()]
    assert len(addresses) == len(set(addresses))


class Gate:
    """The team page, which does not answer its first visitor until `opened`."""

    def __init__(self) -> None:
        self.opened, self.visits = Event(), 0

    def __call__(self, _request: Request) -> Page:
        self.visits += 1
        if self.visits == 1:
            self.opened.wait(60)
        return Page(TEAM)


@pytest.fixture
def stuck(start_worker: StartWorker, transactional_db, settings):
    """A worker in the middle of a job: the job, the worker, the gate it waits at, and how to start another one."""
    settings.ENRICHMENT_JOB_LEASE_SECONDS = 2
    gate = Gate()
    with company({"/team": gate}) as running:
        changes = {**running.settings, "ENRICHMENT_JOB_LEASE_SECONDS": "2"}
        worker = start_worker(**changes)
        from enrichment.intake import discovery_request

        job = jobs.create(discovery_request("Kestrel Kites", WEBSITE))
        until(lambda: gate.visits, "the worker asks for the team page")
        yield job, worker, gate, lambda: start_worker(**changes)
        gate.opened.set()


def completed(job: EnrichmentJob) -> bool:
    job.refresh_from_db()
    if job.status == "processing":
        jobs.sweep()
    return job.status == "completed"


def test_a_worker_killed_in_the_middle_costs_a_lease_and_doubles_nothing(stuck) -> None:
    job, worker, _, start_another = stuck
    worker.kill()
    start_another()
    until(lambda: completed(job), "another worker completes the job")
    assert (job.retry_count, job.contacts_discovered, EnrichedContact.objects.count()) == (1, 4, 4)


def test_a_worker_that_was_away_past_its_lease_writes_nothing(stuck) -> None:
    job, worker, gate, start_another = stuck
    _signal(worker, signal.SIGSTOP)
    start_another()
    until(lambda: completed(job), "another worker completes the job")
    EnrichedContact.objects.all().delete()
    gate.opened.set()
    _signal(worker, signal.SIGCONT)
    until(lambda: "no longer this worker's" in worker.log.read_text(), "the late worker notices")
    assert not EnrichedContact.objects.exists()
    job.refresh_from_db()
    assert (job.status, job.contacts_discovered) == ("completed", 4)


def _signal(worker: Worker, number: signal.Signals) -> None:
    os.killpg(worker.process.pid, number)
