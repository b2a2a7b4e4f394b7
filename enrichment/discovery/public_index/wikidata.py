"""Wikidata: who leads a company, its industry, size, parent and subsidiaries, and its numbers in registers.

Data is CC0. It covers the large and the listed; most small companies are not there. Edited by volunteers: how sure a
statement is depends on whether it is dated and referenced.
"""

from collections.abc import Iterator

from enrichment.discovery.base import Brand, Context, Evidence, Findings
from enrichment.discovery.public_index import wikidata_company
from enrichment.discovery.public_index.wikidata_api import BASE_URL, LANGUAGES, Api, Reply
from enrichment.discovery.public_index.wikidata_company import Company
from enrichment.discovery.public_index.wikidata_offices import offices_of
from enrichment.discovery.public_index.wikidata_people import METHOD, Page, people_of
from enrichment.discovery.public_index.wikidata_statements import has_happened, items, label, quantity, statements

__all__ = ["BASE_URL", "METHOD", "WikidataSource"]

MAX_PEOPLE = 100
MAX_ITEMS = 20  # of one kind of fact: subsidiaries
# Items of countries, by their keys without the Q; others are asked about nowhere: their items are very large.
COUNTRIES = {
    16: "CA", 17: "JP", 20: "NO", 27: "IE", 28: "HU", 29: "ES", 30: "US", 31: "BE", 32: "LU", 33: "FI", 34: "SE",
    35: "DK", 36: "PL", 37: "LT", 38: "IT", 39: "CH", 40: "AT", 41: "GR", 43: "TR", 45: "PT", 55: "NL", 79: "EG",
    96: "MX", 114: "KE", 142: "FR", 145: "GB", 148: "CN", 155: "BR", 159: "RU", 183: "DE", 189: "IS", 191: "EE",
    211: "LV", 212: "UA", 213: "CZ", 214: "SK", 215: "SI", 218: "RO", 219: "BG", 224: "HR", 229: "CY", 233: "MT",
    252: "ID", 258: "ZA", 298: "CL", 334: "SG", 347: "LI", 403: "RS", 408: "AU", 414: "AR", 664: "NZ", 668: "IN",
    739: "CO", 801: "IL", 833: "MY", 851: "SA", 865: "TW", 869: "TH", 878: "AE", 881: "VN", 884: "KR", 928: "PH",
    1033: "NG", 8646: "HK",
}  # fmt: skip
FACTS = {"P452": "industry", "P749": "parent", "P355": "subsidiary", "P1454": "legal_form"}


class WikidataSource:
    """Finds a company's officers and founders. `user_agent`: what the client sends; it must name a contact."""

    name = "wikidata"
    seconds = 15.0

    def __init__(self, *, base_url: str = BASE_URL, user_agent: str) -> None:
        self._api = Api(base_url=base_url, user_agent=user_agent)

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return who leads the brand, who did, and what is known of it; nothing for a company that was dissolved.

        Raises SourceError; `no_contact` when Wikidata's own address would be asked without a contact in `user_agent`.
        """
        company = wikidata_company.find(self._api, brand, context)
        if company is None or has_happened(company.entity, "P576", context.now()):
            return Findings()
        page = Page(self.name, self._api.page, company.key, company.seen_at)
        for clue in wikidata_company.clues(company, page.url, context.now()):
            context.clues.add(clue)
        offices = dict(list(offices_of(company.entity, context.now()).items())[:MAX_PEOPLE])
        named = [key for name in FACTS for key in items(company.entity, name, context.now())[:MAX_ITEMS]]
        reply = self._api.entities([*offices, *named], context)
        people, departed = people_of(offices, reply, page, context.now())
        return Findings(people=people, departed=departed, company=tuple(_facts(company, reply, page, context)))


def _facts(company: Company, reply: Reply, page: Page, context: Context) -> Iterator[Evidence]:
    """Yield claims about the company itself."""
    for name, kind in FACTS.items():
        for key in items(company.entity, name, context.now())[:MAX_ITEMS]:
            text = label(reply.entities.get(key, {}), LANGUAGES)
            if text:
                yield page.claim(kind, text, f"{kind.replace('_', ' ')} ({name}): {text}")
    countries = items(company.entity, "P17", context.now())
    if len(countries) == 1 and (code := COUNTRIES.get(int(countries[0][1:]))):
        yield page.claim("country", code, f"country (P17): {code}")
    said = [
        (one.moment or (0, 0, 0), quantity(one.value)) for one in statements(company.entity, "P1128", context.now())
    ]
    sizes = [(moment, int(number)) for moment, number in said if number]
    if sizes:
        moment, staff = max(sizes)
        as_of = f", as of {moment[0]}" if moment[0] else ""
        yield page.claim("employees", str(staff), f"employees (P1128): {staff}{as_of}")
