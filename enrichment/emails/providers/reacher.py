"""Reacher (check-if-email-exists), a verifier that the operator runs: it asks the mail server itself.

What it says is taken by the parts of its answer, not by its summary alone: a mailbox that is full may be emptied, and a
server that turned Reacher's own address away has said nothing of the mailbox.
"""

from collections.abc import Mapping
from typing import Any

from enrichment.discovery.base import Context
from enrichment.discovery.service import Service, text_of
from enrichment.emails.checks import Check
from enrichment.emails.providers.base import VERIFY, Provider
from enrichment.emails.providers.reading import entry, flag
from enrichment.emails.providers.sayings import said

TIMEOUT = 90.0  # seconds: slow mail servers take most of it
_TURNED_AWAY = frozenset({"IpBlacklisted", "NeedsRDNS"})


class Reacher(Provider):
    """See the module. `secret`: what the header x-reacher-secret carries, "" for none."""

    name = "reacher"
    title = "Reacher"
    can = frozenset({VERIFY})

    def __init__(self, *, base_url: str, secret: str = "") -> None:
        headers = {"x-reacher-secret": secret} if secret else {}
        self._service = Service(self.name, self.title, base_url, headers=headers, timeout=TIMEOUT, parallel=True)

    def verify(self, context: Context, email: str) -> Check:
        answer = self._service.submit(context, "/v0/check_email", json={"to_email": email})
        if answer.status == 400 and b"x-reacher-secret" in answer.content:
            raise self._service.trouble("bad_key", "{title} does not accept its secret (400).")
        if answer.status != 200:
            raise self._service.refusal(answer)
        said_of_it = self._service.json(answer)
        if not isinstance(said_of_it, dict) or not text_of(said_of_it.get("is_reachable")):
            raise self._service.trouble("malformed", "{title} sent something other than it documents; try again later.")
        return said(self.name, self.title, email, _reason(said_of_it), context.now())


def _reason(answer: Mapping[str, Any]) -> str:
    """Return the reason that an answer stands for, the most certain part of it first."""
    parts = [entry(answer.get(name)) for name in ("misc", "mx", "smtp")]
    _, mx, smtp = parts
    if any(_failed(part) and text_of(part.get("description")) in _TURNED_AWAY for part in parts):
        return "blocked"
    if flag(entry(answer.get("syntax")).get("is_valid_syntax")) is False:
        return "malformed"
    if not _failed(mx) and flag(mx.get("accepts_mail")) is False:
        return "no_mail_server"
    if _failed(smtp) or _was_skipped(answer):
        return "unreachable" if _failed(smtp) else "unclear"
    return _reason_of_server(smtp, text_of(answer.get("is_reachable")))


def _reason_of_server(smtp: Mapping[str, Any], summary: str) -> str:
    """Return the reason that the mail server's part stands for. `summary`: safe, risky, invalid or unknown."""
    if flag(smtp.get("can_connect_smtp")) is False:
        return "unreachable"
    for field, reason in (
        ("is_disabled", "disabled"),
        ("has_full_inbox", "mailbox_full"),
        ("is_catch_all", "catch_all"),
    ):
        if flag(smtp.get(field)):
            return reason
    deliverable = flag(smtp.get("is_deliverable"))
    if deliverable and summary in ("safe", "risky"):
        return "valid"
    return "invalid" if deliverable is False and summary == "invalid" else "unclear"


def _failed(part: Mapping[str, Any]) -> bool:
    return part.get("error") is not None


def _was_skipped(answer: Mapping[str, Any]) -> bool:
    """Whether Reacher did not ask the mail server at all, by its own configuration."""
    method = entry(entry(entry(answer.get("debug")).get("smtp")).get("verif_method"))
    return text_of(method.get("type")) == "Skipped"
