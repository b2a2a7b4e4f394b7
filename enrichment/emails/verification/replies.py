"""What does a mail server's reply say of a mailbox? RFC 5321 codes, RFC 3463 and 5248 enhanced codes, known wordings.

The enhanced code counts before the words, the words before the bare code. Words about us (a block list, no reverse
name, relaying) come first of all: they explain a refusal that says nothing of the mailbox, whatever its code.
"""

import enum
import re
from dataclasses import dataclass

from enrichment.emails.checks import Result
from enrichment.emails.verification import phrases
from enrichment.emails.verification.phrases import Topic

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
_MAX_LENGTH = 2000  # characters worth reading; a reply line has 512 at most (RFC 5321 section 4.5.3.1.5)


class Action(enum.StrEnum):
    """What the asker does next.

    RETRY_LATER: ask again after some minutes. NEW_SESSION: ask the rest in a new session. PAUSE: leave this operator
    in peace, it does not want us. RECONNECT: the session is gone; ask once more in another.
    """

    NONE = "none"
    RETRY_LATER = "retry_later"
    NEW_SESSION = "new_session"
    PAUSE = "pause"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reply means. `reason` is a stable snake_case word; `result` is UNKNOWN unless it speaks of the mailbox."""

    result: Result
    reason: str
    action: Action = Action.NONE


ACCEPTED = Meaning(Result.DELIVERABLE, "accepted")
RECEIVING_TOO_FAST = Meaning(Result.DELIVERABLE, "receiving_too_fast")
NO_SUCH_USER = Meaning(Result.UNDELIVERABLE, "no_such_user")
DISABLED = Meaning(Result.UNDELIVERABLE, "disabled")
MAILBOX_FULL = Meaning(Result.UNKNOWN, "mailbox_full")
GREYLISTED = Meaning(Result.UNKNOWN, "greylisted", Action.RETRY_LATER)
TEMPORARY = Meaning(Result.UNKNOWN, "temporary", Action.RETRY_LATER)
SESSION_LOST = Meaning(Result.UNKNOWN, "temporary", Action.RECONNECT)
BLOCKED = Meaning(Result.UNKNOWN, "blocked", Action.PAUSE)
TOO_MANY_RECIPIENTS = Meaning(Result.UNKNOWN, "too_many_recipients", Action.NEW_SESSION)
RELAY_DENIED = Meaning(Result.UNKNOWN, "relay_denied")
EARLY_REFUSAL = Meaning(Result.UNKNOWN, "early_refusal")
UNSUPPORTED = Meaning(Result.UNKNOWN, "unsupported")
UNCLEAR = Meaning(Result.UNKNOWN, "unclear")
NO_REPLY = Meaning(Result.UNKNOWN, "unclear", Action.RECONNECT)
PROCEED = Meaning(Result.UNKNOWN, "accepted")

# RFC 3463 and the IANA registry (RFC 5248): subject and detail of a permanent refusal.
_PERMANENT = {
    (1, 0): NO_SUCH_USER,  # Cisco: "#5.1.0 Address rejected."
    (1, 1): NO_SUCH_USER,
    (1, 2): RELAY_DENIED,  # "bad destination system": the server does not keep this domain's mail
    (1, 3): NO_SUCH_USER,  # a name that the server could not even have
    (1, 6): DISABLED,  # moved, no forwarding address
    (1, 7): EARLY_REFUSAL,  # 1.7 and 1.8 speak of the sender
    (1, 8): EARLY_REFUSAL,
    (1, 10): NO_SUCH_USER,  # RFC 7505; Microsoft says so of a recipient that it did not find
    (2, 1): DISABLED,
    (2, 2): MAILBOX_FULL,
    (5, 3): TOO_MANY_RECIPIENTS,
    (6, 7): UNSUPPORTED,  # non-ASCII addresses (RFC 6531)
    (7, 17): DISABLED,  # 7.17 and 7.18: the mailbox or the domain has another owner now (RFC 7293)
    (7, 18): DISABLED,
}
_TEMPORARY = {
    (2, 0): GREYLISTED,
    (2, 2): MAILBOX_FULL,
    (5, 3): TOO_MANY_RECIPIENTS,
    (7, 1): GREYLISTED,
    (4, 2): SESSION_LOST,  # "timeout exceeded", the session was too slow for the server
}
# 7.x codes that speak of our address or domain: RFC 7372 (SPF, reverse name), RFC 7505, and Microsoft's own.
_BLOCKING = frozenset(
    {23, 24, 25, 26, 27, 28, 501, 502, 503, 506, 508, 509, 511, 513, *range(606, 650), *range(700, 751)}
)

_BY_TOPIC = {
    Topic.FULL: MAILBOX_FULL,
    Topic.DISABLED: DISABLED,
    Topic.UNSUPPORTED: UNSUPPORTED,
    Topic.NO_SUCH_USER: NO_SUCH_USER,
}
# RFC 5321 section 4.2.3 and RFC 7504, for a refusal without a word of explanation.
_BARE = {550: NO_SUCH_USER, 551: NO_SUCH_USER, 552: MAILBOX_FULL, 553: NO_SUCH_USER}


def enhanced(text: str) -> str:
    """Return the enhanced status code that a reply's text holds ("5.1.1"), or ""."""
    match = _ENHANCED.search(text[:_MAX_LENGTH])
    return match[0] if match else ""


def classify(stage: str, code: int, text: str) -> Meaning:
    """Return what a reply says of the mailbox. Never raises, whatever the text holds.

    `stage` is "connect", "ehlo", "starttls", "mail" or "rcpt": only the last speaks of a mailbox. `code` is the
    three-digit one (anything else: no reply), `text` the rest of the reply, its lines joined, with the enhanced code.
    """
    if not 200 <= code <= 599:
        return NO_REPLY
    text = text[:_MAX_LENGTH]
    detail = _detail(text)
    topics = phrases.topics(_ENHANCED.sub(" ", text))
    if stage == "rcpt":
        return _recipient(code, detail, topics, bare=not phrases.says_anything(_ENHANCED.sub(" ", text)))
    return _early(stage, code, detail, topics)


def _detail(text: str) -> tuple[int, int] | None:
    # The class is the code's own: where the two differ, the server's behaviour follows the code (RFC 2034 section 4).
    match = _ENHANCED.search(text)
    return (int(match[2]), int(match[3])) if match else None


def _early(stage: str, code: int, detail: tuple[int, int] | None, topics: frozenset[Topic]) -> Meaning:
    """Before RCPT nobody was named, so nothing is said of anybody."""
    if code < 400:
        return PROCEED
    if Topic.GREYLISTED in topics:
        return GREYLISTED
    if _blocks(detail, topics):
        return BLOCKED
    if stage == "starttls" or code >= 500:  # without TLS a session goes on in clear
        return EARLY_REFUSAL
    return {(4, 2): SESSION_LOST, (7, 1): GREYLISTED}.get(detail or (0, 0), TEMPORARY)


def _recipient(code: int, detail: tuple[int, int] | None, topics: frozenset[Topic], *, bare: bool) -> Meaning:
    if code < 400:
        return ACCEPTED if code in {250, 251} else UNCLEAR  # 252: "cannot verify, will try"
    if about_us := _about_us(detail, topics):
        return about_us
    if Topic.RATE in topics:
        return RECEIVING_TOO_FAST
    if code < 500:
        return _postponed(detail, topics)
    return _refused(code, detail, topics, bare=bare)


def _about_us(detail: tuple[int, int] | None, topics: frozenset[Topic]) -> Meaning | None:
    if Topic.GREYLISTED in topics:
        return GREYLISTED
    if _blocks(detail, topics):
        return BLOCKED
    if Topic.RELAY in topics and Topic.SENDER not in topics:
        return RELAY_DENIED
    return TOO_MANY_RECIPIENTS if Topic.TOO_MANY in topics else None


def _blocks(detail: tuple[int, int] | None, topics: frozenset[Topic]) -> bool:
    return Topic.BLOCKED in topics or (detail is not None and detail[0] == 7 and detail[1] in _BLOCKING)


def _postponed(detail: tuple[int, int] | None, topics: frozenset[Topic]) -> Meaning:
    if detail in _TEMPORARY:
        return _TEMPORARY[detail]
    return MAILBOX_FULL if Topic.FULL in topics else TEMPORARY


def _refused(code: int, detail: tuple[int, int] | None, topics: frozenset[Topic], *, bare: bool) -> Meaning:
    if Topic.SENDER in topics:
        return EARLY_REFUSAL
    # RFC 7504: the domain takes no mail. Exchange Online's "5.4.1 Recipient address rejected": not in the directory.
    if code == 556 or (detail == (4, 1) and Topic.RECIPIENT_REJECTED in topics):
        return NO_SUCH_USER
    if detail in _PERMANENT:
        return _PERMANENT[detail]
    worded = [meaning for topic, meaning in _BY_TOPIC.items() if topic in topics]
    policy = Topic.POLICY in topics or (detail is not None and detail[0] == 7)
    if Topic.UNAVAILABLE in topics and not policy:
        worded.append(NO_SUCH_USER)
    if bare and detail is None:
        worded.append(_BARE.get(code, UNCLEAR))
    return worded[0] if worded else UNCLEAR
