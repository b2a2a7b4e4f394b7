"""axe-core on every page, wide and light, narrow and dark: nothing serious."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from core import audit
from enrichment import batches, jobs, requests
from enrichment.intake import discovery_request
from enrichment.models import EnrichedContact, JobContact
from outreach import notice_links
from tests.factories import EmailFactory, JobFactory
from tests.kit.accessibility import violations
from tests.pages.conftest import World
from tests.pages.test_access import FORMS, PAGES

from .at_work import WIDE, Admin, screens

pytestmark = [pytest.mark.browser, pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

OVERSIGHT = (
    *("", "audit/", "retention/", "register/", "assessments/", "assessments/discovery/new/", "notices/"),
    *("requests/", "requests/new", "regions/", "regions/DE/"),
)
OF_DJANGO = (  # its own pages, with what we put into them
    "/admin/",
    "/admin/enrichment/enrichedcontact/",
    "/admin/crm/contact/",
)


class Workspace:
    """One of everything that the review workspace shows; `urls` are its pages."""

    def __init__(self, boss: User) -> None:
        email = EmailFactory()
        self.contact: EnrichedContact = email.enriched_contact
        other = EmailFactory(enriched_contact__linked_brand=self.contact.linked_brand).enriched_contact
        ended = JobFactory(status="completed", contacts_discovered=1, created_by=boss, brand=self.contact.linked_brand)
        JobContact.objects.create(job=ended, contact=self.contact)
        failed = JobFactory(status="failed", error_message="The site did not answer.", retry_count=3, created_by=boss)
        waiting = jobs.create(discovery_request("Acme"), enqueue=False)
        draft = batches.make("approve", [self.contact.pk, other.pk], boss)
        self.urls = [
            "/",
            "/discover/",
            "/discover/many/",
            "/discover/region/?region=DE",
            "/jobs/",
            *(f"/jobs/{job.pk}/" for job in (ended, failed, waiting)),
            "/contacts/",
            "/contacts/?q=nobody",
            f"/contacts/{self.contact.pk}/",
            f"/contacts/{self.contact.pk}/edit/",
            f"/contacts/{self.contact.pk}/duplicates/",
            f"/contacts/{self.contact.pk}/merge/{other.pk}/",
            "/decisions/",
            f"/decisions/{draft.pk}/",
            "/account/",
            "/account/password/",
            "/account/second-factor/",
            "/nowhere/",
        ]


@screens()
def test_axe_finds_nothing_serious_on_any_page(admin: Admin, settings: Any) -> None:
    boss = User.objects.get()
    world = World(boss)
    urls = Workspace(boss).urls
    if (admin.page.viewport_size or WIDE)["width"] == WIDE["width"]:  # the others have nothing of their own on a phone
        urls += [*(reverse(name, args=args(world)) for name, args in (PAGES | FORMS).items()), *OF_DJANGO]
        asked = requests.enter("erasure", "ada@acme.example", "", "By letter.", boss)
        entry = audit.record("contact.changed", subject=audit.address("ada@acme.example"), after={"title": "CEO"})
        urls += [f"/compliance/{path}" for path in (*OVERSIGHT, f"requests/{asked.pk}", f"audit/{entry.pk}/")]
    found: dict[str, list[str]] = {}
    for url in urls:
        admin.page.goto(f"{admin.url}{url}")
        admin.page.wait_for_load_state("load")
        if wrong := violations(admin.page):
            found[url] = wrong
    admin.problems = [text for text in admin.problems if "404" not in text]  # the page that is not there
    assert not found, "\n".join(f"{url}: {line}" for url, lines in found.items() for line in lines)


@screens()
def test_axe_finds_nothing_serious_in_what_opens_above_a_page(admin: Admin) -> None:
    Workspace(User.objects.get())
    admin.open("/contacts/")
    admin.page.locator("tr[data-row] [data-open]").first.click()
    expect(admin.page.locator("#drawer[open] h2").first).to_be_visible()
    assert violations(admin.page) == []
    admin.page.keyboard.press("Escape")
    admin.page.keyboard.press("?")
    expect(admin.page.locator("#help[open]")).to_be_visible()
    assert violations(admin.page) == []
    admin.page.keyboard.press("Escape")
    for menu in admin.page.locator("details.dropdown-menu > summary:visible").all():
        menu.click()
        assert violations(admin.page) == []
        admin.page.keyboard.press("Escape")


def test_axe_finds_nothing_serious_before_signing_in(browser: Any, live_server: Any) -> None:
    personal = f"/privacy/{notice_links.token('ada@acme.example')}"
    for path in ("/account/sign-in/", "/account/password/reset/", "/offline/", "/privacy/", personal):
        browser.goto(f"{live_server.url}{path}")
        assert violations(browser) == [], path
