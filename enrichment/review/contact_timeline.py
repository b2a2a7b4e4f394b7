"""What happened to a contact, newest first: what it recorded itself, merges among it, jobs that found it, notes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse

from enrichment.models import ContactNote, EnrichedContact, EnrichmentJob

from .contact_evidence import FIELDS, moment

SHOWN = 15  # without unfolding


# editing.EDITABLE's names.
EDITED = {name: word.lower() for name, word in FIELDS.items()} | {
    "firstName": "first name",
    "lastName": "last name",
    "jobTitle": "title",
    "linkedInUrl": "LinkedIn profile",
    "email": "an address added",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, and the page that has more of it, if there is one. No address stands in it."""

    at: datetime
    text: str
    url: str = ""


def timeline(
    contact: EnrichedContact,
    notes: Iterable[ContactNote],
    jobs: Iterable[EnrichmentJob],
) -> list[Line]:
    """Return what happened to a contact, newest first."""
    lines = [*_recorded(contact), *_jobs(jobs)]
    lines += [Line(note.created_at, f"Note by {_name(note.author)}") for note in notes]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _recorded(contact: EnrichedContact) -> Iterator[Line]:
    for entry in contact.activity:
        at = moment(entry.get("at"))
        if at is not None:
            yield Line(at, _worded(str(entry.get("label", ""))))


def _worded(label: str) -> str:
    """Return an entry with its fields named as the pages name them."""
    who, colon, names = label.partition(": ")
    if not (colon and who.startswith("Edited by ")):
        return label
    return f"{who}: {', '.join(EDITED.get(name, name) for name in names.split(', '))}"


def _jobs(jobs: Iterable[EnrichmentJob]) -> Iterator[Line]:
    for job in jobs:
        what = f"Among the results of the job “{job.brand_name or job.get_job_type_display()}”"
        yield Line(job.completed_at or job.created_at, what, reverse("review:job", args=[job.pk]))


def _name(author: User | None) -> str:
    return author.get_username() if author else "somebody who is gone"
