"""The queries that are sent to search engines."""

import re

import pytest

from enrichment.discovery.base import Brand
from enrichment.discovery.search_engines.operators import queries
from enrichment.discovery.search_engines.title_words import LANGUAGES, TITLES
from enrichment.discovery.titles import classify


def phrase(brand: Brand) -> str:
    """The brand as the first query has it, without its quotation marks."""
    match = re.match(r'site:linkedin\.com/in "([^"]*)" \(', queries(brand)[0])
    assert match
    return match[1]


def test_a_handful_of_queries_asks_for_profiles_of_deciders() -> None:
    asked = queries(Brand("Acme"))
    assert asked[0].startswith('site:linkedin.com/in "Acme" (CEO OR Founder OR ')
    assert 3 <= len(asked) <= 6
    assert any('"Head of" OR Director' in query for query in asked)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Müller & Söhne GmbH & Co. KG", "Müller & Söhne"),
        ("株式会社アクメ", "アクメ"),
        ('The "Best" Shop', "The Best Shop"),
        ('Acme" OR site:example.com "', "Acme OR site:example.com"),
        ("-acme* (-)", "acme"),
        ("Ac\nme\x00\ud800 \\", "Ac me"),
        ("AG", "AG"),
    ],
)
def test_a_brands_name_is_one_phrase_without_operators(name: str, expected: str) -> None:
    assert phrase(Brand(name)) == expected


@pytest.mark.parametrize("name", ["", "  ", '""', "\ud800", "***", "-"])
def test_without_a_name_nothing_is_asked(name: str) -> None:
    assert queries(Brand(name)) == []


@pytest.mark.parametrize("name", ["Acme", "word " * 300, "x" * 5000, "a-" * 300, "株" * 500, '"' * 500 + "Acme"])
@pytest.mark.parametrize("region", [None, "CH", "FR", "JP"])
def test_queries_keep_to_the_limits_of_the_strictest_engine(name: str, region: str | None) -> None:
    for query in queries(Brand(name, region=region)):
        assert len(query) <= 400
        assert len(re.findall(r"\w+", query)) <= 50
        assert query.count('"') % 2 == 0
        assert query.endswith(")")


@pytest.mark.parametrize(
    ("brand", "word"),
    [
        (Brand("Acme", region="AT"), "Geschäftsführer"),
        (Brand("Acme", domain="acme.de"), "Geschäftsführer"),
        (Brand("Acme", region="FR", domain="acme.de"), '"directeur général"'),
        (Brand("Acme", region="CH"), '"directeur général"'),
        (Brand("Acme", domain="acme.pl"), "prezes"),
        (Brand("Acme", region="jp"), "代表取締役"),
    ],
)
def test_titles_are_asked_for_in_the_language_of_the_region(brand: Brand, word: str) -> None:
    assert word in " ".join(queries(brand))


@pytest.mark.parametrize(
    "brand", [Brand("Acme", region="GB", domain="acme.de"), Brand("Acme", domain="acme.co"), Brand("Acme")]
)
def test_elsewhere_titles_are_english(brand: Brand) -> None:
    assert queries(brand) == queries(Brand("Acme", region="US"))


@pytest.mark.parametrize("title", [title for titles in TITLES.values() for title in titles])
def test_every_local_title_is_one_that_the_product_understands(title: str) -> None:
    assert classify(title).seniority not in ("unknown", "staff")


def test_every_country_has_titles() -> None:
    assert {language for languages in LANGUAGES.values() for language in languages} == set(TITLES)
