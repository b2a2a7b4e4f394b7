"""How this installation fetches: the settings of outward web requests, read and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.guard import Allowed
from core.hosts import parse_endpoint
from core.http_address import parse
from core.http_errors import FetchError


@dataclass(frozen=True, slots=True)
class Config:
    """How to fetch. `timeout`: seconds for a whole request with its look-ups and redirects, without the
    pauses that politeness asks for. `max_bytes`: of a body, compressed and decompressed. `host_delay`:
    seconds between request starts at one host. `overrides`: host name, as host_name() gives it, to the
    address and port that answer for it in clear HTTP. `ca_file`: authorities (PEM) in place of certifi's.
    """

    user_agent: str
    timeout: float = 15.0
    max_bytes: int = 5_000_000
    max_redirects: int = 10
    host_delay: float = 0.2
    overrides: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    allowed: Allowed = field(default_factory=Allowed)
    ca_file: str | None = None


def config_from_settings() -> Config:
    """Return this installation's configuration. Raises ImproperlyConfigured with a sentence naming the variable."""
    try:
        allowed = Allowed.parse(settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"ENRICHMENT_ALLOWED_PRIVATE_HOSTS: {error} Write names, addresses or networks, separated by "
            "commas: searxng.internal,10.1.2.3,192.168.0.0/24."
        ) from None
    for name in ("TIMEOUT_SECONDS", "MAX_BYTES"):
        if getattr(settings, f"ENRICHMENT_HTTP_{name}") <= 0:
            raise ImproperlyConfigured(f"ENRICHMENT_HTTP_{name} must be more than 0.")
    if settings.ENRICHMENT_HTTP_HOST_DELAY_SECONDS < 0:
        raise ImproperlyConfigured("ENRICHMENT_HTTP_HOST_DELAY_SECONDS must be 0 or more.")
    if not re.fullmatch(r"[\x20-\x7e]+", settings.ENRICHMENT_USER_AGENT.strip()):
        raise ImproperlyConfigured("ENRICHMENT_USER_AGENT must be printable ASCII, and not empty.")
    return Config(
        user_agent=settings.ENRICHMENT_USER_AGENT.strip(),
        timeout=settings.ENRICHMENT_HTTP_TIMEOUT_SECONDS,
        max_bytes=settings.ENRICHMENT_HTTP_MAX_BYTES,
        host_delay=settings.ENRICHMENT_HTTP_HOST_DELAY_SECONDS,
        overrides=dict(_override(entry.strip()) for entry in settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE if entry.strip()),
        allowed=allowed,
    )


def _override(entry: str) -> tuple[str, tuple[str, int]]:
    host, equals, endpoint = entry.partition("=")
    try:
        if not equals or not re.search(r":\d+$", endpoint):
            raise ValueError(entry)
        ip, port = parse_endpoint(endpoint.strip())
        return parse(f"http://{host.strip()}/").host, (str(ip), port)
    except (ValueError, FetchError):
        raise ImproperlyConfigured(
            f"ENRICHMENT_HTTP_HOSTS_OVERRIDE: {entry!r} is not host=address:port. Write for instance "
            "example.com=127.0.0.1:9001,example.org=[::1]:9001."
        ) from None
