"""What people write down about a found contact."""

from django.contrib.auth.models import User

from crm.notes import LONGEST, clean
from enrichment.models import ContactNote, EnrichedContact

__all__ = ["LONGEST", "add"]


def add(contact: EnrichedContact, text: str, author: User | None) -> ContactNote:
    """Keep a note. Raises ValueError for one that is empty, or longer than LONGEST characters."""
    return ContactNote.objects.create(contact=contact, text=clean(text), author=author)
