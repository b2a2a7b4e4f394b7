import pytest

from core.refusals import InputError
from enrichment import intake


@pytest.mark.parametrize(
    ("brand", "error"),
    [
        ("", "Brand name is required"),
        (None, "Brand name is required"),
        (" \n\t ", "Brand name is required"),
        ("x" * 201, "invalid_brand_name"),
        ("!!!", "invalid_brand_name"),
        ("Ac\x00me", "invalid_input"),
        ("Ac\ud800me", "invalid_input"),
    ],
)
def test_a_brand_name_that_cannot_be_used(brand, error) -> None:
    with pytest.raises(InputError) as caught:
        intake.discovery_request(brand)
    assert caught.value.error == error
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("brand", ["Acme", "  Müller   & Söhne ", "株式会社", "3M", "x" * 200])
def test_brand_names_are_kept_but_for_their_white_space(brand) -> None:
    assert intake.discovery_request(brand).brand_name == " ".join(brand.split())


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("acme.example", "acme.example"),
        ("www.acme.example/team", "acme.example"),
        ("http://www.acme.co.uk", "acme.co.uk"),
        ("HTTPS://Acme.Example:8443/x?y=1", "acme.example"),
        ("acme.example:8080", "acme.example"),
        ("https://münchen.example", "xn--mnchen-3ya.example"),
    ],
)
def test_websites(website, domain) -> None:
    request = intake.discovery_request("Acme", website)
    assert request.website.startswith(("http://", "https://"))
    assert request.domain == domain


@pytest.mark.parametrize(
    "website",
    [
        "ftp://acme.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "http://:80",
        "https://user:pass@acme.example",
        "http://127.0.0.1",
        "http://2130706433",
        "http://0x7f.1",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://10.0.0.1",
        "http://localhost:8000",
        "http://[::ffff:127.0.0.1]",
        "https://acme .example",
        "https://acme.example:99999",
        "x" * 600,
        "https://" + "a" * 300 + ".example",
        "mailto:a@acme.example",
    ],
)
def test_a_website_that_cannot_be_used(website) -> None:
    with pytest.raises(InputError) as caught:
        intake.discovery_request("Acme", website)
    assert caught.value.error == "invalid_website"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://www.linkedin.com/company/acme/", "https://www.linkedin.com/company/acme"),
        ("linkedin.com/company/acme?trk=x", "https://www.linkedin.com/company/acme"),
        ("http://de.linkedin.com/Company/acme-gmbh/about", "https://www.linkedin.com/company/acme-gmbh"),
        ("https://www.linkedin.com/school/acme", "https://www.linkedin.com/school/acme"),
        ("", None),
        (None, None),
    ],
)
def test_linkedin_company_urls(url, clean) -> None:
    assert intake.clean_linkedin_company_url(url) == clean


@pytest.mark.parametrize(
    "url",
    [
        "https://www.linkedin.com/in/ada",
        "https://linkedin.com.evil.example/company/x",
        "acme",
        "https://evil.example/linkedin.com/company/x",
    ],
)
def test_other_urls_are_no_company_page(url) -> None:
    with pytest.raises(InputError):
        intake.clean_linkedin_company_url(url)


@pytest.mark.parametrize(("region", "code"), [("us", "US"), ("UK", "GB"), (" de ", "DE"), ("", None), (None, None)])
def test_regions(region, code) -> None:
    assert intake.clean_region(region) == code


@pytest.mark.parametrize("region", ["XX", "EU", "USA", "U", "1", "日本", "D\x00"])
def test_an_unknown_region(region) -> None:
    with pytest.raises(InputError):
        intake.clean_region(region)


def test_a_restricted_region_is_refused_with_the_printed_sentence(settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["de", "UK"]
    with pytest.raises(intake.RegionRestricted, match="Enrichment restricted in region: GB"):
        intake.discovery_request("Acme", region="gb")
    assert intake.discovery_request("Acme", region="FR").region == "FR"


def test_whether_a_region_is_restricted(settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["uk"]
    assert [intake.is_restricted(code) for code in ("GB", "FR", None)] == [True, False, False]
    intake.refuse_restricted(None)
    with pytest.raises(intake.RegionRestricted):
        intake.refuse_restricted("GB")
