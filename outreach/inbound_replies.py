"""What an answer does: a person's stops the sequence and lets colleagues wait, an automatic one only postpones."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q

from crm import history
from crm.models import AddressOutcome, Brand, Contact

from . import enrolments
from .hours import hours_for, region_of
from .inbound_bounces import opt_out, record_outcome
from .matching import Found
from .models import Enrolment, Event
from .replies import Answer
from .workdays import workday

REPLIED, OPTED_OUT = "replied", "opted out"
COLLEAGUE_REPLIED = "a colleague replied"
COMPANY_REPLIED = "a reply from the company"
PAUSED_BY_A_REPLY = (COLLEAGUE_REPLIED, COMPANY_REPLIED)
OPT_OUT = "opted_out"  # the event's reason

SHORT_ABSENCE = 3  # business days, where an automatic answer names no day
LONGEST_ABSENCE = timedelta(days=60)

ANSWER = "Read it, say what it means, and answer."
COLLEAGUES_WAIT = "It asks for no more mail, which is done. Colleagues at the company are paused: resume or stop them."
FROM_COMPANY = "Somebody at the company wrote. Say whose reply it is, or resume those who are paused."
FROM_NOBODY = "It answers something, but no message of ours. Say whose reply it is, or mark it as handled."
FROM_NOBODY_OPT_OUT = "It asks for no more mail. The sender's address is suppressed; say who it is, to stop the rest."

_OPEN = (Contact.Relationship.NEW, Contact.Relationship.CONTACTED)


def replied(event: Event, found: Found, *, opts_out: bool, looks_like_answer: bool) -> None:
    """Do what a person's answer means; the caller has locked what `found` points to, and saves `event` afterwards."""
    event.reason = OPT_OUT if opts_out else "person"
    if found.contact is not None:
        _hold(found.contact)
    if opts_out and event.email:
        opt_out(event.email, OPTED_OUT)
    if found.message is not None:
        record_outcome(found.message, AddressOutcome.Kind.REPLIED, event.happened_at)
        end(event, found.message.enrolment.contact, opts_out=opts_out, address=found.address)
    elif found.company is not None:
        enrolments.pause(Q(pk__in=_active(found.company)), COMPANY_REPLIED)
        event.needs_human, event.advice = True, FROM_COMPANY
    elif looks_like_answer or opts_out:
        event.needs_human, event.advice = True, FROM_NOBODY_OPT_OUT if opts_out else FROM_NOBODY


def end(event: Event, contact: Contact, *, opts_out: bool, address: str = "", user: User | None = None) -> None:
    """Stop a contact's sequences because of an answer, and let colleagues wait until a person has looked.

    `address` is the one that was written to: whoever opts out is not written to there either.
    """
    _hold(contact)
    enrolments.stop([contact.pk], OPTED_OUT if opts_out else REPLIED)
    if opts_out and address:
        opt_out(address, OPTED_OUT)
    waiting = enrolments.pause(Q(pk__in=_active(contact.brand, but=contact.pk)), COLLEAGUE_REPLIED)
    if contact.relationship_status in _OPEN:
        contact.relationship_status = Contact.Relationship.REPLIED
        contact.save(update_fields=["relationship_status", "updated_at"])
    sentence = "Replied, and wants no more mail: will not be written to again." if opts_out else "Replied."
    history.record(contact, OPT_OUT if opts_out else REPLIED, sentence, user, event.happened_at)
    if opts_out:
        event.sentiment = Event.Sentiment.NEGATIVE
    event.needs_human = not opts_out or bool(waiting)
    event.advice = ANSWER if not opts_out else COLLEAGUES_WAIT if waiting else ""


def answered_by_itself(found: Found, answer: Answer, now: datetime) -> None:
    """Postpone what is planned for somebody who is away. A read receipt tells of no absence."""
    enrolment = found.enrolment
    if enrolment is None or answer.reason == "read_receipt" or enrolment.state not in Enrolment.OPEN:
        return
    today = now.astimezone(hours_for(enrolment).zone).date()
    enrolments.postpone(enrolment, back_on(answer.returns, today, region_of(enrolment.contact)))


def back_on(returns: date | None, today: date, country: str) -> date:
    """Return the first day on which to write again: the workday after `returns`, the day that a note names as its end
    or as that of the return, and LONGEST_ABSENCE from today at most. Without such a day, or when it is over, the
    workday SHORT_ABSENCE from today.
    """
    if returns is None or returns < today:
        return workday(today, SHORT_ABSENCE, country)
    return workday(min(returns, today + LONGEST_ABSENCE), 1, country)


def _hold(contact: Contact) -> None:
    """Lock a contact's enrolments and those of colleagues at once: a person's come first, theirs may have lower ids."""
    enrolments.hold(Q(contact_id=contact.pk) | Q(contact__brand_id=contact.brand_id))


def _active(brand: Brand, but: UUID | None = None) -> list[UUID]:
    """Return the ids of the active enrolments at a company, but for one contact's."""
    active = Enrolment.objects.filter(contact__brand=brand, state=Enrolment.State.ACTIVE)
    others = active.exclude(contact_id=but) if but else active
    return list(others.values_list("pk", flat=True))
