"""Users in the admin: added with a role, given another, deactivated; somebody always remains who can do that."""

from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from core import roles, second_factor
from core.models import AuditEntry

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:auth_user_changelist"), reverse("admin:auth_user_add")
LAST = "This is the last active admin"
PASSWORD = "correct horse battery"


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss")


@pytest.fixture
def staff(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


@pytest.fixture
def rev(db: None) -> User:
    user = User.objects.create_user("rev")
    roles.give(user, roles.REVIEWER)
    return user


def act(client: Client, name: str, *users: User, **more: str) -> str:
    data = {"action": name, "_selected_action": [user.pk for user in users], **more}
    return client.post(LIST, data, follow=True).content.decode()


def change(client: Client, user: User, **fields: Any) -> str:
    """Post the change form of a user as it stands, with these fields in it."""
    form = client.get(reverse("admin:auth_user_change", args=[user.pk])).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value and name != "password"}
    data |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "last_login_0": "", "last_login_1": ""}
    data = {name: value for name, value in (data | fields).items() if value not in (None, False)}
    return client.post(reverse("admin:auth_user_change", args=[user.pk]), data, follow=True).content.decode()


@pytest.mark.parametrize("role", [roles.ADMIN, roles.REVIEWER])
def test_a_user_is_added_with_a_role(staff: Client, role: str) -> None:
    data = {"username": "new", "email": "new@acme.example", "role": role, "password1": PASSWORD, "password2": PASSWORD}
    assert staff.post(ADD, data).status_code == 302
    user = User.objects.get(username="new")
    assert (roles.role_of(user), user.email, user.check_password(PASSWORD)) == (role, "new@acme.example", True)
    assert staff.post(ADD, {**data, "username": "weak", "password1": "12345678", "password2": "12345678"}).context[
        "errors"
    ]


def test_roles_are_shown_filtered_and_changed_in_the_list_and_written_down(staff: Client, boss, rev) -> None:
    page = staff.get(LIST).content.decode()
    assert ">Admin</b>" in page
    assert ">Reviewer</b>" in page
    assert list(staff.get(LIST, {"role": "reviewer"}).context["cl"].queryset) == [rev]
    assert "1 user: Made admin." in act(staff, "make_admin", rev, boss)
    rev = User.objects.get(pk=rev.pk)
    assert roles.role_of(rev) == roles.ADMIN
    assert "Made reviewer." in act(staff, "make_reviewer", rev)
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == ["Made admin.", "Made reviewer."]


def test_who_is_deactivated_is_out_at_once(staff: Client, rev: User) -> None:
    theirs = Client()
    theirs.force_login(rev)
    assert "Deactivated." in act(staff, "deactivate", rev)
    assert theirs.get(reverse("account")).status_code == 302
    assert "Activated." in act(staff, "activate", rev)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda staff, boss, rev: act(staff, "make_reviewer", boss, rev),
        lambda staff, boss, rev: act(staff, "deactivate", rev, boss),
        lambda staff, boss, _rev: act(staff, "delete_selected", boss, post="yes"),
        lambda staff, boss, _rev: change(staff, boss, is_superuser=False),
        lambda staff, boss, _rev: change(staff, boss, is_staff=False),
        lambda staff, boss, _rev: change(staff, boss, is_active=False),
        lambda staff, boss, _rev: staff.post(
            reverse("admin:auth_user_delete", args=[boss.pk]), {"post": "yes"}
        ).content.decode(),
    ],
)
def test_the_last_admin_stays_one(staff: Client, boss: User, rev: User, attempt) -> None:
    User.objects.create_superuser("inactive", is_active=False)
    assert LAST in attempt(staff, boss, rev)
    boss.refresh_from_db()
    assert (boss.is_active, roles.role_of(boss)) == (True, roles.ADMIN)
    User.objects.create_superuser("second")
    assert LAST not in attempt(staff, boss, rev)


def test_an_admin_turns_off_the_second_factor_of_who_lost_it(staff: Client, rev: User) -> None:
    device = second_factor.begin(rev)
    device.confirmed = True
    device.save()
    assert "1 user without a second factor now." in act(staff, "turn_off_second_factor", rev)
    assert second_factor.of(rev) is None
    assert LogEntry.objects.get().change_message == "Second factor turned off."


def test_only_superusers_change_users_whatever_other_permissions_say(client: Client, rev: User) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client.force_login(clerk)
    assert client.get(LIST).status_code == 200
    assert client.get(ADD).status_code == 403
    act(client, "make_admin", rev, clerk)
    change_page = client.post(reverse("admin:auth_user_change", args=[clerk.pk]), {"is_superuser": "on"})
    assert change_page.status_code == 403
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize("model", [AccessLog, AccessFailureLog, AccessAttempt])
def test_the_record_of_signing_in_is_looked_at_and_never_edited(staff: Client, model) -> None:
    more = {"failures_since_start": 3, "post_data": "", "get_data": ""} if model is AccessAttempt else {}
    row = model.objects.create(username="found", ip_address="192.0.2.1", user_agent="Browser", **more)
    name = f"admin:axes_{model._meta.model_name}"
    assert "found" in staff.get(reverse(f"{name}_changelist"), {"q": "found"}).content.decode()
    assert staff.get(reverse(f"{name}_add")).status_code == 403
    assert staff.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert staff.post(reverse(f"{name}_change", args=[row.pk]), {"username": "x"}).status_code == 403
    assert staff.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert "Sign-in attempts" in staff.get("/admin/").content.decode()


def test_a_lock_out_can_be_lifted(staff: Client) -> None:
    row = AccessAttempt.objects.create(
        username="rev", ip_address="192.0.2.1", user_agent="B", failures_since_start=10, post_data="", get_data=""
    )
    data = {"action": "unlock", "_selected_action": [row.pk]}
    assert (
        "may try again"
        in staff.post(reverse("admin:axes_accessattempt_changelist"), data, follow=True).content.decode()
    )
    assert not AccessAttempt.objects.exists()


def test_keys_of_second_factors_are_nobodys_to_read(staff: Client) -> None:
    assert "otp_totp" not in staff.get("/admin/").content.decode()
    assert staff.get("/admin/otp_totp/totpdevice/").status_code == 404


def trail() -> list[AuditEntry]:
    return list(AuditEntry.objects.order_by("id"))


def test_the_audit_trail_has_who_was_added_and_given_another_role(staff: Client, rev: User) -> None:
    data = {"username": "new", "email": "new@acme.example", "role": "reviewer"}
    staff.post(ADD, {**data, "password1": PASSWORD, "password2": PASSWORD})
    assert [entry.action for entry in trail()] == ["user.created"]
    assert trail()[0].facts["after"]["username"] == "new"
    act(staff, "make_admin", rev)
    act(staff, "deactivate", rev)
    change(staff, rev, is_superuser=False, first_name="Ada")
    last = {entry.action: entry.facts for entry in trail() if entry.object_id == str(rev.pk)}
    assert last["user.role_changed"] == {"before": {"role": "admin"}, "after": {"role": "other"}}
    assert {"is_superuser", "first_name"} <= set(last["user.changed"]["fields"])
    assert last["user.changed"]["after"]["is_superuser"] is False
    assert not [word for word in (PASSWORD, "new@acme.example", "Ada") if word in str([e.details for e in trail()])]


def test_the_audit_trail_has_a_password_that_an_admin_set_and_a_user_who_was_deleted(staff: Client, rev: User) -> None:
    url = reverse("admin:auth_user_password_change", args=[rev.pk])
    assert staff.post(url, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert User.objects.get(pk=rev.pk).check_password(PASSWORD)
    act(staff, "delete_selected", rev, post="yes")
    assert [(entry.action, entry.object_id) for entry in trail()] == [
        ("password.changed", str(rev.pk)),
        ("user.deleted", str(rev.pk)),
    ]
