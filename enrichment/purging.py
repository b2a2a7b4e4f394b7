"""People deleted with all that is remembered of them: rows, what is known at domains, keys of the audit trail.

The callers hold the rows' locks (retention.py decides who is due).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import models, transaction

from core import audit
from core.fields import blind_index, normalise_email
from crm import merge_rows
from crm.models import Contact as CrmContact
from crm.models import ContactAddress, Merge
from enrichment import address_checks, domain_profiles, former_names, kept_answers
from enrichment.models import ContactEmail, ContactMerge, EnrichedContact
from outreach import retention as outreach_retention

COLUMNS = ("first_name", "last_name", "verified_at", "discovered_at", "linked_brand", "review_status")


def delete_found(contacts: Mapping[UUID, EnrichedContact], reasons: Mapping[UUID, str]) -> None:
    """Delete found contacts that are locked, with what is known of them; the trail says for which reason."""
    addresses: dict[UUID, list[str]] = {key: [] for key in contacts}
    emails = ContactEmail.objects.filter(enriched_contact__in=contacts).order_by()
    for key, email in emails.values_list("enriched_contact_id", "email"):
        addresses[key].append(email)
    formers = former_names.of_contacts(contacts)
    names = {key: [str(row), *(one.name for one in formers.get(key, ()))] for key, row in contacts.items()}
    known = {normalise_email(address) for some in addresses.values() for address in some}
    domain_profiles.forget_many((name, addresses[key]) for key, some in names.items() for name in some)
    address_checks.forget(known)
    brands = {contact.linked_brand_id for contact in contacts.values()}
    brands |= {one.brand_id for some in formers.values() for one in some}
    kept_answers.forget({key for key in brands if key})
    _record(contacts.values(), reasons)
    merged = ContactMerge.objects.filter(kept__in=contacts).order_by().values_list("gone_id", flat=True)
    subjects = {audit.person(row) for row in contacts.values()}
    subjects |= {audit.person(EnrichedContact(pk=key)) for key in merged}
    EnrichedContact.objects.filter(pk__in=contacts).only("pk").delete()
    audit.forget(subjects | _nobody_elses({blind_index(address) for address in known}))


@transaction.atomic
def delete_never_told(keys: Collection[UUID], before: datetime) -> list[CrmContact]:
    """Delete those of these CRM contacts that still are due under their locks, with what was found of them.

    Enrolments, notes and history go along. Whoever is under another's lock is left out: somebody may be writing to
    them or approving. Locked as taking back an approval does: what was found, what points to them, then themselves.
    """
    found = EnrichedContact.objects.filter(linked_contact__in=keys).order_by("pk")
    locked = found.select_for_update(skip_locked=True).only(*COLUMNS, "linked_contact")
    held = {row.pk: row for row in locked}
    busy = set(found.exclude(pk__in=held).values_list("linked_contact_id", flat=True))
    free = [key for key in keys if key not in busy]
    merge_rows.lock_independent(CrmContact, free)
    rows = CrmContact.objects.filter(pk__in=free).order_by("pk").only("first_name", "last_name", "obtained_at", "brand")
    people = {row.pk: row for row in rows.select_for_update(of=("self",), skip_locked=True)}
    # Looked at anew: a message may have been claimed while we came to the lock.
    due = outreach_retention.never_told_since(before).filter(pk__in=people)
    going = set(due.values_list("pk", flat=True))
    people = {key: row for key, row in people.items() if key in going}
    if people:
        theirs = {key: row for key, row in held.items() if row.linked_contact_id in going}
        _delete_crm(people, theirs)
    return list(people.values())


def _delete_crm(people: Mapping[UUID, CrmContact], found: Mapping[UUID, EnrichedContact]) -> None:
    addresses: dict[UUID, list[str]] = {key: [] for key in people}
    for key, email in ContactAddress.objects.filter(contact__in=people).order_by().values_list("contact_id", "email"):
        addresses[key].append(email)
    known = {normalise_email(address) for some in addresses.values() for address in some}
    domain_profiles.forget_many((str(row), addresses[key]) for key, row in people.items())
    address_checks.forget(known)
    _record(people.values(), dict.fromkeys(people, "never_told"))
    merged = Merge.objects.filter(kept__in=people).order_by().values_list("gone_id", flat=True)
    subjects = {audit.person(row) for row in people.values()}
    subjects |= {audit.person(CrmContact(pk=key)) for key in merged}
    if found:
        delete_found(found, dict.fromkeys(found, "never_told"))
    CrmContact.objects.filter(pk__in=people).delete()
    audit.forget(subjects | _nobody_elses({blind_index(address) for address in known}))


def _record(rows: Iterable[models.Model], reasons: Mapping[UUID, str]) -> None:
    """Write into the trail who goes and why, without a value: their keys go too."""
    acts = []
    for row in rows:
        action = "crm_contact.purged" if isinstance(row, CrmContact) else "contact.purged"
        acts.append(audit.Act(action, row, audit.person(row), details={"reason": reasons[row.pk]}))
    audit.record_many(acts)


def _nobody_elses(indexes: Collection[str]) -> set[str]:
    """Return those of the addresses' blind indexes that no contact has any more."""
    others: set[str | None] = set()
    for model in (ContactEmail, ContactAddress):
        rows: models.QuerySet[models.Model] = model._base_manager.filter(email_index__in=indexes)
        others |= set(rows.order_by().values_list("email_index", flat=True))
    return set(indexes) - others
