"""One job from top to bottom: sources side by side, one person from many findings, addresses, storage.

    claim -> sources -> dedupe -> known addresses and MX -> candidates -> suppression list
          -> address limit, store and complete (one transaction)

A region or a brand that may not be looked into ends the attempt before any request goes out.

Sources run in threads without the database; this thread keeps the lease alive, then works out and stores.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Event
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from core import dns, http
from core.domains import registrable_domain
from core.names import name_key
from crm import facts, suppression
from enrichment import (
    attempts,
    contact_checks,
    domain_profiles,
    intake,
    jobs,
    kept_answers,
    known_addresses,
    limits,
    progress,
    providers,
    proving,
    screening,
    sources,
    store,
    verifying,
)
from enrichment.attempts import Progress
from enrichment.discovery import dedupe
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, Context, Diagnostic, Evidence, Limits, Person
from enrichment.discovery.side_by_side import Discovered
from enrichment.emails.domains import domain_of, mail_domain
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import Found
from enrichment.emails.verification.mx import Mx
from enrichment.models import EnrichmentJob

log = structlog.get_logger(__name__)

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


def run(job_id: uuid.UUID, say: Progress = lambda _text: None) -> bool:
    """Run one attempt of the job; False when it was not due or another worker holds it.

    Never raises for what happens inside the attempt: the job's row says how it went. `say` is told how far it is.
    """
    return attempts.run(job_id, lambda held: _attempt(held, say), out_of_time=TIME_LIMIT, unexpected=UNEXPECTED)


def _attempt(held: jobs.Claim, say: Progress) -> None:
    log.info("[ENRICHMENT JOB] Started job for brand", attempt=held.job.retry_count + 1)
    intake.refuse_restricted(held.job.region_code)
    brand = brand_of(held.job)
    if brand.domain and suppression.domain_suppressed(brand.domain):
        note = Diagnostic("suppressed_domain", SUPPRESSED_DOMAIN.format(domain=brand.domain), "suppression")
        stored = _store(held, _Result(diagnostics=[note]))
    else:
        with progress.watched(held, say) as watch:
            stored = _find_and_store(held, brand, watch)
    log.info("[EMAIL ENRICHMENT] Generated %d verified emails", stored.verified)
    log.info("[ENRICHMENT JOB] Completed: %d contacts, %d emails", stored.contacts, stored.addresses)


def _find_and_store(held: jobs.Claim, brand: Brand, watch: progress.Watch) -> store.Stored:
    answers = kept_answers.load(held.job.brand_id)
    found = discover(brand, watch, answers)
    watch.step(progress.PEOPLE, at_once=False)
    people = dedupe.merge(found.people, found.departed)
    published = [*(person.email for person in people if person.email), *found.addresses]
    domains = {domain_of(address) for address in published}
    log.info("[CONTACT DISCOVERY] Discovered %d unique domains", len(domains), people=len(people))

    watch.say(f"Working out addresses for {len(people)} people")
    watch.note(progress.PEOPLE, f"{len(people)} people")
    watch.step(progress.ADDRESSES)
    own = {brand.domain} if brand.domain else set()
    profiles = domain_profiles.load(domains | own, dns.from_settings(), http.config_from_settings().allowed)
    mx = {name: profile.mx for name, profile in profiles.items()}
    domain = mail_domain(brand.domain, published, mx)
    proved = _prove(held.job, people, domain, profiles, watch)
    people = [_with_evidence(person, proved.found.get(place)) for place, person in enumerate(people)]
    screened = screening.screen_people(list(zip(people, proved.candidates, strict=True)))
    diagnostics = [*found.diagnostics, *mail_diagnostics(domain, people, mx), *proved.diagnostics]
    if screened.left_out:
        sentence = SUPPRESSED_PEOPLE.format(count=len(screened.left_out))
        diagnostics.append(Diagnostic("suppressed_people", sentence, "suppression"))
    watch.step(progress.STORING)
    return _store(held, _Result(diagnostics, screened, list(profiles.values()), found.company, answers, proved.learnt))


def _prove(
    job: EnrichmentJob,
    people: Sequence[Person],
    domain: str | None,
    profiles: Mapping[str, domain_profiles.Profile],
    watch: progress.Watch,
) -> proving.Proved:
    """Work out everybody's addresses, renewing the lease while mail servers and providers are asked."""
    began = time.monotonic()
    means = verifying.Means(smtp=settings.ENRICHMENT_SMTP_PROBE, providers=bool(providers.from_settings()))

    def tick() -> None:
        watch.tick()
        watch.say(f"Proving the addresses of {len(people)} people ({time.monotonic() - began:.0f} s)")

    remembered = known_addresses.at(domain, {job.brand_id} if job.brand_id else ())
    published = domain_profiles.known_at(profiles, domain, people)
    known = {pair.email: pair for pair in [*published, *remembered]}
    found = contact_checks.found_before(job.brand_id)
    team = proving.Team([_sought(person, found) for person in people], domain, list(known.values()))
    (proved,) = proving.prove([team], profiles, means, tick=tick)
    return proved


def _sought(person: Person, found: Mapping[str, Found]) -> proving.Sought:
    published = next((item for item in person.evidence if item.field == "email"), None)
    return proving.Sought(
        person.first_name,
        person.last_name,
        person.email,
        published.url if published else None,
        person.decision_maker,
        found.get(name_key(person.first_name, person.last_name)),
    )


def _with_evidence(person: Person, found: Found | None) -> Person:
    return replace(person, evidence=(*person.evidence, *found.evidence)) if found else person


@dataclass(frozen=True, slots=True)
class _Result:
    """What a job has to write down."""

    diagnostics: Sequence[Diagnostic]
    screened: screening.Screened = field(default_factory=lambda: screening.Screened([], []))
    profiles: Sequence[domain_profiles.Profile] = ()
    company: Sequence[Evidence] = ()
    answers: Answers = field(default_factory=Answers)
    learnt: Sequence[Known] = ()


def _store(held: jobs.Claim, result: _Result) -> store.Stored:
    """Write everything down and complete the job, in one transaction."""
    screened, diagnostics = result.screened, result.diagnostics
    with jobs.fenced(held) as job:
        addressed, unaddressed = _within_budget(job, screened.kept)
        stored = store.save(job, addressed)
        # Of those left out, what earlier runs remembered goes.
        kept = [person for person, _ in screened.kept]
        domain_profiles.save(result.profiles, kept, screened.left_out, result.learnt)
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


def discover(brand: Brand, watch: progress.Watch, answers: Answers) -> Discovered:
    """Ask every source that is switched on, side by side, renewing the lease meanwhile.

    A source that fails is named in the diagnostics. Raises ClaimLost when the job was taken away, and the
    first source's error when every one of them failed unexpectedly.
    """
    chosen = sources.from_settings()
    limits = Limits(settings.ENRICHMENT_CRAWL_MAX_PAGES, settings.ENRICHMENT_CRAWL_MAX_SECONDS)
    stopped = Event()
    with closing(http.from_settings()) as client:
        context = Context(client, limits, stopped.is_set, answers=answers)
        try:
            every = min(1.0, jobs.lease().total_seconds() / 4)
            found = sources.side_by_side().ask(chosen, brand, context, watch.sources, every)
        finally:
            stopped.set()
    if found.crashes:
        raise found.crashes[0]
    return found


def mail_diagnostics(domain: str | None, people: Sequence[Person], mx: Mapping[str, Mx]) -> list[Diagnostic]:
    """Return what the user should know about the domain the addresses were worked out for."""
    if not people:
        return []
    if domain is None:
        return [Diagnostic("no_mail_domain", NO_MAIL_DOMAIN, "emails")]
    sentence = MAIL_TROUBLE.get(mx[domain].status) if domain in mx else None
    return [Diagnostic("mail_domain", sentence.format(domain=domain), "emails")] if sentence else []
