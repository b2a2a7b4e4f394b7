"""The checks of one address -> what they prove: the answer that decides, and what it means for the score.

Of each giver the latest answer counts that tells something: that a server could not be asked today does not undo what
it said before. Of several givers the one closest to the mailbox decides: what became of a message, then the mail
server, then providers.
"""

from collections.abc import Iterable, Sequence

from enrichment.emails.checks import OUTCOME, SMTP, Check, Result
from enrichment.emails.scoring import Proof

MAILBOX_FULL = "mailbox_full"
DIRECTORY_HIDDEN = "directory_hidden"

_CLEAR = frozenset({Result.DELIVERABLE, Result.UNDELIVERABLE})


def latest(checks: Iterable[Check]) -> list[Check]:
    """Return what counts of each giver's answers: the latest that tells something, else the latest; newest first."""
    counted: dict[str, Check] = {}
    for check in sorted(checks, key=lambda check: (tells(check), check.at), reverse=True):
        counted.setdefault(check.by, check)
    return sorted(counted.values(), key=lambda check: check.at, reverse=True)


def tells(check: Check) -> bool:
    """Return whether an answer tells anything of the mailbox or its domain."""
    return check.result is not Result.UNKNOWN or check.reason in {MAILBOX_FULL, DIRECTORY_HIDDEN}


def by_server(checks: Iterable[Check]) -> Check | None:
    """Return what counts of the mail server's answers."""
    return next((check for check in latest(checks) if check.by == SMTP), None)


def by_provider(checks: Iterable[Check]) -> Check | None:
    """Return the strongest of the providers' answers: a clear one before a catch-all before none, then the newest."""
    providers = [check for check in latest(checks) if check.by not in {SMTP, OUTCOME}]
    return max(providers, key=lambda check: (check.result in _CLEAR, tells(check), check.at), default=None)


def decisive(checks: Sequence[Check]) -> Check | None:
    """Return the answer that decides whether the mailbox takes mail; None when none does."""
    outcome = next((check for check in latest(checks) if check.by == OUTCOME), None)
    answers = (outcome, by_server(checks), by_provider(checks))
    return next((check for check in answers if check and _decides(check)), None)


def _decides(check: Check) -> bool:
    return check.result in _CLEAR or check.reason == MAILBOX_FULL


def proofs(checks: Sequence[Check]) -> dict[Proof, str]:
    """Return what the checks prove, each with the sentence that says so."""
    proven: dict[Proof, str] = {}
    for check in latest(checks):
        if check.result is Result.CATCH_ALL:
            proven.setdefault(Proof.CATCH_ALL, check.sentence)
        elif check.reason == DIRECTORY_HIDDEN:
            proven.setdefault(Proof.HIDDEN_DIRECTORY, check.sentence)
    if decides := decisive(checks):
        kinds = {Result.DELIVERABLE: Proof.DELIVERABLE, Result.UNDELIVERABLE: Proof.REJECTED}
        proven[kinds.get(decides.result, Proof.FULL)] = decides.sentence
    return proven


def method(checks: Sequence[Check]) -> str | None:
    """Return by what an address is proved or refuted (scoring.METHODS); None when the checks do neither."""
    check = decisive(checks)
    if check is None or check.result not in _CLEAR:
        return None
    return "smtp_ping" if check.by in {OUTCOME, SMTP} else "api"


def smtp_passed(checks: Sequence[Check]) -> bool | None:
    """Return whether the mail server takes mail for it, by its answer or the fate of a message; None: not known."""
    check = decisive(checks)
    if check is None or check.by not in {OUTCOME, SMTP} or check.result not in _CLEAR:
        return None
    return check.result is Result.DELIVERABLE
