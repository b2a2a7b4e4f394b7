"""Telling people by a mail of its own what we hold of them, each at most once: claim it, commit, send it, record it.

It is sent when the deadline comes near to whoever was not told with a message. Nothing in it advertises, so it may go
where a first message may not. Whoever dies between claim and record leaves it in `sending`; `recover` makes that
`unknown`, which is never sent again.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from crm import history
from crm.models import Contact, ContactAddress

from . import (
    claiming,
    composing,
    footers,
    gate_facts,
    health,
    mailboxes,
    notice_text,
    notices_due,
    readiness,
    unsubscribing,
)
from .composing import Composed
from .models import Mailbox, Notice
from .notices_due import Untold
from .recording import without_addresses
from .sending import STUCK_AFTER
from .transport import NotSent, Transport, Uncertain

BATCH = 100
LIMIT = 200
SENTENCE = "Was told by a mail of its own what we know of them."
CAP = "The sender's daily cap is reached: they go on another day."
SWITCHED_OFF = "The sender is switched off: switch it on."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """How many notices were sent, failed for good, failed for now, were perhaps sent; wait for the sender or for
    sending to be switched on; and how many people no mail can tell.
    """

    sent: int = 0
    failed: int = 0
    postponed: int = 0
    unknown: int = 0
    waiting: int = 0
    by_hand: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def send_notices(limit: int = LIMIT, *, dry_run: bool = False) -> Report:
    """Tell whoever must be told soon, at most `limit` of them; with `dry_run` only count who would be."""
    now = timezone.now()
    count: Counter[str] = Counter()
    if not dry_run:
        count["unknown"] += recover(now)
    mailbox = mailboxes.default()
    free = not dry_run and not obstacle(mailbox, now)
    with Transport() as transport:
        for one in due_for_mail(now):
            if one.problem:
                count["by_hand"] += 1
            elif mailbox is None or not free or limit <= 0:
                count["waiting"] += 1
            else:
                limit -= 1
                fate = _tell(one, mailbox, transport)
                count[fate.name] += 1
                free = fate.go_on
    report = Report(**count)
    if not dry_run and any(asdict(report).values()):
        log.info("people told", **report.as_json())
    return report


def due_for_mail(now: datetime) -> Iterator[Untold]:
    """Yield who must be told soon, and how they can be, the soonest first. A few queries for each BATCH."""
    keys = list(notices_due.due_by_mail(now).values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        rows = Contact.objects.select_related("brand").in_bulk(keys[start : start + BATCH])
        yield from notices_due.plan([rows[key] for key in keys[start : start + BATCH] if key in rows])


def obstacle(mailbox: Mailbox | None, now: datetime) -> str:
    """Return what keeps notices from being sent, in a sentence; empty when nothing does."""
    if not claiming.sending_is_on():
        return readiness.OFF if not claiming.is_switched_on() else readiness.NO_WAY
    if mailbox is None:
        return readiness.NO_SENDER
    if not mailbox.active:
        return SWITCHED_OFF
    if lacking := readiness.lacking(mailbox):
        return " ".join(lacking)
    return CAP if gate_facts.used_on_day([mailbox.pk], now)[mailbox.pk] >= mailbox.daily_cap else ""


def recover(now: datetime) -> int:
    """Make notices `unknown` whose sender vanished; return how many. They are never sent again."""
    stuck = Notice.objects.filter(how=Notice.How.MAIL, state=Notice.State.SENDING, claimed_at__lt=now - STUCK_AFTER)
    keys = list(stuck.order_by("claimed_at").values_list("pk", flat=True))
    return sum(_ended(key, Notice.State.UNKNOWN, now) is not None for key in keys)


def compose(contact: Contact, address: ContactAddress, mailbox: Mailbox) -> Composed:
    """Return the mail that tells a contact what we know of them, and from whom; `problem` says why there is none."""
    notice = notice_text.text_for(contact, address, mailbox)
    words = notice_text.WORDINGS[notice.language]
    theirs = footers.language_of(contact.region_code or contact.brand.region_code)
    intro = [words["mail_intro"]]
    if theirs != notice.language:  # the essence in their own language, before the whole in English
        intro.insert(0, composing.footer_of(contact, address, mailbox, first=True))
    text = "\n\n".join([*intro, notice.as_text()])
    composed = composing.plain(words["mail_subject"], text, address.email, mailbox, notice.language)
    ways = composing.list_headers(mailbox, unsubscribing.url(address.email))
    return composed if composed.problem else replace(composed, headers=composed.headers | ways)


@dataclass(frozen=True, slots=True)
class _Fate:
    name: str
    go_on: bool = True


def _tell(one: Untold, mailbox: Mailbox, transport: Transport) -> _Fate:
    claimed = _claim(one.contact.pk, mailbox)
    if claimed is None:
        return _Fate("waiting")
    key, composed = claimed
    try:
        transport.send(composing.as_email(composed))
    except NotSent as failure:
        again = failure.retry or failure.ours
        _failed(key, failure, again=again)
        return _Fate("postponed" if again else "failed", not failure.ours)
    except Uncertain as doubt:
        _ended(key, Notice.State.UNKNOWN, timezone.now(), str(doubt))
        return _Fate("unknown", go_on=False)
    _ended(key, Notice.State.SENT, timezone.now())
    return _Fate("sent")


def _claim(contact_id: UUID, mailbox: Mailbox) -> tuple[UUID, Composed] | None:
    """Take a contact who is to be told, all read anew; from then on the mail may have gone. None: not now."""
    now = timezone.now()
    try:
        with transaction.atomic():
            box = _locked(Mailbox.objects.filter(pk=mailbox.pk)).first()
            if box is None or obstacle(box, now) or health.check(box, now).problems:
                return None
            if not _locked(Contact.objects.filter(pk=contact_id), skip_locked=True).values_list("pk", flat=True):
                return None
            contact = notices_due.due_by_mail(now).select_related("brand").filter(pk=contact_id).first()
            one = notices_due.plan([contact])[0] if contact else None
            if one is None or one.problem or one.address is None:
                return None
            composed = compose(one.contact, one.address, box)
            if composed.problem:
                return None
            return _written(one, box, composed, now), composed
    except IntegrityError:  # somebody else is at it
        return None


def _written(one: Untold, mailbox: Mailbox, composed: Composed, now: datetime) -> UUID:
    """Write down that a notice is being sent; what failed for now before is the same row."""
    failed = Notice.objects.filter(contact=one.contact, how=Notice.How.MAIL, state=Notice.State.FAILED, claimed_at=None)
    row = failed.first() or Notice(contact=one.contact, how=Notice.How.MAIL)
    row.state, row.mailbox, row.claimed_at, row.error = Notice.State.SENDING, mailbox, now, ""
    row.email, row.text = composed.to, composed.text
    row.save()
    return row.pk


def _failed(key: UUID, failure: NotSent, *, again: bool) -> None:
    """Write down that a notice surely did not go; one that goes `again` counts as if it had not been claimed."""
    rows = Notice.objects.filter(pk=key, state=Notice.State.SENDING)
    changed: dict[str, Any] = {"state": Notice.State.FAILED, "error": without_addresses(str(failure))[:300]}
    if again:
        changed["claimed_at"] = None
    rows.update(**changed)


def _ended(key: UUID, state: Notice.State, now: datetime, error: str = "") -> Notice | None:
    """Write down that a notice was sent, or perhaps sent; None when that is written down already."""
    with transaction.atomic():
        row = _locked(Notice.objects.select_related("contact").filter(pk=key, state=Notice.State.SENDING)).first()
        if row is None:
            return None
        row.state, row.error = state, without_addresses(error)[:300]
        row.told_at = now if state == Notice.State.SENT else None
        row.save(update_fields=["state", "error", "told_at"])
        if state == Notice.State.SENT:
            history.record(row.contact, "told", SENTENCE, at=now)
        audit.record(
            "notice.sent" if state == Notice.State.SENT else "notice.unknown",
            of=row,
            subject=audit.person(row.contact),
            after={"email": row.email},
            how=row.how,
            mailbox=row.mailbox_id,
        )
    return row


def _locked(rows: Any, *, skip_locked: bool = False) -> Any:
    return rows.select_for_update(no_key=True, of=("self",), skip_locked=skip_locked)
