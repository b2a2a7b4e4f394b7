"""Where a company sits: each sign, which is the strongest, and what is never overwritten."""

from datetime import UTC, datetime

import pytest

from core import countries
from crm import brands, region_inference
from crm.models import Brand
from enrichment.discovery.website import places
from tests.factories import BrandFactory

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
AT = "2026-11-24T10:00:00Z"


def claim(source: str, field: str, value: str) -> dict[str, str]:
    url = f"https://{source}.example/acme"
    return {"source": source, "field": field, "value": value, "url": url, "snippet": f"says {value}", "seenAt": AT}


REGISTER = claim("brreg", "register_number", "974760673")
ADDRESS = claim("website", "country", "DE")
PHONE = claim("website", "telephone", "+43 1 5331234")


@pytest.mark.parametrize(
    ("claims", "domain", "how", "region"),
    [
        ([PHONE, ADDRESS, REGISTER], "acme.fr", "register", "NO"),
        ([PHONE, ADDRESS], "acme.fr", "address", "DE"),
        ([PHONE], "acme.fr", "phone", "AT"),
        ([], "acme.fr", "tld", "FR"),
        ([claim("wikidata", "country", "CH"), ADDRESS], "acme.fr", "register", "CH"),
        ([claim("sec_edgar", "country", "US")], None, "register", "US"),
        ([claim("website", "country", "XX"), claim("website", "telephone", "12")], "acme.co.uk", "tld", "GB"),
    ],
)
def test_the_strongest_sign_wins(claims, domain, how, region) -> None:
    found = region_inference.infer(claims, domain, NOW)
    assert found is not None
    assert (found.basis["how"], found.region) == (how, region)


def test_the_basis_says_what_says_so_and_what_else_was_seen() -> None:
    found = region_inference.infer([ADDRESS, PHONE], "acme.de", NOW)
    assert found is not None
    assert found.basis == {
        "how": "address",
        "evidence": "says DE",
        "url": "https://website.example/acme",
        "at": AT,
        "also": [{"how": "phone", "region": "AT"}, {"how": "tld", "region": "DE"}],
    }
    assert region_inference.sentence(found.basis) == "from the address that the company states"
    assert region_inference.sentence(region_inference.by_hand("Grace", NOW)) == "corrected by hand: entered by Grace"


@pytest.mark.parametrize("domain", ["acme.io", "acme.co", "acme.ai", "acme.me", "acme.tv", "acme.eu", "acme.example"])
def test_an_ending_that_everybody_uses_says_nothing(domain) -> None:
    assert region_inference.infer([], domain, NOW) is None


def test_a_number_that_several_countries_share_says_nothing() -> None:
    assert [countries.of_phone(number) for number in ("+1 800 555 2368", "+1 212 736 5000")] == [None, "US"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Acme GmbH, Musterstr. 1, 12345 Berlin, Deutschland", ["DE"]),
        ("Acme AG Bahnhofstrasse 3 8001 Zürich Schweiz", ["CH"]),
        ("Acme SA, rue X 1, 1000 Bruxelles, Belgique", ["BE"]),
        ("1 High Street, London SW1A 1AA", ["GB"]),
        ("1 Main Street, Austin, TX 78701", ["US"]),
        ("Keizersgracht 1, 1015 CJ Amsterdam", ["NL"]),
        ("D-80331 München", ["DE"]),
        ("© 2024 Acme Germany. All rights reserved", []),
        ("we sold 12345 units in Germany", []),
        ("Hébergeur : Host SAS, 2 rue Y, 59100 Roubaix, France", []),
        ("Musterstraße 1, DE 10115 Berlin", []),
        ("10250 Sample Blvd, Los Angeles, CA 90067", ["US"]),
        ("10117 Berlin, Acme SE", []),
        ("1204 Genève, Acme SA", []),
        ("8001 Zürich, CH", ["CH"]),
        ("80331 München United States France Deutschland", []),
        ("10115 Berlin Wir liefern nach Frankreich", []),
        ("75001 Paris cedex 01, France", ["FR"]),
        ("60310 Frankfurt am Main, Germany", ["DE"]),
        ("1 Main Street, Atlanta, Georgia 30303", []),
        ("0105 Tbilisi, Georgia", []),
        ("1 Broad Street, Newark, New Jersey 07102", []),
        ("A4 5GB or Q3 2ND", []),
    ],
)
def test_an_address_counts_with_its_country_or_the_form_of_one(text, codes) -> None:
    assert [code for code, _ in places.addresses(text)] == codes


def test_the_legal_notice_goes_before_other_pages_and_these_have_to_agree() -> None:
    found = places.Places()
    found.take("12345 Berlin, Germany. Tel. +49 30 123456", "", "https://acme.example/", NOW, kind="contact")
    found.take("75001 Paris, France", "", "https://acme.example/fr", NOW, kind="contact")
    offices = [("office", "DE"), ("office", "FR")]
    assert [(one.field, one.value) for one in found.claims()] == [("telephone", "+49 30 123456"), *offices]
    said = [one.as_json() for one in found.claims()]
    inferred = region_inference.infer(said, "acme.us", NOW)
    assert inferred is not None
    assert (inferred.region, inferred.basis["how"]) == ("DE", "phone"), "no office decides"
    assert ("FR", "address") in region_inference.conflicting(inferred.basis, "DE")
    assert region_inference.infer(said[1:], "acme.example", NOW) is None
    found.take("1010 Wien, Österreich", "", "https://acme.example/imprint", NOW, kind="imprint")
    assert found.claims()[0].value == "AT"
    stated = places.Places()
    stated.take("", '{"address": {"addressCountry": "DE"}}', "https://acme.example/", NOW, kind="home")
    assert [one.value for one in stated.claims()] == ["DE"]


@pytest.mark.django_db
def test_what_somebody_said_stays_and_a_weaker_sign_replaces_no_stronger_one() -> None:
    brand = BrandFactory(domain="acme.de")
    tld = region_inference.infer([], "acme.de", NOW)
    address = region_inference.infer([ADDRESS], "acme.fr", NOW)
    assert tld is not None
    assert address is not None
    assert brands.locate(brand.pk, tld.region, tld.basis)
    assert region_inference.is_better(address, "DE", tld.basis)
    assert not region_inference.is_better(tld, "DE", address.basis)
    brands.find_or_create(brand.name, domain="acme.de", region="AT")
    brand = Brand.objects.get(pk=brand.pk)
    assert (brand.region_code, brand.region_basis["how"]) == ("AT", "given")
    assert not brands.locate(brand.pk, address.region, address.basis)
    assert not region_inference.is_better(address, "AT", None), "not known how: perhaps by hand"
