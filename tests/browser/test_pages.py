"""The pages that exist so far, in a real Chromium that can load nothing from elsewhere."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from outreach.default_sequence import create
from tests.factories import ContactFactory, EmailFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def boss(db: None) -> None:
    get_user_model().objects.create_superuser("boss", password="correct horse battery")


def sign_in(browser: Page, url: str) -> None:
    browser.goto(url)
    browser.get_by_label("Username").fill("boss")
    browser.get_by_label("Password").fill("correct horse battery")
    browser.get_by_role("button", name="Sign in").click()


def test_the_api_docs_work_without_a_network(browser: Page, live_server) -> None:
    problems: list[str] = []
    browser.on("requestfailed", lambda request: problems.append(request.url))
    browser.on("pageerror", lambda error: problems.append(str(error)))
    browser.goto(f"{live_server.url}/api/docs")
    expect(browser.get_by_text("/api/enrichment/discover")).to_be_visible()
    expect(browser.get_by_text("/api/enrichment/contacts/{id}").first).to_be_visible()
    assert problems == []


def test_an_admin_signs_in_finds_a_contact_and_sees_its_evidence(browser: Page, live_server, boss) -> None:
    EmailFactory(email="ada.example@acme.example")
    browser.set_viewport_size({"width": 390, "height": 844})
    sign_in(browser, live_server.url)
    browser.goto(f"{live_server.url}/admin/enrichment/enrichedcontact/?q=ADA.example@acme.example")
    expect(browser.get_by_role("cell", name="ada.example@acme.example 100 · verified")).to_be_visible()
    browser.get_by_role("rowheader").get_by_role("link").click()
    expect(browser.get_by_text("https://acme.example/team")).to_be_visible()
    expect(browser.get_by_text("42%")).to_be_visible()


def test_an_admin_approves_a_contact_and_reads_what_is_planned(browser: Page, live_server, boss) -> None:
    create()
    EmailFactory(enriched_contact=ContactFactory(last_name="Chosen", region_code="GB", seniority="vp"))
    sign_in(browser, live_server.url)
    browser.goto(f"{live_server.url}/admin/enrichment/enrichedcontact/")
    browser.get_by_role("row", name="Ada Chosen").get_by_role("checkbox").check()
    browser.get_by_label("Action:").select_option("Approve for outreach")
    browser.get_by_role("button", name="Go").click()
    expect(browser.get_by_text("1 contact approved, added to the CRM and enrolled.")).to_be_visible()
    browser.get_by_role("link", name="See what is planned.").click()
    expect(browser.get_by_role("row", name="Ada Chosen")).to_have_count(4)


def test_the_browsable_api_is_open_to_a_signed_in_admin(browser: Page, live_server, boss) -> None:
    EmailFactory()
    sign_in(browser, f"{live_server.url}/api/auth/login?next=/api/enrichment/contacts")
    expect(browser.get_by_label("response info")).to_contain_text('"pagination"')
