"""Which providers are asked."""

import pytest

from enrichment.emails.providers import registry
from enrichment.emails.providers.registry import Access

EVERYTHING = {name: Access("key", "id", "secret", "http://127.0.0.1:9") for name in registry.NAMES}


def names(wanted: list[str], access: dict[str, Access]) -> list[str]:
    return [provider.name for provider in registry.providers(wanted, access)]


def test_providers_come_in_the_order_named_and_once() -> None:
    assert names(["snov", "clearbit", " Hunter ", "snov", ""], EVERYTHING) == ["snov", "clearbit", "hunter"]


def test_without_names_those_configured_are_asked_but_not_clearbit() -> None:
    assert names([], EVERYTHING) == ["hunter", "snov", "reacher"]
    assert names([], {"hunter": Access(api_key="key"), "snov": Access(client_id="id")}) == ["hunter"]
    assert names([], {"reacher": Access(api_key="key")}) == []
    assert names([], {}) == []


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"There is no provider apollo\. Known are: hunter, snov, reacher, clearbit"):
        registry.providers(["hunter", "apollo"], EVERYTHING)


def test_one_that_is_named_without_what_it_needs_is_refused_with_the_variables_to_set() -> None:
    with pytest.raises(ValueError, match=r"needs SNOV_CLIENT_ID and SNOV_CLIENT_SECRET and REACHER_BASE_URL: set"):
        registry.providers(["snov", "reacher"], {"reacher": Access(api_key="key")})
    with pytest.raises(ValueError, match=r"needs CLEARBIT_API_KEY and HUNTER_API_KEY"):
        registry.providers(["clearbit", "hunter"], {})


def test_no_secret_is_shown() -> None:
    assert "hush" not in repr(Access("hush", "hush", "hush"))
