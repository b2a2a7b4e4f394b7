"""EDGAR on loopback: an invented company, its filings and its insiders."""

from typing import Any

from enrichment.discovery.base import Brand, Findings
from enrichment.discovery.clues import US_CIK, Clue, Clues
from enrichment.discovery.public_index.sec_edgar import SecEdgarSource
from tests.discovery.public_index.registers.desk import Desk, answer
from tests.kit.web import Content, Page

AGENT = "TestAgent/1.0 (ops@example.com)"
CIK = 1234567
NAME = "BRIGHTWATER INC"
BRAND = Brand("Brightwater", "https://www.brightwater.example", "brightwater.example")
LISTED = "/files/company_tickers.json"
SUBMISSIONS = f"/submissions/CIK{CIK:010d}.json"
SEARCH = "/LATEST/search-index"
FOLDER = f"/Archives/edgar/data/{CIK}/"


def look_up(desk: Desk, *clues: str, brand: Brand = BRAND, agent: str = AGENT, snippet: str = "") -> Findings:
    """Run the source over a brand, with these numbers as clues."""
    board = Clues()
    for value in clues:
        board.add(Clue(US_CIK, value, "https://www.brightwater.example/legal", snippet))
    source = SecEdgarSource(user_agent=agent, base_url=desk.base_url)
    return source.find(brand, desk.context(board))


def tickers(*companies: tuple[Any, Any]) -> Page:
    return answer(
        {str(row): {"cik_str": cik, "ticker": "X", "title": name} for row, (cik, name) in enumerate(companies)}
    )


def accession(number: int) -> str:
    return f"0001234567-26-{number:06d}"


def path(number: int, name: str = "form.xml") -> str:
    """Return where the document of filing `number` is."""
    return f"{FOLDER}{accession(number).replace('-', '')}/{name}"


def row(form: str, filed: str, number: int, items: str = "", document: str = "xslF345X05/form.xml") -> tuple[str, ...]:
    return form, filed, accession(number), document, items


def entry(*rows: tuple[str, ...], **more: Any) -> Page:
    """Return the company's entry with these filings, as columns."""
    columns = zip(*rows, strict=True) if rows else [[]] * 5
    keys = ("form", "filingDate", "accessionNumber", "primaryDocument", "items")
    recent = {key: list(column) for key, column in zip(keys, columns, strict=True)}
    facts = {
        "cik": f"{CIK:010d}",
        "name": NAME,
        "sicDescription": "Measuring Devices",
        "website": "",
        "formerNames": [],
    }
    return answer({**facts, "filings": {"recent": recent, "files": []}, **more})


def xml(text: str, status: int = 200) -> Page:
    return Page(text, status, media_type="application/xml")


def form4(
    name: str = "SAMPLE MICHAEL A",
    title: str = "Chief Financial Officer",
    *,
    officer: str = "1",
    director: str = "0",
    holder: str = "0",
    left: str = "0",
    remarks: str = "",
    cik: str = f"{CIK:010d}",
    head: str = '<?xml version="1.0"?>',
) -> Page:
    return xml(
        f"""{head}<ownershipDocument><documentType>4</documentType>
        <notSubjectToSection16>{left}</notSubjectToSection16>
        <issuer><issuerCik>{cik}</issuerCik><issuerName>Brightwater Inc</issuerName></issuer>
        <reportingOwner><reportingOwnerId><rptOwnerCik>0009</rptOwnerCik><rptOwnerName>{name}</rptOwnerName>
        </reportingOwnerId><reportingOwnerAddress><rptOwnerStreet1>1 Secret Lane</rptOwnerStreet1>
        </reportingOwnerAddress><reportingOwnerRelationship><isDirector>{director}</isDirector>
        <isOfficer>{officer}</isOfficer><isTenPercentOwner>{holder}</isTenPercentOwner>
        <officerTitle>{title}</officerTitle></reportingOwnerRelationship></reportingOwner>
        <remarks>{remarks}</remarks></ownershipDocument>"""
    )


def related(first: str, last: str, clarified: str = "", *relations: str, middle: str = "") -> str:
    listed = "".join(f"<relationship>{relation}</relationship>" for relation in relations or ("Executive Officer",))
    return f"""<relatedPersonInfo><relatedPersonName><firstName>{first}</firstName><middleName>{middle}</middleName>
        <lastName>{last}</lastName></relatedPersonName><relatedPersonAddress><street1>1 Secret Lane</street1>
        </relatedPersonAddress><relatedPersonRelationshipList>{listed}</relatedPersonRelationshipList>
        <relationshipClarification>{clarified}</relationshipClarification></relatedPersonInfo>"""


def form_d(*people: str, industry: str = "Other Technology") -> Page:
    return xml(
        f"""
<?xml version="1.0"?><edgarSubmission><submissionType>D</submissionType>
        <primaryIssuer><cik>{CIK:010d}</cik><entityName>Brightwater Inc</entityName></primaryIssuer>
        <relatedPersonsList>{"".join(people)}</relatedPersonsList>
        <offeringData><industryGroup><industryGroupType>{industry}</industryGroupType></industryGroup></offeringData>
        </edgarSubmission>"""
    )


def hit(name: Any, cik: int = CIK) -> dict[str, Any]:
    return {
        "_id": "x",
        "_source": {"ciks": [f"{cik:010d}"], "display_names": [f"{name}  (CIK {cik:010d})"], "form": "D"},
    }


def hits(*found: Any, total: Any = None) -> Page:
    count = len(found) if total is None else total
    return answer({"hits": {"total": {"value": count, "relation": "eq"}, "hits": list(found)}})


def company(*filings: tuple[tuple[str, ...], Content], **more: Any) -> dict[str, Content]:
    """Return the pages of the listed company with these filings (`row`, document)."""
    documents: dict[str, Content] = {
        f"{FOLDER}{one[2].replace('-', '')}/{one[3].rpartition('/')[2]}": page for one, page in filings
    }
    rows = [one for one, _page in filings]
    return {LISTED: tickers((CIK, NAME)), SUBMISSIONS: entry(*rows, **more), **documents}
