"""Health for load balancers and monitoring: `/healthz`, `/readyz`, `/metrics`.

None of them says more than it must: no addresses, no names of hosts, no error texts.
"""

import hmac
import ipaddress
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import uuid4

import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import generate_latest
from redis.exceptions import RedisError

from enrichment.metrics import EnrichmentCollector

READY_SECONDS = 2
WORKER_SECONDS = 0.8  # a worker that is well answers in milliseconds; to hang up may take kombu another second

# Headers that a proxy adds: behind one, the address of the connection is the proxy's and says nothing of the client.
PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")

log = structlog.get_logger(__name__)

# Checks of a server that hangs wait here, not in the web server's threads; further ones find no place and fail.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readyz")


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Live: this process answers. Looks at nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """Ready: database, cache, broker and a worker answer, each `ok`, `failed` or `timeout`, within 2 s; 200 or 503."""
    parts = {name: _threads.submit(check) for name, check in CHECKS.items()}
    wait(parts.values(), timeout=READY_SECONDS)
    answer = {}
    for name, future in parts.items():
        if future.done():
            answer[name] = future.result()
        else:
            future.cancel()
            answer[name] = "timeout"
    well = all(word == "ok" for word in answer.values())
    return JsonResponse({"status": "ok" if well else "failed", **answer}, status=200 if well else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for the bearer of `METRICS_TOKEN` and for `METRICS_ALLOWED_NETWORKS`."""
    if not _may_read_metrics(request):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", content_type="text/plain", status=403)
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(EnrichmentCollector())
    try:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError as error:
        log.warning("metrics: the database does not answer", error=type(error).__name__)
        return HttpResponse("The database does not answer.\n", content_type="text/plain", status=503)


def _may_read_metrics(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    if any(header in request.headers for header in PROXY_HEADERS):
        return False
    try:
        client = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    client = getattr(client, "ipv4_mapped", None) or client
    return any(client in ipaddress.ip_network(network, strict=False) for network in settings.METRICS_ALLOWED_NETWORKS)


def _check(look: Callable[[], bool], *errors: type[Exception]) -> str:
    try:
        return "ok" if look() else "failed"
    except errors as error:
        log.warning("not ready", check=look.__name__.strip("_"), error=type(error).__name__)
        return "failed"


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    finally:
        connection.close()  # this thread's own


def _cache() -> bool:
    key, value = f"readyz:{uuid4()}", uuid4().hex
    cache.set(key, value, timeout=10)
    return bool(cache.get(key) == value)


def _broker() -> bool:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=READY_SECONDS)
        return bool(broker.connected)


def _worker() -> bool:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=READY_SECONDS)
        return bool(
            current_app.control.broadcast("ping", connection=broker, reply=True, limit=1, timeout=WORKER_SECONDS)
        )


CHECKS: dict[str, Callable[[], str]] = {
    "database": lambda: _check(_database, DatabaseError),
    "cache": lambda: _check(_cache, RedisError, OSError),
    "broker": lambda: _check(_broker, BrokerError, RedisError, OSError),
    "worker": lambda: _check(_worker, BrokerError, RedisError, OSError),
}
