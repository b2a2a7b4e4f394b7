"""What a user asks for, made clean: one home for the rules on brand, website, LinkedIn URL and region.

API, commands and pages all pass through `discovery_request`, so they accept and refuse the same things.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from core import counts, http
from core.domains import registrable_domain
from core.refusals import InputError, Refusal
from crm import regions

MAX_NAME = 200
MAX_URL = 500


class RegionRestricted(Refusal, ValueError):
    """Discovery is refused in this region (`ENRICHMENT_RESTRICTED_REGIONS`)."""

    def __init__(self, region: str) -> None:
        super().__init__("region_restricted", f"Enrichment restricted in region: {region}")
        self.region = region
        self.counted = (counts.REGION_REFUSED, region)


@dataclass(frozen=True, slots=True)
class DiscoveryRequest:
    """A brand to look into. `domain` is the website's registrable domain, `region` ISO 3166-1 alpha-2.

    `compliance_mode` False: the send gate only warns of what the rules of people's countries say (jobs.create).
    """

    brand_name: str
    website: str | None = None
    domain: str | None = None
    linkedin_company_url: str | None = None
    region: str | None = None
    compliance_mode: bool = True


def discovery_request(
    brand_name: str | None,
    website: str | None = None,
    linkedin_company_url: str | None = None,
    region: str | None = None,
    *,
    compliance_mode: bool = True,
) -> DiscoveryRequest:
    """Return the cleaned request. Raises InputError for malformed input, RegionRestricted for a refused region."""
    name = clean_brand_name(brand_name)
    url = clean_website(website)
    request = DiscoveryRequest(
        brand_name=name,
        website=url,
        domain=registrable_domain(urlsplit(url).hostname or "") if url else None,
        linkedin_company_url=clean_linkedin_company_url(linkedin_company_url),
        region=clean_region(region),
        compliance_mode=compliance_mode,
    )
    refuse_restricted(request.region)
    return request


def is_restricted(region: str | None) -> bool:
    """Whether discovery is refused in this region (`ENRICHMENT_RESTRICTED_REGIONS`)."""
    return bool(region) and region in {clean_region(code) for code in settings.ENRICHMENT_RESTRICTED_REGIONS}


def refuse_restricted(region: str | None) -> None:
    """Raise RegionRestricted where discovery is refused."""
    if region and is_restricted(region):
        raise RegionRestricted(region)


def clean_brand_name(name: str | None) -> str:
    """Return the brand's name with its white space tidied."""
    text = one_line(name)
    if not text:
        raise InputError("Brand name is required", "Give the brand's name in brandName, for example Acme.")
    if len(text) > MAX_NAME:
        raise InputError("invalid_brand_name", f"brandName is longer than {MAX_NAME} characters: shorten it.")
    if not any(character.isalnum() for character in text):
        raise InputError("invalid_brand_name", "brandName has no letter or digit: give the brand's name.")
    return text


def clean_website(url: str | None) -> str | None:
    """Return an absolute http(s) URL; `acme.com` is read as `https://acme.com`. None stays None."""
    text = one_line(url)
    if not text:
        return None
    if len(text) > MAX_URL:
        raise InputError("invalid_website", f"website is longer than {MAX_URL} characters: give the home page's URL.")
    if "://" not in text and not re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d)", text):
        text = f"https://{text}"
    try:
        return http.check_url(text)
    except http.FetchError as error:
        raise InputError("invalid_website", f"website cannot be used: {error.sentence}") from error


def clean_linkedin_company_url(url: str | None) -> str | None:
    """Return `https://www.linkedin.com/company/<slug>` for any spelling of a company page's URL."""
    text = one_line(url)
    if not text:
        return None
    match = re.fullmatch(
        r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/(company|school|showcase)/([^/?#\s]{1,100})(?:[/?#].*)?",
        text,
        re.IGNORECASE,
    )
    if not match or len(text) > MAX_URL:
        raise InputError(
            "invalid_linkedin_url",
            "linkedInCompanyUrl must be a company page, such as https://www.linkedin.com/company/acme.",
        )
    return f"https://www.linkedin.com/{match[1].lower()}/{match[2]}"


def clean_region(region: str | None) -> str | None:
    """Return an ISO 3166-1 alpha-2 code in capitals; `UK` is read as GB."""
    try:
        return regions.clean_code(one_line(region))
    except ValueError as error:
        raise InputError("invalid_region", str(error)) from error


def one_line(text: str | None) -> str:
    """Return the text (NFC) with its white space tidied, "" for None. Raises InputError for what cannot be stored."""
    if text is None:
        return ""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} for character in text):
        raise InputError("invalid_input", "The text has control or unassigned characters: remove them.")
    return text
