"""No address that a request carries leads anybody to another site."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.security import every_page
from tests.security.every_page import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://evil.example\\@testserver/",
    "javascript:alert(1)",
    "data:text/html,x",
    "\t//evil.example",
    " https://evil.example",
    "/%09/evil.example",
    "//evil%E3%80%82example",
    "https://evil.example#@testserver/",
    "/ok\r\nLocation: https://evil.example",
    "http://[::1]@evil.example",
]


def assert_stays(answer: Any, what: str) -> None:
    every_page.body_of(answer)
    assert answer.status_code < 500, what
    for name in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url", "Refresh"):
        to = answer.headers.get(name, "")
        assert urlsplit(to).netloc in {"", "testserver"}, (what, name, to)
        assert urlsplit(to).scheme in {"", "http", "https"}, (what, name, to)
        assert not to.startswith(("//", "/\\", "\\")), (what, name, to)
        assert "\n" not in to


@pytest.mark.parametrize("to", ELSEWHERE)
def test_signing_in_and_out_leads_back_to_us(client: Client, to: str) -> None:
    user = User.objects.create_superuser("boss", password="correct horse battery")
    form = {"username": "boss", "password": "correct horse battery", "next": to}
    headers = {"Referer": "http://testserver/", "X-Forwarded-Host": "evil.example"}
    for path in ("/account/sign-in/", "/admin/login/", "/api/auth/login"):
        asked = client.get(path, {"next": to}, headers=headers)
        assert_stays(asked, path)
        if asked.status_code == 302:
            asked = client.get(asked["Location"])
        assert 'href="https://evil' not in asked.text
        answer = Client().post(path, form, query_params={"next": to}, headers=headers)
        assert_stays(answer, path)
        if answer.status_code == 302 and path.startswith("/account"):
            assert answer["Location"].startswith("/")
    client.force_login(user)
    for path in ("/account/sign-out/", "/admin/logout/", "/api/auth/logout"):
        assert_stays(client.post(path, {"next": to}, query_params={"next": to}), path)
        client.force_login(user)


def test_no_form_and_no_page_leads_elsewhere(
    staff: Client, boss: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENRICHMENT_DNS_SERVERS = ["127.0.0.1:9"]
    monkeypatch.setattr("enrichment.contact_checks.verify", lambda *_, **__: {})
    everything = Everything.make(boss)
    places = every_page.pages(everything)
    for number, (name, url) in enumerate(places.items()):
        to = ELSEWHERE[number % len(ELSEWHERE)]
        clean = to.encode("ascii", "ignore").decode().replace("\r\n", "")
        headers = {"HX-Request": "true", "HX-Current-URL": clean, "Referer": clean, "X-Forwarded-Host": "evil.example"}
        assert_stays(staff.get(url, {"next": to}, headers=headers), name)
        assert_stays(Client().get(url, {"next": to}, headers=headers), name)
        if "sign-out" not in name and "delete" not in name:
            assert_stays(staff.post(url, {"next": to}, headers=headers), name)
            assert_stays(staff.post(url, {"next": to}), name)


def test_a_host_that_is_not_ours_is_refused(client: Client, mailoutbox: list[Any], settings: Any) -> None:
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL = "smtp://127.0.0.1", "accounts@acme.example"
    User.objects.create_user("ada", "ada@acme.example", "x")
    for headers in ({"Host": "evil.example"}, {"Host": "testserver:80@evil.example"}, {"Host": "evil.example:80"}):
        assert (
            client.post("/account/password/reset/", {"email": "ada@acme.example"}, headers=headers).status_code == 400
        )
    client.post("/account/password/reset/", {"email": "ada@acme.example"}, headers={"X-Forwarded-Host": "evil.example"})
    assert all("evil.example" not in mail.body for mail in mailoutbox)
