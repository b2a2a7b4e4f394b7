"""Whom a form names: the insiders of Forms 3, 4 and 5 (section 16 of the Exchange Act), the related persons of Form D.

The XML is a stranger's: entities, document types and the network are off. Addresses are not read.
"""

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from enrichment.discovery.public_index.registers.reading import short
from enrichment.discovery.public_index.sec_names import Name, owner, related
from enrichment.discovery.titles import classify
from enrichment.discovery.website import role_text

MAX_PEOPLE = 50  # of one filing
MAX_TITLE = 120
BOARD = "Board Director"
OFFICER = "Officer"

_SEE_REMARKS = re.compile(r"\W*see\b|\W*$", re.IGNORECASE)
_TITLE_IS = re.compile(r"\btitle\s*(?:is|:)\s*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<!\bSr)(?<!\bExec)(?<!\bAsst)(?<!\bPres)[.;](?:\s|$)", re.IGNORECASE)
_RELATIONS = {"executive officer": "Executive Officer", "director": BOARD}


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a filing names. `left`: no longer an insider."""

    name: Name
    title: str
    left: bool = False


def ownership(content: bytes, cik: int) -> list[Named] | None:
    """Return the officers and directors of the issuer `cik` that a Form 3, 4 or 5 names; None for unreadable XML.

    A company files Form 4 about its shares in others too: those say nothing about its own people.
    """
    root = _root(content)
    if root is None:
        return None
    issuer = _text(root, "issuer/issuerCik")
    if not issuer.isdecimal() or not issuer.isascii() or int(issuer) != cik:
        return []
    left = _flag(root, "notSubjectToSection16")
    found = []
    for entry in root.findall("reportingOwner")[:MAX_PEOPLE]:
        name = owner(_text(entry, "reportingOwnerId/rptOwnerName"))
        title = _insider_title(entry, _text(root, "remarks"))
        if name is not None and title:
            found.append(Named(name, title, left))
    return found


def form_d(content: bytes, cik: int) -> list[Named] | None:
    """Return the executive officers and directors that a Form D of the company `cik` names; None for unreadable XML.

    A fund that is being raised is no company with a staff: nobody is taken from it.
    """
    root = _root(content)
    if root is None:
        return None
    issuer, industry = _text(root, "primaryIssuer/cik"), _text(root, "offeringData/industryGroup/industryGroupType")
    if not issuer.isdecimal() or not issuer.isascii() or int(issuer) != cik or "pooled" in industry.lower():
        return []
    found = []
    for entry in root.findall("relatedPersonsList/relatedPersonInfo")[:MAX_PEOPLE]:
        parts = (_text(entry, f"relatedPersonName/{part}Name") for part in ("first", "middle", "last"))
        name, title = related(*parts), _related_title(entry)
        if name is not None and title:
            found.append(Named(name, title))
    return found


def _root(content: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    # No form has a document type; bombs have.
    return root if root.getroottree().docinfo.internalDTD is None else None


def _text(element: Any, path: str) -> str:
    return short(element.findtext(path))


def _flag(element: Any, path: str) -> bool:
    return _text(element, path).lower() in {"1", "true"}


def _insider_title(entry: Any, remarks: str) -> str:
    """What an insider is at the company; "" for those who only own shares."""
    relation = "reportingOwnerRelationship/"
    if _flag(entry, f"{relation}isOfficer"):
        title = _text(entry, f"{relation}officerTitle")
        return (_from_remarks(remarks) if _SEE_REMARKS.match(title) else title[:MAX_TITLE]) or OFFICER
    return BOARD if _flag(entry, f"{relation}isDirector") else ""


def _from_remarks(remarks: str) -> str:
    """The title in the remarks, which also tell of powers of attorney and the like; "" for none."""
    stated = _TITLE_IS.search(remarks)
    title = _SENTENCE_END.split(remarks[stated.end() :] if stated else remarks)[0].strip()
    is_title = len(title) <= MAX_TITLE and role_text.strength(title) == role_text.ROLE
    return title if is_title and not any(map(str.isdigit, title)) else ""


def _related_title(entry: Any) -> str:
    """The title that explains the relationship, else the relationship; "" for promoters."""
    relations = [short(item.text).lower() for item in entry.findall("relatedPersonRelationshipList/relationship")[:9]]
    title = next((_RELATIONS[relation] for relation in ("executive officer", "director") if relation in relations), "")
    clarified = _text(entry, "relationshipClarification").rstrip(" .")
    says_more = classify(clarified).seniority not in {"unknown", "staff"} and len(clarified) <= MAX_TITLE
    return clarified if title and says_more else title
