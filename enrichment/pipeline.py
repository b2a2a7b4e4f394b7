"""One job from top to bottom: sources side by side, one person from many findings, addresses, storage.

    claim -> sources -> dedupe -> known addresses and MX -> candidates -> suppression list
          -> address limit, store and complete (one transaction)

A region or a brand that may not be looked into ends the attempt before any request goes out.

Sources run in threads without the database; this thread keeps the lease alive, then works out and stores.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event
from urllib.parse import urlsplit

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from core import dns, http
from core.domains import registrable_domain
from crm import facts, suppression
from enrichment import domain_profiles, intake, jobs, kept_answers, limits, screening, sources, store
from enrichment.discovery import dedupe
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, Context, Diagnostic, Evidence, Limits, Person
from enrichment.discovery.side_by_side import Discovered
from enrichment.emails import finder
from enrichment.emails.domains import domain_of, mail_domain
from enrichment.emails.verification.mx import Mx
from enrichment.models import EnrichmentJob

log = structlog.get_logger(__name__)

Progress = Callable[[str], None]

TIME_LIMIT = (
    "The job took longer than {seconds} seconds and was stopped. Give a more specific website, or raise "
    "ENRICHMENT_JOB_TIME_LIMIT_SECONDS."
)
UNEXPECTED = (
    "Discovery stopped on an unexpected error ({kind}). Retry the job; if it fails again, look for {job} in the log."
)


NO_MAIL_DOMAIN = "No domain is known for this brand, so no address could be worked out: give its website."
MAIL_TROUBLE = {
    "null": "{domain} says that it takes no mail (null MX): look for the company's mail domain.",
    "none": "{domain} has no mail server: look for the company's mail domain.",
    "unknown": "The mail servers of {domain} could not be looked up just now: the scores are held back; run it again.",
}
SUPPRESSED_DOMAIN = "{domain} is on the suppression list: nobody was looked for there."
SUPPRESSED_PEOPLE = "People left out for being on the suppression list: {count}."
VOLUME_LIMITED = (
    "{count} of the people found are stored without addresses: the limit of {limit} people in 24 hours is reached. "
    "Start the discovery again later."
)


def run(job_id: uuid.UUID, progress: Progress = lambda _text: None) -> bool:
    """Run one attempt of the job; False when it was not due or another worker holds it.

    Never raises for what happens inside the attempt: the job's row says how it went.
    """
    held = jobs.claim(job_id)
    if held is None:
        return False
    with structlog.contextvars.bound_contextvars(job=str(job_id)):
        try:
            _attempt(held, progress)
        except jobs.ClaimLost:
            log.warning("the job is no longer this worker's: nothing written")
        except intake.RegionRestricted as refusal:
            _fail(held, str(refusal))
        except SoftTimeLimitExceeded:
            _fail(held, TIME_LIMIT.format(seconds=settings.JOB_TIME_LIMIT_SECONDS))
        except Exception as error:
            # Whatever it was, the job's row must say how the attempt ended.
            log.exception("the attempt failed")
            _fail(held, UNEXPECTED.format(kind=type(error).__name__, job=job_id))
    return True


def _fail(held: jobs.Claim, sentence: str) -> None:
    try:
        jobs.fail(held, sentence)
    except jobs.ClaimLost:
        log.warning("the job is no longer this worker's: its failure is not recorded")


def _attempt(held: jobs.Claim, progress: Progress) -> None:
    log.info("[ENRICHMENT JOB] Started job for brand", attempt=held.job.retry_count + 1)
    intake.refuse_restricted(held.job.region_code)
    brand = brand_of(held.job)
    if brand.domain and suppression.domain_suppressed(brand.domain):
        note = Diagnostic("suppressed_domain", SUPPRESSED_DOMAIN.format(domain=brand.domain), "suppression")
        stored = _store(held, _Result(diagnostics=[note]))
    else:
        stored = _find_and_store(held, brand, progress)
    log.info("[EMAIL ENRICHMENT] Generated %d verified emails", stored.verified)
    log.info("[ENRICHMENT JOB] Completed: %d contacts, %d emails", stored.contacts, stored.addresses)


def _find_and_store(held: jobs.Claim, brand: Brand, progress: Progress) -> store.Stored:
    answers = kept_answers.load(held.job.brand_id)
    found = discover(held, progress, answers)
    people = dedupe.merge(found.people, found.departed)
    published = [*(person.email for person in people if person.email), *found.addresses]
    domains = {domain_of(address) for address in published}
    log.info("[CONTACT DISCOVERY] Discovered %d unique domains", len(domains), people=len(people))

    progress(f"Working out addresses for {len(people)} people")
    domain = mail_domain(brand.domain, published)
    profiles = domain_profiles.load(
        domains | ({domain} if domain else set()), dns.from_settings(), http.config_from_settings().allowed
    )
    known = domain_profiles.known_at(profiles, domain, people)
    mx = {name: profile.mx for name, profile in profiles.items()}
    screened = screening.screen_people([(person, candidates(person, domain, known, mx)) for person in people])
    diagnostics = [*found.diagnostics, *mail_diagnostics(domain, people, mx)]
    if screened.left_out:
        sentence = SUPPRESSED_PEOPLE.format(count=len(screened.left_out))
        diagnostics.append(Diagnostic("suppressed_people", sentence, "suppression"))
    return _store(held, _Result(diagnostics, screened, list(profiles.values()), found.company, answers))


@dataclass(frozen=True, slots=True)
class _Result:
    """What a job has to write down."""

    diagnostics: Sequence[Diagnostic]
    screened: screening.Screened = field(default_factory=lambda: screening.Screened([], []))
    profiles: Sequence[domain_profiles.Profile] = ()
    company: Sequence[Evidence] = ()
    answers: Answers = field(default_factory=Answers)


def _store(held: jobs.Claim, result: _Result) -> store.Stored:
    """Write everything down and complete the job, in one transaction."""
    screened, diagnostics = result.screened, result.diagnostics
    with jobs.fenced(held) as job:
        addressed, unaddressed = _within_budget(job, screened.kept)
        stored = store.save(job, addressed)
        # Of those left out, what earlier runs remembered goes.
        domain_profiles.save(result.profiles, [person for person, _ in screened.kept], screened.left_out)
        facts.record(job.brand_id, [item.as_json() for item in result.company])
        kept_answers.save(job.brand_id, result.answers)
        if unaddressed:
            sentence = VOLUME_LIMITED.format(count=unaddressed, limit=settings.ENRICHMENT_LIMIT_EMAILS)
            diagnostics = [*diagnostics, Diagnostic("volume_limited", sentence, "limits")]
        jobs.complete(
            job,
            discovered=stored.contacts,
            enriched=stored.enriched,
            diagnostics=diagnostics,
            volume_limited=unaddressed > 0,
        )
    return stored


def _within_budget(job: EnrichmentJob, people: Sequence[store.Addressed]) -> tuple[Sequence[store.Addressed], int]:
    """Take addresses away from those beyond the user's limit, decision-makers served first; and say from how many.

    A job without a user has no limit. Call in the job's transaction: what is used is written down in it.
    """
    if job.created_by is None:
        return people, 0
    wanting = [index for index, (_, candidates) in enumerate(people) if candidates]
    wanting.sort(key=lambda index: (not people[index][0].decision_maker, -people[index][0].confidence))
    served = set(wanting[: limits.address_budget(job.created_by)])
    limits.use_addresses(job.created_by, len(served), job.brand)
    addressed = [(person, candidates if index in served else []) for index, (person, candidates) in enumerate(people)]
    return addressed, len(wanting) - len(served)


def brand_of(job: EnrichmentJob) -> Brand:
    """Return the job's brand as the sources take it."""
    return Brand(
        name=job.brand_name or "",
        website=job.brand_website,
        domain=registrable_domain(urlsplit(job.brand_website or "").hostname or ""),
        linkedin_company_url=job.linkedin_company_url,
        region=job.region_code,
    )


def discover(held: jobs.Claim, progress: Progress, answers: Answers) -> Discovered:
    """Ask every source that is switched on, side by side, renewing the lease meanwhile.

    A source that fails is named in the diagnostics. Raises ClaimLost when the job was taken away, and the
    first source's error when every one of them failed unexpectedly.
    """
    brand = brand_of(held.job)
    chosen = sources.from_settings()
    limits = Limits(settings.ENRICHMENT_CRAWL_MAX_PAGES, settings.ENRICHMENT_CRAWL_MAX_SECONDS)
    stopped, began = Event(), time.monotonic()

    def tick(names: Sequence[str]) -> None:
        jobs.heartbeat(held)
        if names:
            progress(f"Asking {', '.join(names)} about {brand.name} ({time.monotonic() - began:.0f} s)")

    with closing(http.from_settings()) as client:
        context = Context(client, limits, stopped.is_set, answers=answers)
        try:
            every = min(1.0, jobs.lease().total_seconds() / 4)
            found = sources.side_by_side().ask(chosen, brand, context, tick, every)
        finally:
            stopped.set()
    if found.crashes:
        raise found.crashes[0]
    return found


def candidates(
    person: Person, domain: str | None, known: Sequence[finder.Known], mx: Mapping[str, Mx]
) -> list[finder.Candidate]:
    """Return the person's candidate addresses, best first. A person's own published address is no clue to it."""
    published = next((item for item in person.evidence if item.field == "email"), None)
    return finder.find(
        person.first_name,
        person.last_name,
        domain,
        known=[pair for pair in known if pair.name != person.name],
        published=person.email,
        published_url=published.url if published else None,
        mx=mx,
    )


def mail_diagnostics(domain: str | None, people: Sequence[Person], mx: Mapping[str, Mx]) -> list[Diagnostic]:
    """Return what the user should know about the domain the addresses were worked out for."""
    if not people:
        return []
    if domain is None:
        return [Diagnostic("no_mail_domain", NO_MAIL_DOMAIN, "emails")]
    sentence = MAIL_TROUBLE.get(mx[domain].status) if domain in mx else None
    return [Diagnostic("mail_domain", sentence.format(domain=domain), "emails")] if sentence else []
