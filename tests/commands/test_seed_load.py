"""`manage.py seed_load`: synthetic contacts, and their removal."""

import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm.models import Brand
from enrichment.emails import scoring
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob, JobContact
from enrichment.retention import purge
from tests.factories import ContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db


def test_it_writes_what_a_discovery_would_have_written(capsys) -> None:
    call_command("seed_load", 60, json=True)
    counts = json.loads(capsys.readouterr().out)
    assert counts == counts | {"brands": 3, "jobs": 3, "contacts": 60, "addresses": ContactEmail.objects.count()}
    assert counts["seconds"] >= 0
    assert EnrichedContact.objects.count() == JobContact.objects.count() == 60
    assert 120 <= ContactEmail.objects.count() <= 180
    assert sorted(Brand.objects.values_list("name", "domain")) == [(f"Load {n}", f"load{n}.example") for n in (1, 2, 3)]
    for contact in EnrichedContact.objects.prefetch_related("emails"):
        assert contact.created_at < timezone.now()
        assert contact.evidence[0]["value"] == str(contact)
        assert contact.jobs.get().brand_id == contact.linked_brand_id
        for email in contact.emails.all():
            assert re.fullmatch(r"[a-z.]+@load\d\.example", email.email)
            assert sum(row["points"] for row in email.score_breakdown) == email.verification_score
            assert email.verification_status == scoring.status(email.verification_score)
            assert 0 < email.probability < 1


def test_a_second_run_adds_more_and_the_purge_leaves_them(capsys) -> None:
    for number in (30, 1):
        call_command("seed_load", number)
    out = capsys.readouterr().out
    assert re.search(r"^30 contacts with \d+ addresses, at 2 brands with 2 jobs, written in [\d.]+ s\.$", out, re.M)
    assert set(Brand.objects.values_list("name", flat=True)) == {"Load 1", "Load 2", "Load 3"}
    purge()
    assert EnrichedContact.objects.count() == 31


def test_remove_takes_away_its_own_rows_and_no_others(capsys) -> None:
    kept = EmailFactory(enriched_contact=ContactFactory(linked_brand__name="Load Industries"))
    JobContact.objects.create(job=JobFactory(), contact=kept.enriched_contact)
    call_command("seed_load", 30)
    capsys.readouterr()
    call_command("seed_load", remove=True, json=True)
    counts = json.loads(capsys.readouterr().out)
    assert counts == counts | {"brands": 2, "jobs": 2, "contacts": 30}
    assert counts["addresses"] >= 60
    assert ContactEmail.objects.get() == kept
    assert EnrichedContact.objects.count() == EnrichmentJob.objects.count() == JobContact.objects.count() == 1
    call_command("seed_load", remove=True)
    assert capsys.readouterr().out.startswith("0 contacts ")


@pytest.mark.parametrize("options", [{}, {"contacts": 0}, {"contacts": -1}, {"contacts": 5, "remove": True}])
def test_a_number_below_one_or_none_at_all_is_bad_usage(options) -> None:
    with pytest.raises(CommandError, match="1 or more") as error:
        call_command("seed_load", **options)
    assert error.value.returncode == 2
    assert not Brand.objects.exists()
