"""Every outside service of discovery on loopback, in the documented shapes, all of them knowing Kestrel Kites.

    with services() as running:
        running.settings      # the environment under which the product asks them, and nothing outside

Companies, numbers and people are invented. `delay`: seconds that each answer takes.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.kit.company import NAV
from tests.kit.web import Content, Page, Request, WebServer

NO, FR, CZ, SK, GB, CIK = "999000118", "999000102", "87654300", "87654318", "01234567", "1234567"
CONTACT = "tests/1.0 (https://example.com/; ops@example.com)"
# What Kestrel's site says of itself in its legal notice.
LEGAL = f"""<h2>Kestrel Kites</h2>
<p>Kestrel Kites AS, Org.nr. {NO}</p>
<p>Kestrel Kites SAS, RCS Paris, SIREN {FR}</p>
<p>Kestrel Kites s.r.o., IČO: {CZ}, zapsaná v obchodním rejstříku, DIČ CZ{CZ}</p>
<p>Kestrel Kites, spol. s r. o., IČO: {SK}, zapísaná v Obchodnom registri, IČ DPH SK{SK}</p>
<p>Kestrel Kites Limited, registered in England and Wales, company number {GB}</p>"""

FEED = """<rss version="2.0"><channel><title>Kestrel news</title><item>
<title>Kestrel Kites appoints Rosa Delmar as Chief Operating Officer</title>
<link>https://www.kestrel.example/news/rosa</link><pubDate>Tue, 10 Nov 2026 09:00:00 GMT</pubDate>
<description>Kestrel Kites has appointed Rosa Delmar as Chief Operating Officer.</description></item></channel></rss>"""
HOME = f"""<html lang="en"><title>Kestrel</title><link rel="alternate" type="application/rss+xml" href="/feed"><body>
{NAV}<h1>Kestrel Kites</h1><p>We make kites that stay up.</p><a href="/legal">Legal notice</a></body></html>"""
SITE: dict[str, Content] = {
    "/": HOME,
    "/legal": f"<html><title>Legal notice</title><body>{NAV}{LEGAL}</body></html>",
    "/feed": Page(FEED, media_type="application/rss+xml"),
}

Json = dict[str, Any]


def answer(value: Any) -> Page:
    """Return a page of JSON."""
    return Page(json.dumps(value), media_type="application/json")


@dataclass
class Services:
    """The running servers, by the name of their source, and the settings under which they are asked."""

    webs: dict[str, WebServer]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> list[Request]:
        return [request for web in self.webs.values() for request in web.requests]

    @property
    def access(self) -> dict[str, dict[str, str]]:
        """Return ENRICHMENT_SERVICES as the settings have it."""
        keys = {"api_key": "key", "engine": "engine"}
        return {name: {**keys, "base_url": f"http://{web.address}"} for name, web in self.webs.items()}


@contextmanager
def services(delay: float = 0.0) -> Iterator[Services]:
    """Run each at an address of its own; `delay`: seconds that each answer takes."""
    with ExitStack() as stack:
        webs = {}
        for name, contents in pages().items():
            site = {path: slow(content, delay) for path, content in contents.items()}
            webs[name] = stack.enter_context(WebServer({"*": site}))
        bases = {f"{name.upper()}_BASE_URL": f"http://{web.address}" for name, web in webs.items()}
        keys = {f"{name.upper()}_API_KEY": "key" for name in KEYED}
        yield Services(webs, {**bases, **keys, "GOOGLE_PSE_ENGINE_ID": "engine", "ENRICHMENT_USER_AGENT": CONTACT})


KEYED = ("brave", "google_pse", "serpapi", "linkedin", "companies_house")


def slow(content: Content, delay: float) -> Content:
    """Return `content` after `delay` seconds."""

    def say(request: Request) -> Page:
        time.sleep(delay)
        made = content(request) if callable(content) else content
        return made if isinstance(made, Page) else Page(str(made))

    return say if delay else content


def pages() -> Mapping[str, Mapping[str, Content]]:
    """Return what is where, by source."""
    return {**search_pages(), **register_pages(), "wikidata": {"/w/api.php": wikidata}, "sec_edgar": sec_pages()}


# Search -----------------------------------------------------------------------------------------

RESULT = {
    "url": "https://www.linkedin.com/in/ines-fontana-7",
    "title": "Ines Fontana - Chief Financial Officer - Kestrel Kites | LinkedIn",
    "text": "Ines Fontana. Chief Financial Officer at Kestrel Kites. Lisbon.",
}


def search_pages() -> Mapping[str, Mapping[str, Content]]:
    hit = {"url": RESULT["url"], "title": RESULT["title"]}
    google = {"title": hit["title"], "link": hit["url"], "snippet": RESULT["text"]}
    company = {"id": 1, "vanityName": "kestrel-kites", "localizedName": "Kestrel Kites"}
    found = {"results": [{**hit, "content": RESULT["text"]}], "unresponsive_engines": []}
    return {
        "searxng": {"/search": answer(found)},
        "brave": {"/res/v1/web/search": answer({"web": {"results": [{**hit, "description": RESULT["text"]}]}})},
        "google_pse": {"/customsearch/v1": answer({"queries": {}, "items": [google]})},
        "serpapi": {"/search.json": answer({"organic_results": [google]})},
        "linkedin": {"/rest/organizations": answer({"elements": [company]})},
    }


# Registers --------------------------------------------------------------------------------------


def register_pages() -> Mapping[str, Mapping[str, Content]]:
    brreg, ares, rpo = "/enhetsregisteret/api/enheter", "/ekonomicke-subjekty-v-be/rest", "/rpo/v1"
    role = {"type": {"kode": "DAGL", "beskrivelse": "Daglig leder"}, "person": {"navn": _norwegian("KARI", "NORDLYS")}}
    return {
        "brreg": {
            f"{brreg}/{NO}": answer({"organisasjonsnummer": NO, "navn": "KESTREL KITES AS", "antallAnsatte": 42}),
            f"{brreg}/{NO}/roller": answer({"rollegrupper": [{"type": {"kode": "DAGL"}, "roller": [role]}]}),
        },
        "recherche_entreprises": {"/search": answer({"results": [_french("MODÈLE", "ANNE")], "total_results": 1})},
        "ares": {
            f"{ares}/ekonomicke-subjekty/{CZ}": answer({"ico": CZ, "obchodniJmeno": "Kestrel Kites s.r.o."}),
            f"{ares}/ekonomicke-subjekty-vr/{CZ}": answer({"zaznamy": [_czech("JAN", "PŘÍKLAD")]}),
        },
        "rpo": {
            f"{rpo}/search": answer({"results": [_slovak_head()]}),
            f"{rpo}/entity/937053": answer({**_slovak_head(), "statutoryBodies": [_slovak("Peter Príklad")]}),
        },
        "companies_house": {
            f"/company/{GB}": answer(
                {"company_name": "KESTREL KITES LIMITED", "company_status": "active", "type": "ltd"}
            ),
            f"/company/{GB}/officers": answer({"items": [_british("EXAMPLE, Kerri Jane")], "total_results": 1}),
        },
    }


def _norwegian(first: str, last: str) -> Json:
    return {"fornavn": first, "etternavn": last}


def _czech(first: str, last: str) -> Json:
    role = {"nazev": "jednatel", "vznikFunkce": "2021-02-01"}
    member = {"fyzickaOsoba": {"jmeno": first, "prijmeni": last}, "clenstvi": {"funkce": role}}
    return {"primarniZaznam": True, "statutarniOrgany": [{"nazevOrganu": "Jednatel", "clenoveOrganu": [member]}]}


def _slovak_head() -> Json:
    return {"id": 937053, "identifiers": [{"value": SK}], "fullNames": [{"value": "Kestrel Kites, spol. s r. o."}]}


def _slovak(name: str) -> Json:
    return {"stakeholderType": {"value": "konateľ", "code": "1"}, "personName": {"formatedName": name}}


def _british(name: str) -> Json:
    return {"name": name, "officer_role": "director", "appointed_on": "2019-04-01", "links": {}}


def _french(last: str, first: str) -> Json:
    officer = {"nom": last, "prenoms": first, "qualite": "Gérant", "type_dirigeant": "personne physique"}
    unit = {"siren": FR, "nom_complet": "KESTREL KITES", "nom_raison_sociale": "KESTREL KITES", "dirigeants": [officer]}
    return {**unit, "etat_administratif": "A", "statut_diffusion": "O"}


# Wikidata ---------------------------------------------------------------------------------------

COMPANY, CEO, FORMER, INDUSTRY = "Q900000001", "Q900000010", "Q900000011", "Q900000012"


def wikidata(request: Request) -> Page:
    """The Action API."""
    if "action=query" in request.path:
        return answer({"query": {"search": [{"ns": 0, "title": COMPANY}]}})
    asked = {key: entity for key, entity in ENTITIES.items() if key in request.path}
    return answer({"entities": asked, "success": 1})


def _claim(name: str, value: Any, kind: str, qualifiers: Json | None = None) -> Json:
    snak = {"snaktype": "value", "property": name, "datavalue": {"value": value, "type": kind}}
    return {"type": "statement", "rank": "normal", "mainsnak": snak, "qualifiers": qualifiers or {}}


def _item(name: str, key: str, qualifiers: Json | None = None) -> Json:
    return _claim(name, {"entity-type": "item", "id": key}, "wikibase-entityid", qualifiers)


def _when(name: str, moment: str) -> Json:
    value = {"time": moment, "precision": 11}
    return {name: [{"snaktype": "value", "property": name, "datavalue": {"value": value, "type": "time"}}]}


def _entity(key: str, label: str, claims: Json) -> Json:
    return {"type": "item", "id": key, "labels": {"en": {"language": "en", "value": label}}, "claims": claims}


HUMAN = {"P31": [_item("P31", "Q5")]}
ENTITIES = {
    COMPANY: _entity(
        COMPANY,
        "Kestrel Kites",
        {
            "P856": [_claim("P856", "https://www.kestrel.example/", "string")],
            "P169": [
                _item("P169", CEO, _when("P580", "+2023-04-01T00:00:00Z")),
                _item("P169", FORMER, _when("P582", "+2023-03-31T00:00:00Z")),
            ],
            "P452": [_item("P452", INDUSTRY)],
            "P5531": [_claim("P5531", CIK.zfill(10), "string")],
        },
    ),
    CEO: _entity(CEO, "Marta Lindqvist", HUMAN),
    FORMER: _entity(FORMER, "Jonas Okafor", HUMAN),
    INDUSTRY: _entity(INDUSTRY, "kite making", {}),
}

# SEC --------------------------------------------------------------------------------------------

FORM_4 = """<?xml version="1.0"?>
<ownershipDocument><documentType>4</documentType><periodOfReport>2026-10-01</periodOfReport>
<issuer><issuerCik>0001234567</issuerCik><issuerName>Kestrel Kites Inc.</issuerName></issuer>
<reportingOwner><reportingOwnerId><rptOwnerCik>0009876543</rptOwnerCik><rptOwnerName>SAMPLE MICHAEL A</rptOwnerName>
</reportingOwnerId><reportingOwnerRelationship><isDirector>0</isDirector><isOfficer>1</isOfficer>
<officerTitle>Chief Technology Officer</officerTitle></reportingOwnerRelationship></reportingOwner>
</ownershipDocument>"""


def sec_pages() -> Mapping[str, Content]:
    recent = {
        "accessionNumber": ["0001234567-26-000123"],
        "filingDate": ["2026-10-02"],
        "reportDate": ["2026-10-01"],
        "form": ["4"],
        "items": [""],
        "primaryDocument": ["xslF345X05/form4.xml"],
    }
    filings = {"recent": recent, "files": []}
    return {
        "/files/company_tickers.json": answer(
            {"0": {"cik_str": int(CIK), "ticker": "KITE", "title": "Kestrel Kites Inc"}}
        ),
        f"/submissions/CIK{CIK.zfill(10)}.json": answer({"cik": CIK, "name": "KESTREL KITES INC", "filings": filings}),
        f"/Archives/edgar/data/{CIK}/000123456726000123/form4.xml": Page(FORM_4, media_type="text/xml"),
        "/LATEST/search-index": answer({"hits": {"total": {"value": 0}, "hits": []}}),
    }
