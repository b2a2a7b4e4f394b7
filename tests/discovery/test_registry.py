import pytest

from enrichment.discovery import registry


def test_sources_come_in_the_order_named_and_once() -> None:
    assert [source.name for source in registry.sources(["website", " Website ", ""])] == ["website"]


def test_each_known_name_has_its_source() -> None:
    assert [source.name for source in registry.sources(registry.NAMES)] == list(registry.NAMES)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"There is no source yellow_pages\. Known are: website"):
        registry.sources(["website", "yellow_pages"])
