"""Which item is the brand: by its website, else by its name where the website or LinkedIn's page confirms it."""

from typing import Any
from urllib.parse import urlsplit

from core.domains import registrable_domain
from enrichment.discovery.base import Brand, Context
from enrichment.discovery.public_index.wikidata_api import Api
from enrichment.discovery.public_index.wikidata_statements import entity_of, values
from enrichment.discovery.service import listed, text_of

MAX_QUERY = 300  # characters of one search, by CirrusSearch
MAX_CANDIDATES = 10


def find(api: Api, brand: Brand, context: Context) -> tuple[str, dict[str, Any]] | None:
    """Return the company's item and its entity, None when there is none for sure. Raises SourceError."""
    for keys in (_by_website(api, brand, context), _by_name(api, brand, context)):
        candidates = list(dict.fromkeys(keys))[:MAX_CANDIDATES]
        entities = api.entities(candidates, context) if candidates else {}
        for key in candidates:
            entity = entity_of(entities, key)
            if entity is not None and _is_the_brand(entity, brand, context):
                return text_of(entity.get("id")) or key, entity
    return None


def _by_website(api: Api, brand: Brand, context: Context) -> list[str]:
    """Return the items whose official website (P856) is the brand's, in any of the forms that it may be written in."""
    found: list[str] = []
    for query in _queries(brand):
        body = api.call(
            {"action": "query", "list": "search", "srnamespace": "0", "srlimit": "5", "srsearch": query}, context
        )
        query_part = body.get("query")
        hits = listed(query_part.get("search") if isinstance(query_part, dict) else None)
        found += [title for hit in hits if (title := text_of(hit.get("title")))]
    return found


def _queries(brand: Brand) -> list[str]:
    """Return searches for all forms of the website's address, each as long as may be."""
    host = (urlsplit(brand.website or "").hostname or brand.domain or "").lower()
    if not host or len(host) > 120:
        return []
    bare = host.removeprefix("www.")
    terms = [
        f"P856={scheme}://{name}{slash}"
        for name in (f"www.{bare}", bare)
        for scheme in ("https", "http")
        for slash in ("/", "")
    ]
    queries, query = [], ""
    for term in terms:
        longer = f"{query}|{term}" if query else f"haswbstatement:{term}"
        if len(longer) > MAX_QUERY:
            queries.append(query)
            longer = f"haswbstatement:{term}"
        query = longer
    return [*queries, query]


def _by_name(api: Api, brand: Brand, context: Context) -> list[str]:
    name = " ".join(brand.name.split())[:100]
    if not name or not (brand.domain or brand.linkedin_company_url):
        return []  # nothing that could confirm a namesake
    params = {
        "action": "wbsearchentities",
        "search": name,
        "language": "en",
        "uselang": "en",
        "type": "item",
        "limit": "10",
    }
    hits = listed(api.call(params, context).get("search"))
    return [key for hit in hits if (key := text_of(hit.get("id")))]


def _is_the_brand(entity: dict[str, Any], brand: Brand, context: Context) -> bool:
    """Whether the item has the brand's domain, or its LinkedIn page."""
    sites = values(entity, "P856", context.now())
    if brand.domain and brand.domain in {_domain(site) for site in sites}:
        return True
    slug = urlsplit(brand.linkedin_company_url or "").path.strip("/").rpartition("/")[2].casefold()
    return bool(slug) and slug in {value.casefold() for value in values(entity, "P4264", context.now())}


def _domain(site: str) -> str | None:
    try:
        return registrable_domain(urlsplit(site).hostname or "")
    except ValueError:
        return None
