"""Where outside services sit, as far as that is known: for the register of processing (GDPR art. 30(1)(d) and (e)), and
for what people are told of who receives their data (art. 14(1)(e) and (f)).

Only what the services say of themselves, or what an authority's own domain says. Companies move, and data may lie
elsewhere than their seat: whoever answers for the register looks each up in the contract with the service.
"""

from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 11, 1)  # when the table was last gone through
TO_BE_CHECKED = "to be checked: see your contract with them"
NOT_KNOWN = "not known: it is where you have it run, or ask whoever runs it"

UNITED_STATES = "United States"
# The European Economic Area: to others data is “transferred” (GDPR chapter V).
EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)
# Countries for which the Commission has found the protection adequate (art. 45), as they concern these services.
ADEQUATE = {
    "GB": "adequacy decision of 2021, renewed in December 2025 until 27 December 2031 (article 45)",
    "US": "lawful without more only to companies certified under the EU-US Data Privacy Framework (adequacy decision "
    "(EU) 2023/1795); to all others with standard contractual clauses (article 46)",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is behind a service and where they sit: `code` is ISO 3166-1 alpha-2, "" where that is not known.

    `note` is what to mind, such as that data may lie elsewhere.
    """

    company: str = ""
    code: str = ""
    country: str = NOT_KNOWN
    note: str = ""


def _us(company: str, note: str = "") -> Seat:
    return Seat(company, "US", UNITED_STATES, note)


UNKNOWN = Seat()
HERE = Seat(country="where this installation runs")
EACH_COMPANY = Seat(country="as each company")
MAY_DIFFER = f"Where the data lies: {TO_BE_CHECKED}."

# By the names of sources (discovery/registry.py) and providers (emails/providers/registry.py), at their own addresses.
SERVICES: dict[str, Seat] = {
    "brave": _us("Brave Software, Inc.", MAY_DIFFER),
    "google_pse": _us(
        "Google LLC", "For customers in the EEA the contract is with Google Ireland Limited. " + MAY_DIFFER
    ),
    "serpapi": _us("SerpApi, LLC", MAY_DIFFER),
    "brreg": Seat("Brønnøysundregistrene, an authority", "NO", "Norway"),
    "recherche_entreprises": Seat("the French state (api.gouv.fr)", "FR", "France"),
    "ares": Seat("the Czech state (gov.cz)", "CZ", "Czechia"),
    "rpo": Seat("the Statistical Office of Slovakia", "SK", "Slovakia"),
    "companies_house": Seat("Companies House, an authority", "GB", "United Kingdom"),
    "wikidata": _us("Wikimedia Foundation, Inc."),
    "sec_edgar": _us("Securities and Exchange Commission, an authority"),
    "linkedin": _us("LinkedIn Corporation", "For those in the EEA it is LinkedIn Ireland. " + MAY_DIFFER),
    "hunter": _us("Hunter Web Services, Inc.", MAY_DIFFER),
    "snov": _us("Snovio Inc.", MAY_DIFFER),
    "clearbit": _us("APIHub, Inc. (Clearbit, of HubSpot)", MAY_DIFFER),
}


def _carrier(name: str, code: str, note: str = MAY_DIFFER) -> Seat:
    return Seat(name, code, {"FR": "France", "US": UNITED_STATES}.get(code, TO_BE_CHECKED), note)


# By the names that ANYMAIL_ESP knows, called as people know them; of one without a code the seat is to be checked.
MAIL_SERVICES: dict[str, Seat] = {
    "amazon_ses": _carrier("Amazon SES", "US", "Data lies in the region that you chose."),
    "brevo": _carrier("Brevo", "FR"),
    "mailersend": _carrier("MailerSend", "US"),
    "mailgun": _carrier("Mailgun", "US", f"There is a region in the EU. {MAY_DIFFER}"),
    "mailjet": _carrier("Mailjet", "FR"),
    "mandrill": _carrier("Mandrill (Mailchimp)", "US"),
    "postal": _carrier("Postal, run by ourselves", ""),
    "postmark": _carrier("Postmark", "US"),
    "resend": _carrier("Resend", "US"),
    "scaleway": _carrier("Scaleway", "FR"),
    "sendgrid": _carrier("SendGrid", "US"),
    "sparkpost": _carrier("SparkPost", ""),
}


def mail_service(name: str) -> Seat:
    """Return who a mail service is, by the name that ANYMAIL_ESP knows; of others nothing but the name is known."""
    return MAIL_SERVICES.get(name) or _carrier(name.replace("_", " ").capitalize(), "")


def transfer(seat: Seat) -> str:
    """Return what of the law on third countries (GDPR chapter V) concerns data given to a service, in a sentence."""
    if seat == HERE:
        return "None beyond where this installation runs."
    if seat == EACH_COMPANY:
        return "Each company's own servers, wherever they are: they get nothing that is not theirs."
    if not seat.code:
        return "Whether data goes to a third country is to be checked."
    if seat.code in EEA:
        return "No third country."
    return f"Third country: {ADEQUATE.get(seat.code, 'appropriate safeguards are needed (article 46)')}."
