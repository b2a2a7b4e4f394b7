"""Every kind of answer carries what keeps browsers and caches from harm; none tells what it is made with."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from core import api_tokens
from enrichment.models import SubjectRequest
from outreach import notices, unsubscribing
from tests.factories import ContactFactory, EmailFactory
from tests.security import every_page
from tests.security.every_page import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADDRESS = "ada@acme.example"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assert_guarded(answer: Any, *, personal: bool = True) -> None:
    every_page.body_of(answer)
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, (answer.status_code, name)
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    for feature in ("camera", "microphone", "geolocation", "payment", "usb"):
        assert f"{feature}=()" in answer["Permissions-Policy"]
    for name in ("Server", "X-Powered-By", "Via", "X-Runtime", "Access-Control-Allow-Origin"):
        assert name not in answer.headers
    if personal:
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/contacts/", 200),
        ("/contacts/?page=x", 200),
        ("/crm/", 302),
        ("/admin/", 200),
        ("/admin/crm/contact/", 200),
        ("/admin/nothing/", 404),
        ("/api/enrichment/stats", 200),
        ("/api/enrichment/contacts?limit=x", 400),
        ("/api/enrichment/approve", 405),
        ("/api/nothing", 404),
        ("/api/schema", 200),
        ("/api/docs", 200),
        ("/contacts/verify/", 405),
        ("/nothing", 404),
        ("/account/", 200),
    ],
)
def test_whoever_is_signed_in_gets_them_and_no_cache_keeps_it(staff: Client, path: str, status: int) -> None:
    answer = staff.get(path)
    assert answer.status_code == status
    assert_guarded(answer)


@pytest.mark.parametrize(
    "path",
    ["/account/sign-in/", "/contacts/", "/nothing", "/healthz", "/readyz", "/metrics", "/manifest.webmanifest",
     "/offline/",
     "/service-worker.js", "/static/core/app.css", "/static/core/nothing.css", "/privacy/", "/account/password/reset/"],
)  # fmt: skip
def test_strangers_get_them_too(client: Client, path: str) -> None:
    assert_guarded(client.get(path), personal=False)


def test_links_out_of_mails_tell_nobody_where_they_were(client: Client) -> None:
    for path in (f"/unsubscribe/{unsubscribing.token(ADDRESS)}", f"/privacy/{notices.token(ADDRESS)}"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert_guarded(answer)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]


def test_refusals_and_faults_have_them(boss: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.force_login(boss)
    refused = [strict.get("/", headers={"host": "evil.example"}), strict.post("/account/time-zone/", {"zone": "UTC"})]
    plain = Client()
    plain.force_login(User.objects.create_user("nobody"))
    refused.append(plain.get("/contacts/"))
    anonymous = APIClient().get("/api/enrichment/contacts")
    refused += [anonymous, APIClient().get("/api/enrichment/contacts", HTTP_AUTHORIZATION="Bearer enr_none")]
    settings.API_RATE = "1/h"
    limited = APIClient()
    limited.credentials(HTTP_AUTHORIZATION=f"Bearer {api_tokens.create(boss, 'x')[1]}")
    limited.get("/api/enrichment/stats")
    refused.append(limited.get("/api/enrichment/stats"))
    settings.API_RATE = ""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the inside: postgresql://user:secret@db/x")

    monkeypatch.setattr("core.account.audit.latest", fail)
    refused.append(strict.get("/account/"))
    monkeypatch.setattr("rest_framework.views.APIView.initial", fail)
    refused.append(strict.get("/api/enrichment/stats"))
    assert [one.status_code for one in refused] == [400, 403, 403, 401, 401, 429, 500, 500]
    for one in refused:
        assert_guarded(one)
        assert "inside" not in one.content.decode()
        assert "Traceback" not in one.content.decode()
        assert "secret" not in one.content.decode()


def test_files_are_saved_and_never_shown(staff: Client, boss: User) -> None:
    EmailFactory(enriched_contact=ContactFactory(last_name="<script>alert(1)</script>"))
    request = Everything.make(boss).rows[SubjectRequest]
    SubjectRequest.objects.update(state="open")
    files = [
        staff.post("/contacts/export/", {"everything": "1"}),
        staff.get("/api/crm/exports/contacts.csv"),
        staff.get("/api/crm/exports/brands.csv"),
        staff.get("/compliance/register/markdown/"),
        staff.get("/compliance/register/json/"),
        staff.get("/compliance/audit/csv/"),
        staff.post(f"/compliance/requests/{request.pk}/file", {"kind": "html"}),
    ]
    saved = 0
    for one in files:
        assert_guarded(one)
        if one.status_code == 200:
            saved += 1
            assert one["Content-Disposition"].startswith("attachment; filename=")
            assert "\n" not in one["Content-Disposition"]
    assert saved == len(files)


def test_with_https_only_browsers_are_held_to_it(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    moved = client.get("/account/sign-in/")
    assert (moved.status_code, moved["Location"]) == (301, "https://testserver/account/sign-in/")
    assert_guarded(moved, personal=False)
    assert client.get("/healthz").status_code == 200
    for path in ("/account/sign-in/", "/static/core/app.css", "/api/nothing", "/healthz"):
        answer = client.get(path, secure=True)
        every_page.body_of(answer)
        assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
