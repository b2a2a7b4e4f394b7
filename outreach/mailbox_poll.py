"""Reads what came back from a mailbox by IMAP, and changes nothing there: nothing is deleted, moved or marked.

How far it was read is kept by UID, as long as UIDVALIDITY stays (RFC 9051 section 2.3.1.1); the position moves on in
the transaction in which a mail was dealt with. A mail that is read again counts once, by its content.
"""

import hashlib
import logging
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from . import inbound, mailbox_url
from .mailbox_url import Account, Refused
from .models import Event, Mailbox, MailboxPosition

logger = logging.getLogger(__name__)

NOT_SET = "No mailbox to read is set: write its address into OUTREACH_IMAP_URL, imaps://user:password@host/INBOX."
BATCH = 20  # mails asked for at once
LOOK_BACK = timedelta(days=3)  # the first time, and when the server gave all mails new numbers
_BODY = f"BODY.PEEK[]<0.{inbound.MAX_BYTES}>"


@dataclass(slots=True)
class Polled:
    """What a poll did: mails looked at, events of each kind that came of them, mails that could not be dealt with.

    `problem` is a sentence when the mailbox could not be read, or not to the end.
    """

    seen: int = 0
    events: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    uid_validity: int = 0
    last_uid: int = 0
    problem: str = ""


def poll(limit: int = 200) -> Polled:
    """Deal with the next mails of the mailbox of OUTREACH_IMAP_URL, at most `limit`. Raises nothing for its server."""
    done = Polled()
    if not settings.OUTREACH_IMAP_URL:
        done.problem = NOT_SET
        return done
    account: Account | None = None
    try:
        account = mailbox_url.read(settings.OUTREACH_IMAP_URL)
        with mailbox_url.connect(account) as client:
            _read(client, account, limit, done)
    except (Refused, OSError, IMAPClientError, UnicodeError) as error:
        done.problem = _problem(error, account)
        logger.warning("mailbox not read", extra={"error": type(error).__name__})
    if account is not None:
        _note(account, done)
    return done


def _read(client: IMAPClient, account: Account, limit: int, done: Polled) -> None:
    selected = client.select_folder(account.folder, readonly=True)
    done.uid_validity = int(selected[b"UIDVALIDITY"])
    position = _begin(client, account, selected, done.uid_validity)
    done.last_uid = position.last_uid
    mailbox = Mailbox.objects.filter(address__iexact=account.user).first()
    uids = sorted(uid for uid in client.search(["UID", f"{position.last_uid + 1}:*"]) if uid > position.last_uid)
    for uid, raw in _mails(client, uids[:limit]):
        _take(uid, raw, account, mailbox, done)


def _begin(client: IMAPClient, account: Account, selected: dict[bytes, Any], validity: int) -> MailboxPosition:
    """Return how far the mailbox was read; the first time, or with new numbers, up to where LOOK_BACK begins."""
    position, _ = MailboxPosition.objects.get_or_create(account=account.name, defaults={"uid_validity": 0})
    if position.uid_validity == validity:
        return position
    since = (position.polled_at or timezone.now()) - LOOK_BACK
    recent = client.search(["SINCE", since.date()])
    last = min(recent) - 1 if recent else int(selected.get(b"UIDNEXT") or max(client.search("ALL"), default=0) + 1) - 1
    with transaction.atomic():
        row = _locked(account)
        if row.uid_validity != validity:
            row.uid_validity, row.last_uid = validity, last
            row.save(update_fields=["uid_validity", "last_uid"])
    return row


def _mails(client: IMAPClient, uids: list[int]) -> Iterator[tuple[int, bytes | None]]:
    """Yield each mail's number and its beginning; None for one that is gone by now or that the server withholds."""
    for start in range(0, len(uids), BATCH):
        batch = uids[start : start + BATCH]
        answers = client.fetch(batch, [_BODY])
        for uid in batch:
            parts = answers.get(uid, {})
            raw = next((value for name, value in parts.items() if name.startswith(b"BODY[]")), None)
            yield uid, raw if isinstance(raw, bytes) else None


def _take(uid: int, raw: bytes | None, account: Account, mailbox: Mailbox | None, done: Polled) -> None:
    """Deal with one mail and move on, in one transaction; what is wrong with it never stops those after it."""
    try:
        with transaction.atomic():
            if not _move_on(account, uid, done):
                return
            if raw:
                source = Event.Source.MAILBOX
                events = inbound.receive(raw, source=source, key=inbound.key_of(raw), mailbox=mailbox)
                kinds = [str(event.kind) for event in events]
            else:
                kinds = []
    except (OperationalError, InterfaceError):
        raise  # the database's trouble is not the mail's: it is read again next time
    except Exception as error:  # noqa: BLE001  whatever it is: the next mail is not to wait for it
        # Not what the error says: it may quote an address.
        logger.error("a mail could not be dealt with", extra={"uid": uid, "error": type(error).__name__} | _at(error))
        with transaction.atomic():
            if _move_on(account, uid, done):
                key = _key_of_unreadable(account, uid, done)
                inbound.record_unreadable(key, Event.Source.MAILBOX, mailbox, timezone.now())
        done.errors += 1
        kinds = [Event.Kind.UNKNOWN.value]
    done.seen += 1
    done.events.update(kinds)
    done.last_uid = uid


def _move_on(account: Account, uid: int, done: Polled) -> bool:
    """Say that a mail is dealt with; return False when another poll did that. Two polls at once wait here."""
    row = _locked(account)
    if row.uid_validity != done.uid_validity or row.last_uid >= uid:
        return False
    row.last_uid = uid
    row.save(update_fields=["last_uid"])
    return True


def _note(account: Account, done: Polled, now: datetime | None = None) -> None:
    """Write down when the mailbox was read last, or why it could not be."""
    position, _ = MailboxPosition.objects.get_or_create(account=account.name, defaults={"uid_validity": 0})
    position.error = done.problem
    if not done.problem:
        position.polled_at = now or timezone.now()
    position.save(update_fields=["error", "polled_at"])


def _locked(account: Account) -> MailboxPosition:
    rows = MailboxPosition.objects.select_for_update(no_key=True, of=("self",))
    return rows.get(account=account.name)


def _at(error: Exception) -> dict[str, str]:
    """Return where in the program something failed, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return {"at": " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)}


def _key_of_unreadable(account: Account, uid: int, done: Polled) -> str:
    where = f"{account.name}\n{done.uid_validity}\n{uid}"
    return "unreadable:" + hashlib.sha256(where.encode("utf-8", "replace")).hexdigest()


def _problem(error: Exception, account: Account | None) -> str:
    """Return what went wrong in a sentence of at most 300 characters, without secrets."""
    if isinstance(error, Refused):
        return str(error)[:300]
    host = account.host if account else "The mail server"
    if isinstance(error, LoginError):
        return f"{host} did not accept the user and password of OUTREACH_IMAP_URL."[:300]
    if isinstance(error, OSError):
        return f"{host} could not be reached, or broke off: {_why(error)}. It is tried again."[:300]
    folder = f" for the folder {account.folder}" if account else ""
    return f"{host} answered with an error{folder}: {_why(error)}."[:300]


def _why(error: Exception) -> str:
    told = getattr(error, "strerror", None) or getattr(error, "verify_message", None) or str(error)
    return " ".join(str(told).split()).rstrip(".")[:150] or type(error).__name__
