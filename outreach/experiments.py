"""A/B tests of texts: which company gets which, and whether one of them is better.

The unit is the company: all its people get the same arm, by a hash, and it counts once. What counts is a positive
reply (a person says which is) within 14 days of the company's first message; opens are never looked at. There is one
test, when the planned number of companies in each arm is 14 days old. Looking earlier tells how many are missing and
no winner, since whoever looks often finds one by chance (bench/experiments.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from math import ceil, sqrt
from statistics import NormalDist
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit

from . import audited, exact_test
from .inbound_replies import OPT_OUT
from .models import Event, Experiment, Message, Template, Variant

ARMS = ("A", "B")
WINDOW = timedelta(days=14)
LEVEL = 0.05  # the share of false winners that is put up with
POWER = 0.8
SMALLEST, LARGEST = 10, 100_000  # companies in an arm


class NotPossible(ValueError):
    """An experiment cannot be made, started or ended; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Arm:
    """What became of an arm's companies, as far as they count: `size` of them were written to 14 days ago or longer.

    `waiting` were written to later. `unsaid` replies of those that count wait for somebody to say what they are.
    """

    name: str
    size: int = 0
    waiting: int = 0
    positive: int = 0
    opted_out: int = 0
    bounced: int = 0
    unsaid: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`winner` is A, B or empty. `decided`: the one test was made; `p_value` is None before. `sentence` says it all."""

    arms: tuple[Arm, Arm]
    decided: bool
    winner: str
    p_value: float | None
    sentence: str
    warnings: tuple[str, ...] = ()


def arm_of(experiment_id: UUID, brand_id: UUID) -> str:
    """Return the arm of a company: always the same for an experiment, half of all companies in each."""
    return ARMS[blake2b(experiment_id.bytes + brand_id.bytes, digest_size=1).digest()[0] & 1]


def assign(message: Message) -> None:
    """Set a message's experiment and arm where one is running on its template; without saving.

    One whose text somebody chose takes no part. `message.enrolment.contact` and `message.step` are read.
    """
    if message.template_id is not None:
        message.experiment, message.arm = None, ""
        return
    message.experiment = Experiment.objects.filter(
        template_id=message.step.template_id, state=Experiment.State.RUNNING
    ).first()
    brand = message.enrolment.contact.brand_id
    message.arm = arm_of(message.experiment.pk, brand) if message.experiment else ""


FROZEN = (
    "An experiment is running on this text, so it must stay as it is: end the experiment first, or write a variant."
)


def is_frozen(text: Template | Variant) -> bool:
    """Return whether subject and body must stay, since an experiment is running on them."""
    return bool(text.pk) and text.experiments.filter(state=Experiment.State.RUNNING).exists()


def create(name: str, template: Template, variant: Variant, planned_per_arm: int, user: User | None) -> Experiment:
    """Return a new experiment, a draft. Raises NotPossible."""
    if variant.template_id != template.pk:
        raise NotPossible("The variant belongs to another template: choose one of this template.")
    if not SMALLEST <= planned_per_arm <= LARGEST:
        raise NotPossible(f"The planned number of companies in each arm lies between {SMALLEST} and {LARGEST:,}.")
    name = name.strip()
    if not 0 < len(name) <= 100:
        raise NotPossible("An experiment has a name of at most 100 characters.")
    try:
        with transaction.atomic():
            made = Experiment.objects.create(
                name=name, template=template, variant=variant, planned_per_arm=planned_per_arm, created_by=user
            )
            audited.changed(made, "experiment", None, user)
            return made
    except IntegrityError as error:
        raise NotPossible(f"There is an experiment “{name}” already: choose another name.") from error


def start(experiment: Experiment) -> None:
    """Let messages of the template that are sent from now on take part. Raises NotPossible."""
    try:
        with transaction.atomic():
            row = Experiment.objects.select_for_update().get(pk=experiment.pk)
            if row.state != Experiment.State.DRAFT:
                raise NotPossible("This experiment was started before. Make a new one to test again.")
            Experiment.objects.filter(pk=row.pk).update(state=Experiment.State.RUNNING, started_at=timezone.now())
            audit.record("experiment.started", of=row)
    except IntegrityError as error:
        raise NotPossible("Another experiment is running on this template: end it first.") from error
    experiment.refresh_from_db()


def end(experiment: Experiment) -> None:
    """Let no more messages take part; those that did go on counting. Raises NotPossible."""
    running = Experiment.objects.filter(pk=experiment.pk, state=Experiment.State.RUNNING)
    with transaction.atomic():
        if not running.update(state=Experiment.State.ENDED, ended_at=timezone.now()):
            raise NotPossible("This experiment is not running.")
        audit.record("experiment.ended", of=experiment)
    experiment.refresh_from_db()


def size_for(share: float, better: float) -> int:
    """Return how many companies each arm needs to notice in 4 of 5 cases that `share` (0-1) has become `better`.

    The usual approximation for two proportions (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions,
    2003, formula 4.14) with its correction for an exact test. Raises ValueError for shares that are none, or equal.
    """
    if not (0 < share < 1 and 0 < better < 1) or share == better:
        raise ValueError("Write two different shares between 0 and 1, such as 0.04 and 0.08.")
    normal, mean, gap = NormalDist(), (share + better) / 2, abs(share - better)
    level, power = normal.inv_cdf(1 - LEVEL / 2), normal.inv_cdf(POWER)
    spread = level * sqrt(2 * mean * (1 - mean)) + power * sqrt(share * (1 - share) + better * (1 - better))
    plain = (spread / gap) ** 2
    return ceil(plain / 4 * (1 + sqrt(1 + 4 / (plain * gap))) ** 2)


def verdict(experiment: Experiment, now: datetime | None = None) -> Verdict:
    """Return what is known of an experiment at a moment (aware)."""
    arms = _arms(experiment, now or timezone.now())
    return judge(arms, experiment.planned_per_arm)


def judge(arms: tuple[Arm, Arm], planned: int) -> Verdict:
    """Return what two arms tell, of which `planned` companies each are to count."""
    missing = max(planned - arm.size for arm in arms)
    unsaid = sum(arm.unsaid for arm in arms)
    warnings = _guardrails(arms)
    if missing > 0:
        return Verdict(arms, False, "", None, f"Not enough data: {missing} more per arm.", warnings)
    if unsaid:
        ask = "1 reply waits" if unsaid == 1 else f"{unsaid} replies wait"
        return Verdict(arms, False, "", None, f"{ask} for somebody to say whether it is positive.", warnings)
    a, b = arms
    p_value = exact_test.two_sided(a.positive, a.size, b.positive, b.size)
    winner = ("B" if b.positive * a.size > a.positive * b.size else "A") if p_value < LEVEL else ""
    shares = f"A {a.positive} of {a.size}, B {b.positive} of {b.size} with a positive reply"
    if not winner:
        return Verdict(arms, True, "", p_value, f"No difference is shown (p = {p_value:.2g}): {shares}.", warnings)
    if winner == "B" and warnings:
        sentence = f"B got more replies, but at a price, so it is no winner ({shares})."
        return Verdict(arms, True, "", p_value, sentence, warnings)
    return Verdict(arms, True, winner, p_value, f"{winner} is better (p = {p_value:.2g}): {shares}.", warnings)


def _guardrails(arms: tuple[Arm, Arm]) -> tuple[str, ...]:
    """Say where arm B loses more people, or reaches fewer, than chance explains."""
    a, b = arms
    counts = [("opt-outs", a.opted_out, b.opted_out), ("bounces", a.bounced, b.bounced)]
    return tuple(
        f"B has more {what}: {in_b} of {b.size} companies, A {in_a} of {a.size}."
        for what, in_a, in_b in counts
        if exact_test.more_in_b(in_a, a.size, in_b, b.size) < LEVEL
    )


@dataclass(slots=True)
class _Company:
    arm: str
    first: datetime
    kinds: set[str]


def _arms(experiment: Experiment, now: datetime) -> tuple[Arm, Arm]:
    companies = _companies(experiment)
    _add_what_came_back(companies, experiment)
    a, b = (
        _arm(name, [company for company in companies.values() if company.arm == name], experiment.planned_per_arm, now)
        for name in ARMS
    )
    return a, b


def _arm(name: str, companies: Iterable[_Company], planned: int, now: datetime) -> Arm:
    ordered = sorted(companies, key=lambda company: company.first)
    old = [company for company in ordered if company.first <= now - WINDOW]
    counted: Sequence[_Company] = old[:planned]  # whoever came later is not looked at: one test, at the planned size

    def having(kind: str) -> int:
        return sum(kind in company.kinds for company in counted)

    return Arm(
        name,
        size=len(counted),
        waiting=len(ordered) - len(old),
        positive=having("positive"),
        opted_out=having("opted_out"),
        bounced=having("bounced"),
        unsaid=sum({"unsaid"} <= company.kinds and "positive" not in company.kinds for company in counted),
    )


def _companies(experiment: Experiment) -> dict[Any, _Company]:
    """Return the companies that were written to, with the moment of the first message."""
    sent = Message.objects.filter(experiment=experiment, sent_at__isnull=False).order_by("sent_at")
    companies: dict[Any, _Company] = {}
    for brand, arm, at in sent.values_list("enrolment__contact__brand", "arm", "sent_at"):
        companies.setdefault(brand, _Company(arm, at, set()))
    return companies


_MEANING = {
    Event.Kind.UNSUBSCRIBED: "opted_out",
    Event.Kind.COMPLAINT: "opted_out",
    Event.Kind.HARD: "bounced",
}


def _add_what_came_back(companies: dict[Any, _Company], experiment: Experiment) -> None:
    """Note what each company answered within the window, by whatever of its people got the experiment's text."""
    people = Message.objects.filter(experiment=experiment, sent_at__isnull=False).values("enrolment__contact")
    events = Event.objects.filter(contact__in=people, kind__in=[*_MEANING, Event.Kind.REPLY])
    rows = events.order_by("happened_at").values_list("contact__brand", "kind", "sentiment", "reason", "happened_at")
    for brand, kind, sentiment, reason, at in rows:
        company = companies.get(brand)
        if company is None or not company.first <= at <= company.first + WINDOW:
            continue
        company.kinds.add(_MEANING.get(kind) or _of_reply(sentiment, reason))


def _of_reply(sentiment: str, reason: str) -> str:
    if reason == OPT_OUT:
        return "opted_out"
    return sentiment or "unsaid"


def totals(experiments: Iterable[Experiment]) -> dict[Any, int]:
    """Return how many companies were written to so far in each experiment, by its id. One query."""
    counted: dict[Any, set[Any]] = defaultdict(set)
    rows = Message.objects.filter(experiment__in=[row.pk for row in experiments], sent_at__isnull=False)
    for experiment, brand in rows.order_by().values_list("experiment", "enrolment__contact__brand").distinct():
        counted[experiment].add(brand)
    return {experiment: len(brands) for experiment, brands in counted.items()}
