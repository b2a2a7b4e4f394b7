"""Links to personal LinkedIn profiles, in one spelling. The pages they lead to are never fetched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from enrichment.discovery.website.lines import Outline

_PROFILE = re.compile(
    r"(?:^|[/.@\s(])linkedin\.com/(in|pub)/([^/?#\s\"'<>)]{2,100})((?:/[0-9a-f]{1,3}){3})?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A personal profile: its canonical address, and the slug that identifies the person."""

    url: str
    slug: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A profile that is linked, or printed, on line `line`."""

    profile: Profile
    line: int


def parse(text: str) -> Profile | None:
    """The personal profile that an address leads to; None for companies, groups, share buttons and other sites.

    `https://www.linkedin.com/in/<slug>`; the `/pub/<slug>/a/b/c` of old pages stays what it is.
    """
    match = _PROFILE.search(text)
    if not match:
        return None
    kind, slug = match.group(1).lower(), unquote(match.group(2)).strip().rstrip(".,;").lower()
    if not slug or slug in {"me", "edit", "username", "yourname", "your-profile", "profile"} or "\ufffd" in slug:
        return None
    tail = match.group(3) or "" if kind == "pub" else ""
    return Profile(f"https://www.linkedin.com/{kind}/{quote(slug)}{tail.lower()}", slug)


def find(outline: Outline) -> Iterator[Linked]:
    """Every linked or printed profile in reading order."""
    for anchor in outline.anchors:
        if "linkedin" in anchor.href.lower() and (profile := parse(anchor.href)):
            yield Linked(profile, anchor.line)
    for line in outline.lines:
        if "linkedin.com/" in line.text.lower() and (profile := parse(line.text)):
            yield Linked(profile, line.index)
