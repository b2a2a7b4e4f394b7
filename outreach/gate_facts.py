"""What the gate looks at: read for many messages at once, in the same number of queries for each BATCH of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet, prefetch_related_objects

from core.fields import blind_index, normalise_email
from crm import region_inference, regions, suppression
from crm.models import Consent, Contact, ContactAddress, Suppression

from . import mailboxes, preflight
from .hours import hours_of, region_of
from .models import Channel, Enrolment, Mailbox, Message, Notice

BATCH = 500  # Django asks SQLite for related rows with one OR for each, and SQLite takes fewer than 1,000
RELATED = (
    "step",
    "mailbox",
    "enrolment__contact__brand",
    "enrolment__address",
    "enrolment__mailbox",
    "enrolment__sequence__mailbox",
)
# Because of these a person is not to be written to at any address; one that bounced says nothing of another.
WISHES = (
    Suppression.Reason.OBJECTION,
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.COMPLAINT,
    Suppression.Reason.ERASURE,
    Suppression.Reason.RESTRICTION,
)
BY_MAIL = (Channel.EMAIL, Channel.MANUAL_EMAIL)
# A claimed message that failed was tried: it counts for the day as one that went out.
COUNTED = (*Message.PERHAPS_SENT, Message.State.FAILED)


@dataclass(frozen=True, slots=True)
class Sender:
    """The mailbox of a message. `used` counts what it sent, or tried to, on the day; `problems` are preflight's."""

    id: UUID
    active: bool = True
    company: bool = True
    postal_address: bool = True
    paused: bool = False
    pause_reason: str = ""
    problems: tuple[str, ...] = ()
    used: int = 0
    cap: int = 50


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one message, its recipient and its sender; no name and no address.

    `region` is an ISO 3166-1 alpha-2 code, `origin` a ContactAddress.Origin ("" without an address), `probability`
    that of the address between 0 and 1. `suppressed`: the address, its domain or the company's; `refused`: the person,
    at another address. `had_sequence`: the address got messages of this sequence in another enrolment.
    `region_rules_apply` False: what the rules of the country say is a warning only. `doubts`: the other countries that
    weaker signs named where nobody said which it is, each with how.
    """

    channel: str
    region: str
    origin: str
    probability: float | None
    relevant: bool | None
    lawful_basis: str | None
    sender: Sender | None
    min_probability: float
    has_public_url: bool
    consent: bool = False
    consent_withdrawn: bool = False
    suppressed: bool = False
    refused: bool = False
    had_sequence: bool = False
    region_rules_apply: bool = True
    doubts: tuple[tuple[str, str], ...] = ()
    released_at: datetime | None = None

    @property
    def by_mail(self) -> bool:
        """Whether it is an e-mail, sent by a program or a person."""
        return self.channel in BY_MAIL


def facts_for(message: Message, *, now: datetime) -> Facts:
    """Return the facts of one message, saved or not; `now` is aware, and says whose day's cap counts."""
    return facts_for_many([message], now=now)[message.pk]


def facts_for_many(messages: Iterable[Message], *, now: datetime) -> dict[UUID, Facts]:
    """Return the facts of each message by its id; many are read fastest with `select_related(*RELATED)`.

    What the messages point to is loaded where it is not yet.
    """
    rows = list(messages)
    facts: dict[UUID, Facts] = {}
    for start in range(0, len(rows), BATCH):
        facts.update(_facts(rows[start : start + BATCH], now))
    return facts


def used_on_day(mailbox_ids: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Return how many messages and notices each mailbox claimed for sending on the day of `now`, as day_of has it."""
    begins, ends = day_of(now)
    of_day = Q(mailbox_id__in=mailbox_ids, claimed_at__gte=begins, claimed_at__lt=ends)
    used = Counter(dict.fromkeys(mailbox_ids, 0))
    for rows in (
        Message.objects.filter(of_day, state__in=COUNTED),
        Notice.objects.filter(of_day, how=Notice.How.MAIL),
    ):
        used.update(dict(rows.order_by().values_list("mailbox_id").annotate(Count("id"))))
    return dict(used)


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Return when the day of `now` in OUTREACH_DEFAULT_ZONE begins, and when the next one does."""
    zone = hours_of(None).zone
    day = now.astimezone(zone).date()
    return (
        datetime.combine(day, time(), tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time(), tzinfo=zone),
    )


def _facts(messages: Sequence[Message], now: datetime) -> dict[UUID, Facts]:
    prefetch_related_objects(messages, *RELATED)
    enrolments = {message.enrolment_id: message.enrolment for message in messages}.values()
    contact_ids = {enrolment.contact_id for enrolment in enrolments}
    targets = {enrolment.pk: _targets(enrolment) for enrolment in enrolments}
    listed, unwilling = suppression.suppressed(set().union(*targets.values())), refused(contact_ids)
    consent, repeated = _consents(contact_ids, now), _repeated(enrolments)
    senders = _senders(messages, now)
    facts = {}
    for message in messages:
        enrolment, contact, address = message.enrolment, message.enrolment.contact, message.enrolment.address
        facts[message.pk] = Facts(
            channel=message.step.channel,
            region=region_of(contact),
            origin=address.origin if address else "",
            probability=address.probability if address else None,
            relevant=regions.concerns_role(contact.seniority),
            lawful_basis=contact.lawful_basis or None,
            sender=senders.get(message.pk),
            min_probability=settings.OUTREACH_MIN_PROBABILITY,
            has_public_url=bool(settings.OUTREACH_PUBLIC_URL),
            consent=consent.get(contact.pk) is True,
            consent_withdrawn=consent.get(contact.pk) is False,
            suppressed=bool(targets[enrolment.pk] & listed),
            refused=contact.pk in unwilling,
            had_sequence=enrolment.pk in repeated,
            region_rules_apply=contact.region_rules_apply,
            doubts=_doubts(contact),
            released_at=message.released_at,
        )
    return facts


def _doubts(contact: Contact) -> tuple[tuple[str, str], ...]:
    basis = contact.region_basis if contact.region_code else contact.brand.region_basis
    return tuple(region_inference.conflicting(basis, region_of(contact)))


def _targets(enrolment: Enrolment) -> set[str]:
    """Return what of an enrolment may be on the suppression list: its address, and the company's domain."""
    domain = enrolment.contact.brand.domain
    return {*([enrolment.address.email] if enrolment.address else []), *([f"@{domain}"] if domain else [])}


def refused(contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those who asked, at any of their addresses, not to be written to."""
    addresses = ContactAddress.objects.filter(contact_id__in=contact_ids).order_by()
    owners: defaultdict[str, set[UUID]] = defaultdict(set)
    for contact_id, index in addresses.values_list("contact_id", "email_index"):
        owners[index].add(contact_id)
    rows = Suppression.objects.filter(
        kind=Suppression.Kind.ADDRESS, value_index__in=list(owners), reason__in=WISHES
    ).order_by()
    return set().union(*(owners[index] for index in rows.values_list("value_index", flat=True)))


def _consents(contact_ids: Collection[UUID], now: datetime) -> dict[UUID, bool]:
    """Return for each contact with a consent whether one still holds; False when all were withdrawn."""
    rows = Consent.objects.filter(contact_id__in=contact_ids, given_at__lte=now).order_by()
    holds: dict[UUID, bool] = {}
    for contact_id, withdrawn_at in rows.values_list("contact_id", "withdrawn_at"):
        holds[contact_id] = holds.get(contact_id, False) or withdrawn_at is None
    return holds


def _repeated(enrolments: Iterable[Enrolment]) -> set[UUID]:
    """Return the enrolments whose address got, or perhaps got, a message of the same sequence in another one."""
    indexes = {
        enrolment.pk: (enrolment.sequence_id, blind_index(normalise_email(enrolment.address.email)))
        for enrolment in enrolments
        if enrolment.address
    }
    sequences, addresses = {key[0] for key in indexes.values()}, {key[1] for key in indexes.values()}
    gone_out = Message.objects.filter(
        state__in=Message.PERHAPS_SENT, step__channel__in=BY_MAIL, enrolment__sequence_id__in=sequences
    )
    had: defaultdict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for sequence_id, index, enrolment_id in (
        *_sent_to(gone_out, "email_index", addresses),
        *_sent_to(gone_out, "enrolment__address__email_index", addresses),
    ):
        had[sequence_id, index].add(enrolment_id)
    return {pk for pk, key in indexes.items() if had[key] - {pk}}


def _sent_to(messages: QuerySet[Message], field: str, indexes: set[str]) -> QuerySet[Message, tuple[UUID, str, UUID]]:
    found = messages.filter(Q(**{f"{field}__in": indexes})).order_by().distinct()
    return found.values_list("enrolment__sequence_id", field, "enrolment_id")


def _senders(messages: Sequence[Message], now: datetime) -> Mapping[UUID, Sender]:
    """Return the sender of each e-mail that has one, by the message's id."""
    by_mail = [message for message in messages if message.step.channel in BY_MAIL]
    picked = {message.pk: message.mailbox or mailboxes.chosen(message.enrolment) for message in by_mail}
    if None in picked.values():
        default = mailboxes.default()
        picked = {pk: mailbox or default for pk, mailbox in picked.items()}
    boxes = {mailbox.pk: mailbox for mailbox in picked.values() if mailbox}
    used = used_on_day(boxes.keys(), now) if boxes else {}
    senders = {pk: _sender(mailbox, used[pk]) for pk, mailbox in boxes.items()}
    return {pk: senders[mailbox.pk] for pk, mailbox in picked.items() if mailbox}


def _sender(mailbox: Mailbox, used: int) -> Sender:
    return Sender(
        id=mailbox.pk,
        active=mailbox.active,
        company=bool(mailbox.company.strip()),
        postal_address=bool(mailbox.postal_address.strip()),
        paused=mailbox.paused_at is not None,
        pause_reason=mailbox.pause_reason,
        problems=tuple(preflight.problems(mailbox)),
        used=used,
        cap=mailbox.daily_cap,
    )
