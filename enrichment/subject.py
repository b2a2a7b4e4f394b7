"""What discovery and review hold of a person, with every source, and how they forget them."""

import base64
import binascii
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from core.fields import blind_index, normalise_email
from core.names import name_key
from core.subject import Json, columns, encrypted, mentioning, pattern, redact, without
from crm import subject as people
from crm.models import Brand
from crm.subject import Claim
from enrichment import address_checks, domain_profiles, former_names, kept_answers, store
from enrichment.emails import scoring
from enrichment.emails.verification.lists import is_role
from enrichment.models import (
    AddressCheck,
    ContactEmail,
    ContactMerge,
    ContactNote,
    DomainProfile,
    EnrichedContact,
    JobContact,
    JobItem,
    JobProgress,
    KeptAnswer,
    RequestState,
    ReviewBatch,
    ReviewItem,
    SavedView,
    SubjectRequest,
)

LIKELY = 0.5  # from here on an address that was formed from a name is taken for that person's


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as all apps know them: `crm` is whom the apps below mean; `found` are contacts of discovery."""

    crm: people.Subject
    found: frozenset[UUID]

    @property
    def wanted(self) -> re.Pattern[str]:
        return pattern(self.crm.addresses, self.crm.names)

    @property
    def name_keys(self) -> set[str]:
        return {name_key(name, "") for name in self.crm.names}


def find(address: str) -> Subject:
    """Return whom an address means: contacts who have it, those of the CRM that they are linked to, and all theirs."""
    asked = normalise_email(address)
    owner = whose(asked)
    linked = EnrichedContact.objects.filter(pk__in=owner.keys).exclude(linked_contact=None)
    of_crm = {*owner.keys, *linked.values_list("linked_contact_id", flat=True)}
    crm = people.find(address, of_crm, shared=owner.shared)
    keys = set(
        EnrichedContact.objects.filter(Q(pk__in=owner.keys) | Q(linked_contact__in=crm.contacts)).values_list(
            "pk", flat=True
        )
    )
    contacts = list(EnrichedContact.objects.filter(pk__in=keys))
    formers = [former for some in former_names.of_contacts(keys).values() for former in some]
    names = {str(contact) for contact in contacts} | {former.name for former in formers}
    names |= {f"{row['first_name']} {row['last_name']}" for row in _snapshots_of(keys)}
    brands = {contact.linked_brand_id for contact in contacts} | {former.brand_id for former in formers}
    whole = replace(
        crm,
        addresses=frozenset() if owner.shared else _own_addresses(asked, {*keys, *crm.contacts}),
        names=crm.names | names,
        brands=crm.brands | frozenset(brand for brand in brands if brand),
    )
    return Subject(whole, frozenset(keys))


def whose(address: str) -> people.Owner:
    """Return to whom an address belongs by all that discovery and the CRM know: ids of contacts of both."""
    rows = ContactEmail.objects.filter(email_index=blind_index(normalise_email(address)))
    found = [_claim(row) for row in rows.select_related("enriched_contact")]
    return people.whose([*found, *people.claims(address)])


def doubt(address: str) -> str:
    """Return why whoever reads the mail to an address may be somebody else than the person we know by it; "": no doubt.

    `shared`: several people have it. `role`: it is a mailbox for a matter, such as info@, which several may read.
    `guessed`: it was formed from a name, nothing proves it, and more likely than not it is not that person's.
    """
    asked, owner = normalise_email(address), whose(address)
    if owner.shared:
        return "shared"
    if not owner.keys:
        return ""
    if is_role(asked.rpartition("@")[0]):
        return "role"
    return "" if owner.proved or owner.chance >= LIKELY else "guessed"


def subject_data(address: str, who: Subject | None = None) -> Json:
    """Return what discovery and review hold of the person.

    `contacts`: each with `evidence` (field, value, url, snippet, source, seenAt), `addresses` with how they were formed
    and judged, `notes`, `merges`, `jobs` that found them, `decisions` about them. `knownAddresses`: pairs of name and
    address remembered of the domain. `addressChecks`: what mail servers and providers said. `jobItems`: addresses that
    somebody had verified. `keptPages`: copies that name them. `savedViews`: searches for the address. `underWay`: in
    discoveries that run. `companyFacts`: what is said of the company and names them. `requests`: their own.
    """
    who = who or find(address)
    return {
        "contacts": [_contact(row) for row in EnrichedContact.objects.filter(pk__in=who.found)],
        "knownAddresses": list(_known(who)),
        "addressChecks": [
            columns(row, "checks", "checked_at") for row in AddressCheck.objects.filter(pk__in=who.crm.indexes)
        ],
        "jobItems": [columns(row) for row in _items(who)],
        "keptPages": [
            {"url": row.head.get("url", ""), "fetchedAt": row.fetched_at.isoformat()} for row in _pages_naming(who)
        ],
        "savedViews": [columns(row, "name", "query", "created_at") for row in _views(who)],
        "underWay": [entry for row in _progress(who) for entry in row.found if _is_them(entry, who)],
        "companyFacts": [
            {**fact, "brand": brand.name}
            for brand in Brand.objects.filter(pk__in=who.crm.brands)
            for fact in brand.facts or []
            if any(who.wanted.search(str(value)) for value in fact.values())
        ],
        "requests": [columns(row, leave_out={"token_hash"}) for row in _requests(who)],
    }


def lock(who: Subject) -> None:
    """Let nobody discover, approve, merge or change the person: their brands, then their contacts (approval.py)."""
    list(Brand.objects.select_for_update(no_key=True).filter(pk__in=who.crm.brands).order_by("pk"))
    list(EnrichedContact.objects.select_for_update().filter(pk__in=who.found).order_by("pk").only("pk"))


def subjects(who: Subject) -> set[str]:
    """Return under which names the audit trail may speak of the person: of each row about them."""
    rows: list[ContactEmail | ContactNote | SubjectRequest] = [
        *ContactEmail.objects.filter(enriched_contact__in=who.found).only("pk"),
        *ContactNote.objects.filter(contact__in=who.found).only("pk"),
        *_requests(who).only("pk"),
    ]
    merged = ContactMerge.objects.filter(kept__in=who.found).values_list("gone_id", flat=True)
    contacts = [EnrichedContact(pk=key) for key in {*who.found, *merged}]
    return {audit.person(row) for row in [*rows, *contacts]}


def erase(address: str, who: Subject | None = None) -> dict[str, int]:
    """Delete the person's contacts and all that is remembered of them; in what is others' what names them.

    Call in a transaction; returns how many rows of which model went. The requests of the person stay, without address
    and text, as the proof of what was done.
    """
    who = who or find(address)
    lock(who)
    gone: dict[str, int] = {}
    domain_profiles.forget_many((name, who.crm.addresses) for name in who.crm.names | {""})
    kept_answers.forget(who.crm.brands)
    others = ContactEmail.objects.filter(email_index__in=who.crm.indexes).exclude(enriched_contact__in=who.found)
    without = list(EnrichedContact.objects.filter(emails__in=others).distinct())
    checks = AddressCheck.objects.filter(pk__in=who.crm.indexes)
    people.add(gone, {"enrichment.addresscheck": checks.count()})
    address_checks.forget(who.crm.addresses)
    people.add(gone, {"enrichment.reviewitem emptied": _empty_decisions(who)})
    _redact_reasons(who)
    people.add(gone, {"enrichment.jobprogress emptied": _forget_progress(who)})
    items = _items(who)
    list(items.select_for_update().order_by("pk").values_list("pk", flat=True))  # in the order of bulk.py
    more = people.counted([items, _views(who), _merges(who), others, EnrichedContact.objects.filter(pk__in=who.found)])
    people.add(gone, more)
    store.note_best(without)
    for rows in (
        EnrichedContact.objects.filter(linked_brand__in=who.crm.brands),
        ContactEmail.objects.filter(enriched_contact__linked_brand__in=who.crm.brands),
        ContactNote.objects.filter(contact__linked_brand__in=who.crm.brands),
        ContactMerge.objects.filter(kept__linked_brand__in=who.crm.brands),
        ReviewItem.objects.filter(contact__linked_brand__in=who.crm.brands),
        ReviewBatch.objects.all(),
    ):
        if number := redact(rows, encrypted(rows.model), who.wanted):
            people.add(gone, {f"{rows.model._meta.label_lower} redacted": number})
    _empty_requests(who)
    return gone


def address_of(index: str) -> str | None:
    """Return the address with a blind index, where discovery holds it."""
    row = ContactEmail.objects.filter(email_index=index).order_by("pk").first()
    return row.email if row else None


def _claim(row: ContactEmail) -> Claim:
    proved = row.verification_method in store.PROOFS or row.verification_method == "manual"
    contact = row.enriched_contact
    return Claim(
        contact.pk,
        contact.name_key,
        proved and row.verification_score > scoring.REFUSED,
        row.probability or 0.0,
        contact.linked_contact_id,
    )


def _own_addresses(asked: str, keys: set[UUID]) -> frozenset[str]:
    """Return the addresses of these contacts that are theirs by all that is known, with the one asked for.

    One for a matter, such as info@, is the company's, unless it is the one asked for.
    """
    rows = ContactEmail.objects.filter(enriched_contact__in=keys).order_by()
    theirs = {normalise_email(row.email) for row in rows} | people.addresses_of(keys)
    own = {one for one in theirs - {asked} if not is_role(one.rpartition("@")[0]) and whose(one).keys & keys}
    return frozenset({asked, *own})


def _snapshots_of(keys: Collection[UUID]) -> Iterator[Json]:
    """Yield the contacts that were merged and are one of these, or are part of one now."""
    for merge in ContactMerge.objects.filter(Q(kept__in=keys, undone_at=None) | Q(gone_id__in=keys)):
        if gone := merge.snapshot.get("gone"):
            yield gone


def _merges(who: Subject) -> QuerySet[ContactMerge]:
    return ContactMerge.objects.filter(Q(kept__in=who.found) | Q(gone_id__in=who.found))


def _items(who: Subject) -> QuerySet[JobItem]:
    given = mentioning(JobItem.objects.filter(email__isnull=False), ["email", "result"], pattern(who.crm.addresses))
    return JobItem.objects.filter(Q(pk__in=given) | Q(contact__in=who.found))


def _views(who: Subject) -> QuerySet[SavedView]:
    return SavedView.objects.filter(pk__in=mentioning(SavedView.objects.all(), ["query"], who.wanted))


def _progress(who: Subject) -> list[JobProgress]:
    rows = JobProgress.objects.filter(job__brand__in=who.crm.brands)
    return [row for row in rows if any(_is_them(entry, who) for entry in row.found)]


def _is_them(entry: Json, who: Subject) -> bool:
    return name_key(entry["name"], "") in who.name_keys


def _requests(who: Subject) -> QuerySet[SubjectRequest]:
    return SubjectRequest.objects.filter(email_index__in=who.crm.asked_indexes)


def _known(who: Subject) -> Iterator[Json]:
    domains = {address.rpartition("@")[2] for address in who.crm.addresses}
    for row in DomainProfile.objects.filter(domain__in=domains):
        for pair in row.known_addresses:
            if normalise_email(pair["email"]) in who.crm.addresses:
                yield {**pair, "domain": row.domain}


def _pages_naming(who: Subject) -> Iterator[KeptAnswer]:
    for row in KeptAnswer.objects.filter(brand__in=who.crm.brands):
        try:
            text = zlib.decompress(base64.b64decode(row.body)).decode(errors="replace")
        except (zlib.error, binascii.Error):
            continue
        if who.wanted.search(text):
            yield row


def _contact(row: EnrichedContact) -> Json:
    decisions = ReviewItem.objects.filter(contact=row).select_related("batch")
    jobs = JobContact.objects.filter(contact=row).select_related("job")
    return {
        **columns(row, leave_out={"evidence", "search_text", "seniority_rank"}),
        "evidence": row.evidence,
        "addresses": [columns(item) for item in row.emails.all()],
        "notes": [columns(item) for item in row.notes.all()],
        # Of a merge that was undone, the snapshot is of somebody else.
        "merges": [columns(item) for item in row.merges.all() if item.undone_at is None],
        "jobs": [columns(link.job, "job_type", "brand_name", "created_at", "completed_at") for link in jobs],
        "decisions": [
            {"decision": item.batch.get_kind_display(), "at": item.batch.created_at.isoformat(), **columns(item)}
            for item in decisions
        ],
    }


def _empty_decisions(who: Subject) -> int:
    """Empty what undoing decisions about the person would bring back; the decisions' counts stay."""
    items = ReviewItem.objects.filter(Q(contact__in=who.found) | Q(crm_contact__in=who.crm.contacts))
    return _save_each(items.select_for_update().order_by("pk"), {"before": {}})


def _redact_reasons(who: Subject) -> None:
    """Take the person out of why they were rejected, which somebody wrote for all of a decision."""
    keys = ReviewItem.objects.filter(contact__in=who.found).order_by().values("batch")
    for batch in ReviewBatch.objects.filter(pk__in=keys).exclude(reason="").order_by("pk"):
        ReviewBatch.objects.filter(pk=batch.pk).update(reason=without(batch.reason, who.wanted)[:200])


def _forget_progress(who: Subject) -> int:
    rows = _progress(who)
    for row in rows:
        row.found = [entry for entry in row.found if not _is_them(entry, who)]
        row.save(update_fields=["found", "updated_at"])
    return len(rows)


def _empty_requests(who: Subject) -> None:
    rows = list(_requests(who).select_for_update().order_by("pk"))
    for row in rows:
        if row.state == RequestState.UNPROVED:
            row.state = RequestState.LAPSED
        elif row.state == RequestState.OPEN:
            row.state = RequestState.DONE
            row.handled_at = timezone.now()
        row.token_hash = None
        row.result = without(row.result, who.wanted)  # such as how an admin made sure who asks
    _save_each(rows, {"email": None, "text": None, "answer": None})


def _save_each(rows: Iterable[ReviewItem | SubjectRequest], values: Json) -> int:
    saved = 0
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        saved += 1
    return saved
