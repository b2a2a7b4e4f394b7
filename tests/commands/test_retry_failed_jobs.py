"""`manage.py retry_failed_jobs`."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from enrichment.models import EnrichmentJob
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db

UNKNOWN = "00000000-0000-7000-8000-000000000000"


def states() -> list[str]:
    return list(EnrichmentJob.objects.order_by("created_at", "pk").values_list("status", flat=True))


def test_every_failed_job_starts_again_and_the_others_are_left_alone(capsys) -> None:
    for status in ("failed", "completed", "failed", "pending", "cancelled"):
        JobFactory(status=status, retry_count=3)
    call_command("retry_failed_jobs")
    assert capsys.readouterr().out == "2 jobs started again.\n"
    assert states() == ["retrying", "completed", "retrying", "pending", "cancelled"]


def test_no_limits_apply(settings) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 1
    ada = User.objects.create_user("ada")
    for _ in range(3):
        JobFactory(status="failed", created_by=ada)
    call_command("retry_failed_jobs")
    assert states() == ["retrying"] * 3


def test_those_named_start_and_the_rest_is_told_with_exit_code_1(capsys) -> None:
    good, running = JobFactory(status="failed"), JobFactory(status="processing")
    JobFactory(status="failed")
    with pytest.raises(CommandError) as caught:
        call_command("retry_failed_jobs", UNKNOWN, "odd", str(running.pk), str(good.pk), str(good.pk), json=True)
    assert caught.value.returncode == 1
    result = json.loads(capsys.readouterr().out)
    assert (result["retried"], result["skipped"], set(result["errors"])) == (1, {}, {UNKNOWN, "odd", str(running.pk)})
    assert "processing" in result["errors"][str(running.pk)]
    assert states() == ["retrying", "processing", "failed"]


def test_a_restricted_region_is_skipped_and_told(capsys, settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    german = JobFactory(status="failed", region_code="DE")
    JobFactory(status="failed", region_code="FR")
    call_command("retry_failed_jobs")
    assert capsys.readouterr().out == (
        f"1 job started again.\n{german.pk} skipped: Enrichment restricted in region: DE.\n"
    )
    assert states() == ["failed", "retrying"]


def test_nothing_to_do_says_so(capsys) -> None:
    call_command("retry_failed_jobs")
    assert capsys.readouterr().out == "0 jobs started again.\n"
