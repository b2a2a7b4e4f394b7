"""A country's rules that stand in a message's way are counted once, however often it is judged."""

import pytest

from core import counts
from crm.models import Contact
from outreach import judging
from outreach.models import Message
from tests.outreach import ready

pytestmark = pytest.mark.django_db


def test_a_message_is_counted_once_as_stopped_or_as_warned_of(django_capture_on_commit_callbacks) -> None:
    ready.message()
    for region, rules_apply in [("DE", True), ("DE", True), ("US", True), ("DE", True)]:
        Contact.objects.update(region_code=region, region_rules_apply=rules_apply)
        with django_capture_on_commit_callbacks(execute=True):
            judging.rejudge()
    assert counts.totals(counts.REGION_BLOCKED) == {"DE": 1}
    other = ready.message()
    Contact.objects.filter(enrolments=other.enrolment).update(region_code="AT", region_rules_apply=False)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            judging.rejudge()
    assert counts.totals(counts.REGION_WARNED) == {"AT": 1}
    assert counts.totals(counts.REGION_BLOCKED) == {"DE": 1}
    assert Message.objects.get(pk=other.pk).state == "planned"
