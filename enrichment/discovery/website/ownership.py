"""Whose address is it? An address belongs to the person whose name fits it, not to the nearest one."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from anyascii import anyascii
from nicknames import NickNamer

from enrichment.discovery.titles import LEADERS, classify
from enrichment.discovery.website import addresses
from enrichment.discovery.website.addresses import Published
from enrichment.discovery.website.name_words import is_given, is_particle
from enrichment.discovery.website.profiles import Linked, Profile
from enrichment.discovery.website.sightings import Sighting
from enrichment.discovery.website.vocabulary import fold
from enrichment.discovery.website.work import PAIR, Work

NO, WEAK, STRONG = 0, 1, 2

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})
_CYRILLIC = re.compile(r"[а-яёіїєґ]")
# How else people write the letters that the scholarly way makes two of.
_SPELLINGS_OF_CYRILLIC = (
    (("kh", "h"),),
    (("y", "i"),),
    (("y", "j"),),
    (("kh", "h"), ("ts", "c"), ("y", "i")),
    (("zh", "j"), ("ts", "c"), ("kh", "h")),
    (("shch", "sht"), ("kh", "h")),
)
_NOT_LETTERS = re.compile(r"[^a-z]+")


FAR = 100  # people and profiles that are compared all with all
MAX_LOCAL = 200
MAX_SPAN = 80  # lines of one person that are looked at


@dataclass(slots=True)
class Owner:
    """A person who may own an address or a profile. The lines say where it stands, -1 for structured data."""

    sighting: Sighting
    first: str
    last: str
    email: str | None = None
    email_line: int = -1
    profile: Profile | None = None
    profile_line: int = -1


@dataclass(frozen=True, slots=True)
class _Spellings:
    """The forms of a name in addresses: of its parts, of both in one word ("jdoe", "doej"), and the initials."""

    firsts: frozenset[str]
    lasts: frozenset[str]
    compounds: frozenset[str]
    initials: str


def hand_out_addresses(owners: list[Owner], published: Iterable[Published], work: Work) -> None:
    """Give each owner the address that fits best; role addresses and those that fit nobody stay nobody's."""
    by_line, by_name = _by_line(owners), _by_name(owners)
    for owner in owners:
        owner.email = owner.sighting.email
    claims: list[tuple[int, int, Owner, Published]] = []
    for order, item in enumerate(published):
        local = item.address.partition("@")[0]
        near = by_line.get(item.line, [])
        if not work.spend(PAIR * (1 + len(near))):
            break
        if item.copied or (addresses.is_role(item.address) and not (len(near) == 1 and owns_office(item, near[0]))):
            continue
        best = NO
        for owner in near:
            worth = fit(local, owner.first, owner.last) * 2
            best = max(best, worth // 2)
            if worth < 2 * WEAK and (fits_title(item.address, owner.sighting.title) or owns_office(item, owner)):
                worth = 1
            if worth:
                claims.append((-worth - 1, order, owner, item))
        if best == STRONG:
            continue
        alike = _named_like(local, by_name)
        if not work.spend(PAIR * len(alike)):
            break
        far = [owner for owner in alike if fit(local, owner.first, owner.last) == STRONG]
        if len(far) == 1 and far[0] not in near:
            claims.append((-3, order, far[0], item))
    taken = {owner.email for owner in owners}
    for _worth, _order, owner, item in sorted(claims, key=lambda claim: claim[:2]):
        if owner.email is None and item.address not in taken:
            owner.email, owner.email_line = item.address, item.line
            taken.add(item.address)


def hand_out_profiles(owners: list[Owner], linked: Iterable[Linked], work: Work) -> None:
    """Give each owner their profile: the one that fits their name, or the only one in their own block.

    A profile linked from several blocks (the founder's, the web designer's) says nothing about them.
    """
    by_line = _by_line(owners)
    for owner in owners:
        owner.profile = owner.sighting.profile
    items = list(linked)
    blocks = Counter((item.profile.slug, id(owner)) for item in items for owner in by_line.get(item.line, []))
    spread = Counter(slug for slug, _owner in blocks)
    taken = {owner.profile.slug for owner in owners if owner.profile}
    claims: list[tuple[int, int, Owner, Linked]] = []
    for order, item in enumerate(items):
        near = by_line.get(item.line, [])
        if not work.spend(PAIR * (1 + len(near))):
            break
        best = NO
        for owner in near:
            worth = fit(item.profile.slug, owner.first, owner.last)
            best = max(best, worth)
            if worth or (spread[item.profile.slug] == 1 and len(near) == 1):
                claims.append((-worth - 1, order, owner, item))
        if best == STRONG or order >= FAR:
            continue
        far = [owner for owner in owners[:FAR] if _has_both(item.profile.slug, owner)]
        if len(far) == 1 and far[0] not in near:
            claims.append((-2, order, far[0], item))
    for _worth, _order, owner, item in sorted(claims, key=lambda claim: claim[:2]):
        if owner.profile is None and item.profile.slug not in taken:
            owner.profile, owner.profile_line = item.profile, item.line
            taken.add(item.profile.slug)


def _by_line(owners: list[Owner]) -> dict[int, list[Owner]]:
    found: dict[int, list[Owner]] = defaultdict(list)
    for owner in owners:
        for line in {line for span in owner.sighting.spans for line in span[:MAX_SPAN]}:
            found[line].append(owner)
    return found


def _by_name(owners: list[Owner]) -> dict[tuple[str, str], list[Owner]]:
    """The owners by each family name ("part"), and by each given name or form of both in one word ("whole")."""
    found: dict[tuple[str, str], list[Owner]] = defaultdict(list)
    for owner in owners:
        names = _spellings(owner.first, owner.last)
        for name in names.lasts:
            found["part", name].append(owner)
        for name in names.firsts | names.compounds:
            found["whole", name].append(owner)
    return found


def _named_like(local: str, by_name: dict[tuple[str, str], list[Owner]]) -> list[Owner]:
    """The owners whom `local` may fit strongly: it has their family name, or is a form of their name."""
    parts = _parts(local)
    keys = [("part", part) for part in parts]
    keys.append(("whole", "".join(parts)))
    if len(parts) > 1 and len(parts[1]) == 1:
        keys.append(("whole", parts[0]))  # "jane.d"
    return list({id(owner): owner for key in keys for owner in by_name.get(key, ())}.values())


def _has_both(slug: str, owner: Owner) -> bool:
    names = _spellings(owner.first, owner.last)
    plain = "".join(_parts(slug))
    return any(first in plain for first in names.firsts) and any(last in plain for last in names.lasts)


def fit(local: str, first: str, last: str) -> int:
    """How well the local part of an address (or a profile's slug) fits a name: NO, WEAK or STRONG.

    STRONG: it has the family name, or is the given name or a nickname of it. WEAK: initials, or a shortened name;
    enough in the person's own block, not across the page.
    """
    names = _spellings(first, last)
    parts = _parts(local)
    joined = "".join(parts)
    if not joined:
        return NO
    if any(part in names.lasts for part in parts):
        has_first = any(part in names.firsts for part in parts)
        if not has_first and any(_is_anothers(part, names) for part in parts):
            return NO  # a relative's
        return STRONG if has_first or len(parts) < 3 else WEAK
    is_first = joined in names.firsts or (len(parts) > 1 and parts[0] in names.firsts and len(parts[1]) == 1)
    if is_first or joined in names.compounds:
        return STRONG
    return WEAK if _is_shortened(joined, parts, names) else NO


@lru_cache(maxsize=4096)
def _parts(local: str) -> tuple[str, ...]:
    """The words of an address's local part, or of a slug."""
    return tuple(part for part in _NOT_LETTERS.split(_plain(local[:MAX_LOCAL])) if part)


def _is_anothers(part: str, names: _Spellings) -> bool:
    """Whether a part of an address is a given name that the person does not have: "jane.doe" of John Doe."""
    if part in names.lasts or len(part) < 3 or not is_given(part):
        return False
    return not any(_begin_alike(part, name) or name[:2] == part[:2] for name in names.firsts)


def fits_title(address: str, title: str) -> bool:
    """Whether a mailbox is that of an office which the title names: recorder@ of the "City Recorder"."""
    local = re.sub(r"[^a-z]", "", fold(address.partition("@")[0]))
    office = re.sub(r"[^a-z]", "", fold(title))
    return len(local) >= 4 and local in office and not addresses.is_role(address)


def owns_office(item: Published, owner: Owner) -> bool:
    """Whether a function's mailbox is beside the head of the function: marketing@ of the "Marketing Director"."""
    local, title = fold(item.address.partition("@")[0]), owner.sighting.title
    return len(local) >= 4 and fold(title).split()[:1] == [local] and classify(title).seniority in LEADERS


def _is_shortened(joined: str, parts: tuple[str, ...], names: _Spellings) -> bool:
    if len(joined) > 1 and joined in {names.initials, names.initials[0] + names.initials[-1], names.initials[:2]}:
        return True
    if any(joined.endswith(last) or joined.startswith(last) for last in names.lasts if len(last) >= 4):
        return True
    every = names.firsts | names.lasts
    if all(any(_begin_alike(part, name) for name in every) for part in parts):
        return True
    return len(parts) == 1 and any(_is_compound(joined, first, last) for first in names.firsts for last in names.lasts)


def _begin_alike(part: str, name: str) -> bool:
    size = min(len(part), len(name), 5)
    return size >= 4 and part[:size] == name[:size]


def _is_compound(joined: str, first: str, last: str) -> bool:
    """Whether beginnings of both names make it up: "jahart" of Jane Hartfield."""
    for size in range(1, min(len(first), 6) + 1):
        rest = joined[size:]
        if joined[:size] == first[:size] and len(rest) >= 2 and last.startswith(rest):
            return True
    return False


@lru_cache(maxsize=2048)
def _spellings(first: str, last: str) -> _Spellings:
    given = [word for word in re.split(r"[\s-]+", first) if word]
    family = [word for word in re.split(r"[\s-]+", last) if word and not is_particle(word)]
    firsts = {form for word in given if len(word.strip(".")) > 1 for form in _forms(word)}
    firsts |= {nick for name in tuple(firsts) for nick in _nicknames().nicknames_of(name)}
    firsts |= _forms(first)
    lasts = {form for word in family for form in _forms(word)} | _forms(last)
    initials = "".join(_plain(word)[:1] for word in (*given, *family))
    pairs = [(a, b) for a in firsts - {""} for b in lasts - {""}]
    compounds = {form for a, b in pairs for form in (a[0] + b, b + a[0], a + b[0], b[0] + a, a + b)}
    return _Spellings(frozenset(firsts - {""}), frozenset(lasts - {""}), frozenset(compounds), initials or "?")


def _forms(word: str) -> set[str]:
    """The spellings of a name in an address: "Müller" -> mueller, muller."""
    lowered = word.casefold()
    if _CYRILLIC.search(lowered):
        latin = _NOT_LETTERS.sub("", _plain(lowered))
        return {latin} | {_other_spelling(latin, *pairs) for pairs in _SPELLINGS_OF_CYRILLIC}
    return {_NOT_LETTERS.sub("", _plain(lowered)), _NOT_LETTERS.sub("", _plain(lowered.translate(_UMLAUTS)))}


def _other_spelling(latin: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        latin = latin.replace(old, new)
    return latin


def _plain(text: str) -> str:
    return anyascii(fold(text)).lower()


@cache
def _nicknames() -> NickNamer:
    return NickNamer()
