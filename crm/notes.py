"""What people write down about a contact."""

from django.contrib.auth.models import User

from .models import Contact, Note

LONGEST = 10_000


def add(contact: Contact, text: str, author: User | None) -> Note:
    """Keep a note. Raises ValueError for one that is empty, or longer than LONGEST characters."""
    return Note.objects.create(contact=contact, text=clean(text), author=author)


def clean(text: str) -> str:
    """Return a note's text without white space around it. Raises ValueError as `add` does."""
    stripped = text.strip()
    if not stripped:
        raise ValueError("The note is empty: write something.")
    if len(stripped) > LONGEST:
        raise ValueError(f"The note has {len(stripped)} characters, {LONGEST} at most: make two of it.")
    return stripped
