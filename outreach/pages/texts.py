"""A message's text for a page: as it went out, else as it would read today."""

from outreach import texts
from outreach.models import Message
from outreach.texts import Text


def text_of(message: Message) -> Text:
    """Return subject and body.

    No query where these are loaded: step with template, experiment with variant, mailbox, and the enrolment with
    mailbox, contact with brand, and who enrolled it.
    """
    if message.body:
        return Text(message.subject or "", message.body)
    enrolment = message.enrolment
    known = texts.values(enrolment.contact, enrolment.enrolled_by, message.mailbox or enrolment.mailbox)
    return texts.write_message(message, known)
