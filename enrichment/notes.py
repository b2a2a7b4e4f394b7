"""What people write down about a found contact."""

from django.contrib.auth.models import User
from django.db import transaction

from core import audit
from crm.notes import LONGEST, clean
from enrichment.models import ContactNote, EnrichedContact

__all__ = ["LONGEST", "add"]


@transaction.atomic
def add(contact: EnrichedContact, text: str, author: User | None) -> ContactNote:
    """Keep a note. Raises ValueError for one that is empty, or longer than LONGEST characters."""
    note = ContactNote.objects.create(contact=contact, text=clean(text), author=author)
    audit.record("contact.noted", of=contact, subject=audit.person(contact), actor=author, note=note.pk)
    return note
