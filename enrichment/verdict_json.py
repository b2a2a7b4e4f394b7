"""A verdict as programs read it: the command's lines, the API's answers and the results of jobs are the same JSON."""

from datetime import UTC, datetime
from typing import Any

from enrichment.emails.checks import Check
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.verdict import Verdict

Json = dict[str, Any]


def as_json(verdict: Verdict, now: datetime) -> Json:
    """Return what is known of an address; moments in ISO 8601, UTC, to the second.

    `checkedAt` is when a mail server or provider was last asked, `now` when none was. `retryAt` is when a server that
    asked for patience may be asked again. Objects are never null, what is not known inside them is.
    """
    asked = [check.at for check in (verdict.smtp, verdict.api) if check is not None]
    return {
        "email": verdict.email,
        "verificationStatus": verdict.status,
        "verificationScore": verdict.score,
        "verificationMethod": verdict.method,
        "probability": verdict.probability,
        "syntaxValid": verdict.syntax_valid,
        "mx": _mx(verdict.mx),
        "smtp": _smtp(verdict.smtp),
        "api": _api(verdict.api),
        "disposable": verdict.disposable,
        "role": verdict.role,
        "free": verdict.free,
        "didYouMean": verdict.did_you_mean,
        "scoreBreakdown": [
            {"label": row.label, "points": row.points, "evidence": row.evidence} for row in verdict.breakdown
        ],
        "checkedAt": _moment(max(asked, default=now)),
        "retryAt": _moment(verdict.smtp.retry_at) if verdict.smtp and verdict.smtp.retry_at else None,
    }


def _mx(mx: Mx | None) -> Json:
    if mx is None or mx.passed is None:
        return {"found": None, "hosts": [], "null": None, "implicit": None}
    return {
        "found": mx.passed,
        "hosts": list(mx.hosts),
        "null": mx.status == "null",
        "implicit": mx.status == "implicit",
    }


def _smtp(check: Check | None) -> Json:
    if check is None:
        return {"result": None, "code": None, "reason": None}
    return {"result": str(check.result), "code": check.code, "reason": check.reason}


def _api(check: Check | None) -> Json:
    if check is None:
        return {"by": None, "result": None, "reason": None, "confidence": None}
    return {
        "by": check.by,
        "result": str(check.result),
        "reason": check.reason,
        "confidence": check.confidence,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
