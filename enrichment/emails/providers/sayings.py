"""What providers say of a mailbox, in one vocabulary: a reason stands for its result and its sentence."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from enrichment.emails.checks import Check, Result

_YES, _NO, _UNKNOWN = Result.DELIVERABLE, Result.UNDELIVERABLE, Result.UNKNOWN

REASONS: Mapping[str, tuple[Result, str]] = {
    "valid": (_YES, "{title} says that the mailbox takes mail."),
    "invalid": (_NO, "{title} says that the mailbox takes no mail."),
    "disabled": (_NO, "{title} says that the mailbox is disabled."),
    "malformed": (_NO, "{title} says that this is no address that one can write to."),
    "no_mail_server": (_NO, "{title} says that the domain takes no mail."),
    "catch_all": (Result.CATCH_ALL, "{title} says that the domain takes mail for every address."),
    "mailbox_full": (_UNKNOWN, "{title} says that the mailbox is full; somebody may still empty it."),
    "disposable": (_UNKNOWN, "{title} does not check addresses of disposable domains."),
    "webmail": (_UNKNOWN, "{title} does not check mailboxes of webmail services."),
    "blocked": (_UNKNOWN, "The mail server turned {title} away, which says nothing of the mailbox."),
    "greylisted": (_UNKNOWN, "The mail server asked {title} to come back later."),
    "unreachable": (_UNKNOWN, "{title} could not speak with the mail server."),
    "directory_hidden": (_UNKNOWN, "The mail server hides from {title} which mailboxes there are."),
    "server_failed": (_UNKNOWN, "The mail server gave {title} an unexpected answer. Ask again later."),
    "still_checking": (_UNKNOWN, "{title} is still checking the mailbox. Ask again in a few minutes."),
    "known_person": (_UNKNOWN, "{title} knows a person with this address; it did not check the mailbox."),
    "unknown_person": (_UNKNOWN, "{title} knows nobody with this address."),
    "unclear": (_UNKNOWN, "{title} could not tell whether the mailbox takes mail."),
}

_AGAIN = {
    "still_checking": timedelta(minutes=5),
    "server_failed": timedelta(minutes=15),
    "greylisted": timedelta(minutes=15),
}


def said(
    by: str, title: str, email: str, reason: str, at: datetime, *, confidence: float | None = None, url: str = ""
) -> Check:
    """Return the check for one of `REASONS`, said by the provider `by` at `at`.

    `confidence` is that in a mailbox that takes mail, so one that takes none has none.
    """
    result, sentence = REASONS[reason]
    return Check(
        email=email,
        by=by,
        result=result,
        reason=reason,
        sentence=sentence.format(title=title),
        at=at,
        retry_at=at + _AGAIN[reason] if reason in _AGAIN else None,
        confidence=None if result is _NO else confidence,
        url=url,
    )
