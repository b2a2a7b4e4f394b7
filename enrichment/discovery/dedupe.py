"""Many findings, one person: the same human named on several pages or by several sources becomes one Person.

Findings are the same person when they

1. name the same LinkedIn profile, or
2. have the same folded name and do not contradict each other, or
3. have names that may be one person's (nickname, initial, middle name, umlaut written out) and the same
   address, or the same title on different pages, or
4. have such names, come from different origins and can mean nobody else: with a nickname or an initial only where
   one of the two tells no work ("Director" in a register).

Findings of one name contradict each other when both the titles and the addresses differ, or when the LinkedIn
profiles do. What is missing contradicts nothing; a surname that one of the two lacks needs the same address or
profile. The order the findings come in decides nothing but ties in the order of the result. Everything is looked up
in dictionaries: time is n log n.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from enrichment.discovery.base import Person
from enrichment.discovery.findings_of_one import (
    Findings,
    address_of,
    content_of,
    key_of,
    profile_of,
    rank_of,
    title_of,
)
from enrichment.discovery.name_variants import first_names_meet, may_be_one, same_first_name
from enrichment.discovery.titles import classify
from enrichment.discovery.who_is_meant import Lookup, surname_of

# What registers call an office, whatever its holder does; so do all titles of boards.
OFFICES = frozenset(
    {"director", "managing director", "daglig leder", "president", "owner", "shareholder", "officer", "member"}
    | {"partner", "general partner", "limited partner", "procurist", "authorised signatory", "authorized signatory"}
)

_Pairs = Iterable[tuple[Findings, Findings]]
_Agree = Callable[[Findings, Findings], bool]


def merge(people: Iterable[Person], departed: Iterable[Person] = ()) -> list[Person]:
    """Return each person once: decision-makers first, then by rank and confidence, then in the order found.

    The best finding (highest confidence) gives the fields, others fill what it lacks; evidence is joined without
    repeats; the confidence is the best one, a little higher where independent origins agree: the website; search
    results, with or without LinkedIn's name; each method of public data. The title is the one of whom
    `findings_of_one.TITLES_FROM` ranks first.

    `departed`: people of whom a source says that they have left, with the evidence. Who is found all the same is
    less sure and has that evidence too; who is known only from there is left out.
    """
    groups = _groups(people)
    for group, leaver in _reported_left(groups, sorted(departed, key=content_of)):
        group.departed.append(leaver)
    merged = [(min(group.places), group.person()) for group in groups]
    merged.sort(key=lambda pair: (not pair[1].decision_maker, rank_of(pair[1]), -pair[1].confidence, pair[0]))
    return [person for _place, person in merged]


def _groups(people: Iterable[Person]) -> list[Findings]:
    """Return the findings of each person. Joining some can show that others belong to them, so it is done until not."""
    by_name: dict[str, list[tuple[int, Person]]] = defaultdict(list)
    for place, person in sorted(enumerate(people), key=lambda pair: content_of(pair[1])):
        by_name[key_of(person)].append((place, person))
    groups = [group for key, findings in by_name.items() for group in _of_one_name(key, findings)]
    before = 0
    while before != len(groups):
        before = len(groups)
        groups = _joined(groups, _same_profile(groups))
        groups = _joined(groups, _same_name(groups), _no_contradiction)
        groups = _joined(groups, _same_address(groups), _agree)
        groups = _joined(groups, _same_title(groups), _on_other_pages)
        groups = _joined(groups, _from_elsewhere(groups), _agree)
    return groups


def _of_one_name(key: str, findings: list[tuple[int, Person]]) -> list[Findings]:
    """Return the persons of one folded name. The findings that say most come first, so that the rest can follow."""
    groups: list[Findings] = []
    by_mark: dict[tuple[str, str], Findings] = {}
    for place, person in sorted(findings, key=lambda pair: -sum(map(bool, _marks(pair[1]).values()))):
        marks = [mark for mark in _marks(person).items() if mark[1]]
        known = (by_mark[mark] for mark in marks if mark in by_mark)
        group = next((group for group in known if _profiles_agree(group, person)), None)
        if group is None and groups and not _stands_apart(groups, person, marks):
            group = groups[0]
        if group is None:
            group = Findings(key)
            groups.append(group)
        group.add(place, person)
        for mark in marks:
            by_mark.setdefault(mark, group)
    return groups


def _marks(person: Person) -> dict[str, str]:
    """Return what tells people of one name apart, the strongest first."""
    return {"profile": profile_of(person), "address": address_of(person), "title": title_of(person)}


def _profiles_agree(group: Findings, person: Person) -> bool:
    profile = profile_of(person)
    return not profile or not group.profiles or profile in group.profiles


def _stands_apart(groups: list[Findings], person: Person, marks: list[tuple[str, str]]) -> bool:
    """Whether a finding that shares no mark with `groups` is somebody else; one without marks is the first of them."""
    if not marks:
        return False
    only = groups[0]
    if len(groups) > 1 or not _profiles_agree(only, person):
        return True
    return bool(person.title and person.email and only.titles and only.addresses)


def _joined(groups: list[Findings], pairs: _Pairs, agree: _Agree | None = None) -> list[Findings]:
    """Return the groups with each pair made one, where `agree` still holds for what both have become."""
    owner = {id(group): group for group in groups}

    def find(group: Findings) -> Findings:
        while owner[id(group)] is not group:
            owner[id(group)] = group = owner[id(owner[id(group)])]
        return group

    grown: dict[int, Findings] = {}
    for one, other in list(pairs):  # looked for before anything is joined
        into, gone = find(one), find(other)
        if into is not gone and (agree is None or agree(into, gone)):
            if len(into.people) < len(gone.people):
                into, gone = gone, into
            into.take(gone)
            owner[id(gone)] = into
            grown[id(into)] = into
    for group in grown.values():
        group.name_anew()
    return [group for group in groups if find(group) is group]


def _agree(one: Findings, other: Findings) -> bool:
    return not one.differ_from(other)


def _no_contradiction(one: Findings, other: Findings) -> bool:
    profiles = bool(one.profiles and other.profiles and not one.profiles & other.profiles)
    titles = bool(one.titles and other.titles and not one.titles & other.titles)
    addresses = bool(one.addresses and other.addresses and not one.addresses & other.addresses)
    return not profiles and not (titles and addresses)


def _on_other_pages(one: Findings, other: Findings) -> bool:
    """A page that shows both shows two people: siblings, or a father and a daughter, who are both partners."""
    return _agree(one, other) and not one.pages() & other.pages()


def _same_profile(groups: list[Findings]) -> _Pairs:
    first: dict[str, Findings] = {}
    for group in groups:
        for profile in sorted(group.profiles):
            if profile in first:
                yield first[profile], group
            first.setdefault(profile, group)


def _same_name(groups: list[Findings]) -> _Pairs:
    """Yield the pairs of one name that have come to share a title or an address, or are the only two of the name."""
    first: dict[tuple[str, str], Findings] = {}
    by_name: dict[str, list[Findings]] = defaultdict(list)
    for group in groups:
        by_name[group.key].append(group)
        for mark in sorted(group.titles) + sorted(group.addresses):
            if (group.key, mark) in first:
                yield first[group.key, mark], group
            first.setdefault((group.key, mark), group)
    for namesakes in by_name.values():
        if len(namesakes) == 2:
            yield namesakes[0], namesakes[1]


def _same_address(groups: list[Findings]) -> _Pairs:
    buckets: dict[str, list[Findings]] = defaultdict(list)
    for group in groups:
        for address in sorted(group.addresses):
            buckets[address].append(group)
    for bucket in buckets.values():
        for one, other in first_names_meet(bucket, _key):
            if may_be_one(one.key, other.key, surnames_may_differ=True):
                yield one, other


def _same_title(groups: list[Findings]) -> _Pairs:
    buckets: dict[tuple[str, str], list[Findings]] = defaultdict(list)
    for group in groups:
        for title in sorted(group.titles):
            buckets[title, surname_of(group.key)].append(group)
    for bucket in buckets.values():
        for one, other in first_names_meet(bucket, _key):
            if may_be_one(one.key, other.key):
                yield one, other


def _from_elsewhere(groups: list[Findings]) -> _Pairs:
    """Yield the pairs of different origins whose names may be one person's and nobody else's."""
    alike = Lookup(groups)
    for group in groups:
        only = alike.only(group.key, group)
        if only is None or group.share_a_source_with(only) or alike.only(only.key, only) is not group:
            continue
        if same_first_name(group.key, only.key) or _tells_no_work(group) or _tells_no_work(only):
            yield group, only


def _tells_no_work(group: Findings) -> bool:
    registered = all(person.source == "public_index" for person in group.people)
    registered = registered and group.speakers.isdisjoint({"website", "linkedin"})
    return not group.titles or (registered and all(map(_is_office, group.titles)))


def _is_office(title: str) -> bool:
    return title in OFFICES or classify(title).seniority == "board"


def _reported_left(groups: list[Findings], departed: Iterable[Person]) -> Iterator[tuple[Findings, Person]]:
    """Yield who among `groups` is said to have left: the same profile, else the only one whom the name may mean."""
    by_profile = {profile: group for group in groups for profile in group.profiles}
    alike = Lookup(groups)
    for person in departed:
        match = by_profile.get(profile_of(person))
        if match is None:
            match = alike.only(key_of(person))
            alone = Findings(key_of(person))
            alone.add(0, person)
            if match is None or match.differ_from(alone):
                continue
        yield match, person


def _key(group: Findings) -> str:
    return group.key
