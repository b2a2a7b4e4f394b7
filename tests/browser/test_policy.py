"""The strict Content-Security-Policy in a real Chromium: nothing on any kind of page needs what it forbids."""

from collections.abc import Callable

import pytest
from axes.models import AccessLog
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Page, expect

from core import second_factor
from crm.models import Contact
from tests.factories import ContactFactory, CrmAddressFactory

pytestmark = [pytest.mark.browser, pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"
KINDS: dict[str, Callable[[], str]] = {
    "the page of one's account": lambda: reverse("account"),
    "the admin's overview": lambda: reverse("admin:index"),
    "a list": lambda: reverse("admin:crm_contact_changelist"),
    "a list with dates": lambda: reverse("admin:axes_accesslog_changelist"),
    "a form with dates and a search": lambda: reverse("admin:core_apitoken_add"),
    "a form with many": lambda: reverse("admin:auth_user_change", args=[User.objects.get().pk]),
    "a form with rows": lambda: reverse("admin:crm_contact_change", args=[Contact.objects.get().pk]),
    "a found contact": lambda: reverse("admin:enrichment_enrichedcontact_change", args=[ContactFactory().pk]),
    "the API's documentation": lambda: reverse("docs"),
    "the browsable API": lambda: "/api/enrichment/contacts",
    "an operation of the browsable API": lambda: "/api/enrichment/discover",
}


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


@pytest.fixture
def problems(browser: Page) -> list[str]:
    """What the browser complains of; a breach of the policy is an error of the console."""
    said: list[str] = []

    def note(line: ConsoleMessage) -> None:
        if line.type == "error" and "405 (Method Not Allowed)" not in line.text:  # operations without a GET
            said.append(f"{browser.url}: {line.text}")

    browser.on("console", note)
    browser.on("pageerror", lambda error: said.append(f"{browser.url}: {error}"))
    return said


@pytest.fixture
def signed_in(browser: Page, live_server, boss: User, problems: list[str]) -> Page:
    browser.goto(f"{live_server.url}{reverse('sign-in')}?next={reverse('account')}")
    browser.get_by_label("Username").fill("boss")
    browser.get_by_label("Password").fill(PASSWORD)
    browser.get_by_role("button", name="Sign in").click()
    expect(browser.get_by_role("heading", name="Your account")).to_be_visible()
    return browser


def test_no_kind_of_page_breaks_it(signed_in: Page, live_server, problems: list[str]) -> None:
    CrmAddressFactory()
    for kind, address in KINDS.items():
        signed_in.goto(f"{live_server.url}{address()}", wait_until="networkidle")
        assert signed_in.evaluate("document.styleSheets.length") > 0, kind
        if kind == "the API's documentation":
            signed_in.get_by_text("/api/enrichment/discover").click()
            signed_in.get_by_role("button", name="Try it out").click()
        if kind == "a form with dates and a search":
            signed_in.get_by_role("link", name="Today").click()
            signed_in.locator(".select2-selection").click()
            signed_in.get_by_role("option", name="boss").click()
    assert not problems, "\n".join(problems)


def test_a_second_factor_is_set_up_with_its_picture(signed_in: Page, problems: list[str], boss: User) -> None:
    signed_in.get_by_role("button", name="Set it up").click()
    picture = signed_in.get_by_alt_text("QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    device = second_factor.begun(boss)
    assert device is not None
    expect(signed_in.get_by_text(second_factor.secret(device))).to_be_visible()
    assert problems == []
    assert AccessLog.objects.count() == 1


def test_what_is_forced_into_a_page_does_not_run(signed_in: Page, problems: list[str]) -> None:
    signed_in.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'taken'";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='document.title = `taken`'>");
    }""")
    signed_in.wait_for_timeout(300)
    assert "taken" not in signed_in.title()
    assert any("Content Security Policy" in line for line in problems)
