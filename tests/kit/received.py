"""A composed mail as it is read at the other end."""

import email
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser

from outreach import composing
from outreach.models import Message


def wire(message: Message) -> EmailMessage:
    """Return the mail as it is read at the other end."""
    composed = composing.compose(message, message.mailbox)
    assert not composed.problem
    sent = composing.as_email(composed).message().as_bytes(linesep="\r\n")
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    sent.decode("utf-8")
    received = email.message_from_bytes(sent, policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def body(received: EmailMessage, kind: str = "plain") -> str:
    part = received.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Reader(HTMLParser):
    """The tags, links and text of an HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data
