"""Listings that go on: which number of a listing's pages an address is, and which links lead to the next ones."""

import re
from collections.abc import Iterator

from enrichment.discovery.website.pages import Page

NO_NUMBER = 0
MAX_NUMBER = 999

Pairs = list[tuple[str, str]]

# The last word in the name of a parameter, as in `tx_team[currentPage]`. These count pages …
_PAGES = r"page|paged|pg|pagenum|pagenumber|page_?no|currentpage|seite|pagina|strona|sida|side|strana|stranica|sivu"
# … and these the entries before the page.
_ENTRIES = r"start|offset|limitstart"
_PAGES_NAME = re.compile(rf"(?:.*[\[_-])?(?:{_PAGES})\]?", re.IGNORECASE)
_ENTRIES_NAME = re.compile(rf"(?:.*[\[_-])?(?:{_ENTRIES})\]?", re.IGNORECASE)
_PATH = re.compile(rf"(?<=[^/])/(?:(?:{_PAGES})[/-]?|p/)(\d{{1,3}})/?$", re.IGNORECASE | re.ASCII)  # below a listing
_NEXT = frozenset(
    {"next", "next page", "weiter", "nächste", "nächste seite", "vor", "suivant", "suivante", "page suivante"}
    | {"siguiente", "página siguiente", "próxima", "próximo", "seguinte", "próxima página", "página seguinte"}
    | {"successivo", "successiva", "avanti", "pagina successiva", "volgende", "volgende pagina", "następna", "dalej"}
    | {"następna strona", "nästa", "nästa sida", "neste", "neste side", "næste", "næste side", "seuraava"}
    | {"seuraava sivu", "další", "další strana", "ďalšia", "следваща", "следваща страница", "напред", "следующая"}
    | {"следующая страница", "далее", "вперед", "вперёд", "次へ", "次のページ", "次", "下一页", "下一頁", "下页"}
)
_EDGES = " \t>»›→⟩❯▶…."
_ARROWS = frozenset({">", ">>", "»", "›", "→", "❯", "⟩"})


def split(path: str, parameters: Pairs) -> tuple[str, Pairs, int]:
    """Return the path and the parameters without the number of the page, and that number.

    NO_NUMBER where there is none; 1 for a listing's first page; what counts entries gives 2 and more after the first.
    """
    for place, (name, value) in enumerate(parameters):
        counts_entries = _ENTRIES_NAME.fullmatch(name) is not None
        if value.isascii() and value.isdigit() and (counts_entries or _PAGES_NAME.fullmatch(name)):
            number = min(int(value[:4]), MAX_NUMBER)
            rest = parameters[:place] + parameters[place + 1 :]
            return path, rest, number + 1 if counts_entries else max(number, 1)
    match = _PATH.search(path)
    if match:
        return path[: match.start()], parameters, max(int(match[1]), 1)
    return path, parameters, NO_NUMBER


def following(page: Page) -> Iterator[str]:
    """Yield the addresses that the page itself calls its next page, and those whose text is a page's number."""
    for href in page.root.xpath("(//link | //a)[contains(concat(' ', normalize-space(@rel), ' '), ' next ')]/@href"):
        yield str(href)
    own = page.url.partition("?")[0].rstrip("/")
    beside = own.rpartition("/")[0]
    for link in page.links:
        text = link.text.strip()
        if text.isascii() and text.isdigit():
            is_next = link.url.rstrip("/") in (f"{own}/{text}", f"{own}-{text}")
        else:
            is_next = text in _ARROWS or text.strip(_EDGES).lower() in _NEXT
        if is_next and link.url.startswith(beside):
            yield link.url
