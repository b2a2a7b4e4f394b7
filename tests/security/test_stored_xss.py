"""What a scraped page, a mail or an import can leave in the database is shown as text on every page there is."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import CharField, Model, TextField, URLField
from django.test import Client
from lxml import html

from core.models import AuditEntry
from crm.models import Contact as CrmContact
from enrichment.models import EnrichedContact, EnrichmentJob, SubjectRequest
from outreach.models import Notice
from tests.factories import CrmAddressFactory
from tests.security import every_page
from tests.security.every_page import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MARK = "q7x"  # what is looked for
ATTACK = (
    f"{MARK}\"'><script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)></textarea></title>"
    "</script>{{7*7}}{% debug %}${7*7}<!--\u202e\u2028\u2029"
)
LINKS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    " jAvAsCrIpT:alert(1)",
    "//evil.example/x",
)
# What the product itself chooses or works out: an attacker has no way to it.
OURS = re.compile(
    r"(_key|_index|_hash|key|status|state|kind|origin|how|code|basis|method|channel|source|domain|seniority|department"
    r"|mail_operator|pattern|hint|zone|arm|matched|reason|stop_reason|purpose|policy|default_action|generated_address"
    r"|confidence|address|link|digest|subject|action|actor|via|object_type|object_id|details|values|fingerprint|label"
    r"|filters|query|provider|operation|account|password|username|message_id|provider_id|discovery_method|search_text"
    r"|job_type|dkim_selector|origin|name_key|lawful_basis|evidence|review_status|sentiment|claim|word|assessed_by_name)$"
)


def poison() -> set[str]:
    """Write the attack into every column that holds text from outside, past all checks; return the columns."""
    done = set()
    for app in ("crm", "outreach", "enrichment"):
        for model in apps.get_app_config(app).get_models():
            for column in model._meta.fields:
                named = OURS.search(column.name) and not (column.name in {"subject", "text"} and app == "outreach")
                plain = isinstance(column, CharField | TextField) and not column.choices and not column.generated
                plain = plain and "JSON" not in type(column).__name__
                if not plain or named or column.primary_key or column.is_relation:
                    continue
                if column.name == "email" or column.unique:
                    continue
                for place, row in enumerate(model._default_manager.all()):
                    value = LINKS[place % len(LINKS)] if _is_link(column) else ATTACK
                    setattr(row, column.attname, value[: column.max_length])
                    Model.save(row, update_fields=[column.attname])  # past what the model itself sees to
                done.add(f"{model.__name__}.{column.name}")
    seen = "2026-11-24T10:00:00Z"
    evidence = [
        {"field": field, "value": ATTACK, "snippet": ATTACK, "source": "website", "seenAt": seen, "url": url}
        for field, url in zip(("name", "title", "email", "linkedin", "phone"), LINKS, strict=True)
    ]
    for model in (EnrichedContact, CrmContact):
        for row in model._default_manager.all():
            row.evidence = evidence
            row.region_basis = {"how": "address", "evidence": ATTACK, "url": LINKS[0]}
            Model.save(row, update_fields=["evidence", "region_basis"])
    EnrichmentJob.objects.update(diagnostics=[{"source": "website", "code": "x", "sentence": ATTACK, "url": LINKS[0]}])
    return done


def _is_link(column: Any) -> bool:
    return isinstance(column, URLField) or column.name.endswith(("url", "website"))


@pytest.fixture
def everything(boss: User) -> Everything:
    made = Everything.make(boss)
    assert {"EnrichedContact.last_name", "Contact.job_title", "Event.text", "Brand.website", "Message.body"} <= poison()
    return made


def assert_harmless(text: str, where: str, *, ours: bool = True) -> None:
    """Fail where a page holds script, handler or link that is not its own."""
    tree = html.fromstring(text)
    for element in tree.iter("script"):
        own = element.get("src", "").startswith("/static/") or element.get("type", "") in {"application/json"}
        assert own, where
        assert "<" not in (element.text or ""), where
    for element in tree.iter("*"):
        assert element.tag not in {"svg", "iframe", "object", "embed", "base", "style"} or _is_own(element), where
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), (where, name)
            assert name != "style", where
            if name in {"href", "src", "action", "formaction", "data", "poster", "hx-get", "hx-post", "xlink:href"}:
                parts = urlsplit(value.strip())
                image = name == "src" and value.startswith("data:image")
                assert image or parts.scheme in {"", "http", "https", "mailto"}, (where, value)
                if parts.scheme in {"http", "https"} and element.tag == "a" and ours and parts.hostname != "testserver":
                    assert "noopener" in element.get("rel", "") or "noreferrer" in element.get("rel", ""), (
                        where,
                        value,
                    )
                if parts.netloc and not parts.scheme:
                    assert "evil.example" not in parts.netloc, (where, value)
    assert "49${" not in text, where
    assert not re.search(rf"{MARK}[^<]*\b49\b", text), where


def _is_own(element: Any) -> bool:
    return element.tag == "svg" and not [one for one in element.iter() if str(one.tag) in {"script", "foreignObject"}]


def test_no_page_runs_what_was_found(staff: Client, everything: Everything) -> None:
    shown = 0
    for name, url in every_page.pages(everything).items():
        for headers in ({}, {"HX-Request": "true", "HX-Target": "drawer-body"}):
            answer = staff.get(url, headers=headers)
            if answer.status_code == 200 and "html" in answer["Content-Type"]:
                text = every_page.body_of(answer).decode()
                if text.strip():
                    assert_harmless(text, name)
                shown += MARK in text
                assert "unsafe" not in answer["Content-Security-Policy"]
            else:
                assert answer.status_code < 500, name
    assert shown > 40


def test_no_page_of_the_admin_runs_it(staff: Client, everything: Everything) -> None:
    shown = 0
    for name, url in every_page.admin_pages(everything).items():
        answer = staff.get(url)
        assert answer.status_code in {200, 302, 403}, name
        if answer.status_code == 200:
            assert "<img src=x" not in answer.text, name
            assert f"{MARK}\"'>" not in answer.text, name
            shown += MARK in answer.text
            for element in html.fromstring(answer.text).iter("a"):
                assert "script:" not in element.get("href", "").lower(), name
    assert shown > 15


API = (
    "/api/enrichment/contacts", "/api/enrichment/jobs", "/api/crm/contacts", "/api/crm/brands",
    "/api/outreach/messages",
    "/api/outreach/events", "/api/outreach/templates", "/api/outreach/mailboxes",
)  # fmt: skip


def test_the_api_in_a_browser_runs_none_of_it_and_json_is_no_page(staff: Client, everything: Everything) -> None:
    for path in API:
        shown = staff.get(path, headers={"Accept": "text/html"})
        if shown.status_code == 404:
            continue
        assert shown["Content-Type"].startswith("text/html")
        assert f"{MARK}\"'>" not in shown.text
        assert "<img src=x" not in shown.text
        plain = staff.get(path, headers={"Accept": "application/json"})
        assert (plain["Content-Type"], plain["X-Content-Type-Options"]) == ("application/json", "nosniff")
        assert plain.json()


def test_what_a_mail_shows_is_text_too() -> None:
    from outreach import html_part

    shown = html_part.render(
        f'Hello {ATTACK}\n\n{LINKS[0]} https://acme.example/"onmouseover="x', ATTACK, 'en"><script>'
    )
    assert_harmless(shown, "the mail", ours=False)
    assert "<script" not in shown


def test_whoever_asks_for_their_data_reads_it_as_text(staff: Client, everything: Everything) -> None:
    CrmAddressFactory(email=every_page.ADDRESS, contact=CrmContact.objects.all()[0])
    request = SubjectRequest.objects.get()
    SubjectRequest.objects.update(state="open")
    answer = staff.post(f"/compliance/requests/{request.pk}/file", {"form": "html", "format": "html"})
    assert answer.status_code < 500
    if answer.status_code == 200:
        assert answer["Content-Disposition"].startswith("attachment")
        assert "<img src=x" not in every_page.body_of(answer).decode()
    assert Notice.objects.exists()
    assert AuditEntry.objects.exists()
