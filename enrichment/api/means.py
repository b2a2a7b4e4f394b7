"""By which means a request has addresses proved: mail servers and providers, where they are to be had."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from rest_framework import exceptions, status

from core.refusals import InputError
from enrichment import providers
from enrichment.api.waiting import long_place
from enrichment.verifying import Means

SECONDS = 50.0  # for all mail servers together: a request must not take minutes

SMTP_OFF = (
    "Mail servers are not asked by this installation: set ENRICHMENT_SMTP_PROBE=true where port 25 is open "
    "(docs/configuration.md), or leave smtp out."
)
NO_PROVIDER = (
    "No provider is configured: set a key or an address, such as HUNTER_API_KEY (docs/configuration.md), or leave "
    "providers out."
)


class Busy(exceptions.APIException):
    """503: too many requests that take long are under way."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = (
        "Too many requests that ask mail servers or providers are under way. Try again in half a minute, or have a job "
        "do it: POST email-verifier."
    )
    wait = 30.0  # seconds, for Retry-After


@contextmanager
def place_for(means: Means) -> Iterator[None]:
    """Hold a place for a request that asks others. Raises Busy when there is none."""
    if not asks_others(means):
        yield
        return
    with long_place() as held:
        if not held:
            raise Busy
        yield


def asks_others(means: Means) -> bool:
    """Whether an answer may take long."""
    return means.smtp or means.providers


def means(asked: Mapping[str, Any]) -> Means:
    """Return the means of a body's `smtp`, `providers` and `fresh`, each of which may be missing.

    Providers cost money, so they are asked only for whom it says so. Raises InputError for what is not to be had.
    """
    smtp = asked.get("smtp", settings.ENRICHMENT_SMTP_PROBE)
    if smtp and not settings.ENRICHMENT_SMTP_PROBE:
        raise InputError("smtp_probe_off", SMTP_OFF)
    wants_providers = asked.get("providers", False)
    if wants_providers and not providers.from_settings():
        raise InputError("no_provider", NO_PROVIDER)
    return Means(smtp=smtp, providers=wants_providers, fresh=asked.get("fresh", False))
