"""Who attacks the API's tokens: forged, expired, exchanged, stolen, revoked, and those of users who lost the right."""

import hashlib
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken
from rest_framework_simplejwt.tokens import RefreshToken as Jwt

from core import refresh_tokens, roles
from core.models import AuditEntry, DailyCount, RefreshToken
from tests.racing import race

CONTACTS, TOKEN = "/api/enrichment/contacts", "/api/auth/token"
REFRESH, REVOKE = f"{TOKEN}/refresh", f"{TOKEN}/revoke"
PASSWORD = "correct horse battery"

Pair = dict[str, str]


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_user("boss", password=PASSWORD, is_staff=True)


@pytest.fixture
def pair(admin: User) -> Pair:
    """What an admin got for the password."""
    return post(TOKEN, username="boss", password=PASSWORD).json()


def post(path: str, **body: Any) -> Response:
    return APIClient().post(path, body, format="json")


def ask(access: str) -> int:
    """Return the status with which an access token is answered."""
    return APIClient().get(CONTACTS, HTTP_AUTHORIZATION=f"Bearer {access}").status_code


def refresh(token: str) -> Response:
    return post(REFRESH, refresh=token)


def forged(pair: Pair, key: str | None = None, algorithm: str = "HS256", **claims: Any) -> str:
    """Return the access token with other claims, signed anew."""
    payload = jwt.decode(pair["access"], options={"verify_signature": False}) | claims
    return jwt.encode(payload, django_settings.SECRET_KEY if key is None else key, algorithm)


def test_forged_tokens_open_nothing(pair: Pair) -> None:
    assert ask(forged(pair)) == 200, "signed with our key it is one of ours"
    head, payload, _signature = pair["access"].split(".")
    attempts = [
        forged(pair, "", "none"),
        forged(pair, "another installation's key, as long as ours must be"),
        forged(pair, algorithm="HS384"),
        forged(pair, exp=int(timezone.now().timestamp()) - 1),
        forged(pair, token_type="refresh"),
        forged(pair, user_id="0"),
        forged(pair, hash_password="0" * 32),
        f"{head}.{payload}.",
        f"{head}.{payload}",
        pair["refresh"],
    ]
    assert [ask(attempt) for attempt in attempts] == [401] * len(attempts)
    assert [refresh(attempt).status_code for attempt in attempts[:-1]] == [401] * (len(attempts) - 1)


def test_tokens_end_with_their_time(pair: Pair) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert ask(pair["access"]) == 401
        assert refresh(pair["refresh"]).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        assert refresh(pair["refresh"]).status_code == 401


def test_a_refresh_token_is_exchanged_for_the_next_and_a_copy_of_a_used_one_ends_them_all(pair: Pair) -> None:
    first = refresh(pair["refresh"]).json()
    assert set(first) == {"access", "refresh"}
    assert first["refresh"] != pair["refresh"]
    second = refresh(first["refresh"]).json()
    assert ask(second["access"]) == 200
    stolen = refresh(pair["refresh"])
    assert (stolen.status_code, stolen.json()["error"]) == (401, "authentication_failed")
    assert "sign in again" in stolen.json()["message"]
    assert refresh(second["refresh"]).status_code == 401, "whoever has it: the thief, or the one who was robbed"
    assert [ask(each["access"]) for each in (pair, first, second)] == [401] * 3
    entry = AuditEntry.objects.get(action="token.used_refused")
    assert (entry.actor, entry.via, entry.facts) == ("boss", "api", {"reason": "used before"})


def test_a_client_whose_answer_got_lost_gets_the_same_again_for_a_few_seconds(pair: Pair) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        once = refresh(pair["refresh"]).json()
        clock.shift(9)
        again = refresh(pair["refresh"]).json()
        claims = [jwt.decode(each["refresh"], options={"verify_signature": False}) for each in (once, again)]
        assert claims[0]["jti"] == claims[1]["jti"]
        assert claims[0]["exp"] == claims[1]["exp"]
        clock.shift(2)
        assert refresh(pair["refresh"]).status_code == 401
        assert refresh(again["refresh"]).status_code == 401, "eleven seconds later it was a copy"


def test_another_sign_in_is_not_ended_with_a_stolen_one(pair: Pair) -> None:
    other = post(TOKEN, username="boss", password=PASSWORD).json()
    refresh_tokens.revoke(pair["refresh"])
    assert (ask(pair["access"]), ask(other["access"])) == (401, 200)
    assert refresh(other["refresh"]).status_code == 200


def test_revoking_ends_the_sign_in_and_is_no_error_twice_or_for_what_is_unknown(pair: Pair) -> None:
    following = refresh(pair["refresh"]).json()
    answer = post(REVOKE, refresh=pair["refresh"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert refresh(following["refresh"]).status_code == 401
    assert ask(following["access"]) == 401
    for token in (pair["refresh"], pair["access"], "x", forged(pair, "x" * 40, token_type="refresh")):
        assert post(REVOKE, refresh=token).status_code == 204
    assert post(REVOKE).status_code == post(REVOKE, refresh=7).status_code == 400
    assert AuditEntry.objects.filter(action="token.revoked", actor="boss").count() == 1


def test_a_token_from_before_there_were_families_works_once_too(admin: User) -> None:
    old = Jwt.for_user(admin)
    assert ask(str(AccessToken.for_user(admin))) == 200
    following = refresh(str(old)).json()
    refresh(following["refresh"])
    assert refresh(str(old)).status_code == 401
    assert ask(following["access"]) == 401


def test_the_database_has_no_token(pair: Pair) -> None:
    row = RefreshToken.objects.get()
    claims = jwt.decode(pair["refresh"], options={"verify_signature": False})
    assert row.fingerprint == hashlib.sha256(claims["jti"].encode()).hexdigest()
    assert int(row.expires_at.timestamp()) == claims["exp"]
    refresh_tokens.purge(row.expires_at + timedelta(seconds=1))
    assert not RefreshToken.objects.exists()


@pytest.mark.parametrize("lost", ["deactivated", "made reviewer", "edited"])
def test_who_loses_the_right_has_no_token_any_more_even_when_it_is_given_back(pair: Pair, lost: str) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)
    admin = User.objects.get(username="boss")
    client = Client()
    client.force_login(root)
    if lost == "edited":
        client.post(f"/admin/auth/user/{admin.pk}/change/", {"username": "boss", "is_active": "on", **DATES})
    else:
        action = {"deactivated": "deactivate", "made reviewer": "make_reviewer"}[lost]
        client.post("/admin/auth/user/", {"action": action, "_selected_action": admin.pk})
    admin.refresh_from_db()
    assert not (admin.is_active and admin.is_staff)
    assert ask(pair["access"]) in (401, 403)
    assert refresh(pair["refresh"]).status_code == 401
    admin.is_active = True
    admin.save()
    roles.give(admin, roles.ADMIN)
    assert ask(pair["access"]) == refresh(pair["refresh"]).status_code == 401


DATES = {"date_joined_0": "2026-11-24", "date_joined_1": "12:00:00"}


def test_who_is_no_staff_any_more_is_refused_at_once_however_that_came(pair: Pair) -> None:
    User.objects.filter(username="boss").update(is_staff=False)
    assert ask(pair["access"]) == 403
    assert refresh(pair["refresh"]).status_code == 401
    User.objects.filter(username="boss").update(is_staff=True)
    assert ask(pair["access"]) == refresh(pair["refresh"]).status_code == 401


def test_exchanging_and_revoking_are_slowed_down_together(pair: Pair, settings: Any) -> None:
    settings.TOKEN_ATTEMPTS_RATE = "2/h"
    answers = [refresh("x"), post(REVOKE, refresh="x"), refresh(pair["refresh"]), post(REVOKE, refresh=pair["refresh"])]
    assert [answer.status_code for answer in answers] == [401, 204, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert answers[-1].json()["limit"] == "sign_in"
    assert DailyCount.objects.get(name="limit_hit", label="sign_in").number == 2
    assert ask(pair["access"]) == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_who_exchange_one_token_at_once_all_get_the_same_next_one(pair: Pair) -> None:
    answers = race(8, lambda _index: refresh(pair["refresh"]))
    assert [answer.status_code for answer in answers] == [200] * 8
    tokens = [jwt.decode(answer.json()["refresh"], options={"verify_signature": False}) for answer in answers]
    assert len({token["jti"] for token in tokens}) == 1
    assert RefreshToken.objects.count() == 2


def test_a_used_token_of_which_the_row_is_gone_is_refused(pair: Pair) -> None:
    refresh(pair["refresh"])
    RefreshToken.objects.filter(used_at__isnull=False).delete()  # as by a clock that went wrong, or an older copy
    assert refresh(pair["refresh"]).status_code == 401


@pytest.mark.parametrize("header", [{"kid": "../../dev/null"}, {"kid": "' OR 1=1 --"}, {"jku": "https://evil.example"}])
def test_no_header_of_a_token_chooses_its_key(pair: Pair, header: dict[str, str]) -> None:
    payload = jwt.decode(pair["refresh"], options={"verify_signature": False})
    assert refresh(jwt.encode(payload, "k" * 40, "HS256", headers=header)).status_code == 401
    assert ask(jwt.encode(payload | {"token_type": "access"}, "", "none", headers=header)) == 401


@pytest.mark.parametrize("odd", [{"jti": None}, {"family": "x"}, {"user_id": 10**30}])
def test_claims_that_are_none_of_ours_are_refused_not_failed(pair: Pair, odd: dict[str, Any]) -> None:
    payload = jwt.decode(pair["refresh"], options={"verify_signature": False}) | odd
    assert refresh(jwt.encode(payload, django_settings.SECRET_KEY, "HS256")).status_code in (200, 401)


def test_tokens_of_a_deleted_user_and_huge_ones_open_nothing(pair: Pair) -> None:
    assert refresh("a." * 50_000).status_code in (400, 401)
    User.objects.get(username="boss").delete()
    assert (ask(pair["access"]), refresh(pair["refresh"]).status_code) == (401, 401)
