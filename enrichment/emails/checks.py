"""What a mail server, a provider or the fate of a message said of one mailbox: the evidence that moves a chance."""

import enum
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self


class Result(enum.StrEnum):
    """DELIVERABLE and UNDELIVERABLE speak of this mailbox, CATCH_ALL of its domain; UNKNOWN: could not tell."""

    DELIVERABLE = "deliverable"
    UNDELIVERABLE = "undeliverable"
    CATCH_ALL = "catch_all"
    UNKNOWN = "unknown"


SMTP = "smtp"
OUTCOME = "outcome"  # a message was delivered, answered or bounced


@dataclass(frozen=True, slots=True)
class Check:
    """One answer about one address.

    `email` in the form of normalise_email; `by`: SMTP, OUTCOME or a provider's name; `reason`: a stable snake_case
    word; `sentence`: what happened, for people, without the local part of the address. `code` and `enhanced` are the
    mail server's (550, "5.1.1"). `retry_at`: when to ask again, for a server that asked for patience. `confidence`: a
    provider's own (0-1). `url`: where a provider saw the address.
    """

    email: str
    by: str
    result: Result
    reason: str
    sentence: str
    at: datetime
    code: int | None = None
    enhanced: str = ""
    retry_at: datetime | None = None
    confidence: float | None = None
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it: all but the address; datetimes in ISO 8601."""
        kept = asdict(self)
        del kept["email"]
        return {
            key: value.isoformat() if isinstance(value, datetime) else str(value) if key == "result" else value
            for key, value in kept.items()
        }

    @classmethod
    def from_json(cls, email: str, kept: dict[str, Any]) -> Self:
        """Return the check of `email` from what was kept. Raises KeyError or ValueError for anything else."""
        moments = {key: datetime.fromisoformat(kept[key]) for key in ("at", "retry_at") if kept.get(key)}
        return cls(email=email, **{**kept, **moments, "result": Result(kept["result"])})
