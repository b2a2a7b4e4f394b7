"""Another site makes a browser send requests: nothing is done for whoever is signed in there."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from crm.models import Suppression
from enrichment.models import EnrichmentJob
from tests.security import every_page
from tests.security.every_page import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PASSWORD = "correct horse battery"
DISCOVER = "/api/enrichment/discover"
BODY = json.dumps({"brandName": "Acme"})


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


@pytest.fixture
def browser(boss: User) -> Client:
    """The browser of somebody who is signed in, and who looks at a hostile page."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    return client


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "",
        "text/json",
    ],
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_does_nothing_for_a_cookie_alone(browser: Client, kind: str, method: str) -> None:
    for path in (DISCOVER, "/api/crm/suppression", "/api/enrichment/approve"):
        answer = getattr(browser, method)(path, BODY, content_type=kind, headers={"Origin": "https://evil.example"})
        assert answer.status_code in {403, 405, 404}, path
    assert not EnrichmentJob.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""]
)
def test_with_the_token_a_body_that_says_it_is_no_json_is_none(browser: Client, kind: str) -> None:
    browser.get("/account/sign-in/")
    token = browser.get("/account/").context["csrf_token"]
    answer = browser.post(DISCOVER, BODY, content_type=kind, headers={"X-CSRFToken": str(token)})
    assert answer.status_code == 400
    assert not EnrichmentJob.objects.exists()


def test_a_method_in_a_header_or_a_field_is_not_heeded(browser: Client, staff: Client) -> None:
    override = {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE", "X-Method-Override": "DELETE"}
    suppression = Suppression.objects.create(kind="address", value_index="index")
    for path in (
        "/api/crm/suppression",
        f"/admin/crm/suppression/{suppression.pk}/delete/",
        "/crm/suppression/remove/",
    ):
        browser.get(path, {"_method": "DELETE"}, headers=override)
        browser.post(path, {"_method": "DELETE"}, headers=override)
    assert Suppression.objects.count() == 1


def test_every_form_of_every_page_asks_for_the_token(boss: User, browser: Client) -> None:
    """Addresses that take a POST without it are the public ones, which know nobody by a cookie."""
    everything = Everything.make(boss)
    places = every_page.pages(everything)
    taken = set()
    for name, url in places.items():
        for headers in ({}, {"HX-Request": "true"}):
            answer = browser.post(url, {"next": "/"}, headers=headers)
            if answer.status_code != 403:
                taken.add(name)
    assert {name.partition(":")[0] for name in taken} <= {"unsubscribe", "privacy"}, taken


def test_nothing_is_exempt_but_the_api_public_links_and_webhooks() -> None:
    def exempt(patterns: Any, prefix: str = "") -> set[str]:
        found = set()
        for one in patterns:
            route = prefix + str(one.pattern)
            if hasattr(one, "url_patterns"):
                found |= exempt(one.url_patterns, route)
            elif getattr(one.callback, "csrf_exempt", False):
                found.add(route)
        return found

    for route in exempt(get_resolver().url_patterns):
        assert route.startswith(("api/", "webhooks/", "unsubscribe/", "privacy/")), route


@pytest.mark.parametrize("path", ["/account/sign-out/", "/admin/logout/", "/api/auth/logout"])
def test_no_image_signs_anybody_out(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 405
    assert browser.get("/account/").status_code == 200


def test_nobody_is_signed_in_as_somebody_else_by_another_site(boss: User) -> None:
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post("/account/sign-in/", {"username": "boss", "password": PASSWORD})
    assert answer.status_code == 403
    assert "_auth_user_id" not in stranger.session


def test_signing_in_changes_the_session_and_the_token(boss: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    token = browser.get("/account/sign-in/").context["csrf_token"]
    browser.cookies["sessionid"] = "planted00000000000000000000000ab"
    before = browser.cookies["csrftoken"].value
    form = {"username": "boss", "password": PASSWORD, "csrfmiddlewaretoken": str(token)}
    assert browser.post("/account/sign-in/", form).status_code == 302
    assert browser.cookies["sessionid"].value != "planted00000000000000000000000ab"
    assert browser.cookies["csrftoken"].value != before


def test_cookies_are_kept_from_scripts_and_other_sites(boss: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.get("/account/sign-in/")
    client.post("/account/sign-in/", {"username": "boss", "password": PASSWORD})
    session, csrf = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"]
    for cookie in (session, csrf):
        assert cookie["samesite"] == "Lax"
        assert cookie["secure"]
        assert not cookie["domain"]
