"""The people that a page presents as the organisation's own, with evidence for every field.

The way from bytes to people: pages (a tree) -> lines (what a reader sees) -> sections (what a part is about) and
candidates (which texts may be names: line_parts, names_on_page, role_text) -> blocks and block_titles (whose lines are
whose, which is the title) -> staff (who belongs here). Beside it prose, structured_data and legal_notice; what they
find is merged in sightings, and ownership hands out addresses and profiles. Words are in vocabulary/.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.titles import classify
from enrichment.discovery.website import addresses, legal_notice, name_order, profiles, prose, staff, structured_data
from enrichment.discovery.website.lines import Outline, outline
from enrichment.discovery.website.ownership import Owner, hand_out_addresses, hand_out_profiles
from enrichment.discovery.website.page_kinds import TEAM_PAGE
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.sections import sections
from enrichment.discovery.website.sightings import STRUCTURED_DATA, Sighting, merged, snippet
from enrichment.discovery.website.stated import Stated

SOURCE = "website"
MAX_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a page tells: `people`; `emails` that are none of theirs; `single_names` of people with one name only.

    `cut`: the page is so large, or made so, that a part of it was not read.
    """

    people: tuple[Person, ...] = ()
    emails: tuple[str, ...] = ()
    single_names: tuple[str, ...] = ()
    cut: bool = False


def extract(page: Page) -> Extraction:
    """Read a page. Raises nothing on any page of `pages.parse`; work is linear in its size, and capped: see work.py."""
    lines = outline(page)
    parts = sections(page, lines)
    published, linked = addresses.find(lines), list(profiles.find(lines))
    in_blocks, singles = staff.find(lines, parts, published, linked)
    on_team_page = parts.kind == TEAM_PAGE
    stated = [_of_stated(item, lines, own_page=on_team_page) for item in structured_data.find(page, lines.work)]
    in_text = prose.find(lines, parts, published)
    legal = legal_notice.find(page, lines)
    labelled = {sighting.line for sighting in legal}  # a legal notice's own lines are read by its labels alone
    others = (sighting for sighting in (*in_blocks, *in_text) if sighting.line not in labelled)
    found = merged([*stated, *legal, *others])[:MAX_PEOPLE]
    found.sort(key=lambda sighting: sighting.line if sighting.line >= 0 else len(lines.lines))
    owners = _owners(found, page.language)
    hand_out_addresses(owners, published, lines.work)
    hand_out_profiles(owners, linked, lines.work)
    seen_at = datetime.now(UTC)
    owned = {owner.email for owner in owners}
    return Extraction(
        people=tuple(_person(owner, page, lines, seen_at) for owner in owners),
        emails=tuple(dict.fromkeys(item.address for item in published if item.address not in owned)),
        single_names=tuple(singles),
        cut=lines.work.cut,
    )


def _of_stated(stated: Stated, lines: Outline, *, own_page: bool) -> Sighting:
    start, end = lines.span.get(stated.element, (-1, -1)) if stated.element is not None else (-1, -1)
    return Sighting(
        name=stated.name,
        method=STRUCTURED_DATA,
        title=stated.title,
        line=start,
        title_line=start,
        spans=[range(start, end)] if start >= 0 else [],
        own_page=own_page,
        email=stated.email,
        profile=stated.profile,
    )


def _owners(found: list[Sighting], language: str) -> list[Owner]:
    family_first = language == "hu" or name_order.are_family_first([sighting.name for sighting in found])
    return [
        Owner(sighting, *name_order.split(sighting.name, language, family_first=family_first)) for sighting in found
    ]


def _person(owner: Owner, page: Page, lines: Outline, seen_at: datetime) -> Person:
    sighting = owner.sighting
    role = classify(sighting.title)
    title = sighting.title or None
    profile = owner.profile

    def seen(field: str, value: str, line: int) -> Evidence:
        return Evidence(field, value, page.url, snippet(lines, line, sighting.spans) or value[:300], SOURCE, seen_at)

    evidence = [seen("name", sighting.name, sighting.line)]
    if title:
        evidence.append(seen("title", title, sighting.title_line))
    if owner.email:
        evidence.append(seen("email", owner.email, owner.email_line))
    if profile:
        evidence.append(seen("linkedin", profile.url, owner.profile_line))
    return Person(
        first_name=owner.first,
        last_name=owner.last,
        title=title,
        seniority=role.seniority,
        department=role.department,
        decision_maker=role.decision_maker,
        email=owner.email,
        linkedin_url=profile.url if profile else None,
        linkedin_id=profile.slug if profile else None,
        confidence=confidence.website(
            own_page=sighting.own_page,
            has_title=title is not None,
            structured=sighting.method == STRUCTURED_DATA,
            has_address=owner.email is not None,
        ),
        source=SOURCE,
        method=sighting.method,
        evidence=tuple(evidence),
    )
