"""Reads mail that comes back: delivery reports (RFC 3464), complaints (RFC 5965) and the texts of mail systems.

Whatever a message holds, reading it is bounded work, and never raises.
"""

import re
from dataclasses import dataclass

from outreach import bounce_mime, bounce_reports, bounce_texts, bounce_verdict, replies, reply_words
from outreach.bounce_kinds import Kind
from outreach.bounce_mime import Mail
from outreach.bounce_reports import ADDRESS, Fields
from outreach.bounce_verdict import Evidence

_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_COPIES = frozenset(
    {"message/rfc822", "message/global", "message/partial", "text/rfc822-headers", "message/global-headers"}
)

_DAEMON = re.compile(
    r"mailer.?daemon|post.?master|mail.?daemon|mail delivery|delivery (?:sub)?system|mail system|system administrator"
    r"|mailserver|mail server|content.?filter|mailadmin|bounce|no.?reply",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|returned mail|return(?:ed|ing) (?:message )?to sender|failure notice|mail failure"
    r"|delivery.{0,20}(?:status|fail|problem|error|delay|incomplete)|fail(?:ed|ure).{0,20}deliver"
    r"|(?:could not|unable to|cannot) (?:be )?(?:send|deliver)|not? (?:be )?delivered|mail delivery"
    r"|nondeliverable|non-?delivery|message (?:status|delayed|not delivered)|bounced?\b|considered unsolicited"
    r"|unzustellbar|non remis|non recapitabile|no se puede entregar|onbestelbaar|niet te bezorgen|não entregue"
    r"|niedostarcz|kan inte leverera|配信|送信エラー|退信",
    re.IGNORECASE,
)
_WORDING = re.compile(
    r"(?:could not|couldn't|cannot|can't|was not|wasn't|were not|not be|has not been|unable to|not able to|failed to"
    r"|did not|not yet been) (?:be )?(?:deliver|send|sent|reach|relay)"
    r"|undeliverable|delivery (?:has )?(?:failed|failure|error|status)|permanent (?:fatal )?error|mail delivery"
    r"|returned to (?:you|sender)|rejected|\bunknown user|user unknown|no such user|(?:^|\s)5\d\d[ -]\S",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER = re.compile(r"^\s*(?:re|aw|sv|antw|rif|odp|ynt|vs)\s?:", re.IGNORECASE)
_DELAYED = re.compile(
    r"warning: (?:message|could not send)|delay(?:ed)? (?:\d|reason|mail|notif)|\(delay\)"
    r"|still (?:undelivered|being tried)|will (?:keep|continue) (?:trying|to try)|not yet been delivered",
    re.IGNORECASE,
)
_MICROSOFT = re.compile(r"complaint about message from", re.IGNORECASE)  # its feedback reports are not RFC 5965's
_COVERING_LETTER = 500  # characters: whoever writes more has something to say, beside what is attached
_SENDMAIL = re.compile(r"^[> ]{0,3}<<< ?([45]\d\d[ -].*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back of one recipient.

    `address`: as the report writes it, "" when it names none. `status`: the enhanced code such as "5.1.1", or "".
    `reason`: a stable snake_case word. Only HARD and COMPLAINT are reasons to suppress the address.
    """

    address: str
    kind: Kind
    status: str = ""
    reason: str = "unknown"


@dataclass(frozen=True, slots=True)
class Report:
    """What a message tells: one or more recipients, and the Message-IDs of what it is about, the nearest first."""

    recipients: tuple[Returned, ...]
    about: tuple[str, ...] = ()


def read(raw: bytes) -> Report:
    """Return what a message that came back says of each recipient. Never raises: at worst one is UNKNOWN."""
    mail = bounce_mime.read(raw)
    return Report(tuple(_told(mail, 0) or [_answered(mail)]), _about(mail))


def _told(mail: Mail, depth: int) -> list[Returned]:
    """Return what a report tells, none when a message is no report. `depth` is that of messages in messages."""
    if found := _complaint(mail) or _reported(mail):
        return found
    written = _written(mail)
    if any(one.kind != Kind.UNKNOWN for one in written):
        return written
    return _nested(mail, depth) or written


def _complaint(mail: Mail) -> list[Returned]:
    if _MICROSOFT.match(mail.header("subject")) and (copy := _copy(mail)):
        match = ADDRESS.search(bounce_texts.header(copy, "x-hmxmroriginalrecipient"))
        return [Returned(match[0] if match else "", Kind.COMPLAINT, "", "abuse")]
    reports = [part.text for part in mail.parts if part.type == "message/feedback-report"]
    if not reports:
        return []
    report = bounce_reports.fields(reports[0])
    about = report.get("original-rcpt-to") or report.get("removal-recipient") or bounce_texts.header(_copy(mail), "to")
    match = ADDRESS.search(about)
    feedback = re.sub(r"\W+", "_", report.get("feedback-type", "").lower())[:40] or "abuse"
    kind = {"auth_failure": Kind.BLOCKED, "not_spam": Kind.UNKNOWN}.get(feedback, Kind.COMPLAINT)
    return [Returned(match[0] if match else "", kind, "", feedback)]


def _reported(mail: Mail) -> list[Returned]:
    """Return the recipients of a delivery report, declared as such or not."""
    texts = [part.text for part in mail.parts if part.type in _STATUS]
    if not texts:
        texts = [
            bounce_reports.inline_status(part.text)
            for part in mail.parts
            if part.type == "text/plain" and bounce_reports.holds_status(part.text) and _is_returned(mail)
        ]
    groups = [group for text in texts for group in bounce_reports.recipients(text)]
    failed = [group for group in groups if bounce_reports.failed(group)]
    if groups and not failed:
        return [Returned(bounce_reports.address(group), Kind.UNKNOWN, "", "delivered") for group in groups]
    letter = bounce_texts.before_copy(bounce_texts.unquoted(_letter(mail)))
    return [_of_group(mail, group, letter, single=len(failed) == 1) for group in failed]


def _of_group(mail: Mail, group: Fields, letter: str, *, single: bool) -> Returned:
    address = bounce_reports.address(group)
    if not address or single:
        named = bounce_texts.named(mail, letter, _copy(mail))
        address = address or (named[0].address if single or len(named) == 1 else "")
    around = letter if single else _beside(letter, address)
    said = bounce_reports.said(group)
    if re.match(r"[45]\d\d-", said):  # Sendmail copies the first line of a reply only
        said = " ".join([said, *(line for line in _SENDMAIL.findall(letter) if line[:3] == said[:3])])
    evidence = Evidence(said, group.get("status", ""), around, bounce_reports.delayed(group))
    return _judged(address, evidence)


def _beside(letter: str, address: str) -> str:
    """Return the lines of a letter from an address on, up to the next blank line."""
    start = letter.find(address) if address else -1
    return letter[start:].split("\n\n", 1)[0] if start >= 0 else ""


def _written(mail: Mail) -> list[Returned]:
    """Return the recipients of a report that is written for people."""
    if not _is_returned(mail):
        return []
    text = bounce_texts.before_copy(_letter(mail))
    named = bounce_texts.named(mail, text, _copy(mail))
    delayed = bool(_DELAYED.search(f"{mail.header('subject')}\n{text}"))
    return [
        _judged(one.address, Evidence(one.said, "", text if len(named) == 1 else one.said, delayed)) for one in named
    ]


def _is_returned(mail: Mail) -> bool:
    """Return whether a message looks like a report of a mail system: by its sender, subject and wording."""
    if mail.header("x-failed-recipients"):
        return True
    subject, text = mail.header("subject"), _letter(mail)[:4000]
    system = bool(_DAEMON.search(mail.header("from"))) or mail.header("return-path") == "<>"
    if reply_words.is_automatic_subject(subject) or (_ANSWER.match(subject) and not system):
        return False
    called, worded = bool(_SUBJECT.search(subject)), bool(_WORDING.search(text))
    return (called or worded) if system else (called and worded and not mail.header("in-reply-to"))


def _nested(mail: Mail, depth: int) -> list[Returned]:
    """Return the recipients of a report that somebody's system forwarded as an attachment."""
    answers = _ANSWER.match(mail.header("subject")) or mail.header("in-reply-to")
    if depth >= bounce_mime.MAX_DEPTH or answers or len(_letter(mail).strip()) > _COVERING_LETTER:
        return []
    for part in mail.parts:
        if part.type in {"message/rfc822", "message/global"}:
            inner = bounce_mime.read(part.text.encode("utf-8", "replace"))
            if found := _told(inner, depth + 1):
                return found
    return []


def _answered(mail: Mail) -> Returned:
    """Return who answered; neither a mail system whose report was not understood nor nobody is a person."""
    answer, sender = replies.of_mail(mail), ADDRESS.search(mail.header("from"))
    if answer.automatic:
        return Returned(sender[0] if sender else "", Kind.AUTO_REPLY, "", answer.reason)
    if not sender or _DAEMON.search(mail.header("from")):
        return Returned("", Kind.UNKNOWN)
    return Returned(sender[0], Kind.REPLY, "", answer.reason)


def _judged(address: str, evidence: Evidence) -> Returned:
    meaning, status = bounce_verdict.judge(evidence)
    return Returned(address, meaning.kind, status, meaning.reason)


def _letter(mail: Mail) -> str:
    """Return the words for people: the plain text, else what the page shows."""
    for kind in ("text/plain", "text/html"):
        found = "\n".join(part.text for part in mail.parts if part.type == kind)
        if found.strip():
            return found
    return ""


def _copy(mail: Mail) -> str:
    """Return the copy of the message, or of its headers, that a report returns."""
    if declared := next((part.text for part in mail.parts if part.type in _COPIES), ""):
        return declared
    letter = _letter(mail) if _is_returned(mail) else ""
    return letter[len(bounce_texts.before_copy(letter)) :]


def _about(mail: Mail) -> tuple[str, ...]:
    return replies.ids(bounce_texts.header(_copy(mail), "message-id")) or replies.answered(mail)
