"""reset_admin_password: a new password, printed once."""

import json
from io import StringIO
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import second_factor
from enrichment_project import admin_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var_dir(settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("reset_admin_password", *arguments, stdout=out)
    return out.getvalue()


def test_the_admin_gets_a_new_password_and_the_old_one_is_void(var_dir: Path) -> None:
    admin_user.create_first()
    old = (var_dir / "admin-password").read_text().strip()
    answer = json.loads(run("--json"))
    assert answer["password"] != old
    assert answer == {
        "username": "admin",
        "password": answer["password"],
        "created": False,
        "passwordFile": str(var_dir / "admin-password"),
    }
    user = User.objects.get(username="admin")
    assert not user.check_password(old)
    assert user.check_password(answer["password"])
    assert user.is_superuser


def test_a_second_factor_and_a_lock_out_keep_nobody_out_any_more() -> None:
    admin_user.create_first()
    user = User.objects.get()
    device = second_factor.begin(user)
    TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    AccessAttempt.objects.create(username="admin", ip_address="192.0.2.1", failures_since_start=99)
    run()
    assert second_factor.of(user) is None
    assert not AccessAttempt.objects.exists()


def test_the_file_holds_the_password_for_its_owner_alone(var_dir: Path) -> None:
    password = json.loads(run("--json"))["password"]
    path = var_dir / "admin-password"
    assert path.read_text() == f"{password}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in var_dir.iterdir()] == ["admin-password"]


def test_a_missing_admin_is_created() -> None:
    answer = json.loads(run("--json"))
    user = get_user_model().objects.get()
    assert (user.username, user.is_staff, user.is_superuser, answer["created"]) == ("admin", True, True, True)
    assert user.check_password(answer["password"])


def test_people_read_the_password_and_where_it_is_kept(var_dir: Path) -> None:
    text = run()
    assert (var_dir / "admin-password").read_text().strip() in text
    assert str(var_dir / "admin-password") in text


def test_another_admins_password_is_printed_and_kept_nowhere(var_dir: Path) -> None:
    get_user_model().objects.create_user("jane", is_staff=True)
    answer = json.loads(run("jane", "--json"))
    assert User.objects.get(username="jane").check_password(answer["password"])
    assert answer["passwordFile"] is None
    assert not (var_dir / "admin-password").exists()
    assert not get_user_model().objects.get(username="jane").is_superuser


@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_staff": True, "is_active": False}])
def test_a_user_who_may_not_enter_is_left_alone(fields: dict[str, bool]) -> None:
    get_user_model().objects.create_user("guest", password="before", **fields)
    with pytest.raises(CommandError, match="may not enter the admin pages"):
        run("guest")
    assert get_user_model().objects.get(username="guest").check_password("before")


def test_passwords_are_long_and_differ() -> None:
    made = {admin_user.new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password.replace("-", "")) == 20 for password in made)


def test_the_first_admin_is_made_once() -> None:
    assert admin_user.create_first() is not None
    assert admin_user.create_first() is None
    assert get_user_model().objects.count() == 1


def test_no_admin_is_made_where_there_is_a_superuser() -> None:
    get_user_model().objects.create_superuser("owner", password="x")
    assert admin_user.create_first() is None
    assert get_user_model().objects.count() == 1
