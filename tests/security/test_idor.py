"""Somebody who is signed in asks for what is another's, by its id, and gets nothing and changes nothing."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core import api_tokens, roles
from core.models import ApiToken
from enrichment import batches
from enrichment.models import BatchKind, EnrichmentJob, IdempotencyKey, SavedView
from tests.factories import ContactFactory
from tests.pages.conftest import reader, reviewer
from tests.security import every_page
from tests.security.every_page import Everything

__all__ = ["reader", "reviewer"]

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

OPEN = (
    "sign-in",
    "sign-in-code",
    "password-reset",
    "password-reset-sent",
    "password-reset-confirm",
    "unsubscribe",
    "offline",
    "crm:home",
)

# Posted, and change nothing: for whoever may look at requests and the audit trail.
SEARCHES = ("oversight:audit-person", "oversight:retention", "oversight:request-file")


@pytest.fixture
def other(db: None) -> User:
    user = User.objects.create_user("other")
    roles.give(user, roles.ADMIN)
    return user


def test_strangers_and_users_without_a_role_get_no_page(boss: User, client: Client) -> None:
    nobody = Client()
    nobody.force_login(User.objects.create_user("nobody"))
    for name, url in every_page.pages(Everything.make(boss)).items():
        if name in OPEN or name.startswith("privacy:"):
            continue
        for headers in ({}, {"HX-Request": "true"}):
            for ask in (client.get, client.post, client.put, client.delete):
                answer = ask(url, headers=headers)
                assert answer.status_code in {204, 302, 403, 405}, (name, answer.status_code)
                if answer.status_code == 302:
                    assert answer["Location"].startswith("/account/sign-in/"), name
        if ":" in name:
            assert nobody.get(url).status_code in {302, 403, 404, 405}, name
            assert nobody.post(url, {}).status_code in {302, 403, 404, 405}, name


def test_reviewers_and_readers_change_nothing_that_is_an_admins(boss: User, reader: Client, reviewer: Client) -> None:
    everything = Everything.make(boss)
    for name, url in every_page.pages(everything).items():
        if name.startswith("oversight:") and name not in SEARCHES:
            for one in (reader, reviewer):
                answer = one.post(url, {})
                assert answer.status_code in {403, 405}, name
            assert reviewer.get(url).status_code in {200, 403, 405}, name
    for url in every_page.admin_pages(everything).values():
        assert reviewer.get(url).status_code in {302, 403}, url


def test_an_id_of_another_kind_is_no_id(staff: Client, boss: User) -> None:
    everything = Everything.make(boss)
    pages = every_page.pages(everything)
    own = {str(row.pk) for row in everything.rows.values()}
    wrong = {name: url for name, url in pages.items() if any(key in url for key in own if len(key) == 36)}
    assert len(wrong) > 25
    for name, url in wrong.items():
        key = next(key for key in own if len(key) == 36 and key in url)
        for instead in (str(uuid4()), str(everything.rows[ApiToken].pk), "x" * 32, "0" * 32):
            answer = staff.get(url.replace(key, instead), follow=True)
            assert answer.status_code in {404, 405}, (name, instead)


def test_saved_views_and_drafts_are_their_users_own(other: User, boss: User) -> None:
    view = SavedView.objects.create(user=boss, name="Mine", query="sort=name")
    draft = batches.make(BatchKind.APPROVE, [ContactFactory().pk], boss)
    client = Client()
    client.force_login(other)
    for verb in ("delete", "default"):
        assert client.post(f"/contacts/views/{view.pk}/{verb}/").status_code == 404
    assert "Mine" not in client.get("/contacts/").text
    client.post("/contacts/views/", {"name": "Mine", "query": "sort=-found", "id": str(view.pk), "user": str(boss.pk)})
    view.refresh_from_db()
    assert (view.user, view.query) == (boss, "sort=name")
    client.post("/decisions/undo/")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_an_account_is_changed_by_its_user_alone(other: User, boss: User) -> None:
    boss.set_password("correct horse battery")
    boss.save()
    client = Client()
    client.force_login(other)
    forged = {
        "user": boss.pk,
        "id": boss.pk,
        "username": "boss",
        "new_password1": "x9-taken-over",
        "new_password2": "x9-taken-over",
    }
    client.post("/account/password/", {"old_password": "correct horse battery", **forged})
    client.post("/account/second-factor/change/", {"do": "off", **forged})
    boss.refresh_from_db()
    assert boss.check_password("correct horse battery")


def test_a_key_of_another_user_repeats_nothing_of_theirs(other: User, boss: User, settings: Any) -> None:
    headers = {"Idempotency-Key": "same", "Content-Type": "application/json"}
    first, second = (
        Client(headers={"Authorization": f"Bearer {api_tokens.create(user, 'x')[1]}"}) for user in (boss, other)
    )
    body = {"brandName": "Acme"}
    one = first.post("/api/enrichment/discover", body, content_type="application/json", headers=headers)
    two = second.post(
        "/api/enrichment/discover", {"brandName": "Bolt"}, content_type="application/json", headers=headers
    )
    assert one.status_code == two.status_code
    assert one.status_code < 300
    assert one.json()["job"]["jobId"] != two.json()["job"]["jobId"]
    assert (IdempotencyKey.objects.count(), EnrichmentJob.objects.count()) == (2, 2)


def test_a_token_does_not_outlive_its_users_right(other: User) -> None:
    token = api_tokens.create(other, "x")[1]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/enrichment/stats").status_code == 200
    roles.give(other, roles.REVIEWER)
    assert client.get("/api/enrichment/stats").status_code == 403
