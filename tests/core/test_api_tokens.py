"""API tokens in the admin: shown once, kept as a hash, revoked at a click, and nobody's but one's own."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import api_tokens
from core.models import ApiToken

pytestmark = pytest.mark.django_db

LIST = reverse("admin:core_apitoken_changelist")
ADD = reverse("admin:core_apitoken_add")


def page(name: str, row: ApiToken) -> str:
    return reverse(f"admin:core_apitoken_{name}", args=[row.pk])


def form(**fields: Any) -> dict[str, Any]:
    return {"name": "CRM script", "expires_at_0": "", "expires_at_1": ""} | fields


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss")


@pytest.fixture
def clerk() -> User:
    """A member of staff who may do everything with tokens that permissions can give."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="core"))
    return user


@pytest.fixture
def as_boss(boss: User, client: Client) -> Client:
    client.force_login(boss)
    return client


@pytest.fixture
def as_clerk(clerk: User) -> Client:
    client = Client()
    client.force_login(clerk)
    return client


def shown_token(answer: Any) -> str:
    """Return the token on the page that follows its creation."""
    return answer.content.decode().split('<code id="token"')[1].split(">")[1].split("<")[0]


def test_a_new_token_is_shown_in_the_answer_itself_and_opens_nothing_twice(as_boss: Client, boss: User) -> None:
    answer = as_boss.post(ADD, form(user=boss.pk))
    token, row = shown_token(answer), ApiToken.objects.get()
    assert answer.status_code == 200, "no redirect: a token must not travel in a message or a URL"
    assert "no-store" in answer.headers["Cache-Control"]
    assert token.startswith("enr_")
    assert len(token) >= 4 + 43, "256 bits"
    assert row.token_hash == api_tokens.fingerprint(token)
    for address in (LIST, page("change", row), page("history", row)):
        assert token not in as_boss.get(address).content.decode()


def test_a_token_is_in_no_cookie_no_session_no_log_and_only_as_a_hash_in_the_database(
    as_boss: Client, boss: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = shown_token(as_boss.post(ADD, form(user=boss.pk)))
    secret = token[api_tokens.HINT_LENGTH :]
    assert not any(secret in cookie.value for cookie in as_boss.cookies.values())
    assert secret not in str(dict(as_boss.session))
    assert secret not in caplog.text
    assert secret not in LogEntry.objects.get().object_repr
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_token")
        assert secret not in str(cursor.fetchall())


def test_an_expiry_that_has_passed_is_refused(as_boss: Client, boss: User) -> None:
    answer = as_boss.post(ADD, form(user=boss.pk, expires_at_0="2020-01-01", expires_at_1="00:00"))
    assert "This moment has passed" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_superuser_makes_tokens_for_others(as_boss: Client, clerk: User) -> None:
    as_boss.post(ADD, form(user=clerk.pk))
    assert ApiToken.objects.get().user == clerk


def test_other_staff_make_tokens_for_themselves_whatever_they_send(as_clerk: Client, clerk: User, boss: User) -> None:
    assert 'name="user"' not in as_clerk.get(ADD).content.decode()
    as_clerk.post(ADD, form(user=boss.pk))
    assert ApiToken.objects.get().user == clerk


def test_other_staff_see_and_touch_only_their_own(as_clerk: Client, clerk: User, boss: User) -> None:
    own, _ = api_tokens.create(clerk, "Mine")
    other, _ = api_tokens.create(boss, "The boss's")
    content = as_clerk.get(LIST).content.decode()
    assert ("Mine" in content, "The boss" in content) == (True, False)
    for answer in (
        as_clerk.get(page("change", other)),
        as_clerk.post(page("change", other), {"name": "Taken"}),
        as_clerk.post(page("revoke", other)),
        as_clerk.post(page("delete", other), {"post": "yes"}),
        as_clerk.post(LIST, {"action": "revoke_selected", "_selected_action": [str(other.pk)]}),
    ):
        assert answer.status_code in {302, 404}
    other.refresh_from_db()
    assert (other.name, other.revoked_at) == ("The boss's", None)
    as_clerk.post(page("revoke", own))
    own.refresh_from_db()
    assert own.revoked_at is not None


def test_without_the_permission_staff_have_no_tokens(client: Client) -> None:
    user = User.objects.create_user("visitor", is_staff=True)
    row, _ = api_tokens.create(user, "Mine")
    client.force_login(user)
    assert client.get(LIST).status_code == 403
    assert client.post(ADD, form()).status_code == 403
    assert client.post(page("revoke", row)).status_code == 403
    assert ApiToken.objects.get().revoked_at is None


def test_only_the_name_can_be_changed_later(as_boss: Client, boss: User, clerk: User) -> None:
    row, _ = api_tokens.create(boss, "Old")
    before = ApiToken.objects.values("user", "token_hash", "hint", "expires_at", "revoked_at").get()
    changes = {"name": "New", "user": clerk.pk, "expires_at_0": "2099-01-01", "expires_at_1": "00:00", "hint": "x"}
    as_boss.post(page("change", row), changes)
    assert ApiToken.objects.values(*before).get() == before
    assert ApiToken.objects.get().name == "New"


def test_revoking_is_for_good_and_twice_is_once(as_boss: Client, boss: User) -> None:
    row, _ = api_tokens.create(boss, "Script")
    assert as_boss.get(page("revoke", row)).status_code == 405, "a link must not change anything"
    assert "is revoked" in as_boss.post(page("revoke", row), follow=True).content.decode()
    row.refresh_from_db()
    first = row.revoked_at
    assert "was revoked already" in as_boss.post(page("revoke", row), follow=True).content.decode()
    row.refresh_from_db()
    assert row.revoked_at == first
    assert LogEntry.objects.get().change_message == "Revoked."


def test_several_are_revoked_at_once(as_boss: Client, boss: User) -> None:
    rows = [api_tokens.create(boss, f"Script {n}")[0] for n in range(3)]
    api_tokens.revoke(rows[:1])
    data = {"action": "revoke_selected", "_selected_action": [str(row.pk) for row in rows]}
    assert "2 tokens revoked" in as_boss.post(LIST, data, follow=True).content.decode()
    assert not ApiToken.valid().exists()


def test_the_list_says_the_state_in_a_word_and_offers_to_revoke_what_is_not(as_boss: Client, boss: User) -> None:
    active, _ = api_tokens.create(boss, "Active")
    expired, _ = api_tokens.create(boss, "Expired", expires_at=timezone.now() - timedelta(seconds=1))
    revoked, _ = api_tokens.create(boss, "Revoked")
    api_tokens.revoke([revoked])
    content = as_boss.get(LIST).content.decode()
    assert all(f">{word}</b>" in content for word in ("active", "expired", "revoked"))
    assert [page("revoke", row) in content for row in (active, expired, revoked)] == [True, True, False]
    form = as_boss.get(page("change", active)).content.decode()
    assert -1 < form.index('name="_save"') < form.index(page("revoke", active)), "Enter presses the first button"
    assert page("revoke", revoked) not in as_boss.get(page("change", revoked)).content.decode()


def test_the_buttons_work_with_csrf_protection_on(boss: User) -> None:
    row, _ = api_tokens.create(boss, "Script")
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    assert client.post(page("revoke", row)).status_code == 403
    token = client.get(LIST).content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert client.post(page("revoke", row), {"csrfmiddlewaretoken": token}).status_code == 302


def test_a_token_can_be_deleted(as_boss: Client, boss: User) -> None:
    row, _ = api_tokens.create(boss, "Script")
    as_boss.post(page("delete", row), {"post": "yes"})
    assert not ApiToken.objects.exists()


def test_the_list_asks_no_query_per_row(as_boss: Client, boss: User, django_assert_max_num_queries: Any) -> None:
    for n in range(30):
        api_tokens.create(boss, f"Script {n}")
    with django_assert_max_num_queries(10):
        as_boss.get(LIST)


def test_limits_are_given_with_the_token_and_changed_by_superusers_alone(
    boss: User, clerk: User, client: Client
) -> None:
    client.force_login(clerk)
    client.post(ADD, form(discoveries_per_day="5", addresses_per_day=""))
    row = ApiToken.objects.get()
    assert (row.discoveries_per_day, row.addresses_per_day) == (5, None)
    client.post(page("change", row), {"name": "Other name", "discoveries_per_day": "500"})
    row.refresh_from_db()
    assert (row.name, row.discoveries_per_day) == ("Other name", 5), "nobody raises the limit of their own token"
    client.force_login(boss)
    client.post(page("change", row), {"name": "Other name", "discoveries_per_day": "7", "addresses_per_day": "0"})
    row.refresh_from_db()
    assert (row.discoveries_per_day, row.addresses_per_day) == (7, 0)
    assert "Discoveries per day" in client.get(LIST).content.decode()
