"""What an act changes of found contacts, for the audit trail: their values before it held against those after it.

    watch = changes.Watch(contacts)      # as they are stored now
    …                                    # they are changed and saved
    watch.record(contacts, actor=user)   # contact.found for those that are new, contact.changed where anything differs

Two queries for the addresses, whatever their number; the entries are written together.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.contrib.auth.models import User

from core import audit
from core.fields import normalise_email
from enrichment.models import ContactEmail, EnrichedContact

# What says who somebody is, and how they may be treated
FIELDS = (
    *("first_name", "last_name", "job_title", "seniority", "department", "decision_maker", "company"),
    *("linkedin_url", "region_code", "lawful_basis", "confidence_score", "source"),
)

Values = dict[str, Any]


class Watch:
    """Contacts as they were when it was made. Make it under their locks, and record in the same transaction."""

    def __init__(self, contacts: Collection[EnrichedContact]) -> None:
        addresses = addresses_of(contacts)
        self._before = {contact.pk: _values(contact, addresses) for contact in contacts}

    def record(self, contacts: Iterable[EnrichedContact], actor: User | None = None, **details: Any) -> None:
        """Write down what is new and what has changed of these contacts."""
        audit.record_many(self.acts(contacts, **details), actor=actor)

    def acts(self, contacts: Iterable[EnrichedContact], **details: Any) -> Iterator[audit.Act]:
        """Yield an act for each contact that is new or differs from what it was; `details` go with each."""
        contacts = list(contacts)
        addresses = addresses_of(contacts)
        for contact in contacts:
            before, after = self._before.get(contact.pk), _values(contact, addresses)
            if before is None:
                given = {name: value for name, value in after.items() if value not in (None, "", {})}
                yield act("contact.found", contact, after=given, source=contact.source, **details)
            elif changed := [name for name in after if after[name] != before[name]]:
                was, now = ({name: side[name] for name in changed} for side in (before, after))
                if "addresses" in changed:
                    was["addresses"], now["addresses"] = _differing(was["addresses"], now["addresses"])
                yield act("contact.changed", contact, before=was, after=now, fields=changed, **details)


def act(
    action: str, contact: EnrichedContact, *, before: Values | None = None, after: Values | None = None, **details: Any
) -> audit.Act:
    """Return what was done to a contact, about whom the entry is."""
    return audit.Act(action, contact, audit.person(contact), before, after, details)


def addresses_of(contacts: Collection[EnrichedContact]) -> dict[uuid.UUID, dict[str, str]]:
    """Return what is stored of the contacts' addresses: each with its status, by the contact's id. One query."""
    found: defaultdict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    if contacts:
        rows = ContactEmail.objects.filter(enriched_contact__in=[contact.pk for contact in contacts]).order_by()
        for key, email, status in rows.values_list("enriched_contact_id", "email", "verification_status"):
            found[key][normalise_email(email)] = status
    return found


def _values(contact: EnrichedContact, addresses: dict[uuid.UUID, dict[str, str]]) -> Values:
    values = {name: getattr(contact, name) for name in FIELDS}
    return values | {"addresses": dict(sorted(addresses.get(contact.pk, {}).items()))}


def _differing(before: Values, after: Values) -> tuple[Values, Values]:
    """Leave out the addresses of which nothing has changed."""
    same = {email for email, status in before.items() if after.get(email) == status}
    return tuple({key: value for key, value in side.items() if key not in same} for side in (before, after))  # type: ignore[return-value]
