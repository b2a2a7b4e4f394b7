import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection

from core.fields import DecryptionError, blind_index, decrypt, encrypt, normalise_email, raw
from enrichment.models import ContactEmail, EnrichedContact

pytestmark = pytest.mark.django_db


@pytest.fixture
def address() -> ContactEmail:
    contact = EnrichedContact.objects.create(
        first_name="Ada", last_name="Example", source="website", name_key="ada example"
    )
    return ContactEmail.objects.create(enriched_contact=contact, email="Ada@Example.com", domain="example.com")


def stored(email: ContactEmail) -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, email_index FROM contact_email")
        return cursor.fetchone()


def test_the_database_holds_no_readable_address_and_reading_gives_it_back(address: ContactEmail) -> None:
    token, _ = stored(address)
    assert "ada@" not in token.lower()  # with a sign that no token holds
    assert ContactEmail.objects.get().email == "Ada@Example.com"


def test_raw_reads_the_column_as_it_is_stored(address: ContactEmail) -> None:
    row = ContactEmail.objects.values("email", token=raw("email")).get()
    assert row["token"] == stored(address)[0]
    assert decrypt(row["token"]) == row["email"] == "Ada@Example.com"


def test_an_address_is_found_by_its_blind_index_whatever_its_case(address: ContactEmail) -> None:
    assert ContactEmail.objects.filter(email_index=blind_index(normalise_email(" ADA@example.COM "))).count() == 1


def test_filtering_on_the_encrypted_column_says_what_to_do_instead(address: ContactEmail) -> None:
    with pytest.raises(FieldError, match="blind index"):
        ContactEmail.objects.filter(email="Ada@Example.com").count()


def test_bulk_writes_that_would_leave_the_index_stale_are_refused(address: ContactEmail) -> None:
    with pytest.raises(FieldError, match="email is encrypted"):
        ContactEmail.objects.update(email="other@example.com")
    with pytest.raises(FieldError, match="email is encrypted"):
        ContactEmail.objects.bulk_update([address], ["email"])
    assert ContactEmail.objects.get().email == "Ada@Example.com"


def test_a_partial_save_takes_the_blind_index_along() -> None:
    contact = EnrichedContact.objects.create(
        first_name="Ada", last_name="Example", source="website", name_key="a", linkedin_id="Ada-1"
    )
    contact.linkedin_id = "Ada-2"
    contact.save(update_fields=["linkedin_id"])
    assert EnrichedContact.objects.get(linkedin_id_index=blind_index("ada-2")) == contact


def test_the_first_key_writes_and_every_key_reads(settings) -> None:
    old = settings.FIELD_ENCRYPTION_KEYS
    token = encrypt("secret")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *old]
    assert decrypt(token) == "secret"
    newer = encrypt("secret")
    settings.FIELD_ENCRYPTION_KEYS = old
    with pytest.raises(DecryptionError):
        decrypt(newer)


def test_a_wrong_key_raises_and_never_hands_back_ciphertext(address: ContactEmail, settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(DecryptionError, match="FIELD_ENCRYPTION_KEYS"):
        ContactEmail.objects.get()


def test_a_malformed_key_is_named(settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["short"]
    with pytest.raises(ImproperlyConfigured, match="32 bytes"):
        encrypt("x")


def test_json_survives_encryption() -> None:
    evidence = [{"field": "name", "value": "Zoë"}]
    EnrichedContact.objects.create(first_name="Z", last_name="E", source="website", name_key="z", evidence=evidence)
    assert EnrichedContact.objects.get().evidence == evidence


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("ada@MÜNCHEN.example", "ada@xn--mnchen-3ya.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("no-at-sign", "no-at-sign"),
        ("a@" + "ü" * 80, "a@" + "ü" * 80),
    ],
)
def test_addresses_are_compared_in_one_form(written: str, normal: str) -> None:
    assert normalise_email(written) == normal
