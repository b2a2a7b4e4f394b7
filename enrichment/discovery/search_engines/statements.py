"""What a piece of text says about somebody's work at the brand: "CEO at Acme", "ex-Acme", "Geschäftsführer Acme"."""

import re
from dataclasses import dataclass

from enrichment.discovery.search_engines.companies import Company
from enrichment.discovery.titles import classify
from enrichment.discovery.website import role_text

FORMER = re.compile(
    r"\b(?:former(?:ly)?|ex|previous(?:ly)?|past|retired|emerit(?:us|a)|ehem(?:alige?[rns]?|als)?|früher(?:e[rns]?)?"
    r"|vormals|ancien(?:ne)?(?:ment)?|antigu[oa]|antig[oa]|anterior(?:mente)?|già|voormalig[e]?|vroeger|oud(?=-)|były|była|dawn(?:y|iej)"
    r"|bývalý|bývalá|tidigare|tidligere|entinen|бывш\w+)\b[\s.:-]*"
    r"|(?:元|前任|曾任|前(?![端台]))",
    re.IGNORECASE,
)
_AT = re.compile(
    r"\s*[@＠]\s*|\s+(?:at|bei|beim|chez|presso|hos|bij|w firmie)\s+|\s*[,、，]\s*|\s*[(（]\s*", re.IGNORECASE
)
_EMPLOYER = re.compile(r"\s*[@＠]\s*\S|\s+(?:at|bei|beim|chez|presso|hos|bij)\s+\S", re.IGNORECASE)
_OF = re.compile(
    r"\s+(?:of|for|von|für|der|des|de|du|di|da|do|del|della|van|voor|en|em|na|no|in|på|ved|w|v|à)\s+", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")
_ARTICLE = re.compile(r"^(?:the|der|die|das|den|dem|la|le|les|il|el|los|de|het)\s+|^l['’]", re.IGNORECASE)
_END = re.compile(r"[,;(（|/·•、，]")
_PART = re.compile(r"[,;(（|/·•]")
_MAX = 160  # a longer text is prose, and no statement as read here


@dataclass(frozen=True, slots=True)
class Statement:
    """`role`: what somebody does, "" if the text names none. `company`: at the brand. `former`: no longer.

    `elsewhere`: the text names another employer.
    """

    role: str
    company: bool = False
    former: bool = False
    elsewhere: bool = False


def read(text: str, company: Company, *, cut: bool = False) -> Statement:
    """Read one piece of a title or one clause. `cut`: its end is missing, so that a name at the end proves nothing."""
    cut = cut or len(text) > _MAX
    text = text[:_MAX].strip()
    marker = FORMER.match(text)
    rest = text[marker.end() :] if marker else text
    if not cut and company.is_named(rest):
        return Statement("", company=True, former=marker is not None)
    found = _with_employer(text, company, cut)
    if not found and marker and _with_employer(rest, company, cut):
        return Statement("", company=True, former=True)  # "ex-Acme CEO"
    if found:
        return found
    employer = _EMPLOYER.search(text)
    if employer:
        return Statement(text[: employer.start()].strip(), former=marker is not None, elsewhere=not cut)
    return Statement(text, former=marker is not None)


def is_role(text: str) -> bool:
    """Whether `text` reads like somebody's job title."""
    return role_text.strength(text) != role_text.NONE or classify(text).seniority not in ("unknown", "staff")


def _with_employer(text: str, company: Company, cut: bool) -> Statement | None:
    for joint in _AT.finditer(text):
        left, right = text[: joint.start()], text[joint.end() :]
        marker = FORMER.match(right)
        if marker and _is_company(right[marker.end() :], company, cut):
            return Statement("", company=True, former=True)  # "Advisor, ex-Acme": what is left of it is done elsewhere
        if _is_company(right, company, cut):
            return _at(left, right)
    for pattern in (_OF, _SPACE):
        for joint in pattern.finditer(text):
            left, right = text[: joint.start()], text[joint.end() :]
            # "Head of Marketing" is no head of a company Marketing: only who leads the whole has such a title.
            if classify(left).seniority in ("founder", "c_level") and _is_company(right, company, cut):
                return _at(left, right)
            if pattern is _SPACE and company.is_named(left) and classify(right).seniority in ("founder", "c_level"):
                return Statement("" if cut else right.strip(), company=True, former=FORMER.match(right) is not None)
    return None


def _at(left: str, right: str) -> Statement:
    """Return the statement "`left` at `right`", of which `right` begins with the brand."""
    parts = _PART.split(left)
    last = parts[-1].strip()
    if len(parts) > 1 and FORMER.match(last):
        return Statement(last, company=True, former=True)  # "Investor, former CEO at Acme"
    if len(parts) > 1 and (marker := FORMER.match(left)) and not is_role(parts[0][marker.end() :].strip()):
        return Statement(last, company=True)  # "Ex-Globex, CEO at Acme"
    left = left.strip(" ,;")
    after = _END.search(right)
    aside = right[after.end() :] if after and after.group() in "(（" else ""
    return Statement(left, company=True, former=bool(FORMER.match(left) or FORMER.match(aside.strip())))


def _is_company(text: str, company: Company, cut: bool) -> bool:
    text = _ARTICLE.sub("", text.strip())
    if not cut and company.is_named(text):
        return True
    end = _END.search(text)
    return end is not None and company.is_named(text[: end.start()])
