"""Synthetic rows for benchmarks: invented people at brands named `Load 17`, of load17.example, as jobs store them.

Every value is encrypted under the real keys, and a row has all that a found one has, so that reading costs the same.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.names import name_key
from crm import brands
from crm.models import Brand
from enrichment.discovery.base import Evidence
from enrichment.discovery.titles import Role, classify
from enrichment.emails import calibration, scoring
from enrichment.emails.verification.mx import Mx
from enrichment.management.standard_input import batches
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob, JobContact, JobStatus, JobType

PREFIX, NAME, DOMAIN = "Load ", r"^Load [0-9]+$", r"^load[0-9]+\.example$"
CONTACTS_A_BRAND = 25
BRANDS_AT_ONCE = 40  # a transaction

FIRST_NAMES = (
    "Ada", "Adèle", "Ali", "Amara", "Anders", "Anja", "Ann-Kathrin", "Bao", "Beatriz", "Björn", "Carla", "Cem",
    "Chiara", "Dara", "Dmitri", "Eliza", "Emeka", "Femi", "Freya", "Gita", "Hana", "Hugo", "Ines", "Ivo", "Jana",
    "João", "Kaja", "Kofi", "Lars", "Leïla", "Luca", "Mads", "Mei", "Nadia", "Noa", "Olga", "Oskar", "Paola", "Priya",
    "Quinn", "Rafał", "Rosa", "Samir", "Sofía", "Søren", "Tara", "Uma", "Vera", "Yuki", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Álvarez", "Anders", "Baumgart", "Bianchi", "Brook", "Çelik", "Costa", "Dahl", "Dubois", "Eklund",
    "Fairweather", "Ferreira", "Fischbach", "Garner", "Gruber", "Haddad", "Hartwell", "Iversen", "Jansen", "Kaminska",
    "Kessler", "Kowal", "Lindqvist", "Longfellow", "Marchetti", "Meyer-Lund", "Moreau", "Müller", "Nakagawa", "Novak",
    "O'Dell", "Okafor", "Olsen", "Pelletier", "Petrov", "Quist", "Rahman", "Ravn", "Rossi", "Sandberg", "Sato",
    "Szabo", "Tanaka", "Thornfield", "Underhill", "Verhoeven", "Vasquez", "Weißkopf", "Zimmer",
)  # fmt: skip
TITLES = (
    "Chief Executive Officer", "Founder & CEO", "Chief Marketing Officer", "VP Sales", "Vice President Partnerships",
    "Director of Communications", "Head of Marketing", "Head of Product", "Marketing Manager", "Partnerships Manager",
    "Senior Software Engineer", "Software Engineer", "Account Executive", "Office Manager",
    "Customer Support Specialist",
)  # fmt: skip

# How the three likeliest patterns come out of emails/finder.py at a domain of which no address is known.
GUESSES = (
    ("first.last", 95, 75, 0.4029, "41.9% of work addresses are formed so"),
    ("flast", 75, 28, 0.1547, "15.5% of work addresses are formed so"),
    ("first", 65, 21, 0.1113, "11.6% of work addresses are formed so"),
)
MX = ("found", "found", "found", "found", "unknown", "none")
REGIONS = ("US", "GB", "DE", "FR", "NL", "SE")


@dataclass(frozen=True, slots=True)
class Load:
    """How many rows of each kind."""

    brands: int
    jobs: int
    contacts: int
    addresses: int


@dataclass(slots=True)
class _Rows:
    """Rows to write, parents first."""

    brands: list[Brand] = field(default_factory=list)
    jobs: list[EnrichmentJob] = field(default_factory=list)
    contacts: list[EnrichedContact] = field(default_factory=list)
    addresses: list[ContactEmail] = field(default_factory=list)
    finds: list[JobContact] = field(default_factory=list)


def seed(contacts: int, progress: Callable[[str], None]) -> Load:
    """Write `contacts` more contacts with all that belongs to them; return how many rows of each kind."""
    names = _brands().values_list("name", flat=True)
    number = 1 + max((int(name.removeprefix(PREFIX)) for name in names), default=0)
    sizes = [CONTACTS_A_BRAND] * (contacts // CONTACTS_A_BRAND) + [contacts % CONTACTS_A_BRAND]
    written, addresses, companies = 0, 0, [size for size in sizes if size]
    for batch in batches(enumerate(companies, number), BRANDS_AT_ONCE):
        rows = _Rows()
        for company, people in batch:
            chance = random.Random(company)
            _add_company(rows, f"{PREFIX}{company}", f"load{company}.example", people, chance)
        _write(rows)
        written, addresses = written + len(rows.contacts), addresses + len(rows.addresses)
        progress(f"{written:,} of {contacts:,} contacts written")
    return Load(len(companies), len(companies), written, addresses)


def remove(progress: Callable[[str], None]) -> Load:
    """Delete every row that `seed` ever wrote, and what was made of it since; return how many rows of each kind."""
    counts: Counter[str] = Counter()
    while keys := list(_brands().values_list("pk", flat=True)[:BRANDS_AT_ONCE]):
        contacts = EnrichedContact.objects.filter(linked_brand__in=keys).only("pk")
        jobs = EnrichmentJob.objects.filter(brand__in=keys).only("pk")
        with transaction.atomic():
            # The many rows first: the database deletes those unseen, which it cannot do for rows with dependants.
            for rows in (
                JobContact.objects.filter(job__in=jobs),
                ContactEmail.objects.filter(enriched_contact__in=contacts),
                contacts,
                jobs,
                Brand.objects.filter(pk__in=keys),
            ):
                counts.update(rows.delete()[1])
        progress(f"{counts['enrichment.EnrichedContact']:,} contacts removed")
    models = (Brand, EnrichmentJob, EnrichedContact, ContactEmail)
    return Load(*(counts[model._meta.label] for model in models))


def _brands() -> QuerySet[Brand]:
    return Brand.objects.filter(name__regex=NAME, domain__regex=DOMAIN)


def _write(rows: _Rows) -> None:
    with transaction.atomic():
        Brand.objects.bulk_create(rows.brands)
        EnrichmentJob.objects.bulk_create(rows.jobs)
        EnrichedContact.objects.bulk_create(rows.contacts)
        ContactEmail.objects.bulk_create(rows.addresses)
        JobContact.objects.bulk_create(rows.finds)


def write_company(name: str, domain: str, people: int, chance: random.Random) -> EnrichmentJob:
    """Write one more company of invented people, with a name of one's own; return its job."""
    rows = _Rows()
    _add_company(rows, name, domain, people, chance)
    _write(rows)
    return rows.jobs[0]


def _add_company(rows: _Rows, name: str, domain: str, people: int, chance: random.Random) -> None:
    """Add a brand, the job that looked into it at some time of the retention period, and the people it found."""
    began = timezone.now() - timedelta(days=settings.ENRICHMENT_RETENTION_DAYS) * chance.uniform(0.01, 0.95)
    brand = Brand(name=name, name_key=brands.name_key(name), domain=domain, website=f"https://{domain}/")
    brand.region_code = chance.choice(REGIONS)
    job = EnrichmentJob(
        job_type=JobType.BRAND_CONTACT_DISCOVERY,
        status=JobStatus.COMPLETED,
        brand=brand,
        brand_name=name,
        brand_website=brand.website,
        region_code=brand.region_code,
        contacts_discovered=people,
        contacts_enriched=people,
        created_at=began,
        started_at=began,
        completed_at=began + timedelta(seconds=8),
    )
    status = chance.choice(MX)
    mx = Mx(status, (f"mx.{domain}",) if status == "found" else ())
    rows.brands.append(brand)
    rows.jobs.append(job)
    for _ in range(people):
        began += timedelta(microseconds=chance.randint(20, 200))
        contact = _contact(chance, job, domain, began)
        rows.contacts.append(contact)
        addresses = list(_addresses(chance, contact, domain, mx))
        best = max(addresses, key=lambda address: address.probability or 0.0)
        contact.best_status, contact.best_score = best.verification_status, best.verification_score
        contact.best_probability = best.probability or 0.0
        rows.addresses += addresses
        rows.finds.append(JobContact(job=job, contact=contact))


def _contact(chance: random.Random, job: EnrichmentJob, domain: str, found: datetime) -> EnrichedContact:
    first, last, title = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES), chance.choice(TITLES)
    role, key = _role(title), name_key(first, last)
    profile = f"{key.replace(' ', '-')}-{chance.randrange(16**6):06x}" if chance.random() < 0.6 else None
    contact = EnrichedContact(
        first_name=first,
        last_name=last,
        name_key=key,
        job_title=title,
        seniority=role.seniority,
        department=role.department,
        decision_maker=role.decision_maker,
        company=job.brand_name,
        linkedin_url=f"https://www.linkedin.com/in/{profile}" if profile else None,
        linkedin_id=profile,
        confidence_score=chance.randint(60, 95),
        source=chance.choice(("website", "website", "website", "linkedin", "public_index")),
        discovery_method="website_team_page",
        linked_brand=job.brand,
        region_code=job.region_code,
        evidence=[
            Evidence(what, claim, f"https://{domain}/team", f"{first} {last}, {title}", "website", found).as_json()
            for what, claim in (("name", f"{first} {last}"), ("title", title))
        ],
        discovered_at=found,
        created_at=found,
    )
    contact.record("Discovered via website", found)
    return contact


def _addresses(chance: random.Random, contact: EnrichedContact, domain: str, mx: Mx) -> Iterator[ContactEmail]:
    """Yield the contact's addresses; every fifth contact has one that the company publishes."""
    words, found = contact.name_key.split(), contact.created_at
    names = {"first.last": f"{words[0]}.{words[-1]}", "flast": words[0][0] + words[-1], "first": words[0]}
    contact.verified_at = found if chance.random() < 0.2 else None
    for pattern, confidence, points, probability, share in GUESSES[: chance.choice((2, 3, 3))]:
        published = contact.verified_at is not None and pattern == "first.last"
        claims = [scoring.Points(f"Pattern {pattern}", points, share)]
        score = scoring.total(scoring.published_points(f"https://{domain}/team") if published else claims, mx)
        yield ContactEmail(
            enriched_contact=contact,
            email=f"{names[pattern]}@{domain}",
            domain=domain,
            pattern=pattern,
            confidence=confidence,
            probability=calibration.after_mx(calibration.PUBLISHED if published else probability, mx.status),
            verification_score=score.value,
            verification_status=score.status,
            verification_method="published" if published else "mx_check" if mx.passed else None,
            generation_method="published" if published else "pattern_detection",
            name_permutations=[guess[0] for guess in GUESSES],
            mx_check_passed=mx.passed,
            score_breakdown=[
                {"label": row.label, "points": row.points, "evidence": row.evidence} for row in score.breakdown
            ],
            last_checked_at=found,
            created_at=found,
        )


@cache
def _role(title: str) -> Role:
    return classify(title)
