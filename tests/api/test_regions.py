"""GET regions: the policy of a country, explained."""

import pytest

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
