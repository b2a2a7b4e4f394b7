"""Many addresses in one job, by worker processes, one of which is killed in the middle."""

import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from enrichment import jobs
from enrichment.models import EnrichmentJob, ItemState
from tests.kit.dns import DnsServer, Records
from tests.kit.processes import StartWorker

MAIL = {"MX": ["10 mx.acme.example"]}
SLOW = 150  # the item at whose domain the name server can be held up


class Gate:
    """A zone in which every domain has mail; it says nothing about the slow one until `opened`."""

    def __init__(self) -> None:
        self.opened, self.reached = Event(), Event()

    def __call__(self, name: str) -> Records:
        if name == "slow.example":
            self.reached.set()
            self.opened.wait(60)
        return {"A": ["192.0.2.1"]} if name.startswith("mx.") else MAIL


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


@pytest.fixture
def start(gate: Gate, start_worker: StartWorker, settings) -> Iterator[StartWorker]:
    """A function that starts a worker which asks our name server, and lives on short leases."""
    settings.ENRICHMENT_JOB_LEASE_SECONDS = 2
    with DnsServer(gate) as server:
        yield lambda: start_worker(ENRICHMENT_DNS_SERVERS=server.address, ENRICHMENT_JOB_LEASE_SECONDS="2")
        gate.opened.set()


def make(number: int) -> EnrichmentJob:
    domains = {SLOW: "slow.example"}
    addresses = [f"ada{n}@{domains.get(n, 'acme.example')}" for n in range(number)]
    return jobs.create_email_enrichment(addresses=addresses, smtp=False, providers=False)


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def completed(job: EnrichmentJob) -> bool:
    job.refresh_from_db()
    jobs.sweep()
    return job.status == "completed"


def emails(job: EnrichmentJob) -> list[str]:
    return [item.result["email"] for item in job.items.filter(state=ItemState.DONE)]


def test_a_job_of_many_addresses_is_done_in_batches(gate: Gate, start: StartWorker) -> None:
    gate.opened.set()
    worker = start()
    job = make(250)
    until(lambda: completed(job), "the job completes")
    assert (job.items_processed, job.contacts_enriched, job.retry_count) == (250, 250, 0)
    assert emails(job) == [item.email for item in job.items.all()]
    said = [line.partition("Verified ")[2] for line in worker.log.read_text().splitlines() if "Verified " in line]
    assert [text.split()[:3] for text in said] == [[str(n), "of", "250"] for n in (100, 200, 250)]


def test_a_worker_killed_in_the_middle_costs_a_batch_and_does_nothing_twice(gate: Gate, start: StartWorker) -> None:
    worker = start()
    job = make(250)
    assert gate.reached.wait(60), "the worker is in its second batch"
    worker.kill()
    job.refresh_from_db()
    assert (job.status, job.items_processed) == ("processing", 100)
    before = {item.pk: item.result for item in job.items.filter(state=ItemState.DONE)}
    gate.opened.set()
    start()
    until(lambda: completed(job), "another worker completes the job")
    after = {item.pk: item.result for item in job.items.all()}
    assert (len(before), job.items_processed, len(emails(job))) == (100, 250, 250)
    assert before == {key: after[key] for key in before}
