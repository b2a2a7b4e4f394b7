"""The rights of the people whose data we hold (GDPR art. 15 to 21): each app tells and forgets its own part.

Whoever asks is the person who has the address: that is proved by a mailed link, or by an admin (requests.py). The
suppression list is written first and by itself in every case: whatever fails after it, nothing more is sent.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import audit
from core import subject as ground
from core.fields import blind_index, normalise_email
from crm import contacts, lawful_basis, suppression
from crm import subject as people
from crm.models import LawfulBasis, Suppression
from enrichment import recipients, register
from enrichment import subject as discovery
from enrichment.models import RequestKind, RequestOrigin, RequestState, SubjectRequest
from enrichment.subject import Subject
from outreach import subject as outreach

Json = dict[str, Any]

OBJECTED, RESTRICTED, ERASED = "objection", "restriction", "erasure"  # why sequences stopped


def clean_address(text: str) -> str:
    """Return an address as all apps compare it. Raises ValueError with a sentence for what is none."""
    return normalise_email(contacts.clean_email(text))


@transaction.atomic
def access(address: str, user: User | None = None) -> Json:
    """Return all that is held of the person who has this address, ready for JSON, and note that it was shown.

    `address`, `at`, `known` (whether anything is held), `information` (what art. 15(1) asks for beside the data), and
    what each app holds: `enrichment`, `crm`, `outreach`, `core` (their `subject_data` say what is in it).
    Raises ValueError for what is no address.
    """
    who = discovery.find(clean_address(address))
    data = _data(who)
    known = _is_known(data)
    audit.record("subject.accessed", subject=blind_index(who.crm.address), actor=user, known=known)
    return {
        "address": who.crm.address,
        "at": timezone.now().isoformat(),
        "known": known,
        "information": information(),
        **data,
    }


def known(address: str) -> bool:
    """Return whether anything is held of the person, beside their own requests and the suppression list."""
    return _is_known(_data(discovery.find(clean_address(address))))


def doubt(address: str) -> str:
    """Return why a link mailed to an address does not prove who asks: `shared`, `role`, `guessed`; "" when it does.

    Raises ValueError for what is no address.
    """
    return discovery.doubt(clean_address(address))


def keep_from_writing(address: str, user: User | None = None) -> None:
    """Write to this one address no more, whoever has it. Raises ValueError for what is no address."""
    index = blind_index(clean_address(address))
    suppression.add_indexes([index], Suppression.Reason.OBJECTION, user)
    outreach.stop_at(index, OBJECTED)
    audit.record("subject.objected", subject=index, actor=user)


def erase(address: str, user: User | None = None) -> dict[str, int]:
    """Delete all that is held of the person who has this address; return how many rows of which kind went.

    What stays: the fingerprints on the suppression list, so that nobody finds them anew (of an address of which nothing
    was known too), and who did what when in the audit trail, of which nobody can read any more what it said. An
    address that several people share is nobody's: it is written to no more, and nobody is erased. May be run again.
    Raises ValueError for what is no address.
    """
    asked = clean_address(address)
    people.suppress(discovery.find(asked).crm, Suppression.Reason.ERASURE)
    outreach.stop(discovery.find(asked).crm, ERASED)
    suppression.settle()  # an import that did not see them on the list may be writing them down
    with transaction.atomic():
        discovery.lock(discovery.find(asked))
        who = discovery.find(asked)  # as it is now that a discovery that was storing them has ended
        discovery.lock(who)
        people.lock(who.crm)
        subjects = {*discovery.subjects(who), *outreach.subjects(who.crm), *people.subjects(who.crm)}
        gone = discovery.erase(asked, who)
        people.add(gone, outreach.erase(asked, who.crm))
        people.add(gone, people.erase(asked, who.crm))
        people.add(gone, ground.erase(asked, subjects))
        audit.record("subject.erased", subject=blind_index(asked), actor=user, gone=gone)
    return gone


def object_(address: str, user: User | None = None, request: SubjectRequest | None = None) -> dict[str, int]:
    """Never write to the person again, from this moment on; return how many addresses and sequences it concerned.

    What is held stays. That they objected is kept as a request, made where none is given. Raises ValueError for what
    is no address.
    """
    who = discovery.find(clean_address(address)).crm
    people.suppress(who, Suppression.Reason.OBJECTION)
    stopped = outreach.stop(who, OBJECTED)
    if request is None:
        _done(RequestKind.OBJECTION, who, user).save()
    audit.record("subject.objected", subject=blind_index(who.address), actor=user, enrolments=stopped)
    return {"addresses": len(who.asked_indexes), "enrolments": stopped}


def object_by_index(index: str) -> None:
    """Never write again to an address of which only the blind index is known."""
    suppression.add_indexes([index], Suppression.Reason.OBJECTION)
    audit.record("subject.objected", subject=index)


def restrict(address: str, user: User | None = None, request: SubjectRequest | None = None) -> dict[str, int]:
    """Leave the person's data alone (art. 18): nothing is sent, nothing deleted, until it is lifted.

    Why an address was on the suppression list before is kept with the request (one is made where none is given), for
    that has to hold again afterwards. Raises ValueError for what is no address.
    """
    who = discovery.find(clean_address(address)).crm
    rows = Suppression.objects.filter(kind=Suppression.Kind.ADDRESS, value_index__in=who.asked_indexes)
    with transaction.atomic():
        locked = rows.exclude(reason=Suppression.Reason.RESTRICTION).select_for_update().order_by("pk")
        before = {row.value_index: row.reason for row in locked}
        rows.update(reason=Suppression.Reason.RESTRICTION)
        people.suppress(who, Suppression.Reason.RESTRICTION)
        _keep_reasons(who, before, request, user)
        audit.record(
            "subject.restricted", subject=blind_index(who.address), actor=user, addresses=len(who.asked_indexes)
        )
    return {"addresses": len(who.asked_indexes), "enrolments": outreach.stop(who, RESTRICTED)}


@transaction.atomic
def lift_restriction(address: str, user: User | None = None) -> int:
    """End a restriction; return how many addresses had one. Sequences stay stopped, and objections hold.

    Raises ValueError for what is no address.
    """
    who = discovery.find(clean_address(address)).crm
    rows = Suppression.objects.filter(
        kind=Suppression.Kind.ADDRESS, value_index__in=who.asked_indexes, reason=Suppression.Reason.RESTRICTION
    )
    others = _other_reasons(who)
    lifted = 0
    for row in rows.select_for_update().order_by("pk"):
        lifted += 1
        if reason := others.get(row.value_index):
            row.reason = reason
            row.save(update_fields=["reason"])
        else:
            row.delete()
    if lifted:
        subject = blind_index(who.address)
        audit.record("subject.restriction_lifted", subject=subject, actor=user, addresses=lifted)
    return lifted


def restricted(address: str) -> bool:
    """Return whether a restriction holds for the address."""
    index = blind_index(clean_address(address))
    return Suppression.objects.filter(value_index=index, reason=Suppression.Reason.RESTRICTION).exists()


def address_of(index: str) -> str | None:
    """Return the address with a blind index, where any app still holds it."""
    return outreach.address_of(index) or discovery.address_of(index)


def information() -> Json:
    """Return what the person must be told beside the data (GDPR art. 15(1) and (2))."""
    who, about_people = register.controller(), {"discovery", "verification", "crm", "outreach", "suppression", "rights"}
    return {
        "controller": who.name,
        "controllerAddress": who.address,
        "controllerEmail": who.email,
        "dataProtectionOfficer": who.officer,
        "representative": who.representative,
        "purposes": [
            {"what": one.title, "why": one.purposes, "lawfulBasis": list(one.basis), "kept": _kept(one)}
            for one in register.activities()
            if one.name in about_people
        ],
        "lawfulBases": {value: lawful_basis.text(value) for value in LawfulBasis.values},
        "categories": list(register.ABOUT_WORK),
        "sources": "Each item of evidence names the page or service it is from (url, source), its words and the day.",
        "recipients": [
            {"who": "Our own staff, as far as their work needs it"},
            *(
                {"who": one.name, "company": one.seat.company, "gets": one.given, "thirdCountry": one.transfer}
                for one in recipients.all_of_them()
            ),
        ],
        "automatedDecisions": "None. Scores order our lists; people decide whom we write to.",
        "rights": "You can have the data corrected, erased or left alone, and object to its use at any time, for free.",
        "complaint": who.authority or "The data protection authority of where you live or work.",
    }


def _kept(activity: register.Activity) -> list[str]:
    return [f"{title}: {words}" for title, words in register.kept(activity)]


def _data(who: Subject) -> Json:
    asked = who.crm.address
    subjects = {*discovery.subjects(who), *outreach.subjects(who.crm), *people.subjects(who.crm)}
    return {
        "enrichment": discovery.subject_data(asked, who),
        "crm": people.subject_data(asked, who.crm),
        "outreach": outreach.subject_data(asked, who.crm),
        "core": ground.subject_data(asked, subjects),
    }


def _is_known(data: Json) -> bool:
    """Return whether there is any data: that somebody asked, or is never to be written to, is none."""
    leave_out = {"requests", "auditTrail", "suppressed"}
    return any(rows for app in data.values() for name, rows in app.items() if name not in leave_out)


def _keep_reasons(
    who: people.Subject, before: Mapping[str, str], request: SubjectRequest | None, user: User | None
) -> None:
    request = request or _done(RequestKind.RESTRICTION, who, user)
    request.result = {**(request.result or {}), "before": dict(before)}
    request.save()


def _done(kind: RequestKind, who: people.Subject, user: User | None) -> SubjectRequest:
    """Return a request of the person that was done at once, not saved yet."""
    now = timezone.now()
    return SubjectRequest(
        kind=kind,
        state=RequestState.DONE,
        origin=RequestOrigin.COMMAND,
        email=who.address,
        email_index=blind_index(who.address),
        due_at=now,
        handled_at=now,
        handled_by=user,
    )


def _other_reasons(who: people.Subject) -> dict[str, str]:
    """Return why addresses are to stay on the list once the restriction is lifted."""
    found: dict[str, str] = {}
    done = SubjectRequest.objects.filter(email_index__in=who.asked_indexes, state=RequestState.DONE).order_by(
        "created_at"
    )
    for request in done.filter(kind=RequestKind.RESTRICTION):
        found |= (request.result or {}).get("before", {})
    found |= dict.fromkeys(outreach.unsubscribed(who.asked_indexes), Suppression.Reason.UNSUBSCRIBED)
    if done.filter(kind=RequestKind.OBJECTION).exists():
        found |= dict.fromkeys(who.asked_indexes, Suppression.Reason.OBJECTION)
    return found
