"""System checks: `manage.py check`, and every start, says in a sentence what is wrong in the configuration.

They read settings only; whether servers answer is /readyz' business.
"""

import ipaddress
import re
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

TAG = "configuration"
DEFAULT_USER_AGENT_MARK = "set ENRICHMENT_USER_AGENT"


def configuration(**_kwargs: Any) -> list[CheckMessage]:
    """Return an error for each setting that cannot work, and a warning for one that works badly."""
    return [message for check in CHECKS for message in check()]


def _secrets() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for number, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            found.append(
                _error(
                    1,
                    f"FIELD_ENCRYPTION_KEYS: key {number} is not 32 bytes in urlsafe base64.",
                    "Make one as docs/configuration.md shows; separate several by commas, the newest first.",
                )
            )
    if not settings.FIELD_ENCRYPTION_KEYS:
        found.append(_error(1, "FIELD_ENCRYPTION_KEYS holds no key.", "Make one as docs/configuration.md shows."))
    if len(set(settings.FIELD_ENCRYPTION_KEYS)) < len(settings.FIELD_ENCRYPTION_KEYS):
        found.append(_error(1, "FIELD_ENCRYPTION_KEYS names a key twice.", "Remove one of the two."))
    if settings.BLIND_INDEX_KEY in {settings.SECRET_KEY, *settings.FIELD_ENCRYPTION_KEYS}:
        found.append(
            _error(2, "BLIND_INDEX_KEY repeats another key.", "Give it a value of its own: it outlives the others.")
        )
    return found


def _sources() -> list[CheckMessage]:
    from enrichment import sources

    return _refusal(3, sources.from_settings, "ENRICHMENT_SOURCES: ")


def _providers() -> list[CheckMessage]:
    from enrichment import provider_budget, providers

    return [
        *_refusal(11, providers.from_settings, "ENRICHMENT_PROVIDERS: "),
        *_refusal(12, provider_budget.limits),
    ]


def _regions() -> list[CheckMessage]:
    from enrichment.intake import clean_region

    codes = settings.ENRICHMENT_RESTRICTED_REGIONS
    return _refusal(10, lambda: [clean_region(code) for code in codes], f"ENRICHMENT_RESTRICTED_REGIONS ({codes}): ")


def _outward_traffic() -> list[CheckMessage]:
    from core import dns, http

    return [*_refusal(4, dns.from_settings), *_refusal(5, http.config_from_settings)]


def _logging() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.LOG_FORMAT not in {"console", "json"}:
        found.append(_error(6, f"LOG_FORMAT is {settings.LOG_FORMAT!r}.", "Use console or json."))
    return found


def _metrics() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for network in settings.METRICS_ALLOWED_NETWORKS:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            found.append(
                _error(7, f"METRICS_ALLOWED_NETWORKS: {network!r} is no network.", "Write 10.0.0.0/8 or fd00::/8.")
            )
    return found


def _numbers() -> list[CheckMessage]:
    found: list[CheckMessage] = [
        _error(8, f"{name} is {value}.", "It must be 1 or more.")
        for name, value in [
            ("WEB_WORKERS", settings.WEB_WORKERS),
            ("WEB_THREADS", settings.WEB_THREADS),
            ("WORKER_PROCESSES", settings.WORKER_PROCESSES),
            ("ENRICHMENT_JOB_LEASE_SECONDS", settings.ENRICHMENT_JOB_LEASE_SECONDS),
            ("ENRICHMENT_JOB_TIME_LIMIT_SECONDS", settings.JOB_TIME_LIMIT_SECONDS),
            ("ENRICHMENT_RETENTION_DAYS", settings.ENRICHMENT_RETENTION_DAYS),
            ("ENRICHMENT_JOBS_KEPT_DAYS", settings.ENRICHMENT_JOBS_KEPT_DAYS),
            ("OUTREACH_KEPT_DAYS", settings.OUTREACH_KEPT_DAYS),
            ("ENRICHMENT_REVERIFY_DAYS", settings.ENRICHMENT_REVERIFY_DAYS),
            ("ENRICHMENT_SMTP_TIMEOUT_SECONDS", settings.ENRICHMENT_SMTP_TIMEOUT_SECONDS),
            ("ENRICHMENT_LIMIT_DISCOVERIES", settings.ENRICHMENT_LIMIT_DISCOVERIES),
            ("ENRICHMENT_LIMIT_EMAILS", settings.ENRICHMENT_LIMIT_EMAILS),
            ("ENRICHMENT_LIMIT_PARALLEL_JOBS", settings.ENRICHMENT_LIMIT_PARALLEL_JOBS),
            ("ENRICHMENT_LIMIT_BRAND_JOBS", settings.ENRICHMENT_LIMIT_BRAND_JOBS),
            ("OUTREACH_TASK_DAYS", settings.OUTREACH_TASK_DAYS),
        ]
        if value < 1
    ]
    if not 1 <= settings.PORT <= 65535:
        found.append(_error(9, f"PORT is {settings.PORT}.", "Ports go from 1 to 65535."))
    return found


def _probe() -> list[CheckMessage]:
    return [
        _error(13, f"{name} is {value!r}.", "It goes into a line of SMTP: no white space, no < or >.")
        for name, value in [
            ("ENRICHMENT_SMTP_HELO", settings.ENRICHMENT_SMTP_HELO),
            ("ENRICHMENT_SMTP_FROM", settings.ENRICHMENT_SMTP_FROM),
        ]
        if re.search(r"[\s<>]", value)
    ]


def _hours() -> list[CheckMessage]:
    from outreach import hours

    return _refusal(14, lambda: hours.hours_of(None))


def _sending() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.OUTREACH_SEND_ENABLED and not (settings.EMAIL_URL or settings.ANYMAIL_ESP):
        sentence = "OUTREACH_SEND_ENABLED is true, but there is no way to send."
        found.append(_error(15, sentence, "Set EMAIL_URL to a mail server, or ANYMAIL_ESP to a mail service."))
    if not 0 <= settings.OUTREACH_MIN_PROBABILITY <= 1:
        sentence = f"OUTREACH_MIN_PROBABILITY is {settings.OUTREACH_MIN_PROBABILITY}."
        found.append(_error(16, sentence, "Probabilities go from 0 to 1, such as 0.8."))
    return found


def _sender() -> list[CheckMessage]:
    from crm.contacts import clean_email

    written = settings.OUTREACH_FROM.strip()
    return _refusal(17, lambda: written and clean_email(parseaddr(written)[1]), f"OUTREACH_FROM is {written!r}: ")


def _public_url() -> list[CheckMessage]:
    url = settings.OUTREACH_PUBLIC_URL
    if not url:
        return []
    try:
        parts = urlsplit(url)
        scheme, host, _ = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host = "", None
    if scheme not in {"http", "https"} or not host:
        hint = "Write where recipients reach this server, such as https://outreach.acme.example."
        return [_error(18, f"OUTREACH_PUBLIC_URL is no address of the web: {url!r}.", hint)]
    if scheme == "http" and not _is_this_machine(host):
        hint = "Mail programs offer to unsubscribe with one click over https:// only."
        return [Warning("OUTREACH_PUBLIC_URL does not begin with https://.", hint=hint, id="enrichment.W002")]
    return []


def _is_this_machine(host: str) -> bool:
    from core.hosts import is_localhost

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return is_localhost(host)


def _incoming() -> list[CheckMessage]:
    from outreach import mailbox_url

    try:
        if settings.OUTREACH_IMAP_URL:
            mailbox_url.read(settings.OUTREACH_IMAP_URL)
    except mailbox_url.Refused as error:  # a sentence without the password
        return [_error(19, str(error), "docs/configuration.md shows the form.")]
    return []


def _user_agent(**_kwargs: Any) -> list[CheckMessage]:
    """Warn (with --deploy) that the sites visited cannot tell who visits them."""
    if DEFAULT_USER_AGENT_MARK not in settings.ENRICHMENT_USER_AGENT:
        return []
    hint = "Name your product and a page or address where a site's owner can reach you."
    return [Warning("ENRICHMENT_USER_AGENT is not set.", hint=hint, id="enrichment.W001")]


CHECKS: list[Callable[[], list[CheckMessage]]] = [
    _secrets,
    _sources,
    _providers,
    _regions,
    _outward_traffic,
    _logging,
    _metrics,
    _numbers,
    _probe,
    _hours,
    _sending,
    _sender,
    _public_url,
    _incoming,
]


def _error(number: int, sentence: str, hint: str) -> Error:
    return Error(sentence, hint=hint, id=f"enrichment.E{number:03}")


def _refusal(number: int, read: Callable[[], object], prefix: str = "") -> list[CheckMessage]:
    """Return the sentence with which `read` refuses a setting, if it does."""
    try:
        read()
    except (ImproperlyConfigured, ValueError) as error:
        return [_error(number, f"{prefix}{error}", "docs/configuration.md shows the form.")]
    return []


register(configuration, TAG)
register(_user_agent, TAG, deploy=True)
