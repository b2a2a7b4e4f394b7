"""The Content-Security-Policy stands in every answer, and allows nothing inline and nothing from elsewhere."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

KINDS = {
    "/account/sign-in/": 302,
    "/account/": 200,
    "/": 200,
    "/admin/": 200,
    "/admin/auth/user/": 200,
    "/api/docs": 200,
    "/api/schema": 200,
    "/api/enrichment/stats": 200,
    "/api/nothing": 404,
    "/nothing": 404,
    "/static/core/app.css": 200,
    "/healthz": 200,
    "/manifest.webmanifest": 200,
}


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def assert_strict(answer) -> None:
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert not any("unsafe" in value or "*" in value for value in policy.values())


@pytest.mark.parametrize("path", KINDS)
def test_every_kind_of_answer_has_it(staff: Client, path: str) -> None:
    answer = staff.get(path)
    answer.close()
    assert answer.status_code == KINDS[path]
    assert_strict(answer)


@pytest.mark.parametrize("path", ["/account/", "/api/enrichment/stats"])
def test_a_fault_of_ours_has_it_too(staff: Client, monkeypatch, path: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr("core.account.audit.latest", fail)
    staff.raise_request_exception = False
    monkeypatch.setattr("rest_framework.views.APIView.initial", fail)
    answer = staff.get(path)
    assert answer.status_code == 500
    assert_strict(answer)
    assert "the inside" not in answer.content.decode()


def test_a_redirect_to_https_and_a_refused_host_have_it(settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert_strict(Client().get("/account/sign-in/"))
    settings.SECURE_SSL_REDIRECT = False
    refused = Client().get("/account/sign-in/", headers={"host": "evil.example"})
    assert refused.status_code == 400
    assert_strict(refused)


def test_a_form_that_is_too_old_is_refused_with_a_way_on() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        "/account/sign-in/", {}, headers={"referer": "http://testserver/account/sign-in/?next=/outreach/"}
    )
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "Nothing was done" in text
    assert 'href="/account/sign-in/?next=/outreach/"' in text
    elsewhere = client.post("/account/sign-in/", {}, headers={"referer": "https://evil.example/trap"})
    assert "evil.example" not in elsewhere.content.decode()
    assert_strict(elsewhere)
