"""Contacts by what somebody types, and the columns that a list need not decrypt."""

from django.db.models import Q, QuerySet

from core.fields import blind_index, normalise_email
from core.names import name_key
from crm.models import Contact

NOT_SHOWN = ("linkedin_url", "evidence", "brand__facts")


def search(rows: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    """Return those whose name, title and company contain every word; a whole address finds its contact."""
    if "@" in text:
        return rows.filter(addresses__email_index=blind_index(normalise_email(text)))
    for word in text.split():
        names = Q(name_key__contains=name_key(word, "") or word.lower())
        rows = rows.filter(names | Q(job_title__icontains=word) | Q(brand__name__icontains=word))
    return rows
