"""`manage.py rotate_field_keys`."""

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from core.models import AuditEntry
from enrichment.models import ContactEmail
from tests.factories import EmailFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(settings: Any) -> list[str]:
    """An address under a key in front of which there is a new one now."""
    EmailFactory(email="ada@acme.example")
    keys: list[str] = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *keys]
    return keys


def test_it_counts_by_model_and_says_that_the_old_key_may_go(old: list[str], settings: Any, capsys: Any) -> None:
    with pytest.raises(CommandError, match="would be encrypted anew") as refused:
        call_command("rotate_field_keys", dry_run=True)
    assert refused.value.returncode == 1
    assert not AuditEntry.objects.filter(action="keys.rotated").exists()
    capsys.readouterr()

    call_command("rotate_field_keys")
    out, err = capsys.readouterr()
    assert "The other may be removed from FIELD_ENCRYPTION_KEYS: then restart every process." in out
    assert [line.split() for line in out.splitlines() if "ContactEmail" in line] == [
        ["enrichment.ContactEmail", "2", "2"]
    ]
    assert "Every process must have been started with this list of keys" in err

    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    assert ContactEmail.objects.get().email == "ada@acme.example"
    call_command("rotate_field_keys", json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["complete"], said["keys"], said["rotated"], said["older"], said["unreadable"]) == (True, 1, 0, 0, 0)


def test_what_cannot_be_read_ends_it_with_1_and_no_content(old: list[str], capsys: Any) -> None:
    lost = Fernet(Fernet.generate_key()).encrypt(b"lost").decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contact_email SET email = %s", [lost])
    with pytest.raises(CommandError, match="1 values cannot be read") as refused:
        call_command("rotate_field_keys", json=True)
    assert refused.value.returncode == 1
    place = f"enrichment.ContactEmail {ContactEmail.objects.only('pk').get().pk}: email"
    assert place in str(refused.value)
    out = capsys.readouterr().out
    assert lost not in out + str(refused.value)
    assert (json.loads(out)["unreadable"], json.loads(out)["complete"]) == (1, False)


def test_a_batch_of_none_is_bad_usage_and_a_bad_key_is_named(settings: Any) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("rotate_field_keys", batch=0)
    assert refused.value.returncode == 2
    settings.FIELD_ENCRYPTION_KEYS = ["short"]
    with pytest.raises(CommandError, match="32 bytes"):
        call_command("rotate_field_keys")
