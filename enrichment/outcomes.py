"""What came of messages, beside what had been predicted: evidence about addresses, and lessons about our chances.

crm/outcomes.py keeps them. Whoever sends records there, with the prediction in hand; here is recorded what comes from
elsewhere, with the prediction looked up. Either way the addresses are judged anew within a minute (reverification.py).
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from core.fields import blind_index, normalise_email
from crm import outcomes
from crm.models import AddressOutcome, ContactAddress
from crm.outcomes import Kind, Outcome, Recorded
from enrichment.emails.checks import OUTCOME, Check, Result
from enrichment.emails.domains import domain_of
from enrichment.emails.verification.operators import operator_of
from enrichment.models import ContactEmail, DomainProfile

# So many outcomes are learnt from: enough for every band and every large operator, read within a second.
MOST = 30_000
LATELY = timedelta(days=3)

_SAYS = {
    Kind.DELIVERED: (Result.DELIVERABLE, "A message was delivered"),
    Kind.REPLIED: (Result.DELIVERABLE, "A message was answered"),
    Kind.BOUNCED: (Result.UNDELIVERABLE, "A message bounced: the mailbox does not exist"),
}


def record(address: str, kind: str, at: datetime | None = None) -> bool:
    """Write down one outcome; return False when it is known already. Raises ValueError as crm.outcomes.record does."""
    return record_many([Outcome(address, kind, at)]).added == 1


def record_many(given: Sequence[Outcome]) -> Recorded:
    """Write down outcomes beside what was predicted of their addresses.

    Raises ValueError for what is no address or no kind, before anything is written.
    """
    addresses = [normalise_email(outcome.address) for outcome in given]
    indexes = {address: blind_index(address) for address in addresses}
    predicted = _predictions(set(indexes.values()))
    operators = operators_of(set(map(domain_of, addresses)))
    rows = []
    for address, outcome in zip(addresses, given, strict=True):
        probability, model, method = predicted.get(indexes[address], (None, None, ""))
        operator = operators.get(domain_of(address), "")
        told = replace(outcome, probability=probability, model_probability=model, method=method, mail_operator=operator)
        rows.append(told)
    recorded = outcomes.record_many(rows)
    # What came of it speaks for or against the addresses of contacts: they are judged anew (reverification.py).
    ContactEmail.objects.filter(email_index__in=set(indexes.values())).update(next_check_at=timezone.now())
    return recorded


def checks_for(addresses: Iterable[str]) -> dict[str, list[Check]]:
    """Return what became of messages to addresses, as evidence, by normalised address: the decisive outcome of each.

    A delivery to a domain that takes every address says nothing of this one, and is left out.
    """
    known = outcomes.of(addresses)
    takes_all = _catch_all({domain_of(address) for address in known})
    checks = {}
    for address, rows in known.items():
        row = outcomes.decisive(rows)
        if row is not None and not (row.kind == Kind.DELIVERED and row.domain in takes_all):
            result, what = _SAYS[Kind(row.kind)]
            sentence = f"{what} ({row.happened_at:%Y-%m-%d})."
            checks[address] = [Check(address, OUTCOME, result, row.kind, sentence, row.happened_at)]
    return checks


def operators_of(domains: Collection[str]) -> dict[str, str]:
    """Return who runs the mail servers of domains, as far as we know them. One query."""
    rows = DomainProfile.objects.filter(domain__in=domains).values_list("domain", "mx_hosts")
    return {domain: operator_of(hosts) for domain, hosts in rows}


def told_lately(now: datetime) -> QuerySet[ContactEmail]:
    """Return the addresses of which an outcome was recorded since they were last looked at.

    Outcomes older than LATELY are left out: the look at what has grown old finds them (reverification.py).
    """
    # Ids tell when they were made (UUIDv7), so that the primary key finds the new outcomes.
    since = uuid.UUID(int=int((now - LATELY).timestamp() * 1000) << 80)
    lately = AddressOutcome.objects.filter(pk__gte=since).order_by()
    looked_at = Greatest(Coalesce("last_checked_at", "created_at"), Coalesce("updated_at", "created_at"))
    newer = lately.filter(email_index=OuterRef("email_index"), created_at__gt=OuterRef("looked_at"))
    rows = ContactEmail.objects.filter(email_index__in=lately.values("email_index")).order_by()
    return rows.alias(looked_at=looked_at).filter(Exists(newer))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was predicted of an address, by what was told and by the model alone (0-1), and whether it proved right."""

    told: float
    model: float
    right: bool
    operator: str


def teachers() -> Iterator[Lesson]:
    """Yield what was predicted of an address beside what came of it, one for each address where both are known.

    The prediction is the first one recorded: later ones knew what had come of the message before. Domains that take
    every address teach nothing, since there a wrong address is delivered too. Of many outcomes the newest teach.
    """
    takes_all = _catch_all(None)
    by_address: dict[str, list[AddressOutcome]] = defaultdict(list)
    for row in AddressOutcome.objects.order_by("-happened_at", "-id").defer("created_at")[:MOST]:
        by_address[row.email_index].append(row)
    for of_address in by_address.values():
        of_address.reverse()  # oldest first
        first = next((row for row in of_address if row.probability is not None), None)
        last = outcomes.decisive(of_address)
        if first is not None and first.probability is not None and last is not None and last.domain not in takes_all:
            model = first.probability if first.model_probability is None else first.model_probability
            yield Lesson(first.probability, model, last.kind != Kind.BOUNCED, first.mail_operator)


_Prediction = tuple[float | None, float | None, str]


def _predictions(indexes: set[str]) -> dict[str, _Prediction]:
    """Return probability, the model's and the method by the index of an address, of the first source that knows it.

    An earlier outcome comes first: what is thought of the address now may rest on it. Then comes what discovery found,
    then what the CRM took over. Where several contacts may have the address, the likeliest counts.
    """
    known = {"email_index__in": indexes, "probability__isnull": False}
    earlier = AddressOutcome.objects.filter(**known).order_by("happened_at", "id")
    found = ContactEmail.objects.filter(**known).order_by("-probability")
    taken_over = ContactAddress.objects.filter(**known).order_by("-probability")
    chances = ("email_index", "probability", "model_probability")
    predicted: dict[str, _Prediction] = {}
    for index, probability, model, method in [
        *earlier.values_list(*chances, "method"),
        *found.values_list(*chances, "verification_method"),
        *taken_over.values_list(*chances, "verification_method"),
    ]:
        predicted.setdefault(index, (probability, model, method or ""))
    return predicted


def _catch_all(domains: set[str] | None) -> set[str]:
    """Return those of the domains that take every address; None: of all domains."""
    rows = DomainProfile.objects.filter(catch_all=True)
    if domains is not None:
        rows = rows.filter(domain__in=domains)
    return set(rows.values_list("domain", flat=True))
