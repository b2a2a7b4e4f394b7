"""Which sources of people there are, by the names that ENRICHMENT_SOURCES knows them under.

A new source is a module and a line in `SOURCES`; docs/adding-a-source.md shows it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from enrichment.discovery import linkedin
from enrichment.discovery.base import Source
from enrichment.discovery.linkedin import LinkedInSource
from enrichment.discovery.public_index import companies_house, sec_service, wikidata
from enrichment.discovery.public_index.companies_house import CompaniesHouse
from enrichment.discovery.public_index.press import PressSource
from enrichment.discovery.public_index.registers import ares, brreg, recherche_entreprises, rpo
from enrichment.discovery.public_index.registers.ares import Ares
from enrichment.discovery.public_index.registers.base import RegisterSource
from enrichment.discovery.public_index.registers.brreg import Brreg
from enrichment.discovery.public_index.registers.recherche_entreprises import RechercheEntreprises
from enrichment.discovery.public_index.registers.rpo import Rpo
from enrichment.discovery.public_index.sec_edgar import SecEdgarSource
from enrichment.discovery.public_index.wikidata import WikidataSource
from enrichment.discovery.search_engines import brave, google, serpapi
from enrichment.discovery.search_engines.brave import Brave
from enrichment.discovery.search_engines.google import GooglePse
from enrichment.discovery.search_engines.search import SearchSource
from enrichment.discovery.search_engines.searxng import SearXng
from enrichment.discovery.search_engines.serpapi import SerpApi
from enrichment.discovery.website import robots
from enrichment.discovery.website.crawl import WebsiteSource

# They put up clues that others follow (clues.py), and so may wait for nobody.
GIVERS = ("website", "wikidata")
# They read the brand's own site: a failure there says nothing about the next brand.
OWN_SITE = ("website", "press")


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a service: "" for no key, and for the service's own address. `engine`: Google's `cx`."""

    api_key: str = ""
    base_url: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the sources are configured with. `user_agent`: the one that the client sends, by which robots.txt may speak
    of us and which public services want to find a contact in. `services`: by the source's name."""

    user_agent: str = robots.PRODUCT
    services: Mapping[str, Access] = field(default_factory=dict)

    def access(self, name: str) -> Access:
        return self.services.get(name, Access())

    def base_url(self, name: str, default: str) -> str:
        """Return the address of a service: the operator's, else `default`."""
        return self.access(name).base_url or default


@dataclass(frozen=True, slots=True)
class _Line:
    """How a source is made; `needs`: the fields of its Access without which it cannot be asked."""

    make: Callable[[Configuration], Source]
    needs: tuple[str, ...] = ()

    def missing(self, name: str, configuration: Configuration) -> list[str]:
        """Return the environment variables that would have to be set."""
        access = configuration.access(name)
        return [f"{name.upper()}_{VARIABLES[need]}" for need in self.needs if not getattr(access, need)]


VARIABLES = {"api_key": "API_KEY", "base_url": "BASE_URL", "engine": "ENGINE_ID"}

SOURCES: dict[str, _Line] = {
    "website": _Line(lambda given: WebsiteSource(given.user_agent)),
    "press": _Line(lambda given: PressSource(given.user_agent)),
    "searxng": _Line(lambda given: SearchSource(SearXng(base_url=given.access("searxng").base_url)), ("base_url",)),
    "brave": _Line(
        lambda given: SearchSource(
            Brave(api_key=given.access("brave").api_key, base_url=given.base_url("brave", brave.BASE_URL))
        ),
        ("api_key",),
    ),
    "google_pse": _Line(
        lambda given: SearchSource(
            GooglePse(
                api_key=given.access("google_pse").api_key,
                cx=given.access("google_pse").engine,
                base_url=given.base_url("google_pse", google.BASE_URL),
            )
        ),
        ("api_key", "engine"),
    ),
    "serpapi": _Line(
        lambda given: SearchSource(
            SerpApi(api_key=given.access("serpapi").api_key, base_url=given.base_url("serpapi", serpapi.BASE_URL))
        ),
        ("api_key",),
    ),
    "brreg": _Line(lambda given: RegisterSource(Brreg(base_url=given.base_url("brreg", brreg.BASE_URL)))),
    "recherche_entreprises": _Line(
        lambda given: RegisterSource(
            RechercheEntreprises(base_url=given.base_url("recherche_entreprises", recherche_entreprises.BASE_URL))
        )
    ),
    "ares": _Line(lambda given: RegisterSource(Ares(base_url=given.base_url("ares", ares.BASE_URL)))),
    "rpo": _Line(lambda given: RegisterSource(Rpo(base_url=given.base_url("rpo", rpo.BASE_URL)))),
    "companies_house": _Line(
        lambda given: RegisterSource(
            CompaniesHouse(
                api_key=given.access("companies_house").api_key,
                base_url=given.base_url("companies_house", companies_house.BASE_URL),
            )
        ),
        ("api_key",),
    ),
    "wikidata": _Line(
        lambda given: WikidataSource(
            base_url=given.base_url("wikidata", wikidata.BASE_URL), user_agent=given.user_agent
        )
    ),
    "sec_edgar": _Line(
        lambda given: SecEdgarSource(
            base_url=given.base_url("sec_edgar", sec_service.BASE_URL), user_agent=given.user_agent
        )
    ),
    "linkedin": _Line(
        lambda given: LinkedInSource(
            access_token=given.access("linkedin").api_key, base_url=given.base_url("linkedin", linkedin.BASE_URL)
        ),
        ("api_key",),
    ),
}
NAMES = tuple(SOURCES)


def sources(names: Iterable[str], configuration: Configuration | None = None) -> list[Source]:
    """Return the sources of these names, each once, in the order named; without names, all that need nothing further.

    Raises ValueError with a sentence for a name that is not known, and for one whose key or address is not set.
    """
    given = configuration or Configuration()
    wanted = list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    unknown = [name for name in wanted if name not in SOURCES]
    if unknown:
        raise ValueError(
            f"There is no source {', '.join(unknown)}. Known are: {', '.join(NAMES)} (ENRICHMENT_SOURCES)."
        )
    missing = [variable for name in wanted for variable in SOURCES[name].missing(name, given)]
    if missing:
        raise ValueError(f"A source that is named needs {' and '.join(missing)}: set it, or take the name out.")
    chosen = wanted or [name for name, line in SOURCES.items() if not line.missing(name, given)]
    return [SOURCES[name].make(given) for name in chosen]
