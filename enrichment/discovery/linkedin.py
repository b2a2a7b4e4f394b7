"""LinkedIn's official API: what it tells an approved app about a company (learn.microsoft.com/linkedin).

People never come from here. The API lists no employees and finds no members, whatever the token; pages of
linkedin.com are never fetched either. Those whom LinkedIn knows are found by search_engines, in what engines show.
"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from enrichment.discovery.base import Brand, Context, Evidence, Findings, SourceError
from enrichment.discovery.service import Answer, Service, listed, text_of

BASE_URL = "https://api.linkedin.com"
VERSION = "202609"  # of the API, year and month; each is served for about a year
KEEP = timedelta(days=1)  # the terms allow no more

_PATH = "/rest/organizations"
_VANITY = re.compile(r"[\w.&'’-]{1,100}")
_STAFF = re.compile(r"SIZE_(\d{1,7})(?:_TO_(\d{1,7})|_OR_MORE)?")
MAX_VALUE = 200


class LinkedInSource:
    """Facts about the company behind a LinkedIn company page. `access_token`: of an app with organisation look-up."""

    name = "linkedin"
    seconds = 15.0

    def __init__(self, *, access_token: str, base_url: str = BASE_URL, version: str = VERSION) -> None:
        self._version = version
        headers = {
            "Authorization": f"Bearer {access_token}",
            "LinkedIn-Version": version,
            "X-Restli-Protocol-Version": "2.0.0",
            "Accept": "application/json",
        }
        self._service = Service(self.name, "LinkedIn", base_url, headers=headers, max_bytes=1_000_000)

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return claims about the company: `legal_name`, `website`, `employees`. Never any people.

        Nothing without `brand.linkedin_company_url`, and nothing for a page that LinkedIn does not know. Raises
        SourceError; a token that does not allow the look-up is `bad_key`.
        """
        vanity = vanity_name(brand.linkedin_company_url)
        if not vanity:
            return Findings()
        params = {"q": "vanityName", "vanityName": vanity}
        answer = self._service.ask(context, _PATH, params, keep=KEEP)
        if answer.status == 404:
            return Findings()
        if answer.status != 200:
            raise self._refused(answer)
        body = self._service.json(answer)
        if not isinstance(body, dict):
            raise self._service.trouble("malformed", "{title} sent JSON of another form than it documents.")
        same = (one for one in listed(body.get("elements")) if text_of(one.get("vanityName")).lower() == vanity)
        organisation = next(same, None)
        return Findings(company=_facts(organisation, vanity, answer)) if organisation else Findings()

    def _refused(self, answer: Answer) -> SourceError:
        if answer.status == 401:
            return self._service.trouble(
                "bad_key",
                "{title} does not accept the access token (401). Tokens end after 60 days: make a new one in the "
                "developer portal.",
            )
        if answer.status == 403:
            return self._service.trouble(
                "bad_key",
                "The access token does not allow to look companies up at {title} (403): the app needs the Community "
                "Management API, which LinkedIn grants on request. People are found without it, by search engines.",
            )
        if answer.status == 426:
            return self._service.trouble(
                "http_status",
                "{title} no longer serves version {version} of its API (426): a newer one must be set.",
                version=self._version,
            )
        return self._service.refusal(answer)


def vanity_name(url: str | None) -> str:
    """Return the name in the address of a company page, in lower case: /company/acme -> "acme". "" for anything else.

    Pages that are addressed by number have none.
    """
    try:
        parts = urlsplit((url or "")[:500].strip())
        host = parts.hostname or ""
    except ValueError:
        return ""
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if not (host == "linkedin.com" or host.endswith(".linkedin.com")) or len(steps) < 2:
        return ""
    vanity = steps[1].lower()
    known = steps[0].lower() in ("company", "school", "showcase") and _VANITY.fullmatch(vanity) and not vanity.isdigit()
    return vanity if known else ""


def _facts(organisation: dict[str, Any], vanity: str, answer: Answer) -> tuple[Evidence, ...]:
    name = text_of(organisation.get("localizedName"))[:MAX_VALUE]
    claims = {
        "legal_name": name,
        "website": _website(text_of(organisation.get("localizedWebsite"))),
        "employees": _staff(text_of(organisation.get("staffCountRange"))),
    }
    url = f"https://www.linkedin.com/company/{quote(vanity)}"
    return tuple(
        Evidence(
            field, value, url, ": ".join(filter(None, (name, value)))[:300], LinkedInSource.name, answer.fetched_at
        )
        for field, value in claims.items()
        if value
    )


def _website(text: str) -> str:
    return text if text.startswith(("https://", "http://")) and len(text) <= MAX_VALUE and " " not in text else ""


def _staff(text: str) -> str:
    """Return a range as people write it: SIZE_51_TO_200 -> "51-200", SIZE_10001_OR_MORE -> "10001+"."""
    match = _STAFF.fullmatch(text)
    if not match:
        return ""
    return f"{match[1]}-{match[2]}" if match[2] else match[1] + ("+" if text.endswith("_OR_MORE") else "")
