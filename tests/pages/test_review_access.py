"""Every page of the review workspace and of the account: who may use it, and that nothing typed at it breaks it."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import URLPattern, reverse

from core.account import urls as account_urls
from enrichment import batches, merging, previewing
from enrichment.models import (
    BatchKind,
    ContactNote,
    EnrichedContact,
    EnrichmentJob,
    JobStatus,
    JobType,
    ReviewBatch,
    SavedView,
)
from enrichment.review import urls as review_urls
from outreach.models import Enrolment, Sequence
from tests.factories import ContactFactory, EmailFactory, JobFactory
from tests.outreach.factories import MailboxFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ADDRESS = "ada.hidden@acme.example"
HOSTILE_NAME = "<img src=x onerror=alert(1)>\"'{{7*7}}\u202e"


class Rows:
    """What the addresses below are about."""

    def __init__(self, boss: User, name: str = HOSTILE_NAME) -> None:
        self.contact: EnrichedContact = ContactFactory(last_name=name, company="=cmd|'/c calc'!A1")
        email = EmailFactory(enriched_contact=self.contact, email=ADDRESS, generation_method="published")
        claim = {"url": "javascript:alert(1)", "source": "website", "seenAt": "2026-11-24T10:00:00Z"}
        self.contact.evidence = [
            {"field": "email", "value": email.email, "snippet": f"Write to {email.email}", **claim},
            {"field": "title", "value": "Head", "snippet": f"Head, {email.email}", **claim},
        ]
        self.contact.linkedin_url = "javascript:alert(document.cookie)"
        self.contact.save()
        self.other: EnrichedContact = ContactFactory()
        third = ContactFactory()
        merging.merge(self.contact, third, {}, boss)
        self.merge = self.contact.merges.get()
        self.job: EnrichmentJob = JobFactory(status=JobStatus.FAILED, brand_name=name)
        self.list_job: EnrichmentJob = JobFactory(job_type=JobType.EMAIL_ENRICHMENT, status=JobStatus.COMPLETED)
        self.job.contacts.add(self.contact)
        self.batches = {kind: batches.make(kind, [self.contact.pk], boss) for kind in BatchKind}
        self.view = SavedView.objects.create(user=boss, name=name, query="sort=name")

    def of(self, name: str, kind: str = BatchKind.APPROVE) -> list[Any]:
        """Return the arguments of an address."""
        if name == "merge":
            return [self.contact.pk, self.other.pk]
        if name == "merge-undo":
            return [self.merge.pk]
        if name in ("view-delete", "view-default"):
            return [self.view.pk]
        if name in ("batch", "batch-preview", "batch-confirm", "batch-discard", "batch-undo"):
            return [self.batches[BatchKind(kind)].pk]
        if name in ("job", "job-progress", "job-retry", "job-cancel"):
            return [self.job.pk]
        return [self.contact.pk] if name == "duplicates" or name.startswith("contact-") or name == "contact" else []


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verifying would ask name servers."""
    monkeypatch.setattr("enrichment.contact_checks.verify", no_verdicts)


def no_verdicts(*_: object, **__: object) -> dict[UUID, list[object]]:
    return {}


@pytest.fixture
def rows(boss: User, sequence: Sequence) -> Rows:
    MailboxFactory()
    return Rows(boss)


@pytest.fixture
def nobody(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("nobody"))
    return client


@pytest.fixture
def clients(nobody: Client, reader: Client, reviewer: Client, boss: User) -> list[Client]:
    """Whoever has no permission, whoever may look at everything, a reviewer, an admin: the order of the tables."""
    admin = Client()
    admin.force_login(boss)
    return [nobody, reader, reviewer, admin]


EVERYBODY, LOOKS, ADMIN = (200, 200, 200, 200), (403, 200, 200, 200), (403, 403, 403, 200)
# What is opened: by nobody, reader, reviewer, admin.
PAGES = {
    "home": LOOKS,
    "discover": ADMIN,
    "discover-many": ADMIN,
    "discover-region": ADMIN,
    "jobs": LOOKS,
    "job": LOOKS,
    "job-progress": (403, 302, 302, 302),
    "contacts": LOOKS,
    "contact": LOOKS,
    "contact-edit": ADMIN,
    "duplicates": ADMIN,
    "merge": ADMIN,
    "batches": LOOKS,
    "batch": LOOKS,
    "batch-preview": (403, 302, 302, 302),
}
DONE, ADMINS, REVIEWERS = (403, 302, 302, 302), (403, 403, 403, 302), (403, 403, 302, 302)
# What is posted. In this order what one role does is in no other's way.
POSTS: list[tuple[str, dict[str, str], tuple[int, ...]]] = [
    ("discover", {}, (403, 403, 403, 400)),
    ("discover-many", {}, (403, 403, 403, 400)),
    ("contacts-export", {"everything": "1"}, ADMIN),
    ("contacts-verify", {}, ADMINS),
    ("contact-note", {"text": "Met at the fair."}, REVIEWERS),
    ("contact-edit", {}, (403, 403, 403, 400)),
    ("contact-evidence", {"entry": "99"}, ADMINS),
    ("contact-verify", {}, ADMINS),
    ("view-save", {"name": "Mine", "query": ""}, DONE),
    ("view-default", {}, (403, 404, 404, 302)),
    ("view-delete", {}, (403, 404, 404, 302)),
    ("job-cancel", {}, ADMINS),
    ("job-retry", {}, ADMINS),
    ("merge-undo", {}, ADMINS),
    ("merge", {}, ADMINS),
    ("batch-undo-last", {}, DONE),
    ("batch-new", {"kind": "approve", "everything": "1"}, ADMINS),
    ("batch-new", {"kind": "delete", "everything": "1"}, ADMINS),
    ("batch-new", {"kind": "reject", "everything": "1"}, REVIEWERS),
]
# Of each kind: confirming, discarding and undoing one that is somebody else's.
OF_KINDS = {BatchKind.APPROVE: ADMINS, BatchKind.DELETE: ADMINS, BatchKind.REJECT: REVIEWERS}

ACCOUNT_PAGES = {
    "account": EVERYBODY,
    "password": EVERYBODY,
    "second-factor": (302, 302, 302, 302),
    "sign-in": (302, 302, 302, 302),
}
ACCOUNT_POSTS = ("time-zone", "second-factor-begin", "second-factor-change", "sign-out")
OPEN = ("sign-in", "sign-in-code", "password-reset", "password-reset-sent", "password-reset-confirm")


def names(patterns: Iterable[URLPattern]) -> set[str]:
    return {str(pattern.name) for pattern in patterns}


def statuses(clients: Iterable[Client], ask: Callable[[Client], Any]) -> tuple[int, ...]:
    return tuple(ask(client).status_code for client in clients)


def test_the_tables_below_know_every_address() -> None:
    posts = {name for name, _, _ in POSTS} | {"batch-confirm", "batch-discard", "batch-undo"}
    assert names(review_urls.urlpatterns) == posts | set(PAGES)
    assert names(account_urls.urlpatterns) == {*ACCOUNT_PAGES, *ACCOUNT_POSTS, *OPEN}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_whoever_may_see_it(clients: list[Client], client: Client, rows: Rows, name: str) -> None:
    url = reverse(f"review:{name}", args=rows.of(name))
    assert statuses(clients, lambda one: one.get(url)) == PAGES[name]
    parts = tuple(200 if status == 302 else status for status in PAGES[name])
    assert statuses(clients, lambda one: one.get(url, headers=HTMX)) == parts
    assert client.get(url)["Location"].startswith("/account/sign-in/?next=")
    asked = client.get(url, headers=HTMX | {"HX-Current-URL": "https://evil.example/"})
    assert (asked.status_code, asked["HX-Redirect"]) == (204, "/account/sign-in/?next=/")


@pytest.mark.parametrize(("name", "data", "expected"), POSTS, ids=[f"{name}-{data}" for name, data, _ in POSTS])
def test_an_action_is_done_for_whoever_may(
    clients: list[Client], client: Client, rows: Rows, name: str, data: dict[str, str], expected: tuple[int, ...]
) -> None:
    url = reverse(f"review:{name}", args=rows.of(name))
    assert client.post(url, data)["Location"] == "/account/sign-in/?next=/"
    if name not in PAGES:
        assert clients[-1].get(url).status_code == 405
    refused = [one for one, status in zip(clients, expected, strict=True) if status == 403]
    assert statuses(refused, lambda one: one.post(url, data, headers=HTMX)) == (403,) * len(refused)
    assert statuses(clients, lambda one: one.post(url, data)) == expected


@pytest.mark.parametrize("kind", OF_KINDS)
@pytest.mark.parametrize("do", ["batch-undo", "batch-discard", "batch-confirm"])
def test_what_somebody_else_decided_is_for_those_who_may_decide_so(
    clients: list[Client], client: Client, rows: Rows, do: str, kind: BatchKind
) -> None:
    url = reverse(f"review:{do}", args=rows.of(do, kind))
    refused = [one for one, status in zip(clients, OF_KINDS[kind], strict=True) if status == 403]
    for one in refused:
        assert (one.post(url).status_code, one.post(url, headers=HTMX).status_code) == (403, 403)
    assert clients[-1].get(url).status_code == 405
    assert client.post(url).status_code == 302
    assert set(ReviewBatch.objects.values_list("state", flat=True)) == {"draft"}
    assert not EnrichedContact.objects.exclude(review_status="new").exists()
    if OF_KINDS[kind] == REVIEWERS:
        assert clients[2].post(url).status_code == 302


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_an_account_is_for_whoever_is_signed_in(clients: list[Client], client: Client, name: str) -> None:
    url = reverse(name)
    assert statuses(clients, lambda one: one.get(url)) == ACCOUNT_PAGES[name]
    if name != "sign-in":
        assert client.get(url)["Location"] == f"/account/sign-in/?next={url}"


@pytest.mark.parametrize("name", ACCOUNT_POSTS)
def test_an_account_is_changed_by_posting_alone(clients: list[Client], client: Client, name: str) -> None:
    assert clients[-1].get(reverse(name)).status_code == 405
    assert client.post(reverse(name))["Location"].startswith("/account/sign-in/")


@pytest.mark.parametrize("name", [name for name in PAGES if 302 not in PAGES[name]])
def test_a_page_has_no_script_or_style_of_its_own_and_no_cache_keeps_it(
    staff: Client, boss: User, sequence: Sequence, name: str
) -> None:
    answer = staff.get(reverse(f"review:{name}", args=Rows(boss, "Example").of(name)))
    text = answer.content.decode()
    assert answer["Cache-Control"] == "no-store, private"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "<h1" in text
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", text)
    menus = re.findall(r'<nav class="main".*?</nav>', text, re.DOTALL)
    marks = ["page" if 'aria-current="page"' in menu else "true" * ('aria-current="true"' in menu) for menu in menus]
    assert marks == ["page" if name in ("home", "discover", "jobs", "contacts", "batches") else "true"] * 2


# What is not shown ----------------------------------------------------------------------------------


def test_whoever_may_not_see_addresses_finds_none_on_any_page(client: Client, rows: Rows) -> None:
    user = User.objects.create_user("half")
    wanted = Permission.objects.filter(content_type__app_label__in=["enrichment", "crm"])
    user.user_permissions.set(wanted.exclude(codename__in=["view_contactemail", "view_contactaddress"]))
    client.force_login(user)
    note = ContactNote.objects.create(contact=rows.contact, text="Met.", author=user)
    for name in PAGES:
        for kind in BatchKind if name in ("batch", "batch-preview") else [BatchKind.APPROVE]:
            url = reverse(f"review:{name}", args=rows.of(name, kind))
            for headers in ({}, HTMX, HTMX | {"HX-Target": "drawer-body"}, HTMX | {"HX-Target": "results"}):
                text = client.get(url, headers=headers, follow=True).content.decode()
                assert ADDRESS not in text, name
    assert client.post(reverse("review:contacts-export"), {"everything": "1"}).status_code == 403
    assert note.text in client.get(reverse("review:contact", args=[rows.contact.pk])).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_found_text_is_shown_as_text_and_leads_nowhere(staff: Client, rows: Rows, name: str) -> None:
    for headers in ({}, HTMX | {"HX-Target": "drawer-body"}):
        for kind in BatchKind if name == "batch" else [BatchKind.APPROVE]:
            answer = staff.get(reverse(f"review:{name}", args=rows.of(name, kind)), headers=headers, follow=True)
            text = answer.content.decode()
            assert "<img src=x" not in text
            assert 'href="javascript:' not in text


def test_a_file_for_a_spreadsheet_holds_no_formula(staff: Client, rows: Rows) -> None:
    answer = staff.post(reverse("review:contacts-export"), {"contact": str(rows.contact.pk)})
    assert b"".join(answer.streaming_content).decode().count("'=cmd|") == 1
    assert answer["Content-Disposition"].startswith('attachment; filename="found-contacts-')


def test_a_preview_leaves_nothing_and_wakes_nobody(
    rows: Rows, sequence: Sequence, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    before = EnrichedContact.objects.values_list("review_status", "linked_contact", "activity").get(pk=rows.contact.pk)
    with django_capture_on_commit_callbacks() as callbacks:
        found = previewing.preview(rows.contact.pk, sequence)
    assert found.messages
    assert not callbacks
    assert not Enrolment.objects.exists()
    after = EnrichedContact.objects.values_list("review_status", "linked_contact", "activity").get(pk=rows.contact.pk)
    assert after == before
    assert "acme.example" not in caplog.text


# What hostile input does ----------------------------------------------------------------------------

VALUES = [
    "\0",
    "\x07\ue000",
    "\u202ea\u2066",
    "x" * 10_000,
    "word " * 2_000,
    "9" * 5_000,
    "²",
    "0001-01-01",
    "9999-12-31",
    "not-a-uuid",
    "{00000000-0000-0000-0000-000000000000}",
    "//evil.example/%0d%0aSet-Cookie: a=b",
    "http://[",
    "q=%00&since=0001-01-01&page=x",
    "javascript:alert(1)",
]
FIELDS = (
    *("q", "brand", "job", "reviewed", "status", "seniority", "department", "source", "confidence_min"),
    *("confidence_max", "chance_min", "region", "address", "decision_maker", "crm", "since", "page", "per", "sort"),
    *("columns", "kind", "contact", "filters", "reason", "next", "sequence", "steps", "text-1", "entry", "text"),
    *("name", "query", "default", "providers", "drawer", "website", "linkedin", "once", "start", "first_name"),
    *("last_name", "job_title", "company", "linkedin_url", "region_code", "lawful_basis", "email", "zone", "code"),
    *("do", "username", "password", "old_password", "new_password1", "new_password2"),
)
ZONES = ("Asia/Tokyo", "America/New_York", "../../etc/passwd")
ALL = [f"review:{name}" for name in sorted(names(review_urls.urlpatterns))]
ALL += sorted(names(account_urls.urlpatterns) - {"sign-out", "password-reset-confirm"})


# What has to be right for the rest to be looked at.
RIGHT = {"review:batch-new": {"kind": "reject"}, "review:contact-verify": {"providers": ""}}


@pytest.mark.parametrize("name", ALL)
def test_nothing_that_is_typed_or_forged_breaks_a_page(staff: Client, rows: Rows, name: str, settings: Any) -> None:
    settings.TOKEN_ATTEMPTS_RATE = "1000/s"
    url = reverse(name, args=rows.of(name.removeprefix("review:")) if ":" in name else [])
    may_post = name.removeprefix("review:") not in PAGES or name.removeprefix("review:") in [post[0] for post in POSTS]
    for number, value in enumerate(VALUES):
        data = {field: [value, value] for field in FIELDS} | RIGHT.get(name, {})
        data["contact"] = [value, str(rows.other.pk)]
        if number % 2:
            data["everything"] = ["1"]
        staff.cookies["time_zone"] = ZONES[number % len(ZONES)]
        headers = forged(value) if number % 3 else {}
        assert staff.get(url, data, headers=headers).status_code < 500
        if may_post:
            assert staff.post(url, data, headers=headers).status_code < 500


def forged(value: str) -> dict[str, str]:
    """Return what a browser sends beside a request, as somebody would forge it."""
    text = value[:50].encode("ascii", "ignore").decode()
    return HTMX | {"HX-Target": "drawer-body", "HX-Current-URL": text, "Job-Phase": text, "Referer": text}


@pytest.mark.parametrize("since", ["0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_on_every_clock_is_left_out_of_account(staff: Client, rows: Rows, since: str) -> None:
    for zone in ZONES[:2]:
        staff.cookies["time_zone"] = zone
        answer = staff.get(reverse("review:contacts"), {"since": since})
        assert answer.status_code == 200
        assert "Found since" not in "".join(chip.text for chip, _ in answer.context["chips"])


def test_a_decision_keeps_of_its_filters_what_is_one(staff: Client, rows: Rows) -> None:
    filters = "q=Ada&evil=" + "x" * 50_000
    staff.post(reverse("review:batch-new"), {"kind": "reject", "everything": "1", "filters": filters})
    assert ReviewBatch.objects.order_by("-created_at", "-pk")[0].filters == "q=Ada&sort=-found"


def test_a_reason_that_cannot_be_kept_is_refused_in_a_sentence(reviewer: Client, rows: Rows) -> None:
    data = {"kind": "reject", "contact": str(rows.other.pk), "reason": "Left\x07"}
    text = reviewer.post(reverse("review:batch-new"), data, follow=True).content.decode()
    assert "The reason has control or unassigned characters" in text
    assert not EnrichedContact.objects.filter(review_status="rejected").exists()


# Signing in -----------------------------------------------------------------------------------------


def test_a_record_of_a_failure_holds_no_password(client: Client, boss: User) -> None:
    client.force_login(boss)
    typed = {"old_password": "wrong", "new_password1": "my-next-secret", "new_password2": "my-next-secret"}
    client.post(reverse("password"), typed)
    kept = AccessAttempt.objects.get()
    assert "my-next-secret" not in kept.post_data
    assert kept.post_data.count("***") >= 3


@pytest.mark.parametrize("path", ["/account/sign-in/", "/account/sign-in/code/", "https://evil.example/"])
def test_whoever_is_signed_in_is_led_on_and_never_in_a_circle(staff: Client, path: str) -> None:
    answer = staff.get(reverse("sign-in"), {"next": path}, follow=True)
    assert answer.redirect_chain[-1] == ("/", 302)


@pytest.mark.parametrize(
    ("referer", "way"), [("http://[", "/"), ("http://testserver//evil.example/x", "/%2Fevil.example/x")]
)
def test_a_form_without_its_token_leads_back_to_our_own_pages(boss: User, referer: str, way: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    answer = client.post(reverse("time-zone"), {"zone": "UTC"}, headers={"Referer": referer})
    assert answer.status_code == 403
    assert f'<a href="{way}">Reload the page</a>' in answer.content.decode()
