"""Why we may process a person's data: the three values of the specification, and what each asks of us.

The labels are the specification's ("GDPR Compliance"); the articles are of Regulation (EU) 2016/679. `text` is what
people are told (article 13(1)(c) and 14(1)(c)); a basis without a text of its own in a language is told in English.
"""

from dataclasses import dataclass

from .models import LawfulBasis

GDPR = "Regulation (EU) 2016/679 (GDPR)"


@dataclass(frozen=True, slots=True)
class Basis:
    """One lawful basis: the specification's label, where it stands in the law, what people are told, what it asks."""

    value: str
    label: str
    article: str
    told: str
    requires: tuple[str, ...]


BASES: dict[str, Basis] = {
    basis.value: basis
    for basis in (
        Basis(
            LawfulBasis.B2B_LEGITIMATE_INTEREST,
            LawfulBasis.B2B_LEGITIMATE_INTEREST.label,
            "Article 6(1)(f) GDPR",
            "We process your business contact data because of our legitimate interest in writing to people who decide "
            "on matters of our business at their company (article 6(1)(f) of the GDPR). You may object at any time, "
            "without giving a reason: then we write to you no more (article 21(2) and (3)).",
            (
                "A stored assessment for the purpose: interest, necessity, balance (Compliance, Assessments).",
                "Data about the person's role at the company only, from sources that may be used.",
                "The person is told, with the first message or within a month (article 14).",
                "An objection is followed at once and for good (article 21).",
                "For the message itself the law of the person's country, which may ask for consent all the same.",
            ),
        ),
        Basis(
            LawfulBasis.CONTACT_REQUEST,
            LawfulBasis.CONTACT_REQUEST.label,
            "Article 6(1)(b) GDPR; for what goes beyond the request, article 6(1)(a)",
            "You asked us to contact you. We process your data to do so, which are steps taken at your request before "
            "a possible contract (article 6(1)(b) of the GDPR), or because you consented (article 6(1)(a)). You may "
            "withdraw a consent at any time, for the time from then on.",
            (
                "A record of when and how the person asked: a consent with its source, or a note.",
                "Messages about what was asked for, and nothing else.",
                "No messages once the person withdraws the consent or says so.",
            ),
        ),
        Basis(
            LawfulBasis.MANUAL,
            LawfulBasis.MANUAL.label,
            "Article 6(1)(f) GDPR, unless whoever entered the data noted another basis",
            "Somebody at our company entered your business contact data by hand, in our legitimate interest in "
            "business relations with your company (article 6(1)(f) of the GDPR). You may object at any time, without "
            "giving a reason: then we write to you no more (article 21(2) and (3)).",
            (
                "A note of where the data is from, by whoever entered it.",
                "If it is not from the person: the person is told within a month (article 14).",
                "If it is from the person: they are told when they give it (article 13).",
                "An objection is followed at once and for good (article 21).",
            ),
        ),
    )
}

TOLD_IN = {
    "de": {
        LawfulBasis.B2B_LEGITIMATE_INTEREST: (
            "Wir verarbeiten Ihre geschäftlichen Kontaktdaten, weil wir ein berechtigtes Interesse daran haben, "
            "Personen anzuschreiben, die in ihrem Unternehmen über Themen unseres Geschäfts entscheiden (Artikel 6 "
            "Absatz 1 Buchstabe f DSGVO). Sie können dem jederzeit ohne Angabe von Gründen widersprechen; dann "
            "schreiben wir Ihnen nicht mehr (Artikel 21 Absätze 2 und 3)."
        ),
        LawfulBasis.CONTACT_REQUEST: (
            "Sie haben uns gebeten, Kontakt aufzunehmen. Dazu verarbeiten wir Ihre Daten, als vorvertragliche Maßnahme "
            "auf Ihre Anfrage (Artikel 6 Absatz 1 Buchstabe b DSGVO) oder weil Sie eingewilligt haben (Artikel 6 "
            "Absatz 1 Buchstabe a). Eine Einwilligung können Sie jederzeit für die Zukunft widerrufen."
        ),
        LawfulBasis.MANUAL: (
            "Jemand in unserem Unternehmen hat Ihre geschäftlichen Kontaktdaten von Hand eingetragen, aufgrund unseres "
            "berechtigten Interesses an geschäftlichen Beziehungen zu Ihrem Unternehmen (Artikel 6 Absatz 1 "
            "Buchstabe f DSGVO). Sie können dem jederzeit ohne Angabe von Gründen widersprechen; dann schreiben wir "
            "Ihnen nicht mehr (Artikel 21 Absätze 2 und 3)."
        ),
    }
}

# Below a field in which one is chosen.
HELP = " ".join(f"{basis.label}: {basis.article}." for basis in BASES.values())


def of(value: str | None) -> Basis | None:
    """Return what is known of a basis; None for none, and for a value that is no basis."""
    return BASES.get(value or "")


def text(basis: str | None, language: str = "en") -> str:
    """Return what a person is told of the basis, in a language (ISO 639-1) or else in English.

    Without a basis it is that of contacts found by discovery, the specification's default.
    """
    known = of(basis) or BASES[LawfulBasis.B2B_LEGITIMATE_INTEREST]
    return TOLD_IN.get(language[:2].lower(), {}).get(LawfulBasis(known.value)) or known.told
