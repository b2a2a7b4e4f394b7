"""Whether a claim still stands on its page."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from core.refusals import InputError
from enrichment import evidence_checks, store
from enrichment.api.serializers.contacts import EvidenceEntry
from enrichment.discovery.base import Evidence
from enrichment.models import EnrichedContact
from tests.factories import ContactFactory
from tests.kit.web import Content, Page, Raw, WebServer, redirect

pytestmark = pytest.mark.django_db

HOST, ELSEWHERE = "acme.example", "news.example"
URL = f"http://{HOST}/team"
FILLER = "<p>We make instruments that measure rivers, lakes and the sea, and have done so for many years.</p>" * 5


def team(*people: str) -> str:
    return (
        f"<!doctype html><html lang=en><title>Our team</title><body><h1>Our team</h1>{''.join(people)}{FILLER}</body>"
    )


def card(name: str, title: str, more: str = "") -> str:
    return f"<div class=card><h3>{name}</h3><p>{title}</p>{more}</div>"


@pytest.fixture
def web(settings) -> Iterator[WebServer]:
    with WebServer({HOST: {}, ELSEWHERE: {}}) as server:
        settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [f"{host}={server.address}" for host in (HOST, ELSEWHERE)]
        yield server


def claim(field: str, value: str, snippet: str = "", url: str = URL, source: str = "website") -> dict[str, str]:
    return {
        "field": field, "value": value, "url": url, "snippet": snippet or value, "source": source,
        "seenAt": "2026-11-24T10:00:00Z",
    }  # fmt: skip


def asked(web: WebServer, content: Content, *evidence: dict[str, str]) -> bool | None:
    """Return what comes of looking at the first of the claims, with this at the address of the page."""
    web.sites[HOST] = {"/team": content}
    contact = ContactFactory(first_name="Ada", last_name="Example", evidence=list(evidence))
    still_there = evidence_checks.check(contact.pk, 0, None)
    contact.refresh_from_db()
    assert contact.evidence[0]["stillThere"] is still_there
    assert datetime.fromisoformat(contact.evidence[0]["checkedAt"]).tzinfo is not None
    return still_there


NAME, TITLE = claim("name", "Ada Example"), claim("title", "Head of Marketing")
EMAIL = claim("email", "ada@acme.example")
PROFILE = claim("linkedin", "https://www.linkedin.com/in/ada-example")


@pytest.mark.parametrize(
    ("body", "entry", "still_there"),
    [
        (team(card("Ada Example", "Head of Marketing")), NAME, True),
        (team(card("ADA&nbsp;&nbsp;EX&#65;MPLE", "Head of Marketing")), NAME, True),
        (team("<p>Example, Ada</p>"), NAME, True),
        (team("<p>Adabert Examples</p>"), NAME, False),
        (team(card("Grace Sample", "CEO")), NAME, False),
        (team(card("Ada Example", "Head  of\nMarketing")), TITLE, True),
        (team(card("Ada Example", "Chief Executive"), card("Grace Sample", "Sales")), TITLE, False),
        (team(card("Grace Sample", "Head of Marketing")), TITLE, False),  # somebody else has it
        (team("<p>Ada Example</p>", FILLER * 4, "<p>Wanted: Head of Marketing</p>"), TITLE, None),
        (team(card("Ada Example", "CEO", "ada [at] acme [dot] example")), EMAIL, True),
        (team(card("Ada Example", "CEO", '<a href="mailto:Ada@acme.example">Write</a>')), EMAIL, True),
        (team(card("Ada Example", "Acme Example Ltd")), EMAIL, False),
        (team(card("Ada", "CEO", '<a href="https://de.linkedin.com/in/Ada-Example/?x=1">in</a>')), PROFILE, True),
        (team(card("Ada", "CEO", '<a href="https://linkedin.com/in/ada-examples">in</a>')), PROFILE, False),
        (team("<p>Our new head of marketing, since May, is Ada Example.</p>"),
         claim("title", "Head of Marketing", "Our new Head of Marketing, since May, is Ada Ex"), True),
        ('<script type="application/ld+json">{"@context": "https://schema.org", "@type": "Person", "name": "Ada '
         'Example", "jobTitle": "Head of Marketing", "worksFor": {"@type": "Organization", "name": "Acme"}}</script>'
         + team(), TITLE, True),
        ("<!doctype html><title>Acme</title><body><div id=root></div><script src=/app.js></script>", NAME, None),
    ],
)  # fmt: skip
def test_a_page_is_read_as_discovery_reads_it(web: WebServer, body: str, entry: dict, still_there: bool | None) -> None:
    assert asked(web, body, entry) is still_there


def test_the_name_that_the_page_shows_counts_not_only_the_contacts(web: WebServer) -> None:
    body = team(card("Ada Sample", "Head of Marketing"))
    assert asked(web, body, TITLE) is False
    assert asked(web, body, TITLE, claim("name", "Ada Sample")) is True


def test_names_in_scripts_without_spaces(web: WebServer) -> None:
    body = "<!doctype html><title>会社</title><body><p>代表取締役田中太郎は</p>" + FILLER
    assert asked(web, body, claim("name", "田中太郎")) is True
    assert asked(web, body, claim("name", "鈴木太郎")) is False


def silent(sock: Any) -> None:
    time.sleep(1.5)


@pytest.mark.parametrize(
    ("answer", "still_there"),
    [
        (Page("<h1>Not found</h1>", status=404), False),
        (Page("gone", status=410), False),
        (Page("Ada Example", status=403), None),
        (Page("Ada Example", status=503), None),
        (Raw(silent), None),
        (Page(b"%PDF-1.7", media_type="application/pdf"), None),
        (team(card("Grace Sample", "CEO"), "x" * 6_000_000), None),
        (team(card("Grace Sample", "CEO"), f"<!--{'x' * 4_500_000}-->", card("Ada Example", "CEO")), None),
        (redirect(f"http://{ELSEWHERE}/ada"), True),
        (redirect(f"http://{ELSEWHERE}/"), False),
        (redirect(f"http://{ELSEWHERE}/private"), None),
        (redirect("https://www.linkedin.com/in/ada"), None),
        (redirect("http://127.0.0.1/"), None),
    ],
    ids=lambda value: "" if isinstance(value, bool | None) else None,
)  # fmt: skip
def test_what_the_site_answers(web: WebServer, monkeypatch, answer: Content, still_there: bool | None) -> None:
    monkeypatch.setattr(evidence_checks, "SECONDS", 1.0)
    web.sites[ELSEWHERE] = {
        "/ada": team(card("Ada Example", "CEO")),
        "/": team(),
        "/private": team(card("Ada Example", "CEO")),
        "/robots.txt": Page("User-agent: *\nDisallow: /private", media_type="text/plain"),
    }
    assert asked(web, answer, NAME) is still_there


@pytest.mark.parametrize("rules", [Page("User-agent: *\nDisallow: /", media_type="text/plain"), Page(status=500)])
def test_what_robots_txt_forbids_is_not_read(web: WebServer, rules: Page) -> None:
    web.sites[HOST] = {"/robots.txt": rules, "/team": team(card("Ada Example", "CEO"))}
    contact = ContactFactory(evidence=[NAME])
    assert evidence_checks.check(contact.pk, 0, None) is None
    assert web.paths == ["/robots.txt"]


@pytest.mark.parametrize("url", ["http://127.0.0.1/team", "http://169.254.169.254/latest"])
def test_private_addresses_are_not_asked(url: str) -> None:
    contact = ContactFactory(evidence=[claim("name", "Ada Example", url=url)])
    assert evidence_checks.check(contact.pk, 0, None) is None


@pytest.mark.parametrize(
    ("url", "index", "sentence"),
    [
        ("", 0, "has no page"),
        ("ftp://acme.example/team", 0, "has no page"),
        ("http://[acme/team", 0, "has no page"),
        ("https://www.linkedin.com/in/ada", 0, "LinkedIn are never fetched"),
        (URL, 1, "not there any more"),
        (URL, -1, "not there any more"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(web: WebServer, url: str, index: int, sentence: str) -> None:
    contact = ContactFactory(evidence=[claim("name", "Ada Example", url=url)])
    with pytest.raises(InputError, match=sentence):
        evidence_checks.check(contact.pk, index, None)
    contact.refresh_from_db()
    assert contact.evidence == [claim("name", "Ada Example", url=url)]
    assert web.requests == []


def test_a_contact_that_is_not_there() -> None:
    with pytest.raises(EnrichedContact.DoesNotExist):
        evidence_checks.check(uuid.uuid4(), 0, None)


def test_only_this_entry_is_written_to_wherever_it_stands_by_then(web: WebServer, monkeypatch) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Example", evidence=[NAME, TITLE])

    def look_while_a_job_writes(*_asked: object) -> bool:
        row = EnrichedContact.objects.get()
        row.evidence = [EMAIL, NAME, TITLE]
        row.save()
        return True

    monkeypatch.setattr(evidence_checks, "_look", look_while_a_job_writes)
    evidence_checks.check(contact.pk, 0, None)
    contact.refresh_from_db()
    assert [set(entry) - set(NAME) for entry in contact.evidence] == [set(), {"checkedAt", "stillThere"}, set()]


def test_what_was_looked_at_is_shown_by_the_api_until_discovery_sees_it_anew(web: WebServer) -> None:
    asked(web, team(card("Ada Example", "CEO")), NAME, TITLE)
    contact = EnrichedContact.objects.get()
    shape = EvidenceEntry(data=contact.evidence, many=True)
    assert shape.is_valid(), shape.errors
    assert set(contact.evidence[0]) == set(EvidenceEntry().fields)
    again = Evidence("name", "Ada Example", URL, "Ada Example, CEO", "website", datetime.now(UTC))
    assert store.merged_evidence(contact.evidence, [again]) == [again.as_json(), TITLE]
    assert store.merged_evidence(contact.evidence, []) == contact.evidence
