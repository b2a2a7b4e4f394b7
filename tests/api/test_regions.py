"""GET regions: the policy of a country, explained."""

import pytest

from core.models import AuditEntry
from crm import region_rules

REGIONS = "/api/enrichment/regions"


def test_a_country_is_explained(api) -> None:
    body = api.get(f"{REGIONS}/de").json()
    assert body["success"] is True
    assert (body["region"]["code"], body["region"]["policy"], body["region"]["action"]) == (
        "DE",
        "needs_consent",
        "block",
    )
    assert "Germany" in body["region"]["explanation"]
    assert "not legal advice" in body["region"]["explanation"].lower()
    assert api.get(f"{REGIONS}/UK").json()["region"]["country"] == "United Kingdom"


def test_a_country_not_looked_at_gets_the_cautious_answer(api) -> None:
    assert api.get(f"{REGIONS}/AQ").json()["region"]["action"] == "hold"


def test_the_list_has_every_country_and_the_others(api) -> None:
    regions = api.get(REGIONS).json()["regions"]
    assert len(regions) == 67 - 1
    assert {"DE", "US", "ZZ"} <= {region["code"] for region in regions}


def test_where_discovery_is_refused_it_says_so(api, settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["uk"]
    assert api.get(f"{REGIONS}/GB").json()["region"]["discoveryAllowed"] is False
    assert api.get(f"{REGIONS}/DE").json()["region"]["discoveryAllowed"] is True


@pytest.mark.parametrize("odd", ["XX", "Germany", "D", "%00"])
def test_what_is_no_country_is_404(api, odd) -> None:
    assert api.get(f"{REGIONS}/{odd}").status_code == 404


def test_a_changed_rule_says_who_changed_it_when_and_why(api, admin) -> None:
    unchanged = api.get(f"{REGIONS}/US").json()["region"]
    assert (unchanged["changedAt"], unchanged["changedBy"], unchanged["reason"]) == (None, None, None)
    region_rules.save("US", {"policy": "needs_consent", "default_action": "block"}, "We ask first.", admin)
    changed = api.get(f"{REGIONS}/US").json()["region"]
    assert changed["changedAt"] is not None
    assert (changed["action"], changed["changedBy"], changed["reason"]) == ("block", "boss", "We ask first.")
    assert changed in api.get(REGIONS).json()["regions"]


def test_rules_that_only_warn_are_an_admins_to_choose(api, admin) -> None:
    body = {"brandName": "Acme", "complianceMode": False}
    refused = api.post("/api/enrichment/discover", body, format="json")
    assert (refused.status_code, refused.json()["error"]) == (403, "admins_only")
    admin.is_superuser = True
    admin.save()
    job = api.post("/api/enrichment/discover", body, format="json").json()["job"]
    assert job["complianceMode"] is False
    assert AuditEntry.objects.get(action="job.created").facts["compliance_mode"] is False
