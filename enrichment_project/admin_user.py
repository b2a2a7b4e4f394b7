"""The first admin, and a new password for one who lost it. Passwords are made here and printed once."""

import os
import secrets
import tempfile
from pathlib import Path

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from core import audit, second_factor
from core.sign_in import folded

USERNAME = "admin"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter or digit that looks like another


class NotAnAdmin(Exception):
    """The user exists, but may not enter the admin pages; the message says what to do."""


def new_password() -> str:
    """Return a password of 20 letters and digits in four groups: 99 bits of randomness."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def password_file() -> Path:
    """Return where the password of the user `admin` is kept."""
    return Path(settings.VAR_DIR) / "admin-password"


def create_first() -> str | None:
    """Create the user `admin` when there is no superuser yet, and return the password; else None."""
    users = User.objects
    with transaction.atomic():
        if users.filter(is_superuser=True).exists() or users.filter(username=USERNAME).exists():
            return None
        return _create(USERNAME)


def reset_password(username: str = USERNAME) -> tuple[str, bool]:
    """Give the admin `username` a new password, creating the user when missing; nothing else keeps them out then.

    The second factor is turned off, and a lock-out lifted.

    Returns the password and whether the user was created. Raises NotAnAdmin for a user who is inactive or
    no member of the staff: a new password alone would not let them in.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username).first()
        if user is None:
            return _create(username), True
        if not (user.is_active and user.is_staff):
            raise NotAnAdmin(
                f"{username} exists but may not enter the admin pages: have an admin set active and staff status on "
                "/admin/, or name another user."
            )
        password = new_password()
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record("password.reset", of=user, by="command")
        second_factor.turn_off(user, by=user)
        AccessAttempt.objects.filter(username=folded(username)).delete()
        _keep(username, password)
        return password, False


def _create(username: str) -> str:
    password = new_password()
    user = User.objects.create_superuser(username=username, password=password)
    audit.record("user.created", of=user, role="admin", name=username)
    _keep(username, password)
    return password


def _keep(username: str, password: str) -> None:
    """Write the password of `admin` to its file (mode 600), whole or not at all."""
    if username != USERNAME:
        return
    path = password_file()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as file:
        file.write(password + "\n")
    Path(name).replace(path)
