"""`manage.py requeue_stuck_jobs`, with a worker to hear it and without a broker."""

import json
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from enrichment import jobs
from tests.factories import JobFactory
from tests.kit.processes import Worker


def test_a_job_whose_message_was_lost_runs_after_all(worker: Worker, capsys) -> None:
    job = JobFactory(woken_at=timezone.now() - timedelta(seconds=1))
    call_command("requeue_stuck_jobs", json=True)
    assert json.loads(capsys.readouterr().out) == {"requeued": 1, "unannounced": 0}
    deadline = time.monotonic() + 30
    while job.status not in jobs.ENDED:
        assert time.monotonic() < deadline, worker.log.read_text()
        time.sleep(0.05)
        job.refresh_from_db()
    assert job.status == "completed"


@pytest.mark.django_db
def test_nothing_to_do_says_so(capsys) -> None:
    call_command("requeue_stuck_jobs")
    assert capsys.readouterr().out == "0 jobs woken.\n"


@pytest.mark.django_db
def test_without_a_broker_it_fails_and_says_what_to_do(monkeypatch, capsys) -> None:
    JobFactory()
    monkeypatch.setattr(jobs, "wake", lambda _job_id: False)
    with pytest.raises(CommandError, match="Redis does not answer"):
        call_command("requeue_stuck_jobs")
    assert capsys.readouterr().out == "0 jobs woken.\n"
