"""A search engine as a source of people: a handful of queries, and the LinkedIn profiles among what they find."""

from dataclasses import dataclass, field

from enrichment.discovery.base import Brand, Context, Diagnostic, Findings, SourceError
from enrichment.discovery.search_engines.base import Engine
from enrichment.discovery.search_engines.companies import Company, company_of
from enrichment.discovery.search_engines.operators import queries
from enrichment.discovery.search_engines.results import Found, best, person_in

MAX_PAGES = 2  # of one query
MAX_REQUESTS = 9  # for one brand: every request costs money, or an engine's patience


@dataclass(slots=True)
class _Search:
    """One brand's search: whom it found so far, and why it ended early."""

    engine: Engine
    company: Company
    context: Context
    requests: int = 0
    found: list[Found] = field(default_factory=list)
    failure: Diagnostic | None = None

    def may_go_on(self) -> bool:
        return self.failure is None and self.requests < MAX_REQUESTS and not self.context.stopped()

    def ask(self, query: str, page: int) -> bool:
        """Read one page of results; return whether the next one is worth asking for.

        Raises SourceError if it is the first request that fails; a later failure ends the search.
        """
        self.requests += 1
        try:
            answer = self.engine.search(query, self.context, page)
        except SourceError as error:
            if self.requests == 1:
                raise
            self.failure = error.diagnostic
            return False
        found = [
            item
            for result in answer.results
            if (item := person_in(result, self.company, self.engine.name, answer.fetched_at))
        ]
        self.found += found
        return answer.more and bool(found)


class SearchSource:
    """People in what `engine` knows of LinkedIn. Pages of linkedin.com are never fetched."""

    seconds = 20.0

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self._engine = engine

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return who works, or worked, at `brand` by titles and snippets of search results.

        Raises SourceError when the first request fails; a failure later on is a diagnostic beside what was found.
        """
        search = _Search(self._engine, company_of(brand), context)
        wanted = queries(brand)
        for page in range(1, MAX_PAGES + 1):
            # Every query's first page before the second of any: other titles find other people.
            wanted = [query for query in wanted if search.may_go_on() and search.ask(query, page)]
        people, departed = best(search.found)
        return Findings(
            people=people, departed=departed, diagnostics=(search.failure,) if search.failure is not None else ()
        )
