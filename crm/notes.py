"""What people write down about a contact."""

from django.contrib.auth.models import User
from django.db import transaction

from core import audit

from .models import Contact, Note

LONGEST = 10_000


def add(contact: Contact, text: str, author: User | None) -> Note:
    """Keep a note. Raises ValueError for one that is empty, or longer than LONGEST characters."""
    cleaned = clean(text)
    with transaction.atomic():
        note = Note.objects.create(contact=contact, text=cleaned, author=author)
        audit.record("crm_contact.noted", of=contact, subject=audit.person(contact), actor=author, note=note.pk)
    return note


def clean(text: str) -> str:
    """Return a note's text without white space around it. Raises ValueError as `add` does."""
    stripped = text.strip()
    if not stripped:
        raise ValueError("The note is empty: write something.")
    if len(stripped) > LONGEST:
        raise ValueError(f"The note has {len(stripped)} characters, {LONGEST} at most: make two of it.")
    return stripped
