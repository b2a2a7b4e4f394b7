"""`manage.py discover`, as an operator runs it."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, execute_from_command_line

from enrichment import jobs, pipeline
from enrichment.models import EnrichedContact, EnrichmentJob
from tests.kit.company import WEBSITE, company
from tests.kit.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)


def discover(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "discover", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment(**changes)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_runs_the_job_in_its_own_process_and_prints_the_apis_job() -> None:
    with company() as running:
        done = discover("Kestrel", "--website", WEBSITE, "--region", "uk", "--json", **running.settings)
    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout)
    assert (job["status"], job["region"], len(job["contacts"])) == ("completed", "GB", 4)
    assert "[ENRICHMENT JOB] Completed: 4 contacts, 12 emails" in done.stderr, "logs go to stderr"
    assert EnrichedContact.objects.count() == 4


def test_for_people_it_prints_a_table_with_both_numbers() -> None:
    with company() as running:
        done = discover("Kestrel", "--website", WEBSITE, **running.settings)
    assert done.returncode == 0, done.stderr
    marta = next(line for line in done.stdout.splitlines() if "Marta Lindqvist *" in line)
    assert "Chief Executive Officer" in marta
    assert "marta.lindqvist@kestrel.example" in marta
    assert "100" in marta
    assert "95%" in marta
    assert "4 people (* decides), 4 with a usable address." in done.stdout


def test_nobody_found_is_no_failure() -> None:
    done = discover("Kestrel")
    assert done.returncode == 0
    assert "Kestrel: 0 people" in done.stdout
    assert "give its address" in done.stdout


def test_no_wait_leaves_the_job_to_the_workers() -> None:
    done = discover("Kestrel", "--no-wait", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == EnrichmentJob.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "BRAND"),
        (("",), "Give the brand's name"),
        (("Acme", "--website", "ftp://acme.example"), "website cannot be used"),
        (("Acme", "--region", "Atlantis"), "two-letter code"),
        (("Acme", "--linkedin", "https://acme.example"), "company page"),
        (("Acme", "--nonsense"), "--nonsense"),
    ],
)
def test_bad_usage_exits_with_2_and_a_sentence(arguments, sentence, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "discover", *arguments])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told
    assert not EnrichmentJob.objects.exists()


def test_a_restricted_region_is_refused(settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    with pytest.raises(CommandError, match="Enrichment restricted in region: DE"):
        call_command("discover", "Acme", region="DE")


def test_a_job_that_fails_three_times_exits_with_1_and_its_sentence(monkeypatch, settings) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    settings.ENRICHMENT_RETRY_DELAYS = [0, 0]
    monkeypatch.setattr(pipeline, "discover", broken)
    monkeypatch.setattr(jobs, "wake", lambda *_arguments, **_options: True)
    with pytest.raises(CommandError, match="unexpected error") as caught:
        call_command("discover", "Acme")
    assert caught.value.returncode == 1
    assert EnrichmentJob.objects.get().retry_count == 3
