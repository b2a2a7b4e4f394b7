"""What a message says: the template of its step, or another one, with the values of the contact it is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib.auth.models import User

from crm.models import Contact

from . import rendering
from .models import Channel, Mailbox, Message, Step, Template, Variant


@dataclass(frozen=True, slots=True)
class Text:
    """Subject (e-mail only) and body; both empty when there is a `problem`, a sentence that says why."""

    subject: str = ""
    body: str = ""
    problem: str = ""


def values(contact: Contact, sender: User | None, mailbox: Mailbox | None = None) -> dict[str, str]:
    """Return the value of every variable that a template may use; an empty one is none.

    The sender's name is the mailbox's, and without one that of `sender`, the user who enrolled the contact.
    """
    user_name = (sender.get_full_name() or sender.get_username()) if sender else ""
    return {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.brand.name,
        "job_title": contact.job_title,
        "sender_name": (mailbox.sender_name if mailbox else "") or user_name,
        "source": source_host(contact),
    }


def write(step: Step, known: Mapping[str, str]) -> Text:
    """Return the text of a step, by its template, for the contact whose values are `known`."""
    return fill(step.template, step.channel, known)


def write_message(message: Message, known: Mapping[str, str]) -> Text:
    """Return the text of a message: as `write`, but by its own template, or the variant that an experiment tries."""
    return fill(wording(message), message.step.channel, known)


def wording(message: Message) -> Template | Variant:
    """Return what a message is written from: the template chosen for it, in arm B the variant, else its step's."""
    if message.template is not None:
        return message.template
    if message.arm == "B" and message.experiment is not None:
        return message.experiment.variant
    return message.step.template


def fill(source: Template | Variant, channel: str, known: Mapping[str, str]) -> Text:
    """Return a template's or variant's text on a channel; a LinkedIn message has no subject."""
    subject = "" if channel == Channel.LINKEDIN else source.subject
    try:
        return Text(rendering.render(subject, known), rendering.render(source.body, known))
    except rendering.Unrenderable as error:
        return Text(problem=str(error))


def source_host(contact: Contact) -> str:
    """Return the host of the first page that shows the contact; empty when there is none."""
    for entry in contact.evidence:
        try:
            host = urlsplit(entry.get("url") or "").hostname
        except ValueError:  # a broken address in brackets
            continue
        if host:
            return host
    return ""
