"""Reading Wikidata's entities: which statements hold now, and how sure that is.

The form is `docs/topics/json.md` of the Wikibase extension. Anything in it may be missing, null or of another type,
so every step asks before it goes on. Times may have month and day 00 and years of more than four digits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enrichment.discovery.service import listed, text_of

MAX_STATEMENTS = 200  # of one property
MAX_LABEL = 200

_TIME = re.compile(r"([+-])([0-9]{4,16})-([0-9]{2})-([0-9]{2})T")
_ITEM = re.compile(r"Q[1-9][0-9]{0,11}")
_QUANTITY = re.compile(r"\+?([0-9]{1,12})(?:\.0*)?")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was not deprecated. Dates are (year, month, day), month and day 0 where not stated.

    `ended`: its end is past, or known to be past and not when. `current`: stated outright to have no end. `future`: it
    has not begun. `until`: the end as stated.
    """

    value: Any
    preferred: bool
    started: tuple[int, int, int] | None
    ended: bool
    current: bool
    referenced: bool
    reference: str
    moment: tuple[int, int, int] | None = None
    until: tuple[int, int, int] | None = None
    future: bool = False


def labels(entity: dict[str, Any], languages: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (language, label) in the order of `languages`; texts of more than MAX_LABEL and bare ids are left out."""
    known = entity.get("labels")
    entries = ((language, known.get(language)) for language in languages) if isinstance(known, dict) else ()
    texts = ((language, text_of(entry.get("value"))) for language, entry in entries if isinstance(entry, dict))
    return [(language, text) for language, text in texts if 0 < len(text) <= MAX_LABEL and not is_item(text)]


def label(entity: dict[str, Any], languages: tuple[str, ...]) -> str:
    """Return the entity's label in the first of `languages` that has one, "" for none."""
    return next((text for _language, text in labels(entity, languages)), "")


def statements(entity: dict[str, Any], name: str, now: datetime) -> list[Statement]:
    """Return the statements of property `name` that count: only the preferred ones where there are any.

    Those that begin in the future are left out.
    """
    begun = [one for one in all_statements(entity, name, now) if not one.future]
    return [one for one in begun if one.preferred] or begun


def all_statements(entity: dict[str, Any], name: str, now: datetime) -> list[Statement]:
    """Return every statement of property `name` that has a value and is not deprecated, the first MAX_STATEMENTS."""
    claims = entity.get("claims")
    raw = listed(claims.get(name) if isinstance(claims, dict) else None)[:MAX_STATEMENTS]
    return [statement for claim in raw if (statement := _statement(claim, now)) is not None]


def has_happened(entity: dict[str, Any], name: str, now: datetime) -> bool:
    """Whether the event of a property (death, dissolution) is said to be past, on a known day or not."""
    claims = entity.get("claims")
    for claim in listed(claims.get(name) if isinstance(claims, dict) else None)[:MAX_STATEMENTS]:
        snak = claim.get("mainsnak")
        moment = _date(snak) if isinstance(snak, dict) else None
        denied = isinstance(snak, dict) and snak.get("snaktype") == "novalue"
        if claim.get("rank") != "deprecated" and not denied and (moment is None or moment <= _day(now)):
            return True
    return False


def values(entity: dict[str, Any], name: str, now: datetime) -> list[str]:
    """Return the texts of a property whose values are texts: URLs, identifiers."""
    return [text for one in statements(entity, name, now) if not one.ended and (text := text_of(one.value))]


def items(entity: dict[str, Any], name: str, now: datetime) -> list[str]:
    """Return the items that a property names now."""
    return [key for one in statements(entity, name, now) if not one.ended and (key := item(one.value))]


def item(value: Any) -> str:
    """Return the id of an item that is a statement's value, "" for anything else."""
    key = text_of(value.get("id")) if isinstance(value, dict) else ""
    return key if is_item(key) else ""


def is_item(text: str) -> bool:
    """Whether a text is the id of an item: "Q42"."""
    return _ITEM.fullmatch(text) is not None


def quantity(value: Any) -> str:
    """Return the whole number of a quantity ("+420" -> "420"), "" for anything else."""
    amount = _QUANTITY.fullmatch(text_of(value.get("amount"))) if isinstance(value, dict) else None
    return amount[1] if amount else ""


def _statement(claim: dict[str, Any], now: datetime) -> Statement | None:
    if claim.get("rank") == "deprecated":
        return None
    snak = claim.get("mainsnak")
    value = _value(snak) if isinstance(snak, dict) else None
    if value is None:
        return None
    started, ended, moment = (_qualifier(claim, name) for name in ("P580", "P582", "P585"))
    begins = _date(started)
    ends = _date(ended)
    reference = next(_references(claim), "")
    return Statement(
        value=value,
        preferred=claim.get("rank") == "preferred",
        started=begins,
        ended=bool(ended) and ended.get("snaktype") != "novalue" and (ends is None or ends <= _day(now)),
        current=bool(ended) and ended.get("snaktype") == "novalue",
        referenced=bool(listed(claim.get("references"))),
        reference=reference,
        moment=_date(moment),
        until=ends,
        future=begins is not None and begins > _day(now),
    )


def _day(now: datetime) -> tuple[int, int, int]:
    return now.year, now.month, now.day


def _value(snak: dict[str, Any]) -> Any:
    """Return what a snak says; None for "some value" and "no value", which have none."""
    data = snak.get("datavalue")
    return data.get("value") if snak.get("snaktype", "value") == "value" and isinstance(data, dict) else None


def _qualifier(claim: dict[str, Any], name: str) -> dict[str, Any]:
    qualifiers = claim.get("qualifiers")
    found = listed(qualifiers.get(name) if isinstance(qualifiers, dict) else None)
    return found[-1] if found else {}


def _date(snak: dict[str, Any]) -> tuple[int, int, int] | None:
    value = _value(snak) if snak else None
    found = _TIME.match(text_of(value.get("time"))) if isinstance(value, dict) else None
    if found is None or found[1] == "-" or len(found[2].lstrip("0")) > 4:
        return None
    return int(found[2]), int(found[3]), int(found[4])


def _references(claim: dict[str, Any]) -> Iterator[str]:
    """Yield the URLs that a statement refers to (P854)."""
    for reference in listed(claim.get("references"))[:10]:
        snaks = reference.get("snaks")
        for snak in listed(snaks.get("P854") if isinstance(snaks, dict) else None):
            url = text_of(_value(snak))
            if url.startswith(("https://", "http://")):
                yield url
