"""How the first messages to a contact would read, were it approved now."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from enrichment import approval
from outreach import enrolments
from outreach.models import Sequence
from outreach.planning import NONE_CHOSEN


@dataclass(frozen=True, slots=True)
class Preview:
    """The messages as they would be planned; `skipped` says why there are none (approval.SKIP_REASONS).

    `there`: the contact is in the sequence already, and these are its messages.
    """

    messages: tuple[enrolments.Planned, ...] = ()
    skipped: str = ""
    there: bool = False


def preview(
    contact_id: UUID, sequence: Sequence, templates: Mapping[int, UUID] = NONE_CHOSEN, user: User | None = None
) -> Preview:
    """Approve a contact, read what is planned, and take all of it back. Raises outreach.enrolments.NoSequence.

    So it shows what an approval does, whatever the rules; the contact and its brand are locked meanwhile.
    """
    with transaction.atomic():
        result = approval.approve([str(contact_id)], user=user, sequence=sequence, templates=templates)
        found = Preview(skipped=result.skipped[0].reason) if result.skipped else _read(result.approved[0], sequence)
        transaction.set_rollback(True)
    return found


def _read(approved: approval.Approved, sequence: Sequence) -> Preview:
    person = UUID(approved.crm_contact_id)
    planned = [one for one in enrolments.plan([person])[person] if one.sequence == sequence.name]
    return Preview(tuple(planned), there=not approved.before["enrolled"])
