"""What may have come back of a message, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What has come back.

    HARD: there is no such mailbox or domain. SOFT: full, slow, broken for now. BLOCKED: our address, reputation,
    content or authentication; it says nothing of the person. COMPLAINT: somebody reported the message as unwanted.
    AUTO_REPLY: an automatic answer. REPLY: a person's answer. UNKNOWN: none of these can be told.
    """

    HARD = "hard"
    SOFT = "soft"
    BLOCKED = "blocked"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    REPLY = "reply"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text or a code means; `reason` is a stable snake_case word."""

    kind: Kind
    reason: str


NO_SUCH_USER = Meaning(Kind.HARD, "no_such_user")
NO_SUCH_DOMAIN = Meaning(Kind.HARD, "no_such_domain")
DISABLED = Meaning(Kind.HARD, "mailbox_disabled")
FULL = Meaning(Kind.SOFT, "mailbox_full")
TOO_LARGE = Meaning(Kind.SOFT, "message_too_large")
GREYLISTED = Meaning(Kind.SOFT, "greylisted")
BUSY = Meaning(Kind.SOFT, "server_busy")
EXPIRED = Meaning(Kind.SOFT, "expired")
NETWORK = Meaning(Kind.SOFT, "network")
SERVER_ERROR = Meaning(Kind.SOFT, "server_error")
TEMPORARY = Meaning(Kind.SOFT, "temporary")
AUTHENTICATION = Meaning(Kind.BLOCKED, "authentication")
NO_REVERSE_NAME = Meaning(Kind.BLOCKED, "no_reverse_name")
REPUTATION = Meaning(Kind.BLOCKED, "reputation")
RATE = Meaning(Kind.BLOCKED, "rate_limited")
CONTENT = Meaning(Kind.BLOCKED, "content")
SENDER = Meaning(Kind.BLOCKED, "sender_refused")
RELAY = Meaning(Kind.BLOCKED, "relay_denied")
POLICY = Meaning(Kind.BLOCKED, "policy")
REFUSED = Meaning(Kind.BLOCKED, "refused")  # without a reason: any code tells more
UNKNOWN = Meaning(Kind.UNKNOWN, "unknown")
