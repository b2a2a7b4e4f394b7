"""Norway's register of legal entities (Enhetsregisteret, data.brreg.no): open, without a key, licence NLOD.

/enheter/{number} is the company, /enheter/{number}/roller its roles, /enheter?hjemmeside= finds it by its website.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from stdnum.no import orgnr

from core.domains import registrable_domain
from enrichment.discovery.base import Brand, Context
from enrichment.discovery.clues import NO_ORGNR
from enrichment.discovery.public_index.registers import matching, names
from enrichment.discovery.public_index.registers.reading import MAX_ENTRIES, entry, short, within
from enrichment.discovery.public_index.registers.records import Officer, Record
from enrichment.discovery.service import Service, listed, text_of

BASE_URL = "https://data.brreg.no"
PAUSE = 0.2  # seconds between requests at the public address; nobody else has to be spared
PATH = "/enhetsregisteret/api/enheter"
MAX_RESULTS = 20
MAX_STAFF = 10_000_000  # beyond it the number means nothing

# Auditors, accountants, deputies, observers and contact persons decide nothing.
TITLES = {
    "DAGL": "Managing Director",
    "LEDE": "Chair of the Board",
    "NEST": "Deputy Chair of the Board",
    "MEDL": "Board Member",
    "INNH": "Owner",
    "KOMP": "General Partner",
    "DTPR": "Partner",
    "DTSO": "Partner",
}
_ACCEPT = (
    "application/vnd.brreg.enhetsregisteret.enhet.v2+json;charset=UTF-8, "
    "application/vnd.brreg.enhetsregisteret.rolle.v1+json;charset=UTF-8, application/json"
)


class Brreg:
    """The Norwegian register (see `base.Register`)."""

    scheme = NO_ORGNR
    name = "brreg"
    title = "Brønnøysundregistrene"
    certainty = 0.95
    keep = timedelta(days=1)

    def __init__(self, *, base_url: str = BASE_URL) -> None:
        self._service = Service(
            self.name, self.title, base_url, headers={"Accept": _ACCEPT}, pause=PAUSE if base_url == BASE_URL else 0.0
        )

    def company(self, number: str, context: Context) -> Record | None:
        """Return the company and its officers. Raises SourceError."""
        answer = self._service.get(context, f"{PATH}/{number}", missing=(404, 410))
        if answer is None:
            return None
        unit = entry(self._service, answer)
        if text_of(unit.get("slettedato")) or not text_of(unit.get("navn")):
            return None
        roles = self._service.get(context, f"{PATH}/{number}/roller", missing=(404, 410))
        employees = unit.get("antallAnsatte")
        return Record(
            number=number,
            legal_name=short(unit.get("navn")),
            url=self._service.url(f"{PATH}/{number}/roller"),
            fetched_at=context.now(),
            officers=tuple(_officers(entry(self._service, roles))) if roles is not None else (),
            domains=_domains(unit),
            legal_form=short(within(unit, "organisasjonsform", "beskrivelse")),
            industry=short(within(unit, "naeringskode1", "beskrivelse")),
            employees=str(employees) if isinstance(employees, int) and 0 < employees < MAX_STAFF else "",
        )

    def numbers(self, brand: Brand, context: Context) -> Sequence[str]:
        """Return the companies that state the brand's website as theirs, those of its name first, then the largest."""
        if not brand.domain or not (brand.domain.endswith(".no") or brand.region == "NO"):
            return ()
        found: dict[str, tuple[bool, int]] = {}
        for website in (f"www.{brand.domain}", brand.domain):
            answer = self._service.get(context, PATH, {"hjemmeside": website, "size": str(MAX_RESULTS)})
            for unit in listed(within(answer, "_embedded", "enheter"))[:MAX_RESULTS]:
                number, staff = text_of(unit.get("organisasjonsnummer")), unit.get("antallAnsatte")
                if orgnr.is_valid(number) and len(number) == 9 and brand.domain in _domains(unit):
                    namesake = matching.is_namesake(text_of(unit.get("navn")), brand)
                    found[number] = (namesake, staff if isinstance(staff, int) else 0)
            if found or context.stopped():
                break
        return sorted(found, key=lambda number: found[number], reverse=True)


def _domains(unit: dict[str, Any]) -> tuple[str, ...]:
    """The registrable domains of the company's website and of its own address."""
    website, address = text_of(unit.get("hjemmeside")), text_of(unit.get("epostadresse"))
    try:
        host = urlsplit(website if "://" in website else f"//{website}").hostname or ""
    except ValueError:
        host = ""
    domains = (registrable_domain(host), registrable_domain(address.rpartition("@")[2]) if "@" in address else None)
    return tuple(dict.fromkeys(domain for domain in domains if domain))


def _officers(answer: dict[str, Any]) -> Iterator[Officer]:
    for group in listed(answer.get("rollegrupper"))[:MAX_ENTRIES]:
        for role in listed(group.get("roller"))[:MAX_ENTRIES]:
            person = role.get("person")
            code = text_of(within(role, "type", "kode"))
            if code not in TITLES or not isinstance(person, dict) or person.get("erDoed") is True:
                continue
            name = names.person(within(person, "navn", "fornavn"), within(person, "navn", "etternavn"))
            if name is None:
                continue
            ended = role.get("fratraadt") is True or role.get("avregistrert") is True
            stated = short(within(role, "type", "beskrivelse")) or code
            yield Officer(*name, role=stated, title=TITLES[code], code=code, current=not ended)
