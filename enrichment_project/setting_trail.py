"""Changed settings in the audit trail: each start compares what is set with what the last start noted.

Of secrets, and of what may name a person, the trail has an HMAC alone: that they changed, not what they are.
"""

import re
from collections.abc import Iterator
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from core import audit
from core.audit.digests import authentic
from core.models import AuditEntry, AuditHead

OURS = re.compile(r"(ENRICHMENT|OUTREACH|AUDIT|CONTROLLER|SUPERVISORY|SIGN_IN|METRICS|LOG|WEB|WORKER|REDIS)_")
ALSO = {
    *("DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "HTTPS_ONLY", "BIND", "PORT", "SESSION_COOKIE_AGE"),
    *("AXES_FAILURE_LIMIT", "AXES_COOLOFF_TIME", "TOKEN_ATTEMPTS_RATE", "API_RATE", "SIMPLE_JWT", "EMAIL_URL"),
    *("DEFAULT_FROM_EMAIL", "ANYMAIL_ESP", "ANYMAIL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "BLIND_INDEX_KEY"),
    *("DATABASE_URL", "JOB_TIME_LIMIT_SECONDS"),
}
SECRET = re.compile(
    r"(?i)secret|token$|password|(^|[._])keys?$|_key$|client_id|engine|(database|redis|email|imap)_url|^anymail(\.|$)"
    r"|_from|from_email|dpo|representative|helo"
)
STARTED, CHANGED = "setting.started", "setting.changed"
LOOKED_AT = 20

log = structlog.get_logger(__name__)


def note(part: str) -> None:
    """Write what changed in the settings since the last start. `part` is what starts: up, web or worker.

    Parts may have settings of their own: each is compared with its own last start, or with anybody's if it had none.
    Without a database, or one that is set up, nothing is written: this keeps nothing from starting.
    """
    try:
        with transaction.atomic():
            AuditHead.objects.select_for_update().filter(pk=1).first()  # several processes start at once
            _compare(part, effective())
    except DatabaseError as error:
        log.warning("changes of settings are not in the audit trail", error=type(error).__name__)
    finally:
        if not connection.in_atomic_block:
            connection.close()  # the worker's pool are forks


def effective() -> dict[str, Any]:
    """Return our settings by name, nested ones as `A.b.c`: their values, or an HMAC of what is not to be read."""
    found: dict[str, Any] = {}
    for name in dir(settings):
        if name.isupper() and (name in ALSO or OURS.match(name)):
            found |= dict(_flat(name, getattr(settings, name)))
    return dict(sorted(found.items()))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
        return
    if not isinstance(value, bool | int | float | list | type(None)):
        value = str(value)
    if value and not isinstance(value, bool | int | float) and (SECRET.search(name) or "@" in str(value)):
        value = f"hmac:{authentic('setting', f'{name}={value}')[:16]}"
    yield name, value


def _compare(part: str, now: dict[str, Any]) -> None:
    before = _last(part)
    if before is None:
        audit.record(STARTED, part=part, settings=now)
        return
    names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if names:
        was, is_now = ({name: some.get(name) for name in names} for some in (before, now))
        audit.record(CHANGED, before=was, after=is_now, names=names, part=part, settings=now)


def _last(part: str) -> dict[str, Any] | None:
    entries = AuditEntry.objects.filter(action__in=[STARTED, CHANGED]).order_by("-id")[:LOOKED_AT]
    facts = [entry.facts for entry in entries]
    mine = [one for one in facts if one["part"] == part]
    last: dict[str, Any] | None = (mine or facts or [{}])[0].get("settings")
    return last
