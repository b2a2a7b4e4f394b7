"""In which country a company sits, worked out from what was found of it, where nobody said so.

The strongest sign wins: a register that keeps the company, then the address that it states, then the prefix of its
telephone number, then the ending of its domain. What the others said is told along. No ORM in here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pycountry

from core import countries

GIVEN, REGISTER, ADDRESS, PHONE, TLD, HAND = "given", "register", "address", "phone", "tld", "hand"
INFERRED = (REGISTER, ADDRESS, PHONE, TLD)  # the strongest first

# Registers keep companies of their own country; of the others the claim `country` says which.
REGISTERS = {
    "brreg": "NO",
    "companies_house": "GB",
    "recherche_entreprises": "FR",
    "ares": "CZ",
    "rpo": "SK",
}
STATED = ("sec_edgar", "wikidata")
TITLES = {
    "brreg": "Norway's register",
    "companies_house": "Companies House",
    "recherche_entreprises": "France's register",
    "ares": "Czechia's register",
    "rpo": "Slovakia's register",
    "sec_edgar": "the SEC's register",
    "wikidata": "Wikidata",
}

WORDS = {
    GIVEN: "given when the discovery was started, or imported",
    REGISTER: "from a register that knows the company",
    ADDRESS: "from the address that the company states",
    PHONE: "from the prefix of a telephone number",
    TLD: "from the ending of the domain",
    HAND: "corrected by hand",
}

SIGNS = {
    REGISTER: "a register",
    ADDRESS: "an address that the company states",
    PHONE: "the prefix of a telephone number",
    TLD: "the ending of the domain",
}

Basis = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that says where a company sits: `region` is ISO 3166-1 alpha-2, `how` one of INFERRED.

    `aside`: it says that the company is there too; no region is taken from it.
    """

    how: str
    region: str
    evidence: str
    url: str = ""
    at: str = ""
    aside: bool = False

    def basis(self, others: Iterable["Sign"] = ()) -> Basis:
        """Return the sign as it is stored beside the region; `also` is what `others` said."""
        return {
            "how": self.how,
            "evidence": self.evidence[:300],
            "url": self.url,
            "at": self.at,
            "also": [{"how": sign.how, "region": sign.region} for sign in others],
        }


@dataclass(frozen=True, slots=True)
class Inferred:
    """A region and how we know it."""

    region: str
    basis: Basis


def infer(claims: Iterable[Mapping[str, str]], domain: str | None, now: datetime) -> Inferred | None:
    """Return where a company sits, from what sources claim of it and the domain of its website; None: nobody knows.

    `claims` are as Brand.facts keeps them. Those of the fields `country` and `office` have a code as their value;
    `telephone` is an international number.
    """
    seen = list(signs(claims, domain, now))
    main = [sign for sign in seen if not sign.aside]
    if not main:
        return None
    best = min(main, key=lambda sign: INFERRED.index(sign.how))  # of equals the first
    others = {(sign.how, sign.region): sign for sign in seen if sign.how != best.how or sign.region != best.region}
    return Inferred(best.region, best.basis(others.values()))


def signs(claims: Iterable[Mapping[str, str]], domain: str | None, now: datetime) -> Iterator[Sign]:
    """Yield all that says where a company sits; of registers those first that keep one country's companies."""
    known = list(claims)
    yield from (sign for claim in known if claim["source"] in REGISTERS and (sign := _kept(claim)))
    stated = sorted((claim for claim in known if claim["field"] == "country"), key=_stated_by)
    yield from (sign for claim in stated if (sign := _stated(claim)))
    yield from (sign for claim in known if claim["field"] == "office" and (sign := _stated(claim, aside=True)))
    yield from (sign for claim in known if claim["field"] == "telephone" and (sign := _phone(claim)))
    region = countries.of_domain(domain)
    if region and domain:
        ending = domain.rpartition(".")[2]
        yield Sign(TLD, region, f"The website's domain ends in .{ending}.", "", now.isoformat().replace("+00:00", "Z"))


def given(now: datetime) -> Basis:
    """Return the basis of a region that somebody gave along with what they entered, imported or asked for."""
    return Sign(GIVEN, "", "", "", now.isoformat().replace("+00:00", "Z")).basis()


def by_hand(name: str, now: datetime) -> Basis:
    """Return the basis of a region that a user of this name corrected."""
    return Sign(HAND, "", f"Entered by {name}", "", now.isoformat().replace("+00:00", "Z")).basis()


def may_replace(basis: Mapping[str, Any] | None, region: str | None) -> bool:
    """Return whether an inference may take the place of `region`: there is none, or it was inferred before."""
    return not region or (bool(basis) and (basis or {}).get("how") in INFERRED)


def is_better(found: Inferred, region: str | None, basis: Mapping[str, Any] | None) -> bool:
    """Return whether an inference takes the place of what is stored: that was inferred too, from no stronger sign."""
    if not may_replace(basis, region):
        return False
    return not region or INFERRED.index(found.basis["how"]) <= INFERRED.index((basis or {})["how"])


def conflicting(basis: Mapping[str, Any] | None, region: str) -> list[tuple[str, str]]:
    """Return the other countries that weaker signs named, each with how; none where somebody said which it is."""
    if not basis or basis.get("how") not in INFERRED:
        return []
    also = [(str(sign["region"]), str(sign["how"])) for sign in basis.get("also", ())]
    return [(other, how) for other, how in also if other != region]


def sentence(basis: Mapping[str, Any] | None) -> str:
    """Return how a region is known, in words that follow the country's name; "" where that is not written down."""
    how = (basis or {}).get("how", "")
    if how == HAND and (basis or {}).get("evidence"):
        return f"corrected by hand: {str((basis or {})['evidence'])[:1].lower()}{str((basis or {})['evidence'])[1:]}"
    return WORDS.get(how, "")


def _kept(claim: Mapping[str, str]) -> Sign | None:
    if claim["field"] not in ("register_number", "legal_name"):
        return None
    return Sign(REGISTER, REGISTERS[claim["source"]], claim["snippet"], claim["url"], claim["seenAt"])


def _stated_by(claim: Mapping[str, str]) -> int:
    return STATED.index(claim["source"]) if claim["source"] in STATED else len(STATED)


def _stated(claim: Mapping[str, str], *, aside: bool = False) -> Sign | None:
    if pycountry.countries.get(alpha_2=claim["value"]) is None:
        return None
    how = REGISTER if claim["source"] in STATED else ADDRESS
    return Sign(how, claim["value"], claim["snippet"], claim["url"], claim["seenAt"], aside)


def _phone(claim: Mapping[str, str]) -> Sign | None:
    region = countries.of_phone(claim["value"])
    return Sign(PHONE, region, claim["snippet"], claim["url"], claim["seenAt"]) if region else None
