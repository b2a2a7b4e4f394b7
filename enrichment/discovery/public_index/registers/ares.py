"""Czechia's registers of companies (ARES, ares.gov.cz): open, without a key.

/ekonomicke-subjekty/{IČO} is the company, /ekonomicke-subjekty-vr/{IČO} its entry in the public register with officers.
No limit is published; the pause keeps well below those that users report.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from enrichment.discovery.base import Brand, Context
from enrichment.discovery.clues import CZ_ICO
from enrichment.discovery.public_index.registers import names
from enrichment.discovery.public_index.registers.reading import MAX_ENTRIES, day, entry, has_passed, short, within
from enrichment.discovery.public_index.registers.records import Officer, Record
from enrichment.discovery.service import Service, listed, text_of

BASE_URL = "https://ares.gov.cz"
PAUSE = 1.0  # seconds between requests at the public address; nobody else has to be spared
PATH = "/ekonomicke-subjekty-v-be/rest"

TITLES = {
    "jednatel": "Managing Director",
    "jednatelka": "Managing Director",
    "předseda představenstva": "Chair of the Management Board",
    "předsedkyně představenstva": "Chair of the Management Board",
    "místopředseda představenstva": "Deputy Chair of the Management Board",
    "místopředsedkyně představenstva": "Deputy Chair of the Management Board",
    "člen představenstva": "Member of the Management Board",
    "členka představenstva": "Member of the Management Board",
    "předseda správní rady": "Chair of the Board",
    "předsedkyně správní rady": "Chair of the Board",
    "místopředseda správní rady": "Deputy Chair of the Board",
    "člen správní rady": "Board Member",
    "členka správní rady": "Board Member",
    "statutární ředitel": "Chief Executive Officer",
    "statutární ředitelka": "Chief Executive Officer",
    "generální ředitel": "Chief Executive Officer",
    "generální ředitelka": "Chief Executive Officer",
    "ředitel": "Director",
    "ředitelka": "Director",
    "předseda": "Chair",
    "předsedkyně": "Chair",
    "místopředseda": "Deputy Chair",
    "komplementář": "General Partner",
    "vedoucí odštěpného závodu": "Branch Manager",
}
_FORMS = {"111": "v.o.s.", "112": "s.r.o.", "113": "k.s.", "121": "a.s.", "205": "Družstvo", "706": "Spolek"}


class Ares:
    """The Czech registers (see `base.Register`)."""

    scheme = CZ_ICO
    name = "ares"
    title = "ARES"
    certainty = 0.93
    keep = timedelta(days=2)

    def __init__(self, *, base_url: str = BASE_URL) -> None:
        self._service = Service(self.name, self.title, base_url, pause=PAUSE if base_url == BASE_URL else 0.0)

    def company(self, number: str, context: Context) -> Record | None:
        """Return the company and the members of its statutory body. Raises SourceError."""
        path = f"{PATH}/ekonomicke-subjekty-vr/{number}"
        answer = self._service.get(context, f"{PATH}/ekonomicke-subjekty/{number}")
        if answer is None:
            return None
        subject = entry(self._service, answer)
        legal_name = short(subject.get("obchodniJmeno"))
        if not legal_name or has_passed(subject.get("datumZaniku"), context):
            return None
        listing = self._service.get(context, path)  # none for somebody in business without a company
        return Record(
            number=number,
            legal_name=legal_name,
            url=self._service.url(path),
            fetched_at=context.now(),
            officers=tuple(_officers(entry(self._service, listing), context)) if listing is not None else (),
            legal_form=_FORMS.get(text_of(subject.get("pravniForma")), ""),
        )

    def numbers(self, brand: Brand, context: Context) -> Sequence[str]:
        """Return none: a search by name finds namesakes."""
        return ()


def _officers(answer: dict[str, Any], context: Context) -> Iterator[Officer]:
    """The members of the statutory bodies in the primary record; supervisory boards and partners are left out."""
    records = listed(answer.get("zaznamy"))[:MAX_ENTRIES]
    primary = next((record for record in records if record.get("primarniZaznam") is True), None)
    for body in listed(within(primary or (records[0] if records else None), "statutarniOrgany"))[:MAX_ENTRIES]:
        if not has_passed(body.get("datumVymazu"), context):
            for member in listed(body.get("clenoveOrganu"))[:MAX_ENTRIES]:
                officer = _officer(member, body, context)
                if officer is not None:
                    yield officer


def _officer(member: dict[str, Any], body: dict[str, Any], context: Context) -> Officer | None:
    person = member.get("fyzickaOsoba")
    name = names.person(within(person, "jmeno"), within(person, "prijmeni"))
    if name is None:
        return None
    function = within(member, "clenstvi", "funkce")
    membership = within(member, "clenstvi", "clenstvi")
    role = (
        short(within(function, "nazev"))
        or short(member.get("nazevAngazma"))
        or short(body.get("nazevOrganu"))
        or "statutární orgán"
    )
    ends = (within(function, "zanikFunkce"), within(membership, "zanikClenstvi"), member.get("datumVymazu"))
    ended = next((end for end in ends if has_passed(end, context)), None)
    return Officer(
        *name,
        role=role,
        title=TITLES.get(role.lower(), role[:1].upper() + role[1:]),
        started=day(within(function, "vznikFunkce")) or day(within(membership, "vznikClenstvi")),
        ended=day(ended),
        current=ended is None,
    )
