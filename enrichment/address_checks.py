"""What was said of addresses before, so that no mail server and no provider is asked twice for the same.

Kept under the address's blind index, encrypted, without the address: candidates that were turned down are remembered
too, although no contact has them. retention.py deletes what has grown old.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.fields import blind_index
from enrichment.emails import proofs
from enrichment.emails.checks import SMTP, Check, Result
from enrichment.models import AddressCheck

# How long an answer is worth more than a new question. A mailbox comes and goes with its person, so a clear answer is
# good for a week; a provider's answer costs money and is good for a month. What nobody could tell is soon asked again,
# of those who want money for it the next day.
CLEAR_KEPT = timedelta(days=7)
PROVIDER_KEPT = timedelta(days=30)
UNCLEAR_KEPT = timedelta(minutes=10)
PROVIDER_UNCLEAR_KEPT = timedelta(days=1)

_AT_ONCE = 500  # parameters in one query


def is_fresh(check: Check, now: datetime) -> bool:
    """Return whether there is no need to ask again."""
    if check.retry_at is not None:
        return now < check.retry_at
    unclear = check.result is Result.UNKNOWN
    if check.by == SMTP:
        return now - check.at < (UNCLEAR_KEPT if unclear else CLEAR_KEPT)
    return now - check.at < (PROVIDER_UNCLEAR_KEPT if unclear else PROVIDER_KEPT)


def load(addresses: Iterable[str]) -> dict[str, list[Check]]:
    """Return what is known of each address (in the form of normalise_email)."""
    by_index = {blind_index(address): address for address in addresses}
    kept: dict[str, list[Check]] = {}
    for indexes in _chunks(list(by_index)):
        for row in AddressCheck.objects.filter(pk__in=indexes):
            kept[by_index[row.pk]] = _read(by_index[row.pk], row)
    return kept


@transaction.atomic
def save(checks: Collection[Check]) -> None:
    """Remember the checks, beside those known (`joined`)."""
    new: dict[str, list[Check]] = {}
    for check in checks:
        new.setdefault(check.email, []).append(check)
    addresses = {blind_index(address): address for address in new}
    order = sorted(addresses)  # one for everybody who takes these rows
    # A row that is not there cannot be locked, and of two who insert it one would not see the other's answers. All rows
    # first: who holds some of them already must not wait for somebody's new one.
    AddressCheck.objects.bulk_create(
        [AddressCheck(email_index=index, checked_at=timezone.now()) for index in order],
        ignore_conflicts=True,
        batch_size=_AT_ONCE,
    )
    for indexes in _chunks(order):
        rows = AddressCheck.objects.select_for_update().filter(pk__in=indexes).order_by("pk")
        stored = {row.pk: _read(addresses[row.pk], row) for row in rows}
        now = timezone.now()
        kept = {index: joined(stored.get(index, ()), new[addresses[index]]) for index in indexes}
        AddressCheck.objects.bulk_create(
            [
                AddressCheck(email_index=index, checks=[check.as_json() for check in checks], checked_at=now)
                for index, checks in kept.items()
            ],
            update_conflicts=True,
            unique_fields=["email_index"],
            update_fields=["checks", "checked_at"],
        )


def joined(stored: Iterable[Check], new: Iterable[Check]) -> list[Check]:
    """Return the checks of one address with the new ones, each in the place of what its giver said before.

    One that tells nothing leaves the last one that did: that a server could not be asked today does not undo it.
    """
    kept = list(stored)
    for check in new:
        outlasts = not proofs.tells(check)
        kept = [other for other in kept if other.by != check.by or (outlasts and proofs.tells(other))]
        kept.append(check)
    return kept


def fresh(checks: Sequence[Check], giver: str) -> Check | None:
    """Return this giver's answer that is new enough not to be asked for again; the one that tells more, if several."""
    now = timezone.now()
    own = [check for check in checks if check.by == giver and is_fresh(check, now)]
    return max(own, key=lambda check: (proofs.tells(check), check.at), default=None)


def forget(addresses: Iterable[str]) -> None:
    """Forget what was said of these addresses (in the form of normalise_email)."""
    for indexes in _chunks([blind_index(address) for address in addresses]):
        AddressCheck.objects.filter(pk__in=indexes).delete()


def _read(address: str, row: AddressCheck) -> list[Check]:
    return [Check.from_json(address, check) for check in row.checks]


def _chunks(indexes: list[str]) -> Iterable[list[str]]:
    return (indexes[start : start + _AT_ONCE] for start in range(0, len(indexes), _AT_ONCE))
