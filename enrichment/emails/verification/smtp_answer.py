"""What the probe says of an address, and in which words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from enrichment.emails.checks import SMTP, Check, Result
from enrichment.emails.verification import replies
from enrichment.emails.verification.replies import Action, Meaning
from enrichment.emails.verification.smtp_wire import Reply

PATIENCE = timedelta(minutes=10)  # greylisting servers ask for 5 to 15

_SENTENCES = {
    "dropped": "{host} ended the connection.",
    "timeout": "{host} did not answer in time.",
    "malformed": "{host} answered with something that is no SMTP reply.",
    "unreachable": "{host} could not be reached.",
    "blocked_address": "{host} has no address that may be connected to.",
    "unsupported": "{host} takes no addresses with letters beyond ASCII.",
    "catch_all": "{host} takes mail for any name.",
    "directory_hidden": "{host} does not say which mailboxes exist.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known after asking, or after trying to: the fields of Check, and `action`, what is to be done about it.

    `later`: asking again after PATIENCE may bring more.
    """

    result: Result
    reason: str
    sentence: str
    code: int | None = None
    enhanced: str = ""
    action: Action = Action.NONE
    later: bool = False

    def check(self, email: str, now: datetime) -> Check:
        """Return it as the check of one address."""
        return Check(
            email=email,
            by=SMTP,
            result=self.result,
            reason=self.reason,
            sentence=self.sentence,
            at=now,
            code=self.code,
            enhanced=self.enhanced,
            retry_at=now + PATIENCE if self.later else None,
        )


def replied(host: str, reply: Reply, meaning: Meaning) -> Answer:
    """Return what a server answered. Its text is left out: it may hold the address."""
    enhanced = replies.enhanced(reply.text)
    sentence = f"{host} answered {reply.code} {enhanced}".rstrip() + "."
    later = meaning.reason in {"greylisted", "temporary"}
    return Answer(meaning.result, meaning.reason, sentence, reply.code, enhanced, meaning.action, later)


def unknown(reason: str, host: str) -> Answer:
    """Return that `host` left it open, for one of the reasons above."""
    action = Action.RECONNECT if reason == "dropped" else Action.NONE
    return Answer(Result.UNKNOWN, reason, _SENTENCES[reason].format(host=host), action=action)


def accepts_all(host: str, *, hides: bool) -> Answer:
    """Return what is known of any address where a made-up one was accepted too. `hides`: operators.hides_directory."""
    if hides:
        return unknown("directory_hidden", host)
    return Answer(Result.CATCH_ALL, "catch_all", _SENTENCES["catch_all"].format(host=host))


def unclear(accepted: Answer, *, later: bool = False) -> Answer:
    """Return what an accepted address is worth where what was said of a made-up one does not tell."""
    sentence = f"{accepted.sentence[:-1]}, and did not say whether it would accept any name."
    return replace(accepted, result=Result.UNKNOWN, reason="catch_all_unclear", sentence=sentence, later=later)


def paused(operator: str) -> Answer:
    """Return that nobody was asked, because of what the operator's servers said or did before."""
    return Answer(Result.UNKNOWN, "paused", f"The mail servers of {operator} are left in peace for a while.")


def fill(checks: dict[str, Check], group: Iterable[str], answer: Answer, now: datetime) -> None:
    """Give `answer` to the addresses of a group that have none yet, unless the group ended before them."""
    for email in group:
        if checks.setdefault(email, answer.check(email, now)).result is Result.DELIVERABLE:
            return
