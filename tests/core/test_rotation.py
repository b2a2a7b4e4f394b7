"""Every value comes under the first key, whatever else goes on; and nothing that others save is lost."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from core import audit, key_check, rotation
from core.encryption import encrypt, encrypt_many, renew_many, signers
from core.fields import DecryptionError, raw
from core.models import AuditEntry, KeyCheck
from enrichment.models import ContactEmail, ContactNote, EnrichedContact, JobProgress
from tests.factories import ContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db

NEW = Fernet.generate_key().decode()


def stored(model: Any, name: str) -> list[str]:
    return list(model._base_manager.order_by("pk").values_list(raw(name), flat=True))


@pytest.fixture
def data(settings: Any) -> list[str]:
    """Rows under the old key, of keys of every kind; the settings have a new one in front. Returns the old list."""
    contact = ContactFactory(linkedin_id="ada-1", evidence=[{"field": "name", "value": "Zoë"}])
    ContactFactory.create_batch(3, linkedin_id=None)
    EmailFactory(enriched_contact=contact, email="ada@acme.example")
    ContactNote.objects.create(contact=contact, text="x" * 5000)
    JobProgress.objects.create(job=JobFactory(), found=[{"name": "Ada"}])
    audit.record("contact.changed", subject=audit.person(contact), after={"email": "ada@acme.example"})
    key_check.require()
    old: list[str] = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [NEW, *old]
    return old


def test_afterwards_the_new_key_alone_reads_everything(data: list[str], settings: Any) -> None:
    index, changed = ContactEmail.objects.values_list("email_index", "updated_at").get()
    seen = rotation.look()
    assert (seen.older, seen.rotated, seen.is_complete) == (seen.values, 0, False)
    done = rotation.rotate(batch=2)
    assert (done.rotated, done.values, done.is_complete) == (seen.values, seen.values, True)
    assert {count.model for count in done.counts if count.rotated} >= {
        *("core.KeyCheck", "core.SubjectKey", "enrichment.ContactEmail", "enrichment.ContactNote"),
        *("enrichment.EnrichedContact", "enrichment.JobProgress"),
    }

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert ContactEmail.objects.values_list("email", "email_index", "updated_at").get() == (
        *("ada@acme.example", index),
        changed,
    )
    assert EnrichedContact.objects.get(linkedin_id__isnull=False).evidence == [{"field": "name", "value": "Zoë"}]
    assert JobProgress.objects.get().found == [{"name": "Ada"}]
    entry = AuditEntry.objects.get(action="contact.changed")
    assert audit.values_of([entry])[entry.pk] == {"before": {}, "after": {"email": "ada@acme.example"}}
    assert key_check.problem() is None
    written = AuditEntry.objects.get(action="keys.rotated").facts
    assert (written["keys"], written["older"], sum(written["rotated"].values())) == (2, 0, done.rotated)


def test_a_second_run_writes_nothing(data: list[str], django_assert_num_queries: Any) -> None:
    rotation.rotate()
    before = stored(EnrichedContact, "evidence")
    again = rotation.rotate()
    assert (again.rotated, again.is_complete) == (0, True)
    assert stored(EnrichedContact, "evidence") == before


def test_what_is_saved_meanwhile_stays(data: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our reading and our writing somebody saves a value, under the old key as a process of before would."""
    (address,) = ContactEmail.objects.all()

    def late(tokens: list[str]) -> list[str | None]:
        new = renew_many(tokens)
        if address.email != "changed":
            address.email = "changed"
            with connection.cursor() as cursor:
                cursor.execute("UPDATE contact_email SET email = %s", [older("changed", data)])
        return new

    monkeypatch.setattr(rotation, "renew_many", late)
    assert rotation.rotate().is_complete
    assert ContactEmail.objects.get().email == "changed"


def older(text: str, keys: list[str]) -> str:
    return Fernet(keys[0]).encrypt(text.encode()).decode()


def test_a_process_that_goes_on_writing_under_the_old_key_keeps_the_old_key_needed(
    data: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = rotation._update

    def and_again(model: Any, names: Any, pairs: Any) -> int:
        written = write(model, names, pairs)
        if model is ContactEmail:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE contact_email SET email = %s", [older("again", data)])
            written = 0
        return written

    monkeypatch.setattr(rotation, "_update", and_again)
    done = rotation.rotate()
    assert (done.is_complete, done.older > 1) == (False, True)
    assert signers(stored(KeyCheck, "word")) == [1], "no process starts without the old key yet"


def test_what_no_key_reads_is_counted_and_named_by_its_place(data: list[str]) -> None:
    lost = Fernet(Fernet.generate_key()).encrypt(b"lost").decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contact_email SET email = %s", [lost])
    done = rotation.rotate()
    assert (done.unreadable, done.older, done.is_complete) == (1, 0, False)
    (count,) = (count for count in done.counts if count.unreadable)
    assert (count.model, count.named) == (
        "enrichment.ContactEmail",
        [(str(ContactEmail.objects.only("pk").get().pk), "email")],
    )
    assert stored(ContactEmail, "email") == [lost]


def test_many_texts_are_encrypted_as_one_by_one(settings: Any) -> None:
    texts = ["", "a" * 15, "a" * 16, "Zoë 🙂", "same", "same"]
    tokens = encrypt_many(texts)
    assert [Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(token).decode() for token in tokens] == texts
    assert len(set(tokens)) == len(texts), "each has an IV of its own"
    assert {len(token) for token in tokens[:2]} == {len(encrypt(text)) for text in texts[:2]}
    assert encrypt_many([]) == []


def test_one_that_cannot_be_read_keeps_no_other_from_being_renewed() -> None:
    first, none, last = renew_many([encrypt("a"), "nonsense", encrypt("b")])
    assert (first is None, none, last is None) == (False, None, False)
    assert signers([str(first), "nonsense"]) == [0, None]


def test_a_process_that_knows_the_old_key_alone_reads_nothing_that_is_new(data: list[str], settings: Any) -> None:
    """Why the new key is first appended, and every process restarted, before it comes to the front."""
    rotation.rotate()
    settings.FIELD_ENCRYPTION_KEYS = data
    with pytest.raises(DecryptionError):
        ContactEmail.objects.get()
