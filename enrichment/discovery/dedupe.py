"""Many findings, one person: the same human named on several pages or by several sources becomes one Person.

Findings are the same person when they

1. name the same LinkedIn profile, or
2. have the same folded name and do not contradict each other, or
3. have names that may be one person's (nickname, initial, middle name, umlaut written out) and the same
   address, or the same title on different pages.

Findings of one name contradict each other when both the titles and the addresses differ, or when the LinkedIn
profiles do. What is missing contradicts nothing. Everything is looked up in dictionaries: time is n log n.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.names import name_key
from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.lexicon import fold
from enrichment.discovery.name_variants import first_names_meet, may_be_one, spelling
from enrichment.discovery.titles import RANKS


def merge(people: Iterable[Person], departed: Iterable[Person] = ()) -> list[Person]:
    """Return each person once: decision-makers first, then by rank and confidence, then in the order found.

    The best finding (highest confidence) gives the fields, others fill what it lacks; evidence is joined without
    repeats; the confidence is the best one, a little higher where independent kinds of source agree. The title is the
    one of whom TITLES_FROM ranks first.

    `departed`: people of whom a source says that they have left, with the evidence. Who is found all the same is
    less sure and has that evidence too; who is known only from there is left out.
    """
    groups: list[_Group] = []
    by_name: dict[str, list[tuple[int, Person]]] = defaultdict(list)
    for place, person in enumerate(people):
        by_name[name_key(person.first_name, person.last_name) or person.name.casefold()].append((place, person))
    for key, findings in by_name.items():
        groups += _of_one_name(key, findings)
    groups = _joined(groups, _same_profile(groups))
    groups = _joined(groups, _same_address(groups))
    groups = _joined(groups, _same_title(groups))
    for group, leaver in _reported_left(groups, departed):
        group.departed.append(leaver)
    merged = [(min(group.places), group.person()) for group in groups]
    merged.sort(key=lambda pair: (not pair[1].decision_maker, _rank(pair[1]), -pair[1].confidence, pair[0]))
    return [person for _place, person in merged]


# Who tells best what somebody does, by source and method: the company itself, then who reads it from the person's own
# profile. A register knows the office that the law asks for ("Director"), not the work.
TITLES_FROM = (
    ("website", ""),
    ("linkedin", ""),
    ("public_index", "press_release"),
    ("public_index", "sec_edgar"),
    ("public_index", "wikidata"),
    ("public_index", ""),
    ("public_index", "company_register"),
)
_TITLE_ORDER = {origin: place for place, origin in enumerate(TITLES_FROM)}


def _title_place(person: Person) -> int:
    exact = _TITLE_ORDER.get((person.source, person.method))
    return exact if exact is not None else _TITLE_ORDER.get((person.source, ""), 0)


def _origin(person: Person) -> str:
    """Return what a finding is independent by: search results all read the same profiles, registers each their own."""
    if person.method == "search_operators":
        return "linkedin"
    return person.method if person.source == "public_index" else person.source


def _rank(person: Person) -> int:
    return RANKS.index(person.seniority) if person.seniority in RANKS else len(RANKS)


@dataclass(slots=True)
class _Group:
    """Findings of one person. `key` is the folded name of the first of them."""

    key: str
    findings: list[Person] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    profiles: set[str] = field(default_factory=set)
    departed: list[Person] = field(default_factory=list)

    def add(self, place: int, person: Person) -> None:
        self.findings.append(person)
        self.places.append(place)
        self.titles |= {_title(person)} - {""}
        self.addresses |= {_address(person)} - {""}
        self.profiles |= {_profile(person)} - {""}

    def take(self, other: "_Group") -> None:
        for place, person in zip(other.places, other.findings, strict=True):
            self.add(place, person)

    def pages(self) -> set[str]:
        return {item.url for person in self.findings for item in person.evidence}

    def person(self) -> Person:
        """Return the findings as one person."""
        in_order = [person for _place, person in sorted(zip(self.places, self.findings, strict=True), key=_place)]
        ranked = sorted(in_order, key=lambda person: -person.confidence)
        best = ranked[0]
        named = next((person for person in ranked if len(person.first_name.strip(".")) > 1), best)
        titled = sorted((person for person in ranked if person.title), key=_title_worth)
        role = titled[0] if titled else best
        addressed = next((person for person in ranked if person.email), best)
        linked = next((person for person in ranked if person.linkedin_url), best)
        return replace(
            best,
            first_name=named.first_name,
            last_name=named.last_name,
            title=role.title,
            seniority=role.seniority,
            department=role.department,
            decision_maker=role.decision_maker,
            email=addressed.email,
            linkedin_url=linked.linkedin_url,
            linkedin_id=linked.linkedin_id,
            confidence=self._confidence(best.confidence),
            evidence=_evidence([*ranked, *self.departed]),
        )

    def _confidence(self, best: int) -> int:
        agreed = confidence.agreed(best, len({_origin(person) for person in self.findings}))
        on_site = any(person.source == "website" for person in self.findings)
        return confidence.reported_left(agreed, on_site=on_site) if self.departed else agreed


def _place(pair: tuple[int, Person]) -> int:
    return pair[0]


def _title_worth(person: Person) -> tuple[int, int, bool, int]:
    return _title_place(person), -person.confidence, not person.decision_maker, _rank(person)


def _title(person: Person) -> str:
    return " ".join(fold(person.title or "").split())


def _address(person: Person) -> str:
    return (person.email or "").strip().casefold()


def _profile(person: Person) -> str:
    return (person.linkedin_id or "").strip().casefold()


def _evidence(people: Iterable[Person]) -> tuple[Evidence, ...]:
    seen: dict[tuple[str, str, str, str, str], Evidence] = {}
    for person in people:
        for item in person.evidence:
            seen.setdefault((item.field, item.value, item.url, item.snippet, item.source), item)
    return tuple(seen.values())


def _of_one_name(key: str, findings: list[tuple[int, Person]]) -> list[_Group]:
    """Return the persons of one folded name. The findings that say most come first, so that the rest can follow."""
    groups: list[_Group] = []
    by_mark: dict[tuple[str, str], _Group] = {}
    for place, person in sorted(findings, key=lambda pair: -sum(map(bool, _marks(pair[1]).values()))):
        marks = [mark for mark in _marks(person).items() if mark[1]]
        known = (by_mark[mark] for mark in marks if mark in by_mark)
        group = next((group for group in known if _profiles_agree(group, person)), None)
        if group is None and groups and not _stands_apart(groups, person, marks):
            group = groups[0]
        if group is None:
            group = _Group(key)
            groups.append(group)
        group.add(place, person)
        for mark in marks:
            by_mark.setdefault(mark, group)
    return groups


def _marks(person: Person) -> dict[str, str]:
    """Return what tells people of one name apart, the strongest first."""
    return {"profile": _profile(person), "address": _address(person), "title": _title(person)}


def _profiles_agree(group: _Group, person: Person) -> bool:
    profile = _profile(person)
    return not profile or not group.profiles or profile in group.profiles


def _stands_apart(groups: list[_Group], person: Person, marks: list[tuple[str, str]]) -> bool:
    """Whether a finding that shares no mark with `groups` is somebody else; one without marks is the first of them."""
    if not marks:
        return False
    only = groups[0]
    if len(groups) > 1 or not _profiles_agree(only, person):
        return True
    return bool(person.title and person.email and only.titles and only.addresses)


_Pairs = Iterable[tuple[_Group, _Group]]


def _joined(groups: list[_Group], pairs: _Pairs) -> list[_Group]:
    """Return the groups with each pair made one, the earlier taking the later in."""
    owner = {id(group): group for group in groups}

    def find(group: _Group) -> _Group:
        while owner[id(group)] is not group:
            owner[id(group)] = group = owner[id(owner[id(group)])]
        return group

    for one, other in list(pairs):  # looked for before anything is joined
        into, gone = find(one), find(other)
        if into is not gone:
            if len(into.findings) < len(gone.findings):
                into, gone = gone, into
            into.take(gone)
            owner[id(gone)] = into
    return [group for group in groups if find(group) is group]


def _same_profile(groups: list[_Group]) -> _Pairs:
    first: dict[str, _Group] = {}
    for group in groups:
        for profile in group.profiles:
            if profile in first:
                yield first[profile], group
            first.setdefault(profile, group)


def _same_address(groups: list[_Group]) -> _Pairs:
    buckets: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        for address in group.addresses:
            buckets[address].append(group)
    for bucket in buckets.values():
        for one, other in first_names_meet(bucket, lambda group: group.key):
            if may_be_one(one.key, other.key, surnames_may_differ=True) and not _differ(one, other):
                yield one, other


def _same_title(groups: list[_Group]) -> _Pairs:
    """Yield the pairs with one title and one surname whose first names meet.

    A page that shows both shows two people: siblings, or a father and a daughter, who are both partners.
    """
    buckets: dict[tuple[str, str], list[_Group]] = defaultdict(list)
    for group in groups:
        for title in group.titles:
            buckets[title, spelling(group.key.rsplit(" ", 1)[-1])].append(group)
    for bucket in buckets.values():
        for one, other in first_names_meet(bucket, lambda group: group.key):
            if may_be_one(one.key, other.key) and not _differ(one, other) and not one.pages() & other.pages():
                yield one, other


def _differ(one: _Group, other: _Group) -> bool:
    """Whether the profiles or the addresses of two groups, where both have some, have none in common."""
    profiles = bool(one.profiles and other.profiles and not one.profiles & other.profiles)
    return profiles or bool(one.addresses and other.addresses and not one.addresses & other.addresses)


def _reported_left(groups: list[_Group], departed: Iterable[Person]) -> Iterable[tuple[_Group, Person]]:
    """Yield who among `groups` is said to have left: the same profile, else the only one whom the name may mean."""
    by_profile = {profile: group for group in groups for profile in group.profiles}
    by_surname: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        by_surname[spelling(group.key.rsplit(" ", 1)[-1])].append(group)
    for person in departed:
        profile = _profile(person)
        match = by_profile.get(profile)
        key = name_key(person.first_name, person.last_name)
        if match is None and key:
            alike = [
                one
                for one in by_surname[spelling(key.rsplit(" ", 1)[-1])]
                if (one.key == key or may_be_one(one.key, key)) and not (profile and one.profiles)
            ]
            match = alike[0] if len(alike) == 1 else None
        if match is not None:
            yield match, person
