"""What came of messages: delivered, bounced, answered, complained about. Whoever sends or hears of it writes it here.

The address itself is not kept, only its blind index. An address that bounced, or whose owner complained, goes on the
suppression list with the same stroke.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from core.fields import blind_index, normalise_email

from . import suppression
from .contacts import clean_email
from .models import AddressOutcome, Suppression

Kind = AddressOutcome.Kind

SUPPRESSED = {Kind.BOUNCED: Suppression.Reason.BOUNCED, Kind.COMPLAINED: Suppression.Reason.COMPLAINT}
DAY = timedelta(days=1)
# A database takes only so many parameters at once.
SLICE = 5_000

_Key = tuple[str, str, datetime]  # what is unique: email_index, kind, happened_at


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message to an address, and what was predicted when it was sent.

    `kind` is an AddressOutcome.Kind; `at` is aware, None for "just now" (told again within a day, it is the same
    outcome). `probability` (0-1) and `method` are what was thought of the address then, `model_probability` is the
    chance before outcomes corrected it, `mail_operator` who ran its mail servers; None and empty when not known.
    """

    address: str
    kind: str
    at: datetime | None = None
    probability: float | None = None
    method: str = ""
    mail_operator: str = ""
    model_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many outcomes were new, how many known before, and how many addresses came onto the suppression list."""

    added: int
    known: int
    suppressed: int


def index(address: str) -> str:
    """Return the index by which the outcomes of an address are found."""
    return blind_index(normalise_email(address))


def record(
    address: str,
    kind: str,
    at: datetime | None,
    *,
    probability: float | None = None,
    method: str = "",
    mail_operator: str = "",
    model_probability: float | None = None,
) -> bool:
    """Write down one outcome; return False when it is known already. Raises ValueError as `record_many` does."""
    return record_many([Outcome(address, kind, at, probability, method, mail_operator, model_probability)]).added == 1


def record_many(outcomes: Iterable[Outcome]) -> Recorded:
    """Write down outcomes in one transaction; those known already are left as they are.

    Raises ValueError for what is no address, no kind or no probability, before anything is written.
    """
    now = timezone.now()
    given = [(_row(outcome, now), outcome) for outcome in outcomes]
    with transaction.atomic():
        seen = _known({row.email_index for row, _ in given})
        lately = {(email_index, kind) for email_index, kind, at in seen if at > now - DAY}
        new: dict[_Key, tuple[AddressOutcome, str]] = {}
        for row, outcome in given:
            if _key(row) not in seen and (outcome.at is not None or (row.email_index, row.kind) not in lately):
                new.setdefault(_key(row), (row, outcome.address))
        # Somebody may write the same at this moment.
        AddressOutcome.objects.bulk_create((row for row, _ in new.values()), ignore_conflicts=True, batch_size=SLICE)
        suppressed = _suppress(new.values())
    return Recorded(len(new), len(given) - len(new), suppressed)


def of(addresses: Iterable[str]) -> dict[str, list[AddressOutcome]]:
    """Return the outcomes known for addresses, oldest first, by normalised address; it has only those with any."""
    asked = {blind_index(address): address for address in set(map(normalise_email, addresses))}
    found: dict[str, list[AddressOutcome]] = defaultdict(list)
    for indexes in _slices(asked):
        for row in AddressOutcome.objects.filter(email_index__in=indexes).order_by("happened_at", "id"):
            found[asked[row.email_index]].append(row)
    return dict(found)


def counts() -> dict[str, int]:
    """Return how many outcomes of each kind are known."""
    counted = dict(AddressOutcome.objects.order_by().values_list("kind").annotate(Count("pk")))
    return {kind: counted.get(kind, 0) for kind in Kind.values}


def decisive(outcomes: Iterable[AddressOutcome]) -> AddressOutcome | None:
    """Return the one outcome, of those of one address, that says whether the address is right; None: none does.

    A bounce says no, until an answer comes, or a message is delivered later than the day after. (A mail server may
    accept a message and then bounce it, and often all we are told is the day.) An answer outlasts deliveries. A
    complaint decides nothing.
    """
    latest = {row.kind: row for row in sorted(outcomes, key=lambda row: row.happened_at)}
    bounced, replied, delivered = map(latest.get, (Kind.BOUNCED, Kind.REPLIED, Kind.DELIVERED))
    if replied and not (bounced and bounced.happened_at > replied.happened_at):
        return replied
    if delivered and not (bounced and bounced.happened_at > delivered.happened_at - DAY):
        return delivered
    return bounced


def _row(outcome: Outcome, now: datetime) -> AddressOutcome:
    for chance in (outcome.probability, outcome.model_probability):
        if chance is not None and not 0 <= chance <= 1:
            raise ValueError(f"{chance} is no probability.")  # SQLite would leave the row out in silence
    address = normalise_email(clean_email(outcome.address))
    return AddressOutcome(
        email_index=blind_index(address),
        domain=address.rpartition("@")[2],
        mail_operator=outcome.mail_operator,
        kind=Kind(outcome.kind),
        probability=outcome.probability,
        model_probability=outcome.model_probability,
        method=outcome.method,
        happened_at=outcome.at or now,
    )


def _key(row: AddressOutcome) -> _Key:
    return row.email_index, row.kind, row.happened_at


def _known(indexes: Iterable[str]) -> set[_Key]:
    known: set[_Key] = set()
    for some in _slices(indexes):
        rows = AddressOutcome.objects.filter(email_index__in=some).order_by()
        known.update(rows.values_list("email_index", "kind", "happened_at"))
    return known


def _slices(values: Iterable[str]) -> Iterable[Sequence[str]]:
    wanted = list(values)
    return (wanted[start : start + SLICE] for start in range(0, len(wanted), SLICE))


def _suppress(new: Iterable[tuple[AddressOutcome, str]]) -> int:
    """Put the addresses that bounced or complained on the suppression list; return how many were not on it."""
    addresses: dict[str, list[str]] = defaultdict(list)
    for row, address in new:
        addresses[row.kind].append(address)
    return sum(suppression.add(addresses[kind], reason).added for kind, reason in SUPPRESSED.items())
