"""The columns of the list of found contacts: which there are, by which one may sort, which are shown."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the address, its heading, and the sort order that its heading leads to first, if any."""

    name: str
    label: str
    sort: str = ""
    kind: str = ""  # the class of its cells


# The person is always shown; all others can be left out.
PERSON = Column("person", "Person", "name")
# `sources` has no column of its own: the icons stand below the name.
OPTIONAL = (
    Column("sources", "Sources"),
    Column("title", "Title", "title"),
    Column("company", "Company", "company"),
    Column("seniority", "Seniority", "seniority"),
    Column("address", "Best address", "-score", "long"),
    Column("confidence", "Confidence", "-confidence"),
    Column("chance", "Chance", "-chance", "number"),
    Column("region", "Region"),
    Column("review", "Review"),
    Column("purge", "Purge", "purge", "number"),
    Column("found", "Found", "-found"),
)
ALL = (PERSON, *OPTIONAL)
DEFAULT = tuple(column.name for column in OPTIONAL if column.name != "found")

# By which columns of the database a list may be sorted, under their names in the address. Each has an index that
# ends with the id, so that the order is always the same and a page far down is read off it.
SORTS = {
    "name": "last_name",
    "title": "job_title",
    "company": "company",
    "seniority": "seniority_rank",
    "score": "best_score",
    "confidence": "confidence_score",
    "chance": "best_probability",
    "found": "discovered_at",
    "purge": "discovered_at",
}
NEWEST_FIRST = "-found"


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that are optional columns, in the order of the list; the usual ones when none is named.

    `person` alone stands for no optional column.
    """
    asked = {name for text in names for name in text.split(",")}
    chosen = tuple(column.name for column in OPTIONAL if column.name in asked)
    return chosen if chosen or PERSON.name in asked else DEFAULT


def known_sort(text: str) -> str:
    """Return a sort order that there is: the one asked for, or the newest first."""
    return text if text.removeprefix("-") in SORTS and text.count("-") <= 1 else NEWEST_FIRST
