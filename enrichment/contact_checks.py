"""Verifying the addresses of stored contacts: answers move their scores, and may find a better address.

A contact without an address gets one worked out, if its brand's domain is known.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import dns, http
from core.fields import blind_index, normalise_email
from enrichment import approval, changes, domain_profiles, known_addresses, proving, screening, store, verifying
from enrichment.discovery.base import Evidence
from enrichment.domain_profiles import Profile
from enrichment.emails.checks import SMTP, Check
from enrichment.emails.domains import domain_of
from enrichment.emails.finder import Candidate, Known
from enrichment.emails.providers.base import Found
from enrichment.emails.verification import syntax, verdict
from enrichment.emails.verification.lists import is_free
from enrichment.emails.verification.mx import Mx
from enrichment.models import ContactEmail, EnrichedContact, GenerationMethod, VerificationMethod, acting
from enrichment.proving import Proved, Sought, Team
from enrichment.verifying import Means

SECONDS = 120.0  # for all mail servers together

SUPPRESSED = "the person is on the suppression list"

_JUDGED = [
    "verification_score",
    "verification_status",
    "probability",
    "model_probability",
    "score_breakdown",
    "mx_check_passed",
    "smtp_check_passed",
    "last_checked_at",
    "next_check_at",
    "updated_at",
]

Tick = Callable[[], None]


def verify(
    contact_ids: Iterable[uuid.UUID],
    means: Means,
    user: User | None = None,
    *,
    seconds: float = SECONDS,
    tick: Tick = lambda: None,
) -> dict[uuid.UUID, list[ContactEmail]]:
    """Verify the addresses of contacts, and return them as they stand now, best first, by the contact's id.

    Contacts that do not exist are left out. Mail servers get at most `seconds` in all; `tick` is called about every
    second meanwhile, and may raise: nothing of the contacts is written then.
    """
    contacts = list(
        EnrichedContact.objects.filter(pk__in=list(contact_ids))
        .select_related("linked_brand")
        .prefetch_related("emails")
    )
    teams: dict[str | None, list[EnrichedContact]] = {}
    for contact in contacts:
        teams.setdefault(_mail_domain(contact), []).append(contact)
    profiles = _profiles(contacts, teams, means)
    vouched = [normalise_email(row.email) for contact in contacts for row in contact.emails.all() if _is_manual(row)]
    checks = verifying.gather(vouched, means, profiles, seconds=seconds / 2, tick=tick)
    proved = proving.prove(_teams(teams, profiles, checks), profiles, means, seconds=seconds / 2, tick=tick)
    there = _write(list(zip(teams.values(), proved, strict=True)), checks, profiles, user)
    written: dict[uuid.UUID, list[ContactEmail]] = {contact.pk: [] for contact in there}
    for row in ContactEmail.objects.filter(enriched_contact__in=there):
        written[row.enriched_contact_id].append(row)
    return written


def _mail_domain(contact: EnrichedContact) -> str | None:
    """Return where the contact's company has its mail: by its addresses, else by its brand's website."""
    rows = sorted(contact.emails.all(), key=_is_manual)  # what was entered by hand may be at another company
    domains = [domain_of(normalise_email(row.email)) for row in rows]
    own = contact.linked_brand.domain if contact.linked_brand else None
    return next((domain for domain in domains if not is_free(domain)), own)


def _profiles(contacts: Iterable[EnrichedContact], domains: Iterable[str | None], means: Means) -> dict[str, Profile]:
    wanted = {domain_of(normalise_email(row.email)) for contact in contacts for row in contact.emails.all()}
    wanted |= {domain for domain in domains if domain}
    return domain_profiles.load(wanted, dns.from_settings(), http.config_from_settings().allowed, fresh=means.fresh)


def _teams(
    teams: Mapping[str | None, Sequence[EnrichedContact]],
    profiles: Mapping[str, Profile],
    checks: Mapping[str, Sequence[Check]],
) -> list[Team]:
    brands = {
        domain: {contact.linked_brand_id for contact in contacts if contact.linked_brand_id}
        for domain, contacts in teams.items()
        if domain
    }
    known = known_addresses.at_many(brands)
    return [
        Team(
            [_sought(contact) for contact in contacts],
            domain,
            _known(profiles[domain], known[domain]) if domain else (),
            checks,
        )
        for domain, contacts in teams.items()
    ]


def _known(profile: Profile, known: Iterable[Known]) -> list[Known]:
    return list({pair.email: pair for pair in [*profile.known, *known]}.values())


def _sought(contact: EnrichedContact) -> Sought:
    rows = contact.emails.all()
    published = next((row.email for row in rows if _is_published(row)), None)
    bought = next((row for row in rows if row.generation_method == GenerationMethod.API_ENRICHMENT), None)
    pages = [entry["url"] for entry in _seen_at(contact, published)] if published else []
    return Sought(
        contact.first_name,
        contact.last_name,
        published,
        next(iter(pages), None),
        found=_found(contact, bought) if bought else None,
    )


def found_before(brand_id: uuid.UUID | None) -> dict[str, Found]:
    """Return what providers gave for the brand's contacts before, by their folded names: it is not bought again."""
    if brand_id is None:
        return {}
    rows = ContactEmail.objects.filter(
        enriched_contact__linked_brand=brand_id, generation_method=GenerationMethod.API_ENRICHMENT
    ).select_related("enriched_contact")
    return {row.enriched_contact.name_key: _found(row.enriched_contact, row) for row in rows}


def _found(contact: EnrichedContact, row: ContactEmail) -> Found:
    """Return what a provider gave for the contact before; how sure it was is not kept."""
    evidence = tuple(
        Evidence(
            entry["field"],
            entry["value"],
            entry["url"],
            entry["snippet"],
            entry["source"],
            datetime.fromisoformat(entry["seenAt"]),
        )
        for entry in _seen_at(contact, row.email)
    )
    return Found(normalise_email(row.email), row.api_source or "", None, evidence, None, row.created_at)


def _seen_at(contact: EnrichedContact, address: str) -> list[dict[str, str]]:
    """Return the evidence of pages on which an address was seen."""
    address = normalise_email(address)
    return [
        entry
        for entry in contact.evidence
        if entry["field"] == "email" and entry["url"] and normalise_email(entry["value"]) == address
    ]


def _is_published(row: ContactEmail) -> bool:
    return row.generation_method == GenerationMethod.PUBLISHED


def _is_manual(row: ContactEmail) -> bool:
    return row.verification_method == VerificationMethod.MANUAL


@transaction.atomic
def _write(
    teams: Sequence[tuple[Sequence[EnrichedContact], Proved]],
    checks: Mapping[str, Sequence[Check]],
    profiles: Mapping[str, Profile],
    user: User | None,
) -> list[EnrichedContact]:
    """Write down what came out, for those contacts that are still there, and return them."""
    now = timezone.now()
    candidates, evidence, names = {}, {}, {}
    for team, proved in teams:
        for place, contact in enumerate(team):
            names[contact.pk] = str(contact)
            candidates[contact.pk] = proved.candidates[place]
            evidence[contact.pk] = proved.found[place].evidence if place in proved.found else ()
    locked = list(EnrichedContact.objects.select_for_update().filter(pk__in=candidates).order_by("pk"))
    watch = changes.Watch(locked)
    hits = screening.look_up(candidate.email for found in candidates.values() for candidate in found)
    bounced = _stored(locked, hits.bounced)
    written = []
    for contact in locked:
        addresses = screening.screen([candidate.email for candidate in candidates[contact.pk]], hits)
        # One that bounced is not taken in any more, but where it is there already it is judged by that.
        known = {*(addresses or []), *(bounced.get(contact.pk, ()) if addresses is not None else ())}
        kept = [candidate for candidate in candidates[contact.pk] if candidate.email in known]
        contact.evidence = store.merged_evidence(contact.evidence, evidence[contact.pk])
        store.mark_verified(contact, kept, now)
        came_out = SUPPRESSED if addresses is None else _summary(kept)
        contact.record(f"Addresses verified by {acting(user)}: {came_out}", now)
        written.append((contact, kept))
    store.save_contacts(locked)
    store.save_addresses(written, now)
    _judge_vouched(locked, checks, profiles, now)
    store.note_best(locked)
    watch.record(locked, user, verified=True)
    # Several contacts may be one in the CRM, and everybody takes its rows in one order.
    for contact in sorted(locked, key=lambda contact: str(contact.linked_contact_id)):
        approval.bring_up_to_date(contact)
    gone = set(names.values()) - {names[contact.pk] for contact in locked}  # what they are called is forgotten
    learnt = [pair for _, proved in teams for pair in proved.learnt if pair.name not in gone]
    domain_profiles.save(profiles.values(), (), learnt=learnt)
    return locked


def _stored(contacts: Collection[EnrichedContact], addresses: Collection[str]) -> dict[uuid.UUID, set[str]]:
    """Return which of these addresses the contacts have, by the contact's id."""
    indexes = {blind_index(normalise_email(address)): address for address in addresses}
    stored: dict[uuid.UUID, set[str]] = {}
    if indexes:
        rows = ContactEmail.objects.filter(enriched_contact__in=contacts, email_index__in=indexes).order_by()
        for contact, index in rows.values_list("enriched_contact", "email_index"):
            stored.setdefault(contact, set()).add(indexes[index])
    return stored


def _summary(candidates: Sequence[Candidate]) -> str:
    """Return what came out of it, without addresses."""
    if not candidates:
        return "no address could be worked out"
    best = candidates[0]
    asked = next((check for check in best.checks if check.by == SMTP), None)
    said = f", mail server: {asked.reason.replace('_', ' ')}" if asked else ""
    return f"the best scores {best.score}{said}"


def _judge_vouched(
    contacts: Sequence[EnrichedContact],
    checks: Mapping[str, Sequence[Check]],
    profiles: Mapping[str, Profile],
    now: datetime,
) -> None:
    """Bring the addresses that somebody entered by hand up to date: they keep their origin, and may be refused."""
    rows = (
        ContactEmail.objects.filter(enriched_contact__in=contacts, verification_method=VerificationMethod.MANUAL)
        .select_for_update()
        .order_by("pk")
    )
    judged = []
    for row in rows:
        address = normalise_email(row.email)
        if address in checks:  # not one that was entered meanwhile
            _judge(row, checks[address], profiles[domain_of(address)].mx, now)
            judged.append(row)
    ContactEmail.objects.bulk_create(judged, update_conflicts=True, unique_fields=["id"], update_fields=_JUDGED)


def _judge(row: ContactEmail, checks: Sequence[Check], mx: Mx, now: datetime) -> None:
    try:
        judged = verdict.vouched(normalise_email(row.email), mx, checks, now=now)
    except syntax.InvalidAddress:
        return  # from before addresses were checked when entered
    row.verification_score, row.verification_status = judged.score, judged.status
    row.probability, row.model_probability = judged.probability, judged.model_probability
    row.score_breakdown = [asdict(points) for points in judged.breakdown]
    row.mx_check_passed, row.smtp_check_passed = mx.passed, judged.smtp_passed
    row.last_checked_at = now
    row.next_check_at = max((check.retry_at for check in checks if check.retry_at), default=None)
