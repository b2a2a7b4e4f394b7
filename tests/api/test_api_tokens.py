"""Personal API tokens at the API's door."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from core import api_tokens
from core.models import ApiToken

CONTACTS = "/api/enrichment/contacts"


def ask(token: str) -> Response:
    return APIClient().get(CONTACTS, HTTP_AUTHORIZATION=f"Bearer {token}")


def assert_refused(answer: Response) -> None:
    assert answer.status_code == 401
    assert answer.json()["error"] == "authentication_failed"
    assert "unknown, revoked or expired" in answer.json()["message"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_opens_the_api_as_its_user(admin: User) -> None:
    row, token = api_tokens.create(admin, "Script")
    answer = ask(token)
    assert (answer.status_code, answer.wsgi_request.user) == (200, admin)
    assert APIClient().get(CONTACTS, HTTP_AUTHORIZATION=f"bearer  {token}").status_code == 200, "RFC 9110: any case"
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_a_revoked_token_is_refused(admin: User) -> None:
    row, token = api_tokens.create(admin, "Script")
    api_tokens.revoke([row])
    assert_refused(ask(token))


def test_a_token_works_until_the_moment_it_expires(admin: User) -> None:
    expiry = timezone.now() + timedelta(days=30)
    _, token = api_tokens.create(admin, "Script", expires_at=expiry)
    with time_machine.travel(expiry - timedelta(seconds=1), tick=False):
        assert ask(token).status_code == 200
    with time_machine.travel(expiry, tick=False):
        assert_refused(ask(token))


@pytest.mark.django_db
def test_an_unknown_token_is_refused() -> None:
    assert_refused(ask(api_tokens.generate()))
    assert_refused(ask("enr_"))


def test_the_token_of_an_inactive_user_is_refused(admin: User) -> None:
    _, token = api_tokens.create(admin, "Script")
    admin.is_active = False
    admin.save()
    assert_refused(ask(token))


def test_the_hash_does_not_open_the_api(admin: User) -> None:
    row, token = api_tokens.create(admin, "Script")
    assert_refused(ask(f"enr_{row.token_hash}"))
    assert token not in (row.token_hash, row.hint)


def test_the_token_of_a_user_who_is_no_admin_gets_403(visitor: User) -> None:
    _, token = api_tokens.create(visitor, "Script")
    answer = ask(token)
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden: Admin access required")


def test_a_jwt_works_beside_it(api: APIClient, admin: User) -> None:
    api_tokens.create(admin, "Script")
    assert api.get(CONTACTS).status_code == 200


def test_its_use_is_noted_at_most_once_a_minute(admin: User, django_assert_num_queries) -> None:
    row, token = api_tokens.create(admin, "Script")
    noted = []
    start = timezone.now()
    for seconds in (0, 59, 60, 61, 120):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            ask(token)
        row.refresh_from_db()
        noted.append((row.last_used_at - start).total_seconds())
    assert noted == [0, 0, 60, 60, 120]
    row.last_used_at = None  # as a request sees it that came at the same time as another
    with time_machine.travel(start + timedelta(seconds=121), tick=False):
        api_tokens.note_use(row)
    assert ApiToken.objects.get().last_used_at == start + timedelta(seconds=120)


def test_the_openapi_document_names_both_ways_to_sign_in(client, db) -> None:
    document = client.get("/api/schema", HTTP_ACCEPT="application/json").json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["apiToken"]["scheme"] == schemes["jwtAuth"]["scheme"] == "bearer"
    asked = document["paths"]["/api/enrichment/contacts"]["get"]["security"]
    assert {"apiToken": []} in asked
    assert {"jwtAuth": []} in asked
