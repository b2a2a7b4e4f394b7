"""What every app stands on: tokens, the audit trail, counts."""

from .audit import AuditEntry, AuditHead, SubjectKey
from .counts import DailyCount
from .keys import KeyCheck
from .tokens import ApiToken, RefreshToken

__all__ = ["ApiToken", "AuditEntry", "AuditHead", "DailyCount", "KeyCheck", "RefreshToken", "SubjectKey"]
