"""The sequence of a new installation, as its migration makes it."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from outreach import default_sequence, rendering
from outreach.composing import compose
from outreach.models import Sequence, Step, Template
from tests.outreach.factories import EnrolmentFactory, MessageFactory

ADA = {"first_name": "Ada", "company": "Acme", "job_title": "CTO", "sender_name": "Grace", "source": "acme.example"}
LONG = ADA | {"first_name": "Maximiliane", "company": "Acme Example Industries", "sender_name": "Bartholomew Example"}


def test_four_weeks_of_three_emails_and_a_linkedin_message(sequence: Sequence) -> None:
    steps = sequence.versions.get().steps.values_list("position", "channel", "delay_days")
    assert list(steps) == [(1, "email", 1), (2, "email", 5), (3, "linkedin", 5), (4, "email", 5)]
    assert sequence.active


@pytest.mark.parametrize("step", default_sequence.STEPS, ids=lambda step: step[2])
def test_every_text_reads_complete_with_and_without_what_is_known(step: tuple[str, int, str, str, str]) -> None:
    channel, _, _, subject, body = step
    for text in (subject, body):
        assert rendering.problems(text) == []
        for known in (ADA, {"sender_name": "Grace"}):
            rendered = rendering.render(text, known)
            assert not set(rendered) & set("{}[]|")
            assert "  " not in rendered
    assert bool(subject) == (channel == "email")


def test_every_email_says_where_the_person_was_found_and_how_to_object(sequence: Sequence) -> None:
    enrolment = EnrolmentFactory(version=sequence.versions.get())
    for step in enrolment.version.steps.all():
        composed = compose(MessageFactory(enrolment=enrolment, step=step), enrolment.mailbox)
        assert not composed.problem
        if step.channel == "email":
            assert "Source of your contact details: https://www.acme.example/team." in composed.text
            assert "You have the right to object to this use of your data at any time." in composed.text
        else:
            assert "I will not write again" in composed.text


def test_the_linkedin_text_is_short_and_stays_so_with_long_names() -> None:
    (text,) = [body for channel, *_, body in default_sequence.STEPS if channel == "linkedin"]
    assert len(text) < 300
    assert len(rendering.render(text, LONG)) < 300


def test_an_installation_with_a_sequence_is_left_alone(db: None) -> None:
    Sequence.objects.all().delete()
    Template.objects.all().delete()
    Sequence.objects.create(name="Ours", active=False)
    default_sequence.create()
    assert [str(sequence) for sequence in Sequence.objects.all()] == ["Ours"]
    assert not Template.objects.exists()


def test_a_text_that_an_admin_edited_is_used_again(db: None) -> None:
    Sequence.objects.all().delete()
    Template.objects.all().delete()
    Template.objects.create(name="Week 1: introduction", subject="Ours", body="Ours")
    default_sequence.create()
    assert Step.objects.get(position=1).template.subject == "Ours"


@pytest.mark.django_db(transaction=True)
def test_the_migration_makes_it_and_undoing_the_migration_keeps_it() -> None:
    Sequence.objects.all().delete()
    Template.objects.all().delete()

    def migrate(name: str) -> None:
        MigrationExecutor(connection).migrate([("outreach", name)])

    try:
        migrate("0001_initial")
        assert not Sequence.objects.exists()
        migrate("0002_default_sequence")
        assert Step.objects.count() == len(default_sequence.STEPS)
        migrate("0001_initial")
        assert Step.objects.count() == len(default_sequence.STEPS)
    finally:
        everything = MigrationExecutor(connection)  # apps above depend on this one, and were undone with it
        everything.migrate(everything.loader.graph.leaf_nodes())
    assert apps.get_model("outreach", "Sequence").objects.count() == 1
