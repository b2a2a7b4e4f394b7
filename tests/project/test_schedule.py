"""What the scheduler calls exists, and does its work."""

import pytest
from celery import current_app
from django.conf import settings

from crm import suppression
from outreach import enrolments, tasks
from outreach.models import Enrolment, Sequence
from tests.outreach.factories import AddressFactory, StepFactory


@pytest.mark.django_db  # the check of the keys asks it
def test_every_scheduled_task_is_one_that_the_workers_know() -> None:
    current_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled <= set(current_app.tasks)


@pytest.mark.django_db
def test_what_is_planned_for_somebody_suppressed_in_the_admin_is_stopped_by_the_schedule(django_user_model) -> None:
    Sequence.objects.all().delete()
    StepFactory()
    address = AddressFactory()
    enrolments.enrol(address.contact, user=django_user_model.objects.create_user("boss"))
    suppression.add([address.email], "objection")
    tasks.stop_suppressed()
    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.messages.get().state) == ("stopped", "cancelled")
