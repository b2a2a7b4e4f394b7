"""What a message says: the template of its step with the values of the contact it is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib.auth.models import User

from crm.models import Contact

from . import rendering
from .models import Channel, Step


@dataclass(frozen=True, slots=True)
class Text:
    """Subject (e-mail only) and body; both empty when there is a `problem`, a sentence that says why."""

    subject: str = ""
    body: str = ""
    problem: str = ""


def values(contact: Contact, sender: User | None) -> dict[str, str]:
    """Return the value of every variable that a template may use; an empty one is none."""
    return {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.brand.name,
        "job_title": contact.job_title,
        "sender_name": (sender.get_full_name() or sender.get_username()) if sender else "",
        "source": _source(contact),
    }


def write(step: Step, known: Mapping[str, str]) -> Text:
    """Return the text of a step for the contact whose values are `known`."""
    subject = step.template.subject if step.channel == Channel.EMAIL else ""
    try:
        return Text(rendering.render(subject, known), rendering.render(step.template.body, known))
    except rendering.Unrenderable as error:
        return Text(problem=str(error))


def _source(contact: Contact) -> str:
    """Return the host of the first page that shows the contact."""
    for entry in contact.evidence:
        try:
            host = urlsplit(entry.get("url") or "").hostname
        except ValueError:  # a broken address in brackets
            continue
        if host:
            return host
    return ""
