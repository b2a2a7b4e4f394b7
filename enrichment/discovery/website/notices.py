"""What reading a website tells the user besides people: a code and a sentence to act on, each in one place."""

from collections.abc import Sequence

from core.http import FetchError
from enrichment.discovery.base import Diagnostic

SOURCE = "website"
NAMES_SHOWN = 5

_WITHOUT_ADVICE = frozenset({"unreachable", "tls", "too_many_redirects"})


def no_website(brand: str) -> Diagnostic:
    return _notice("no_website", f"No website is known for {brand}: give its address, as in https://www.example.com/.")


def never_read(host: str) -> Diagnostic:
    return _notice("no_website", f"Pages of {host} are never read: give the address of the company's own website.")


def unreachable(error: FetchError) -> Diagnostic:
    advice = " Check the address of the website, or run this again later." if error.code in _WITHOUT_ADVICE else ""
    return _notice("unreachable", f"{error.sentence}{advice}")


def not_html(error: FetchError) -> Diagnostic:
    return _notice("not_html", f"{error.sentence} Give the address of the home page.")


def too_large(error: FetchError) -> Diagnostic:
    return _notice("too_large", f"{error.sentence} Give the address of the team page.")


def http_status(host: str, status: int) -> Diagnostic:
    if status in (401, 403):
        advice = "It turns programs away, or wants a sign-in: use another source for this brand."
    elif status == 429:
        advice = "It is busy with too many requests: run this again later."
    elif status in (404, 410):
        advice = "Nothing is at this address: check it, or give the home page."
    elif status >= 500:
        advice = "The site has a fault: run this again later."
    else:
        advice = "Give the address of another page of the site."
    return _notice("http_status", f"{host} answered with status {status}. {advice}")


def robots(host: str) -> Diagnostic:
    sentence = f"{host} asks programs in its robots.txt not to read it, so nothing was read: use another source."
    return _notice("robots", sentence)


def robots_unknown(host: str, why: str) -> Diagnostic:
    sentence = f"{host} could not be asked what may be read ({why}), so nothing was: run this again later."
    return _notice("robots", sentence)


def some_by_robots(host: str, pages: int) -> Diagnostic:
    sentence = f"{host} asks programs in its robots.txt not to read {_count(pages, 'page')} that may show people."
    return _notice("robots", sentence)


def moved(asked: str, now: str) -> Diagnostic:
    return _notice("moved", f"{asked} leads to {now}, which was read in its place: check that it is the same company.")


def page_cut(pages: int) -> Diagnostic:
    which = f"{_count(pages, 'page')} {'was' if pages == 1 else 'were'}"
    sentence = f"{which} too large or too involved to be read to the end: give the address of the team page itself."
    return _notice("page_cut", sentence)


def no_people(host: str, pages: int) -> Diagnostic:
    return _notice(
        "no_people",
        f"{host} was read ({_count(pages, 'page')}), and none presents people of the company with their roles (names "
        "in passing within a text do not count): give the address of its team page if there is one, or use another "
        "source.",
    )


def needs_javascript(host: str, pages: int) -> Diagnostic:
    return _notice(
        "needs_javascript",
        f"{host} builds its pages in the browser: {_count(pages, 'page')} came with scripts and next to no text. "
        "Scripts are not run, so people shown that way are not found: use another source.",
    )


def single_names(names: Sequence[str]) -> Diagnostic:
    shown = ", ".join(names[:NAMES_SHOWN])
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    sentence = f"Shown with one name only, and so left out: {shown}{more}. Add them by hand if you know the full names."
    return _notice("single_names", sentence)


def page_limit(pages: int, left: int) -> Diagnostic:
    return _notice(
        "page_limit",
        f"Reading stopped after {_count(pages, 'page')} with {left} promising left: give the address of the team "
        "page, or raise ENRICHMENT_CRAWL_MAX_PAGES.",
    )


def time_limit(seconds: float, left: int) -> Diagnostic:
    return _notice(
        "time_limit",
        f"Reading stopped after {seconds:g} seconds with {left} promising pages left: give the address of the team "
        "page, or raise ENRICHMENT_CRAWL_MAX_SECONDS.",
    )


def people_limit(people: int) -> Diagnostic:
    sentence = f"Reading stopped at {people} people: give the address of the page that shows those you look for."
    return _notice("people_limit", sentence)


def pages_failed(failed: int, first: str) -> Diagnostic:
    return _notice("pages_failed", f"{_count(failed, 'page')} could not be read. The first: {first}")


def _notice(code: str, sentence: str) -> Diagnostic:
    return Diagnostic(code, sentence, SOURCE)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
