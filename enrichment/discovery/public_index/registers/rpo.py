"""Slovakia's register of legal persons (RPO, api.statistics.sk): open, without a key, licence CC BY 4.0.

/search?identifier={IČO} gives the entry's id, /entity/{id} the entry with its statutory body.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from enrichment.discovery.base import Brand, Context
from enrichment.discovery.clues import SK_ICO
from enrichment.discovery.public_index.registers import names
from enrichment.discovery.public_index.registers.reading import MAX_ENTRIES, day, entry, has_passed, short, within
from enrichment.discovery.public_index.registers.records import Officer, Record
from enrichment.discovery.service import Service, listed, text_of

BASE_URL = "https://api.statistics.sk"
PAUSE = 0.5  # seconds between requests at the public address; nobody else has to be spared
PATH = "/rpo/v1"

TITLES = {
    "konateľ": "Managing Director",
    "konateľka": "Managing Director",
    "predseda predstavenstva": "Chair of the Management Board",
    "predsedníčka predstavenstva": "Chair of the Management Board",
    "podpredseda predstavenstva": "Deputy Chair of the Management Board",
    "člen predstavenstva": "Member of the Management Board",
    "členka predstavenstva": "Member of the Management Board",
    "generálny riaditeľ": "Chief Executive Officer",
    "riaditeľ": "Director",
    "riaditeľka": "Director",
    "predseda": "Chair",
    "predsedníčka": "Chair",
    "podpredseda": "Deputy Chair",
    "komplementár": "General Partner",
    "vedúci organizačnej zložky": "Branch Manager",
}
_LEFT_OUT = frozenset({"likvidátor", "prokurista", "správca", "správca konkurznej podstaty"})


class Rpo:
    """The Slovak register (see `base.Register`)."""

    scheme = SK_ICO
    name = "rpo"
    title = "Register právnických osôb"
    certainty = 0.85
    keep = timedelta(days=1)

    def __init__(self, *, base_url: str = BASE_URL) -> None:
        self._service = Service(self.name, self.title, base_url, pause=PAUSE if base_url == BASE_URL else 0.0)

    def company(self, number: str, context: Context) -> Record | None:
        """Return the company and its statutory body. Raises SourceError."""
        identity = self._identity(number, context)
        if identity is None:
            return None
        path, params = f"{PATH}/entity/{identity}", {"showHistoricalData": "false", "showOrganizationUnits": "false"}
        answer = self._service.get(context, path, params)
        if answer is None:
            return None
        entity = entry(self._service, answer)
        legal_name = _valid(entity.get("fullNames"), context)
        if not legal_name or has_passed(entity.get("termination"), context):
            return None
        return Record(
            number=number,
            legal_name=legal_name,
            url=self._service.url(path, params),
            fetched_at=context.now(),
            officers=tuple(_officers(entity, context)),
            legal_form=_valid(entity.get("legalForms"), context),
        )

    def numbers(self, brand: Brand, context: Context) -> Sequence[str]:
        """Return none: a search by name finds namesakes."""
        return ()

    def _identity(self, number: str, context: Context) -> int | None:
        """The id of the entry that has this number."""
        answer = self._service.get(context, f"{PATH}/search", {"identifier": number})
        if answer is None:
            return None
        for result in listed(entry(self._service, answer).get("results")):
            identity = result.get("id")
            numbers = {text_of(item.get("value")) for item in listed(result.get("identifiers"))}
            if number in numbers and isinstance(identity, int) and identity > 0:
                return identity
        return None


def _valid(values: Any, context: Context) -> str:
    """The text that holds now among those of several times; the value may be an object with a `value` of its own."""
    for item in reversed(listed(values)[:MAX_ENTRIES]):
        value = item.get("value")
        text = short(within(value, "value")) or short(value)
        if text and not has_passed(item.get("validTo"), context):
            return text
    return ""


def _officers(entity: dict[str, Any], context: Context) -> Iterator[Officer]:
    for holder in listed(entity.get("statutoryBodies"))[:MAX_ENTRIES]:
        role = short(within(holder, "stakeholderType", "value")) or "štatutárny orgán"
        name = _name(holder.get("personName"))
        if name is None or role.lower() in _LEFT_OUT:
            continue
        past = has_passed(holder.get("validTo"), context)
        yield Officer(
            *name,
            role=role,
            title=TITLES.get(role.lower(), role[:1].upper() + role[1:]),
            code=short(within(holder, "stakeholderType", "code")),
            started=day(holder.get("validFrom")),
            ended=day(holder.get("validTo")) if past else "",
            current=not past,
        )


def _name(name: Any) -> tuple[str, str] | None:
    """(first, last) of a `personName`: from its whole form, since the parts are not always there."""
    whole = names.without_titles(short(within(name, "formatedName")) or short(within(name, "formattedName")))
    family = within(name, "familyNames")
    last = " ".join(map(short, family)) if isinstance(family, list) else ""
    if last and whole.lower().endswith(f" {last.lower()}"):
        return names.person(whole[: -len(last)], whole[-len(last) :])
    if not whole:
        given = within(name, "givenNames")
        return names.person(" ".join(map(short, given)) if isinstance(given, list) else "", last)
    return names.person(*names.split(whole))
