"""The register of processing activities (GDPR art. 30), generated from the configuration as it is now.

What a company does with its data beyond this product is not in it. No secrets: of services their hosts alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from crm import lawful_basis
from crm.models import LawfulBasis
from enrichment import periods, recipients
from enrichment.kept_kinds import in_words
from enrichment.recipients import Recipient
from outreach.models import Mailbox

FOUND = ("People named as decision-makers of companies, on the companies' own pages or in public or licensed sources.",)
KNOWN = ("People in a role at a company, whom somebody approved, entered or imported.",)
ABOUT_WORK = (
    "Name, role, company, country",
    "Work e-mail addresses, with how they were formed and verified",
    "Address of a public LinkedIn profile",
    "Evidence: page, words and moment for each claim",
)
INTEREST = "Article 6(1)(f) GDPR, legitimate interest"
DUTY = "Article 6(1)(c) GDPR, legal obligation"


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for the data; `missing` names the settings that would say more."""

    name: str
    address: str
    email: str
    officer: str
    representative: str
    authority: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """One processing activity. `kept`: names of kinds in periods.py; `kept_too`: titles of what is kept elsewhere."""

    name: str
    title: str
    purposes: str
    people: Sequence[str]
    data: Sequence[str]
    basis: Sequence[str]
    kept: Sequence[str] = ()
    kept_too: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """All of it, at a moment."""

    at: datetime
    controller: Controller
    activities: list[Activity]
    recipients: list[Recipient]
    measures: list[str]

    def recipients_of(self, activity: Activity) -> list[Recipient]:
        return [one for one in self.recipients if one.for_ == activity.name]


def generate() -> Register:
    """Return the register as the configuration and the database say now."""
    return Register(timezone.now(), controller(), activities(), recipients.all_of_them(), measures())


def controller() -> Controller:
    """Return who answers for the data: the settings' word, else that of the first sender."""
    first = Mailbox.objects.order_by("created_at", "id").first()
    named = {
        "CONTROLLER_NAME": settings.CONTROLLER_NAME or (first.company if first else ""),
        "CONTROLLER_ADDRESS": settings.CONTROLLER_ADDRESS or (first.postal_address if first else ""),
        "CONTROLLER_EMAIL": settings.CONTROLLER_EMAIL or (first.address if first else ""),
        "CONTROLLER_DPO": settings.CONTROLLER_DPO,
        "CONTROLLER_REPRESENTATIVE": settings.CONTROLLER_REPRESENTATIVE,
        "SUPERVISORY_AUTHORITY": settings.SUPERVISORY_AUTHORITY,
    }
    optional = {"CONTROLLER_DPO", "CONTROLLER_REPRESENTATIVE"}  # not everybody needs one (art. 37 and 27)
    missing = tuple(name for name, value in named.items() if not value and name not in optional)
    name, address, email, officer, representative, authority = named.values()
    return Controller(name, address, email, officer, representative, authority, missing)


def activities() -> list[Activity]:
    """Return what is done with people's data, and why it may be."""
    every_basis = [f"{basis.label}: {basis.article}" for basis in lawful_basis.BASES.values()]
    contact_request = lawful_basis.BASES[LawfulBasis.CONTACT_REQUEST]
    return [
        Activity(
            recipients.DISCOVERY,
            "Finding decision-makers",
            "To know who at a chosen company decides on matters that we offer something for.",
            FOUND,
            ABOUT_WORK,
            [f"{INTEREST}; see the assessment of this purpose"],
            ["unverified", "not_told", "left_crm", "jobs", "progress", "answers", "decisions", "drafts"],
        ),
        Activity(
            recipients.VERIFICATION,
            "Working out and verifying work addresses",
            "To write to an address that exists and is the person's.",
            FOUND,
            ("Name and domain of the company", "Work e-mail addresses, and what was said of them"),
            [f"{INTEREST}; see the assessment of finding decision-makers"],
            ["items", "checks", "provider_usage"],
        ),
        Activity(
            "crm",
            "Keeping contacts (CRM)",
            "To know whom we know, what was agreed, and how we stand with them.",
            KNOWN,
            (*ABOUT_WORK, "Notes, history, consents"),
            every_basis,
            ["never_told", "merges"],
            ["CRM contacts who were written to or told"],
        ),
        Activity(
            recipients.OUTREACH,
            "Writing to them",
            "To offer products and services to companies, and to tell people that we have their data (article 14).",
            KNOWN,
            ("Name, work address, role, company", "Texts of messages and answers, bounces", "Notices given"),
            [f"{INTEREST}; see the assessment of this purpose", f"{contact_request.label}: {contact_request.article}"],
            ["messages", "events", "notices"],
            ["What came of messages, by fingerprint of the address"],
        ),
        Activity(
            "suppression",
            "Keeping the suppression list",
            "To write no more to whoever objected, unsubscribed or complained, and not to find them again.",
            ("Whoever objected, unsubscribed, complained, or whose address bounced.",),
            ("A fingerprint (HMAC) of the address or domain, the reason, the moment",),
            [f"{DUTY} (article 21(3))", INTEREST],
            kept_too=["The suppression list"],
        ),
        Activity(
            "rights",
            "Answering people about their data",
            "To answer requests for access, correction, erasure, restriction and objection (articles 15 to 21).",
            ("Whoever makes such a request.",),
            ("The address, what was asked and answered, when it was proved and done",),
            [f"{DUTY} (articles 12 and 15 to 21)"],
            ["requests", "lapsed_requests"],
            ["Requests that are open"],
        ),
        Activity(
            "accounts",
            "Accounts and the audit trail",
            "To let in whom we know, and to be able to say who did what with people's data.",
            ("Our own users.", "People as the trail speaks of them, by fingerprint."),
            (
                "User name, e-mail address, hash of the password",
                "Sign-ins with their network address",
                "Acts, with moment",
            ),
            [INTEREST, f"{DUTY} (articles 5(2), 24 and 32)"],
            ["usage", "idempotency_keys", "reports"],
            ["The audit trail", "Who signed in, and failed to", "Sessions", "Refresh tokens of the API"],
        ),
        Activity(
            recipients.OPERATION,
            "Running the system",
            "To store and to carry out all of this.",
            ("Everybody named above.",),
            ("Everything named above",),
            ["That of the activity concerned"],
            kept_too=["Log files and back-ups", "Daily counts"],
        ),
    ]


def measures() -> list[str]:
    """Return the measures of security of this installation (art. 30(1)(g) and 32): what the product does itself."""
    secure = (
        "Pages and the API are served by HTTPS only (HTTPS_ONLY), with HSTS and secure cookies."
        if settings.HTTPS_ONLY
        else "HTTPS_ONLY is off: see to it that nobody reaches this installation but over HTTPS or this machine."
    )
    return [
        "E-mail addresses, LinkedIn profiles, evidence, notes, texts of messages and answers, kept pages and snapshots "
        "are encrypted in the database (Fernet: AES-128-CBC with HMAC-SHA256), with keys that can be rotated. Names, "
        "titles and companies are not, so that they can be searched.",
        "Equality of addresses is looked up by an HMAC under a key of its own.",
        "An audit trail of every change, view in bulk, export, approval and sign-in, chained so that a change of it "
        "shows; what it holds of a person is encrypted under the person's own key, which erasure destroys.",
        "Two roles with permissions of their own; passwords hashed, second factor, lock-out after "
        f"{settings.AXES_FAILURE_LIMIT} failures, sessions that end after "
        f"{in_words(timedelta(seconds=settings.SESSION_COOKIE_AGE))} without doing anything.",
        secure,
        "Content security policy without inline scripts; no third party's files on any page.",
        "Outward requests reach public addresses only (protection against SSRF), with limits on size and time.",
        "Limits on discoveries and addresses for each user and token, and on requests to the API.",
        "Data that may not be kept is purged every hour, with a report.",
        "No names, addresses or keys in the log above the level DEBUG.",
    ]


def kept(activity: Activity) -> Iterator[tuple[str, str]]:
    """Yield what of an activity is kept how long: title and words."""
    for name in activity.kept:
        kind = periods.BY_NAME[name]
        yield kind.title, f"{kind.words}, then {kind.act}"
    for one in periods.elsewhere():
        if one.title in activity.kept_too:
            yield one.title, one.period
