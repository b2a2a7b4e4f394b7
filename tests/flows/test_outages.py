"""PostgreSQL and Redis die and come back under 200 requests and 20 jobs: nothing is lost, nothing doubled.

Both are servers of the test's own, with a web server, workers and a scheduler of their own.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from tests.kit.company import PAGES
from tests.kit.dns import DnsServer
from tests.kit.own_servers import OwnPostgres, OwnRedis, free_port
from tests.kit.web import WebServer

JOBS, REQUESTS = 20, 200
DOWN_SECONDS = 1.5  # long enough for requests to meet it
PATIENCE = 90.0
HOSTS = [f"www.company-{number}.example" for number in range(JOBS)]
PREPARE = """
import django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from core import api_tokens
call_command("migrate", verbosity=0)
boss = User.objects.create_superuser("boss")
print(api_tokens.create(boss, "outage")[1])
"""


class Product:
    """The product's processes against servers that can be killed."""

    def __init__(self, stack: ExitStack, var_dir: Path) -> None:
        self.postgres, self.redis = OwnPostgres(), OwnRedis()
        stack.callback(self.postgres.remove)
        stack.callback(self.redis.remove)
        web = stack.enter_context(WebServer(dict.fromkeys(HOSTS, PAGES)))
        zone: dict[str, dict[str, list[str]]] = {host: {"A": ["192.0.2.10"]} for host in HOSTS}
        zone |= {host.removeprefix("www."): {"MX": ["10 mx.kestrel.example"]} for host in HOSTS}
        dns = stack.enter_context(DnsServer({**zone, "mx.kestrel.example": {"A": ["192.0.2.25"]}}))
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {
            **os.environ,
            "VAR_DIR": str(var_dir),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "PORT": self.url.rpartition(":")[2],
            "DJANGO_SETTINGS_MODULE": "enrichment_project.settings",
            "ENRICHMENT_DNS_SERVERS": dns.address,
            "ENRICHMENT_HTTP_HOSTS_OVERRIDE": ",".join(f"{host}={web.address}" for host in HOSTS),
            "ENRICHMENT_HTTP_HOST_DELAY_SECONDS": "0",
            "ENRICHMENT_JOB_LEASE_SECONDS": "3",
            "ENRICHMENT_LIMIT_PARALLEL_JOBS": "100",
            "API_RATE": "",
        }
        self.token = self._python("-c", PREPARE)
        celery = ["-m", "celery", "-A", "enrichment_project", "worker", "-B", "-s", str(var_dir / "beat")]
        self._start(stack, var_dir, *celery, "--concurrency=2", "--without-gossip", "--without-mingle")
        self._start(stack, var_dir, "-m", "enrichment_project.web")
        self.until(lambda: self.ready().status_code == 200, "it does not get ready")

    def _python(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _start(self, stack: ExitStack, var_dir: Path, *arguments: str) -> None:
        with (var_dir / f"log-{len(list(var_dir.iterdir()))}").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        stack.callback(process.wait)
        stack.callback(os.killpg, process.pid, 9)

    def ready(self) -> requests.Response:
        try:
            return requests.get(f"{self.url}/readyz", timeout=10)
        except requests.ConnectionError:
            answer = requests.Response()
            answer.status_code = 0
            return answer

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        return requests.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=30)

    def until(self, look: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not look():
            assert time.monotonic() < deadline, what
            time.sleep(0.1)


@pytest.fixture
def product(short_dir: Path) -> Iterator[Product]:
    with ExitStack() as stack:
        yield Product(stack, short_dir)


@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled(product: Product) -> None:
    answers: list[requests.Response] = []

    def ask(number: int) -> None:
        """Ask for something; for a discovery, until it is taken."""
        if number % (REQUESTS // JOBS):
            paths = ("/api/enrichment/contacts", "/api/enrichment/jobs", "/account/sign-in/", "/api/enrichment/stats")
            answers.append(product.ask("GET", paths[number % len(paths)]))
            return
        job = number // (REQUESTS // JOBS)
        wanted = {"brandName": f"Company {job}", "website": f"https://{HOSTS[job]}/"}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = product.ask("POST", "/api/enrichment/discover", wanted, **{"Idempotency-Key": f"job-{job}"})
            answers.append(answer)
            if answer.status_code == 200:
                return
            time.sleep(0.3)

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, number) for number in range(REQUESTS)]
        for server, name, after in ((product.postgres, "database", 40), (product.redis, "broker", 120)):
            product.until(lambda after=after: sum(one.done() for one in asked) >= after, "requests hang")
            server.kill()
            time.sleep(DOWN_SECONDS)
            told = product.ready()
            assert (told.status_code, told.json()[name]) == (503, "failed"), told.text
            server.start()
        for one in asked:
            one.result()

    unavailable = [answer for answer in answers if answer.status_code == 503]
    assert unavailable, "no request met an outage"
    assert {answer.status_code for answer in answers} <= {200, 503}, Counter(one.status_code for one in answers)
    for answer in unavailable:
        assert answer.headers["Retry-After"] == "5"
        if answer.headers["Content-Type"].startswith("application/json"):
            assert answer.json()["error"] == "unavailable"
        assert "does not answer. Try again in a moment." in answer.text

    def jobs() -> list[dict[str, Any]]:
        return product.ask("GET", "/api/enrichment/jobs?limit=100").json()["jobs"]

    product.until(lambda: all(job["status"] in {"completed", "failed"} for job in jobs()), f"unfinished: {jobs()}")
    ended = jobs()
    assert Counter(job["brandName"] for job in ended) == {f"Company {number}": 1 for number in range(JOBS)}
    assert {job["status"] for job in ended} == {"completed"}, json.dumps(ended, indent=1)
    contacts = product.ask("GET", "/api/enrichment/contacts?limit=100").json()
    people = Counter((one["company"], one["firstName"], one["lastName"]) for one in contacts["contacts"])
    assert len(people) == 4 * JOBS == contacts["pagination"]["total"]
    assert max(people.values()) == 1
    product.until(lambda: product.ready().status_code == 200, "it does not get ready again")
