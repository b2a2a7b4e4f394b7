"""Found contacts by what somebody types: words of name, title and company, or a whole address."""

from django.db.models import Q

from core.fields import blind_index, normalise_email
from core.names import name_key


def found_by(text: str) -> Q:
    """Return the condition that a contact has the address typed, or every word of it in name, job title or company."""
    if "@" in text:
        return Q(emails__email_index=blind_index(normalise_email(text)))
    found = Q()
    for word in text.split():
        found &= contains(word)
    return found


def contains(text: str) -> Q:
    """Return the condition that `search_text` has this text, whatever its case; of names, whatever the accents.

    PostgreSQL has an index for it. SQLite lowers no letters but ASCII, so others are looked for as they were typed too.
    """
    found = Q()
    for spelling in {text.lower(), name_key(text, ""), "" if text.isascii() else text} - {""}:
        found |= Q(search_text__contains=spelling)
    return found
