"""Passwords cannot be guessed fast, whichever of the three doors is tried."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from core import sign_in

PASSWORD = "correct horse battery"
TOKEN, ADMIN, BROWSABLE = "/api/auth/token", "/admin/login/", "/api/auth/login"
PAGES = [ADMIN, BROWSABLE]
NO_CACHE = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "unix:///nowhere/valkey.sock"}
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_an_hour(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TOKEN_ATTEMPTS_RATE = "3/h"


@pytest.fixture
def boss():
    return get_user_model().objects.create_user("boss", password=PASSWORD, is_staff=True)


def attempt(path: str, username: object, password: str = "wrong", address: str = "192.0.2.1") -> Any:
    """Return the answer to an attempt to sign in by a client that comes from `address`."""
    kind = {"content_type": "application/json"} if path == TOKEN else {}
    return Client(REMOTE_ADDR=address).post(path, {"username": username, "password": password}, **kind)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_refuses_the_fourth_attempt_in_its_own_form_though_the_password_is_right(boss, path) -> None:
    assert [attempt(path, "boss").status_code for _ in range(3)] == [200, 200, 200]
    refused = attempt(path, "boss", PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    page = refused.content.decode()
    assert f"Too many attempts to sign in under this name. Try again in {refused['Retry-After']} second" in page
    assert 'name="password"' in page
    assert "_auth_user_id" not in refused.client.session


@pytest.mark.parametrize("path", PAGES)
def test_from_another_address_or_under_another_name_signing_in_works(boss, path) -> None:
    for _ in range(4):
        attempt(path, "boss")
        attempt(path, "guessed")
    assert attempt(path, "boss", PASSWORD).status_code == 429
    elsewhere = attempt(path, "boss", PASSWORD, address="192.0.2.2")
    assert (elsewhere.status_code, "_auth_user_id" in elsewhere.client.session) == (302, True)
    other = get_user_model().objects.create_user("other", password=PASSWORD, is_staff=True)
    answer = attempt(path, "other", PASSWORD)
    assert (answer.status_code, answer.client.session["_auth_user_id"]) == (302, str(other.pk))


def test_the_three_doors_share_one_count(boss) -> None:
    for path in (TOKEN, ADMIN, BROWSABLE):
        assert attempt(path, "boss").status_code in {200, 401}
    assert [attempt(path, "boss", PASSWORD).status_code for path in (TOKEN, ADMIN, BROWSABLE)] == [429, 429, 429]


@pytest.mark.parametrize("path", [TOKEN, *PAGES])
def test_another_spelling_of_the_name_is_no_other_count(boss, path) -> None:
    for spelling in ("BOSS", " boss", "boss\t"):
        attempt(path, spelling)
    assert attempt(path, "boss", PASSWORD).status_code == 429


@pytest.mark.parametrize("path", PAGES)
def test_when_attempts_cannot_be_counted_the_page_says_so(boss, path, settings) -> None:
    settings.CACHES = NO_CACHE
    assert Client().get(path).status_code == 200
    refused = attempt(path, "boss", PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    page = refused.content.decode()
    assert "Nobody can sign in at the moment: Redis, which counts the attempts, does not answer." in page
    assert 'name="password"' in page
    assert "_auth_user_id" not in refused.client.session


def test_when_attempts_cannot_be_counted_the_api_gives_no_token(boss, settings) -> None:
    settings.CACHES = NO_CACHE
    refused = attempt(TOKEN, "boss", PASSWORD)
    assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")


def test_the_admins_page_still_refuses_who_is_no_staff_and_leads_back_where_one_came_from(boss) -> None:
    get_user_model().objects.create_user("visitor", password=PASSWORD)
    refused = attempt(ADMIN, "visitor", PASSWORD)
    assert (refused.status_code, b"staff account" in refused.content) == (200, True)
    sent = Client().get("/admin/crm/brand/")
    assert sent["Location"] == "/admin/login/?next=/admin/crm/brand/"
    answer = Client().post(sent["Location"], {"username": "boss", "password": PASSWORD, "next": "/admin/crm/brand/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/crm/brand/")
    assert answer.client.get("/admin/login/").status_code == 302, "signed in already"


@pytest.mark.parametrize("odd", [None, [[["boss"]]], {"a": 1}, True, 7, 1.5, "", "b" * 300, "b\x00ss"])
def test_a_name_of_another_shape_is_counted_too(rf, odd) -> None:
    request = rf.post("/")
    assert [sign_in.count_attempt(request, odd) for _ in range(3)] == [None] * 3
    assert sign_in.count_attempt(request, odd) >= 1


def test_a_deeply_nested_name_is_no_fault_of_ours(boss) -> None:
    body = '{"password": "x", "username": ' + "[" * 1000 + "]" * 1000 + "}"
    assert Client().post(TOKEN, body, content_type="application/json").status_code == 400
