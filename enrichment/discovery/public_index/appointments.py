"""Who was appointed, and who leaves, by a sentence of a press release: "Acme appoints Jane Doe as CFO".

Only the brand's own changes count: a sentence about another company's appointment is left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from enrichment.discovery.search_engines import statements
from enrichment.discovery.search_engines.companies import Company
from enrichment.discovery.website import name_order, role_text
from enrichment.discovery.website.names_on_page import read as read_name

MAX_TEXT = 4_000  # characters of one item
MAX_SENTENCES = 20
MAX_SENTENCE = 400
MIN_LIKELIHOOD = 0.4  # of a name: a shape alone is enough between such words

JOINED, LEFT = "joined", "left"

_SENTENCE = re.compile(r"(?<=[.!?])(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bProf\.)\s+(?=[^\W\d_a-zà-ÿ])|\n+")
_NAME = r"(?P<name>[^\W\d_a-zà-ÿ][^,;:!?()\d]{2,60}?)"
_TITLE = r"(?P<title>[^.;!?\n]{2,160})"
_REST = r"(?P<rest>[^.;!?\n]{4,200})"
_WHO = r"(?P<who>[^.;:!?\n]{1,80}?)"
_ASIDE = r"(?:,[^,.;\n]{2,60},)?"  # "Jane Doe, CFO of Acme, …"
_TO = r"(?:as|to the (?:role|position|post) of|to be|to)"
_THE = r"(?:the |its |our |new )*"
# "Acme appoints Jane Doe as CFO": somebody does it to somebody, in seven languages. `rest`: name and title in one.
_ACTIVE = (
    rf"(?:has |have |today |also )*(?:appoint(?:s|ed)|names?|named|promot(?:es|ed)|hir(?:es|ed)|elect(?:s|ed)"
    rf"|welcom(?:es|ed)|taps|selects)\s+{_NAME}\s+{_TO}\s+{_THE}{_TITLE}",
    rf"(?:hat |)(?:ernennt|beruft|bestellt|macht)\s+{_NAME}\s+(?:zum|zur|als|in die Position (?:des|der))\s+{_TITLE}",
    rf"(?:a nommé|nomme|promeut)\s+{_REST}",
    rf"(?:ha nombrado|nombra|designa)\s+a\s+{_REST}",
    rf"(?:ha nominato|nomina)\s+{_REST}",
    rf"(?:heeft |)(?:benoemt|stelt)\s+{_NAME}\s+(?:tot|als|aan als)\s+{_TITLE}",
)
# "Jane Doe has been appointed CFO", "Jane Doe joins Acme as CFO".
_PASSIVE = (
    rf"{_NAME}\s+(?:has been |have been |was |is |will be )?(?:appointed|named|promoted|elected)\s+(?:{_TO} )?"
    rf"{_THE}{_TITLE}",
    rf"{_NAME}\s+(?:has joined|joins|is joining|will join|joined)\s+(?P<there>[^.;!?\n]{{2,60}}?)\s+as\s+"
    rf"{_THE}{_TITLE}",
    rf"{_NAME}\s+(?:wird|ist)\s+(?:neue[rn]? |ab \S+ |zum |zur |als )+{_TITLE}",
    rf"{_NAME}\s+(?:est |a été |vient d'être )nommée?\s+(?:au poste de |en tant que )?{_TITLE}",
    rf"{_NAME}\s+(?:es |ha sido )?(?:nombrad[oa]|designad[oa])\s+(?:como )?{_TITLE}",
    rf"{_NAME}\s+(?:è |è stat[oa] )?nominat[oa]\s+(?:come )?{_TITLE}",
    rf"{_NAME}\s+(?:wordt |is )?(?:benoemd tot|aangesteld als)\s+{_TITLE}",
)
_LEAVING = (
    rf"{_NAME}\s+(?:is |will |to |has |have |is going to )*(?:steps? down|stepping down|stepped down|leav(?:es|e|ing)"
    r"|left|resign(?:s|ed|ing)?|depart(?:s|ed|ing)?|retir(?:es|e|ed|ing))\b",
    rf"{_NAME}\s+(?:verlässt|scheidet)\b",
    rf"{_NAME}\s+(?:quitte|a quitté)\b",
    rf"{_NAME}\s+(?:deja|abandona|ha dejado|lascia|ha lasciato|verlaat|vertrekt)\b",
)
_END_OF_TITLE = re.compile(
    r"\s*(?:,|;|\(|\||\b(?:where|who|with (?:immediate )?effect|effective|following|after|succeeding|replacing|starting"
    r"|as of|à compter|a partir)\b|\bto (?=lead|drive|head|oversee|support|grow|help)|\bfrom (?=\w+ \d)"
    r"|\b(?:ab|per) (?=\d|dem|sofort)| [-–—] )",
    re.IGNORECASE,
)
_BEFORE_TITLE = re.compile(r"^(?:au poste de|en tant que|comme|à la fonction de|como|nuev[oa]|come|nuov[oa]|a)\s+")
_ELSEWHERE = re.compile(r"(?:from\s+|the\s+|bei\s+)?[^\W\d_a-zà-ÿ]")
_WE = re.compile(r"\b(?:we|our (?:board|company)|wir|nous|nosotros|noi|wij)\b", re.IGNORECASE)
_LEAD_IN = re.compile(r"^.*?(?:announces?(?: that)?|announced(?: that)?|:|—|–|\|)\s+(?=[^\W\d_a-zà-ÿ])")
_HONOUR = re.compile(r"^(?:(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme|M)\.?\s+)+")


_ACTIVE_FORMS = tuple(re.compile(rf"^{_WHO}\s+{form}") for form in _ACTIVE)
_PASSIVE_FORMS = tuple(re.compile(f"^{form.replace(_NAME, _NAME + _ASIDE, 1)}") for form in _PASSIVE)
_LEAVING_FORMS = tuple(re.compile(f"^{form.replace(_NAME, _NAME + _ASIDE, 1)}") for form in _LEAVING)


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody was appointed (`kind` JOINED, with a `title`) or leaves (LEFT); `sentence` says so."""

    first_name: str
    last_name: str
    kind: str
    title: str
    sentence: str


def read(text: str, company: Company) -> list[Change]:
    """Return the brand's changes that a text tells of, in its order; at most MAX_TEXT characters are read."""
    changes: list[Change] = []
    for sentence in _SENTENCE.split(text[:MAX_TEXT])[:MAX_SENTENCES]:
        changes += _changes(" ".join(sentence.split())[:MAX_SENTENCE], company)
    return changes


def _changes(sentence: str, company: Company) -> list[Change]:
    """Return the changes that one sentence tells of: the first form that reads as one counts."""
    texts = [sentence, _LEAD_IN.sub("", sentence)]
    active = [form.match(sentence) for form in _ACTIVE_FORMS]
    passive = [form.match(text) for text in texts for form in _PASSIVE_FORMS]
    matches = [found for found in active if found and _is_brand(found["who"], company)]
    matches += [found for found in passive if found and _is_here(found, company)]
    for match in matches:
        change = _joined(match, sentence, company)
        if change:
            return [change]
    for text in texts:
        for form in _LEAVING_FORMS:
            leaving = form.match(text)
            change = _left(leaving, text[leaving.end() :], sentence, company) if leaving else None
            if change:
                return [change]
    return []


def _joined(found: re.Match[str], sentence: str, company: Company) -> Change | None:
    parts = found.groupdict()
    pairs = [(parts["name"], parts["title"])] if "name" in parts else _splits(parts["rest"] or "")
    for written, said in pairs:
        name, title = _name(written), _title(said, company)
        if name and title:
            return Change(*name, JOINED, title, sentence)
    return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Yield where a name may end and a title begin: "Ana García directora comercial"."""
    words = text.split()
    for size in range(2, min(len(words), 6)):
        yield " ".join(words[:size]), _BEFORE_TITLE.sub("", " ".join(words[size:]))


def _left(found: re.Match[str], rest: str, sentence: str, company: Company) -> Change | None:
    """Return the departure, None where it is one from elsewhere ("leaves Globex")."""
    name, rest = _name(found["name"]), rest.strip(" .")
    from_elsewhere = _ELSEWHERE.match(rest) is not None and not _mentions(company, rest)
    if not name or from_elsewhere or statements.read(rest, company).elsewhere:
        return None
    return Change(*name, LEFT, "", sentence)


def _is_brand(text: str, company: Company) -> bool:
    return company.is_named(text) or _mentions(company, text) or bool(_WE.search(text))


def _is_here(found: re.Match[str], company: Company) -> bool:
    there = found.groupdict().get("there")
    return there is None or _is_brand(there, company)


def _mentions(company: Company, text: str) -> bool:
    return next(company.mentions(text), None) is not None


def _name(text: str) -> tuple[str, str] | None:
    reading = read_name(_HONOUR.sub("", text.strip()))
    if (
        reading is None
        or reading.single
        or reading.likelihood < MIN_LIKELIHOOD
        or role_text.strength(text) == role_text.ROLE
    ):
        return None
    first, last = name_order.split(reading.text)
    return (first, last) if first and last else None


def _title(text: str, company: Company) -> str:
    """Return the title that a sentence goes on with, "" where it is none, or one at another company."""
    end = _END_OF_TITLE.search(text)
    said = statements.read((text[: end.start()] if end else text).strip(" .\"'"), company)
    title = role_text.clean(said.role)
    return title if title and not said.elsewhere and not said.former and statements.is_role(title) else ""
