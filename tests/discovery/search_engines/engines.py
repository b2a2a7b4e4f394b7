"""The four engines as the tests meet them: where each is asked, how made, and what a page of its results looks like."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from enrichment.discovery.search_engines.base import Engine
from enrichment.discovery.search_engines.brave import Brave
from enrichment.discovery.search_engines.google import GooglePse
from enrichment.discovery.search_engines.searxng import SearXng
from enrichment.discovery.search_engines.serpapi import SerpApi

KEY = "secret-key-1"
TITLE = "Jane Doe - CEO - Acme | LinkedIn"
PROFILE = "https://www.linkedin.com/in/jane-doe"
HIT = (TITLE, PROFILE, "Berlin · CEO at Acme")


@dataclass(frozen=True)
class Kind:
    """`page(hits, more)`: the JSON of a page of (title, url, snippet)."""

    path: str
    make: Callable[[str], Engine]
    page: Callable[..., dict[str, Any]]


def searxng_page(hits: list[tuple[str, str, str]], more: bool = False, failed: Any = ()) -> dict[str, Any]:
    results = [
        {"title": title, "url": url, "content": text, "engine": "google", "engines": ["google"], "publishedDate": None}
        for title, url, text in hits
    ]
    return {"query": "q", "results": results, "answers": [], "suggestions": [], "unresponsive_engines": failed}


def brave_page(hits: list[tuple[str, str, str]], more: bool = False) -> dict[str, Any]:
    query = {"original": "q", "altered": None, "more_results_available": more}
    results = [{"title": title, "url": url, "description": text} for title, url, text in hits]
    return {"type": "search", "query": query, **({"web": {"type": "search", "results": results}} if hits else {})}


def google_page(hits: list[tuple[str, str, str]], more: bool = False) -> dict[str, Any]:
    items = [{"kind": "customsearch#result", "title": t, "link": u, "snippet": s} for t, u, s in hits]
    queries: dict[str, Any] = {"request": [{"totalResults": str(len(hits)), "startIndex": 1}]}
    if more:
        queries["nextPage"] = [{"startIndex": 11}]
    information = {"totalResults": str(len(hits)), "searchTime": 0.2}
    return {"queries": queries, "searchInformation": information, **({"items": items} if hits else {})}


def serpapi_page(hits: list[tuple[str, str, str]], more: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {"search_metadata": {"status": "Success"}, "search_information": {}}
    if not hits:
        return {**body, "error": "Google hasn't returned any results for this query."}
    body["organic_results"] = [
        {"position": place, "title": title, "link": url, "snippet": text, "redirect_link": "https://example.com/"}
        for place, (title, url, text) in enumerate(hits, 1)
    ]
    if more:
        body["serpapi_pagination"] = {"current": 1, "next": "https://serpapi.com/search.json?start=10"}
    return body


KINDS = {
    "searxng": Kind("/search", lambda url: SearXng(base_url=url), searxng_page),
    "brave": Kind("/res/v1/web/search", lambda url: Brave(api_key=KEY, base_url=url), brave_page),
    "google_pse": Kind("/customsearch/v1", lambda url: GooglePse(api_key=KEY, cx="cx1", base_url=url), google_page),
    "serpapi": Kind("/search.json", lambda url: SerpApi(api_key=KEY, base_url=url), serpapi_page),
}
