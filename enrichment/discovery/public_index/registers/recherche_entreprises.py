"""France's directory of companies (recherche-entreprises.api.gouv.fr): open, without a key, 7 requests a second.

/search?q={SIREN} looks one company up. Who opposes that their entry is spread is marked at the source
(`statut_diffusion` "P", "[NON-DIFFUSIBLE]"), and nothing of theirs is taken. The officers are today's: no dates.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from stdnum.fr import siren

from enrichment.discovery.base import Brand, Context, SourceError
from enrichment.discovery.clues import FR_SIREN
from enrichment.discovery.lexicon import fold
from enrichment.discovery.public_index.registers import names
from enrichment.discovery.public_index.registers.reading import MAX_ENTRIES, entry, short, within
from enrichment.discovery.public_index.registers.records import Officer, Record
from enrichment.discovery.service import Service, listed, text_of

BASE_URL = "https://recherche-entreprises.api.gouv.fr"
PAUSE = 0.2  # seconds between requests at the public address; nobody else has to be spared
MASK = "[NON-DIFFUSIBLE]"
MAX_HOLDINGS = 2  # legal persons in office whose own officers are looked up

# By the beginning of the office, folded; the first that fits.
TITLES = (
    (r"president[ -](?:du conseil d.administration et )?directeur general", "Chair and Chief Executive Officer"),
    (r"vice.president du conseil d.administration", "Deputy Chair of the Board"),
    (r"vice.president du conseil de surveillance", "Deputy Chair of the Supervisory Board"),
    (r"president du conseil d.administration", "Chair of the Board"),
    (r"president du conseil de surveillance", "Chair of the Supervisory Board"),
    (r"president du directoire", "Chair of the Management Board"),
    (r"membre du conseil de surveillance", "Member of the Supervisory Board"),
    (r"membre du directoire", "Member of the Management Board"),
    (r"directeur general unique", "Chief Executive Officer"),
    (r"directeur general delegue", "Deputy Chief Executive Officer"),
    (r"directeur general adjoint", "Deputy Chief Executive Officer"),
    (r"directeur general|directrice generale", "Chief Executive Officer"),
    (r"presidente? (?:de|d.une) (?:sas|societe)|presidente?$", "President"),
    (r"co.?gerante?|gerante?\b", "Managing Director"),
    (r"administrateur|administratrice|membre du conseil d.administration", "Board Member"),
    (r"associee? indefiniment|associee? en nom|associee? commandite", "General Partner"),
    (r"(?:chef d.)?entrepreneur|exploitante?\b", "Owner"),
)  # fmt: skip
# Auditors, liquidators, and whoever only receives letters.
_LEFT_OUT = re.compile(
    r"commissaire aux comptes|liquidat|mandataire|administrateur (?:judiciaire|provisoire)|controleur"
)
_LEADS = re.compile(r"president|gerant|directeur general|directrice generale")
_FORMS = {
    "1000": "Entrepreneur individuel",
    "5202": "Société en nom collectif",
    "5498": "EURL",
    "5499": "SARL",
    "5505": "SA",
    "5599": "SA",
    "5710": "SAS",
    "5720": "SASU",
    "5800": "SE",
    "9220": "Association",
}
_STAFF = {
    "01": "1-2", "02": "3-5", "03": "6-9", "11": "10-19", "12": "20-49", "21": "50-99", "22": "100-199",
    "31": "200-249", "32": "250-499", "41": "500-999", "42": "1000-1999", "51": "2000-4999", "52": "5000-9999",
    "53": "10000+",
}  # fmt: skip


class RechercheEntreprises:
    """The French directory (see `base.Register`)."""

    scheme = FR_SIREN
    name = "recherche_entreprises"
    title = "Annuaire des entreprises"
    certainty = 0.90
    keep = timedelta(days=1)

    def __init__(self, *, base_url: str = BASE_URL) -> None:
        self._service = Service(self.name, self.title, base_url, pause=PAUSE if base_url == BASE_URL else 0.0)

    def company(self, number: str, context: Context) -> Record | None:
        """Return the company and its officers; else those who lead the companies that lead it."""
        unit = self._unit(number, context)
        if unit is None or unit.get("etat_administratif") == "C":
            return None
        record = self._record(number, unit, context)
        if record.withheld or any(_LEADS.search(fold(officer.role)) for officer in record.officers):
            return record
        led = tuple(officer for holding in _holdings(unit) for officer in self._leaders(*holding, context))
        return replace(record, officers=(*record.officers, *led))

    def numbers(self, brand: Brand, context: Context) -> Sequence[str]:
        """Return none: a search finds namesakes, and companies by their officers' names."""
        return ()

    def _unit(self, number: str, context: Context) -> dict[str, Any] | None:
        answer = entry(self._service, self._service.get(context, "/search", _params(number)) or {})
        return next((unit for unit in listed(answer.get("results")) if text_of(unit.get("siren")) == number), None)

    def _record(self, number: str, unit: dict[str, Any], context: Context) -> Record:
        legal_name = short(unit.get("nom_raison_sociale")) or short(unit.get("nom_complet"))
        url = self._service.url("/search", _params(number))
        if unit.get("statut_diffusion") == "P" or not legal_name or MASK in _spelt(legal_name, unit.get("nom_complet")):
            return Record(number, "", url, context.now(), withheld=True)
        people = [person for person in listed(unit.get("dirigeants")) if not _is_legal_person(person)][:MAX_ENTRIES]
        return Record(
            number=number,
            legal_name=legal_name,
            url=url,
            fetched_at=context.now(),
            officers=tuple(_officers(people)),
            other_names=tuple(_other_names(unit)),
            legal_form=_FORMS.get(text_of(unit.get("nature_juridique")), ""),
            employees=_STAFF.get(text_of(unit.get("tranche_effectif_salarie")), ""),
            withheld_people=sum(_is_masked(person) for person in people),
        )

    def _leaders(self, number: str, office: str, context: Context) -> Iterator[Officer]:
        """Those who lead the company that holds an office."""
        try:
            unit = None if context.stopped() else self._unit(number, context)
        except SourceError:
            return  # the company itself is known already
        if unit is None or unit.get("etat_administratif") == "C":
            return
        holding = self._record(number, unit, context)
        if not holding.withheld:
            for officer in holding.officers:
                if _LEADS.search(fold(officer.role)):
                    title = _title(office)
                    yield replace(officer, role=office, title=title, through=holding.legal_name, url=holding.url)


def _params(number: str) -> dict[str, str]:
    return {"q": number, "minimal": "true", "include": "dirigeants,siege"}


def _spelt(*values: Any) -> str:
    return " ".join(map(text_of, values)).upper()


def _is_legal_person(person: dict[str, Any]) -> bool:
    return text_of(person.get("type_dirigeant")) == "personne morale" or bool(text_of(person.get("siren")))


def _is_masked(person: dict[str, Any]) -> bool:
    return MASK in _spelt(person.get("nom"), person.get("prenoms"))


def _officers(people: Sequence[dict[str, Any]]) -> Iterator[Officer]:
    for person in people:
        office = short(person.get("qualite"))
        name = names.person(person.get("prenoms"), person.get("nom"), elided=True)
        if office and name and not _is_masked(person) and not _LEFT_OUT.search(fold(office)):
            yield Officer(*name, role=office, title=_title(office))


def _holdings(unit: dict[str, Any]) -> list[tuple[str, str]]:
    """(SIREN, office) of the companies that lead this one."""
    found: dict[str, str] = {}
    for person in listed(unit.get("dirigeants"))[:MAX_ENTRIES]:
        number, office = text_of(person.get("siren")), short(person.get("qualite"))
        if len(number) == 9 and siren.is_valid(number) and _LEADS.search(fold(office)):
            found.setdefault(number, office)
    return list(found.items())[:MAX_HOLDINGS]


def _title(office: str) -> str:
    folded = fold(office).strip()
    return next((title for pattern, title in TITLES if re.match(pattern, folded)), office[:1].upper() + office[1:])


def _other_names(unit: dict[str, Any]) -> Iterator[str]:
    """Acronym and shop signs."""
    signs = within(unit, "siege", "liste_enseignes")
    values = [unit.get("sigle"), *(signs if isinstance(signs, list) else [])][:20]
    yield from dict.fromkeys(name for name in map(short, values) if name and MASK not in name.upper())
