"""Sequences and their steps, edited. Whoever is enrolled keeps the steps as they were: others get a new version."""

from collections.abc import Iterable
from collections.abc import Sequence as Rows
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from core import audit

from . import audited
from .models import Channel, Mailbox, Sequence, SequenceVersion, Step, Template

MOST_STEPS = 20
LONGEST_DELAY = 260  # business days: a year
NAME_LENGTH = Sequence._meta.get_field("name").max_length or 100

NAME_MISSING = "Give the sequence a name."
NO_STEPS = "A sequence needs at least one step."
TOO_MANY = f"A sequence has at most {MOST_STEPS} steps: begin another one for the rest."
WEEKDAYS = "Allowed days are numbers from 0 (Monday) to 6 (Sunday); none means every working day."
BEGIN_WITH_EMAIL = "Begin with an e-mail: on LinkedIn most people accept no message from somebody they do not know."


@dataclass(frozen=True, slots=True)
class StepData:
    """A step as somebody enters it: a Channel, business days after the step before it, and its text."""

    channel: str
    delay_days: int
    template_id: UUID


def current(sequence: Sequence) -> SequenceVersion:
    """Return the latest version, in which people are enrolled from now on; a sequence without one gets its first."""
    latest = sequence.versions.order_by("-number").first()
    return latest or SequenceVersion.objects.get_or_create(sequence=sequence, number=1)[0]


def create(name: str, user: User | None) -> Sequence:
    """Make a sequence with one empty version, switched off until it has steps. Raises ValueError for a bad name."""
    with transaction.atomic():
        sequence = _named(Sequence(active=False), name)
        SequenceVersion.objects.create(sequence=sequence, number=1, created_by=user)
        audited.changed(sequence, "sequence", None, user)
    return sequence


def copy(sequence: Sequence, name: str, user: User | None) -> Sequence:
    """Make a sequence with the steps, sender and days of another, switched off. Raises ValueError for a bad name."""
    with transaction.atomic():
        made = create(name, user)
        made.mailbox, made.weekdays = sequence.mailbox, sequence.weekdays
        made.save(update_fields=["mailbox", "weekdays", "updated_at"])
        _write(current(made), steps_of(current(sequence)))
        audit.record("sequence.changed", of=made, actor=user, copied_from=sequence.pk)
    return made


def steps_of(version: SequenceVersion) -> list[StepData]:
    """Return the steps of a version in their order."""
    rows = version.steps.order_by("position").values_list("channel", "delay_days", "template_id")
    return [StepData(*row) for row in rows]


def save_steps(sequence: Sequence, steps: Rows[StepData], user: User | None) -> SequenceVersion:
    """Give a sequence these steps, in this order, and return the version that has them.

    As long as nobody is enrolled in the latest version it is changed in place, otherwise a new one is made; steps
    that are the latest already change nothing. Raises ValueError, with a sentence for each mistake, before anything
    is written.
    """
    if mistakes := problems(steps):
        raise ValueError(" ".join(mistakes))
    with transaction.atomic():
        # Waits for those who are enrolling (hold_version), and they for us.
        Sequence.objects.select_for_update().get(pk=sequence.pk)
        version = current(sequence)
        before = steps_of(version)
        if before == list(steps):
            return version
        if version.enrolments.exists():
            version = SequenceVersion.objects.create(sequence=sequence, number=version.number + 1, created_by=user)
        _write(version, steps)
        was, now = {"steps": _told(before)}, {"steps": _told(steps)}
        audit.record("sequence.changed", of=sequence, before=was, after=now, actor=user, version=version.number)
    return version


def hold_version(sequence: Sequence) -> SequenceVersion:
    """Return the latest version for an enrolment: nobody edits it until the transaction ends. Call in one.

    Many may enrol at once, so the lock is one that they share; Django has no name for it. SQLite knows one writer.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM outreach_sequence WHERE id = %s FOR KEY SHARE", [sequence.pk])
    return current(sequence)


def problems(steps: Rows[StepData]) -> list[str]:
    """Return what is wrong with steps, a sentence each; empty when they can be saved. At most one query."""
    found = [NO_STEPS] if not steps else [TOO_MANY] if len(steps) > MOST_STEPS else []
    subjects = dict(Template.objects.filter(pk__in={step.template_id for step in steps}).values_list("pk", "subject"))
    written = False  # an e-mail before this step
    for position, step in enumerate(steps, start=1):
        if step.channel not in Channel.values:
            found.append(f"Step {position}: the channel must be one of {', '.join(Channel.values)}.")
        if not 0 <= step.delay_days <= LONGEST_DELAY:
            found.append(f"Step {position}: the delay must be 0 to {LONGEST_DELAY} business days.")
        if step.template_id not in subjects:
            found.append(f"Step {position}: its text is gone; choose another one.")
        elif step.channel != Channel.LINKEDIN and not written and not subjects[step.template_id].strip():
            found.append(f"Step {position}: the first e-mail needs a subject; add one to its text.")
        written = written or step.channel != Channel.LINKEDIN
    return found


def advice(steps: Rows[StepData]) -> list[str]:
    """Return what might be done better, a sentence each; nothing that keeps the steps from being saved."""
    return [BEGIN_WITH_EMAIL] if steps and steps[0].channel == Channel.LINKEDIN else []


def rename(sequence: Sequence, name: str, user: User | None = None) -> None:
    """Raises ValueError when the name is empty, too long or taken."""
    with transaction.atomic():
        before = {"name": sequence.name}
        audited.changed(_named(sequence, name), "sequence", before, user)


def activate(sequence: Sequence, active: bool = True, user: User | None = None) -> None:
    """Say whether approval may enrol in a sequence; who is enrolled stays so. Raises ValueError without any step."""
    if active and not current(sequence).steps.exists():
        raise ValueError("The sequence has no steps yet: add one, then switch it on.")
    _set(sequence, user, "active", active)


def set_mailbox(sequence: Sequence, mailbox: Mailbox | None, user: User | None = None) -> None:
    """Choose who writes to those enrolled from now on; None: the first sender."""
    _set(sequence, user, "mailbox_id", mailbox.pk if mailbox else None)


def set_weekdays(sequence: Sequence, weekdays: Iterable[int], user: User | None = None) -> None:
    """Choose the days of the week (Monday is 0) on which messages may go out; none: every working day.

    What is planned already moves when it comes up. Raises ValueError for anything but 0 to 6.
    """
    days = set(weekdays)
    if not days <= set(range(7)):
        raise ValueError(WEEKDAYS)
    _set(sequence, user, "weekdays", sorted(days))


@transaction.atomic
def _set(sequence: Sequence, user: User | None, column: str, value: Any) -> None:
    before = {column: getattr(sequence, column)}
    setattr(sequence, column, value)
    sequence.save(update_fields=[column.removesuffix("_id"), "updated_at"])
    audited.changed(sequence, "sequence", before, user)


def _told(steps: Iterable[StepData]) -> list[str]:
    """Return steps as the audit trail has them."""
    return [f"{step.channel} after {step.delay_days} days, template {step.template_id}" for step in steps]


def _write(version: SequenceVersion, steps: Rows[StepData]) -> None:
    version.steps.all().delete()
    Step.objects.bulk_create(
        Step(
            version=version,
            position=position,
            channel=step.channel,
            delay_days=step.delay_days,
            template_id=step.template_id,
        )
        for position, step in enumerate(steps, start=1)
    )


def _named(sequence: Sequence, name: str) -> Sequence:
    """Save a sequence under a name."""
    name = " ".join(name.split())
    if not name:
        raise ValueError(NAME_MISSING)
    if len(name) > NAME_LENGTH:
        raise ValueError(f"The name is too long: at most {NAME_LENGTH} characters.")
    before, sequence.name = sequence.name, name
    try:
        with transaction.atomic():
            sequence.save(update_fields=None if sequence._state.adding else ["name", "updated_at"])
    except IntegrityError:
        sequence.name = before
        raise ValueError(f"There is a sequence named “{name}” already: choose another name.") from None
    return sequence
