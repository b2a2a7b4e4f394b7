"""The United Kingdom's register of companies (Companies House), with a free key; 600 requests in 5 minutes.

/company/{number} is the company, /company/{number}/officers its officers, /search/companies finds it by its name. The
key is the user name of HTTP Basic, without a password.
"""

import base64
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from enrichment.discovery.base import Brand, Context
from enrichment.discovery.clues import GB_COMPANY
from enrichment.discovery.public_index.registers import matching, names
from enrichment.discovery.public_index.registers.reading import day, entry, has_passed, short
from enrichment.discovery.public_index.registers.records import Officer, Record
from enrichment.discovery.service import Service, listed, text_of
from enrichment.discovery.titles import classify

BASE_URL = "https://api.company-information.service.gov.uk"
PAUSE = 0.1  # seconds between requests at the public address; nobody else has to be spared
PUBLIC_URL = "https://find-and-update.company-information.service.gov.uk"  # the same, for people and without a key
PAGE = 50
MAX_PAGES = 6
MAX_OCCUPATION = 60

# Secretaries, nominees, receivers and legal persons decide nothing.
TITLES = {
    "director": "Director",
    "llp-designated-member": "Partner",
    "llp-member": "Partner",
    "managing-officer": "Director",
    "member-of-a-management-organ": "Member of the Management Board",
    "cic-manager": "Manager",
}
_FORMS = {
    "ltd": "Private limited company",
    "plc": "Public limited company",
    "llp": "Limited liability partnership",
    "private-limited-guarant-nsc": "Private company limited by guarantee",
    "charitable-incorporated-organisation": "Charitable incorporated organisation",
}
_GONE = frozenset({"dissolved", "converted-closed", "closed", "removed"})
_COMMON_DOMAINS = frozenset({"co", "io", "ai", "me", "tv", "app", "uk"})  # two letters, or British


class CompaniesHouse:
    """The British register (see `registers.base.Register`). `api_key`: as issued by Companies House."""

    scheme = GB_COMPANY
    name = "companies_house"
    title = "Companies House"
    certainty = 0.95
    keep = timedelta(days=1)

    def __init__(self, *, base_url: str = BASE_URL, api_key: str) -> None:
        credentials = base64.b64encode(f"{api_key}:".encode()).decode()
        self._service = Service(
            self.name,
            self.title,
            base_url,
            headers={"Authorization": f"Basic {credentials}"},
            pause=PAUSE if base_url == BASE_URL else 0.0,
        )

    def company(self, number: str, context: Context) -> Record | None:
        """Return the company and its officers, present and past. Raises SourceError."""
        answer = self._service.get(context, f"/company/{number}")
        if answer is None:
            return None
        profile = entry(self._service, answer)
        legal_name = short(profile.get("company_name"))
        if not legal_name or text_of(profile.get("company_status")) in _GONE:
            return None
        return Record(
            number=number,
            legal_name=legal_name,
            url=f"{PUBLIC_URL}/company/{number}/officers",
            fetched_at=context.now(),
            officers=tuple(self._officers(number, context)),
            legal_form=_FORMS.get(text_of(profile.get("type")), ""),
        )

    def numbers(self, brand: Brand, context: Context) -> Sequence[str]:
        """Return the one active company of exactly the brand's name; none when there are several.

        Only for a British brand, or one of unknown country whose name has two words: names of one word have namesakes
        in every country.
        """
        british = _is_british(brand)
        if british is False or (british is None and len(matching.key(brand.name)) < 2):
            return ()
        params = {"q": brand.name[:160], "items_per_page": "20", "restrictions": "active-companies"}
        answer = entry(self._service, self._service.get(context, "/search/companies", params) or {})
        found = {
            text_of(item.get("company_number")).upper()
            for item in listed(answer.get("items"))
            if text_of(item.get("company_status")) == "active"
            and matching.is_namesake(text_of(item.get("title")), brand)
        }
        return [number for number in found if len(number) == 8 and number.isalnum()] if len(found) == 1 else ()

    def _officers(self, number: str, context: Context) -> Iterator[Officer]:
        path, start = f"/company/{number}/officers", 0
        for _ in range(MAX_PAGES):
            params = {"items_per_page": str(PAGE), "start_index": str(start), "order_by": "appointed_on"}
            answer = entry(self._service, self._service.get(context, path, params) or {})
            items, total = listed(answer.get("items")), answer.get("total_results")
            for item in items[:PAGE]:
                officer = _officer(item, context)
                if officer is not None:
                    yield officer
            start += len(items)
            if not items or not isinstance(total, int) or start >= total or context.stopped():
                return


def _is_british(brand: Brand) -> bool | None:
    """Whether the brand is of the United Kingdom, by its region or its domain; None when neither tells."""
    if brand.region:
        return brand.region.upper() in {"GB", "UK"}
    ending = (brand.domain or "").rpartition(".")[2]
    if ending == "uk":
        return True
    return None if len(ending) != 2 or ending in _COMMON_DOMAINS else False


def _officer(item: dict[str, Any], context: Context) -> Officer | None:
    """An officer, from "SURNAME, Forenames, Title"."""
    code = text_of(item.get("officer_role"))
    family, _, forenames = short(item.get("name")).partition(",")
    name = names.person(forenames.partition(",")[0], family)
    if code not in TITLES or name is None:
        return None
    resigned = has_passed(item.get("resigned_on"), context)
    return Officer(
        *name,
        role=code.replace("-", " ").capitalize(),
        title=_title(code, short(item.get("occupation"))),
        code=code,
        started=day(item.get("appointed_on")),
        ended=day(item.get("resigned_on")) if resigned else "",
        current=not resigned,
    )


def _title(code: str, occupation: str) -> str:
    """The office, with what a director says they do where that is of the first rank: "Director (Chief Executive)"."""
    if code == "director" and len(occupation) <= MAX_OCCUPATION and classify(occupation).seniority == "c_level":
        return f"Director ({occupation})"
    return TITLES[code]
