"""Rules of countries changed by an admin: what may be, what counts then, and that the trail keeps it."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from core.models import AuditEntry
from crm import region_rules, regions
from crm.models import RegionRule
from crm.regions import Action

pytestmark = pytest.mark.django_db
LAW = {"source_law": "Act 1", "source_url": "https://law.example/act", "evidence": "regulator_or_statute"}
OPEN = {**LAW, "policy": "allowed_opt_out", "default_action": "allow", "confidence": "high"}


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss")


def test_a_changed_rule_counts_at_once_and_the_files_again_after_a_reset(boss, django_assert_num_queries) -> None:
    assert regions.decide("DE", origin="published", relevant=True).action == Action.BLOCK
    row = region_rules.save("de", {**OPEN, "generated_address": "yes"}, "The law changed.", boss)
    assert (row.pk, row.changed_by, row.checked_on) == ("DE", boss, regions.REGIONS["DE"].checked_on)
    with django_assert_num_queries(1):
        assert regions.policy("DE").source_law == "Act 1"
        assert regions.decide("DE", origin="published", relevant=True).action == Action.ALLOW
    assert region_rules.reset("DE", boss)
    assert not region_rules.reset("DE", boss)
    assert regions.policy("DE") == regions.REGIONS["DE"]
    told = [row.facts for row in AuditEntry.objects.filter(action="region_rule.changed").order_by("at", "id")]
    assert [one["reason"] for one in told] == ["The law changed.", "reset"]
    assert told[0]["before"]["policy"] == "needs_consent"
    assert told[0]["after"]["policy"] == "allowed_opt_out"


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({**OPEN, "source_url": ""}, "Known.", "source_url"),
        ({**OPEN, "source_law": ""}, "Known.", "source_law"),
        (OPEN, " ", "reason"),
        ({**OPEN, "confidence": "low"}, "Known.", "confidence"),
        ({**OPEN, "evidence": "unchecked"}, "Known.", "confidence"),
        ({"default_action": "allow"}, "Known.", "default_action"),
        ({"policy": "whatever"}, "Known.", "policy"),
        ({"checked_on": date(2999, 1, 1)}, "Known.", "checked_on"),
        ({"source_url": "javascript:alert(1)"}, "Known.", "source_url"),
        ({"optout_deadline_days": 1000}, "Known.", "optout_deadline_days"),
        ({"conditions": " "}, "Known.", "conditions"),
        ({"country": "Elsewhere"}, "Known.", "country"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_written(boss, changes, reason, field) -> None:
    with pytest.raises(region_rules.Invalid) as caught:
        region_rules.save("DE", changes, reason, boss)
    assert caught.value.errors[field].endswith(".")
    assert not RegionRule.objects.exists()
    assert not AuditEntry.objects.filter(action="region_rule.changed").exists()


def test_a_stricter_rule_needs_no_other_source_and_a_new_country_begins_with_that_for_others(boss) -> None:
    stricter = {"policy": "needs_consent", "default_action": "block"}
    region_rules.save("US", stricter, "We ask first.", boss)
    assert regions.policy("US").default_action == Action.BLOCK
    assert region_rules.save("AQ", stricter, "We ask first.", boss).conditions == regions.REGIONS["ZZ"].conditions
    assert regions.policy("AQ").country == "Antarctica"
    assert "AQ" in regions.known()
    region_rules.save("ZZ", stricter, "We ask first.", boss)
    assert regions.policy("BV").default_action == Action.BLOCK
    with pytest.raises(region_rules.Invalid):
        region_rules.save("XX", stricter, "We ask first.", boss)


def test_the_table_points_out_what_is_old_and_what_differs(boss) -> None:
    checked = timezone.localdate() - timedelta(days=366)
    region_rules.save("FR", {"checked_on": checked, "label_required": "AD"}, "Looked at again.", boss)
    rows = {row.code: row for row in region_rules.table()}
    assert (rows["FR"].old, rows["FR"].differing) == (True, ["label_required", "checked_on"])
    assert list(rows)[-1] == "ZZ"
    assert region_rules.row_of("xx") is None
