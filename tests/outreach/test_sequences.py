"""Sequences are edited in place as long as nobody is enrolled; then whoever is keeps the steps they had."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from outreach import enrolments, sequences
from outreach.models import Enrolment, Message, Sequence, SequenceVersion, Step, Template
from outreach.sequences import StepData
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MailboxFactory, SequenceFactory, TemplateFactory
from tests.racing import race


@pytest.fixture
def template(db: None) -> Template:
    return TemplateFactory()


@pytest.fixture
def made(template: Template, user: User) -> Sequence:
    """A sequence of two e-mails in which nobody is enrolled."""
    made = sequences.create("Ours", user)
    sequences.save_steps(made, [StepData("email", 1, template.pk), StepData("email", 5, template.pk)], user)
    return made


def steps(sequence: Sequence) -> list[StepData]:
    return sequences.steps_of(sequences.current(sequence))


def test_a_new_sequence_is_empty_and_off_until_it_has_steps(template: Template, user: User) -> None:
    sequence = sequences.create("  Our \n first ", user)
    assert (sequence.name, sequence.active, steps(sequence)) == ("Our first", False, [])
    with pytest.raises(ValueError, match="no steps yet"):
        sequences.activate(sequence)
    version = sequences.save_steps(sequence, [StepData("email", 0, template.pk)], user)
    sequences.activate(sequence)
    sequence.refresh_from_db()
    assert (sequence.active, version.number, version.created_by) == (True, 1, user)
    sequences.activate(sequence, False)
    assert not Sequence.objects.get(pk=sequence.pk).active


def test_steps_are_reordered_and_changed_in_place_while_nobody_is_enrolled(made: Sequence, user: User) -> None:
    other = TemplateFactory()
    new = [*reversed(steps(made)), StepData("linkedin", 260, other.pk), StepData("manual_email", 0, other.pk)]
    version = sequences.save_steps(made, new, user)
    assert (version.number, steps(made)) == (1, new)
    assert list(version.steps.values_list("position", flat=True)) == [1, 2, 3, 4]
    sequences.save_steps(made, new[:1], user)
    assert (steps(made), made.versions.count()) == (new[:1], 1)


def test_whoever_is_enrolled_keeps_the_steps_they_had(made: Sequence, user: User) -> None:
    old = steps(made)
    enrolment = EnrolmentFactory(version=sequences.current(made))
    version = sequences.save_steps(made, old[1:], user)
    assert (version.number, steps(made)) == (2, old[1:])
    assert sequences.steps_of(enrolment.version) == old
    assert sequences.save_steps(made, old, user) == version, "in place again: nobody has the new one"
    EnrolmentFactory(version=version)
    assert sequences.save_steps(made, old, user) == version, "nothing changed"
    assert made.versions.count() == 2


def test_mistakes_are_named_all_at_once_and_nothing_is_written(made: Sequence, template: Template, user: User) -> None:
    good, untitled = steps(made), TemplateFactory(subject=" ")
    with pytest.raises(ValueError) as raised:
        sequences.save_steps(
            made,
            [
                StepData("email", 1, untitled.pk),
                StepData("fax", 1, template.pk),
                StepData("email", 261, template.pk),
                StepData("email", -1, uuid.uuid4()),
            ],
            user,
        )
    assert str(raised.value) == (
        "Step 1: the first e-mail needs a subject; add one to its text. "
        "Step 2: the channel must be one of email, linkedin, manual_email. "
        "Step 3: the delay must be 0 to 260 business days. "
        "Step 4: the delay must be 0 to 260 business days. "
        "Step 4: its text is gone; choose another one."
    )
    assert steps(made) == good
    with pytest.raises(ValueError, match="at least one step"):
        sequences.save_steps(made, [], user)
    with pytest.raises(ValueError, match="at most 20"):
        sequences.save_steps(made, good[:1] * 21, user)
    sequences.save_steps(made, good[:1] * 20, user)


def test_a_later_email_and_a_message_on_linkedin_need_no_subject(made: Sequence, user: User) -> None:
    untitled = TemplateFactory(subject="").pk
    first = steps(made)[0]
    sequences.save_steps(made, [StepData("linkedin", 1, untitled), first, replace(first, template_id=untitled)], user)


def test_to_begin_on_linkedin_is_advised_against_but_allowed(made: Sequence, user: User) -> None:
    linkedin = replace(steps(made)[0], channel="linkedin")
    assert sequences.advice(steps(made)) == sequences.advice([]) == []
    assert sequences.advice([linkedin]) == [sequences.BEGIN_WITH_EMAIL]
    sequences.save_steps(made, [linkedin], user)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [(" ", "Give the sequence a name"), ("x" * 101, "at most 100"), ("Theirs", "There is a sequence named “Theirs”")],
)
def test_a_bad_name_is_refused_for_new_copied_and_renamed_ones(
    made: Sequence, user: User, name: str, sentence: str
) -> None:
    SequenceFactory(name="Theirs")
    count = Sequence.objects.count()
    for attempt in (
        lambda: sequences.create(name, user),
        lambda: sequences.copy(made, name, user),
        lambda: sequences.rename(made, name),
    ):
        with pytest.raises(ValueError, match=sentence):
            attempt()
    assert Sequence.objects.count() == count
    assert (made.name, Sequence.objects.get(pk=made.pk).name) == ("Ours", "Ours")


def test_a_sequence_is_renamed_and_nothing_else_of_it_changes(made: Sequence) -> None:
    Sequence.objects.filter(pk=made.pk).update(paused=True)  # somebody else, meanwhile
    sequences.rename(made, "Ours, too")
    row = Sequence.objects.get(pk=made.pk)
    assert (row.name, row.paused) == ("Ours, too", True)


def test_a_copy_has_the_same_steps_sender_and_days_and_is_off(made: Sequence, user: User) -> None:
    sequences.set_mailbox(made, MailboxFactory())
    sequences.set_weekdays(made, [3, 1, 3])
    copied = Sequence.objects.get(pk=sequences.copy(made, "Ours again", user).pk)
    assert (copied.mailbox, copied.weekdays, copied.active) == (made.mailbox, [1, 3], False)
    assert steps(copied) == steps(made)
    copies = set(Step.objects.filter(version__sequence=copied).values_list("pk", flat=True))
    assert not copies & set(Step.objects.filter(version__sequence=made).values_list("pk", flat=True))


@pytest.mark.parametrize("days", [[7], [-1], ["1"], [1.5]])
def test_days_that_are_none_are_refused(made: Sequence, days: list[Any]) -> None:
    with pytest.raises(ValueError, match="to 6"):
        sequences.set_weekdays(made, days)
    sequences.set_weekdays(made, [])


def test_a_sequence_that_was_made_in_the_admin_gets_its_first_version(db: None) -> None:
    bare = SequenceFactory()
    assert sequences.current(bare).number == 1
    assert sequences.current(bare) == SequenceVersion.objects.get(sequence=bare)


@pytest.mark.django_db(transaction=True)
def test_enrolling_and_editing_at_once_leave_nobody_with_steps_that_are_gone(user: User) -> None:
    template = TemplateFactory()
    sequence = sequences.create("Ours", user)
    contacts = [AddressFactory().contact for _ in range(4)]
    sequences.save_steps(sequence, [StepData("email", 1, template.pk)], user)

    def work(index: int) -> None:
        if index % 2:
            with transaction.atomic():
                enrolments.enrol(contacts[index // 2], user=user, sequence=sequence)
        else:
            sequences.save_steps(sequence, [StepData("email", 1 + index, template.pk)] * (index + 1), user)

    race(8, work)
    assert Enrolment.objects.count() == 4
    for enrolment in Enrolment.objects.all():
        planned = set(Message.objects.filter(enrolment=enrolment).values_list("step_id", flat=True))
        assert planned == set(enrolment.version.steps.values_list("pk", flat=True))
    numbers = list(sequence.versions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
