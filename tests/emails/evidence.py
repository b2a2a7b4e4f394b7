"""Answers about addresses, as mail servers, providers and messages give them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from enrichment.discovery.base import Evidence
from enrichment.emails.checks import OUTCOME, SMTP, Check, Result
from enrichment.emails.providers.base import Found

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

_REASONS = {
    Result.DELIVERABLE: "accepted",
    Result.UNDELIVERABLE: "no_such_user",
    Result.CATCH_ALL: "catch_all",
    Result.UNKNOWN: "greylisted",
}


def check(email: str, result: Result, by: str = SMTP, *, days: float = 0, **fields: Any) -> Check:
    """What `by` said of an address `days` before NOW."""
    kept = {"reason": _REASONS[result], "sentence": f"{by} says {result}."} | fields
    return Check(email, by, result, at=NOW - timedelta(days=days), **kept)


def accepted(email: str, by: str = SMTP, **fields: Any) -> Check:
    return check(email, Result.DELIVERABLE, by, **fields)


def refused(email: str, by: str = SMTP, **fields: Any) -> Check:
    return check(email, Result.UNDELIVERABLE, by, **fields)


def catch_all(email: str, by: str = SMTP, **fields: Any) -> Check:
    return check(email, Result.CATCH_ALL, by, **fields)


def unclear(email: str, reason: str, by: str = SMTP, **fields: Any) -> Check:
    return check(email, Result.UNKNOWN, by, reason=reason, **fields)


def outcome(email: str, kind: str, **fields: Any) -> Check:
    result = Result.UNDELIVERABLE if kind == "bounced" else Result.DELIVERABLE
    return check(email, result, OUTCOME, reason=kind, **fields)


def found(
    email: str, by: str = "hunter", confidence: float | None = 0.9, *, url: str = "", days: float = 0, **fields: Any
) -> Found:
    at = NOW - timedelta(days=days)
    pages = (Evidence("email", email, url, "", by, at),) if url else ()
    return Found(email, by, confidence, pages, fields.get("check"), at)
