"""Sites that are down, hostile or of no use: the job completes, with a reason to act on, and nothing half-written."""

import gzip
import time

import pytest

from enrichment import jobs, pipeline
from enrichment.intake import discovery_request
from enrichment.models import EnrichedContact, EnrichmentJob
from tests.kit.company import HOST, PAGES, TEAM, WEBSITE, company
from tests.kit.web import Content, Page, Raw, Request, redirect

pytestmark = pytest.mark.django_db(transaction=True)

BOMB = gzip.compress(b"<p>" + b"a" * 50_000_000)


def run(settings, pages: dict[str, Content] | None = None, website: str = WEBSITE, **changes: object) -> EnrichmentJob:
    """Discover the company with these pages in place of its own, in this process."""
    with company(pages) as running:
        settings.ENRICHMENT_DNS_SERVERS = [running.dns.address]
        settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [running.settings["ENRICHMENT_HTTP_HOSTS_OVERRIDE"]]
        settings.ENRICHMENT_HTTP_TIMEOUT_SECONDS = 0.6
        for name, value in changes.items():
            setattr(settings, name, value)
        job = jobs.create(discovery_request("Kestrel", website), enqueue=False)
        assert pipeline.run(job.pk)
    job.refresh_from_db()
    return job


def everywhere(content: Content) -> dict[str, Content]:
    return dict.fromkeys(PAGES, content)


def hang_up(connection) -> None:
    connection.close()


def drip(connection) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(200):
        connection.sendall(b"a")
        time.sleep(0.05)


def thirty_redirects(request: Request) -> Page:
    number = int(request.path.partition("=")[2] or 0)
    return redirect(f"/?n={number + 1}")


BAD = {
    "a server that hangs up": (everywhere(Raw(hang_up)), "unreachable"),
    "one byte at a time": ({"/": Raw(drip)}, "unreachable"),
    "30 redirects": ({"/": thirty_redirects}, "unreachable"),
    "a redirect to this machine": ({"/": redirect("http://127.0.0.1:1/")}, "unreachable"),
    "a redirect to cloud metadata": ({"/": redirect("http://169.254.169.254/latest/meta-data/")}, "unreachable"),
    "a redirect to a file": ({"/": redirect("file:///etc/passwd")}, "unreachable"),
    "50 MB": ({"/": b"<p>" + b"a" * 50_000_000}, "too_large"),
    "a gzip bomb": ({"/": Page(BOMB, headers={"Content-Encoding": "gzip"})}, "too_large"),
    "a PDF": ({"/": Page(b"%PDF-1.7", media_type="application/pdf")}, "not_html"),
    "nothing at all": ({"/": b""}, "no_people"),
    "bytes of no encoding": (
        {"/": Page(bytes(range(256)) * 40, media_type="text/html; charset=nonsense")},
        "no_people",
    ),
    "tags that never end": ({"/": "<div>" * 50_000}, "no_people"),
    "robots.txt says no": ({"/robots.txt": Page("User-agent: *\nDisallow: /\n", media_type="text/plain")}, "robots"),
    "robots.txt is broken": ({"/robots.txt": Page("", status=500)}, "robots"),
    "a page made by scripts": (
        everywhere('<html><script src="app.js"></script><div id="root"></div></html>'),
        "needs_javascript",
    ),
    "no page with people": ({"/team": "<h1>Our team</h1><p>We are a great team.</p>"}, "no_people"),
    "forbidden": (everywhere(Page("no", status=403)) | {"/robots.txt": PAGES["/robots.txt"]}, "http_status"),
}


@pytest.mark.parametrize("kind", BAD)
def test_the_job_completes_with_a_reason(settings, kind) -> None:
    pages, code = BAD[kind]
    job = run(settings, pages)
    assert (job.status, job.contacts_discovered, job.error_message) == ("completed", 0, None)
    assert code in {entry["code"] for entry in job.diagnostics}, job.diagnostics
    assert all(entry["sentence"].endswith(".") for entry in job.diagnostics)
    assert not EnrichedContact.objects.exists()


@pytest.mark.parametrize(
    ("website", "code"),
    [
        ("https://nowhere.example/", "unreachable"),
        (None, "no_website"),
        ("https://www.linkedin.com/company/x", "no_website"),
    ],
)
def test_a_site_that_is_not_there_or_not_given(settings, website, code) -> None:
    job = run(settings, website=website)
    assert job.status == "completed"
    assert [entry["code"] for entry in job.diagnostics] == [code]


def test_a_page_in_a_wrong_encoding_still_gives_its_people(settings) -> None:
    latin = TEAM.encode("latin-1")
    job = run(settings, {"/team": Page(latin, media_type="text/html; charset=utf-8")})
    assert job.contacts_discovered == 4
    assert EnrichedContact.objects.filter(first_name="Zoë", last_name="Brandt").exists()


def test_a_limit_that_was_reached_is_named(settings) -> None:
    job = run(settings, ENRICHMENT_CRAWL_MAX_PAGES=1)
    assert "page_limit" in {entry["code"] for entry in job.diagnostics}


def test_a_mail_domain_that_takes_no_mail_is_named(settings) -> None:
    with company(zone={"kestrel.example": {"MX": ["0 ."]}}) as running:
        settings.ENRICHMENT_DNS_SERVERS = [running.dns.address]
        settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [f"{HOST}={running.web.address}"]
        job = jobs.create(discovery_request("Kestrel", WEBSITE), enqueue=False)
        pipeline.run(job.pk)
    job.refresh_from_db()
    assert "takes no mail" in next(entry["sentence"] for entry in job.diagnostics if entry["code"] == "mail_domain")
    assert job.contacts_enriched == 0
