"""Whoever enrols may choose other texts for the steps than the steps' own."""

import pytest
from django.contrib.auth.models import User

from outreach import choosing, enrolments, experiments, texts
from outreach.models import Mailbox, Message, Sequence, Template, Variant
from tests.outreach.factories import AddressFactory, StepFactory, TemplateFactory

pytestmark = pytest.mark.django_db


def enrolled(sequence: Sequence, user: User, **templates: Template) -> list[Message]:
    """Return the messages of a contact newly enrolled, with templates by their steps' positions (`step1=…`)."""
    chosen = {int(name.removeprefix("step")): row.pk for name, row in templates.items()}
    contact = AddressFactory().contact
    enrolment = enrolments.enrol(contact, user=user, sequence=sequence, templates=chosen)
    return list(enrolment.messages.select_related("step__template").order_by("step__position"))


def test_the_chosen_text_is_what_is_planned_judged_and_read(sequence: Sequence, sender: Mailbox, user: User) -> None:
    short = TemplateFactory(subject="In short", body="In short, {{ first_name }}.")
    broken = TemplateFactory(subject="Broken", body="{{ first_name")
    first, second, *others = enrolled(sequence, user, step1=short, step2=broken)
    assert (first.template, first.state) == (short, "planned")
    assert (second.template, second.state) == (broken, "held")
    assert {message.template for message in others} == {None}
    contact = first.enrolment.contact
    read = enrolments.plan([contact.pk])[contact.pk]
    assert (read[0].subject, read[0].body) == ("In short", f"In short, {contact.first_name}.")
    assert read[2].body == texts.write(others[0].step, texts.values(contact, user, sender)).body


def test_the_steps_own_text_is_no_choice(sequence: Sequence, sender: Mailbox, user: User) -> None:
    own = Template.objects.get(steps__position=1)
    assert enrolled(sequence, user, step1=own)[0].template is None


def test_a_variant_of_an_experiment_gives_way_to_a_chosen_text(sequence: Sequence, sender: Mailbox, user: User) -> None:
    short = TemplateFactory(body="In short.")
    plain, chosen = enrolled(sequence, user)[0], enrolled(sequence, user, step1=short)[0]
    template = plain.step.template
    variant = Variant.objects.create(template=template, name="B", subject="B", body="B.")
    experiment = experiments.Experiment(template=template, variant=variant)
    for message in (plain, chosen):
        message.experiment, message.arm = experiment, "B"
    assert (texts.wording(plain), texts.wording(chosen)) == (variant, short)
    experiment.name, experiment.planned_per_arm, experiment.state = "A or B", 20, "running"
    experiment.save()
    for message in (plain, chosen):
        experiments.assign(message)
    assert (plain.experiment, chosen.experiment, chosen.arm) == (experiment, None, "")


def test_a_step_can_be_written_from_what_suits_its_channel() -> None:
    first = StepFactory(position=1)
    version = first.version
    by_hand = StepFactory(version=version, position=2, channel="linkedin")
    follow_up = StepFactory(version=version, position=3, template=TemplateFactory(subject=""))
    unused, bare = TemplateFactory(), TemplateFactory(subject="")
    own = {first.template, by_hand.template, follow_up.template, unused, bare}
    fit = choosing.alternatives(version.steps.order_by("position"))
    assert own & set(fit[1]) == {first.template, unused}, "the first e-mail needs a subject"
    assert own & set(fit[2]) == {by_hand.template, unused, bare}
    assert own & set(fit[3]) == {first.template, follow_up.template, unused, bare}


def test_a_sequence_is_open_with_texts_that_suit_its_steps_only(sequence: Sequence) -> None:
    own = {step.position: step.template_id for step in sequence.versions.get().steps.all()}
    assert choosing.open_sequence(sequence.pk, own) == sequence
    for templates in ({1: own[3]}, {9: own[1]}):
        with pytest.raises(enrolments.NoSequence, match="choose the texts again"):
            choosing.open_sequence(sequence.pk, templates)
    Sequence.objects.update(active=False)
    with pytest.raises(enrolments.NoSequence, match="switched off"):
        choosing.open_sequence(sequence.pk)
