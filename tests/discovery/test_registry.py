"""Which sources run."""

import pytest

from enrichment.discovery import registry
from enrichment.discovery.registry import Access, Configuration

KEYED = {"brave", "serpapi", "google_pse", "linkedin", "companies_house", "searxng"}
EVERYTHING = Configuration(
    "tests/1.0 (ops@example.com)",
    {name: Access("key", "http://127.0.0.1:9", "engine") for name in registry.NAMES},
)


def names(wanted: list[str], configuration: Configuration | None = None) -> list[str]:
    return [source.name for source in registry.sources(wanted, configuration)]


def test_sources_come_in_the_order_named_and_once() -> None:
    assert names(["wikidata", "website", " Website ", ""]) == ["wikidata", "website"]


def test_each_known_name_has_its_source() -> None:
    assert names(list(registry.NAMES), EVERYTHING) == list(registry.NAMES)


def test_without_names_the_website_and_all_that_need_no_key_run() -> None:
    assert set(names([])) == set(registry.NAMES) - KEYED
    assert names([])[0] == "website"


def test_a_source_whose_key_is_set_runs_too() -> None:
    assert "brave" in names([], Configuration(services={"brave": Access(api_key="key")}))
    assert "searxng" in names([], Configuration(services={"searxng": Access(base_url="http://127.0.0.1:9")}))
    assert "google_pse" not in names([], Configuration(services={"google_pse": Access(api_key="key")}))


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"There is no source yellow_pages\. Known are: website"):
        registry.sources(["website", "yellow_pages"])


def test_a_source_that_is_named_without_its_key_is_refused_with_the_variables_to_set() -> None:
    with pytest.raises(ValueError, match=r"needs BRAVE_API_KEY and GOOGLE_PSE_API_KEY and GOOGLE_PSE_ENGINE_ID"):
        registry.sources(["brave", "google_pse"])


def test_givers_and_readers_of_the_brands_own_site_are_sources() -> None:
    assert {*registry.GIVERS, *registry.OWN_SITE} <= set(registry.NAMES)


def whys(wanted: list[str], configuration: Configuration) -> dict[str, str]:
    return {standing.name: standing.why for standing in registry.standings(wanted, configuration)}


def test_every_source_says_what_it_is_and_those_that_run_have_no_reason_not_to() -> None:
    standings = registry.standings([], EVERYTHING)
    assert [standing.name for standing in standings] == list(registry.NAMES)
    assert all(standing.title and standing.what and standing.runs for standing in standings)


@pytest.mark.parametrize(
    ("name", "wanted", "configuration", "why"),
    [
        ("google_pse", [], Configuration(), "Set GOOGLE_PSE_API_KEY and GOOGLE_PSE_ENGINE_ID to ask it."),
        ("wikidata", ["website"], EVERYTHING, "Switched off: add wikidata to ENRICHMENT_SOURCES to ask it."),
        (
            "brave",
            ["website"],
            Configuration(),
            "add brave to ENRICHMENT_SOURCES to ask it. It needs BRAVE_API_KEY too",
        ),
        ("sec_edgar", [], Configuration("tests/1.0 (https://tests.example)"), "into ENRICHMENT_USER_AGENT."),
        ("wikidata", [], Configuration("tests/1.0"), "into ENRICHMENT_USER_AGENT."),
        ("wikidata", [], Configuration("tests/1.0 (https://tests.example)"), None),
        ("wikidata", [], Configuration("tests/1.0", {"wikidata": Access(base_url="http://127.0.0.1:9")}), None),
    ],
)
def test_a_source_that_does_not_run_says_why(
    name: str, wanted: list[str], configuration: Configuration, why: str | None
) -> None:
    said = whys(wanted, configuration)[name]
    assert said == "" if why is None else why in said


def test_what_is_said_to_run_is_what_runs() -> None:
    configuration = Configuration("tests/1.0 (ops@example.com)")
    assert [name for name, why in whys([], configuration).items() if not why] == names([], configuration)
