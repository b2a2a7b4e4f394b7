"""Whom does a name mean, among people found? Only who can be meant alone counts."""

from collections import defaultdict
from collections.abc import Iterable

from enrichment.discovery.findings_of_one import Findings
from enrichment.discovery.name_variants import first_name_signs, may_be_one, spelling

# Of so many people whose names begin and end alike, none can be told to be meant.
CROWD = 40


def surname_of(key: str) -> str:
    """Return the last word of a folded name, as `spelling` has it."""
    return spelling(key.rsplit(" ", 1)[-1])


class Lookup:
    """Looks up who may be meant by a name."""

    def __init__(self, groups: Iterable[Findings]) -> None:
        self._signs: dict[tuple[str, str], list[Findings]] = defaultdict(list)
        for group in groups:
            for sign in first_name_signs(group.key):
                self._signs[surname_of(group.key), sign].append(group)

    def only(self, key: str, besides: Findings | None = None) -> Findings | None:
        """Return the only group whose name may be `key`'s; None where there are several, or a crowd to choose from."""
        found: dict[int, Findings] = {}
        for sign in first_name_signs(key, sought=True):
            bucket = self._signs.get((surname_of(key), sign), [])
            if len(bucket) > CROWD:
                return None
            for group in bucket:
                if group is not besides and (group.key == key or may_be_one(group.key, key)):
                    found[id(group)] = group
                if len(found) > 1:
                    return None
        return next(iter(found.values()), None)
