"""The editors of sequences, templates and variants."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from outreach import sequences
from outreach.models import Message, Sequence, Template
from tests.outreach.factories import AddressFactory, EnrolmentFactory, TemplateFactory

from .asking import get, post
from .conftest import World

pytestmark = pytest.mark.django_db


def form_of(sequence: Sequence, **changes: Any) -> dict[str, Any]:
    """Return what a browser posts for a sequence as it stands."""
    data: dict[str, Any] = {"name": sequence.name, "active": "on", "steps-INITIAL_FORMS": 0}
    rows = sequences.steps_of(sequences.current(sequence))
    for index, row in enumerate(rows):
        for name, value in (("channel", row.channel), ("delay_days", row.delay_days), ("template", row.template_id)):
            data[f"steps-{index}-{name}"] = value
    return data | {"steps-TOTAL_FORMS": len(rows)} | changes


def test_a_sequence_is_made_gets_steps_and_is_switched_on(staff: Client) -> None:
    text = TemplateFactory()
    assert "Add its steps" in post(staff, "sequence-new", name="Spring")
    made = Sequence.objects.get(name="Spring")
    row = {"steps-0-channel": "email", "steps-0-delay_days": 1, "steps-0-template": text.pk}
    page = post(staff, "sequence", made.pk, **form_of(made, **row) | {"steps-TOTAL_FORMS": 1}, weekdays=["0", "2"])
    assert "Saved." in page
    made.refresh_from_db()
    assert made.active
    assert made.weekdays == [0, 2]
    assert [step.template for step in sequences.current(made).steps.all()] == [text]


def test_moving_adding_and_removing_steps_writes_nothing_until_it_is_saved(staff: Client, sequence: Sequence) -> None:
    before = sequences.steps_of(sequences.current(sequence))
    for do, count in (("down-0", 4), ("add", 5), ("remove-1", 3), ("up-0", 4), ("remove-99", 4), ("nonsense", 4)):
        page = post(staff, "sequence", sequence.pk, **form_of(sequence, do=do))
        assert page.count("<legend>Step") == count
    page = post(staff, "sequence", sequence.pk, **form_of(sequence, do="down-0", **{"steps-0-delay_days": 77}))
    assert page.index('value="5"') < page.index('value="77"')
    assert sequences.steps_of(sequences.current(sequence)) == before


def test_other_steps_of_a_sequence_with_people_in_it_become_a_new_version(staff: Client, sequence: Sequence) -> None:
    EnrolmentFactory(version=sequences.current(sequence))
    assert "Saving other steps makes version 2" in get(staff, "sequence", sequence.pk)
    page = post(staff, "sequence", sequence.pk, **form_of(sequence, **{"steps-1-delay_days": 9}))
    assert "Saved as version 2" in page
    assert sequence.versions.count() == 2
    assert "Saved." in post(staff, "sequence", sequence.pk, **form_of(sequence))
    assert sequence.versions.count() == 2


def test_mistakes_in_a_sequence_are_shown_and_nothing_typed_is_lost(staff: Client, sequence: Sequence) -> None:
    bad = {"steps-1-delay_days": 999, "name": "Typed name"}
    page = post(staff, "sequence", sequence.pk, **form_of(sequence, **bad))
    assert "less than or equal to 260" in page
    assert 'value="Typed name"' in page
    taken = Sequence.objects.create(name="Taken")
    page = post(staff, "sequence", sequence.pk, **form_of(sequence, name=taken.name))
    assert "There is a sequence named “Taken” already" in page
    assert sequence.versions.count() == 1
    no_subject = TemplateFactory(subject="")
    page = post(staff, "sequence", sequence.pk, **form_of(sequence, **{"steps-0-template": no_subject.pk}))
    assert "the first e-mail needs a subject" in page


def test_a_sequence_is_paused_resumed_copied_and_stopped(staff: Client, world: World) -> None:
    sequence = world.enrolment.sequence
    assert "nothing of it goes out" in post(staff, "sequence-change", sequence.pk, "pause")
    sequence.refresh_from_db()
    assert sequence.paused
    assert "goes on" in post(staff, "sequence-change", sequence.pk, "resume")
    assert "has the same steps" in post(staff, "sequence-copy", sequence.pk)
    assert "1 enrolment stopped" in post(staff, "sequence-change", sequence.pk, "stop")
    world.held.refresh_from_db()
    assert world.held.state == Message.State.CANCELLED
    assert staff.post(reverse("outreach:sequence-change", args=[sequence.pk, "burn"])).status_code == 404
    assert staff.get(reverse("outreach:sequence-change", args=[sequence.pk, "stop"])).status_code == 405


def test_a_template_is_previewed_for_a_contact_without_being_saved(staff: Client, world: World) -> None:
    other = AddressFactory(contact__first_name="Zoë").contact
    EnrolmentFactory(address=other.addresses.get())
    data = {"name": "New", "subject": "S", "body": "Hello {{ first_name }}!", "do": "preview", "contact": other.pk}
    assert "Hello Zoë!" in post(staff, "template-new", **data)
    assert not Template.objects.filter(name="New").exists()
    page = post(staff, "template-new", **data | {"body": "Hello {{ nobody }}"})
    assert "There is no variable “nobody”" in page
    assert "Hello {{ nobody }}" in page
    post(staff, "template-new", **data | {"do": "save"})
    assert Template.objects.get(name="New").body == "Hello {{ first_name }}!"


def test_a_variant_begins_as_its_template_and_has_a_name_of_its_own(staff: Client, world: World) -> None:
    template = world.step.template
    assert "A question for {{ company }}." in get(staff, "variant-new", template.pk)
    data = {"name": "Shorter", "subject": "Hi", "body": "Short.", "do": "save"}
    assert "has a variant of this name already" in post(staff, "variant-new", template.pk, **data)
    post(staff, "variant-new", template.pk, **data | {"name": "Other"})
    assert template.variants.get(name="Other").body == "Short."


def test_a_sender_with_another_domain_has_to_be_checked_again(staff: Client, world: World) -> None:
    mailbox = world.mailbox
    assert mailbox.preflight
    form = {"sender_name": "Grace", "daily_cap": 50, "active": "on", "address": mailbox.address}
    post(staff, "sender", mailbox.pk, **form)
    mailbox.refresh_from_db()
    assert mailbox.preflight
    post(staff, "sender", mailbox.pk, **form | {"address": "grace@other.example"})
    mailbox.refresh_from_db()
    assert (mailbox.address, mailbox.preflight) == ("grace@other.example", {})
