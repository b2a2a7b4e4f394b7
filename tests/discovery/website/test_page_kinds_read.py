"""Pages of every kind: languages, site builders, layouts, disguised addresses, structured data, pages with nobody.

`pages/kinds/expected.json` holds what each says: first name, last name, title, address and profile of its people.
"""

import json

import pytest

from enrichment.discovery.website.pages import parse
from enrichment.discovery.website.people import extract
from tests.discovery.website.reading import STORED, URL

KINDS = STORED / "kinds"
EXPECTED: dict[str, list[list[str | None]]] = json.loads((KINDS / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_page_gives_its_people_in_full_and_nobody_else(name: str) -> None:
    found = extract(parse((KINDS / f"{name}.html").read_bytes(), None, URL))
    people = [[p.first_name, p.last_name, p.title, p.email, p.linkedin_url] for p in found.people]
    assert people == EXPECTED[name]
    assert not found.cut


def test_there_are_two_pages_of_each_main_kind() -> None:
    kinds = [name.rpartition("_")[0] for name in EXPECTED]
    for kind in ("german", "french", "spanish", "portuguese", "italian", "polish", "bulgarian", "russian", "japanese"):
        assert kinds.count(kind) >= 2, kind
    for kind in ("chinese", "swedish", "czech", "dutch", "site_builder", "json_ld", "microdata", "layout", "nobody"):
        assert kinds.count(kind) >= 2, kind
