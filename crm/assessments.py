"""Legitimate-interest assessments (GDPR art. 6(1)(f)), one for each purpose, in versions that are never edited.

The draft follows the three steps of EDPB Guidelines 1/2024: interest, necessity, balance. It says what this product
does; whoever confirms it says that it is so in their company.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from core import audit

from .models import Assessment

Purpose = Assessment.Purpose
FIELDS = ("interest", "necessity", "balance", "safeguards")
REVIEWED_EVERY = timedelta(days=365)
TRIES = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What of the configuration a draft speaks of. `company`: who assesses, "" where that is not set."""

    company: str = ""
    sources: Sequence[str] = ()
    providers: Sequence[str] = ()
    retention_days: int = 30
    probes_mail_servers: bool = False
    restricted_regions: Sequence[str] = ()
    daily_cap: int = 50
    texts_kept_days: int = 730


def current(purpose: str) -> Assessment | None:
    """Return the latest version of the assessment of a purpose; None: there is none."""
    return Assessment.objects.filter(purpose=purpose).order_by("-version").first()


def missing_or_old(today: date) -> dict[str, str]:
    """Return why each purpose needs an assessment, in a sentence, for those that do."""
    latest = {row.purpose: row for row in reversed(Assessment.objects.order_by("purpose", "-version"))}
    found = {}
    for purpose in Purpose:
        row = latest.get(purpose)
        if row is None:
            found[purpose.value] = "There is none yet."
        elif not row.holds:
            found[purpose.value] = "It came to the result that our interest does not outweigh: stop, or assess again."
        elif row.review_on is not None and row.review_on <= today:
            found[purpose.value] = f"It was to be looked at again on {row.review_on:%Y-%m-%d}."
    return found


def save(purpose: str, fields: Mapping[str, object], user: User) -> Assessment:
    """Keep a new version: FIELDS, `holds`, and `review_on` (None: in a year). Earlier versions stay as they are.

    Raises ValueError with a sentence for a purpose that does not exist, an empty text, and a review in the past.
    """
    if purpose not in Purpose.values:
        raise ValueError(f"“{purpose}” is no purpose: write one of {', '.join(Purpose.values)}.")
    texts = {name: str(fields.get(name) or "").strip() for name in FIELDS}
    if empty := [name for name, value in texts.items() if not value]:
        raise ValueError(f"An assessment needs {' and '.join(empty)}: write it down.")
    today = timezone.localdate()
    review_on = fields.get("review_on") or today + REVIEWED_EVERY
    if not isinstance(review_on, date) or review_on <= today:
        raise ValueError("The next look at it must lie in the future: give a later date.")
    values = {**texts, "holds": bool(fields.get("holds")), "review_on": review_on}
    for _ in range(TRIES - 1):
        try:
            return _save(purpose, values, user)
        except IntegrityError:  # somebody else made the same version at this moment
            continue
    return _save(purpose, values, user)


@transaction.atomic
def _save(purpose: str, values: Mapping[str, object], user: User) -> Assessment:
    last = Assessment.objects.filter(purpose=purpose).aggregate(last=Max("version"))["last"] or 0
    name = user.get_full_name() or user.get_username()
    row = Assessment(purpose=purpose, version=last + 1, assessed_by=user, assessed_by_name=name[:150], **values)
    row.save(force_insert=True)
    audit.record("assessment.made", of=row, actor=user, purpose=purpose, version=row.version, holds=row.holds)
    return row


def draft(purpose: str, facts: Facts | None = None) -> dict[str, str]:
    """Return a draft of FIELDS for a purpose, made from the configuration. Raises ValueError for an unknown purpose."""
    given = facts or Facts()
    if purpose == Purpose.DISCOVERY:
        return _paragraphs(_discovery(given))
    if purpose == Purpose.OUTREACH:
        return _paragraphs(_outreach(given))
    raise ValueError(f"“{purpose}” is no purpose: write one of {', '.join(Purpose.values)}.")


def _discovery(facts: Facts) -> dict[str, list[str]]:
    who = facts.company or "Our company"
    sources = ", ".join(facts.sources) or "the companies' own websites"
    asked = f"Providers of addresses are asked: {', '.join(facts.providers)}." if facts.providers else ""
    probe = (
        "Mail servers are asked whether a mailbox exists, without sending anything."
        if facts.probes_mail_servers
        else "No mail server is asked about a single mailbox."
    )
    return {
        "interest": [
            f"{who} wants to know who at a company decides on the matters that we offer something for, and how that "
            "person is reached at work, so that we can write to the right person, once, instead of to everybody.",
            "Direct marketing may be a legitimate interest (recital 47 of the GDPR). The interest is lawful, it is "
            "real, and it is stated here precisely: names, roles and work addresses of decision-makers of companies "
            "that we chose beforehand; no private persons, no private addresses.",
        ],
        "necessity": [
            "To reach a person in a role, their name, role and work address are needed, and no more is collected: no "
            "private address, no telephone number, no photograph, no date of birth, no special category of data "
            "(article 9).",
            "Less would not do: general addresses of a company (info@) are not read by those who decide, and buying "
            "lists would mean more data about more people, from sources that cannot be named to them.",
            "Only the companies that somebody asked for are looked at, within daily limits; people without a role that "
            "decides are marked as such.",
        ],
        "balance": [
            f"The data is about people's work, not their private life. It is from public or lawful sources: {sources}. "
            f"{asked} {probe}".replace("  ", " ").strip(),
            "Whoever is named by their company as its manager or contact, or stands in a public register in this role, "
            "may reasonably expect to be written to on business at work. They need not expect that a profile of them "
            "is built, and none is: there are no scores about a person's character or behaviour, no decisions with "
            "legal effect (article 22), and no data is sold or given on.",
            "What may happen to people is a message at work that they did not ask for. They can end that with one "
            f"click. If nobody decides to write to them, their data is gone after {facts.retention_days} days.",
            "There is no imbalance of power and no reason to suppose children or other vulnerable people among "
            "decision-makers of companies.",
        ],
        "safeguards": [
            "For each claim about a person, the page where it was found and when is kept, so that they can be told.",
            f"Unverified people, and people who were neither written to nor told, are deleted after "
            f"{facts.retention_days} days, by an hourly task that reports what it did.",
            "Pages are read as far as their robots.txt allows, politely and under our name; no page of linkedin.com is "
            "fetched.",
            "E-mail addresses, LinkedIn profiles and evidence are encrypted in the database.",
            "Whoever objected is on a suppression list (as a fingerprint) and is not found, asked about or stored "
            "again.",
            _regions(facts),
            "Every view in bulk, export, change and approval is in an audit trail that cannot be changed unnoticed.",
            "Access, correction, erasure, restriction and objection by a link, without an account.",
        ],
    }


def _outreach(facts: Facts) -> dict[str, list[str]]:
    who = facts.company or "Our company"
    return {
        "interest": [
            f"{who} wants to offer its products and services to companies that may need them, by writing to the person "
            "who decides on the matter there.",
            "Direct marketing may be a legitimate interest (recital 47 of the GDPR). That says nothing yet on whether "
            "the message itself may be sent without consent: this is the matter of each country's law on electronic "
            "messages, and of the gate that checks it before each message.",
        ],
        "necessity": [
            "To write to somebody, their name, role, company and work address are needed; nothing else is used.",
            "Few messages are planned: four steps in four weeks, in working hours of the recipient, none after an "
            "answer. Advertisements or general addresses would reach people who have nothing to do with the matter.",
            "There is no tracking: no pixel, no rewritten link, no measuring of who opened a message.",
        ],
        "balance": [
            "The message concerns the person's role at their company. Who holds such a role may expect messages on "
            "business at work; that does not hold for messages that have nothing to do with it, and for a great "
            "number of them.",
            "What may happen to people is the time of reading a message and of one click that ends it. Nothing else "
            "depends on whether they answer.",
            "Where a country's law asks for consent, or where the rule is not known for certain, no message goes "
            "without it, or a person has to decide and to answer for it.",
            "People's right to object to direct marketing is absolute (article 21(2) and (3)): it is followed at once, "
            "without weighing anything.",
        ],
        "safeguards": [
            "No message goes to somebody whom nobody approved, and each is judged anew just before it is sent; the "
            "reasons are kept with it.",
            "The first message says who writes, why, and where the data is from (article 14), with a link to see it, "
            "to have it erased, and to object; each message can be unsubscribed from with one click.",
            "An objection, an unsubscription, a complaint and a hard bounce end all that is planned, for all time and "
            "for every sequence.",
            f"At most {facts.daily_cap} messages a day from one sender unless it is set otherwise; a sender with many "
            "bounces or complaints is paused by itself.",
            _regions(facts),
            f"Who was approved but never written to or told is deleted after {facts.retention_days} days. Texts of "
            f"messages and answers are emptied after {facts.texts_kept_days} days.",
            "Texts of messages and answers are encrypted in the database; who approved, released and sent what is in "
            "the audit trail.",
        ],
    }


def _regions(facts: Facts) -> str:
    refused = f" In these countries nobody is looked for at all: {', '.join(facts.restricted_regions)}."
    return "For each country there is a rule with its law and source, and none for certain means “no”." + (
        refused if facts.restricted_regions else ""
    )


def _paragraphs(found: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: "\n\n".join(lines) for name, lines in found.items()}
