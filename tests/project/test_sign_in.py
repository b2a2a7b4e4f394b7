"""Passwords cannot be guessed, at whichever door: attempts are slowed down, and failures lock the name for a while."""

import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp

from core import second_factor, sign_in
from core.account import audit
from core.models import AuditEntry

PASSWORD = "correct horse battery"
TOKEN, PAGE = "/api/auth/token", "/account/sign-in/"
DOORS = [TOKEN, PAGE]
NO_CACHE = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "unix:///nowhere/valkey.sock"}
}
LOCKED = "it is locked for your address. Try again in"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules(settings) -> None:
    settings.TOKEN_ATTEMPTS_RATE = "1000/h"
    settings.AXES_FAILURE_LIMIT = 3


@pytest.fixture
def slow(settings) -> None:
    settings.TOKEN_ATTEMPTS_RATE = "3/h"
    settings.AXES_FAILURE_LIMIT = 100


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


def attempt(path: str, username: object, password: str = "wrong", address: str = "192.0.2.1", **more: Any) -> Any:
    """Return the answer to an attempt to sign in by a client that comes from `address`."""
    kind = {"content_type": "application/json"} if path == TOKEN else {}
    return Client(REMOTE_ADDR=address, **more).post(path, {"username": username, "password": password}, **kind)


def assert_refused(answer: Any, sentence: str) -> None:
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    said = answer.json()["message"] if "json" in answer["Content-Type"] else answer.content.decode()
    assert sentence in said
    assert "_auth_user_id" not in answer.client.session


@pytest.mark.parametrize("path", DOORS)
def test_the_fourth_attempt_is_refused_though_the_password_is_right(boss, slow, path) -> None:
    assert {attempt(path, "boss").status_code for _ in range(3)} == {401 if path == TOKEN else 200}
    assert_refused(attempt(path, "boss", PASSWORD), "Too many attempts to sign in under this name. Try again in")


@pytest.mark.parametrize("path", DOORS)
def test_from_another_address_or_under_another_name_signing_in_works(boss, slow, path) -> None:
    User.objects.create_user("other", password=PASSWORD)
    for _ in range(4):
        attempt(path, "boss")
        attempt(path, "guessed")
    worked = 200 if path == TOKEN else 302
    assert attempt(path, "boss", PASSWORD).status_code == 429
    assert attempt(path, "boss", PASSWORD, address="192.0.2.2").status_code == worked
    assert attempt(path, "other", PASSWORD).status_code == worked


@pytest.mark.parametrize(("first", "then"), [DOORS, DOORS[::-1]])
def test_the_doors_share_the_count_of_attempts_and_that_of_failures(boss, settings, first, then) -> None:
    settings.TOKEN_ATTEMPTS_RATE = "2/h"
    attempt(first, "boss")
    attempt(then, "boss")
    assert [attempt(path, "boss", PASSWORD).status_code for path in DOORS] == [429, 429]
    settings.TOKEN_ATTEMPTS_RATE = "1000/h"
    attempt(first, "boss")
    assert_refused(attempt(then, "boss", PASSWORD), LOCKED)


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("rate", ["3/h", "1000/h"])
def test_another_spelling_of_the_name_is_no_other_count(boss, settings, path, rate) -> None:
    settings.TOKEN_ATTEMPTS_RATE = rate
    for spelling in ("BOSS", " boss", "\uff42oss" if path == PAGE else "boss\t"):
        attempt(path, spelling)
    assert attempt(path, "boss", PASSWORD).status_code == 429


@pytest.mark.parametrize("path", DOORS)
def test_failures_lock_the_name_for_the_address_until_the_time_that_is_said(boss, path) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        assert {attempt(path, "boss").status_code for _ in range(2)} == {401 if path == TOKEN else 200}
        assert_refused(attempt(path, "boss"), f"{LOCKED} 15 minutes.")
    with time_machine.travel(start + timedelta(minutes=14, seconds=50), tick=False):
        assert_refused(attempt(path, "boss", PASSWORD), f"{LOCKED} 10 seconds.")  # and does not begin anew
        assert attempt(path, "boss", PASSWORD, address="192.0.2.2").status_code != 429
    with time_machine.travel(start + timedelta(minutes=15, seconds=1), tick=False):
        assert attempt(path, "boss", PASSWORD).status_code == (200 if path == TOKEN else 302)


@pytest.mark.parametrize("path", DOORS)
def test_another_browser_is_no_other_count(boss, path) -> None:
    for number in range(3):
        attempt(path, "boss", HTTP_USER_AGENT=f"Browser/{number}")
    assert_refused(attempt(path, "boss", PASSWORD), LOCKED)


@pytest.mark.parametrize("path", DOORS)
def test_a_success_forgets_the_failures(boss, path) -> None:
    for _ in range(2):
        attempt(path, "boss")
        attempt(path, "boss")
        assert attempt(path, "Boss" if path == TOKEN else "boss", "wrong").status_code == 429
        AccessAttempt.objects.all().delete()
        attempt(path, "boss")
        attempt(path, "boss", PASSWORD)
        assert not AccessAttempt.objects.exists()


def test_no_limit_of_failures_locks_nobody(boss, settings) -> None:
    settings.AXES_LOCK_OUT_AT_FAILURE = False
    for _ in range(5):
        attempt(PAGE, "boss")
    assert attempt(PAGE, "boss", PASSWORD).status_code == 302


def test_when_attempts_cannot_be_counted_nobody_signs_in(boss, settings) -> None:
    settings.CACHES = NO_CACHE
    assert Client().get(PAGE).status_code == 200
    refused = attempt(PAGE, "boss", PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    page = refused.content.decode()
    assert "Nobody can sign in at the moment: Redis, which counts the attempts, does not answer." in page
    assert 'name="password"' in page
    assert "_auth_user_id" not in refused.client.session
    token = attempt(TOKEN, "boss", PASSWORD)
    assert (token.status_code, token.json()["error"]) == (503, "unavailable")


@pytest.mark.parametrize("odd", [None, [[["boss"]]], {"a": 1}, True, 7, 1.5, "", "b" * 300, "b\x00ss", "\ufdfa" * 150])
def test_a_name_of_another_shape_is_counted_too(rf, slow, odd) -> None:
    request = rf.post("/")
    assert [sign_in.count_attempt(request, odd) for _ in range(3)] == [None] * 3
    assert sign_in.count_attempt(request, odd) >= 1


@pytest.mark.parametrize("odd", ["b\x00ss", "\ufdfa" * 150, "b" * 300, 7, "🦉"])
@pytest.mark.parametrize("path", DOORS)
def test_a_name_of_another_shape_is_no_fault_of_ours(path, odd) -> None:
    assert attempt(path, odd).status_code in {200, 400, 401}


def test_a_deeply_nested_name_is_no_fault_of_ours(boss) -> None:
    body = '{"password": "x", "username": ' + "[" * 1000 + "]" * 1000 + "}"
    assert Client().post(TOKEN, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    ("asked", "comes_to"),
    [
        ("/admin/crm/brand/?q=acme", "/admin/crm/brand/?q=acme"),
        ("/admin/login/", "/admin/"),
        ("/admin/login/?next=/admin/crm/brand/", "/admin/crm/brand/"),
        ("/api/auth/login?next=/api/enrichment/contacts", "/api/enrichment/contacts"),
        ("/account/sign-in/?next=https://evil.example/", "/"),
        ("/account/sign-in/?next=//evil.example/", "/"),
        ("/api/auth/login?next=javascript:alert(1)", "/"),
    ],
)
def test_every_way_leads_to_the_one_page_and_back(boss, asked, comes_to) -> None:
    client = Client()
    page = client.get(asked, follow=True)
    assert (page.status_code, page.templates[0].name) == (200, "account/sign_in.html")
    data = {"username": "boss", "password": PASSWORD, "next": page.context["next"]}
    answer = client.post(page.request["PATH_INFO"], data)
    assert (answer.status_code, answer["Location"]) == (302, comes_to)
    assert client.get(PAGE).status_code == 302, "signed in already"


@pytest.mark.parametrize("path", ["/account/sign-out/", "/admin/logout/", "/api/auth/logout"])
def test_signing_out_leads_to_the_page_and_ends_the_session(boss, path) -> None:
    client = Client()
    client.post(PAGE, {"username": "boss", "password": PASSWORD})
    assert client.post(path)["Location"] == PAGE
    assert client.get(reverse("account")).status_code == 302
    assert AccessLog.objects.get().logout_time is not None


def test_the_record_says_who_signed_in_and_who_failed_and_no_log_does(boss, caplog) -> None:
    with caplog.at_level(logging.INFO):
        attempt(PAGE, "Boss")
        attempt(TOKEN, "boss")
        attempt(PAGE, "boss", PASSWORD)
        answer = attempt(TOKEN, "boss", PASSWORD)
    assert [failure.username for failure in AccessFailureLog.objects.all()] == ["boss", "boss"]
    assert [entry.path_info for entry in AccessLog.objects.order_by("pk")] == [PAGE, TOKEN]
    assert "sessionid" not in answer.cookies, "a token makes no session"
    assert "boss" not in caplog.text
    assert "192.0.2.1" not in caplog.text
    boss.refresh_from_db()
    assert boss.last_login is not None


def test_what_was_typed_is_not_kept(boss) -> None:
    attempt(PAGE, "boss", "secret word")
    kept = AccessAttempt.objects.get()
    assert "secret word" not in f"{kept.post_data}{kept.get_data}"
    assert "csrfmiddlewaretoken" not in kept.post_data or "***" in kept.post_data


def test_the_record_is_forgotten_in_time(boss, settings) -> None:
    settings.SIGN_IN_LOG_DAYS = 30
    client = Client()
    client.post(PAGE, {"username": "boss", "password": "wrong"})
    client.post(PAGE, {"username": "boss", "password": PASSWORD})
    assert audit.purge() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert audit.purge() == 2
    assert not AccessLog.objects.exists()
    assert not AccessFailureLog.objects.exists()


def trail(**of: Any) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(**of).order_by("id"))


@pytest.mark.parametrize("path", DOORS)
def test_the_audit_trail_has_who_signed_in_and_who_failed_to(boss, path) -> None:
    attempt(path, "boss", PASSWORD)
    attempt(path, "boss")
    good, bad = trail()
    assert (good.action, good.actor, good.client, good.object_id) == (
        "sign_in.succeeded",
        "boss",
        "192.0.2.1",
        str(boss.pk),
    )
    assert good.facts == {"by": "token" if path == TOKEN else "password"}
    assert (bad.action, bad.actor_id, bad.facts) == ("sign_in.failed", boss.pk, {"known": True, "wrong": "password"})
    assert good.via == ("api" if path == TOKEN else "page")


@pytest.mark.parametrize("path", DOORS)
def test_a_name_that_nobody_has_is_not_kept_for_it_may_be_a_password(path) -> None:
    for _ in range(3):
        attempt(path, "correct horse", "wrong horse")
    assert [entry.action for entry in trail()] == [*["sign_in.failed"] * 3, "sign_in.locked"]
    assert "horse" not in str(list(AuditEntry.objects.values()))
    assert trail()[0].facts == {"known": False, "wrong": "password"}


def test_the_audit_trail_has_signing_out_and_a_new_password(boss) -> None:
    client = Client()
    client.force_login(boss)
    new = {"old_password": PASSWORD, "new_password1": "another horse", "new_password2": "another horse"}
    client.post(reverse("password"), new)
    client.post(reverse("sign-out"))
    assert [(entry.action, entry.actor) for entry in trail()] == [
        ("password.changed", "boss"),
        ("sign_in.ended", "boss"),
    ]
    assert "horse" not in str(list(AuditEntry.objects.values()))


def test_the_audit_trail_has_what_happens_to_a_second_factor(boss) -> None:
    device = second_factor.begin(boss)
    codes = second_factor.confirm(boss, str(totp(device.bin_key)).zfill(6))
    assert codes is not None
    second_factor.new_codes(boss)
    second_factor.turn_off(boss, by=boss)
    second_factor.turn_off(boss, by=boss)
    names = ["turned_on", "codes_made", "turned_off"]
    assert [entry.action for entry in trail()] == [f"second_factor.{name}" for name in names]
    assert codes[0] not in str(list(AuditEntry.objects.values()))
