"""Which sources of people there are, by the names that ENRICHMENT_SOURCES knows them under.

A new source is a module and a line in `SOURCES`; docs/adding-a-source.md shows it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from enrichment.discovery import linkedin
from enrichment.discovery.base import Source
from enrichment.discovery.linkedin import LinkedInSource
from enrichment.discovery.public_index import companies_house, sec_service, wikidata, wikidata_api
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
    """How a source is made, and what people are told of it: its `title`, and in a line `what` it brings.

    `needs`: the fields of its Access without which it cannot be asked. `contact`: what its public address wants to find
    in the user agent, and where that address is.
    """

    make: Callable[[Configuration], Source]
    needs: tuple[str, ...] = ()
    _: KW_ONLY
    title: str
    what: str
    contact: tuple[re.Pattern[str], str] | None = None

    def missing(self, name: str, configuration: Configuration) -> list[str]:
        """Return the environment variables that would have to be set."""
        access = configuration.access(name)
        return [f"{name.upper()}_{VARIABLES[need]}" for need in self.needs if not getattr(access, need)]

    def wants_contact(self, name: str, configuration: Configuration) -> bool:
        """Return whether the source would turn us away, since the user agent does not say how to reach us."""
        if self.contact is None:
            return False
        pattern, public = self.contact
        ours = configuration.base_url(name, public).rstrip("/") != public
        return not ours and pattern.search(configuration.user_agent) is None


@dataclass(frozen=True, slots=True)
class Standing:
    """A source as people see it: whether it runs here, and if not, `why`."""

    name: str
    title: str
    what: str
    why: str = ""

    @property
    def runs(self) -> bool:
        return not self.why


VARIABLES = {"api_key": "API_KEY", "base_url": "BASE_URL", "engine": "ENGINE_ID"}
PROFILES = "LinkedIn profiles among what {engine} finds; LinkedIn itself is not read."

SOURCES: dict[str, _Line] = {
    "website": _Line(
        lambda given: WebsiteSource(given.user_agent),
        title="Website",
        what="The brand's own pages on team, management and contact, as far as its robots.txt allows.",
    ),
    "press": _Line(
        lambda given: PressSource(given.user_agent),
        title="The brand's news",
        what="Whom its news feeds say it has appointed, and who has left.",
    ),
    "searxng": _Line(
        lambda given: SearchSource(SearXng(base_url=given.access("searxng").base_url)),
        ("base_url",),
        title="SearXNG",
        what=PROFILES.format(engine="your own metasearch engine"),
    ),
    "brave": _Line(
        lambda given: SearchSource(
            Brave(api_key=given.access("brave").api_key, base_url=given.base_url("brave", brave.BASE_URL))
        ),
        ("api_key",),
        title="Brave Search",
        what=PROFILES.format(engine="Brave"),
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
        title="Google Programmable Search",
        what=PROFILES.format(engine="your search engine at Google"),
    ),
    "serpapi": _Line(
        lambda given: SearchSource(
            SerpApi(api_key=given.access("serpapi").api_key, base_url=given.base_url("serpapi", serpapi.BASE_URL))
        ),
        ("api_key",),
        title="SerpApi",
        what=PROFILES.format(engine="Google, asked through SerpApi,"),
    ),
    "brreg": _Line(
        lambda given: RegisterSource(Brreg(base_url=given.base_url("brreg", brreg.BASE_URL))),
        title="Norway's register (Brønnøysund)",
        what="Officers of Norwegian companies.",
    ),
    "recherche_entreprises": _Line(
        lambda given: RegisterSource(
            RechercheEntreprises(base_url=given.base_url("recherche_entreprises", recherche_entreprises.BASE_URL))
        ),
        title="France's register (Recherche d'entreprises)",
        what="Officers of French companies whose number is on their site or in Wikidata.",
    ),
    "ares": _Line(
        lambda given: RegisterSource(Ares(base_url=given.base_url("ares", ares.BASE_URL))),
        title="Czechia's register (ARES)",
        what="Officers of Czech companies whose number is on their site or in Wikidata.",
    ),
    "rpo": _Line(
        lambda given: RegisterSource(Rpo(base_url=given.base_url("rpo", rpo.BASE_URL))),
        title="Slovakia's register (RPO)",
        what="Officers of Slovak companies whose number is on their site or in Wikidata.",
    ),
    "companies_house": _Line(
        lambda given: RegisterSource(
            CompaniesHouse(
                api_key=given.access("companies_house").api_key,
                base_url=given.base_url("companies_house", companies_house.BASE_URL),
            )
        ),
        ("api_key",),
        title="The United Kingdom's register (Companies House)",
        what="Officers of British companies; the key is free.",
    ),
    "wikidata": _Line(
        lambda given: WikidataSource(
            base_url=given.base_url("wikidata", wikidata.BASE_URL), user_agent=given.user_agent
        ),
        title="Wikidata",
        what="Who leads large and listed companies, and their numbers in registers.",
        contact=(wikidata_api.CONTACT, wikidata.BASE_URL),
    ),
    "sec_edgar": _Line(
        lambda given: SecEdgarSource(
            base_url=given.base_url("sec_edgar", sec_service.BASE_URL), user_agent=given.user_agent
        ),
        title="SEC EDGAR",
        what="Officers and directors of companies that file in the United States.",
        contact=(sec_service.CONTACT, sec_service.BASE_URL),
    ),
    "linkedin": _Line(
        lambda given: LinkedInSource(
            access_token=given.access("linkedin").api_key, base_url=given.base_url("linkedin", linkedin.BASE_URL)
        ),
        ("api_key",),
        title="LinkedIn's official API",
        what="Facts about the company whose LinkedIn page is given. It names no people.",
    ),
}
NAMES = tuple(SOURCES)


def sources(names: Iterable[str], configuration: Configuration | None = None) -> list[Source]:
    """Return the sources of these names, each once, in the order named; without names, all that need nothing further.

    Raises ValueError with a sentence for a name that is not known, and for one whose key or address is not set.
    """
    given = configuration or Configuration()
    wanted = _cleaned(names)
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


def standings(names: Iterable[str], configuration: Configuration) -> list[Standing]:
    """Return every known source with the reason why it does not run, if it does not; `names` as for `sources`."""
    wanted = _cleaned(names)
    return [
        Standing(name, line.title, line.what, _why_not(name, line, wanted, configuration))
        for name, line in SOURCES.items()
    ]


def _why_not(name: str, line: _Line, wanted: Sequence[str], configuration: Configuration) -> str:
    missing = line.missing(name, configuration)
    if wanted and name not in wanted:
        also = f" It needs {' and '.join(missing)} too." if missing else ""
        return f"Switched off: add {name} to ENRICHMENT_SOURCES to ask it.{also}"
    if missing:
        return f"Set {' and '.join(missing)} to ask it."
    if line.wants_contact(name, configuration):
        return "It answers only those whom it can reach: put an e-mail address of yours into ENRICHMENT_USER_AGENT."
    return ""


def _cleaned(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
