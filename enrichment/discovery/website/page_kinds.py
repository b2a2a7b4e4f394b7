"""What a page as a whole is about, and whose it is: from its address, title and first heading."""

import re
from urllib.parse import urlsplit

from enrichment.discovery.website.lines import Outline
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.section_words import about_others, names_organisation, names_staff
from enrichment.discovery.website.vocabulary import fold

TEAM_PAGE, ABOUT_PAGE, PLAIN_PAGE, NEWS_PAGE, OTHERS_PAGE = "team", "about", "plain", "news", "others"

_NEWS_PATH = re.compile(
    r"/(?:blog|news|press|articles?|posts?|stories|aktuelles|presse|actualites?|noticias|notizie|nieuws|aktualnosci"
    r"|(?:19|20)\d\d)(?:/|$)"
)
_TITLE_PARTS = re.compile(r"\s[|·–—«»-]\s|:\s")
_DECLARED = "string((//link[@rel='canonical']/@href | //meta[@property='og:url']/@content)[1])"
_ARTICLE = "//meta[@property='og:type'][@content='article'] | //body[contains(@class, 'single-post')]"
_SITE_NAME = "string((//meta[@property='og:site_name']/@content)[1])"


def kind_of(page: Page, outline: Outline) -> str:
    """TEAM_PAGE, ABOUT_PAGE (contact, imprint), NEWS_PAGE (an article), OTHERS_PAGE (testimonials) or PLAIN_PAGE."""
    path = " ".join(fold(_path(url)) for url in (page.url, str(page.root.xpath(_DECLARED))))
    first = next((line.text for line in outline.lines if line.heading in {1, 2} and line.text and not line.image), "")
    subject = _TITLE_PARTS.split(page.title)[0]
    titles = (subject, first[:100], re.sub(r"[-_/.]", " ", path))
    says_staff = any(map(names_staff, titles))
    if not says_staff and any(map(about_others, titles)):
        return OTHERS_PAGE
    if _NEWS_PATH.search(path):
        return NEWS_PAGE
    if says_staff:
        return TEAM_PAGE
    if any(map(names_organisation, (*titles, page.title))):
        return ABOUT_PAGE
    return NEWS_PAGE if page.root.xpath(_ARTICLE) else PLAIN_PAGE


def is_team_page(page: Page) -> bool:
    """Whether the page's title or address says that it presents staff, for pages that have no text to tell."""
    titles = (_TITLE_PARTS.split(page.title)[0], re.sub(r"[-_/.]", " ", fold(_path(page.url))))
    return any(map(names_staff, titles)) and not any(map(about_others, titles))


def organisation_of(page: Page, outline: Outline) -> str:
    """What the page says of whose it is, folded: its title, host, site name and copyright notices."""
    last = outline.lines[-30:]
    notices = [line.text[:200] for line in last if "©" in line.text or "copyright" in line.text.lower()]
    return fold(" ".join([page.title, _host(page.url), str(page.root.xpath(_SITE_NAME)), *notices[:3]]))


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path if parts.scheme in {"http", "https", ""} else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
