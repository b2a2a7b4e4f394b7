"""Is the company in the register the brand?"""

from datetime import UTC, datetime

import pytest

from enrichment.discovery.base import Brand
from enrichment.discovery.clues import NO_ORGNR, Clue
from enrichment.discovery.public_index.registers.matching import is_namesake, is_published_by, key, resembles
from enrichment.discovery.public_index.registers.records import Record

BRAND = Brand("Bright Water", domain="brightwater-labs.example")


def record(name: str, *others: str, domains: tuple[str, ...] = ()) -> Record:
    return Record("1", name, "https://x.example", datetime(2026, 1, 1, tzinfo=UTC), other_names=others, domains=domains)


@pytest.mark.parametrize(
    "legal_name",
    [
        "BRIGHT WATER AS",
        "Brightwater s.r.o.",
        "Brightwater, spol. s r. o.",
        "Brightwater, a. s.",
        "SAS BRIGHT WATER",
        "BRIGHT WATER FRANCE",
        "BRIGHT WATERS LIMITED",
        "Brightwater Labs Ltd",
        "BRIGHT WATER INSTRUMENTS ASA",
    ],
)
def test_a_company_of_the_brands_name_is_the_brand(legal_name: str) -> None:
    assert resembles(record(legal_name), BRAND)


@pytest.mark.parametrize(
    "legal_name", ["NUAGE SAS", "Water AS", "BRIGHT AS", "BRIGHT CONSULTING", "LABS GROUP LTD", "SAS", "", "株式会社"]
)
def test_a_company_of_another_name_is_not(legal_name: str) -> None:
    assert not resembles(record(legal_name), BRAND)


def test_a_trading_name_or_the_stated_website_will_do() -> None:
    assert resembles(record("NORTHERN HOLDING AS", "BRIGHTWATER"), BRAND)
    assert resembles(record("NORTHERN HOLDING AS", domains=("brightwater-labs.example",)), BRAND)
    assert not resembles(record("NORTHERN HOLDING AS", domains=("other.example",)), BRAND)


def test_common_words_alone_make_no_brand() -> None:
    assert not resembles(record("NORDIC MEDIA AS"), Brand("Media Group"))


def test_a_name_of_nothing_but_a_legal_form_keeps_it() -> None:
    assert key("SAS") == ["sas"]


def test_a_namesake_has_the_whole_name() -> None:
    assert is_namesake("BRIGHT WATER LIMITED", BRAND)
    assert is_namesake("Brightwater Ltd", BRAND)
    assert not is_namesake("BRIGHT WATER SERVICES LIMITED", BRAND)
    assert not is_namesake("", Brand(""))


def test_the_site_may_name_the_company_behind_it() -> None:
    snippet = "Bright Water is a trading name of Northern Holding AS, org.nr 999 000 118"
    company = record("NORTHERN HOLDING AS")
    assert is_published_by(company, BRAND, Clue(NO_ORGNR, "1", "https://www.brightwater-labs.example/", snippet))
    assert not is_published_by(company, BRAND, Clue(NO_ORGNR, "1", "https://www.other.example/", snippet))
    silent = "Northern Holding AS, org.nr 999 000 118"
    assert not is_published_by(company, BRAND, Clue(NO_ORGNR, "1", "https://www.brightwater-labs.example/", silent))
    assert not is_published_by(record("X AS"), BRAND, Clue(NO_ORGNR, "1", "https://brightwater-labs.example/", snippet))
