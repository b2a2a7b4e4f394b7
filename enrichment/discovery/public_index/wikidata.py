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
    said = [
        (one.moment or (0, 0, 0), quantity(one.value)) for one in statements(company.entity, "P1128", context.now())
    ]
    sizes = [(moment, int(number)) for moment, number in said if number]
    if sizes:
        moment, staff = max(sizes)
        as_of = f", as of {moment[0]}" if moment[0] else ""
        yield page.claim("employees", str(staff), f"employees (P1128): {staff}{as_of}")
