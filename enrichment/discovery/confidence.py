"""How sure we are that somebody works at a brand in the role stated: 0-100, by kind of source.

The ranges are the specification's ("Confidence Scoring System"); within its range a finding is placed by what
was confirmed. Every number of contact confidence stands here.
"""

WEBSITE = range(60, 81)
PUBLIC_DATA = range(70, 91)
SEARCH = range(50, 71)
LINKEDIN = range(85, 96)

OWN_PAGE = 8  # on a page made to present people: team, leadership, board
HAS_TITLE = 6
STRUCTURED = 3  # stated in structured data (schema.org), not read from the layout
HAS_ADDRESS = 3  # the site prints an address of theirs

INDEPENDENT_SOURCE = 5  # for each further kind of source that names the same person
LEFT = 40  # a source says that they have left
LEFT_BUT_ON_SITE = 10  # the same, while the company's own site shows them: registers and volunteers can be wrong
CEILING = 95


def website(*, own_page: bool, has_title: bool, structured: bool, has_address: bool) -> int:
    """Return the confidence, 60-80, in somebody whom the brand's own website shows."""
    points = own_page * OWN_PAGE + has_title * HAS_TITLE + structured * STRUCTURED + has_address * HAS_ADDRESS
    return min(WEBSITE.start + points, WEBSITE.stop - 1)


def public_data(certainty: float) -> int:
    """Return the confidence, 70-90, in somebody whom a public register or knowledge base names.

    `certainty`, 0-1: how sure the source itself makes that the role is held now (dated, referenced, in force).
    """
    return _within(PUBLIC_DATA, certainty)


def search(certainty: float) -> int:
    """Return the confidence, 50-70, in somebody whom a search result names; `certainty` 0-1."""
    return _within(SEARCH, certainty)


def linkedin(certainty: float) -> int:
    """Return the confidence, 85-95, in somebody whose LinkedIn result confirms current role and company."""
    return _within(LINKEDIN, certainty)


def _within(span: range, certainty: float) -> int:
    return span.start + round(min(max(certainty, 0.0), 1.0) * (len(span) - 1))


def agreed(best: int, sources: int) -> int:
    """Return the confidence in somebody whom `sources` independent kinds of source name; `best` is the best alone.

    The specification's public ranges end at 95; agreement does not lift further.
    """
    lifted = min(best + INDEPENDENT_SOURCE * (sources - 1), CEILING)
    return max(best, lifted)


def reported_left(value: int, *, on_site: bool) -> int:
    """Return the confidence in somebody who is said to have left; `on_site`: the brand's own website shows them."""
    return max(value - (LEFT_BUT_ON_SITE if on_site else LEFT), 0)
