"""Requests of people about their own data: asked on the public page, proved by a mailed link, done, answered.

A request is written down for whichever address, and the same is said each time: nobody learns whom we know.
request_links.py has the link.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from core.account.reset import can_mail
from core.fields import blind_index
from core.refusals import InputError
from crm import telling
from enrichment import subject_rights
from enrichment.models import RequestKind, RequestOrigin, RequestState, SubjectRequest

LINK_KEPT = timedelta(hours=48)  # in which a mailed link can be opened
MAILS_A_DAY = 3  # to one address
LONGEST = 5000  # characters of what somebody writes

UNPROVED, OPEN, DONE, LAPSED = RequestState.UNPROVED, RequestState.OPEN, RequestState.DONE, RequestState.LAPSED


def due(received: datetime) -> datetime:
    """Return until when a request that came at a moment must be answered: a month (GDPR art. 12(3))."""
    return telling.month_after(received)


def ask(kind: str, address: str, text: str, origin: str) -> SubjectRequest | None:
    """Write down a request that is not proved yet; None for an address that was sent enough links today.

    The caller has a link mailed. Raises ValueError for what is no address, and InputError for a kind
    that does not exist or a text that is too long.
    """
    lapse(timezone.now())
    email, now = subject_rights.clean_address(address), timezone.now()
    index = blind_index(email)
    today = SubjectRequest.objects.filter(email_index=index, created_at__gt=now - timedelta(days=1))
    if today.filter(origin__in=(RequestOrigin.PAGE, RequestOrigin.LINK)).count() >= MAILS_A_DAY:
        return None
    return _make(kind, email, text, origin, UNPROVED)


def enter(kind: str, address: str, text: str, how: str, user: User) -> SubjectRequest:
    """Write down a request that came by letter or telephone, whose sender `user` has identified, `how` says.

    Raises ValueError as `ask` does, and InputError where it is not said how.
    """
    if not how.strip():
        raise InputError("invalid_input", "Write how you made sure who asks: that is kept with the request.")
    with transaction.atomic():
        request = _make(kind, subject_rights.clean_address(address), text, RequestOrigin.ADMIN, OPEN)
        request.proved_at, request.result = timezone.now(), {"identified": f"{user.get_username()}: {how.strip()}"}
        request.save()
    return request


def waits_for_admin(request: SubjectRequest) -> bool:
    """Return whether the link that somebody opened does not say who they are, so that an admin has to find out.

    Whoever reads a shared mailbox may be somebody else than the person we know. Who wanted to be erased or left alone
    is written to no more all the same.
    """
    if request.email is None or request.kind in (RequestKind.OBJECTION, RequestKind.RECTIFICATION):
        return False
    why = subject_rights.doubt(request.email)
    if not why:
        return False
    if request.kind != RequestKind.ACCESS:
        subject_rights.keep_from_writing(request.email)
    request.result = {**(request.result or {}), "doubt": why}
    request.save(update_fields=["result"])
    return True


def carry_out(request: SubjectRequest, user: User | None) -> Any:
    """Do what a proved request asks for, and note that it is done; return the data for access, else counts.

    A correction needs an admin: it stays open. May be run again after a crash.
    """
    address = request.email
    if address is None:
        raise InputError("invalid_input", "The address of this request was erased: there is nothing left to do.")
    came: Any = {}
    if request.kind == RequestKind.ACCESS:
        came = subject_rights.access(address, user)
    elif request.kind == RequestKind.ERASURE:
        came = subject_rights.erase(address, user)
    elif request.kind == RequestKind.RESTRICTION:
        came = subject_rights.restrict(address, user, request)
    elif request.kind == RequestKind.OBJECTION:
        came = subject_rights.object_(address, user, request)
    else:
        return came
    counts = {"known": came["known"]} if request.kind == RequestKind.ACCESS else came
    finish(request, DONE, user, counts=counts)
    return came


@transaction.atomic
def finish(
    request: SubjectRequest, state: RequestState, user: User | None, *, answer: str = "", counts: Any = None
) -> None:
    """Close a request as done or refused, with what the person is told and how much it concerned."""
    row = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    row.state, row.handled_at, row.handled_by, row.token_hash = state, timezone.now(), user, None
    row.answer = answer or row.answer
    row.result = {**(row.result or {}), **({"did": counts} if counts is not None else {})}
    row.save()
    action = "subject_request.refused" if state == RequestState.REFUSED else "subject_request.done"
    audit.record(action, of=row, subject=row.email_index, actor=user, kind=row.kind)
    request.refresh_from_db()


def refuse(request: SubjectRequest, reason: str, user: User) -> None:
    """Refuse an open request; `reason` is what the person is told. Raises InputError without one."""
    if not reason.strip():
        raise InputError("invalid_input", "Write why it is refused: the person must be told (art. 12(4)).")
    finish(request, RequestState.REFUSED, user, answer=reason.strip()[:LONGEST])


def object_by_link(index: str) -> None:
    """Object for whoever has the address with this blind index, at once: the link in a mail is enough for that."""
    address, now = subject_rights.address_of(index), timezone.now()
    request = SubjectRequest.objects.filter(email_index=index, kind=RequestKind.OBJECTION, state=DONE).first()
    if request is None:
        request = SubjectRequest.objects.create(
            kind=RequestKind.OBJECTION,
            state=DONE,
            origin=RequestOrigin.LINK,
            email=address,
            email_index=index,
            proved_at=now,
            due_at=due(now),
            handled_at=now,
        )
        audit.record("subject_request.made", of=request, subject=index, kind=request.kind, origin=request.origin)
    if address:
        subject_rights.object_(address, None, request)
    else:
        subject_rights.object_by_index(index)


def lapse(now: datetime) -> int:
    """Forget requests whose link was not opened in time, as the purge does; return how many."""
    late = SubjectRequest.objects.filter(state=UNPROVED, created_at__lt=now - LINK_KEPT)
    lapsed = 0
    for request in late:
        request.state, request.email, request.text, request.token_hash = LAPSED, None, None, None
        request.save()
        lapsed += 1
    return lapsed


def waiting() -> QuerySet[SubjectRequest]:
    """Return the requests that an admin has to deal with."""
    return SubjectRequest.objects.filter(state=OPEN)


def overdue(now: datetime) -> Q:
    """Return which requests should have been answered."""
    return Q(state=OPEN, due_at__lt=now)


def possible() -> bool:
    """Return whether links can be mailed here."""
    return can_mail()


def _make(kind: str, email: str, text: str, origin: str, state: RequestState) -> SubjectRequest:
    if kind not in RequestKind.values:
        raise InputError("invalid_input", "Choose what you want of us.")
    if len(text) > LONGEST:
        raise InputError("invalid_input", f"The text is longer than {LONGEST} characters: shorten it.")
    now = timezone.now()
    with transaction.atomic():
        request = SubjectRequest.objects.create(
            kind=kind,
            state=state,
            origin=origin,
            email=email,
            email_index=blind_index(email),
            text=text.strip() or None,
            due_at=due(now),
        )
        audit.record("subject_request.made", of=request, subject=request.email_index, kind=kind, origin=origin)
    return request
