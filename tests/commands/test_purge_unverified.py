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
    assert json.loads(capsys.readouterr().out) == {
        "dryRun": dry_run,
        "purged": {"unverified": 1, "notTold": 1},
        "brands": 1,
        "oldest": day.isoformat(),
        "usageEntries": 0,
        "idempotencyKeys": 0,
        "keptAnswers": 0,
        "addressChecks": 0,
        "jobItems": 0,
        "jobProgress": 0,
        "providerUsage": 0,
    }


def test_nothing_to_do_is_no_error(capsys) -> None:
    call_command("purge_unverified")
    capsys.readouterr()
    call_command("purge_unverified", json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["purged"], printed["oldest"]) == ({"unverified": 0, "notTold": 0}, None)
