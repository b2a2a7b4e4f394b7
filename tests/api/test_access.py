"""Who may use the API, and how errors look."""

import json
from io import BytesIO

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.test import APIClient

from enrichment.api import contact_list
from tests.factories import ContactFactory

ENDPOINTS = [
    ("post", "/api/enrichment/discover"),
    ("get", "/api/enrichment/jobs"),
    ("get", "/api/enrichment/jobs/x"),
    ("post", "/api/enrichment/jobs/x/retry"),
    ("post", "/api/enrichment/jobs/x/cancel"),
    ("get", "/api/enrichment/jobs/x/results"),
    ("post", "/api/enrichment/email-finder"),
    ("post", "/api/enrichment/email-verifier"),
    ("get", "/api/enrichment/domains/x"),
    ("post", "/api/enrichment/approve"),
    ("get", "/api/enrichment/contacts"),
    ("get", "/api/enrichment/contacts/x"),
    ("patch", "/api/enrichment/contacts/x"),
    ("delete", "/api/enrichment/contacts/x"),
    ("post", "/api/enrichment/contacts/x/reject"),
    ("post", "/api/enrichment/contacts/x/link-to-crm"),
    ("post", "/api/enrichment/contacts/x/verify"),
    ("get", "/api/enrichment/contacts/x/messages"),
    ("get", "/api/enrichment/stats"),
    ("get", "/api/enrichment/regions"),
    ("get", "/api/enrichment/regions/DE"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_without_a_token_it_is_401_and_says_how_to_get_one(method, path) -> None:
    answer = getattr(APIClient(), method)(path)
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_authenticated"
    assert "/api/auth/token" in answer.json()["message"]
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "Bearer a.b.c", "Basic eDp5", "Bearer \xff"])
def test_a_bad_token_is_401(header) -> None:
    answer = APIClient().get("/api/enrichment/contacts", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "message"}


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_user_who_is_no_admin_gets_the_printed_403(visitor, method, path) -> None:
    client = APIClient()
    client.force_authenticate(visitor)
    answer = getattr(client, method)(path)
    assert answer.status_code == 403
    assert answer.json()["error"] == "Forbidden: Admin access required"
    assert answer.json()["message"]


def test_a_session_signs_in_too_and_needs_a_csrf_token_to_write(admin) -> None:
    contact = ContactFactory()
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.get("/api/enrichment/contacts").status_code == 200
    refused = client.delete(f"/api/enrichment/contacts/{contact.pk}")
    assert (refused.status_code, refused.json()["error"]) == (403, "csrf_failed")
    assert "X-CSRFToken" in refused.json()["message"]


def test_tokens_are_given_refreshed_and_refused(admin) -> None:
    client = APIClient()
    pair = client.post(
        "/api/auth/token", {"username": "boss", "password": "correct horse battery"}, format="json"
    ).json()
    assert set(pair) == {"access", "refresh"}
    fresh = client.post("/api/auth/token/refresh", {"refresh": pair["refresh"]}, format="json")
    assert fresh.status_code == 200
    assert fresh.json()["access"]
    wrong = client.post("/api/auth/token", {"username": "boss", "password": "wrong"}, format="json")
    assert wrong.status_code == 401
    assert wrong.json()["error"] == "authentication_failed"
    assert client.post("/api/auth/token", {}, format="json").status_code == 400
    assert client.post("/api/auth/token", [1], format="json").status_code == 400


@pytest.fixture
def pair(admin) -> dict[str, str]:
    """The tokens that an admin got for the password."""
    answer = APIClient().post(
        "/api/auth/token", {"username": "boss", "password": "correct horse battery"}, format="json"
    )
    return answer.json()


def refused(pair: dict[str, str]) -> list[tuple[int, str]]:
    """Return the status and the code with which the refresh token, then the access token is refused."""
    client = APIClient()
    refreshed = client.post("/api/auth/token/refresh", {"refresh": pair["refresh"]}, format="json")
    listed = client.get("/api/enrichment/contacts", HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    return [(answer.status_code, answer.json().get("error")) for answer in (refreshed, listed)]


def test_a_new_password_ends_the_tokens_of_the_old_one(admin, pair) -> None:
    admin.set_password("another horse battery")
    admin.save()
    assert refused(pair) == [(401, "authentication_failed")] * 2


def test_a_deleted_users_tokens_are_refused(admin, pair) -> None:
    admin.delete()
    assert refused(pair) == [(401, "authentication_failed")] * 2


def test_an_inactive_users_tokens_are_refused(admin, pair) -> None:
    admin.is_active = False
    admin.save()
    assert refused(pair) == [(401, "authentication_failed")] * 2


@pytest.mark.parametrize("odd", ["", "x", "a.b.c", None, 7, ["x"]])
def test_what_is_no_refresh_token_is_refused(db, pair, odd) -> None:
    answer = APIClient().post("/api/auth/token/refresh", {"refresh": odd}, format="json")
    assert answer.status_code in {400, 401}
    assert set(answer.json()) == {"error", "message"}
    access = APIClient().post("/api/auth/token/refresh", {"refresh": pair["access"]}, format="json")
    assert access.status_code == 401


def test_guessing_passwords_is_slowed_down(admin, settings) -> None:
    settings.TOKEN_ATTEMPTS_RATE = "3/h"
    client = APIClient()
    answers = [
        client.post("/api/auth/token", {"username": "guessed", "password": str(n)}, format="json") for n in range(4)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1].json()["error"] == "throttled"
    assert int(answers[-1]["Retry-After"]) > 0
    other = client.post("/api/auth/token", {"username": "boss", "password": "correct horse battery"}, format="json")
    assert other.status_code == 200, "another user is not locked out"


LONGEST = 2_621_440


@pytest.mark.parametrize("path", ["/api/auth/token", "/api/auth/token/refresh", "/api/enrichment/discover"])
def test_a_body_beyond_the_limit_is_refused_unread(api, settings, path) -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == LONGEST
    fits = api.post(path, b'{"x": "%b"}' % (b"x" * (LONGEST - 9)), content_type="application/json")
    assert (fits.status_code, fits.json()["error"] == "body_too_large") == (400, False)
    body = BytesIO(b"[" * (LONGEST * 4))
    answer = api.generic("POST", path, content_type="application/json", **wsgi_input(body))
    assert (answer.status_code, answer.json()["error"]) == (400, "body_too_large")
    assert "2,621,440 bytes" in answer.json()["message"]
    assert body.tell() == LONGEST + 1


def wsgi_input(body: BytesIO) -> dict[str, object]:
    """Return what makes a test client's request have this body."""
    return {"wsgi.input": body, "CONTENT_LENGTH": str(len(body.getvalue()))}


def test_unknown_endpoints_and_methods_answer_in_the_error_shape(api) -> None:
    missing = api.get("/api/enrichment/nothing")
    assert (missing.status_code, missing.json()["error"]) == (404, "not_found")
    wrong = api.put("/api/enrichment/contacts", {}, format="json")
    assert (wrong.status_code, wrong.json()["error"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("fault", [OperationalError("gone"), RedisDown("gone")])
def test_a_database_or_redis_that_is_gone_is_503(api, monkeypatch, fault) -> None:
    def fail(*args: object) -> None:
        raise fault

    monkeypatch.setattr(contact_list, "page", fail)
    answer = api.get("/api/enrichment/contacts")
    assert answer.status_code == 503
    assert answer.json()["error"] == "unavailable"
    assert answer["Retry-After"]


def test_these_are_all_the_endpoints(client, db) -> None:
    paths = json.loads(client.get("/api/schema", HTTP_ACCEPT="application/json").content)["paths"]
    documented = {
        (method, path.replace("{id}", "DE" if "regions" in path else "x").replace("{domain}", "x"))
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/api/enrichment/")
    }
    assert documented == set(ENDPOINTS)


def test_a_fault_of_ours_is_a_500_in_the_error_shape_that_tells_nothing_of_the_inside(api, monkeypatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(contact_list, "page", fail)
    api.raise_request_exception = False
    answer = api.get("/api/enrichment/contacts")
    assert answer.status_code == 500
    assert answer.json() == {
        "error": "internal_error",
        "message": "Something went wrong on our side; the log has the details.",
    }


def test_the_schema_and_the_docs_need_no_sign_in_and_load_nothing_from_elsewhere(client, db) -> None:
    schema = client.get("/api/schema")
    assert schema.status_code == 200
    assert b"/api/enrichment/discover" in schema.content
    docs = client.get("/api/docs")
    assert docs.status_code == 200
    assert b"https://" not in docs.content


def test_the_browsable_api_shows_for_a_signed_in_admin(admin, client) -> None:
    client.force_login(admin)
    answer = client.get("/api/enrichment/contacts", HTTP_ACCEPT="text/html")
    assert answer.status_code == 200
    assert b"pagination" in answer.content
