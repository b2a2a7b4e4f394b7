"""To whom data goes with this configuration: each outside service, where it is asked, and where it sits.

Hosts only: never a key, a user or a password. Read by the register of processing (register.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from core import whereabouts
from core.hosts import parse_endpoint
from core.whereabouts import Seat
from enrichment import providers, sources
from enrichment.discovery import linkedin
from enrichment.discovery.public_index import companies_house, sec_service, wikidata_api
from enrichment.discovery.public_index.registers import ares, brreg, recherche_entreprises, rpo
from enrichment.discovery.search_engines import brave, google, serpapi
from enrichment.emails.providers import clearbit, hunter, snov
from outreach import mailbox_url

# What each is used for: the names of activities in register.py.
DISCOVERY, VERIFICATION, OUTREACH, OPERATION = "discovery", "verification", "outreach", "operation"

HOSTS = {
    "brave": brave.BASE_URL,
    "google_pse": google.BASE_URL,
    "serpapi": serpapi.BASE_URL,
    "linkedin": linkedin.BASE_URL,
    "brreg": brreg.BASE_URL,
    "recherche_entreprises": recherche_entreprises.BASE_URL,
    "ares": ares.BASE_URL,
    "rpo": rpo.BASE_URL,
    "companies_house": companies_house.BASE_URL,
    "wikidata": wikidata_api.BASE_URL,
    "sec_edgar": sec_service.BASE_URL,
    "hunter": hunter.BASE_URL,
    "snov": snov.BASE_URL,
    "clearbit": clearbit.PERSON_URL,
}
OWN_SITES = ("website", "press")
SEARCHED = "The company's name and domain, titles of roles and, to confirm a person, their name."
ASKED = "The company's name, domain or number in the register."
GIVEN = {
    "searxng": SEARCHED,
    "brave": SEARCHED,
    "google_pse": SEARCHED,
    "serpapi": SEARCHED,
    "linkedin": "The address of the company's page; no person.",
    "hunter": "Names with the company's domain, addresses to verify, domains.",
    "snov": "Names with the company's domain, addresses to verify, domains.",
    "reacher": "Addresses to verify.",
    "clearbit": "Names with the company's domain.",
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One that data goes to, or is asked of: what `for_` (an activity), under which `host`, and what it is `given`."""

    name: str
    for_: str
    host: str
    given: str
    seat: Seat

    @property
    def transfer(self) -> str:
        return whereabouts.transfer(self.seat)


def all_of_them() -> list[Recipient]:
    """Return whom this configuration turns on, in the order of activities."""
    return [*_sources(), *_providers(), *_mail_servers(), *_mail(), *_operation()]


def host_of(url: str) -> str:
    """Return the host in a URL, without user, password, port and path; "" where there is none."""
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def _sources() -> Iterator[Recipient]:
    for standing in sources.standings():
        if not standing.runs:
            continue
        if standing.name in OWN_SITES:
            asked = "Nothing but the request for a page."
            yield Recipient(standing.title, DISCOVERY, "the companies' own", asked, whereabouts.EACH_COMPANY)
            continue
        yield _service(standing.name, standing.title, DISCOVERY, settings.ENRICHMENT_SERVICES)


def _providers() -> Iterator[Recipient]:
    try:
        asked = providers.from_settings()
    except ValueError:  # a name that is not known: `manage.py check` says so, and none is asked
        return
    for provider in asked:
        yield _service(provider.name, provider.title, VERIFICATION, settings.ENRICHMENT_PROVIDER_ACCESS)


def _service(name: str, title: str, for_: str, access: dict[str, dict[str, str]]) -> Recipient:
    """Return a service; at another address than its own it is somebody else's, of whom nothing is known."""
    usual, given = HOSTS.get(name, ""), access.get(name, {}).get("base_url", "")
    host = host_of(given or usual)
    seat = whereabouts.SERVICES.get(name, whereabouts.UNKNOWN) if host == host_of(usual) else whereabouts.UNKNOWN
    return Recipient(title, for_, host, GIVEN.get(name, ASKED), seat)


def _mail_servers() -> Iterator[Recipient]:
    if settings.ENRICHMENT_SMTP_PROBE:
        name, host = "Mail servers, asked about mailboxes", "those of the companies' domains"
        yield Recipient(name, VERIFICATION, host, "The address to verify.", whereabouts.EACH_COMPANY)
    hosts = ", ".join(_dns_servers()) or "those of this machine's network"
    yield Recipient("DNS servers", VERIFICATION, hosts, "Domains of companies; no person.", whereabouts.UNKNOWN)


def _dns_servers() -> Iterator[str]:
    for server in settings.ENRICHMENT_DNS_SERVERS:
        try:
            yield str(parse_endpoint(server.strip())[0])
        except ValueError:
            continue  # manage.py check says so


def _mail() -> Iterator[Recipient]:
    sent = "Name, address, text of the message."
    if settings.ANYMAIL_ESP:
        name = settings.ANYMAIL_ESP
        own = settings.ANYMAIL.get(f"{name.upper()}_API_URL")
        seat = whereabouts.UNKNOWN if own else whereabouts.mail_service(name)
        yield Recipient(f"Mail service {name}", OUTREACH, host_of(str(own)) if own else "its own", sent, seat)
    elif host := host_of(settings.EMAIL_URL):
        yield Recipient("Mail server that sends", OUTREACH, host, sent, whereabouts.UNKNOWN)
    if settings.OUTREACH_IMAP_URL:
        try:
            host = mailbox_url.read(settings.OUTREACH_IMAP_URL).host
        except mailbox_url.Refused:
            host = "not readable: see manage.py check"
        read = "It holds the answers and bounces that are read."
        yield Recipient("Mailbox that is read", OUTREACH, host, read, whereabouts.UNKNOWN)


def _operation() -> Iterator[Recipient]:
    here = whereabouts.HERE
    host = str(connection.settings_dict.get("HOST") or "")
    local = not host or host.startswith("/") or host in ("localhost", "127.0.0.1", "::1")
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite, a file"
    place = "this machine" if local else host
    everything = "Everything; e-mail addresses, profiles, evidence and texts encrypted."
    yield Recipient(f"Database ({name})", OPERATION, place, everything, here if local else whereabouts.UNKNOWN)
    host = host_of(settings.REDIS_URL) if settings.REDIS_URL else ""
    local = not host or host in ("localhost", "127.0.0.1", "::1")
    place = "this machine" if local else host
    queue = "Ids of jobs, counters; no names or addresses."
    yield Recipient(
        "Queue and cache (Redis or Valkey)", OPERATION, place, queue, here if local else whereabouts.UNKNOWN
    )
