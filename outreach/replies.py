"""Reads an answer: is it a person's or automatic, what does it answer, what does it say, and does it end the matter?

Automatic ones are told by their headers (RFC 3834 section 5, and those that mail systems made up), then by their
wording. Whatever a message holds, reading it is bounded work, and never raises.
"""

import re
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime

from outreach import bounce_mime, reply_dates, reply_texts, reply_words
from outreach.bounce_mime import Mail

_ID = re.compile(r"<([^<>]{1,250})>")
_MAX_IDS = 50
_LONGEST_ID = 250
# Headers that only programs write.
_PROGRAMS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-auto-response-suppress",
    "x-vacation",
    "x-facebook-notify",
)
_PRECEDENCE = frozenset({"bulk", "junk", "auto_reply", "auto-reply"})  # a person's answer may come by a list


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says.

    `reason`: person, out_of_office, automatic or read_receipt. `answers`: the Message-IDs it answers, the nearest
    first. `text`: its own words, without what it quotes. `returns`: the day that an absence note states. `opt_out`:
    a person wants no more mail; an automatic answer wants nothing.
    """

    automatic: bool
    reason: str
    answers: tuple[str, ...] = ()
    text: str = ""
    returns: date | None = None
    opt_out: bool = False


def read(raw: bytes) -> Answer:
    """Return what an answer says. Never raises."""
    return of_mail(bounce_mime.read(raw))


def of_mail(mail: Mail) -> Answer:
    """Return what an answer that was parsed already says."""
    whole = _text(mail)
    text = reply_texts.own_words(whole)
    reason = _reason(mail, text, quotes=reply_texts.is_quoting(whole))
    automatic = reason != "person"
    return Answer(
        automatic,
        reason,
        answered(mail),
        text,
        reply_dates.returns(f"{mail.header('subject')}\n{text}", _written(mail)) if automatic else None,
        not automatic and (reply_words.wants_no_mail(text) or _asks_in_subject(mail, text)),
    )


def answered(mail: Mail) -> tuple[str, ...]:
    """Return the ids that a message answers: In-Reply-To, then References from the last (RFC 5322 section 3.6.4)."""
    return tuple(
        dict.fromkeys([*ids(mail.header("in-reply-to")), *reversed(ids(mail.header("references"))[-_MAX_IDS:])])
    )


def ids(value: str) -> tuple[str, ...]:
    """Return the Message-IDs in a header's value, in their angle brackets.

    Some programs break one over two lines, or leave the brackets out.
    """
    found = ["".join(one.split()) for one in _ID.findall(value)]
    bare = [] if found else [one for one in value.split() if "@" in one and len(one) <= _LONGEST_ID]
    return tuple(f"<{one}>" for one in found or bare if one)


def _reason(mail: Mail, text: str, *, quotes: bool) -> str:
    subject = mail.header("subject")
    away = reply_words.is_automatic_subject(subject) or reply_words.says_away(text)
    if mail.report_type == "disposition-notification":
        return "read_receipt"
    if _by_program(mail):
        return "out_of_office" if away else "automatic"
    if reply_words.is_automatic_subject(subject) or (away and not quotes):
        return "out_of_office"
    return "person"


def _by_program(mail: Mail) -> bool:
    submitted = mail.header("auto-submitted").lower()
    return (
        bool(submitted and not submitted.startswith("no"))
        or any(name in mail.headers for name in _PROGRAMS)
        or mail.header("precedence").lower() in _PRECEDENCE
        or mail.header("return-path") == "<>"
    )


def _asks_in_subject(mail: Mail, text: str) -> bool:
    """Return whether a message without words asks by its subject, as mail programs do for List-Unsubscribe."""
    return not text and reply_words.wants_no_mail(mail.header("subject"))


def _text(mail: Mail) -> str:
    plain = next((part.text for part in mail.parts if part.type == "text/plain" and part.text.strip()), "")
    return plain or next((part.text for part in mail.parts if part.type == "text/html"), "")


def _written(mail: Mail) -> date | None:
    try:
        return parsedate_to_datetime(mail.header("date")[:100]).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
