"""From a search result to a person: whose LinkedIn profile it is, and what title and snippet say about the brand.

LinkedIn itself is never asked; all that is known is what the search engine shows. A result whose title confirms the
company and the role counts as LinkedIn's; one that says less is a finding in a public index; one that nowhere
names the brand says nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.search_engines import snippets, statements, titles_of_results
from enrichment.discovery.search_engines.base import Result
from enrichment.discovery.search_engines.companies import Company
from enrichment.discovery.search_engines.snippets import Mention
from enrichment.discovery.search_engines.titles_of_results import Claim
from enrichment.discovery.titles import classify
from enrichment.discovery.website import profiles, role_text
from enrichment.discovery.website.profiles import Profile

CONFIRMED = ("linkedin", "linkedin_company_search")
INDEXED = ("public_index", "search_operators")
OLD = timedelta(days=730)  # a page that the engine dates further back may no longer be true
MAX_URL = 500


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody in a result. `departed`: it says that they have left the brand."""

    person: Person
    departed: bool


def profile_at(url: str) -> Profile | None:
    """Return the personal profile at a URL of linkedin.com or a country's host there, without tracking parameters."""
    try:
        parts = urlsplit(url[:MAX_URL].strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not (host == "linkedin.com" or host.endswith(".linkedin.com")):
        return None
    steps = [step for step in parts.path.split("/") if step]
    kind = steps[0].lower() if len(steps) > 1 else ""
    if kind == "in" and len(steps) > 2 and len(steps[2]) not in (2, 5):
        return None  # /in/jane-doe/recent-activity; two or five letters are a language: /de, /zh_CN
    if kind not in ("in", "pub") or (kind == "pub" and steps[1].lower() == "dir"):
        return None
    return profiles.parse(f"linkedin.com/{'/'.join(steps)}")


def person_in(result: Result, company: Company, source: str, seen_at: datetime) -> Found | None:
    """Return who a result is about if it says that they work, or worked, at the company, else None.

    `source`: the engine's name, for evidence; `seen_at`: when the engine gave the result.
    """
    profile = profile_at(result.url)
    parts = titles_of_results.pieces(result.title) if profile else []
    name = titles_of_results.read_name(parts[0].text) if parts and not parts[0].cut else None
    if profile is None or name is None:
        return None
    claim = titles_of_results.claim(_with_role_after_name(parts), company)
    mention = snippets.read(result.snippet, company)
    departed = bool(claim.left or (not claim.company and mention.left))
    if not departed and not _works_there(claim, mention):
        return None
    role, confirmed = _role(claim, mention)
    certainty = _certainty(claim, mention, bool(role)) - (0.2 if _is_old(result, seen_at) else 0.0)
    left = (claim.left or mention.left) if departed else ""
    person = _person(name, profile, role, confirmed=confirmed and not departed, certainty=certainty)
    return Found(_with_evidence(person, result, source, seen_at, left), departed)


def best(found: Iterable[Found]) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Return (people, departed), each profile once.

    Where results differ about a profile, a confirmed title counts most, then that somebody left, then confidence.
    """
    chosen: dict[str, Found] = {}
    for item in found:
        url = item.person.linkedin_url or ""
        if url not in chosen or _weight(item) > _weight(chosen[url]):
            chosen[url] = item
    people = tuple(item.person for item in chosen.values() if not item.departed)
    return people, tuple(item.person for item in chosen.values() if item.departed)


def _weight(item: Found) -> tuple[bool, bool, int]:
    return item.person.source == CONFIRMED[0], item.departed, item.person.confidence


def _with_role_after_name(parts: list[titles_of_results.Piece]) -> list[titles_of_results.Piece]:
    """Return the pieces behind the name; what a comma parts from the name is one ("Jane Doe, CEO at Acme")."""
    _name, _comma, rest = parts[0].text.partition(",")
    rest = rest.strip()
    return [titles_of_results.Piece(rest), *parts[1:]] if statements.is_role(rest) else parts[1:]


def _works_there(claim: Claim, mention: Mention) -> bool:
    """Whether title or snippet names the brand; a mere mention does not count against another employer in the title."""
    return claim.company or (mention.company and (mention.stated or not claim.elsewhere))


def _role(claim: Claim, mention: Mention) -> tuple[str, bool]:
    """Return the role at the brand, "" if not known, and whether the title confirms it together with the company."""
    role = role_text.clean(claim.role)
    if claim.company and role and not claim.role_cut:
        # "Founder and former CEO" does not say what holds now.
        return role, statements.is_role(role) and not statements.FORMER.search(role)
    if mention.role:
        return role_text.clean(mention.role), False
    if claim.elsewhere:
        return "", False
    if claim.role_cut:
        role = role.rpartition(" ")[0]  # the last word may be half a word
    return (role if statements.is_role(role) else ""), False


def _certainty(claim: Claim, mention: Mention, has_role: bool) -> float:
    """Return 0-1: the company in title and snippet, said outright, and a role."""
    return 0.4 * claim.company + 0.2 * mention.company + 0.2 * mention.stated + 0.2 * has_role


def _is_old(result: Result, seen_at: datetime) -> bool:
    return result.dated is not None and seen_at.date() - result.dated > OLD


def _person(name: tuple[str, str], profile: Profile, title: str, *, confirmed: bool, certainty: float) -> Person:
    role = classify(title)
    source, method = CONFIRMED if confirmed else INDEXED
    return Person(
        first_name=name[0],
        last_name=name[1],
        title=title or None,
        seniority=role.seniority,
        department=role.department,
        decision_maker=role.decision_maker,
        linkedin_url=profile.url,
        linkedin_id=profile.slug,
        confidence=confidence.linkedin(certainty) if confirmed else confidence.search(certainty),
        source=source,
        method=method,
    )


def _with_evidence(person: Person, result: Result, source: str, seen_at: datetime, left: str) -> Person:
    snippet = f"{result.title} … {result.snippet}"[:300] if result.snippet else result.title[:300]
    url = person.linkedin_url or ""
    claims = {"name": person.name, "title": person.title, "linkedin": url, "left": left[:300]}
    evidence = tuple(Evidence(field, value, url, snippet, source, seen_at) for field, value in claims.items() if value)
    return replace(person, evidence=evidence)
