"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for whoever lost the app.

A user has one of them or none. Recovery codes are kept as hashes: with 79 random bits nothing can be guessed, so that
a slow hash would protect nothing. What happens to a second factor is in the user's history (Django's LogEntry) and in
the audit trail.
"""

import hashlib
import secrets
from base64 import b32encode, urlsafe_b64encode
from math import ceil

import segno
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import audit

NAME = "second factor"
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter or digit that looks like another
CODE_LENGTH, GROUP = 16, 4
KEPT = 16  # characters of a hash: what the column holds, 96 bits


def of(user: User) -> TOTPDevice | None:
    """Return a user's second factor; None for one who signs in with the password alone."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def begin(user: User) -> TOTPDevice:
    """Make a secret for an app and return it; it counts once `confirm` has seen a code. An earlier one is void."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name=NAME, confirmed=False)


def begun(user: User) -> TOTPDevice | None:
    """Return the secret that waits to be confirmed."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


@transaction.atomic
def confirm(user: User, code: str) -> list[str] | None:
    """Turn the second factor on with a first code of the app; return recovery codes, or None when the code is wrong."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token(_typed(code)):
        return None
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save()
    _note(user, user, "Second factor turned on.")
    audit.record("second_factor.turned_on", of=user, actor=user)
    return _make_codes(user)


@transaction.atomic
def new_codes(user: User) -> list[str]:
    """Make recovery codes in place of all earlier ones, and return them: nobody can read them again."""
    _note(user, user, "Recovery codes made.")
    audit.record("second_factor.codes_made", of=user, actor=user)
    return _make_codes(user)


@transaction.atomic
def turn_off(user: User, by: User) -> bool:
    """Turn a user's second factor off; return whether there was one."""
    StaticDevice.objects.filter(user=user).delete()
    gone, _ = TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    TOTPDevice.objects.filter(user=user).delete()
    if gone:
        _note(user, by, "Second factor turned off.")
        audit.record("second_factor.turned_off", of=user, actor=by)
    return bool(gone)


def codes_left(user: User) -> int:
    """Return how many recovery codes a user has not used yet."""
    left: int = StaticToken.objects.filter(device__user=user).count()
    return left


def wait(user: User) -> int:
    """Return for how many seconds a user's second factor takes no codes after wrong ones; 0 when it does.

    The time doubles with each wrong code.
    """
    ends = []
    for device in _devices(user):
        allowed, why = device.verify_is_allowed()
        if not allowed and why:
            ends.append(why["locked_until"])
    return max(1, ceil((max(ends) - timezone.now()).total_seconds())) if ends else 0


def match(user: User, code: str) -> Device | None:
    """Return the device that takes this code: the app's, or the recovery codes', of which each is good once."""
    typed = _typed(code)
    is_recovery = len(typed) == CODE_LENGTH
    for device in _devices(user):
        if isinstance(device, StaticDevice) == is_recovery:
            return verify_token(user, device.persistent_id, _hash(typed) if is_recovery else typed)
    return None


def secret(device: TOTPDevice) -> str:
    """Return the secret as apps take it from the keyboard, in groups of four."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def picture(device: TOTPDevice) -> str:
    """Return the QR code that apps read, as the address of an image (`data:`)."""
    return segno.make(device.config_url, error="m", micro=False).svg_data_uri(scale=4, light="#fff")


def _devices(user: User) -> list[TOTPDevice | StaticDevice]:
    filters = {"user": user, "confirmed": True}
    return [*TOTPDevice.objects.filter(**filters)[:1], *StaticDevice.objects.filter(**filters)[:1]]


def _make_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_hash(code)) for code in codes)
    return ["-".join(code[at : at + GROUP] for at in range(0, CODE_LENGTH, GROUP)) for code in codes]


def _typed(code: str) -> str:
    """Return a code without the spaces and hyphens with which it is shown."""
    return "".join(character for character in code.lower() if character.isascii() and character.isalnum())


def _hash(code: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(code.encode()).digest()).decode()[:KEPT]


def _note(user: User, by: User, what: str) -> None:
    LogEntry.objects.log_actions(by.pk, [user], CHANGE, what)
