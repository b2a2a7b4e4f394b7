import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from enrichment.models import EnrichedContact
from tests.factories import BrandFactory, ContactFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _contacts() -> None:
    found, brand = timezone.now() - timedelta(days=40), BrandFactory()
    ContactFactory(discovered_at=found, linked_brand=brand)
    ContactFactory(discovered_at=found, linked_brand=brand, verified_at=found)
    ContactFactory(last_name="Young")


def test_a_dry_run_prints_what_would_go_and_changes_nothing(capsys) -> None:
    call_command("purge_unverified", dry_run=True)
    printed = capsys.readouterr().out
    assert printed.startswith("Would delete what nobody approved or linked to the CRM in 30 days:\n")
    assert [line.split()[:2] for line in printed.splitlines()[1:2]] == [["unverified", "1"]]
    assert EnrichedContact.objects.count() == 3


def test_it_deletes_and_says_what(capsys) -> None:
    call_command("purge_unverified")
    assert capsys.readouterr().out.startswith("Deleted what nobody approved")
    assert [contact.last_name for contact in EnrichedContact.objects.all()] == ["Young"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_json(capsys, dry_run) -> None:
    day = EnrichedContact.objects.order_by("discovered_at")[0].discovered_at.date()
    call_command("purge_unverified", json=True, dry_run=dry_run)
    printed = json.loads(capsys.readouterr().out)
    said = {name: printed.pop(name) for name in ("dryRun", "purged", "brands", "oldest", "reasons", "next")}
    assert said["dryRun"] == dry_run
    assert said["purged"] == {"unverified": 1, "notTold": 1, "leftCrm": 0, "neverTold": 0}
    assert (said["brands"], said["oldest"]) == (1, day.isoformat())
    assert [(one["what"], one["number"], one["act"]) for one in said["reasons"]] == [
        ("unverified", 1, "deleted"),
        ("notTold", 1, "deleted"),
    ]
    assert "GDPR" in said["reasons"][1]["reason"]
    upcoming = {one["what"]: one["on"] for one in said["next"]}
    due_on = (day if dry_run else timezone.now().date()) + timedelta(days=30)
    assert upcoming["unverified"] == due_on.isoformat()
    assert ("notTold" in upcoming) == dry_run
    # The names that scripts know, and the kinds that came since.
    assert printed == dict.fromkeys(
        [
            *("usageEntries", "idempotencyKeys", "keptAnswers", "addressChecks", "jobItems", "jobProgress"),
            *("providerUsage", "messages", "events", "notices", "jobs", "decisions", "drafts", "merges"),
            *("lapsedRequests", "requests", "reports"),
        ],
        0,
    )


def test_nothing_to_do_is_no_error(capsys) -> None:
    call_command("purge_unverified")
    capsys.readouterr()
    call_command("purge_unverified", json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (set(printed["purged"].values()), printed["oldest"], printed["reasons"]) == ({0}, None, [])
